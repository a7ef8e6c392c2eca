import { DoubleSpanCursor64, type UsedBy } from './double-span-cursor64.ts'
import { checkNumber, highOf, TWO_32 } from './keys.ts'
import type { StoreOwner } from './store.ts'

/** One span of two trees. Closed range. */
export interface DoubleSpan {
  readonly start: number
  readonly last: number
  readonly usedBy: UsedBy
}

/**
 * `DoubleSpanCursor64` for number keys: travels over the indexes of a window of two trees, of which the first wins. Made, it stands on the
 * first span. Spec data-structures 1.5; mutation and stale fields as with `SpanCursor`.
 */
export class DoubleSpanCursor {
  private readonly cursor: DoubleSpanCursor64

  /**
   * The spans of both trees over first .. last, both inclusive, 0 .. 2^53 - 1.
   * @throws {RangeError} first > last, or a bound out of range. {TypeError} a bound that is no integer.
   */
  constructor(treeA: StoreOwner, treeB: StoreOwner, first: number, last: number) {
    checkNumber(first, 'first')
    checkNumber(last, 'last')
    this.cursor = new DoubleSpanCursor64(treeA, treeB, highOf(first), first >>> 0, highOf(last), last >>> 0)
  }

  /** First index of the span. */
  get start(): number {
    return this.cursor.startHi * TWO_32 + this.cursor.startLo
  }

  /** Last index of the span, inclusive. */
  get last(): number {
    return this.cursor.lastHi * TWO_32 + this.cursor.lastLo
  }

  /** 0: used in neither tree. 1: used in the first, whatever the second says. 2: used in the second alone. */
  get usedBy(): UsedBy {
    return this.cursor.usedBy
  }

  /** Whether the window is used up. */
  get done(): boolean {
    return this.cursor.done
  }

  /** Moves to the following span, or becomes `done`. O(log n + k). */
  next(): void {
    this.cursor.next()
  }

  /** Moves so that the span starts at `index`, as `SpanCursor.advance` does. O(log n + k). */
  advance(index: number): void {
    checkNumber(index, 'index')
    this.cursor.moveTo(highOf(index), index >>> 0)
  }

  /** The spans from the current one on, as objects of their own. */
  *[Symbol.iterator](): IterableIterator<DoubleSpan> {
    for (; !this.done; this.next()) yield { start: this.start, last: this.last, usedBy: this.usedBy }
  }
}
