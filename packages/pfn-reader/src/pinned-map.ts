import { XArray } from '@iommukit/xarray'
import { InvariantError } from './errors.ts'
import type { PfnBatch } from './pfn-batch.ts'
import { CHUNK_PAGES, PinnedChunk } from './pinned-chunk.ts'

/**
 * The PFNs of the pages that accesses hold, by page index (the spec's pinnedPfns). A sparse array of chunks of 512 pages rather than of
 * pages: scattered frames are stored, read and copied at the speed of a typed array, contiguous ones at one step for 512 pages, and a
 * lone page costs one small object. Ranges are inclusive; O(pages) at worst, O(pages / 512) where frames are contiguous.
 */
export class PinnedMap {
  readonly #chunks: XArray<PinnedChunk> = new XArray<PinnedChunk>()
  readonly #npages: number
  #nchunks = 0

  /** For the pages 0 .. npages-1. */
  constructor(npages: number) {
    this.#npages = npages
  }

  get isEmpty(): boolean {
    return this.#nchunks === 0
  }

  /**
   * Stores the frames of a batch at `index` and the pages behind it, none of which may have one. `list` holds the same frames one by one, from
   * `at` on. Chunk by chunk: what lies in one run is stored as a run, the rest copied from the list. Measured by pin.1g.scat.mm/pin.
   */
  storeBatch(batch: PfnBatch, index: number, list: Float64Array, at: number): void {
    const { npfns, total } = batch
    let number = Math.floor(index / CHUNK_PAGES)
    let slot = index - number * CHUNK_PAGES
    let run = 0
    /** Frames in front of the end of the present run. */
    let runEnd = npfns[0]!
    for (let done = 0; done < total; ) {
      while (runEnd <= done) runEnd += npfns[++run]!
      const part = Math.min(total - done, CHUNK_PAGES - slot)
      const chunk = this.#open(number++)
      if (runEnd - done >= part) chunk.putRun(slot, Math.floor(list[at + done]!), part)
      else chunk.putList(slot, list, at + done, part)
      done += part
      slot = 0
    }
  }

  /** Adds the frames of pages first..last, which are all there, until the batch refuses (fromPinnedMap). */
  addTo(batch: PfnBatch, first: number, last: number): void {
    let number = Math.floor(first / CHUNK_PAGES)
    let slot = first - number * CHUNK_PAGES
    let left = last - first + 1
    while (left > 0) {
      const part = Math.min(left, CHUNK_PAGES - slot)
      if (!this.#chunk(number).addTo(batch, slot, slot + part - 1)) return
      left -= part
      slot = 0
      number++
    }
  }

  /** The same, erasing each frame after it was accepted; a refused one stays (fromPinnedMapClear). */
  moveTo(batch: PfnBatch, first: number, last: number): void {
    let number = Math.floor(first / CHUNK_PAGES)
    let slot = first - number * CHUNK_PAGES
    let left = last - first + 1
    while (left > 0) {
      const part = Math.min(left, CHUNK_PAGES - slot)
      const chunk = this.#chunk(number)
      const before = batch.total
      const whole = chunk.addTo(batch, slot, slot + part - 1)
      if (batch.total > before) this.#eraseIn(chunk, number, slot, slot + batch.total - before - 1)
      if (!whole) return
      left -= part
      slot = 0
      number++
    }
  }

  /** Copies the frames of pages first..last, which are all there, to `out` from `at` on. */
  copyTo(out: Float64Array, at: number, first: number, last: number): void {
    let number = Math.floor(first / CHUNK_PAGES)
    let slot = first - number * CHUNK_PAGES
    let left = last - first + 1
    let to = at
    while (left > 0) {
      const part = Math.min(left, CHUNK_PAGES - slot)
      this.#chunk(number).copyTo(out, to, slot, slot + part - 1)
      to += part
      left -= part
      slot = 0
      number++
    }
  }

  /** Erases what is there of pages first..last; pins do not change (clearPinnedMap). */
  erase(first: number, last: number): void {
    let number = Math.floor(first / CHUNK_PAGES)
    let slot = first - number * CHUNK_PAGES
    let left = last - first + 1
    while (left > 0) {
      const part = Math.min(left, CHUNK_PAGES - slot)
      const chunk = this.#chunks.load(number)
      if (chunk !== undefined) this.#eraseIn(chunk, number, slot, slot + part - 1)
      left -= part
      slot = 0
      number++
    }
  }

  /** The frame of a page, undefined when there is none. */
  get(index: number): number | undefined {
    const number = Math.floor(index / CHUNK_PAGES)
    return this.#chunks.load(number)?.get(index - number * CHUNK_PAGES)
  }

  /** Every page that has a frame, by ascending index. For inspection. */
  forEach(visit: (index: number, pfn: number) => void): void {
    let found = this.#chunks.find(0)
    while (found !== undefined) {
      const first = found.index * CHUNK_PAGES
      for (let slot = 0; slot < CHUNK_PAGES; slot++) {
        const pfn = found.entry.get(slot)
        if (pfn !== undefined) visit(first + slot, pfn)
      }
      found = this.#chunks.find(found.index + 1)
    }
  }

  /** Erases slots of a chunk, and the chunk with its last PFN. */
  #eraseIn(chunk: PinnedChunk, number: number, first: number, last: number): void {
    chunk.erase(first, last)
    if (chunk.npresent > 0) return
    this.#chunks.erase(number)
    this.#nchunks--
  }

  /** The chunk with this number, which is there. */
  #chunk(number: number): PinnedChunk {
    const chunk = this.#chunks.load(number)
    if (chunk === undefined) throw new InvariantError(`no frame is known for page ${number * CHUNK_PAGES}`)
    return chunk
  }

  /** The chunk with this number, made if it is not there. */
  #open(number: number): PinnedChunk {
    const chunk = this.#chunks.load(number)
    if (chunk !== undefined) return chunk
    const made = new PinnedChunk(Math.min(CHUNK_PAGES, this.#npages - number * CHUNK_PAGES))
    this.#chunks.store(number, made)
    this.#nchunks++
    return made
  }
}
