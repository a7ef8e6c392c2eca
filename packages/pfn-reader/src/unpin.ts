import { InvariantError } from './errors.ts'
import type { Pages } from './pages.ts'
import type { PfnBatch } from './pfn-batch.ts'

/**
 * Releases the pins of `npages` frames of a batch, from its frame number `from` on (spec pages-and-io-pagetable A3.2): one call a run
 * touched. O(runs). Measured by map.1g.scat.radix.d1/unmap.
 */
export function unpinBatch(pages: Pages, batch: PfnBatch, from: number, npages: number, dirty: boolean): void {
  if (npages === 0) return
  if (from + npages > batch.total || npages > pages.npinned)
    throw new InvariantError(`${npages} pages were to be unpinned, but fewer are pinned`)
  const { pfns, npfns } = batch
  const { source } = pages
  let run = 0
  let skip = from
  while (skip >= npfns[run]!) skip -= npfns[run++]!
  let left = npages
  while (left > 0) {
    const held = npfns[run]! - skip
    const part = Math.min(held, left)
    source.unpin(pfns[run]! + skip, part, dirty)
    left -= part
    skip = 0
    run++
  }
  pages.npinned -= npages
}
