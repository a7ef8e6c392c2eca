import { IommuError } from '@iommukit/pfn-reader'
import { rangeText } from './range.ts'
import { Slice } from './slice.ts'
import type { TableState } from './state.ts'
import type { PagesSlice } from './types.ts'
import { WORD_MAX, type WordRange } from './u64.ts'
import { AreaWalk } from './walk.ts'

/**
 * The slices of Pages that lie under a range, each with a reference (spec B8). Any sub-range of any run of adjacent areas will do.
 * ENOENT, with all references dropped: some IOVA is held by no area. O(areas + log k).
 */
export function getSlices(state: TableState, range: WordRange): Slice[] {
  const slices: Slice[] = []
  const walk = new AreaWalk(state.areas, range)
  for (; walk.area !== undefined; walk.next()) {
    const { area, currentHi, currentLo, stepLastHi, stepLastLo } = walk
    const pages = area.pages!
    pages.addRef()
    const lengthLo = (stepLastLo - currentLo + 1) >>> 0
    // last - first + 1 in two words: one borrow for the difference, one carry when the low word of the length wraps.
    const lengthHi = stepLastHi - currentHi - (stepLastLo < currentLo ? 1 : 0) + ((stepLastLo - currentLo) >>> 0 === WORD_MAX ? 1 : 0)
    slices.push(new Slice(pages, area.indexAt(currentHi, currentLo), area.offsetAt(currentLo), lengthHi, lengthLo))
  }
  if (!walk.done) {
    releaseSlices(slices)
    const hole = rangeText(walk.currentHi, walk.currentLo, range.lastHi, range.lastLo)
    throw new IommuError('ENOENT', `no area holds ${hole}`)
  }
  return slices
}

/** Drops the references of slices that were not mapped. Never fails. */
export function releaseSlices(slices: readonly PagesSlice[]): void {
  for (const { pages } of slices) pages.release()
}
