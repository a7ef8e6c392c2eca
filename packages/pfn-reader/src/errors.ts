/** Symbolic errno names that the iommukit packages use (spec pages-and-io-pagetable B19, uapi section 1). */
export type ErrnoCode =
  | 'E2BIG'
  | 'EADDRINUSE'
  | 'EBADE'
  | 'EBADF'
  | 'EBADFD'
  | 'EBUSY'
  | 'EDEADLOCK'
  | 'EEXIST'
  | 'EFAULT'
  | 'EINVAL'
  | 'EIO'
  | 'EMSGSIZE'
  | 'ENODEV'
  | 'ENOENT'
  | 'ENOMEM'
  | 'ENOSPC'
  | 'ENOTTY'
  | 'EOPNOTSUPP'
  | 'EOVERFLOW'
  | 'EPERM'
  | 'ESPIPE'

/**
 * An operating error: what the kernel would report as an errno. The message names the offending value and its bounds.
 * Consumers test `code`, never `instanceof`. `done` is present only where an operation may stop half-way
 * (unmap: bytes removed; invalidate: requests completed).
 */
export class IommuError extends Error {
  readonly code: ErrnoCode
  readonly done: bigint | undefined

  constructor(code: ErrnoCode, message: string, done?: bigint) {
    super(`${code}: ${message}`)
    this.name = 'IommuError'
    this.code = code
    this.done = done
  }
}

/** A broken invariant: a bug in this library or in an implementation of one of its ports, never a user's mistake. */
export class InvariantError extends Error {
  constructor(message: string) {
    super(`broken invariant: ${message}`)
    this.name = 'InvariantError'
  }
}

/** Throws {@link InvariantError} unless `condition` holds. Always on; in hot loops called per batch, not per page. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}
