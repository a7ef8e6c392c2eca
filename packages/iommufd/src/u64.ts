import type { U64 } from '@iommukit/io-pagetable'

/** 2^64 - 1. As an IOVA or a length of a command it is refused; as a range's last byte it is fine. */
export const U64_MAX: bigint = 0xffff_ffff_ffff_ffffn
export const U32_MAX: number = 0xffff_ffff
/** Bytes of a CPU page. */
export const PAGE_SIZE: bigint = 4096n

/**
 * The u64 in `value`. TypeError: not a bigint and not an integer number; RangeError: negative, above 2^64-1, or a number above 2^53-1.
 */
export function toU64(value: U64, what: string): bigint {
  if (typeof value === 'bigint') {
    if (value < 0n || value > U64_MAX) throw new RangeError(`${what} must be in 0..2^64-1, got ${value}`)
    return value
  }
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new TypeError(`${what} must be a bigint or a safe integer, got ${describe(value)}`)
  }
  if (value < 0 || !Number.isSafeInteger(value)) {
    throw new RangeError(`${what} must be in 0..2^53-1 as a number (use a bigint above), got ${value}`)
  }
  return BigInt(value)
}

/** The u32 in `value`. TypeError: not an integer number; RangeError: outside 0..2^32-1. */
export function toU32(value: number, what: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new TypeError(`${what} must be an integer, got ${describe(value)}`)
  if (value < 0 || value > U32_MAX) throw new RangeError(`${what} must be in 0..2^32-1, got ${value}`)
  return value
}

/** A short text for a value of any type, for error messages. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'function') return 'a function'
  return `${String(value)} (${typeof value})`
}

export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`
}
