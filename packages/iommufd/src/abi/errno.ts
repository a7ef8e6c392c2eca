import type { ErrnoCode } from '@iommukit/pfn-reader'

/** Numbers of the errno names on Linux x86-64 and arm64. EDEADLOCK is another name of EDEADLK. */
export const ERRNO: Readonly<Record<ErrnoCode, number>> = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  E2BIG: 7,
  EBADF: 9,
  ENOMEM: 12,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ENOTTY: 25,
  ENOSPC: 28,
  ESPIPE: 29,
  EDEADLOCK: 35,
  EBADE: 52,
  EOVERFLOW: 75,
  EBADFD: 77,
  EMSGSIZE: 90,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
}

/** The errno name that `error` carries in `code`; undefined when it is not an operating error. O(1). */
export function errnoName(error: unknown): ErrnoCode | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  const { code } = error
  return typeof code === 'string' && Object.hasOwn(ERRNO, code) ? (code as ErrnoCode) : undefined
}

/** The positive errno number that `error` carries; undefined when it is not an operating error. O(1). */
export function errnoNumber(error: unknown): number | undefined {
  const name = errnoName(error)
  return name === undefined ? undefined : ERRNO[name]
}

/** What an operation that stops half-way had done: the `done` of its error, 0 without one. O(1). */
export function doneBefore(error: unknown): bigint {
  if (typeof error !== 'object' || error === null || !('done' in error)) return 0n
  return typeof error.done === 'bigint' ? error.done : 0n
}
