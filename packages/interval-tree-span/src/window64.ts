import { checkHalves, checkNumbers, checkOrder, type Key64, keyOf, split, splitKey, splitTie } from './keys.ts'

/** A window of u64, inclusive, in the parts of its keys (layout.ts). */
export interface Window64 {
  readonly firstKey: number
  readonly firstTie: number
  readonly lastKey: number
  readonly lastTie: number
}

/** The one object that is handed out: it is to be read before the next window is made. */
const scratch = { firstKey: Number.NaN, firstTie: 0, lastKey: Number.NaN, lastTie: 0 }

/** Checks a window or, by another name, an interval. */
export function windowOf(first: Key64, last: Key64, what = 'window', firstName = 'first', lastName = 'last'): Window64 {
  split(first, firstName)
  const firstKey = splitKey()
  const firstTie = splitTie()
  split(last, lastName)
  return fill(firstKey, firstTie, splitKey(), splitTie(), what)
}

/** Checks an interval of numbers. */
export function windowOfNumbers(start: number, last: number): Window64 {
  checkNumbers(start, last, 'start', 'last', 'interval')
  return fill(start, 0, last, 0, 'interval')
}

/** The same, of u32 halves. */
export function windowOfHalves(firstHi: number, firstLo: number, lastHi: number, lastLo: number, what = 'window'): Window64 {
  checkHalves(firstHi, firstLo, what)
  checkHalves(lastHi, lastLo, what)
  return fill(keyOf(firstHi, firstLo), firstLo & 2047, keyOf(lastHi, lastLo), lastLo & 2047, what)
}

/** Throws what `windowOfHalves` throws. Small, so that V8 puts it into its callers, where no number has to be boxed. */
export function checkWindow(firstHi: number, firstLo: number, lastHi: number, lastLo: number, what = 'window'): void {
  const areHalves = firstHi >>> 0 === firstHi && firstLo >>> 0 === firstLo && lastHi >>> 0 === lastHi && lastLo >>> 0 === lastLo
  if (areHalves && (firstHi < lastHi || (firstHi === lastHi && firstLo <= lastLo))) return
  windowOfHalves(firstHi, firstLo, lastHi, lastLo, what)
}

function fill(firstKey: number, firstTie: number, lastKey: number, lastTie: number, what: string): Window64 {
  checkOrder(firstKey, firstTie, lastKey, lastTie, what)
  scratch.firstKey = firstKey
  scratch.firstTie = firstTie
  scratch.lastKey = lastKey
  scratch.lastTie = lastTie
  return scratch
}
