import { U64_MAX, WORD } from './units.ts'

const quads = new BigUint64Array(1)
/** The words of the value that {@link splitU64} took apart last: at `LO` and `HI`. Read them at once, the next call overwrites them. */
export const words: Uint32Array = new Uint32Array(quads.buffer)
/** Where this machine keeps the low word of a u64. */
export const LO: number = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1
export const HI: number = 1 - LO

/** Leaves the two words of a u64 in {@link words}. TypeError or RangeError, naming `what`, for anything that is not one. Allocates nothing. */
export function splitU64(value: bigint | number, what: string): void {
  if (typeof value === 'bigint') {
    if (value < 0n || value > U64_MAX) throw new RangeError(`${what} must be in 0..2^64-1, got ${value}`)
    quads[0] = value
  } else {
    checkInteger(value, what, 0, Number.MAX_SAFE_INTEGER)
    words[HI] = value / WORD
    words[LO] = value
  }
}

/** The u64 made of two words. */
export function joinU64(hi: number, lo: number): bigint {
  words[HI] = hi
  words[LO] = lo
  return quads[0]!
}

/** Throws TypeError unless `value` is an integer, RangeError unless it lies in least..most. */
export function checkInteger(value: number, what: string, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  if (typeof value !== 'number') throw new TypeError(`${what} must be a number, got ${describe(value)}`)
  if (!Number.isInteger(value)) throw new TypeError(`${what} must be an integer, got ${value}`)
  throw new RangeError(`${what} must be in ${least}..${most}, got ${value}`)
}

/** A short text for a value of any type, for error messages. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'function') return 'a function'
  return `${String(value)} (${typeof value})`
}

/** Hexadecimal text of a u64 given as words. */
export function hexU64(hi: number, lo: number): string {
  return `0x${joinU64(hi, lo).toString(16)}`
}
