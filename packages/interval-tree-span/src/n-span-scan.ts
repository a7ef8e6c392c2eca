import { isBefore } from './keys.ts'
import { SpanScan } from './span-scan.ts'
import type { IntervalStore } from './store.ts'
import type { Window64 } from './window64.ts'

/**
 * What the cursors over several trees have in common: the travel over a window's indexes, of which each belongs to the first tree that uses it.
 * Spec data-structures 1.5; of mutation and `done` see `SpanScan`.
 */
export class NSpanScan<UsedBy extends number = number> {
  /** @internal The span, in the parts of a key (layout.ts). Begun with no small integer, so that V8 keeps the fields as doubles. */
  startKey: number = Number.NaN
  /** @internal */
  startTie = 0
  /** @internal */
  lastKey: number = Number.NaN
  /** @internal */
  lastTie = 0
  /** 0: used in no tree. Otherwise 1 + the position of the first tree that uses all of the span, whatever later ones say. */
  usedBy: UsedBy = 0 as UsedBy
  /** Whether the window is used up. */
  done = false
  private readonly scans: readonly SpanScan[]
  private readonly tieMax: number
  private readonly endKey: number = Number.NaN
  private readonly endTie: number

  /** Internal. */
  constructor(stores: readonly IntervalStore[], tieMax: number, window: Window64) {
    const { firstKey, firstTie, lastKey, lastTie } = window
    this.scans = stores.map((store) => new SpanScan(store, window))
    this.tieMax = tieMax
    this.endKey = lastKey
    this.endTie = lastTie
    this.decide(firstKey, firstTie)
  }

  /** Moves to the following span, or becomes `done`. O(log n + k) a tree, as the single cursors. Measured by itree.*.dspan. */
  next(): void {
    if (this.done) return
    if (this.lastKey === this.endKey && this.lastTie === this.endTie) {
      this.done = true
      return
    }
    const tie = this.lastTie === this.tieMax ? 0 : this.lastTie + 1
    this.decide(tie === 0 ? this.lastKey + 1 : this.lastKey, tie)
  }

  /** @internal `advance` to a checked index. */
  moveTo(key: number, tie: number): void {
    if (this.done) return
    if (isBefore(this.endKey, this.endTie, key, tie)) this.done = true
    else this.decide(key, tie)
  }

  /** A tree that uses the index ends the question: later ones are not even moved. Until then the shortest of the holes so far counts. */
  private decide(key: number, tie: number): void {
    const { scans } = this
    let lastKey = this.endKey
    let lastTie = this.endTie
    let usedBy = 0
    for (let i = 0; i < scans.length && usedBy === 0; i++) {
      const scan = scans[i]!
      scan.moveTo(key, tie)
      if (isBefore(scan.lastKey, scan.lastTie, lastKey, lastTie)) {
        lastKey = scan.lastKey
        lastTie = scan.lastTie
      }
      if (!scan.isHole) usedBy = i + 1
    }
    this.usedBy = usedBy as UsedBy
    this.startKey = key
    this.startTie = tie
    this.lastKey = lastKey
    this.lastTie = lastTie
  }
}
