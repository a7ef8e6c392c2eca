import { buildSorted, type SortedInterval, type SortedIntervals } from './bulk.ts'
import { lastKeyAt, lastTieAt, startKeyAt, startTieAt } from './entries.ts'
import { eraseInterval } from './erase.ts'
import { HoleCursor64, type HoleOptions64 } from './hole-cursor64.ts'
import { insertInterval } from './insert.ts'
import type { IntervalHandle } from './interval-tree.ts'
import { fromIntervals, type IntervalsJson, toIntervals } from './json.ts'
import { hiOf, isBefore, joinKey, type Key64, keyOf, loOf, parseKey, tieOf } from './keys.ts'
import { OverlapCursor64 } from './overlap-cursor64.ts'
import { firstReaching, nextReaching } from './search.ts'
import { findPlace, handleAt, payloadOf, placeOf } from './slots.ts'
import { SpanCursor64 } from './span-cursor64.ts'
import { IntervalStore, resetStore } from './store.ts'
import { checkWindow, type Window64, windowOf } from './window64.ts'

/**
 * Overlapping closed intervals over all of u64. Duplicates, nesting and adjacency are allowed; inserting never merges. Order is by start,
 * equal starts by insertion. Spec data-structures 1.3.
 *
 * Keys are bigints, or numbers that are safe integers; results are bigints. The methods that end in `At` take keys as pairs of u32 halves, and
 * those that end in `Hi` and `Lo` give them, for callers that have no bigint.
 */
export class IntervalTree64<P = undefined> {
  /** Internal. */
  readonly store: IntervalStore = new IntervalStore(true)

  /**
   * A tree of intervals that are sorted by start, given as entries [start, last, payload?], or by columns of equal length, as `BigUint64Array`
   * is one. O(n), with full nodes. Equal starts keep the order given; iterating `overlaps` over all gives the handles in that order.
   * @throws {RangeError} start > last, a bound outside u64, a start less than the one before it, columns of different lengths.
   * {TypeError} a bound that is no integer. Both name the position.
   */
  static fromSorted<P = undefined>(intervals: Iterable<SortedInterval<Key64, P>>): IntervalTree64<P>
  static fromSorted<P = undefined>(starts: ArrayLike<Key64>, lasts: ArrayLike<Key64>, payloads?: ArrayLike<P>): IntervalTree64<P>
  static fromSorted<P>(items: SortedIntervals<Key64, P>, lasts?: ArrayLike<Key64>, payloads?: ArrayLike<P>): IntervalTree64<P> {
    const tree = new IntervalTree64<P>()
    buildSorted(tree.store, items, lasts, payloads, intervalOf)
    return tree
  }

  /**
   * The tree that `toJSON` wrote; its payloads are those of the JSON. O(n).
   * @throws {TypeError} another version, or another shape. {RangeError} bounds as `fromSorted`. Both name the position.
   */
  static fromJSON<P = undefined>(json: unknown): IntervalTree64<P> {
    const tree = new IntervalTree64<P>()
    const parsed = (start: string, last: string): Window64 => intervalOf(parseKey(start, 'start'), parseKey(last, 'last'))
    buildSorted(tree.store, fromIntervals<P>(json), undefined, undefined, parsed)
    return tree
  }

  /** All intervals in order, keys as decimal strings and payloads as they are, for `JSON.stringify`. O(n). */
  toJSON(): IntervalsJson<string, P> {
    return toIntervals(this.store, (key, tie) => String(joinKey(key, tie)))
  }

  /** How many intervals there are. O(1). */
  get size(): number {
    return this.store.size
  }

  /** Whether there is no interval. O(1). */
  get isEmpty(): boolean {
    return this.store.size === 0
  }

  /**
   * Adds [start, last], both inclusive, behind all intervals of the same start. O(log n).
   * @throws {RangeError} start > last, or a bound outside u64. {TypeError} a bound that is no integer.
   */
  insert(start: Key64, last: Key64, payload?: P): IntervalHandle {
    const w = intervalOf(start, last)
    return insertInterval(this.store, w.firstKey, w.firstTie, w.lastKey, w.lastTie, payload)
  }

  /** `insert` of u32 halves. */
  insertAt(startHi: number, startLo: number, lastHi: number, lastLo: number, payload?: P): IntervalHandle {
    checkWindow(startHi, startLo, lastHi, lastLo, 'interval')
    return insertInterval(
      this.store,
      keyOf(startHi, startLo),
      tieOf(startHi, startLo),
      keyOf(lastHi, lastLo),
      tieOf(lastHi, lastLo),
      payload,
    )
  }

  /** Removes an interval. O(log n). @throws {RangeError} the handle is stale or another tree's. */
  remove(handle: IntervalHandle): void {
    eraseInterval(this.store, placeOf(this.store, handle))
  }

  /** Whether the handle is of an interval in this tree. O(1). */
  has(handle: IntervalHandle): boolean {
    return findPlace(this.store, handle) !== 0
  }

  /** Start of an interval. O(1). @throws {RangeError} the handle is stale or another tree's; so do the six methods that follow. */
  start(handle: IntervalHandle): bigint {
    const place = placeOf(this.store, handle)
    return joinKey(startKeyAt(this.store, place), startTieAt(this.store, place))
  }

  /** Last of an interval, inclusive. O(1). */
  last(handle: IntervalHandle): bigint {
    const place = placeOf(this.store, handle)
    return joinKey(lastKeyAt(this.store, place), lastTieAt(this.store, place))
  }

  startHi(handle: IntervalHandle): number {
    return hiOf(startKeyAt(this.store, placeOf(this.store, handle)))
  }

  startLo(handle: IntervalHandle): number {
    const place = placeOf(this.store, handle)
    return loOf(startKeyAt(this.store, place), startTieAt(this.store, place))
  }

  lastHi(handle: IntervalHandle): number {
    return hiOf(lastKeyAt(this.store, placeOf(this.store, handle)))
  }

  lastLo(handle: IntervalHandle): number {
    const place = placeOf(this.store, handle)
    return loOf(lastKeyAt(this.store, place), lastTieAt(this.store, place))
  }

  /** What was given at insertion. O(1). */
  payload(handle: IntervalHandle): P {
    placeOf(this.store, handle)
    return payloadOf(this.store, handle) as P
  }

  /** Removes all intervals and gives their memory back. O(1). */
  clear(): void {
    resetStore(this.store)
  }

  /**
   * The first interval in order that meets first .. last, both inclusive. O(log n).
   * @throws {RangeError} first > last, or a bound outside u64. {TypeError} a bound that is no integer.
   */
  iterFirst(first: Key64, last: Key64): IntervalHandle | undefined {
    const w = windowOf(first, last)
    return firstIn(this.store, w.firstKey, w.firstTie, w.lastKey, w.lastTie)
  }

  /** `iterFirst` of u32 halves. */
  iterFirstAt(firstHi: number, firstLo: number, lastHi: number, lastLo: number): IntervalHandle | undefined {
    checkWindow(firstHi, firstLo, lastHi, lastLo)
    return firstIn(this.store, keyOf(firstHi, firstLo), tieOf(firstHi, firstLo), keyOf(lastHi, lastLo), tieOf(lastHi, lastLo))
  }

  /**
   * The first interval in order behind `handle` that meets first .. last, which may be another window than before. O(log n); O(1) when near.
   * @throws {RangeError} a stale or foreign handle, first > last, or a bound outside u64. {TypeError} a bound that is no integer.
   */
  iterNext(handle: IntervalHandle, first: Key64, last: Key64): IntervalHandle | undefined {
    const w = windowOf(first, last)
    return nextIn(this.store, handle, w.firstKey, w.firstTie, w.lastKey, w.lastTie)
  }

  /** `iterNext` of u32 halves. */
  iterNextAt(handle: IntervalHandle, firstHi: number, firstLo: number, lastHi: number, lastLo: number): IntervalHandle | undefined {
    checkWindow(firstHi, firstLo, lastHi, lastLo)
    return nextIn(this.store, handle, keyOf(firstHi, firstLo), tieOf(firstHi, firstLo), keyOf(lastHi, lastLo), tieOf(lastHi, lastLo))
  }

  /** A cursor over the intervals that meet first .. last, both inclusive; iterable, giving handles. O(log n), and O(1) to O(log n) a step. */
  overlaps(first: Key64, last: Key64): OverlapCursor64 {
    return new OverlapCursor64(this, first, last)
  }

  /** `overlaps` of u32 halves. */
  overlapsAt(firstHi: number, firstLo: number, lastHi: number, lastLo: number): OverlapCursor64 {
    return new OverlapCursor64(this, firstHi, firstLo, lastHi, lastLo)
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
  holes(length: Key64, options?: HoleOptions64): HoleCursor64 {
    return new HoleCursor64(this, length, options)
  }

  /** `holes` of u32 halves, without alignment. */
  holesAt(lengthHi: number, lengthLo: number, fromHi: number, fromLo: number, lastHi: number, lastLo: number): HoleCursor64 {
    return new HoleCursor64(this, lengthHi, lengthLo, fromHi, fromLo, lastHi, lastLo)
  }
}

function intervalOf(start: Key64, last: Key64): Window64 {
  return windowOf(start, last, 'interval', 'start')
}

function firstIn(store: IntervalStore, key: number, tie: number, lastKey: number, lastTie: number): IntervalHandle | undefined {
  return handleWithin(store, firstReaching(store, key, tie), lastKey, lastTie)
}

function nextIn(
  store: IntervalStore,
  handle: IntervalHandle,
  key: number,
  tie: number,
  lastKey: number,
  lastTie: number,
): IntervalHandle | undefined {
  return handleWithin(store, nextReaching(store, placeOf(store, handle), key, tie), lastKey, lastTie)
}

/** The handle of the interval at a place, if there is one and it does not start behind (lastKey, lastTie). */
function handleWithin(store: IntervalStore, place: number, lastKey: number, lastTie: number): IntervalHandle | undefined {
  if (place === 0 || isBefore(lastKey, lastTie, startKeyAt(store, place), startTieAt(store, place))) return undefined
  return handleAt(store, place)
}
