import { settle } from './accounting.ts'
import { giveBatch, takeBatch } from './batch-pool.ts'
import { InvariantError } from './errors.ts'
import { fromDomain } from './from-domain.ts'
import { holderOf } from './held.ts'
import { OriginReader } from './origin-reader.ts'
import { nobody, type Pages } from './pages.ts'
import type { PfnBatch } from './pfn-batch.ts'
import { TierCursor } from './tier-cursor.ts'
import { checkInteger } from './u64.ts'
import { unpinBatch } from './unpin.ts'

/**
 * Presents the frames of a range of pages batch by batch, from wherever they are: the pinned map, a domain, or the origin, where it pins
 * them (spec pages-and-io-pagetable A6). Made, it holds the first batch. A batch ends at the last page or where frames are not consecutive,
 * so the runs that a consumer sees do not depend on limits, short pins or tiers. What holds the pages must not change while a reader is
 * in use, and every reader must be destroyed.
 *
 * ```ts
 * for (const reader = new PfnReader(pages, first, last); !reader.done; reader.next()) use(reader.batch, reader.batchStart)
 * ```
 */
export class PfnReader {
  /** What is read; nobody's pages once the reader is destroyed. */
  pages: Pages
  /** The frames of pages batchStart .. batchEnd-1. */
  batch: PfnBatch
  batchStart = 0
  /** Page behind the batch. */
  batchEnd = 0
  /** Last page to read, inclusive. */
  lastIndex = 0
  readonly #tiers: TierCursor
  readonly #origin: OriginReader = new OriginReader()
  #destroyed = false

  /**
   * Begins at page `first`; `last` is inclusive. O(log n) and the first batch.
   * @throws {RangeError} the range is inverted or not within the pages. Whatever pinning throws; then nothing is pinned and no destroy is needed.
   */
  constructor(pages: Pages, first: number, last: number) {
    checkInteger(last, 'last', 0, pages.npages - 1)
    checkInteger(first, 'first', 0, last)
    this.pages = pages
    this.batch = takeBatch(last - first + 1, pages.temp.limitBytes)
    this.#tiers = new TierCursor(pages, first, last)
    this.#begin(first, last)
  }

  /** A reader as the constructor makes it, of a range known to be good; one that was destroyed by {@link retire} if there is one. Internal. */
  static take(pages: Pages, first: number, last: number): PfnReader {
    const reader = idle
    if (reader === undefined) return new PfnReader(pages, first, last)
    idle = undefined
    reader.pages = pages
    reader.batch = takeBatch(last - first + 1, pages.temp.limitBytes)
    reader.#tiers.restart(pages, first, last)
    reader.#destroyed = false
    reader.#begin(first, last)
    return reader
  }

  /** Destroys a reader that nobody else knows and keeps it for the next {@link take}. Internal. */
  retire(): void {
    this.destroy()
    idle = this
  }

  #begin(first: number, last: number): void {
    this.batchStart = first
    this.batchEnd = first
    this.lastIndex = last
    try {
      this.#load()
    } catch (error) {
      this.destroy()
      throw error
    }
  }

  /** Whether all batches have been consumed. */
  get done(): boolean {
    return this.batchStart > this.lastIndex
  }

  /** Takes the present batch as consumed and loads the next one. On throw what was loaded waits for `releasePins`. O(runs + spans log n). */
  next(): void {
    this.batch.clear()
    this.batchStart = this.batchEnd
    this.#load()
  }

  /** Releases those pages of the present batch that nothing holds. O(runs), and per span O(log n). */
  unpinUnused(): void {
    if (this.batchStart === this.batchEnd) return
    const { pages, batch, batchStart } = this
    for (const tiers = new TierCursor(pages, batchStart, this.batchEnd - 1); !tiers.done; tiers.next()) {
      if (tiers.tier !== 'origin') continue
      unpinBatch(pages, batch, tiers.start - batchStart, tiers.last - tiers.start + 1, pages.writable)
    }
  }

  /** Hands the present batch over to whoever has mapped it, so that `releasePins` leaves it alone. */
  handOver(): void {
    this.batchStart = this.batchEnd
  }

  /** Gives up: releases what this reader pinned and nobody has consumed. May be called again. */
  releasePins(): void {
    this.#origin.release(this.pages)
    this.unpinUnused()
    this.handOver()
  }

  /** Charges or uncharges the owner for the pins that remain. @throws ENOMEM, with nothing charged. */
  updatePinned(): void {
    settle(this.pages)
  }

  /** Ends the reader; may be called again. By now every pin must be settled or released. */
  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    this.releasePins()
    giveBatch(this.batch)
    const { npinned, lastNpinned } = this.pages
    this.pages = nobody
    this.#tiers.restart(nobody, 0, 0)
    if (npinned !== lastNpinned) throw new InvariantError(`a reader ended with ${npinned} pages pinned and ${lastNpinned} accounted for`)
  }

  /** Loads as much as the batch takes. Measured by map.1g.scat.radix.d1/map. */
  #load(): void {
    const { batch, lastIndex } = this
    const tiers = this.#tiers
    while (this.batchEnd <= lastIndex) {
      const before = batch.total
      this.#fillSpan()
      this.batchEnd = this.batchStart + batch.total
      if (batch.refused || batch.total === before) break
      if (this.batchEnd > tiers.last) tiers.next()
    }
    if (batch.total === 0 && this.batchStart <= lastIndex) throw new InvariantError(`no frame was found for page ${this.batchStart}`)
  }

  #fillSpan(): void {
    const { pages, batch, batchEnd } = this
    const { tier, last } = this.#tiers
    if (tier === 'origin') this.#origin.fill(pages, batch, batchEnd, last)
    else if (tier === 'access') pages.pinned!.addTo(batch, batchEnd, last)
    else {
      const area = holderOf(pages.areas, batchEnd)
      if (area?.storageDomain === undefined) throw new InvariantError(`no area stores page ${batchEnd}`)
      fromDomain(batch, area.storageDomain, area, batchEnd, Math.min(area.lastIndex, last))
    }
  }
}

/** A destroyed reader, to be used again: small areas are filled by the million (measured by areas.1e5.radix.d1). Also keeps the class optimised. */
let idle: PfnReader | undefined
