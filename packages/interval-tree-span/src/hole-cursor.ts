import { HoleCursor64 } from './hole-cursor64.ts'
import { checkNumber, highOf, TWO_32 } from './keys.ts'
import type { StoreOwner } from './store.ts'

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
 * `HoleCursor64` for number keys: travels over those holes of a window that hold `length` indexes from an aligned position on, in ascending
 * order. Made, it stands on the first one. The fields mean nothing once `done`. Every move looks at the tree as it then is.
 */
export class HoleCursor {
  private readonly cursor: HoleCursor64

  /**
   * The holes of `tree` of at least `length` indexes. O(log n); see `holes` of `IntervalTree`.
   * @throws {RangeError} length 0, from > last, an alignment that is no power of two, a phase that is not below it. {TypeError} no integer.
   */
  constructor(tree: StoreOwner, length: number, options: HoleOptions = {}) {
    const { from = 0, last = Number.MAX_SAFE_INTEGER, alignment = 1, phase = 0 } = options
    checkNumber(length, 'length')
    checkNumber(from, 'from')
    checkNumber(last, 'last')
    checkNumber(alignment, 'alignment')
    checkNumber(phase, 'phase')
    const aligned = alignment === 1 && phase === 0 ? undefined : { alignment, phase }
    this.cursor = new HoleCursor64(tree, highOf(length), length >>> 0, highOf(from), from >>> 0, highOf(last), last >>> 0, aligned)
  }

  /** First index of the hole. */
  get start(): number {
    return this.cursor.startHi * TWO_32 + this.cursor.startLo
  }

  /** Last index of the hole, inclusive. */
  get last(): number {
    return this.cursor.lastHi * TWO_32 + this.cursor.lastLo
  }

  /** The first aligned index of the hole: there `length` indexes are free. */
  get position(): number {
    return this.cursor.positionHi * TWO_32 + this.cursor.positionLo
  }

  /** Whether the window has no further such hole. */
  get done(): boolean {
    return this.cursor.done
  }

  /** Moves to the next such hole, or becomes `done`. O(log n) for each hole that is long enough, but holds no aligned position. */
  next(): void {
    this.cursor.next()
  }

  /** Moves to the first such hole of the window from `index` on; the hole that holds `index` is cut there. Once done it stays so. O(log n). */
  advance(index: number): void {
    checkNumber(index, 'index')
    this.cursor.advanceAt(highOf(index), index >>> 0)
  }

  /** The holes from the current one on, as objects of their own. */
  *[Symbol.iterator](): IterableIterator<Hole> {
    for (; !this.done; this.next()) yield { start: this.start, last: this.last, position: this.position }
  }
}
