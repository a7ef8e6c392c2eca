import { checkHalves, highHalf, joinKey, type Key64, lowHalf, splitKey } from './keys.ts'
import { SpanCursor64 } from './span-cursor64.ts'
import type { StoreOwner } from './store.ts'

/** 0: used in neither tree. 1: used in the first, whatever the second says. 2: used in the second alone. */
export type UsedBy = 0 | 1 | 2

/** One span of two trees. Closed range. */
export interface DoubleSpan64 {
  readonly start: bigint
  readonly last: bigint
  readonly usedBy: UsedBy
}

/**
 * Travels over the indexes of a window of two trees, of which the first wins: runs that are used by the first, by the second alone, or by
 * neither. Made, it stands on the first span. Spec data-structures 1.5; mutation and stale fields as with `SpanCursor64`.
 */
export class DoubleSpanCursor64 {
  startHi = 0
  startLo = 0
  lastHi = 0
  lastLo = 0
  usedBy: UsedBy = 0
  done = false
  private readonly a: SpanCursor64
  private readonly b: SpanCursor64
  private readonly endHi: number
  private readonly endLo: number

  /**
   * The spans of both trees over first .. last, both inclusive, u64; or over two pairs of u32 halves.
   * @throws {RangeError} first > last, or a bound outside u64. {TypeError} a bound that is no integer.
   */
  constructor(treeA: StoreOwner, treeB: StoreOwner, first: Key64, last: Key64)
  constructor(treeA: StoreOwner, treeB: StoreOwner, firstHi: number, firstLo: number, lastHi: number, lastLo: number)
  constructor(treeA: StoreOwner, treeB: StoreOwner, p: Key64, q: Key64, r?: number, s?: number) {
    if (r === undefined || s === undefined) {
      this.a = new SpanCursor64(treeA, p, q)
      splitKey(q, 'last')
      this.endHi = highHalf()
      this.endLo = lowHalf()
    } else {
      this.a = new SpanCursor64(treeA, p as number, q as number, r, s)
      this.endHi = r
      this.endLo = s
    }
    this.b = new SpanCursor64(treeB, this.a.startHi, this.a.startLo, this.endHi, this.endLo)
    this.decide()
  }

  /** First index of the span. */
  get start(): bigint {
    return joinKey(this.startHi, this.startLo)
  }

  /** Last index of the span, inclusive. */
  get last(): bigint {
    return joinKey(this.lastHi, this.lastLo)
  }

  /** Moves to the following span, or becomes `done`. O(log n + k). Measured by itree.*.dspan. */
  next(): void {
    if (this.done) return
    if (this.lastLo === this.endLo && this.lastHi === this.endHi) {
      this.done = true
      return
    }
    const lo = (this.lastLo + 1) >>> 0
    this.moveTo(lo === 0 ? this.lastHi + 1 : this.lastHi, lo)
  }

  /** Moves so that the span starts at `index`, as `SpanCursor64.advance` does. O(log n + k). */
  advance(index: Key64): void {
    splitKey(index, 'index')
    this.moveTo(highHalf(), lowHalf())
  }

  /** The same, of u32 halves. */
  advanceAt(indexHi: number, indexLo: number): void {
    checkHalves(indexHi, indexLo, 'index')
    this.moveTo(indexHi, indexLo)
  }

  /** The spans from the current one on, as objects of their own. */
  *[Symbol.iterator](): IterableIterator<DoubleSpan64> {
    for (; !this.done; this.next()) yield { start: this.start, last: this.last, usedBy: this.usedBy }
  }

  /** `advanceAt` for indexes that are known to be good. Internal. */
  moveTo(hi: number, lo: number): void {
    if (this.done) return
    this.a.moveTo(hi, lo)
    this.b.moveTo(hi, lo)
    if (this.a.done) this.done = true
    else this.decide()
  }

  private decide(): void {
    const a = this.a
    const b = this.b
    this.startHi = a.startHi
    this.startLo = a.startLo
    this.usedBy = !a.isHole ? 1 : !b.isHole ? 2 : 0
    const shorter = a.isHole && (b.lastHi < a.lastHi || (b.lastHi === a.lastHi && b.lastLo < a.lastLo)) ? b : a
    this.lastHi = shorter.lastHi
    this.lastLo = shorter.lastLo
  }
}
