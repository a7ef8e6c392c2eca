/** Numbers at the edge: u64 values arrive as bigint or safe integer and are split into two u32 once. */

/** Bytes of a page of user memory and of a frame. */
export const PAGE_SIZE = 4096
/** Greatest unsigned 64-bit value. */
export const U64_MAX: bigint = 0xffff_ffff_ffff_ffffn
/** 2^32 as a number: weight of the high word. */
export const TWO_32 = 4294967296
/** Frames are numbered 0 .. MAX_PFN: physical addresses have 52 bits. */
export const MAX_PFN: number = 2 ** 40 - 1

const words = new Uint32Array(2)
const wide = new BigUint64Array(words.buffer)

/** High 32 bits of a u64 that was checked before. */
export function hiOf(value: bigint): number {
  wide[0] = value
  return words[1]!
}

/** Low 32 bits of a u64 that was checked before. */
export function loOf(value: bigint): number {
  wide[0] = value
  return words[0]!
}

/** The u64 made of two u32. */
export function u64Of(hi: number, lo: number): bigint {
  words[0] = lo
  words[1] = hi
  return wide[0]!
}

/** Page number (0 .. 2^52-1) of the page that holds a u64 address. */
export function pageOf(address: bigint): number {
  wide[0] = address
  return words[1]! * 1048576 + (words[0]! >>> 12)
}

/** Accepts 0 .. 2^64-1 as a bigint or as a safe integer. Throws TypeError for another type or a fraction, RangeError outside the range. */
export function toU64(value: bigint | number, name: string): bigint {
  if (typeof value === 'number') return BigInt(toInteger(value, name, 0, Number.MAX_SAFE_INTEGER))
  if (typeof value !== 'bigint') throw new TypeError(`${name} must be a bigint or a safe integer, got ${typeof value}`)
  if (value < 0n || value > U64_MAX) throw new RangeError(`${name} ${value} is outside 0..${U64_MAX}`)
  return value
}

/** Accepts an integer min..max. Throws TypeError for another type, NaN or a fraction, RangeError outside the range. */
export function toInteger(value: number, name: string, min: number, max: number): number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${typeof value}`)
  if (Number.isNaN(value) || (Number.isFinite(value) && !Number.isInteger(value)))
    throw new TypeError(`${name} must be an integer, got ${value}`)
  if (!(value >= min && value <= max)) throw new RangeError(`${name} ${value} is outside ${min}..${max}`)
  return value
}

/** For messages: a u64 in hexadecimal. */
export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`
}
