import { lastKeyAt, lastTieAt, startKeyAt, startTieAt, tagAt } from './entries.ts'
import { isBefore } from './keys.ts'
import * as layout from './layout.ts'
import { firstReaching, firstStarting, nextReaching } from './search.ts'
import { findPlace, type IntervalStore } from './store.ts'
import type { Window64 } from './window64.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { COUNT, ENTRY_MASK, LAST, NEXT, SLOTS_MAX, STAMP_MAX, START, TAG, TIES } = layout

/**
 * What `OverlapCursor` and `OverlapCursor64` have in common: the travel over the intervals that meet a window, by start, equal starts in the
 * order they were inserted.
 *
 * The fields mean nothing once `done`. The tree may be changed on the way, the current interval removed included: an interval inserted ahead
 * is visited, one inserted behind is not.
 */
export class OverlapScan {
  /** @internal The interval, in the parts of a key (layout.ts). Begun with no small integer, so that V8 keeps the fields as doubles. */
  startKey: number = Number.NaN
  /** @internal */
  startTie = 0
  /** @internal */
  lastKey: number = Number.NaN
  /** @internal */
  lastTie = 0
  declare private readonly store: IntervalStore
  private readonly firstKey: number = Number.NaN
  declare private readonly firstTie: number
  private readonly endKey: number = Number.NaN
  declare private readonly endTie: number
  /** What follows holds as long as the tree has this version. */
  private version = 0
  private hasTies = 0
  declare private keys: Float64Array
  declare private words: Uint32Array
  /** The leaf, 0 when done; the unit of the entry in it (leaf + entry), and that behind its last entry. */
  private leaf = 0
  private unit = 0
  private unitEnd = 0
  /** The handle of the current interval, so that it is found again in a changed tree. */
  private tag: number = Number.NaN

  /** Internal. */
  constructor(store: IntervalStore, window: Window64) {
    this.store = store
    this.firstKey = window.firstKey
    this.firstTie = window.firstTie
    this.endKey = window.lastKey
    this.endTie = window.lastTie
    this.keys = store.keys
    this.words = store.words
    this.version = store.version
    this.hasTies = store.hasTies
    this.stand(firstReaching(store, window.firstKey, window.firstTie))
  }

  /** Whether no further interval meets the window. */
  get done(): boolean {
    return this.leaf === 0
  }

  /** The handle of the interval that the cursor stands on. */
  get handle(): number {
    return this.tag
  }

  /** Moves to the next interval that meets the window, or becomes `done`. O(log n); O(1) when near. Measured by itree.*.iter_all. */
  next(): void {
    if (this.done) return
    if (this.version !== this.store.version) {
      this.resume()
      return
    }
    const { keys, leaf } = this
    let unit = this.unit + 1
    if (unit === this.unitEnd) {
      unit = this.words[(leaf << 1) + NEXT]! | 0
      this.leaf = unit
      if (unit === 0) return
      this.unitEnd = unit + this.words[(unit << 1) + COUNT]!
    }
    // Most often the next entry is well inside the window.
    const start = keys[unit + START]!
    const last = keys[unit + LAST]!
    if (last > this.firstKey && start < this.endKey) this.take(unit, start, last)
    else this.stand(nextReaching(this.store, leaf * 3 + this.unit, this.firstKey, this.firstTie))
  }

  /** The handles from the current one on. */
  *[Symbol.iterator](): IterableIterator<number> {
    for (; !this.done; this.next()) yield this.handle
  }

  /** Stands on the entry at a unit of the leaf, whose keys these are. */
  private take(unit: number, start: number, last: number): void {
    this.unit = unit
    this.startKey = start
    this.lastKey = last
    this.tag = this.keys[unit + TAG]!
    if (this.hasTies === 0) return
    const ties = this.words[this.leaf + TIES + unit]!
    this.startTie = ties >>> 16
    this.lastTie = ties & 0xffff
  }

  private stand(place: number): void {
    const leaf = (place >> 4) << 2
    this.leaf = leaf
    if (leaf === 0) return
    this.unitEnd = leaf + this.words[(leaf << 1) + COUNT]!
    const unit = leaf + (place & ENTRY_MASK)
    this.take(unit, this.keys[unit + START]!, this.keys[unit + LAST]!)
    if (isBefore(this.endKey, this.endTie, this.startKey, this.startTie)) this.leaf = 0
  }

  /** `next` in a changed tree: behind the current interval if it is still there, else behind where it was. O(log n + equal starts). */
  private resume(): void {
    const store = this.store
    this.version = store.version
    this.hasTies = store.hasTies
    this.keys = store.keys
    this.words = store.words
    let place = findPlace(store, this.handle)
    if (place === 0) {
      place = firstStarting(store, this.startKey, this.startTie)
      while (place !== 0 && this.isBehind(place)) place = nextReaching(store, place, 0, 0)
      if (place === 0 || !isBefore(lastKeyAt(store, place), lastTieAt(store, place), this.firstKey, this.firstTie)) {
        this.stand(place)
        return
      }
    }
    this.stand(nextReaching(store, place, this.firstKey, this.firstTie))
  }

  /** Whether the interval at `place` has the start of the current one and was inserted before it. */
  private isBehind(place: number): boolean {
    if (startKeyAt(this.store, place) !== this.startKey || startTieAt(this.store, place) !== this.startTie) return false
    return (Math.floor((this.tag - tagAt(this.store, place)) / SLOTS_MAX) & STAMP_MAX) <= STAMP_MAX >> 1
  }
}
