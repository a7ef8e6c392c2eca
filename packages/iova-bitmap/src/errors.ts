import { hex } from './u64.ts'

/**
 * An operating error of a bitmap over a `BitmapSource`: `code` is `EFAULT` (spec data-structures 3.4, 3.5).
 * `iova`..`last` is what was not reached; `done` is the number of pages in front of it that the failed call has already dealt with.
 * The bitmap stays usable, and the same call can be made again.
 */
export class IovaBitmapError extends Error {
  readonly code: 'EFAULT'
  /** First address that was not reached. */
  readonly iova: bigint
  /** Last address of the call, inclusive. */
  readonly last: bigint
  /** Pages that the call has dealt with before it failed. */
  readonly done: number

  constructor(iova: bigint, last: bigint, done: number, cause: unknown) {
    super(`EFAULT: the bitmap of iova ${hex(iova)}..${hex(last)} could not be pinned`, { cause })
    this.name = 'IovaBitmapError'
    this.code = 'EFAULT'
    this.iova = iova
    this.last = last
    this.done = done
  }
}
