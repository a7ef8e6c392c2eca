// The public edge: keys are checked and cut in two u32 halves here, once, so that nothing inside ever meets a bigint.

export const TWO_32 = 4294967296
export const U64_MAX: bigint = 0xffff_ffff_ffff_ffffn

const scratch64 = new BigUint64Array(1)
const scratch32 = new Uint32Array(scratch64.buffer)
const LOW = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1
const HIGH = 1 - LOW

/** A u64 at the public edge of the `64` classes: a bigint, or a number that is a safe integer; 0 .. 2^64 - 1. */
export type Key64 = bigint | number

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  return String(value)
}

function failNumber(value: unknown, name: string): never {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${describe(value)}`)
  if (Number.isNaN(value) || (Number.isFinite(value) && !Number.isInteger(value))) {
    throw new TypeError(`${name} must be an integer, not ${value}`)
  }
  throw new RangeError(`${name} ${value} is outside 0 .. 2^53 - 1`)
}

/** Throws unless `value` is a safe integer of at least 0. */
export function checkNumber(value: number, name: string): void {
  if (typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER && Math.floor(value) === value) return
  failNumber(value, name)
}

/** The high half of a checked number. */
export function highOf(value: number): number {
  return (value / TWO_32) >>> 0
}

/** Cuts a checked u64 in two: read the halves by `highHalf` and `lowHalf` before the next call. */
export function splitKey(value: Key64, name: string): void {
  if (typeof value === 'bigint') {
    if (value < 0n || value > U64_MAX) throw new RangeError(`${name} ${value}n is outside 0 .. 2^64 - 1`)
    scratch64[0] = value
    return
  }
  if (typeof value !== 'number') throw new TypeError(`${name} must be a bigint or a safe integer, not ${describe(value)}`)
  checkNumber(value, name)
  scratch32[HIGH] = highOf(value)
  scratch32[LOW] = value
}

export function highHalf(): number {
  return scratch32[HIGH]!
}

export function lowHalf(): number {
  return scratch32[LOW]!
}

/** The bigint of two halves. */
export function joinKey(hi: number, lo: number): bigint {
  scratch32[HIGH] = hi
  scratch32[LOW] = lo
  return scratch64[0]!
}

/** Throws unless both halves are u32. */
export function checkHalves(hi: number, lo: number, name: string): void {
  if (hi >>> 0 === hi && lo >>> 0 === lo) return
  for (const half of [hi, lo]) {
    if (typeof half !== 'number') throw new TypeError(`a half of ${name} must be a number, not ${describe(half)}`)
    if (!Number.isInteger(half) && Number.isFinite(half)) throw new TypeError(`a half of ${name} must be an integer, not ${half}`)
    if (half >>> 0 !== half) throw new RangeError(`a half of ${name}, ${half}, is outside 0 .. 2^32 - 1`)
  }
}

/** Throws unless first <= last. */
export function checkOrder(firstHi: number, firstLo: number, lastHi: number, lastLo: number, what: string): void {
  if (firstHi < lastHi || (firstHi === lastHi && firstLo <= lastLo)) return
  throw new RangeError(`${what} is inverted: ${joinKey(firstHi, firstLo)} > ${joinKey(lastHi, lastLo)}`)
}
