import { isBefore } from './keys.ts'
import { SpanScan } from './span-scan.ts'
import type { IntervalStore } from './store.ts'

/** 0: used in neither tree. 1: used in the first, whatever the second says. 2: used in the second alone. */
export type UsedBy = 0 | 1 | 2

/** What `DoubleSpanCursor` and `DoubleSpanCursor64` have in common. Spec data-structures 1.5; of mutation and `done` see `SpanScan`. */
export class DoubleSpanScan {
  /** Internal: the span, in the parts of a key (layout.ts). Begun with no small integer, so that V8 keeps the fields as doubles. */
  startKey: number = Number.NaN
  startTie = 0
  lastKey: number = Number.NaN
  lastTie = 0
  /** 0: used in neither tree. 1: used in the first, whatever the second says. 2: used in the second alone. */
  usedBy: UsedBy = 0
  /** Whether the window is used up. */
  done = false
  private readonly a: SpanScan
  private readonly b: SpanScan
  private readonly tieMax: number
  private readonly endKey: number = Number.NaN
  private readonly endTie: number

  /** Internal. */
  constructor(a: IntervalStore, b: IntervalStore, firstKey: number, firstTie: number, endKey: number, endTie: number) {
    this.a = new SpanScan(a, firstKey, firstTie, endKey, endTie)
    this.b = new SpanScan(b, firstKey, firstTie, endKey, endTie)
    this.tieMax = a.tieMax
    this.endKey = endKey
    this.endTie = endTie
    this.decide()
  }

  /** Moves to the following span, or becomes `done`. O(log n + k), as the single cursors. Measured by itree.*.dspan. */
  next(): void {
    if (this.done) return
    if (this.lastKey === this.endKey && this.lastTie === this.endTie) {
      this.done = true
      return
    }
    const tie = this.lastTie === this.tieMax ? 0 : this.lastTie + 1
    this.moveTo(tie === 0 ? this.lastKey + 1 : this.lastKey, tie)
  }

  /** Internal: `advance` to a checked index. */
  moveTo(key: number, tie: number): void {
    if (this.done) return
    this.a.moveTo(key, tie)
    this.b.moveTo(key, tie)
    if (this.a.done) this.done = true
    else this.decide()
  }

  /** Where the first tree is used, its span counts and the second is not seen; elsewhere the shorter of both spans counts. */
  private decide(): void {
    const { a, b } = this
    const shorter = a.isHole && isBefore(b.lastKey, b.lastTie, a.lastKey, a.lastTie) ? b : a
    this.usedBy = !a.isHole ? 1 : !b.isHole ? 2 : 0
    this.startKey = a.startKey
    this.startTie = a.startTie
    this.lastKey = shorter.lastKey
    this.lastTie = shorter.lastTie
  }
}
