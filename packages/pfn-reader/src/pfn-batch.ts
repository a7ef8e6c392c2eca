import { InvariantError } from './errors.ts'
import type { PfnRunSink } from './ports.ts'
import { checkInteger } from './u64.ts'
import { INDEX_MAX, PFN_MAX, RUN_BYTES, RUN_PAGES_MAX } from './units.ts'

/** Runs that a batch has room for before it grows: enough for small areas, and next to no memory. */
const ROOM_AT_FIRST = 32

/** A run of consecutive frames. */
export interface PfnRun {
  readonly pfn: number
  readonly npfns: number
}

/**
 * How many runs a batch for `npages` pages may hold under a limit of temporary memory (spec pages-and-io-pagetable A2): 12 bytes a run, and
 * never more runs than pages. The allocations that fail in the original cannot fail here, so its fallbacks do not exist.
 */
export function batchCapacity(npages: number, limitBytes: number): number {
  checkInteger(npages, 'npages', 1, INDEX_MAX)
  if (!(limitBytes >= RUN_BYTES)) throw new RangeError(`limitBytes must be at least ${RUN_BYTES}, got ${limitBytes}`)
  return Math.min(npages, Math.floor(limitBytes / RUN_BYTES))
}

/**
 * An ordered list of frames, kept as runs (spec pages-and-io-pagetable A2). It does not know which page its first frame belongs to. Only the
 * last run grows, only upwards, so a batch that refuses a frame does so where the frames are not consecutive: cut points rest on this.
 */
export class PfnBatch implements PfnRunSink {
  /** First frame of each run; the first `nruns` count. Read only. */
  pfns: Float64Array = new Float64Array(ROOM_AT_FIRST)
  /** Frames in each run; the first `nruns` count. Read only. */
  npfns: Uint32Array = new Uint32Array(ROOM_AT_FIRST)
  nruns = 0
  /** Frames in all runs. */
  total = 0
  /** Most runs it holds, at least 1. */
  capacity = 1
  /** Whether `add` has refused something since the last `clear`. */
  refused = false

  /** For `npages` pages in at most `limitBytes` of temporary memory. Memory grows with the runs that are there, not with the capacity. */
  constructor(npages: number, limitBytes: number) {
    this.capacity = batchCapacity(npages, limitBytes)
  }

  /**
   * Appends `npfns` (default 1) frames from `pfn` on. False: there is no room for another run, nothing was added. A run never grows above
   * 2^32-1 frames. O(1). Measured by map.1g.scat.*.
   * @throws {TypeError} / {RangeError} pfn is no integer in 0..2^40, npfns none in 1..2^32-1.
   */
  add(pfn: number, npfns = 1): boolean {
    if (npfns >>> 0 !== npfns || npfns === 0) throw refusedNumber(pfn, npfns)
    const n = this.nruns
    if (n !== 0) {
      const before = this.npfns[n - 1]!
      if (this.pfns[n - 1]! + before === pfn && before + npfns <= RUN_PAGES_MAX) {
        this.npfns[n - 1] = before + npfns
        this.total += npfns
        return true
      }
    }
    if (n >= this.capacity) {
      this.refused = true
      return false
    }
    if (!(pfn >= 0 && pfn <= PFN_MAX && Math.floor(pfn) === pfn)) throw refusedNumber(pfn, npfns)
    if (n === this.pfns.length) this.#grow()
    this.pfns[n] = pfn
    this.npfns[n] = npfns
    this.nruns = n + 1
    this.total += npfns
    return true
  }

  /** Forgets everything. O(1). */
  clear(): void {
    this.nruns = 0
    this.total = 0
    this.refused = false
  }

  /** Forgets everything but the last `keep` frames, which must lie in the last run. O(1). */
  clearCarry(keep: number): void {
    if (keep === 0) {
      this.clear()
      return
    }
    const n = this.nruns
    if (!(n > 0 && keep > 0 && keep <= this.npfns[n - 1]!)) throw new InvariantError(`a batch cannot keep ${keep} frames of its last run`)
    this.pfns[0] = this.pfns[n - 1]! + this.npfns[n - 1]! - keep
    this.npfns[0] = keep
    this.nruns = 1
    this.total = keep
    this.refused = false
  }

  /** Drops up to `npages` frames from the front of the only run; an empty batch stays empty. O(1). */
  skipCarry(npages: number): void {
    if (this.total === 0) return
    if (this.nruns !== 1) throw new InvariantError(`a batch of ${this.nruns} runs has no carry to skip`)
    if (npages >= this.total) {
      // No run of length 0 may remain: with a capacity of 1 the batch would refuse everything from then on.
      this.clear()
      return
    }
    this.pfns[0] = this.pfns[0]! + npages
    this.npfns[0] = this.npfns[0]! - npages
    this.total -= npages
  }

  /** Makes an emptied batch fit for another purpose, as its constructor would. Internal: batches are used again. */
  renew(npages: number, limitBytes: number): void {
    this.capacity = batchCapacity(npages, limitBytes)
    this.clear()
  }

  /** How many frames the last run can still take, or a new one if it is full: what may be asked of a source in one go. O(1). */
  get room(): number {
    const n = this.nruns
    return n === 0 || this.npfns[n - 1] === RUN_PAGES_MAX ? RUN_PAGES_MAX : RUN_PAGES_MAX - this.npfns[n - 1]!
  }

  /** The runs, as objects of their own. For inspection: O(runs). */
  runs(): PfnRun[] {
    return Array.from({ length: this.nruns }, (_, run) => ({ pfn: this.pfns[run]!, npfns: this.npfns[run]! }))
  }

  #grow(): void {
    const room = Math.min(this.capacity, this.pfns.length * 4)
    const pfns = new Float64Array(room)
    pfns.set(this.pfns)
    const npfns = new Uint32Array(room)
    npfns.set(this.npfns)
    this.pfns = pfns
    this.npfns = npfns
  }
}

function refusedNumber(pfn: number, npfns: number): Error {
  try {
    checkInteger(pfn, 'pfn', 0, PFN_MAX)
    checkInteger(npfns, 'npfns', 1, RUN_PAGES_MAX)
  } catch (error) {
    return error as Error
  }
  return new RangeError(`a run of ${npfns} frames at ${pfn} is none`)
}
