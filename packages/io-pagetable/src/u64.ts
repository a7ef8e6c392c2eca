/**
 * Unsigned 64-bit quantities as two u32 words. A bigint becomes words once, at the public edge, through one scratch cell;
 * everything inside this package computes on the words (design section 5).
 */

/** 2^64 - 1, the last IOVA. */
export const U64_MAX: bigint = 0xffff_ffff_ffff_ffffn
/** 2^32 - 1, the greatest word. */
export const WORD_MAX: number = 0xffff_ffff
/** 2^32, the weight of the high word. */
export const WORD: number = 0x1_0000_0000
/** Bytes of a page. */
export const PAGE_SIZE: number = 4096

const quads: BigUint64Array = new BigUint64Array(1)
/** The scratch cell as words: after {@link splitU64}, `words[HI]` and `words[LO]`. Read them at once, the next call overwrites them. */
export const words: Uint32Array = new Uint32Array(quads.buffer)
/** Where the low word lies in {@link words}; depends on the byte order of the host. */
export const LO: 0 | 1 = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1
/** Where the high word lies in {@link words}. */
export const HI: 0 | 1 = LO === 0 ? 1 : 0

/**
 * Puts `value` into {@link words}. O(1), allocates nothing.
 * TypeError: not a bigint and not an integer number; RangeError: below 0, above 2^64-1, or a number above 2^53-1.
 */
export function splitU64(value: bigint | number, what: string): void {
  if (typeof value === 'bigint') {
    if (value < 0n || value > U64_MAX) throw rangeError(what, value)
    quads[0] = value
  } else if (Number.isSafeInteger(value) && value >= 0) {
    words[HI] = value / WORD
    words[LO] = value
  } else {
    throw refusal(what, value)
  }
}

/** The u64 made of two words. */
export function joinU64(hi: number, lo: number): bigint {
  words[HI] = hi
  words[LO] = lo
  return quads[0]!
}

/** The error for a value that is not a u64; kept out of the hot path. */
function refusal(what: string, value: unknown): Error {
  if (typeof value !== 'number') return new TypeError(`${what} must be a bigint or a safe integer, got ${describe(value)}`)
  if (!Number.isInteger(value)) return new TypeError(`${what} must be an integer, got ${value}`)
  return rangeError(what, value)
}

function rangeError(what: string, value: bigint | number): RangeError {
  const limits = typeof value === 'number' ? '0..2^53-1 as a number (use a bigint above)' : '0..2^64-1'
  return new RangeError(`${what} must be in ${limits}, got ${value}`)
}

/** A short text for a value of any type, for error messages. */
export function describe(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'function') return 'a function'
  return `${String(value)} (${typeof value})`
}

/** Hexadecimal text of a u64 given as words, for error messages. */
export function hexU64(hi: number, lo: number): string {
  return `0x${joinU64(hi, lo).toString(16)}`
}

/** True when (aHi, aLo) < (bHi, bLo). */
export function below(aHi: number, aLo: number, bHi: number, bLo: number): boolean {
  return aHi < bHi || (aHi === bHi && aLo < bLo)
}

/** A closed range of IOVAs as words; reused as scratch, so its fields are overwritten in place. */
export class WordRange {
  firstHi = 0
  firstLo = 0
  lastHi = 0
  lastLo = 0
  /** The words of `last - first + 1`. */
  lengthHi = 0
  lengthLo = 0
}
