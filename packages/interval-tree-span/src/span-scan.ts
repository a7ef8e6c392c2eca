import { isBefore } from './keys.ts'
import * as layout from './layout.ts'
import { lastTie, startTie } from './nodes.ts'
import { firstReaching, nextReaching } from './search.ts'
import type { IntervalStore } from './store.ts'
import type { Window64 } from './window64.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { COUNT, ENTRY_MASK, LAST, NEXT, NOWHERE, START, TIES } = layout

/**
 * What `SpanCursor` and `SpanCursor64` have in common: the travel over a window's indexes, span by span. Spec data-structures 1.4.
 *
 * The fields mean nothing once `done`. After a change of the tree the cursor searches anew from where it stands: indexes already reported are
 * not visited again, later ones are those of the tree as it now is, and two spans of one kind may follow each other once a change.
 */
export class SpanScan {
  /** @internal The span, in the parts of a key (layout.ts). Begun with no small integer, so that V8 keeps the fields as doubles. */
  startKey: number = Number.NaN
  /** @internal */
  startTie = 0
  /** @internal */
  lastKey: number = Number.NaN
  /** @internal */
  lastTie = 0
  /** Whether no interval holds any index of the span; otherwise each of its indexes is in some interval. */
  isHole = false
  /** Whether the window is used up. */
  done = false
  private readonly store: IntervalStore
  private readonly tieMax: number
  private readonly endKey: number = Number.NaN
  private readonly endTie: number
  /** What follows holds as long as the tree has this version. */
  private version = 0
  private keys: Float64Array
  private words: Uint32Array
  /** On a hole: the interval that ends it. On a used span: the first interval behind it. Its start, which is nowhere if there is none, … */
  private aheadKey: number = Number.NaN
  private aheadTie = 0
  /** … its leaf, its unit (leaf + entry), and the unit behind the leaf's last entry. */
  private leaf = 0
  private unit = 0
  private unitEnd = 0

  /** Internal. */
  constructor(store: IntervalStore, window: Window64) {
    this.store = store
    this.tieMax = store.tieMax
    this.endKey = window.lastKey
    this.endTie = window.lastTie
    this.keys = store.keys
    this.words = store.words
    this.seek(window.firstKey, window.firstTie)
  }

  /**
   * Moves to the following span, or becomes `done`. O(log n + k), k = intervals merged into it that were not nested in others; O(1) when near.
   * Measured by itree.*.span.
   */
  next(): void {
    if (this.done) return
    if (this.lastKey === this.endKey && this.lastTie === this.endTie) {
      this.done = true
      return
    }
    const tie = this.lastTie === this.tieMax ? 0 : this.lastTie + 1
    const key = tie === 0 ? this.lastKey + 1 : this.lastKey
    if (this.version !== this.store.version) {
      this.seek(key, tie)
      return
    }
    this.startKey = key
    this.startTie = tie
    if (this.isHole) this.merge()
    else this.stayInHole()
  }

  /** @internal `advance` to a checked index. */
  moveTo(key: number, tie: number): void {
    if (this.done) return
    if (isBefore(this.endKey, this.endTie, key, tie)) this.done = true
    else if (this.version !== this.store.version || isBefore(key, tie, this.startKey, this.startTie)) this.seek(key, tie)
    else if (!isBefore(this.lastKey, this.lastTie, key, tie)) {
      this.startKey = key
      this.startTie = tie
    } else if (
      this.aheadKey !== NOWHERE &&
      isBefore(this.keys[this.unit + LAST]!, lastTie(this.store, this.leaf, this.unit - this.leaf), key, tie)
    )
      this.seek(key, tie)
    // Forwards out of the current span: if the interval ahead reaches the index, or there is none, no search is needed.
    else this.land(key, tie)
  }

  private seek(key: number, tie: number): void {
    const store = this.store
    this.version = store.version
    this.keys = store.keys
    this.words = store.words
    this.lookAhead(firstReaching(store, key, tie))
    this.land(key, tie)
  }

  /** Takes the interval at a place for the one ahead. */
  private lookAhead(place: number): void {
    if (place === 0) {
      this.aheadKey = NOWHERE
      return
    }
    const leaf = (place >> 4) << 2
    const entry = place & ENTRY_MASK
    this.leaf = leaf
    this.unit = leaf + entry
    this.unitEnd = leaf + this.words[(leaf << 1) + COUNT]!
    this.aheadKey = this.keys[leaf + entry + START]!
    this.aheadTie = startTie(this.store, leaf, entry)
  }

  /** Stands on the span that starts at (key, tie); the interval ahead is the first one that reaches it. */
  private land(key: number, tie: number): void {
    this.startKey = key
    this.startTie = tie
    if (isBefore(key, tie, this.aheadKey, this.aheadTie)) this.stayInHole()
    else this.merge()
  }

  /** A hole from `start` to the interval ahead or to the window's end. */
  private stayInHole(): void {
    const key = this.aheadKey
    const tie = this.aheadTie
    this.isHole = true
    if (key > this.endKey || (key === this.endKey && tie > this.endTie)) {
      this.lastKey = this.endKey
      this.lastTie = this.endTie
    } else {
      this.lastTie = tie === 0 ? this.tieMax : tie - 1
      this.lastKey = tie === 0 ? key - 1 : key
    }
  }

  /** A used span from `start`, which the interval ahead holds: up to the first index that no chain of intervals reaches. */
  private merge(): void {
    const { keys, leaf, tieMax, unit, words } = this
    const lastKey = keys[unit + LAST]!
    const lastTie = tieMax === 0 ? 0 : words[unit + leaf + TIES]! & 0xffff
    this.isHole = false
    let next = unit + 1
    let end = this.unitEnd
    let nextLeaf = leaf
    if (next === end) {
      nextLeaf = words[(leaf << 1) + NEXT]! | 0
      next = nextLeaf
      end = nextLeaf + words[(nextLeaf << 1) + COUNT]!
    }
    if (next !== 0 && (lastKey < this.endKey || (lastKey === this.endKey && lastTie < this.endTie))) {
      // Most often the next interval leaves a hole in front of it.
      const tie = lastTie === tieMax ? 0 : lastTie + 1
      const key = tie === 0 ? lastKey + 1 : lastKey
      const start = keys[next + START]!
      const startTie = tieMax === 0 ? 0 : words[next + nextLeaf + TIES]! >>> 16
      if (start > key || (start === key && startTie > tie)) {
        this.leaf = nextLeaf
        this.unit = next
        this.unitEnd = end
        this.aheadKey = start
        this.aheadTie = startTie
        this.lastKey = lastKey
        this.lastTie = lastTie
        return
      }
    }
    this.mergeChain(lastKey, lastTie)
  }

  /** `merge` where the first interval, which ends at (last, tied), does not leave a hole behind it, or ends at the window's end. */
  private mergeChain(last: number, tied: number): void {
    const store = this.store
    let place = (this.leaf << 2) + this.unit - this.leaf
    let lastKey = last
    let lastTied = tied
    for (;;) {
      if (!isBefore(lastKey, lastTied, this.endKey, this.endTie)) {
        this.lastKey = this.endKey
        this.lastTie = this.endTie
        return
      }
      const tie = lastTied === this.tieMax ? 0 : lastTied + 1
      const key = tie === 0 ? lastKey + 1 : lastKey
      place = nextReaching(store, place, key, tie)
      this.lookAhead(place)
      if (isBefore(key, tie, this.aheadKey, this.aheadTie)) break
      lastKey = this.keys[this.unit + LAST]!
      lastTied = lastTie(store, this.leaf, this.unit - this.leaf)
    }
    this.lastKey = lastKey
    this.lastTie = lastTied
  }
}
