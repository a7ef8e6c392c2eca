import { fileURLToPath } from 'node:url'

/** Folder of the recordings that come with this package. */
export const bundledRecordings: string = fileURLToPath(new URL('../vectors', import.meta.url))
