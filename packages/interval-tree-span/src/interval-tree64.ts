import { eraseInterval } from './erase.ts'
import { HoleCursor64, type HoleOptions64 } from './hole-cursor64.ts'
import { insertInterval } from './insert.ts'
import { checkHalves, checkOrder, highHalf, joinKey, type Key64, lowHalf, splitKey, U64_MAX } from './keys.ts'
import { LAST_HI, LAST_LO, START_HI, START_LO } from './layout.ts'
import { OverlapCursor64 } from './overlap-cursor64.ts'
import { payloadAt, setPayload } from './payloads.ts'
import { firstReaching, nextReaching } from './search.ts'
import { SpanCursor64 } from './span-cursor64.ts'
import { findPlace, handleAt, IntervalStore, placeOf, resetStore } from './store.ts'

/** An interval in a tree: slot and stamp in one number. It is refused once the interval is removed, and by every other tree. */
export type IntervalHandle = number

/**
 * Overlapping closed intervals over all of u64. Duplicates, nesting and adjacency are allowed; inserting never merges. Order is by start,
 * equal starts by insertion. Spec data-structures 1.3.
 *
 * Keys are bigints, or numbers that are safe integers; results are bigints. The methods that end in `At` take a key as two u32 halves.
 */
export class IntervalTree64<P = undefined> {
  /** Internal. */
  readonly engine: IntervalStore = new IntervalStore()

  /** How many intervals there are. O(1). */
  get size(): number {
    return this.engine.size
  }

  /** Whether there is no interval. O(1). */
  get isEmpty(): boolean {
    return this.engine.size === 0
  }

  /**
   * Adds [start, last], both inclusive, behind all intervals of the same start. O(log n).
   * @throws {RangeError} start > last, or a bound outside u64. {TypeError} a bound that is no integer.
   */
  insert(start: Key64, last: Key64, payload?: P): IntervalHandle {
    splitKey(start, 'start')
    const startHi = highHalf()
    const startLo = lowHalf()
    splitKey(last, 'last')
    return this.add(startHi, startLo, highHalf(), lowHalf(), payload)
  }

  /** `insert` of u32 halves. */
  insertAt(startHi: number, startLo: number, lastHi: number, lastLo: number, payload?: P): IntervalHandle {
    checkHalves(startHi, startLo, 'start')
    checkHalves(lastHi, lastLo, 'last')
    return this.add(startHi, startLo, lastHi, lastLo, payload)
  }

  /** Removes an interval. O(log n). @throws {RangeError} the handle is stale or another tree's. */
  remove(handle: IntervalHandle): void {
    const store = this.engine
    eraseInterval(store, placeOf(store, handle))
  }

  /** Whether the handle is of an interval in this tree. O(1). */
  has(handle: IntervalHandle): boolean {
    return findPlace(this.engine, handle) !== 0
  }

  /** Start of an interval. O(1). @throws {RangeError} the handle is stale or another tree's; so do the six methods that follow. */
  start(handle: IntervalHandle): bigint {
    const { words } = this.engine
    const place = placeOf(this.engine, handle)
    return joinKey(words[place + START_HI]!, words[place + START_LO]!)
  }

  /** Last of an interval, inclusive. O(1). */
  last(handle: IntervalHandle): bigint {
    const { words } = this.engine
    const place = placeOf(this.engine, handle)
    return joinKey(words[place + LAST_HI]!, words[place + LAST_LO]!)
  }

  startHi(handle: IntervalHandle): number {
    return this.engine.words[placeOf(this.engine, handle) + START_HI]!
  }

  startLo(handle: IntervalHandle): number {
    return this.engine.words[placeOf(this.engine, handle) + START_LO]!
  }

  lastHi(handle: IntervalHandle): number {
    return this.engine.words[placeOf(this.engine, handle) + LAST_HI]!
  }

  lastLo(handle: IntervalHandle): number {
    return this.engine.words[placeOf(this.engine, handle) + LAST_LO]!
  }

  /** What was given at insertion. O(1). */
  payload(handle: IntervalHandle): P {
    return payloadAt(this.engine, placeOf(this.engine, handle)) as P
  }

  /** Removes all intervals and gives their memory back. O(1). */
  clear(): void {
    resetStore(this.engine)
  }

  /**
   * The first interval in order that meets first .. last, both inclusive. O(log n).
   * @throws {RangeError} first > last, or a bound outside u64. {TypeError} a bound that is no integer.
   */
  iterFirst(first: Key64, last: Key64): IntervalHandle | undefined {
    splitKey(first, 'first')
    const firstHi = highHalf()
    const firstLo = lowHalf()
    splitKey(last, 'last')
    return this.first(firstHi, firstLo, highHalf(), lowHalf())
  }

  /** `iterFirst` of u32 halves. */
  iterFirstAt(firstHi: number, firstLo: number, lastHi: number, lastLo: number): IntervalHandle | undefined {
    checkHalves(firstHi, firstLo, 'first')
    checkHalves(lastHi, lastLo, 'last')
    return this.first(firstHi, firstLo, lastHi, lastLo)
  }

  /**
   * The first interval in order behind `handle` that meets first .. last, which may be another window than before. O(log n); O(1) when near.
   * @throws {RangeError} a stale or foreign handle, first > last, or a bound outside u64. {TypeError} a bound that is no integer.
   */
  iterNext(handle: IntervalHandle, first: Key64, last: Key64): IntervalHandle | undefined {
    splitKey(first, 'first')
    const firstHi = highHalf()
    const firstLo = lowHalf()
    splitKey(last, 'last')
    return this.next(handle, firstHi, firstLo, highHalf(), lowHalf())
  }

  /** `iterNext` of u32 halves. */
  iterNextAt(handle: IntervalHandle, firstHi: number, firstLo: number, lastHi: number, lastLo: number): IntervalHandle | undefined {
    checkHalves(firstHi, firstLo, 'first')
    checkHalves(lastHi, lastLo, 'last')
    return this.next(handle, firstHi, firstLo, lastHi, lastLo)
  }

  /** A cursor over the intervals that meet first .. last, both inclusive; iterable, giving handles. O(log n) and O(1) to O(log n) a step. */
  overlaps(first: Key64, last: Key64): OverlapCursor64 {
    splitKey(first, 'first')
    const firstHi = highHalf()
    const firstLo = lowHalf()
    splitKey(last, 'last')
    return this.overlapsAt(firstHi, firstLo, highHalf(), lowHalf())
  }

  /** `overlaps` of u32 halves. */
  overlapsAt(firstHi: number, firstLo: number, lastHi: number, lastLo: number): OverlapCursor64 {
    checkHalves(firstHi, firstLo, 'first')
    checkHalves(lastHi, lastLo, 'last')
    checkOrder(firstHi, firstLo, lastHi, lastLo, 'window')
    return new OverlapCursor64(this.engine, firstHi, firstLo, lastHi, lastLo)
  }

  /** A cursor over the spans of first .. last, both inclusive; iterable. */
  spans(first: Key64, last: Key64): SpanCursor64 {
    return new SpanCursor64(this, first, last)
  }

  /** `spans` of u32 halves. */
  spansAt(firstHi: number, firstLo: number, lastHi: number, lastLo: number): SpanCursor64 {
    return new SpanCursor64(this, firstHi, firstLo, lastHi, lastLo)
  }

  /**
   * The first position of the window from which on `length` indexes are free, `phase` above a multiple of `alignment`; undefined if there is
   * none. The window is all of u64 unless `from` and `last` say otherwise. O(log n) amortised over the changes since the last search, for each
   * hole that is long enough but holds no aligned position. Equal to a scan of the spans.
   * @throws {RangeError} length 0, from > last, an alignment that is no power of two, a phase that is not below it. {TypeError} no integer.
   */
  firstHole(length: Key64, options?: HoleOptions64): bigint | undefined {
    const cursor = this.holes(length, options)
    return cursor.done ? undefined : cursor.position
  }

  /** A cursor over all holes that `firstHole` would accept, ascending; iterable. O(log n) a step. Throws as `firstHole` does. */
  holes(length: Key64, options: HoleOptions64 = {}): HoleCursor64 {
    splitKey(length, 'length')
    const lengthHi = highHalf()
    const lengthLo = lowHalf()
    splitKey(options.from ?? 0, 'from')
    const fromHi = highHalf()
    const fromLo = lowHalf()
    splitKey(options.last ?? U64_MAX, 'last')
    return new HoleCursor64(this, lengthHi, lengthLo, fromHi, fromLo, highHalf(), lowHalf(), options)
  }

  /** `holes` of u32 halves, of any alignment. */
  holesAt(lengthHi: number, lengthLo: number, fromHi: number, fromLo: number, lastHi: number, lastLo: number): HoleCursor64 {
    return new HoleCursor64(this, lengthHi, lengthLo, fromHi, fromLo, lastHi, lastLo)
  }

  private add(startHi: number, startLo: number, lastHi: number, lastLo: number, payload: P | undefined): IntervalHandle {
    const store = this.engine
    checkOrder(startHi, startLo, lastHi, lastLo, 'interval')
    const place = insertInterval(store, startHi, startLo, lastHi, lastLo)
    if (payload !== undefined) setPayload(store, place, payload)
    return handleAt(store, place)
  }

  private first(firstHi: number, firstLo: number, lastHi: number, lastLo: number): IntervalHandle | undefined {
    const store = this.engine
    checkOrder(firstHi, firstLo, lastHi, lastLo, 'window')
    return handleInFront(store, firstReaching(store, firstHi, firstLo), lastHi, lastLo)
  }

  private next(handle: IntervalHandle, firstHi: number, firstLo: number, lastHi: number, lastLo: number): IntervalHandle | undefined {
    const store = this.engine
    const place = placeOf(store, handle)
    checkOrder(firstHi, firstLo, lastHi, lastLo, 'window')
    return handleInFront(store, nextReaching(store, place, firstHi, firstLo), lastHi, lastLo)
  }
}

/** The handle of the interval at a place if it starts no later than (hi, lo). */
export function handleInFront(store: IntervalStore, place: number, hi: number, lo: number): IntervalHandle | undefined {
  if (place === 0) return undefined
  const h = store.words[place + START_HI]!
  if (h > hi || (h === hi && store.words[place + START_LO]! > lo)) return undefined
  return handleAt(store, place)
}
