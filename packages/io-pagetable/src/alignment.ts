import { IommuError } from '@iommukit/pfn-reader'
import type { TableState } from './state.ts'
import { hexU64, PAGE_SIZE } from './u64.ts'

/** Smallest page of a page-size bitmap, clipped to 2 * PAGE_SIZE: all that matters is whether it is above PAGE_SIZE. O(1). */
export function smallestPage(pgsizeBitmap: bigint): number {
  const bits = Number(BigInt.asUintN(13, pgsizeBitmap))
  return bits === 0 ? 2 * PAGE_SIZE : bits & -bits
}

/** The alignment that domains, accesses and the large-page option ask for (spec B2). O(domains + accesses). */
export function computeAlignment(state: TableState): number {
  let alignment = state.largePages ? 1 : PAGE_SIZE
  for (const domain of state.domains) alignment = Math.max(alignment, smallestPage(domain.pgsizeBitmap))
  if (alignment < PAGE_SIZE && state.pinningAccesses > 0) alignment = PAGE_SIZE
  return alignment
}

/** Throws EADDRINUSE unless every area, built or not, has IOVA, length and page offset that are multiples of `alignment` (spec B2). O(areas). */
export function checkAreasAlign(state: TableState, alignment: number): void {
  const mask = alignment - 1
  const { areas } = state
  for (let handle = areas.iterFirstAt(0, 0, 0xffff_ffff, 0xffff_ffff); handle !== undefined; ) {
    const area = areas.payload(handle)
    const lengthLo = (area.lastLo - area.iovaLo + 1) >>> 0
    if (((area.iovaLo | lengthLo | area.pageOffset) & mask) !== 0) {
      const range = `${hexU64(area.iovaHi, area.iovaLo)}..${hexU64(area.lastHi, area.lastLo)}`
      throw new IommuError('EADDRINUSE', `the area ${range} at page offset ${area.pageOffset} is not aligned to ${alignment} bytes`)
    }
    handle = areas.iterNextAt(handle, 0, 0, 0xffff_ffff, 0xffff_ffff)
  }
}

/** Brings the alignment to what is asked for now; throws EADDRINUSE, changing nothing, when it would rise over a misaligned area (spec B2). */
export function recalculate(state: TableState): void {
  const alignment = computeAlignment(state)
  if (alignment > state.iovaAlignment) checkAreasAlign(state, alignment)
  state.iovaAlignment = alignment
}
