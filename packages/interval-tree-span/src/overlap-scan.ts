import { startKeyAt, startTieAt, tagAt } from './entries.ts'
import { isBefore } from './keys.ts'
import * as layout from './layout.ts'
import { firstReaching, firstStarting, nextReaching, reachingFrom } from './search.ts'
import { findPlace, type IntervalStore, setReader } from './store.ts'
import type { Window64 } from './window64.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { COUNT, ENTRY_MASK, LAST, NEXT, SLOTS_MAX, STAMPS_HALF, START, TAG, TIES } = layout

/**
 * What `OverlapCursor` and `OverlapCursor64` have in common: the travel over the intervals that meet a window, by start, equal starts in the
 * order they were inserted.
 *
 * The fields mean nothing once `done`. The tree may be changed on the way, the current interval removed included: an interval inserted ahead
 * is visited, one inserted behind is not.
 */
export class OverlapScan {
  declare private readonly store: IntervalStore
  private readonly firstKey: number = Number.NaN
  declare private readonly firstTie: number
  private readonly endKey: number = Number.NaN
  declare private readonly endTie: number
  /** The memory of the tree, whose reader this is, … */
  declare private keys: Float64Array
  declare private words: Uint32Array
  /** … the leaf, 0 when done, … */
  private leaf = 0
  /** … the unit of the entry in it (leaf + entry), 0 if this is not the reader, … */
  private unit = 0
  /** … and the unit of its last entry if all from here on meet the window, since they start behind its first index; else 0. */
  private unitSafe = 0
  /** Of a cursor that is not the reader, what it stands on. Begun with no small integer, so that V8 keeps the fields as doubles. */
  private keptTag: number = Number.NaN
  private keptStart: number = Number.NaN
  private keptLast: number = Number.NaN
  private keptTies = 0

  /** Internal. */
  constructor(store: IntervalStore, window: Window64) {
    this.store = store
    this.firstKey = window.firstKey
    this.firstTie = window.firstTie
    this.endKey = window.lastKey
    this.endTie = window.lastTie
    this.enter(firstReaching(store, window.firstKey, window.firstTie))
  }

  /** Whether no further interval meets the window. */
  get done(): boolean {
    return this.leaf === 0
  }

  // A walk over all intervals for the sake of their starts reads one line of memory in two: 36 -> 22 ns at 1e6. V8 puts these getters into their
  // callers whatever else is there, because they take 27 bytes of bytecode at most: with `unit === 0 ?` instead of `unit ?` a step took twice as long.

  /** The handle of the interval that the cursor stands on. */
  get handle(): number {
    return this.unit ? this.keys[this.unit + TAG]! : this.keptTag
  }

  /** @internal The interval, in the parts of a key (layout.ts). */
  get startKey(): number {
    return this.unit ? this.keys[this.unit]! : this.keptStart
  }

  /** @internal */
  get lastKey(): number {
    return this.unit ? this.keys[this.unit + LAST]! : this.keptLast
  }

  /** @internal */
  get startTie(): number {
    return this.store.hasTies ? this.ties >>> 16 : 0
  }

  /** @internal */
  get lastTie(): number {
    return this.store.hasTies ? this.ties & 0xffff : 0
  }

  private get ties(): number {
    return this.unit ? this.words[this.leaf + this.unit + TIES]! : this.keptTies
  }

  /** Moves to the next interval that meets the window, or becomes `done`. O(log n); O(1) when near. Measured by itree.*.iter_all. */
  next(): void {
    if (this.unit < this.unitSafe) this.unit++
    else this.step()
  }

  /** `next` out of a leaf, or where the window has to be looked at. */
  private step(): void {
    if (this.done) return
    if (!this.unit) this.resume()
    else if (this.unitSafe) this.stand(this.words[(this.leaf << 1) + NEXT]! << 2)
    else this.stand(nextReaching(this.store, this.leaf * 3 + this.unit, this.firstKey, this.firstTie))
  }

  /** @internal As a `Reader`. */
  settle(): void {
    if (this.store.hasTies) this.keptTies = this.ties
    this.keptTag = this.handle
    this.keptStart = this.startKey
    this.keptLast = this.lastKey
    this.unitSafe = 0
    this.unit = 0
  }

  /** The handles from the current one on. */
  *[Symbol.iterator](): IterableIterator<number> {
    for (; !this.done; this.next()) yield this.handle
  }

  /** Becomes the reader, at a place. */
  private enter(place: number): void {
    const store = this.store
    setReader(store, this)
    this.keys = store.keys
    this.words = store.words
    this.stand(place)
  }

  /** Stands on the interval at a place, which reaches the window, unless it is behind it. */
  private stand(place: number): void {
    const leaf = (place >> 4) << 2
    this.leaf = leaf
    this.unitSafe = 0
    if (leaf === 0) return
    this.unit = leaf + (place & ENTRY_MASK)
    const end = leaf + this.words[(leaf << 1) + COUNT]! - 1
    if (isBefore(this.endKey, this.endTie, this.startKey, this.startTie)) this.leaf = 0
    else if (this.startKey > this.firstKey && this.keys[end + START]! < this.endKey) this.unitSafe = end
  }

  /** `next` of what is not the reader: behind the current interval if it is still there, else behind where it was. O(log n + equal starts). */
  private resume(): void {
    const store = this.store
    let behind = 1
    let place = findPlace(store, this.handle)
    if (place === 0) {
      behind = 0
      place = firstStarting(store, this.startKey, this.startTie)
      while (place !== 0 && this.isBehind(place)) place = nextReaching(store, place, 0, 0)
    }
    if (place !== 0) place = reachingFrom(store, (place >> 4) << 2, (place & ENTRY_MASK) + behind, this.firstKey, this.firstTie)
    this.enter(place)
  }

  /** Whether the interval at `place` has the start of the current one and was inserted before it. */
  private isBehind(place: number): boolean {
    if (startKeyAt(this.store, place) !== this.startKey || startTieAt(this.store, place) !== this.startTie) return false
    return (Math.floor((this.handle - tagAt(this.store, place)) / SLOTS_MAX) & STAMPS_HALF) === 0
  }
}
