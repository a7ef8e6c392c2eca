import { DoubleSpanScan, type UsedBy } from './double-span-scan.ts'
import { checkNumber, checkNumbers } from './keys.ts'
import { type StoreOwner, storeOf } from './owner.ts'

/** One span of two trees. Closed range. */
export interface DoubleSpan {
  readonly start: number
  readonly last: number
  readonly usedBy: UsedBy
}

/**
 * Travels over the indexes of a window of two trees, of which the first wins: runs used by the first, by the second alone, or by neither. Made,
 * it stands on the first span. Spec data-structures 1.5; what `SpanCursor` says of mutation and of `done` holds here too.
 */
export class DoubleSpanCursor extends DoubleSpanScan {
  /**
   * The spans of both trees over first .. last, both inclusive, 0 .. 2^53 - 1.
   * @throws {RangeError} first > last, or a bound out of range. {TypeError} a bound that is no integer.
   */
  constructor(treeA: StoreOwner, treeB: StoreOwner, first: number, last: number) {
    checkNumbers(first, last, 'first', 'last', 'window')
    super(storeOf(treeA), storeOf(treeB), first, 0, last, 0)
  }

  /** First index of the span. */
  get start(): number {
    return this.startKey
  }

  /** Last index of the span, inclusive. */
  get last(): number {
    return this.lastKey
  }

  /** Moves so that the span starts at `index`, as `SpanCursor.advance` does. O(log n + k). */
  advance(index: number): void {
    checkNumber(index, 'index')
    this.moveTo(index, 0)
  }

  /** The spans from the current one on, as objects of their own. */
  *[Symbol.iterator](): IterableIterator<DoubleSpan> {
    for (; !this.done; this.next()) yield { start: this.start, last: this.last, usedBy: this.usedBy }
  }
}
