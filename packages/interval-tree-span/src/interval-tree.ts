import { buildSorted, type SortedInterval, type SortedIntervals } from './bulk.ts'
import { lastKeyAt, startKeyAt } from './entries.ts'
import { eraseInterval } from './erase.ts'
import { HoleCursor, type HoleOptions } from './hole-cursor.ts'
import { insertInterval } from './insert.ts'
import { fromIntervals, type IntervalsJson, toIntervals } from './json.ts'
import { OverlapCursor } from './overlap-cursor.ts'
import { firstReaching, nextReaching } from './search.ts'
import { findPlace, handleAt, payloadOf, placeOf } from './slots.ts'
import { SpanCursor } from './span-cursor.ts'
import { IntervalStore, resetStore } from './store.ts'
import { checkNumbers, type Window64, windowOfNumbers } from './window64.ts'

/** An interval in a tree: slot and stamp in one number. It is refused once the interval is removed, and by every other tree. */
export type IntervalHandle = number

/**
 * Overlapping closed intervals over the safe integers 0 .. 2^53 - 1. Duplicates, nesting and adjacency are allowed; inserting never merges.
 * Order is by start, equal starts by insertion. Spec data-structures 1.3. `IntervalTree64` is its twin over all of u64.
 */
export class IntervalTree<P = undefined> {
  /** Internal. */
  readonly store: IntervalStore = new IntervalStore(false)

  /**
   * A tree of intervals that are sorted by start, given as entries [start, last, payload?], or by columns of equal length. O(n), with full
   * nodes. Equal starts keep the order given; iterating `overlaps` over all gives the handles in that order. No entry is kept.
   * @throws {RangeError} start > last, a bound outside 0 .. 2^53 - 1, a start less than the one before it, columns of different lengths.
   * {TypeError} a bound that is no integer. Both name the position.
   */
  static fromSorted<P = undefined>(intervals: Iterable<SortedInterval<number, P>>): IntervalTree<P>
  static fromSorted<P = undefined>(starts: ArrayLike<number>, lasts: ArrayLike<number>, payloads?: ArrayLike<P>): IntervalTree<P>
  static fromSorted<P>(items: SortedIntervals<number, P>, lasts?: ArrayLike<number>, payloads?: ArrayLike<P>): IntervalTree<P> {
    const tree = new IntervalTree<P>()
    buildSorted(tree.store, items, lasts, payloads, intervalOf)
    return tree
  }

  /**
   * The tree that `toJSON` wrote; its payloads are those of the JSON. O(n).
   * @throws {TypeError} another version, or another shape. {RangeError} bounds as `fromSorted`. Both name the position.
   */
  static fromJSON<P = undefined>(json: unknown): IntervalTree<P> {
    return IntervalTree.fromSorted<P>(fromIntervals<P>(json))
  }

  /** All intervals in order, with their payloads as they are, for `JSON.stringify`. O(n). */
  toJSON(): IntervalsJson<number, P> {
    return toIntervals(this.store, (key) => key)
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
   * @throws {RangeError} start > last, or a bound outside 0 .. 2^53 - 1. {TypeError} a bound that is no integer.
   */
  insert(start: number, last: number, payload?: P): IntervalHandle {
    checkNumbers(start, last, 'interval', 'start')
    return insertInterval(this.store, start, 0, last, 0, payload)
  }

  /** Removes an interval. O(log n). @throws {RangeError} the handle is stale or another tree's. */
  remove(handle: IntervalHandle): void {
    eraseInterval(this.store, placeOf(this.store, handle))
  }

  /** Whether the handle is of an interval in this tree. O(1). */
  has(handle: IntervalHandle): boolean {
    return findPlace(this.store, handle) !== 0
  }

  /** Start of an interval. O(1). @throws {RangeError} the handle is stale or another tree's; so do `last` and `payload`. */
  start(handle: IntervalHandle): number {
    return startKeyAt(this.store, placeOf(this.store, handle))
  }

  /** Last of an interval, inclusive. O(1). */
  last(handle: IntervalHandle): number {
    return lastKeyAt(this.store, placeOf(this.store, handle))
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
   * @throws {RangeError} first > last, or a bound outside 0 .. 2^53 - 1. {TypeError} a bound that is no integer.
   */
  iterFirst(first: number, last: number): IntervalHandle | undefined {
    checkNumbers(first, last)
    const place = firstReaching(this.store, first, 0)
    return place === 0 || startKeyAt(this.store, place) > last ? undefined : handleAt(this.store, place)
  }

  /**
   * The first interval in order behind `handle` that meets first .. last, which may be another window than before. O(log n); O(1) when near.
   * @throws {RangeError} a stale or foreign handle, first > last, or a bound out of range. {TypeError} a bound that is no integer.
   */
  iterNext(handle: IntervalHandle, first: number, last: number): IntervalHandle | undefined {
    checkNumbers(first, last)
    const place = nextReaching(this.store, placeOf(this.store, handle), first, 0)
    return place === 0 || startKeyAt(this.store, place) > last ? undefined : handleAt(this.store, place)
  }

  /** A cursor over the intervals that meet first .. last, both inclusive; iterable, giving handles. O(log n), and O(1) to O(log n) a step. */
  overlaps(first: number, last: number): OverlapCursor {
    return new OverlapCursor(this, first, last)
  }

  /** A cursor over the spans of first .. last, both inclusive; iterable. */
  spans(first: number, last: number): SpanCursor {
    return new SpanCursor(this, first, last)
  }

  /**
   * The first position of the window from which on `length` indexes are free, `phase` above a multiple of `alignment`; undefined if there is
   * none. The window is 0 .. 2^53 - 1 unless `from` and `last` say otherwise. O(log n) amortised over the changes since the last search, for
   * each hole that is long enough but holds no aligned position. Equal to a scan of the spans.
   * @throws {RangeError} length 0, from > last, an alignment that is no power of two, a phase that is not below it. {TypeError} no integer.
   */
  firstHole(length: number, options?: HoleOptions): number | undefined {
    const cursor = this.holes(length, options)
    return cursor.done ? undefined : cursor.position
  }

  /** A cursor over all holes that `firstHole` would accept, ascending; iterable. O(log n) a step. Throws as `firstHole` does. */
  holes(length: number, options?: HoleOptions): HoleCursor {
    return new HoleCursor(this, length, options)
  }
}

function intervalOf(start: number, last: number): Window64 {
  return windowOfNumbers(start, last, 'interval', 'start')
}
