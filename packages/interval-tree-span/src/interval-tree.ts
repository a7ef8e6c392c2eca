import { eraseInterval } from './erase.ts'
import { HoleCursor, type HoleOptions } from './hole-cursor.ts'
import { insertInterval } from './insert.ts'
import { handleInFront, type IntervalHandle } from './interval-tree64.ts'
import { checkNumber, highOf, TWO_32 } from './keys.ts'
import { LAST_HI, LAST_LO, START_HI, START_LO } from './layout.ts'
import { OverlapCursor } from './overlap-cursor.ts'
import { OverlapCursor64 } from './overlap-cursor64.ts'
import { payloadAt, setPayload } from './payloads.ts'
import { firstReaching, nextReaching } from './search.ts'
import { SpanCursor } from './span-cursor.ts'
import { findPlace, handleAt, IntervalStore, placeOf, resetStore } from './store.ts'

/**
 * Overlapping closed intervals over the safe integers 0 .. 2^53 - 1. Duplicates, nesting and adjacency are allowed; inserting never merges.
 * Order is by start, equal starts by insertion. Spec data-structures 1.3. `IntervalTree64` is its twin over all of u64.
 */
export class IntervalTree<P = undefined> {
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
   * @throws {RangeError} start > last, or a bound outside 0 .. 2^53 - 1. {TypeError} a bound that is no integer.
   */
  insert(start: number, last: number, payload?: P): IntervalHandle {
    checkRange(start, last, 'start', 'last', 'interval')
    const store = this.engine
    const place = insertInterval(store, highOf(start), start >>> 0, highOf(last), last >>> 0)
    if (payload !== undefined) setPayload(store, place, payload)
    return handleAt(store, place)
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

  /** Start of an interval. O(1). @throws {RangeError} the handle is stale or another tree's; so do `last` and `payload`. */
  start(handle: IntervalHandle): number {
    const place = placeOf(this.engine, handle)
    const { words } = this.engine
    return words[place + START_HI]! * TWO_32 + words[place + START_LO]!
  }

  /** Last of an interval, inclusive. O(1). */
  last(handle: IntervalHandle): number {
    const place = placeOf(this.engine, handle)
    const { words } = this.engine
    return words[place + LAST_HI]! * TWO_32 + words[place + LAST_LO]!
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
   * @throws {RangeError} first > last, or a bound outside 0 .. 2^53 - 1. {TypeError} a bound that is no integer.
   */
  iterFirst(first: number, last: number): IntervalHandle | undefined {
    checkRange(first, last, 'first', 'last', 'window')
    const store = this.engine
    return handleInFront(store, firstReaching(store, highOf(first), first >>> 0), highOf(last), last >>> 0)
  }

  /**
   * The first interval in order behind `handle` that meets first .. last, which may be another window than before. O(log n); O(1) when near.
   * @throws {RangeError} a stale or foreign handle, first > last, or a bound out of range. {TypeError} a bound that is no integer.
   */
  iterNext(handle: IntervalHandle, first: number, last: number): IntervalHandle | undefined {
    checkRange(first, last, 'first', 'last', 'window')
    const store = this.engine
    const place = nextReaching(store, placeOf(store, handle), highOf(first), first >>> 0)
    return handleInFront(store, place, highOf(last), last >>> 0)
  }

  /** A cursor over the intervals that meet first .. last, both inclusive; iterable, giving handles. O(log n) and O(1) to O(log n) a step. */
  overlaps(first: number, last: number): OverlapCursor {
    checkRange(first, last, 'first', 'last', 'window')
    return new OverlapCursor(new OverlapCursor64(this.engine, highOf(first), first >>> 0, highOf(last), last >>> 0))
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
    const cursor = new HoleCursor(this, length, options)
    return cursor.done ? undefined : cursor.position
  }

  /** A cursor over all holes that `firstHole` would accept, ascending; iterable. O(log n) a step. Throws as `firstHole` does. */
  holes(length: number, options?: HoleOptions): HoleCursor {
    return new HoleCursor(this, length, options)
  }
}

function checkRange(first: number, last: number, firstName: string, lastName: string, what: string): void {
  checkNumber(first, firstName)
  checkNumber(last, lastName)
  if (first > last) throw new RangeError(`${what} is inverted: ${first} > ${last}`)
}
