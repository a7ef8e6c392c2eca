/** Bytes of a page and of a frame. */
export const PAGE_SIZE = 4096
export const PAGE_SHIFT = 12
/** Bytes that one run of frames costs in temporary memory: a PFN of 8 bytes and a length of 4 (spec pages-and-io-pagetable A2). */
export const RUN_BYTES = 12
/** Longest run of frames, in pages: what an unsigned 32-bit length can say. */
export const RUN_PAGES_MAX = 0xffff_ffff
/** Runs that an inner loop handles in one call: enough that the call costs nothing, few enough that the loop is short. */
export const RUNS_A_CALL = 128
/** Greatest PFN: physical addresses are below 2^52 + 4096. */
export const PFN_MAX: number = 2 ** 40
/** Greatest page index of any Pages. */
export const INDEX_MAX: number = 2 ** 52
/** Values of one u32 word. */
export const WORD: number = 2 ** 32
export const WORD_MAX = 0xffff_ffff
/** Pages of 2^32 bytes. Not said as a quotient: that is a double to V8, and so was every page index made with it, and all that was counted with those. */
export const PAGES_PER_WORD: number = 2 ** 20
export const U64_MAX: bigint = 2n ** 64n - 1n

/** Bits of `prot`. */
const PROT_READ = 1
const PROT_WRITE = 2
const PROT_CACHE = 4
export const PROT_ALL: number = PROT_READ | PROT_WRITE | PROT_CACHE
