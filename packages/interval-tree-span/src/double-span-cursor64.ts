import { DoubleSpanScan, type UsedBy } from './double-span-scan.ts'
import { checkHalves, hiOf, joinKey, type Key64, keyOf, loOf, split, splitKey, splitTie } from './keys.ts'
import { type StoreOwner64, storeOf64 } from './owner.ts'
import { windowOf, windowOfHalves } from './window64.ts'

/** One span of two trees. Closed range. */
export interface DoubleSpan64 {
  readonly start: bigint
  readonly last: bigint
  readonly usedBy: UsedBy
}

/** `DoubleSpanCursor` for u64: travels over the indexes of a window of two trees, of which the first wins. Spec data-structures 1.5. */
export class DoubleSpanCursor64 extends DoubleSpanScan {
  /**
   * The spans of both trees over first .. last, both inclusive, u64; or over two pairs of u32 halves.
   * @throws {RangeError} first > last, or a bound outside u64. {TypeError} a bound that is no integer.
   */
  constructor(treeA: StoreOwner64, treeB: StoreOwner64, first: Key64, last: Key64)
  constructor(treeA: StoreOwner64, treeB: StoreOwner64, firstHi: number, firstLo: number, lastHi: number, lastLo: number)
  constructor(treeA: StoreOwner64, treeB: StoreOwner64, a: Key64, b: Key64, c?: number, d?: number) {
    const w = c === undefined ? windowOf(a, b) : windowOfHalves(a as number, b as number, c, d as number)
    super(storeOf64(treeA), storeOf64(treeB), w.firstKey, w.firstTie, w.lastKey, w.lastTie)
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
    return loOf(this.startKey, this.startTie)
  }

  get lastHi(): number {
    return hiOf(this.lastKey)
  }

  get lastLo(): number {
    return loOf(this.lastKey, this.lastTie)
  }

  /** Moves so that the span starts at `index`, as `SpanCursor64.advance` does. O(log n + k). */
  advance(index: Key64): void {
    split(index, 'index')
    this.moveTo(splitKey(), splitTie())
  }

  /** The same, of u32 halves. */
  advanceAt(indexHi: number, indexLo: number): void {
    checkHalves(indexHi, indexLo, 'index')
    this.moveTo(keyOf(indexHi, indexLo), indexLo & 2047)
  }

  /** The spans from the current one on, as objects of their own. */
  *[Symbol.iterator](): IterableIterator<DoubleSpan64> {
    for (; !this.done; this.next()) yield { start: this.start, last: this.last, usedBy: this.usedBy }
  }
}
