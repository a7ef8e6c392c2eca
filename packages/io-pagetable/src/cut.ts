import { Area, IommuError, splitStorage } from '@iommukit/pfn-reader'
import { rangeText } from './range.ts'
import type { TableState } from './state.ts'
import type { U64 } from './types.ts'
import { HI, hexU64, LO, splitU64, words } from './u64.ts'

/**
 * Splits the areas at the given points, in their order; a point is the last IOVA of a left part (spec B14). A point that no area holds, or
 * at an end of one, changes nothing. Stops at the first error, whose `done` counts the points behind it; earlier cuts stay.
 * EBUSY, EINVAL: see {@link splitArea}. O(points * log k).
 */
export function cutIova(state: TableState, points: readonly U64[]): void {
  for (const point of points) splitU64(point, 'cut point')
  let done = 0n
  for (const point of points) {
    splitU64(point, 'cut point')
    splitArea(state, words[HI]!, words[LO]!, done)
    done++
  }
}

/** Splits the area that holds the byte at the cut, so that it becomes the last byte of the left part. No pin and no map changes. */
function splitArea(state: TableState, cutHi: number, cutLo: number, done: bigint): void {
  const handle = state.areas.iterFirstAt(cutHi, cutLo, cutHi, cutLo)
  if (handle === undefined) return
  const area = state.areas.payload(handle)
  const { iovaHi, iovaLo, lastHi, lastLo, prot, pages } = area
  // A cut behind the first byte is passed over too, even where it would be possible (K11).
  if ((cutHi === iovaHi && cutLo === iovaLo) || (cutHi === lastHi && cutLo === lastLo)) return
  const refuse = (code: 'EBUSY' | 'EINVAL', reason: string): IommuError =>
    new IommuError(code, `cannot cut ${rangeText(iovaHi, iovaLo, lastHi, lastLo)} at ${hexU64(cutHi, cutLo)}: ${reason}`, done)
  if (pages === undefined || area.preventAccess) throw refuse('EBUSY', 'the area is being built or waits for accesses to leave')
  const rightLo = (cutLo + 1) >>> 0
  const rightHi = rightLo === 0 ? cutHi + 1 : cutHi
  const rightOffset = area.offsetAt(rightLo)
  if (((rightLo | rightOffset) & (state.iovaAlignment - 1)) !== 0) {
    throw refuse('EINVAL', `the cut is not a multiple of ${state.iovaAlignment} bytes in IOVA and in memory`)
  }
  if (area.numAccesses > 0) throw refuse('EINVAL', 'an access has pinned pages of it')
  if (area.storageDomain !== undefined && state.largePages) throw refuse('EINVAL', 'large pages are in use')
  const left = new Area(iovaHi, iovaLo, cutHi, cutLo, area.firstIndex, area.indexAt(cutHi, cutLo), area.pageOffset, prot)
  const right = new Area(rightHi, rightLo, lastHi, lastLo, area.indexAt(rightHi, rightLo), area.lastIndex, rightOffset, prot)
  left.pages = pages
  right.pages = pages
  pages.addRef()
  splitStorage(area, left, right)
  state.areas.remove(handle)
  state.areas.insertAt(iovaHi, iovaLo, cutHi, cutLo, left)
  state.areas.insertAt(rightHi, rightLo, lastHi, lastLo, right)
}
