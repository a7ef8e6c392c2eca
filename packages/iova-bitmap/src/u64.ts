/**
 * Unsigned 64-bit integers at the public edge: a bigint or a safe number comes in, two u32 halves are used inside.
 * A value is split through one scratch cell, because a bigint shift or mask allocates and a typed-array store does not.
 */

/** An unsigned 64-bit integer: a bigint 0..2^64-1, or a number that is a non-negative safe integer. */
export type U64 = bigint | number

export const MAX_U64: bigint = 0xffff_ffff_ffff_ffffn
export const TWO_POW_64: bigint = 1n << 64n
export const TWO_POW_32 = 0x1_0000_0000
export const MAX_U32 = 0xffff_ffff

/** Whether byte 0 of a word in memory is its least significant one on this host. */
export const LITTLE_ENDIAN: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

const cell = new BigUint64Array(1)

/** The halves of the value that `splitU64` met last: read them at once, at `[LO]` and `[HI]`. */
export const halves: Uint32Array = new Uint32Array(cell.buffer)
export const LO: number = LITTLE_ENDIAN ? 0 : 1
export const HI: number = 1 - LO

/** Puts `value` into `halves`. TypeError: not an integer; RangeError: negative, above `2^64-1`, or a number that is not safe; `max` is for the message. */
export function splitU64(value: U64, name: string, max: bigint = MAX_U64): void {
  if (typeof value === 'bigint') {
    if (value < 0n || value > max) throw outOfRange(value, name, max)
    cell[0] = value
    return
  }
  checkNumber(value, name)
  halves[LO] = value
  halves[HI] = value / TWO_POW_32
}

/** The same for a byte length, of which 2^64 is one more than fits: true means that it was 2^64, and that `halves` hold 0. */
export function splitLength(value: U64, name: string): boolean {
  const isWhole = value === TWO_POW_64
  splitU64(isWhole ? 0n : value, name, TWO_POW_64)
  return isWhole
}

/** Accepts what `splitU64` accepts, as a bigint; for code that runs once an object. */
export function toU64(value: U64, name: string, max: bigint = MAX_U64): bigint {
  if (typeof value === 'bigint') {
    if (value < 0n || value > max) throw outOfRange(value, name, max)
    return value
  }
  checkNumber(value, name)
  return BigInt(value)
}

/** A u64 of its halves. Costs an allocation: for results that are shown, not for loops. */
export function joinU64(hi: number, lo: number): bigint {
  halves[HI] = hi
  halves[LO] = lo
  return cell[0]!
}

/** TypeError unless an integer, RangeError unless 0 .. 2^53-1. */
export function checkNumber(value: number, name: string): void {
  if (Number.isSafeInteger(value) && value >= 0) return
  if (typeof value !== 'number') throw new TypeError(`${name} must be a bigint or a number, got ${describe(value)}`)
  if (Number.isInteger(value) || value === Infinity || value === -Infinity) throw outOfRange(value, name, BigInt(Number.MAX_SAFE_INTEGER))
  throw new TypeError(`${name} must be an integer, got ${value}`)
}

/** TypeError unless an integer, RangeError unless 0 .. 2^32-1. */
export function checkU32(value: number, name: string): void {
  if (value >>> 0 === value) return
  checkNumber(value, name)
  throw outOfRange(value, name, BigInt(MAX_U32))
}

/** TypeError unless an integer, RangeError unless `min` .. `max`. */
export function checkBetween(value: number, name: string, min: number, max: number): void {
  checkNumber(value, name)
  if (value < min || value > max) throw new RangeError(`${name} is ${value}, outside ${min}..${max}`)
}

export function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}

function outOfRange(value: bigint | number, name: string, max: bigint = MAX_U64): RangeError {
  return new RangeError(`${name} is ${value}, outside 0..${hex(max)}`)
}

function describe(value: unknown): string {
  return value === null ? 'null' : typeof value
}
