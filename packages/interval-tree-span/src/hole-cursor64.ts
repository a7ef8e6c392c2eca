import { gapIndex, isBefore, measureGaps } from './gaps.ts'
import { checkHalves, checkOrder, highHalf, joinKey, type Key64, lowHalf, splitKey, TWO_32 } from './keys.ts'
import { COUNT, ID, LAST_HI, LAST_LO, START_HI, START_LO } from './layout.ts'
import { storeOf } from './span-cursor64.ts'
import type { IntervalStore, StoreOwner } from './store.ts'

const U32_MAX = 0xffffffff
/** 1 - 2^-52: rounds a length of 2^53 and more down, so that a gap that is just long enough is not passed over. */
const ROUND_DOWN = 0.9999999999999998

/** Where a hole is looked for, and what must be in it. */
export interface HoleOptions64 {
  /** First index of the window, inclusive; 0 if absent. */
  readonly from?: Key64
  /** Last index of the window, inclusive; 2^64 - 1 if absent. */
  readonly last?: Key64
  /** A power of two, 1 .. 2^63: the position must be `phase` above a multiple of it. 1 if absent. */
  readonly alignment?: Key64
  /** 0 .. alignment - 1; 0 if absent. */
  readonly phase?: Key64
}

type Outcome = 'passed' | 'found' | 'over'

/**
 * Travels over those holes of a window that hold `length` indexes from an aligned position on, in ascending order: the answers of a scan of
 * the spans, but it leaps over all that is too short. Made, it stands on the first one.
 *
 * The fields mean nothing once `done`. Holes are cut to the window. Every move looks at the tree as it then is.
 */
export class HoleCursor64 {
  startHi = 0
  startLo = 0
  lastHi = 0
  lastLo = 0
  /** The first index of the hole that is aligned. */
  positionHi = 0
  positionLo = 0
  done = false
  private readonly store: IntervalStore
  private readonly endHi: number
  private readonly endLo: number
  /** length - 1, so that 2^64 has a place too. */
  private readonly reachHi: number
  private readonly reachLo: number
  /** No gap of fewer indexes is looked into. */
  private readonly gapMin: number
  private maskHi = 0
  private maskLo = 0
  private phaseHi = 0
  private phaseLo = 0
  /** Everything of the window before this is passed. */
  private hi = 0
  private lo = 0

  /**
   * The holes of `tree` of at least `length` indexes, in a window given by u32 halves. O(log n); see `holes` of the trees.
   * @throws {RangeError} length 0, or from > last. {TypeError} a half that is no integer.
   */
  constructor(
    tree: StoreOwner,
    lengthHi: number,
    lengthLo: number,
    fromHi: number,
    fromLo: number,
    lastHi: number,
    lastLo: number,
    options?: HoleOptions64,
  ) {
    this.store = storeOf(tree)
    checkHalves(lengthHi, lengthLo, 'length')
    checkHalves(fromHi, fromLo, 'from')
    checkHalves(lastHi, lastLo, 'last')
    checkOrder(fromHi, fromLo, lastHi, lastLo, 'window')
    if (lengthHi === 0 && lengthLo === 0) throw new RangeError('length must be at least 1')
    this.endHi = lastHi
    this.endLo = lastLo
    this.reachHi = lengthLo === 0 ? lengthHi - 1 : lengthHi
    this.reachLo = (lengthLo - 1) >>> 0
    const length = lengthHi * TWO_32 + lengthLo
    this.gapMin = length > Number.MAX_SAFE_INTEGER ? length * ROUND_DOWN : length
    const { alignment = 1, phase = 0 } = options ?? {}
    if (alignment !== 1 || phase !== 0) this.align(alignment, phase)
    this.search(fromHi, fromLo)
  }

  /** First index of the hole. */
  get start(): bigint {
    return joinKey(this.startHi, this.startLo)
  }

  /** Last index of the hole, inclusive. */
  get last(): bigint {
    return joinKey(this.lastHi, this.lastLo)
  }

  /** The first aligned index of the hole: there `length` indexes are free. */
  get position(): bigint {
    return joinKey(this.positionHi, this.positionLo)
  }

  /** Moves to the next such hole, or becomes `done`. O(log n) for each hole that is long enough, but holds no aligned position. */
  next(): void {
    if (this.done) return
    if (this.lastHi === this.endHi && this.lastLo === this.endLo) {
      this.done = true
      return
    }
    const lo = (this.lastLo + 1) >>> 0
    this.search(lo === 0 ? this.lastHi + 1 : this.lastHi, lo)
  }

  /** Moves to the first such hole of the window from `index` on; the hole that holds `index` is cut there. Once done it stays so. O(log n). */
  advance(index: Key64): void {
    splitKey(index, 'index')
    this.search(highHalf(), lowHalf())
  }

  /** The same, of u32 halves. */
  advanceAt(indexHi: number, indexLo: number): void {
    checkHalves(indexHi, indexLo, 'index')
    this.search(indexHi, indexLo)
  }

  /** The holes from the current one on, as objects of their own. */
  *[Symbol.iterator](): IterableIterator<{ readonly start: bigint; readonly last: bigint; readonly position: bigint }> {
    for (; !this.done; this.next()) yield { start: this.start, last: this.last, position: this.position }
  }

  private align(alignment: Key64, phase: Key64): void {
    splitKey(alignment, 'alignment')
    const hi = highHalf()
    const lo = lowHalf()
    // A power of two has one bit in one of its halves.
    if ((hi === 0) === (lo === 0) || (hi & (hi - 1)) !== 0 || (lo & (lo - 1)) !== 0) {
      throw new RangeError(`alignment ${alignment} is not a power of two`)
    }
    this.maskLo = lo === 0 ? U32_MAX : lo - 1
    this.maskHi = lo === 0 ? hi - 1 : 0
    splitKey(phase, 'phase')
    this.phaseHi = highHalf()
    this.phaseLo = lowHalf()
    if (isBefore(this.maskHi, this.maskLo, this.phaseHi, this.phaseLo))
      throw new RangeError(`phase ${phase} is outside 0 .. ${alignment} - 1`)
  }

  private search(hi: number, lo: number): void {
    if (this.done) return
    if (isBefore(this.endHi, this.endLo, hi, lo)) {
      this.done = true
      return
    }
    this.hi = hi
    this.lo = lo
    const store = this.store
    measureGaps(store)
    const outcome = store.root === 0 ? 'passed' : this.look(store.root, store.height)
    this.done = outcome === 'over' || (outcome === 'passed' && !this.fits(this.endHi, this.endLo))
  }

  /** Looks for a hole in what is below a node. Passed means that none is there, and that (hi, lo) is behind all of it. */
  private look(node: number, level: number): Outcome {
    const w = this.store.words
    const end = node + w[node + COUNT]!
    for (let at = node; at < end; at++) {
      const lastHi = w[at + LAST_HI]!
      const lastLo = w[at + LAST_LO]!
      if (isBefore(lastHi, lastLo, this.hi, this.lo)) continue
      const startHi = w[at + START_HI]!
      const startLo = w[at + START_LO]!
      if (isBefore(this.hi, this.lo, startHi, startLo)) {
        if (isBefore(this.endHi, this.endLo, startHi, startLo)) return this.fits(this.endHi, this.endLo) ? 'found' : 'over'
        if (this.fits(startLo === 0 ? startHi - 1 : startHi, (startLo - 1) >>> 0)) return 'found'
        this.hi = startHi
        this.lo = startLo
      }
      if (level > 0 && this.store.gaps[gapIndex(w, node, at)]! >= this.gapMin) {
        const outcome = this.look(w[at + ID]!, level - 1)
        if (outcome !== 'passed') return outcome
      } else if (!this.pass(lastHi, lastLo)) return 'over'
    }
    return 'passed'
  }

  /** Goes behind (lastHi, lastLo), which is not before the current index; false if the window ends there. */
  private pass(lastHi: number, lastLo: number): boolean {
    if (!isBefore(lastHi, lastLo, this.endHi, this.endLo)) return false
    this.lo = (lastLo + 1) >>> 0
    this.hi = this.lo === 0 ? lastHi + 1 : lastHi
    return true
  }

  /** Whether the hole from the current index to (lastHi, lastLo) is long enough; if so, the cursor stands on it. */
  private fits(lastHi: number, lastLo: number): boolean {
    // The first aligned index is `phase - index` modulo the alignment further on.
    let lo = this.lo + (((this.phaseLo - this.lo) & this.maskLo) >>> 0)
    const borrow = this.phaseLo < this.lo ? 1 : 0
    let hi = this.hi + (((this.phaseHi - this.hi - borrow) & this.maskHi) >>> 0)
    if (lo > U32_MAX) {
      lo -= TWO_32
      hi++
    }
    if (hi > U32_MAX || isBefore(lastHi, lastLo, hi, lo)) return false
    const roomLo = lastLo - lo
    const roomHi = lastHi - hi - (roomLo < 0 ? 1 : 0)
    if (isBefore(roomHi, roomLo >>> 0, this.reachHi, this.reachLo)) return false
    this.startHi = this.hi
    this.startLo = this.lo
    this.lastHi = lastHi
    this.lastLo = lastLo
    this.positionHi = hi
    this.positionLo = lo
    return true
  }
}
