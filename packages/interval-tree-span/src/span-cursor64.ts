import { checkHalves, hiOf, joinKey, type Key64, keyOf, split, splitKey, splitTie, tieOf } from './keys.ts'
import { type StoreOwner64, storeOf64 } from './owner.ts'
import { SpanScan } from './span-scan.ts'
import { windowFrom } from './window64.ts'

/** One span: all of it used, or all of it a hole. Closed range. */
export interface Span64 {
  readonly start: bigint
  readonly last: bigint
  readonly isHole: boolean
}

/**
 * Travels over the indexes of a window of an `IntervalTree64`, span by span: maximal runs that are wholly used or wholly a hole. Made, it
 * stands on the first span. Spec data-structures 1.4; what `SpanCursor` says of mutation and of `done` holds here too.
 */
export class SpanCursor64 extends SpanScan {
  /**
   * The spans of `tree` over first .. last, both inclusive, u64; or over two pairs of u32 halves, for callers that have no bigint. O(log n + k),
   * k = intervals merged into the first span.
   * @throws {RangeError} first > last, or a bound outside u64. {TypeError} a bound that is no integer.
   */
  constructor(tree: StoreOwner64, first: Key64, last: Key64)
  constructor(tree: StoreOwner64, firstHi: number, firstLo: number, lastHi: number, lastLo: number)
  constructor(tree: StoreOwner64, a: Key64, b: Key64, c?: number, d?: number) {
    super(storeOf64(tree), windowFrom(a, b, c, d))
  }

  /** First index of the span. The caller may overwrite it: `next` does not read it, and `advance` takes the span to begin there. */
  get start(): bigint {
    return joinKey(this.startKey, this.startTie)
  }

  set start(index: Key64) {
    split(index, 'start')
    this.startKey = splitKey()
    this.startTie = splitTie()
  }

  /** Last index of the span, inclusive. */
  get last(): bigint {
    return joinKey(this.lastKey, this.lastTie)
  }

  get startHi(): number {
    return hiOf(this.startKey)
  }

  get startLo(): number {
    return (this.startKey | this.startTie) >>> 0
  }

  get lastHi(): number {
    return hiOf(this.lastKey)
  }

  get lastLo(): number {
    return (this.lastKey | this.lastTie) >>> 0
  }

  /**
   * Moves so that the span starts at `index`. Inside the current span only `start` changes; behind the window the cursor becomes `done`; when
   * done it stays so. Backwards it widens the window. O(log n + k).
   */
  advance(index: Key64): void {
    split(index, 'index')
    this.moveTo(splitKey(), splitTie())
  }

  /** The same, of u32 halves. */
  advanceAt(indexHi: number, indexLo: number): void {
    checkHalves(indexHi, indexLo, 'index')
    this.moveTo(keyOf(indexHi, indexLo), tieOf(indexHi, indexLo))
  }

  /** The spans from the current one on, as objects of their own. */
  *[Symbol.iterator](): IterableIterator<Span64> {
    for (; !this.done; this.next()) yield { start: this.start, last: this.last, isHole: this.isHole }
  }
}
