import type { UsedBy } from './double-span-cursor.ts'
import type { Key64 } from './keys.ts'
import { type NSpan64, NSpanCursor64 } from './n-span-cursor64.ts'
import type { StoreOwner64 } from './owner.ts'

/** One span of two trees. Closed range. */
export type DoubleSpan64 = NSpan64<UsedBy>

/** `DoubleSpanCursor` for u64: travels over the indexes of a window of two trees, of which the first wins. Spec data-structures 1.5. */
export class DoubleSpanCursor64 extends NSpanCursor64<UsedBy> {
  /**
   * The spans of both trees over first .. last, both inclusive, u64; or over two pairs of u32 halves. O(log n + k).
   * @throws {RangeError} first > last, or a bound outside u64. {TypeError} a bound that is no integer.
   */
  constructor(treeA: StoreOwner64, treeB: StoreOwner64, first: Key64, last: Key64)
  constructor(treeA: StoreOwner64, treeB: StoreOwner64, firstHi: number, firstLo: number, lastHi: number, lastLo: number)
  constructor(treeA: StoreOwner64, treeB: StoreOwner64, a: Key64, b: Key64, c?: number, d?: number) {
    super([treeA, treeB], a as number, b as number, c!, d!)
  }
}
