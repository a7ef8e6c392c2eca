import type { PfnBatch } from './pfn-batch.ts'
import type { FrameMemory } from './ports.ts'
import { PAGE_SIZE } from './units.ts'

/**
 * Copies between `data` from byte `from` on and the frames of a batch, whose first page begins at byte `offsetInPage` (spec
 * pages-and-io-pagetable A3.3). Stops at the end of either; returns the bytes copied. O(pages).
 */
export function rwBatch(
  frames: FrameMemory,
  batch: PfnBatch,
  data: Uint8Array,
  from: number,
  offsetInPage: number,
  write: boolean,
): number {
  const { pfns, npfns, nruns } = batch
  let at = from
  let offset = offsetInPage
  for (let run = 0; run < nruns; run++) {
    const first = pfns[run]!
    const end = first + npfns[run]!
    for (let pfn = first; pfn < end; pfn++) {
      if (at === data.length) return at - from
      const past = Math.min(data.length, at + PAGE_SIZE - offset)
      const part = at === 0 && past === data.length ? data : data.subarray(at, past)
      if (write) frames.copyIn(pfn, offset, part)
      else frames.copyOut(pfn, offset, part)
      at = past
      offset = 0
    }
  }
  return at - from
}
