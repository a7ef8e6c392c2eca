import { checkNumber } from './keys.ts'
import { NSpanScan } from './n-span-scan.ts'
import { type StoreOwner, storeOf } from './owner.ts'
import { windowOfNumbers } from './window64.ts'

/** One span of several trees. Closed range. */
export interface NSpan<UsedBy extends number = number> {
  readonly start: number
  readonly last: number
  readonly usedBy: UsedBy
}

/**
 * Travels over the indexes of a window of several trees, of which an earlier one wins: runs used by the first, by the second where the first is
 * not, and so on, or by none. Made, it stands on the first span. Spec data-structures 1.5; what `SpanCursor` says of mutation and of `done`
 * holds here too.
 */
export class NSpanCursor<UsedBy extends number = number> extends NSpanScan<UsedBy> {
  /**
   * The spans of all `trees` over first .. last, both inclusive, 0 .. 2^53 - 1. Without trees all is one hole. O(log n + k) a tree.
   * @throws {RangeError} first > last, or a bound out of range. {TypeError} a bound that is no integer, or no tree.
   */
  constructor(trees: readonly StoreOwner[], first: number, last: number) {
    super(trees.map(storeOf), windowOfNumbers(first, last))
  }

  /** First index of the span. */
  get start(): number {
    return this.startKey
  }

  /** Last index of the span, inclusive. */
  get last(): number {
    return this.lastKey
  }

  /** Moves so that the span starts at `index`, as `SpanCursor.advance` does. O(log n + k) a tree. */
  advance(index: number): void {
    checkNumber(index, 'index')
    this.moveTo(index, 0)
  }

  /** The spans from the current one on, as objects of their own. */
  *[Symbol.iterator](): IterableIterator<NSpan<UsedBy>> {
    for (; !this.done; this.next()) yield { start: this.start, last: this.last, usedBy: this.usedBy }
  }
}
