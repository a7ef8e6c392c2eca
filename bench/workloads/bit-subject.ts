/** The work of `dirty.set.*` over any bitmap. */
import { hs, xorshift32 } from '../src/random.ts'
import type { PhaseRun, Subject } from '../src/scenario.ts'

/** Sets of `pages` pages each over `npages` pages of 4096 bytes: starts drawn by xorshift32, in drawn order or sorted. */
export interface DirtyWork {
  readonly npages: number
  readonly sets: number
  readonly pages: number
  readonly sorted: boolean
}

export interface BitKind<T> {
  make(bits: number): T
  /** Writes all of the memory, without setting a bit, where `make` leaves that to the first set. */
  touch?(bitmap: T): void
  setRange(bitmap: T, first: number, nbits: number): void
  bitsSet(bitmap: T): number
  /** The checksum of all runs of set bits, ascending. */
  ranges?(bitmap: T): number
  /** The same, and clears them. */
  harvest?(bitmap: T): number
  release?(bitmap: T): void
}

/** First pages of the sets: below 2^28, so 32-bit integers hold them. */
export function startsOf(work: DirtyWork): Int32Array {
  const rnd = xorshift32(0xd1127)
  const starts = Int32Array.from({ length: work.sets }, () => rnd() % (work.npages - work.pages + 1))
  return work.sorted ? starts.sort() : starts
}

/** Adds a run to the checksum of `ranges` and `harvest`. */
export function addRun(sum: number, first: number, last: number): number {
  return hs(hs(sum, first), last)
}

/** For peers that report bit by bit, ascending: joins the bits into runs. */
export class RunsOfBits {
  sum = 0
  #first = -1
  #last = -2

  bit(bit: number): void {
    if (bit !== this.#last + 1) {
      this.end()
      this.#first = bit
    }
    this.#last = bit
  }

  end(): number {
    if (this.#first >= 0) this.sum = addRun(this.sum, this.#first, this.#last)
    this.#first = -1
    return this.sum
  }
}

/**
 * `set` sets all ranges in an empty bitmap; `count` counts the bits of the filled one, `ranges` lists its runs, `harvest` lists and clears them. The checksum
 * of the first two is the bits set, of the others HS over the first and last bit of each run.
 */
export function bitSubject<T>(work: DirtyWork, kind: BitKind<T>): Subject {
  const starts = startsOf(work)
  let bitmap: T | undefined
  const fill = (into: T): void => {
    const { pages } = work
    for (let k = 0; k < starts.length; k++) kind.setRange(into, starts[k]!, pages)
  }
  const fresh = (): T => {
    if (bitmap !== undefined) kind.release?.(bitmap)
    bitmap = kind.make(work.npages)
    kind.touch?.(bitmap)
    return bitmap
  }
  const { ranges, harvest } = kind
  const phases: Record<string, PhaseRun> = {
    set: {
      before: () => void fresh(),
      run() {
        fill(bitmap!)
        return 0
      },
      check: () => kind.bitsSet(bitmap!),
    },
    count: {
      before() {
        if (bitmap === undefined) fill(fresh())
      },
      run: () => kind.bitsSet(bitmap!),
    },
  }
  // These find the bits all set whatever ran before: a harvest leaves none.
  if (ranges !== undefined) phases.ranges = { before: () => fill(fresh()), run: () => ranges(bitmap!) }
  if (harvest !== undefined) phases.harvest = { before: () => fill(fresh()), run: () => harvest(bitmap!) }
  return { phases }
}
