import { startKeyAt, startTieAt, tagAt } from './entries.ts'
import { isBefore } from './keys.ts'
import * as layout from './layout.ts'
import { lastTie, startTie } from './nodes.ts'
import { firstReaching, firstStarting, nextReaching, reachingFrom } from './search.ts'
import { findPlace } from './slots.ts'
import { fetchAhead, type IntervalStore, setReader } from './store.ts'
import type { Window64 } from './window64.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { COUNT, ENTRY_MASK, LAST, NEXT, NOWHERE, SLOTS_MAX, STAMPS_HALF, START, TAG } = layout

/**
 * What `OverlapCursor` and `OverlapCursor64` have in common: the travel over the intervals that meet a window, by start, equal starts in the
 * order they were inserted.
 *
 * The fields mean nothing once `done`. The tree may be changed on the way, the current interval removed included: an interval inserted ahead
 * is visited, one inserted behind is not.
 */
export class OverlapScan {
  declare private readonly store: IntervalStore
  private readonly firstKey: number = NOWHERE
  declare private readonly firstTie: number
  private readonly endKey: number = NOWHERE
  declare private readonly endTie: number
  /** @internal The memory of the tree while this is its reader, else a copy of the interval that the cursor stands on: that of unit 0. */
  declare keys: Float64Array
  private kept: Float64Array | undefined = undefined
  /** @internal The interval's ties (layout.ts). */
  startTie = 0
  /** @internal */
  lastTie = 0
  /** The leaf, 0 when done. */
  private leaf = 0
  /** @internal The unit of the interval (leaf + entry), 0 if this is not the reader. */
  unit = 0
  /** The unit of the leaf's last entry if all from here on meet the window, since they start behind its first index, and nothing has a tie; else 0. */
  private unitSafe = 0

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

  // A walk over all intervals for the sake of their starts reads one line of memory in two: 36 -> 22 ns at 1e6. V8 puts getters into their callers
  // whatever else is there if they take 27 bytes of bytecode at most, with what they call, as these and `startLo` of u64 do: with more, a step takes
  // twice as long in some processes.

  /** The handle of the interval that the cursor stands on. */
  get handle(): number {
    return this.keys[this.unit + TAG]!
  }

  /** @internal The interval, in the parts of a key (layout.ts). */
  get startKey(): number {
    return this.keys[this.unit]!
  }

  /** @internal */
  get lastKey(): number {
    return this.keys[this.unit + LAST]!
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
    else if (this.unitSafe) this.stand(this.store.words[(this.leaf << 1) + NEXT]! << 2)
    else this.stand(nextReaching(this.store, this.leaf * 3 + this.unit, this.firstKey, this.firstTie))
  }

  /** @internal As a `Reader`. */
  settle(): void {
    this.kept ??= new Float64Array(TAG + 1)
    const { handle, kept, lastKey, startKey } = this
    kept[START] = startKey
    kept[LAST] = lastKey
    kept[TAG] = handle
    this.keys = kept
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
    this.stand(place)
  }

  /** Stands on the interval at a place, which reaches the window, unless it is behind it. */
  private stand(place: number): void {
    const { store } = this
    const leaf = (place >> 4) << 2
    const entry = place & ENTRY_MASK
    this.leaf = leaf
    this.unitSafe = 0
    if (leaf === 0) return
    fetchAhead(store, leaf, this.endKey)
    this.unit = leaf + entry
    this.startTie = startTie(store, leaf, entry)
    this.lastTie = lastTie(store, leaf, entry)
    const end = leaf + store.words[(leaf << 1) + COUNT]! - 1
    if (isBefore(this.endKey, this.endTie, this.startKey, this.startTie)) this.leaf = 0
    else if (!store.hasTies && this.startKey > this.firstKey && this.keys[end + START]! < this.endKey) this.unitSafe = end
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
