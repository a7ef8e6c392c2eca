import { idAt, lastKeyAt, lastTieAt, stampAt, startKeyAt, startTieAt } from './entries.ts'
import { isBefore } from './keys.ts'
import { SLOTS_MAX, STAMP_MAX } from './layout.ts'
import { firstReaching, firstStarting, nextPlace, nextReaching } from './search.ts'
import { findPlace, type IntervalStore } from './store.ts'

/**
 * What `OverlapCursor` and `OverlapCursor64` have in common: the travel over the intervals that meet a window, by start, equal starts in the
 * order they were inserted.
 *
 * The fields mean nothing once `done`. The tree may be changed on the way, the current interval removed included: an interval inserted ahead
 * is visited, one inserted behind is not.
 */
export class OverlapScan {
  /** Internal: the interval, in the parts of a key (layout.ts). A number that is no small integer keeps V8 from taking them for such. */
  startKey: number = Number.NaN
  startTie = 0
  lastKey: number = Number.NaN
  lastTie = 0
  /** Whether no further interval meets the window. */
  done = false
  private readonly store: IntervalStore
  private readonly firstKey: number
  private readonly firstTie: number
  private readonly endKey: number
  private readonly endTie: number
  private version = 0
  private place = 0
  /** The stamp and slot of the current interval, so that it is found again in a changed tree. */
  private stamp = 0
  private slot = 0

  /** Internal. */
  constructor(store: IntervalStore, firstKey: number, firstTie: number, endKey: number, endTie: number) {
    this.store = store
    this.firstKey = firstKey
    this.firstTie = firstTie
    this.endKey = endKey
    this.endTie = endTie
    this.version = store.version
    this.stand(firstReaching(store, firstKey, firstTie))
  }

  /** The handle of the interval that the cursor stands on. */
  get handle(): number {
    return this.stamp * SLOTS_MAX + this.slot
  }

  /** Moves to the next interval that meets the window, or becomes `done`. O(log n); O(1) when near. Measured by itree.*.iter_all. */
  next(): void {
    if (this.done) return
    if (this.version === this.store.version) this.stand(nextReaching(this.store, this.place, this.firstKey, this.firstTie))
    else this.resume()
  }

  /** The handles from the current one on. */
  *[Symbol.iterator](): IterableIterator<number> {
    for (; !this.done; this.next()) yield this.handle
  }

  private stand(place: number): void {
    if (place === 0) {
      this.done = true
      return
    }
    const store = this.store
    const key = startKeyAt(store, place)
    const tie = startTieAt(store, place)
    if (isBefore(this.endKey, this.endTie, key, tie)) {
      this.done = true
      return
    }
    this.place = place
    this.startKey = key
    this.startTie = tie
    this.lastKey = lastKeyAt(store, place)
    this.lastTie = lastTieAt(store, place)
    this.stamp = stampAt(store, place)
    this.slot = idAt(store, place)
  }

  /** `next` in a changed tree: behind the current interval if it is still there, else behind where it was. O(log n + equal starts). */
  private resume(): void {
    const store = this.store
    this.version = store.version
    let place = findPlace(store, this.handle)
    if (place === 0) {
      place = firstStarting(store, this.startKey, this.startTie)
      while (place !== 0 && this.isBehind(place)) place = nextPlace(store, place)
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
    return ((this.stamp - stampAt(this.store, place)) & STAMP_MAX) <= STAMP_MAX >> 1
  }
}
