import { OverlapScan } from './overlap-scan.ts'
import { type StoreOwner, storeOf } from './owner.ts'
import { windowOfNumbers } from './window64.ts'

/**
 * Travels over the intervals of an `IntervalTree` that meet a window, by start, equal starts in the order they were inserted. Made, it stands on
 * the first one. Iterated, it gives handles.
 *
 * The fields mean nothing once `done`. The tree may be changed on the way, the current interval removed included: an interval inserted ahead
 * is visited, one inserted behind is not.
 */
export class OverlapCursor extends OverlapScan {
  /**
   * The intervals of `tree` that meet first .. last, both inclusive, 0 .. 2^53 - 1. O(log n).
   * @throws {RangeError} first > last, or a bound out of range. {TypeError} a bound that is no integer.
   */
  constructor(tree: StoreOwner, first: number, last: number) {
    super(storeOf(tree), windowOfNumbers(first, last))
  }

  /** Start of the interval, not cut to the window. */
  get start(): number {
    return this.startKey
  }

  /** Last of the interval, inclusive, not cut to the window. */
  get last(): number {
    return this.lastKey
  }
}
