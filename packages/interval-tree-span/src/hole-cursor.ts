import { needsOf } from './hole-needs.ts'
import { HoleScan } from './hole-scan.ts'
import { checkNumber } from './keys.ts'
import { type StoreOwner, storeOf } from './owner.ts'
import { windowOfNumbers } from './window64.ts'

/** Where a hole is looked for, and what must be in it. */
export interface HoleOptions {
  /** First index of the window, inclusive; 0 if absent. */
  readonly from?: number
  /** Last index of the window, inclusive; 2^53 - 1 if absent. */
  readonly last?: number
  /** A power of two, 1 .. 2^52: the position must be `phase` above a multiple of it. 1 if absent. */
  readonly alignment?: number
  /** 0 .. alignment - 1; 0 if absent. */
  readonly phase?: number
}

/** One hole, cut to the window, and the first index in it that is aligned. Closed range. */
export interface Hole {
  readonly start: number
  readonly last: number
  readonly position: number
}

/**
 * Travels over those holes of a window of an `IntervalTree` that hold `length` indexes from an aligned position on, in ascending order. Made,
 * it stands on the first one. The fields mean nothing once `done`. Every move looks at the tree as it then is.
 */
export class HoleCursor extends HoleScan {
  /**
   * The holes of `tree` of at least `length` indexes. O(log n); see `firstHole` of `IntervalTree`.
   * @throws {RangeError} length 0, from > last, an alignment that is no power of two, a phase that is not below it. {TypeError} no integer.
   */
  constructor(tree: StoreOwner, length: number, options: HoleOptions = {}) {
    const { from = 0, last = Number.MAX_SAFE_INTEGER, alignment = 1, phase = 0 } = options
    checkNumber(length, 'length')
    checkNumber(alignment, 'alignment')
    checkNumber(phase, 'phase')
    super(storeOf(tree), windowOfNumbers(from, last, 'window', 'from'), needsOf(length, 0, alignment, 0, phase, 0))
  }

  /** First index of the hole. */
  get start(): number {
    return this.startKey
  }

  /** Last index of the hole, inclusive. */
  get last(): number {
    return this.lastKey
  }

  /** The first aligned index of the hole: there `length` indexes are free. */
  get position(): number {
    return this.positionKey
  }

  /** Moves to the first such hole of the window from `index` on; the hole that holds `index` is cut there. Once done it stays so. O(log n). */
  advance(index: number): void {
    checkNumber(index, 'index')
    this.moveTo(index, 0)
  }

  /** The holes from the current one on, as objects of their own. */
  *[Symbol.iterator](): IterableIterator<Hole> {
    for (; !this.done; this.next()) yield { start: this.start, last: this.last, position: this.position }
  }
}
