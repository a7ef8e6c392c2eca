import { joinKey } from './keys.ts'
import { ID, LAST_HI, LAST_LO, SLOTS_MAX, STAMP, STAMP_MAX, START_HI, START_LO } from './layout.ts'
import { firstReaching, firstStarting, nextPlace, nextReaching } from './search.ts'
import { findPlace, type IntervalStore } from './store.ts'

/**
 * Travels over the intervals that meet a window, by start, equal starts in the order they were inserted. Made, it stands on the first one.
 *
 * The fields mean nothing once `done`. The tree may be changed on the way, the current interval removed included: an interval inserted ahead
 * is visited, one inserted behind is not.
 */
export class OverlapCursor64 {
  startHi = 0
  startLo = 0
  lastHi = 0
  lastLo = 0
  done = false
  private readonly store: IntervalStore
  private readonly firstHi: number
  private readonly firstLo: number
  private readonly endHi: number
  private readonly endLo: number
  private version = 0
  private place = 0
  /** The stamp and slot of the current interval, so that it is found again in a changed tree. */
  private stamp = 0
  private slot = 0

  /** Internal: made by `overlaps` of a tree, which checks the window. */
  constructor(store: IntervalStore, firstHi: number, firstLo: number, lastHi: number, lastLo: number) {
    this.store = store
    this.firstHi = firstHi
    this.firstLo = firstLo
    this.endHi = lastHi
    this.endLo = lastLo
    this.version = store.version
    this.stand(firstReaching(store, firstHi, firstLo))
  }

  /** The interval that the cursor stands on. */
  get handle(): number {
    return this.stamp * SLOTS_MAX + this.slot
  }

  /** Start of the interval, not cut to the window. */
  get start(): bigint {
    return joinKey(this.startHi, this.startLo)
  }

  /** Last of the interval, inclusive, not cut to the window. */
  get last(): bigint {
    return joinKey(this.lastHi, this.lastLo)
  }

  /** Moves to the next interval that meets the window, or becomes `done`. O(log n); O(1) when near. Measured by itree.*.iter_all. */
  next(): void {
    if (this.done) return
    if (this.version !== this.store.version) this.resume()
    else this.stand(nextReaching(this.store, this.place, this.firstHi, this.firstLo))
  }

  /** The handles from the current one on. */
  *[Symbol.iterator](): IterableIterator<number> {
    for (; !this.done; this.next()) yield this.handle
  }

  private stand(place: number): void {
    const w = this.store.words
    const hi = w[place + START_HI]!
    const lo = w[place + START_LO]!
    if (place === 0 || hi > this.endHi || (hi === this.endHi && lo > this.endLo)) {
      this.done = true
      return
    }
    this.place = place
    this.startHi = hi
    this.startLo = lo
    this.lastHi = w[place + LAST_HI]!
    this.lastLo = w[place + LAST_LO]!
    this.stamp = w[place + STAMP]!
    this.slot = w[place + ID]!
  }

  /** `next` in a changed tree: behind the current interval if it is still there, else behind where it was. O(log n + equal starts). */
  private resume(): void {
    const store = this.store
    this.version = store.version
    let place = findPlace(store, this.handle)
    if (place === 0) {
      const w = store.words
      place = firstStarting(store, this.startHi, this.startLo)
      while (
        place !== 0 &&
        w[place + START_LO] === this.startLo &&
        w[place + START_HI] === this.startHi &&
        this.isOlder(w[place + STAMP]!)
      ) {
        place = nextPlace(store, place)
      }
      const h = place === 0 ? 0 : w[place + LAST_HI]!
      if (place === 0 || h > this.firstHi || (h === this.firstHi && w[place + LAST_LO]! >= this.firstLo)) {
        this.stand(place)
        return
      }
    }
    this.stand(nextReaching(store, place, this.firstHi, this.firstLo))
  }

  /** Whether an interval of the same start was inserted before the current one. */
  private isOlder(stamp: number): boolean {
    return ((this.stamp - stamp) & STAMP_MAX) <= STAMP_MAX >> 1
  }
}
