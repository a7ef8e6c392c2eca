/** The work of `dirty.set.*` over any bitmap. */
import { xorshift32 } from '../src/random.ts'
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
  setRange(bitmap: T, first: number, nbits: number): void
  bitsSet(bitmap: T): number
  release?(bitmap: T): void
}

export function startsOf(work: DirtyWork): Float64Array {
  const rnd = xorshift32(0xd1127)
  const starts = Float64Array.from({ length: work.sets }, () => rnd() % (work.npages - work.pages + 1))
  return work.sorted ? starts.sort() : starts
}

/** `set` sets all ranges in a fresh bitmap; `count` counts the bits of the filled one. The checksum of both is the bits set. */
export function bitSubject<T>(work: DirtyWork, kind: BitKind<T>): Subject {
  const starts = startsOf(work)
  let bitmap: T | undefined
  const fill = (into: T): void => {
    const { pages } = work
    for (let k = 0; k < starts.length; k++) kind.setRange(into, starts[k]!, pages)
  }
  const set: PhaseRun = {
    before() {
      if (bitmap !== undefined) kind.release?.(bitmap)
      bitmap = kind.make(work.npages)
    },
    run() {
      fill(bitmap!)
      return 0
    },
  }
  const counted: PhaseRun = {
    before() {
      if (bitmap === undefined) fill((bitmap = kind.make(work.npages)))
    },
    run: () => kind.bitsSet(bitmap!),
  }
  return { phases: { set: { ...set, check: () => kind.bitsSet(bitmap!) }, count: counted } }
}
