import type { Frames } from './frames.ts'

/** What a page of user memory allows. */
export type Protection = 'none' | 'r' | 'rw'

/** Protection as a level: what is asked for is allowed when it is not above. */
export const PROTECTION_LEVEL: Readonly<Record<Protection, number>> = { none: 0, r: 1, rw: 2 }

/** Consecutive pages of user memory with one protection and one source of frames. Pages are numbers 0 .. 2^52-1. */
export interface Segment {
  readonly firstPage: number
  readonly lastPage: number
  readonly level: number
  readonly huge: boolean
  readonly frames: Frames
  /** Position of `firstPage` in `frames`. */
  readonly framesFrom: number
}

/** Segments sorted by page, none overlapping. Lookup is O(log segments), and O(1) where the last lookup was. */
export class Segments {
  readonly #list: Segment[] = []
  #hint = 0

  get length(): number {
    return this.#list.length
  }

  at(position: number): Segment | undefined {
    return this.#list[position]
  }

  /** Position of the segment that holds a page, or of the first one behind it (`length` when there is none). */
  position(page: number): number {
    const list = this.#list
    const hinted = list[this.#hint]
    if (hinted !== undefined && hinted.firstPage <= page && page <= hinted.lastPage) return this.#hint
    let low = 0
    let high = list.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (list[middle]!.lastPage < page) low = middle + 1
      else high = middle
    }
    return (this.#hint = low)
  }

  /** The segment that holds a page. */
  holding(page: number): Segment | undefined {
    const segment = this.#list[this.position(page)]
    return segment !== undefined && segment.firstPage <= page ? segment : undefined
  }

  /** Whether every page of the window is in a segment. */
  covers(firstPage: number, lastPage: number): boolean {
    let page = firstPage
    for (let position = this.position(firstPage); page <= lastPage; position++) {
      const segment = this.#list[position]
      if (segment === undefined || segment.firstPage > page) return false
      page = segment.lastPage + 1
    }
    return true
  }

  /** Whether any page of the window is in a segment. */
  touches(firstPage: number, lastPage: number): boolean {
    const segment = this.#list[this.position(firstPage)]
    return segment !== undefined && segment.firstPage <= lastPage
  }

  /** The caller has asked `touches` before. */
  insert(segment: Segment): void {
    this.#list.splice(this.position(segment.firstPage), 0, segment)
  }

  /** Removes the window's part of each segment. */
  remove(firstPage: number, lastPage: number): void {
    this.replace(firstPage, lastPage, () => undefined)
  }

  /** Replaces the window's part of each segment by what `change` makes of it; undefined removes it. */
  replace(firstPage: number, lastPage: number, change: (part: Segment) => Segment | undefined): void {
    const from = this.position(firstPage)
    const parts: Segment[] = []
    let position = from
    for (let segment = this.#list[position]; segment !== undefined && segment.firstPage <= lastPage; segment = this.#list[++position]) {
      if (segment.firstPage < firstPage) parts.push(cut(segment, segment.firstPage, firstPage - 1))
      const changed = change(cut(segment, Math.max(segment.firstPage, firstPage), Math.min(segment.lastPage, lastPage)))
      if (changed !== undefined) parts.push(changed)
      if (segment.lastPage > lastPage) parts.push(cut(segment, lastPage + 1, segment.lastPage))
    }
    this.#list.splice(from, position - from, ...parts)
    this.#hint = 0
  }
}

function cut(segment: Segment, firstPage: number, lastPage: number): Segment {
  return { ...segment, firstPage, lastPage, framesFrom: segment.framesFrom + (firstPage - segment.firstPage) }
}
