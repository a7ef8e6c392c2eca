import { checkHalves, checkOrder, highHalf, joinKey, type Key64, lowHalf, splitKey } from './keys.ts'
import { LAST_HI, LAST_LO, START_HI, START_LO } from './layout.ts'
import { firstReaching, nextReaching } from './search.ts'
import { IntervalStore, type StoreOwner } from './store.ts'

/** One span: all of it used, or all of it a hole. Closed range. */
export interface Span64 {
  readonly start: bigint
  readonly last: bigint
  readonly isHole: boolean
}

/**
 * Travels over the indexes of a window of a tree, span by span: maximal runs that are wholly used or wholly a hole. Made, it stands on the
 * first span. Spec data-structures 1.4.
 *
 * The fields mean nothing once `done`. After a change of the tree the cursor searches anew from where it stands: indexes already reported are
 * not visited again, later ones are those of the tree as it now is, and two spans of one kind may follow each other once a change.
 * The caller may overwrite `start`; `next` does not read it. `last`, `isHole` and `done` must not be overwritten.
 */
export class SpanCursor64 {
  startHi = 0
  startLo = 0
  lastHi = 0
  lastLo = 0
  isHole = false
  done = false
  private readonly store: IntervalStore
  private readonly endHi: number
  private readonly endLo: number
  private version = 0
  /** On a hole: the interval that ends it. On a used span: the first interval behind it. 0 if there is none. */
  private place = 0

  /**
   * The spans of `tree` over first .. last, both inclusive, u64; or over two pairs of u32 halves, for callers that have no bigint. O(log n + k),
   * k = intervals merged into the first span.
   * @throws {RangeError} first > last, or a bound outside u64. {TypeError} a bound that is no integer.
   */
  constructor(tree: StoreOwner, first: Key64, last: Key64)
  constructor(tree: StoreOwner, firstHi: number, firstLo: number, lastHi: number, lastLo: number)
  constructor(tree: StoreOwner, a: Key64, b: Key64, c?: number, d?: number) {
    this.store = storeOf(tree)
    let firstHi = a as number
    let firstLo = b as number
    if (c === undefined || d === undefined) {
      splitKey(a, 'first')
      firstHi = highHalf()
      firstLo = lowHalf()
      splitKey(b, 'last')
      this.endHi = highHalf()
      this.endLo = lowHalf()
    } else {
      checkHalves(firstHi, firstLo, 'first')
      checkHalves(c, d, 'last')
      this.endHi = c
      this.endLo = d
    }
    checkOrder(firstHi, firstLo, this.endHi, this.endLo, 'window')
    this.seek(firstHi, firstLo)
  }

  /** First index of the span. */
  get start(): bigint {
    return joinKey(this.startHi, this.startLo)
  }

  set start(index: Key64) {
    splitKey(index, 'start')
    this.startHi = highHalf()
    this.startLo = lowHalf()
  }

  /** Last index of the span, inclusive. */
  get last(): bigint {
    return joinKey(this.lastHi, this.lastLo)
  }

  /** Moves to the following span, or becomes `done`. O(log n + k), k = intervals merged; O(1) when near. Measured by itree.*.span. */
  next(): void {
    if (this.done) return
    if (this.lastLo === this.endLo && this.lastHi === this.endHi) {
      this.done = true
      return
    }
    const lo = (this.lastLo + 1) >>> 0
    const hi = lo === 0 ? this.lastHi + 1 : this.lastHi
    if (this.version !== this.store.version) {
      this.seek(hi, lo)
      return
    }
    this.startHi = hi
    this.startLo = lo
    if (this.isHole) this.merge(this.place)
    else this.leaveHole()
  }

  /**
   * Moves so that the span starts at `index`. Inside the current span only `start` changes; behind the window the cursor becomes `done`; when
   * done it stays so. Backwards it widens the window. O(log n + k).
   */
  advance(index: Key64): void {
    splitKey(index, 'index')
    this.moveTo(highHalf(), lowHalf())
  }

  /** The same, of u32 halves. */
  advanceAt(indexHi: number, indexLo: number): void {
    checkHalves(indexHi, indexLo, 'index')
    this.moveTo(indexHi, indexLo)
  }

  /** The spans from the current one on, as objects of their own. */
  *[Symbol.iterator](): IterableIterator<Span64> {
    for (; !this.done; this.next()) yield { start: this.start, last: this.last, isHole: this.isHole }
  }

  /** `advanceAt` for indexes that are known to be good. Internal. */
  moveTo(hi: number, lo: number): void {
    if (this.done) return
    if (hi > this.endHi || (hi === this.endHi && lo > this.endLo)) {
      this.done = true
      return
    }
    if (this.version !== this.store.version || hi < this.startHi || (hi === this.startHi && lo < this.startLo)) {
      this.seek(hi, lo)
      return
    }
    if (hi < this.lastHi || (hi === this.lastHi && lo <= this.lastLo)) {
      this.startHi = hi
      this.startLo = lo
      return
    }
    // The interval that the cursor knows of lies ahead: where the index is in front of its last, no search is needed.
    const w = this.store.words
    const place = this.place
    if (place !== 0) {
      const h = w[place + LAST_HI]!
      if (h < hi || (h === hi && w[place + LAST_LO]! < lo)) {
        this.seek(hi, lo)
        return
      }
    }
    this.land(place, hi, lo)
  }

  private seek(hi: number, lo: number): void {
    this.version = this.store.version
    this.land(firstReaching(this.store, hi, lo), hi, lo)
  }

  /** Stands on the span that starts at (hi, lo); `place` is the first interval that reaches it. */
  private land(place: number, hi: number, lo: number): void {
    this.startHi = hi
    this.startLo = lo
    if (place !== 0) {
      const w = this.store.words
      const h = w[place + START_HI]!
      if (h < hi || (h === hi && w[place + START_LO]! <= lo)) {
        this.merge(place)
        return
      }
    }
    this.place = place
    this.leaveHole()
  }

  /** A hole from `start` to the interval at `place` or to the window's end. */
  private leaveHole(): void {
    const w = this.store.words
    const place = this.place
    this.isHole = true
    if (place !== 0) {
      const h = w[place + START_HI]!
      const l = w[place + START_LO]!
      if (h < this.endHi || (h === this.endHi && l <= this.endLo)) {
        this.lastLo = (l - 1) >>> 0
        this.lastHi = l === 0 ? h - 1 : h
        return
      }
    }
    this.lastHi = this.endHi
    this.lastLo = this.endLo
  }

  /** A used span from `start`, which the interval at `from` holds: up to the first index that no chain of intervals reaches. */
  private merge(from: number): void {
    const w = this.store.words
    const endHi = this.endHi
    const endLo = this.endLo
    this.isHole = false
    let place = from
    for (;;) {
      const lastHi = w[place + LAST_HI]!
      const lastLo = w[place + LAST_LO]!
      if (lastHi > endHi || (lastHi === endHi && lastLo >= endLo)) {
        this.lastHi = endHi
        this.lastLo = endLo
        return
      }
      const lo = (lastLo + 1) >>> 0
      const hi = lo === 0 ? lastHi + 1 : lastHi
      place = nextReaching(this.store, place, hi, lo)
      if (place !== 0) {
        const h = w[place + START_HI]!
        if (h < hi || (h === hi && w[place + START_LO]! <= lo)) continue
      }
      this.lastHi = lastHi
      this.lastLo = lastLo
      this.place = place
      return
    }
  }
}

/** The engine of a tree. */
export function storeOf(tree: StoreOwner): IntervalStore {
  const store = (tree as Partial<StoreOwner> | null | undefined)?.engine
  if (!(store instanceof IntervalStore)) throw new TypeError('tree must be an IntervalTree or an IntervalTree64')
  return store
}
