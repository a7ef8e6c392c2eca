import * as layout from './layout.ts'

// The public edge: keys are checked and taken apart here, once, so that nothing inside meets a bigint. What a key is inside, layout.ts says.

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { TIES_FROM, TIE_MAX } = layout

const TWO_32 = 4294967296
export const U64_MAX: bigint = 0xffff_ffff_ffff_ffffn

const scratch64 = new BigUint64Array([1n])
const scratch32 = new Uint32Array(scratch64.buffer)
// Where the 1 is not, its high half is.
const HIGH = scratch32[0]!
const LOW = 1 - HIGH

/** A u64 at the public edge of the `64` classes: a bigint, or a number that is a safe integer; 0 .. 2^64 - 1. */
export type Key64 = bigint | number

/** A value as an error names it. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  return Object(value) === value ? Object.prototype.toString.call(value) : String(value)
}

function failNumber(value: unknown, name: string, most: string): never {
  if (typeof value === 'number' && Math.floor(value) === value) throw new RangeError(`${name} ${value} is outside 0 .. ${most}`)
  throw new TypeError(`${name} must be an integer number, not ${describe(value)}`)
}

/** Throws unless `value` is a safe integer of at least 0. */
export function checkNumber(value: number, name: string): void {
  if (typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER && Math.floor(value) === value) return
  failNumber(value, name, '2^53 - 1')
}

/** A u64 written in decimal digits. */
export function parseKey(text: unknown, name: string): bigint {
  if (typeof text === 'string' && /^\d{1,20}$/.test(text)) return BigInt(text)
  throw new TypeError(`${name} must be a string of decimal digits, not ${describe(text)}`)
}

/** Checks a u64 and takes it apart: read its parts by `splitHi`, `splitLo`, `splitKey` and `splitTie` before the next call. */
export function split(value: Key64, name: string): void {
  if (typeof value === 'bigint') {
    if (value < 0n || value > U64_MAX) throw new RangeError(`${name} ${value}n is outside 0 .. 2^64 - 1`)
    scratch64[0] = value
    return
  }
  if (typeof value !== 'number') throw new TypeError(`${name} must be a bigint or a safe integer, not ${describe(value)}`)
  checkNumber(value, name)
  scratch32[HIGH] = value / TWO_32
  scratch32[LOW] = value
}

export function splitKey(): number {
  return keyOf(scratch32[HIGH]!, scratch32[LOW]!)
}

export function splitTie(): number {
  return tieOf(scratch32[HIGH]!, scratch32[LOW]!)
}

/** The key of a u64 given by halves: it, rounded down to a double. */
export function keyOf(hi: number, lo: number): number {
  return hi * TWO_32 + (lo - tieOf(hi, lo))
}

/** The tie of a u64 given by halves: what a double leaves out of it. */
export function tieOf(hi: number, lo: number): number {
  return lo & (TIE_MAX >>> Math.clz32(hi | 1))
}

/** The high half of a u64 given by its key. */
export function hiOf(key: number): number {
  return (key / TWO_32) >>> 0
}

/** The low half of a u64 given by its key and tie. Cursors over intervals and spans write it out, so that their getters call nothing: see `OverlapScan`. */
export function loOf(key: number, tie: number): number {
  return (key | tie) >>> 0
}

/** The bigint of a u64 given by its key and tie. */
export function joinKey(key: number, tie: number): bigint {
  scratch32[HIGH] = key / TWO_32
  scratch32[LOW] = key | tie
  return scratch64[0]!
}

/** Throws unless both halves are u32. */
export function checkHalves(hi: number, lo: number, name: string): void {
  if (hi >>> 0 === hi && lo >>> 0 === lo) return
  failNumber(hi >>> 0 === hi ? lo : hi, `a half of ${name}`, '2^32 - 1')
}

/** Whether key a is less than key b. */
export function isBefore(aKey: number, aTie: number, bKey: number, bTie: number): boolean {
  return aKey < bKey || (aKey === bKey && aTie < bTie)
}

// The key and the tie of the index behind one, and of the index in front of one that is not 0. So small that V8 always puts them into their callers.

export function keyAfter(key: number, tie: number): number {
  return key < TIES_FROM ? key + 1 : farKeyAfter(key, tie)
}

export function tieAfter(key: number, tie: number): number {
  return key < TIES_FROM ? 0 : farTieAfter(key, tie)
}

function farKeyAfter(key: number, tie: number): number {
  return tie < tieMaxOf(key) ? key : key + (tie + 1)
}

function farTieAfter(key: number, tie: number): number {
  return tie < tieMaxOf(key) ? tie + 1 : 0
}

export function keyBefore(key: number, tie: number): number {
  return key < TIES_FROM ? key - 1 : farKeyBefore(key, tie)
}

export function tieBefore(key: number, tie: number): number {
  return key < TIES_FROM ? 0 : farTieBefore(key, tie)
}

function farKeyBefore(key: number, tie: number): number {
  // Half to all of a unit in the last place less is rounded to the double below.
  return tie > 0 ? key : key - key / TIES_FROM
}

function farTieBefore(key: number, tie: number): number {
  return tie > 0 ? tie - 1 : tieMaxOf(farKeyBefore(key, tie))
}

/** The greatest tie that goes with a key: 0 below 2^53. */
function tieMaxOf(key: number): number {
  return key < TIES_FROM ? 0 : TIE_MAX >>> Math.clz32(key / TWO_32)
}
