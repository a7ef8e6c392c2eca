import { hiOf, joinKey, type Key64 } from './keys.ts'
import * as layout from './layout.ts'
import { OverlapScan } from './overlap-scan.ts'
import { type StoreOwner64, storeOf64 } from './owner.ts'
import { windowFrom } from './window64.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { LAST } = layout

/** `OverlapCursor` for u64: travels over the intervals of an `IntervalTree64` that meet a window. */
export class OverlapCursor64 extends OverlapScan {
  /**
   * The intervals of `tree` that meet first .. last, both inclusive, u64; or a window of two pairs of u32 halves. O(log n).
   * @throws {RangeError} first > last, or a bound outside u64. {TypeError} a bound that is no integer.
   */
  constructor(tree: StoreOwner64, first: Key64, last: Key64)
  constructor(tree: StoreOwner64, firstHi: number, firstLo: number, lastHi: number, lastLo: number)
  constructor(tree: StoreOwner64, a: Key64, b: Key64, c?: number, d?: number) {
    super(storeOf64(tree), windowFrom(a, b, c, d))
  }

  /** Start of the interval, not cut to the window. */
  get start(): bigint {
    return joinKey(this.startKey, this.startTie)
  }

  /** Last of the interval, inclusive, not cut to the window. */
  get last(): bigint {
    return joinKey(this.lastKey, this.lastTie)
  }

  get startHi(): number {
    return hiOf(this.startKey)
  }

  get startLo(): number {
    return (this.keys[this.unit]! | this.startTie) >>> 0
  }

  get lastHi(): number {
    return hiOf(this.lastKey)
  }

  get lastLo(): number {
    return (this.keys[this.unit + LAST]! | this.lastTie) >>> 0
  }
}
