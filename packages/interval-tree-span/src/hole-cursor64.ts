import { needsOf } from './hole-needs.ts'
import { HoleScan } from './hole-scan.ts'
import { checkHalves, hiOf, joinKey, type Key64, keyOf, split, splitKey, splitTie, tieOf, U64_MAX } from './keys.ts'
import { type StoreOwner64, storeOf64 } from './owner.ts'
import { windowOf, windowOfHalves } from './window64.ts'

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

/** One hole, cut to the window, and the first index in it that is aligned. Closed range. */
export interface Hole64 {
  readonly start: bigint
  readonly last: bigint
  readonly position: bigint
}

/** `HoleCursor` for u64: travels over those holes of a window of an `IntervalTree64` that hold `length` indexes from an aligned position on. */
export class HoleCursor64 extends HoleScan {
  /**
   * The holes of `tree` of at least `length` indexes; or, without alignment, of a length and a window given by pairs of u32 halves. O(log n); see
   * `firstHole` of `IntervalTree64`.
   * @throws {RangeError} length 0, from > last, an alignment that is no power of two, a phase that is not below it. {TypeError} no integer.
   */
  constructor(tree: StoreOwner64, length: Key64, options?: HoleOptions64)
  constructor(tree: StoreOwner64, lengthHi: number, lengthLo: number, fromHi: number, fromLo: number, lastHi: number, lastLo: number)
  constructor(tree: StoreOwner64, a: Key64, b?: HoleOptions64 | number, c?: number, d?: number, e?: number, f?: number) {
    if (typeof b === 'number') {
      checkHalves(a as number, b, 'length')
      const needs = needsOf(keyOf(a as number, b), tieOf(a as number, b), 1, 0, 0, 0)
      super(storeOf64(tree), windowOfHalves(c as number, d as number, e as number, f as number), needs)
    } else {
      const { from = 0, last = U64_MAX, alignment = 1, phase = 0 } = b ?? {}
      split(a, 'length')
      const lengthKey = splitKey()
      const lengthTie = splitTie()
      split(alignment, 'alignment')
      const alignmentKey = splitKey()
      const alignmentTie = splitTie()
      split(phase, 'phase')
      const needs = needsOf(lengthKey, lengthTie, alignmentKey, alignmentTie, splitKey(), splitTie())
      super(storeOf64(tree), windowOf(from, last, 'window', 'from'), needs)
    }
  }

  /** First index of the hole. */
  get start(): bigint {
    return joinKey(this.startKey, this.startTie)
  }

  /** Last index of the hole, inclusive. */
  get last(): bigint {
    return joinKey(this.lastKey, this.lastTie)
  }

  /** The first aligned index of the hole: there `length` indexes are free. */
  get position(): bigint {
    return joinKey(this.positionKey, this.positionTie)
  }

  get startHi(): number {
    return hiOf(this.startKey)
  }

  get startLo(): number {
    return (this.startKey | this.startTie) >>> 0
  }

  get lastHi(): number {
    return hiOf(this.lastKey)
  }

  get lastLo(): number {
    return (this.lastKey | this.lastTie) >>> 0
  }

  get positionHi(): number {
    return hiOf(this.positionKey)
  }

  get positionLo(): number {
    return (this.positionKey | this.positionTie) >>> 0
  }

  /** Moves to the first such hole of the window from `index` on; the hole that holds `index` is cut there. Once done it stays so. O(log n). */
  advance(index: Key64): void {
    split(index, 'index')
    this.moveTo(splitKey(), splitTie())
  }

  /** The same, of u32 halves. */
  advanceAt(indexHi: number, indexLo: number): void {
    checkHalves(indexHi, indexLo, 'index')
    this.moveTo(keyOf(indexHi, indexLo), tieOf(indexHi, indexLo))
  }

  /** The holes from the current one on, as objects of their own. */
  *[Symbol.iterator](): IterableIterator<Hole64> {
    for (; !this.done; this.next()) yield { start: this.start, last: this.last, position: this.position }
  }
}
