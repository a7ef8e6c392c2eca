import { InvariantError } from './errors.ts'
import type { Pages } from './pages.ts'
import type { PfnBatch } from './pfn-batch.ts'
import type { PageSource } from './ports.ts'
import { RUNS_A_CALL } from './units.ts'

/**
 * Releases the pins of `npages` frames of a batch, from its frame number `from` on (spec pages-and-io-pagetable A3.2): one call a run
 * touched. O(runs). Measured by map.1g.scat.radix.d1/unmap.
 */
export function unpinBatch(pages: Pages, batch: PfnBatch, from: number, npages: number, dirty: boolean): void {
  if (npages === 0) return
  if (from + npages > batch.total || npages > pages.npinned) {
    throw new InvariantError(`${npages} pages were to be unpinned, but fewer are pinned`)
  }
  pages.npinned -= npages
  const { pfns, npfns, nruns } = batch
  const { source } = pages
  if (from === 0 && npages === batch.total) {
    for (let run = 0; run < nruns; run += RUNS_A_CALL) unpinRuns(source, pfns, npfns, run, Math.min(run + RUNS_A_CALL, nruns), dirty)
    return
  }
  let run = 0
  let skip = from
  while (skip >= npfns[run]!) skip -= npfns[run++]!
  for (let left = npages; left > 0; run++) {
    const part = Math.min(npfns[run]! - skip, left)
    source.unpin(pfns[run]! + skip, part, dirty)
    left -= part
    skip = 0
  }
}

/** Few runs a call, so that V8 compiles the loop as a whole function instead of entering it half way, which costs twice as much a run. */
function unpinRuns(source: PageSource, pfns: Float64Array, npfns: Uint32Array, first: number, past: number, dirty: boolean): void {
  for (let run = first; run < past; run++) source.unpin(pfns[run]!, npfns[run]!, dirty)
}
