import { checkHalves, hiOf, joinKey, type Key64, keyOf, split, splitKey, splitTie, tieOf } from './keys.ts'
import { NSpanScan } from './n-span-scan.ts'
import { type StoreOwner64, storeOf64 } from './owner.ts'
import { windowFrom } from './window64.ts'

/** One span of several trees. Closed range. */
export interface NSpan64<UsedBy extends number = number> {
  readonly start: bigint
  readonly last: bigint
  readonly usedBy: UsedBy
}

/** `NSpanCursor` for u64: travels over the indexes of a window of several trees, of which an earlier one wins. Spec data-structures 1.5. */
export class NSpanCursor64<UsedBy extends number = number> extends NSpanScan<UsedBy> {
  /**
   * The spans of all `trees` over first .. last, both inclusive, u64; or over two pairs of u32 halves. Without trees all is one hole.
   * O(log n + k) a tree.
   * @throws {RangeError} first > last, or a bound outside u64. {TypeError} a bound that is no integer, or no tree.
   */
  constructor(trees: readonly StoreOwner64[], first: Key64, last: Key64)
  constructor(trees: readonly StoreOwner64[], firstHi: number, firstLo: number, lastHi: number, lastLo: number)
  constructor(trees: readonly StoreOwner64[], a: Key64, b: Key64, c?: number, d?: number) {
    super(trees.map(storeOf64), windowFrom(a, b, c, d))
  }

  /** First index of the span. */
  get start(): bigint {
    return joinKey(this.startKey, this.startTie)
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

  /** Moves so that the span starts at `index`, as `SpanCursor64.advance` does. O(log n + k) a tree. */
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
  *[Symbol.iterator](): IterableIterator<NSpan64<UsedBy>> {
    for (; !this.done; this.next()) yield { start: this.start, last: this.last, usedBy: this.usedBy }
  }
}
