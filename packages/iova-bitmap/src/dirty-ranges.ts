import type { Geometry } from './geometry.ts'
import { HI, halves, LO } from './u64.ts'
import type { BitWindow } from './window.ts'
import { skipZeros } from './words.ts'

// An import is looked up and checked at each call; a constant of the module is not.
const zerosEnd = skipZeros

/** A run of dirty pages, as addresses. */
export interface DirtyRange {
  /** First byte. */
  readonly iova: bigint
  /** Last byte, inclusive. */
  readonly last: bigint
  /** Bytes, 1 .. 2^64. */
  readonly length: bigint
}

/**
 * A cursor over the maximal runs of dirty pages, ascending (spec data-structures 3.6). It stands on the first run from the start; runs go across byte,
 * word and window edges. Plain fields serve loops that must be fast:
 *
 *     for (const run = bitmap.ranges(); !run.done; run.next()) use(run.index, run.lastIndex)
 *
 * and `for..of` gives `{iova, last, length}` objects, from the run that the cursor stands on. It reads the bitmap as it goes: what changes ahead of it
 * is seen, what changes behind it is not. Once `done`, the other fields mean nothing.
 *
 * A harvest clears each run when it steps on it, no sooner: after leaving early, the runs not reached are still in the bitmap. When a source fails in
 * the middle of a run, the part that was taken is reported first and the error is thrown by the `next()` after it: nothing is lost.
 */
export interface DirtyRanges {
  /** Whether all runs have been seen. */
  readonly done: boolean
  /** First page of the run, counted from the bitmap's `iova`. */
  readonly index: number
  /** Last page of the run, inclusive. */
  readonly lastIndex: number
  /** Pages of the run. */
  readonly npages: number
  /** First byte of the run, as u64. Makes a bigint: in a hot loop take `index`, or the u32 halves. */
  readonly iova: bigint
  /** Last byte of the run, inclusive, never beyond the covered range. */
  readonly last: bigint
  /** Bytes of the run, 1 .. 2^64. */
  readonly length: bigint
  /** High u32 of `iova`. */
  readonly iovaHi: number
  /** Low u32 of `iova`. */
  readonly iovaLo: number
  /** High u32 of `last`. */
  readonly lastHi: number
  /** Low u32 of `last`. */
  readonly lastLo: number
  /**
   * Steps on the next run. O(pages passed over / 32).
   * IovaBitmapError: the source failed; the same call may be made again. TypeError: the bitmap was freed.
   */
  next(): void
  /** Ends the cursor; `for..of` calls it on `break`. A harvest of shared memory puts back what it took ahead. */
  close(): void
  /** The runs from the one that the cursor stands on, as objects. */
  [Symbol.iterator](): Iterator<DirtyRange, undefined>
}

/** The cursor of plain memory and of windows. */
export class RunCursor implements DirtyRanges {
  done = false
  index = 0
  lastIndex = -1
  // Declared, so that these never hold undefined: V8 would look at what they hold at each use.
  declare protected readonly geometry: Geometry
  /** The page to look at next, and the last one to look at. */
  declare protected position: number
  declare protected readonly limit: number
  declare private readonly window: BitWindow
  declare private readonly clears: boolean
  #failure: unknown

  /** Made by `ranges`, `peek` and `harvest` of a bitmap, which step on the first run. */
  constructor(geometry: Geometry, window: BitWindow, first: number, last: number, clears: boolean) {
    this.geometry = geometry
    this.position = first
    this.limit = last
    this.window = window
    this.clears = clears
  }

  get npages(): number {
    return this.lastIndex - this.index + 1
  }

  get iova(): bigint {
    return this.geometry.iovaOf(this.index)
  }

  get last(): bigint {
    return this.geometry.lastIovaOf(this.lastIndex)
  }

  get length(): bigint {
    return this.geometry.lengthOf(this.index, this.lastIndex)
  }

  get iovaHi(): number {
    this.geometry.splitIovaOf(this.index)
    return halves[HI]!
  }

  get iovaLo(): number {
    this.geometry.splitIovaOf(this.index)
    return halves[LO]!
  }

  get lastHi(): number {
    this.geometry.splitLastOf(this.lastIndex)
    return halves[HI]!
  }

  get lastLo(): number {
    this.geometry.splitLastOf(this.lastIndex)
    return halves[LO]!
  }

  /**
   * The short way: the run begins and ends in one word of the window, which nearly every short one does. The word is read anew for each run, so that what
   * changes ahead is seen. Flags are compared with `true`: V8 would ask of a field whether it holds some other value that counts as true.
   * Cost: a load for each 32 pages passed over; workloads `dirty.set.*`, phases `ranges` and `harvest`.
   */
  next(): void {
    if (this.done === true) return
    const window = this.window
    const base = window.wordsFirst
    const from = this.position - base
    const clears = this.clears === true
    let stop = clears ? window.wordsWriteLast : window.wordsLast
    if (stop > this.limit) stop = this.limit // no `Math.min`: V8 compares its arguments as doubles
    stop -= base
    if (from >= 0 && from <= stop && this.#failure === undefined) {
      const words = window.words
      const z = stop >> 5
      let w = from >> 5
      let word = words[w]! & (-1 << from)
      if (word === 0 && w < z) {
        w += 1
        word = words[w]!
        if (word === 0) {
          w = zerosEnd(words, w, z)
          word = words[w]!
        }
      }
      const low = 31 - Math.clz32(word & -word)
      const behind = ~(word >> low) // the sign fills up from above: 0 when the run reaches the word's end
      const first = (w << 5) + low
      const end = first + 31 - Math.clz32(behind & -behind)
      if (word !== 0 && behind !== 0 && end <= stop) {
        if (clears) {
          window.fast.written = true
          words[w] = words[w]! & ~(((1 << (end - first)) - 1) << low)
        }
        this.index = base + first
        this.lastIndex = base + end - 1
        this.position = base + end
        return
      }
      this.position = base + (word !== 0 && first <= stop ? first : stop + 1)
    }
    this.#nextAnywhere()
  }

  close(): void {
    this.done = true
  }

  [Symbol.iterator](): Iterator<DirtyRange, undefined> {
    let isStarted = false
    return {
      next: () => {
        if (isStarted) this.next()
        isStarted = true
        if (this.done) return { done: true, value: undefined }
        return { done: false, value: { iova: this.iova, last: this.last, length: this.length } }
      },
      return: () => {
        this.close()
        return { done: true, value: undefined }
      },
    }
  }

  #nextAnywhere(): void {
    if (this.#failure !== undefined) {
      const failure = this.#failure
      this.#failure = undefined
      throw failure
    }
    const window = this.window
    const limit = this.limit
    while (this.position <= limit) {
      window.reach(this.position, this.clears, limit, 0)
      const base = window.first
      const segment = window.segment
      const stop = Math.min(window.last, limit) - base
      const from = segment.nextRun(this.position - base, stop)
      if (from > stop) {
        this.position = base + from
        continue
      }
      const end = segment.runEnd
      if (this.clears) this.#clear(from, end - 1)
      this.index = base + from
      this.position = base + end
      if (end > stop) this.#extend()
      this.lastIndex = this.position - 1
      return
    }
    this.done = true
  }

  #clear(first: number, last: number): void {
    this.window.fast.written = true
    this.window.segment.clear(first, last)
  }

  /** Follows a run that has reached the end of its window, at `position`, through the windows after it. */
  #extend(): void {
    const window = this.window
    while (this.position <= this.limit) {
      try {
        window.reach(this.position, this.clears, this.limit, 0)
      } catch (failure) {
        this.#failure = failure
        return
      }
      const stop = Math.min(window.last, this.limit) - window.first
      const from = this.position - window.first
      const end = window.segment.nextClear(from, stop)
      if (this.clears && end > from) this.#clear(from, end - 1)
      this.position = window.first + end
      if (end <= stop) return
    }
  }
}
