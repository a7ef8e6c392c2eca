import { isBefore, keyAfter, keyBefore, tieAfter, tieBefore } from './keys.ts'
import * as layout from './layout.ts'
import { lastTie, startTie } from './nodes.ts'
import { firstReaching, nextReaching } from './search.ts'
import { fetchAhead, type IntervalStore } from './store.ts'
import type { Window64 } from './window64.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { COUNT, ENTRY_MASK, LAST, NOWHERE, START, TIES, TIES_FROM } = layout

// States: 0 is a used span that ends before the window does.
const HOLE = 1
/** To be added: the span ends where the window ends. */
const FINAL = 2
const DONE = 4

/**
 * What `SpanCursor` and `SpanCursor64` have in common: the travel over a window's indexes, span by span. Spec data-structures 1.4.
 *
 * The fields mean nothing once `done`. After a change of the tree the cursor searches anew from where it stands: indexes already reported are
 * not visited again, later ones are those of the tree as it now is, and two spans of one kind may follow each other once a change.
 */
export class SpanScan {
  /** @internal The span, in the parts of a key (layout.ts). Begun with no small integer, so that V8 keeps the fields as doubles. */
  startKey: number = NOWHERE
  /** @internal */
  startTie = 0
  /** @internal */
  lastKey: number = NOWHERE
  /** @internal */
  lastTie = 0
  /** What the cursor stands on. One small integer: of a field that holds true or false V8 asks at each use whether it is something else. */
  private state = 0
  // Declared, since V8 would have to expect anything in a field that begins as undefined.
  declare private readonly store: IntervalStore
  private readonly endKey: number = NOWHERE
  declare private readonly endTie: number
  /** What follows holds as long as the tree has this version. */
  private version = 0
  private hasTies = 0
  declare private keys: Float64Array
  declare private words: Uint32Array
  /** On a hole: the interval that ends it. On a used span: the first interval behind it. Its start, which is nowhere if there is none, … */
  private aheadKey: number = NOWHERE
  private aheadTie = 0
  /** … its leaf, its unit (leaf + entry), and the unit behind the leaf's last entry. */
  private leaf = 0
  private unit = 0
  private unitEnd = 0

  /** Internal. */
  constructor(store: IntervalStore, window: Window64) {
    this.store = store
    this.endKey = window.lastKey
    this.endTie = window.lastTie
    this.startKey = window.firstKey
    this.startTie = window.firstTie
    this.seek()
  }

  /** Whether no interval holds any index of the span; otherwise each of its indexes is in some interval. */
  get isHole(): boolean {
    return (this.state & HOLE) !== 0
  }

  /** Whether the window is used up. */
  get done(): boolean {
    return this.state === DONE
  }

  /**
   * Moves to the following span, or becomes `done`. O(log n + k), k = intervals merged into it that were not nested in others; O(1) when near.
   * Measured by itree.*.span.
   */
  next(): void {
    if (this.state >= FINAL) {
      this.state = DONE
      return
    }
    // Asked once, not by `keyAfter` and again by `tieAfter`: with the same question in `stayInHole` a step takes 7.9 ns, 10.9 otherwise.
    const { lastKey } = this
    if (lastKey < TIES_FROM) {
      this.startKey = lastKey + 1
      this.startTie = 0
    } else startBehindTies(this)
    if (this.isStale) this.seek()
    else if (this.state === HOLE) this.merge()
    else this.stayInHole()
  }

  /** @internal `advance` to a checked index. */
  moveTo(key: number, tie: number): void {
    if (this.done) return
    if (isBefore(this.endKey, this.endTie, key, tie)) this.state = DONE
    else {
      if (isBefore(key, tie, this.startKey, this.startTie)) this.forget()
      this.startKey = key
      this.startTie = tie
      this.follow()
    }
  }

  /** @internal Before the start is set to an index in front of it: what is known of the tree does not help there. */
  forget(): void {
    this.version = this.store.version - 1
  }

  /** @internal Whether the tree changed since the cursor looked at it. */
  get isStale(): boolean {
    return this.version !== this.store.version
  }

  // What follows takes the start from its fields: V8 puts a double that is handed to a function into a box.

  /** Stands on the span of the start, which has been set to an index further on. */
  private follow(): void {
    if (this.isStale) this.seek()
    else if (isBefore(this.lastKey, this.lastTie, this.startKey, this.startTie)) {
      // If the interval ahead reaches the start, no search is needed.
      const tie = lastTie(this.store, this.leaf, this.unit - this.leaf)
      if (isBefore(this.keys[this.unit + LAST]!, tie, this.startKey, this.startTie)) this.seek()
      else this.land()
    }
  }

  private seek(): void {
    const store = this.store
    this.version = store.version
    this.hasTies = store.hasTies
    this.keys = store.keys
    this.words = store.words
    this.lookAhead(firstReaching(store, this.startKey, this.startTie))
    this.land()
  }

  /** Takes the interval at a place for the one ahead. */
  private lookAhead(place: number): void {
    if (place === 0) {
      this.aheadKey = NOWHERE
      return
    }
    const leaf = (place >> 4) << 2
    const entry = place & ENTRY_MASK
    if (leaf !== this.leaf) fetchAhead(this.store, leaf, this.endKey)
    this.leaf = leaf
    this.unit = leaf + entry
    this.unitEnd = leaf + this.words[(leaf << 1) + COUNT]!
    this.aheadKey = this.keys[leaf + entry + START]!
    this.aheadTie = startTie(this.store, leaf, entry)
  }

  /** Stands on the span from the start on; the interval ahead is the first one that reaches it. */
  private land(): void {
    if (isBefore(this.startKey, this.startTie, this.aheadKey, this.aheadTie)) this.stayInHole()
    else this.merge()
  }

  /** A hole from `start` to the interval ahead or to the window's end. */
  private stayInHole(): void {
    const key = this.aheadKey
    const tie = this.aheadTie
    this.state = HOLE
    if (isBefore(this.endKey, this.endTie, key, tie)) {
      this.state = HOLE + FINAL
      this.lastKey = this.endKey
      this.lastTie = this.endTie
    } else if (key < TIES_FROM) {
      this.lastKey = key - 1
      this.lastTie = 0
    } else {
      this.lastKey = keyBefore(key, tie)
      this.lastTie = tieBefore(key, tie)
    }
  }

  /** A used span from `start`, which the interval ahead holds: up to the first index that no chain of intervals reaches. */
  private merge(): void {
    const { hasTies, keys, leaf, unit, words } = this
    const lastKey = keys[unit + LAST]!
    const lastTie = hasTies === 0 ? 0 : words[unit + leaf + TIES]! & 0xffff
    this.state = 0
    this.lastKey = lastKey
    this.lastTie = lastTie
    const next = unit + 1
    if (next < this.unitEnd && isBefore(lastKey, lastTie, this.endKey, this.endTie)) {
      // Most often the next interval leaves a hole in front of it, and starts where there are no ties.
      const start = keys[next + START]!
      if (start > lastKey + 1 && start < TIES_FROM) {
        this.unit = next
        this.aheadKey = start
        this.aheadTie = 0
        return
      }
    }
    this.mergeChain()
  }

  /** `merge` where the first interval, at whose end `last` is, does not leave a hole behind it, or ends at the window's end. */
  private mergeChain(): void {
    const store = this.store
    let place = this.leaf * 3 + this.unit
    while (isBefore(this.lastKey, this.lastTie, this.endKey, this.endTie)) {
      const key = keyAfter(this.lastKey, this.lastTie)
      const tie = tieAfter(this.lastKey, this.lastTie)
      place = nextReaching(store, place, key, tie)
      this.lookAhead(place)
      if (isBefore(key, tie, this.aheadKey, this.aheadTie)) return
      this.lastKey = this.keys[this.unit + LAST]!
      this.lastTie = lastTie(store, this.leaf, this.unit - this.leaf)
    }
    this.state = FINAL
    this.lastKey = this.endKey
    this.lastTie = this.endTie
  }
}

/** Puts the start of a span, whose last is at least 2^53, behind its last. */
export function startBehindTies(span: { startKey: number; startTie: number; readonly lastKey: number; readonly lastTie: number }): void {
  span.startKey = keyAfter(span.lastKey, span.lastTie)
  span.startTie = tieAfter(span.lastKey, span.lastTie)
}
