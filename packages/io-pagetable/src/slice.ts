import type { Pages } from '@iommukit/pfn-reader'
import type { PagesSlice } from './types.ts'
import { HI, joinU64, LO, PAGE_SIZE, splitU64, words } from './u64.ts'

/** Weight of the high word in pages. */
const PAGES_PER_WORD = 2 ** 20

/** A slice of a Pages as this package computes with it: pages and words instead of bigints. */
export class Slice implements PagesSlice {
  readonly pages: Pages
  readonly firstIndex: number
  /** Bytes of page `firstIndex` in front of the slice. */
  readonly pageOffset: number
  readonly lengthHi: number
  readonly lengthLo: number

  constructor(pages: Pages, firstIndex: number, pageOffset: number, lengthHi: number, lengthLo: number) {
    this.pages = pages
    this.firstIndex = firstIndex
    this.pageOffset = pageOffset
    this.lengthHi = lengthHi
    this.lengthLo = lengthLo
  }

  /** Reads a slice that a caller made. */
  static from(slice: PagesSlice): Slice {
    if (slice instanceof Slice) return slice
    splitU64(slice.startByte, 'startByte')
    const startHi = words[HI]!
    const startLo = words[LO]!
    splitU64(slice.length, 'slice length')
    const firstIndex = startHi * PAGES_PER_WORD + Math.floor(startLo / PAGE_SIZE)
    return new Slice(slice.pages, firstIndex, startLo & (PAGE_SIZE - 1), words[HI]!, words[LO]!)
  }

  get startByte(): bigint {
    return BigInt(this.firstIndex) * BigInt(PAGE_SIZE) + BigInt(this.pageOffset)
  }

  get length(): bigint {
    return joinU64(this.lengthHi, this.lengthLo)
  }
}
