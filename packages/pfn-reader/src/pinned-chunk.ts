import type { PfnBatch } from './pfn-batch.ts'
import { RUN_PAGES_MAX } from './units.ts'

/** Pages of one chunk of the pinned map: what a huge page of 2 MiB holds. */
export const CHUNK_PAGES = 512

/** In a list: no PFN here. */
const ABSENT = -1

/**
 * The PFNs of up to 512 consecutive pages: one run of frames kept as three numbers while it is no more than that, a list of 8 bytes a page
 * from the second run on. So a single page and a whole contiguous chunk cost the same few bytes. Slots are 0..511.
 */
export class PinnedChunk {
  /** Slots with a PFN. */
  npresent = 0
  #firstSlot = 0
  #pfn = 0
  #list: Float64Array | undefined = undefined
  readonly #nslots: number

  /** `nslots`: pages of the chunk, less than 512 only at the end of a Pages. */
  constructor(nslots: number) {
    this.#nslots = nslots
  }

  /** Stores `npfns` consecutive frames from `slot` on, where there are none. O(1) for one run, else O(npfns). */
  putRun(slot: number, pfn: number, npfns: number): void {
    let list = this.#list
    if (list === undefined) {
      const have = this.npresent
      if (have === 0) {
        this.#firstSlot = slot
        this.#pfn = pfn
        this.npresent = npfns
        return
      }
      if (slot === this.#firstSlot + have && pfn === this.#pfn + have) {
        this.npresent = have + npfns
        return
      }
      list = this.#listed()
    }
    for (let k = 0; k < npfns; k++) list[slot + k] = pfn + k
    this.npresent += npfns
  }

  /** Stores `npages` frames of a list, from its position `from` on, at `slot` and behind, where there are none. O(npages). */
  putList(slot: number, list: Float64Array, from: number, npages: number): void {
    const own = this.#list
    if (own === undefined && npages === this.#nslots) this.#list = list.slice(from, from + npages)
    else (own ?? this.#listed()).set(list.subarray(from, from + npages), slot)
    this.npresent += npages
  }

  /** The PFN in a slot, undefined when there is none. O(1). */
  get(slot: number): number | undefined {
    if (this.#list === undefined) return this.#holds(slot) ? this.#pfn + slot - this.#firstSlot : undefined
    const pfn = this.#list[slot]!
    return pfn === ABSENT ? undefined : pfn
  }

  /** Adds the PFNs of slots first..last, which are all there, until the batch refuses; whether it took them all. Measured by copy.1g.*.xarray/copy. */
  addTo(batch: PfnBatch, first: number, last: number): boolean {
    const list = this.#list
    if (list === undefined) return batch.add(this.#pfn + first - this.#firstSlot, last - first + 1)
    return addListed(batch, list, first, last + 1)
  }

  /** Copies the PFNs of slots first..last, which are all there, to `out` from `at` on. Measured by pin.1g.scat.mm/repin. */
  copyTo(out: Float64Array, at: number, first: number, last: number): void {
    const list = this.#list
    if (list !== undefined) {
      out.set(first === 0 && last === list.length - 1 ? list : list.subarray(first, last + 1), at)
      return
    }
    const pfn = this.#pfn + first - this.#firstSlot
    for (let k = 0; k <= last - first; k++) out[at + k] = pfn + k
  }

  /** Removes what is there in slots first..last. O(1) at an end of one run, else O(slots). Measured by pin.1g.scat.mm/unpin. */
  erase(first: number, last: number): void {
    let list = this.#list
    if (list === undefined) {
      const runFirst = this.#firstSlot
      const runLast = runFirst + this.npresent - 1
      if (first > runLast || last < runFirst) return
      if (first <= runFirst || last >= runLast) {
        const keptFirst = first <= runFirst ? last + 1 : runFirst
        const keptLast = last >= runLast ? first - 1 : runLast
        if (first <= runFirst && last >= runLast) this.npresent = 0
        else {
          this.#pfn += keptFirst - runFirst
          this.#firstSlot = keptFirst
          this.npresent = keptLast - keptFirst + 1
        }
        return
      }
      list = this.#listed()
    }
    if (last - first + 1 === this.#nslots) {
      this.npresent = 0
      return
    }
    for (let slot = first; slot <= last; slot++) {
      if (list[slot] === ABSENT) continue
      list[slot] = ABSENT
      this.npresent--
    }
  }

  #holds(slot: number): boolean {
    return slot >= this.#firstSlot && slot < this.#firstSlot + this.npresent
  }

  /** Turns the run into a list. */
  #listed(): Float64Array {
    const list = new Float64Array(this.#nslots).fill(ABSENT)
    for (let k = 0; k < this.npresent; k++) list[this.#firstSlot + k] = this.#pfn + k
    this.#list = list
    return list
  }
}

/**
 * Adds the frames list[from..past-1] to a batch, one by one, until it refuses; whether it took them all. They came from a batch and so are
 * frames; what need not be asked of each is asked of the first one, and again where the batch must grow. O(past - from).
 */
function addListed(batch: PfnBatch, list: Float64Array, from: number, past: number): boolean {
  let at = from
  while (at < past) {
    // What a list holds is a double to V8; `floor` makes a small integer of it, as all other callers of `add` give.
    if (!batch.add(Math.floor(list[at]!), 1)) return false
    at = addWithRoom(batch, list, at + 1, past)
  }
  return true
}

/** The same for a batch that is not empty, as far as its memory goes; returns the position behind. Measured by copy.1g.scat.xarray/copy. */
function addWithRoom(batch: PfnBatch, list: Float64Array, from: number, past: number): number {
  const { pfns, npfns } = batch
  const room = Math.min(batch.capacity, pfns.length)
  let n = batch.nruns
  /** The frame that would extend the last run. */
  let next = pfns[n - 1]! + npfns[n - 1]!
  let at = from
  for (; at < past; at++) {
    const pfn = list[at]!
    if (pfn === next) {
      if (npfns[n - 1] === RUN_PAGES_MAX) break
      npfns[n - 1]!++
    } else {
      if (n >= room) break
      pfns[n] = pfn
      npfns[n] = 1
      n++
    }
    next = pfn + 1
  }
  batch.nruns = n
  batch.total += at - from
  return at
}
