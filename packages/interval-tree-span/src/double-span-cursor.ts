import { type NSpan, NSpanCursor } from './n-span-cursor.ts'
import type { StoreOwner } from './owner.ts'

/** 0: used in neither tree. 1: used in the first, whatever the second says. 2: used in the second alone. */
export type UsedBy = 0 | 1 | 2

/** One span of two trees. Closed range. */
export type DoubleSpan = NSpan<UsedBy>

/**
 * Travels over the indexes of a window of two trees, of which the first wins: runs used by the first, by the second alone, or by neither. Made,
 * it stands on the first span. Spec data-structures 1.5; what `SpanCursor` says of mutation and of `done` holds here too.
 */
export class DoubleSpanCursor extends NSpanCursor<UsedBy> {
  /**
   * The spans of both trees over first .. last, both inclusive, 0 .. 2^53 - 1. O(log n + k).
   * @throws {RangeError} first > last, or a bound out of range. {TypeError} a bound that is no integer.
   */
  constructor(treeA: StoreOwner, treeB: StoreOwner, first: number, last: number) {
    super([treeA, treeB], first, last)
  }
}
