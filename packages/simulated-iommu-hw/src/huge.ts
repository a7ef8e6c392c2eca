/** Pages of 4096 bytes in a huge page of user memory (2 MiB). */
export const HUGE_PAGE_FRAMES = 512
