import { isBefore } from './keys.ts'
import * as layout from './layout.ts'
import { SpanScan, startBehindTies } from './span-scan.ts'
import type { IntervalStore } from './store.ts'
import type { Window64 } from './window64.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { NOWHERE, TIES_FROM } = layout

/**
 * What the cursors over several trees have in common: the travel over a window's indexes, of which each belongs to the first tree that uses it.
 * Spec data-structures 1.5; of mutation and `done` see `SpanScan`.
 */
export class NSpanScan<UsedBy extends number = number> {
  /** @internal The span, in the parts of a key (layout.ts). Begun with no small integer, so that V8 keeps the fields as doubles. */
  startKey: number = NOWHERE
  /** @internal */
  startTie = 0
  /** @internal */
  lastKey: number = NOWHERE
  /** @internal */
  lastTie = 0
  /** 0: used in no tree. Otherwise 1 + the position of the first tree that uses all of the span, whatever later ones say. */
  usedBy: UsedBy = 0 as UsedBy
  /** 1 when done, and from then on. A small integer as in `SpanScan`. */
  private state = 0
  declare private readonly scans: readonly SpanScan[]
  private readonly endKey: number = NOWHERE
  declare private readonly endTie: number

  /** Internal. */
  constructor(stores: readonly IntervalStore[], window: Window64) {
    this.scans = stores.map((store) => new SpanScan(store, window))
    this.endKey = window.lastKey
    this.endTie = window.lastTie
    this.startKey = window.firstKey
    this.startTie = window.firstTie
    this.decide()
  }

  /** Whether the window is used up. */
  get done(): boolean {
    return this.state !== 0
  }

  /** Moves to the following span, or becomes `done`. O(log n + k) a tree, as the single cursors. Measured by itree.*.dspan. */
  next(): void {
    if (this.lastKey === this.endKey && this.lastTie === this.endTie) {
      this.state = 1
      return
    }
    // As in `SpanScan`.
    const { lastKey } = this
    if (lastKey < TIES_FROM) {
      this.startKey = lastKey + 1
      this.startTie = 0
    } else startBehindTies(this)
    this.decide()
  }

  /** @internal `advance` to a checked index. */
  moveTo(key: number, tie: number): void {
    if (isBefore(this.endKey, this.endTie, key, tie)) this.state = 1
    else {
      if (isBefore(key, tie, this.startKey, this.startTie)) for (const scan of this.scans) scan.forget()
      this.startKey = key
      this.startTie = tie
      this.decide()
    }
  }

  /** A tree that uses the index ends the question: later ones are not even moved. Until then the shortest of the holes so far counts. */
  private decide(): void {
    const { scans, startKey, startTie } = this
    let usedBy = 0
    let lastKey = this.endKey
    let lastTie = this.endTie
    for (let i = 0; i < scans.length; i++) {
      const scan = scans[i]!
      if (scan.isStale) scan.moveTo(startKey, startTie)
      // Comparisons of what is at hand written out, and one way out of the loop: a step takes 294 instructions, 318 otherwise.
      let key = scan.lastKey
      let tie = scan.lastTie
      if (key < startKey || (key === startKey && tie < startTie)) {
        // Most often it is the next span.
        scan.next()
        if (isBefore(scan.lastKey, scan.lastTie, startKey, startTie)) scan.moveTo(startKey, startTie)
        key = scan.lastKey
        tie = scan.lastTie
      }
      if (key < lastKey || (key === lastKey && tie < lastTie)) {
        lastKey = key
        lastTie = tie
      }
      if (!scan.isHole) {
        usedBy = i + 1
        break
      }
    }
    this.lastKey = lastKey
    this.lastTie = lastTie
    this.usedBy = usedBy as UsedBy
  }
}
