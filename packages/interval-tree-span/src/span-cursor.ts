import { checkNumber } from './keys.ts'
import { type StoreOwner, storeOf } from './owner.ts'
import { SpanScan } from './span-scan.ts'
import { windowOfNumbers } from './window64.ts'

/** One span: all of it used, or all of it a hole. Closed range. */
export interface Span {
  readonly start: number
  readonly last: number
  readonly isHole: boolean
}

/**
 * Travels over the indexes of a window of an `IntervalTree`, span by span: maximal runs that are wholly used or wholly a hole. Made, it stands
 * on the first span. Spec data-structures 1.4. `SpanCursor64` is its twin for u64.
 *
 * The fields mean nothing once `done`. After a change of the tree the cursor searches anew from where it stands: indexes already reported are
 * not visited again, later ones are those of the tree as it now is, and two spans of one kind may follow each other once a change.
 */
export class SpanCursor extends SpanScan {
  /**
   * The spans of `tree` over first .. last, both inclusive, 0 .. 2^53 - 1. O(log n + k), k = intervals merged into the first span.
   * @throws {RangeError} first > last, or a bound out of range. {TypeError} a bound that is no integer.
   */
  constructor(tree: StoreOwner, first: number, last: number) {
    super(storeOf(tree), windowOfNumbers(first, last))
  }

  /** First index of the span. The caller may overwrite it: `next` does not read it, and `advance` takes the span to begin there. */
  get start(): number {
    return this.startKey
  }

  set start(index: number) {
    checkNumber(index, 'start')
    this.startKey = index
  }

  /** Last index of the span, inclusive. */
  get last(): number {
    return this.lastKey
  }

  /**
   * Moves so that the span starts at `index`. Inside the current span only `start` changes; behind the window the cursor becomes `done`; when
   * done it stays so. Backwards it widens the window. O(log n + k).
   */
  advance(index: number): void {
    checkNumber(index, 'index')
    this.moveTo(index, 0)
  }

  /** The spans from the current one on, as objects of their own. */
  *[Symbol.iterator](): IterableIterator<Span> {
    for (; !this.done; this.next()) yield { start: this.start, last: this.last, isHole: this.isHole }
  }
}
