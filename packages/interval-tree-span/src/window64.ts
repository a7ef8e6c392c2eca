import { checkHalves, checkNumber, isBefore, joinKey, type Key64, keyOf, split, splitKey, splitTie, tieOf } from './keys.ts'

/** A window of u64, inclusive, in the parts of its keys (layout.ts). */
export interface Window64 {
  readonly firstKey: number
  readonly firstTie: number
  readonly lastKey: number
  readonly lastTie: number
}

/** The one object that is handed out: it is to be read before the next window is made. */
const scratch = { firstKey: Number.NaN, firstTie: 0, lastKey: Number.NaN, lastTie: 0 }

/** Throws unless both are keys of numbers and first <= last: of a window or, by another name, of an interval. */
export function checkNumbers(first: number, last: number, what = 'window', firstName = 'first'): void {
  checkNumber(first, firstName)
  checkNumber(last, 'last')
  if (first > last) checkOrder(first, 0, last, 0, what)
}

/** Checks a window or an interval of numbers. */
export function windowOfNumbers(first: number, last: number, what = 'window', firstName = 'first'): Window64 {
  checkNumbers(first, last, what, firstName)
  return fill(first, 0, last, 0, what)
}

/** The same, of u64. */
export function windowOf(first: Key64, last: Key64, what = 'window', firstName = 'first'): Window64 {
  split(first, firstName)
  const firstKey = splitKey()
  const firstTie = splitTie()
  split(last, 'last')
  return fill(firstKey, firstTie, splitKey(), splitTie(), what)
}

/** The same, of u32 halves. */
export function windowOfHalves(firstHi: number, firstLo: number, lastHi: number, lastLo: number, what = 'window'): Window64 {
  checkHalves(firstHi, firstLo, what)
  checkHalves(lastHi, lastLo, what)
  return fill(keyOf(firstHi, firstLo), tieOf(firstHi, firstLo), keyOf(lastHi, lastLo), tieOf(lastHi, lastLo), what)
}

/** Throws what `windowOfHalves` throws. Small, so that V8 puts it into its callers, where no number has to be boxed. */
export function checkWindow(firstHi: number, firstLo: number, lastHi: number, lastLo: number, what = 'window'): void {
  const areHalves = firstHi >>> 0 === firstHi && firstLo >>> 0 === firstLo && lastHi >>> 0 === lastHi && lastLo >>> 0 === lastLo
  if (areHalves && (firstHi < lastHi || (firstHi === lastHi && firstLo <= lastLo))) return
  windowOfHalves(firstHi, firstLo, lastHi, lastLo, what)
}

/** A window of u64 as the constructors of cursors take it: two keys, or four halves. */
export function windowFrom(a: Key64, b: Key64, c?: number, d?: number): Window64 {
  return c === undefined ? windowOf(a, b) : windowOfHalves(a as number, b as number, c, d as number)
}

function checkOrder(firstKey: number, firstTie: number, lastKey: number, lastTie: number, what: string): void {
  if (!isBefore(lastKey, lastTie, firstKey, firstTie)) return
  throw new RangeError(`${what} is inverted: ${joinKey(firstKey, firstTie)} > ${joinKey(lastKey, lastTie)}`)
}

function fill(firstKey: number, firstTie: number, lastKey: number, lastTie: number, what: string): Window64 {
  checkOrder(firstKey, firstTie, lastKey, lastTie, what)
  scratch.firstKey = firstKey
  scratch.firstTie = firstTie
  scratch.lastKey = lastKey
  scratch.lastTie = lastTie
  return scratch
}
