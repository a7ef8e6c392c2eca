import { IntervalTree, SpanCursor } from '@iommukit/interval-tree-span'
import { type Held, type Holder, holdsAny } from './held.ts'
import type { Pages } from './pages.ts'

/** Where the PFNs of a span of pages are (spec pages-and-io-pagetable A4), by preference: pinned map, a domain, the origin. */
export type Tier = 'access' | 'domain' | 'origin'

/** The spans of one kind of holders: the one at or behind an index, whole. Holders that touch or overlap are one span. */
class HolderSpans {
  /** Whether no holder holds the pages up to `last`. */
  isHole = true
  /** Last page of the span, inclusive. */
  last = 0
  readonly #end: number
  readonly #inline: Holder | undefined
  readonly #cursor: SpanCursor | undefined

  constructor(held: Held<Holder>, first: number, last: number) {
    this.#end = last
    this.#inline = held instanceof IntervalTree ? undefined : held
    this.#cursor = held instanceof IntervalTree ? new SpanCursor(held, first, last) : undefined
    this.seek(first)
  }

  /** Moves to the span that holds page `index`, which is not in front of the present one. */
  seek(index: number): void {
    const cursor = this.#cursor
    const inline = this.#inline
    this.last = this.#end
    if (cursor !== undefined) {
      cursor.advance(index)
      this.isHole = cursor.isHole
      this.last = cursor.last
    } else if (inline === undefined || index > inline.lastIndex) this.isHole = true
    else {
      this.isHole = index < inline.firstIndex
      const last = this.isHole ? inline.firstIndex - 1 : inline.lastIndex
      if (last < this.#end) this.last = last
    }
  }
}

/**
 * The spans of a window of pages by tier (spec pages-and-io-pagetable A4): ascending, covering the window exactly, never the same tier twice
 * in a row. Made, it stands on the first span. What holds the pages must not change meanwhile. The fields mean nothing once `done`.
 * O(log n + holders merged) a span.
 */
export class TierCursor {
  tier: Tier = 'origin'
  /** Pages of the span, both inclusive. */
  start = 0
  last = 0
  done = false
  #end = 0
  #accesses: HolderSpans | undefined = undefined
  #areas: HolderSpans | undefined = undefined

  /** The spans of pages first..last, both inclusive. */
  constructor(pages: Pages, first: number, last: number) {
    this.restart(pages, first, last)
  }

  /** Makes the cursor what a new one would be. Internal: readers are used again. */
  restart(pages: Pages, first: number, last: number): void {
    const { accesses, areas } = pages
    this.start = first
    this.#end = last
    this.done = false
    // Most windows meet no holder at all: then no spans are needed.
    this.#accesses = holdsAny(accesses, first, last) ? new HolderSpans(accesses, first, last) : undefined
    this.#areas = holdsAny(areas, first, last) ? new HolderSpans(areas, first, last) : undefined
    this.#classify()
  }

  /** Moves to the following span, or becomes `done`. */
  next(): void {
    if (this.last >= this.#end) {
      this.done = true
      return
    }
    this.start = this.last + 1
    if (this.#accesses !== undefined && this.start > this.#accesses.last) this.#accesses.seek(this.start)
    if (this.#areas !== undefined && this.start > this.#areas.last) this.#areas.seek(this.start)
    this.#classify()
  }

  #classify(): void {
    const accesses = this.#accesses
    const areas = this.#areas
    this.tier = 'origin'
    this.last = this.#end
    if (accesses !== undefined) {
      this.last = accesses.last
      if (!accesses.isHole) {
        this.tier = 'access'
        return
      }
    }
    if (areas !== undefined) {
      if (areas.last < this.last) this.last = areas.last
      if (!areas.isHole) this.tier = 'domain'
    }
  }
}
