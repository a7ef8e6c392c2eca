import type { Area } from './area.ts'
import type { PfnBatch } from './pfn-batch.ts'
import type { IommuDomain } from './ports.ts'
import { PAGE_SIZE, PAGES_PER_WORD, RUNS_A_CALL, WORD } from './units.ts'
import { bytesToEnd, unmapPages } from './unmap-pages.ts'

/** Runs of the present batch that are mapped, and pages of the run behind them: where a map has stopped, if it throws. */
let runsMapped = 0
let pagesMapped = 0

/**
 * Maps the frames of a batch into a domain, from page `start` of the area on (spec pages-and-io-pagetable A3.1): one map call a run; without
 * large pages one a page. The area's last page is clipped without wrapping (K1). On error the domain is as before. O(runs), or O(pages)
 * without large pages. Measured by map.1g.scat.radix.d1/map.
 */
export function toDomain(batch: PfnBatch, domain: IommuDomain, area: Area, start: number, largePages: boolean): void {
  const { nruns } = batch
  runsMapped = 0
  pagesMapped = 0
  try {
    if (!largePages) mapPages(batch, domain, area, start)
    else {
      // Only the run that ends the area may end inside a page.
      const nwhole = start + batch.total > area.lastIndex ? nruns - 1 : nruns
      let index = start
      for (let run = 0; run < nwhole; run += RUNS_A_CALL)
        index = mapRuns(batch, domain, area, index, run, Math.min(run + RUNS_A_CALL, nwhole))
      if (nwhole < nruns) mapLast(batch, domain, area, index)
    }
  } catch (error) {
    undo(domain, area, start, batch)
    throw error
  }
}

/** Maps runs first..past-1 of a batch, which begin at page `start` of the area and do not end it; returns the page behind them. Few a call, as in `unpinRuns`. */
function mapRuns(batch: PfnBatch, domain: IommuDomain, area: Area, start: number, first: number, past: number): number {
  const { pfns, npfns } = batch
  const { firstIndex, pageOffset, prot } = area
  const low = area.lowOf(start)
  let hi = area.highOf(start, low)
  let lo = low >>> 0
  let offsetInPage = start === firstIndex ? pageOffset : 0
  let npages = 0
  for (let run = first; run < past; run++) {
    const length = npfns[run]! * PAGE_SIZE - offsetInPage
    domain.mapAt(hi, lo, pfns[run]! * PAGE_SIZE + offsetInPage, length, prot)
    runsMapped = run + 1
    const nextLo = (lo + length) >>> 0
    if (npfns[run]! >= PAGES_PER_WORD) hi += Math.floor((lo + length) / WORD)
    else if (nextLo < lo) hi++
    lo = nextLo
    npages += npfns[run]!
    offsetInPage = 0
  }
  return start + npages
}

/** Maps the last run of a batch, which begins at page `start` and ends the area. The area may end at 2^64-1, so its end is never computed. */
function mapLast(batch: PfnBatch, domain: IommuDomain, area: Area, start: number): void {
  const low = area.lowOf(start)
  const hi = area.highOf(start, low)
  const lo = low >>> 0
  const offsetInPage = start === area.firstIndex ? area.pageOffset : 0
  domain.mapAt(hi, lo, batch.pfns[batch.nruns - 1]! * PAGE_SIZE + offsetInPage, bytesToEnd(area, hi, lo), area.prot)
}

/** The same, one map call a page. */
function mapPages(batch: PfnBatch, domain: IommuDomain, area: Area, start: number): void {
  const { pfns, npfns, nruns } = batch
  let index = start
  for (let run = 0; run < nruns; run++) {
    for (let page = 0; page < npfns[run]!; page++) {
      const low = area.lowOf(index)
      const hi = area.highOf(index, low)
      const lo = low >>> 0
      const offsetInPage = index === area.firstIndex ? area.pageOffset : 0
      const length = index === area.lastIndex ? bytesToEnd(area, hi, lo) : PAGE_SIZE - offsetInPage
      domain.mapAt(hi, lo, (pfns[run]! + page) * PAGE_SIZE + offsetInPage, length, area.prot)
      index++
      pagesMapped = page + 1
    }
    runsMapped = run + 1
    pagesMapped = 0
  }
}

/** Takes out what is mapped of a batch that begins at page `start`: the part of the run that failed first, then the runs in front of it. */
function undo(domain: IommuDomain, area: Area, start: number, batch: PfnBatch): void {
  let runStart = start
  for (let run = 0; run < runsMapped; run++) runStart += batch.npfns[run]!
  if (pagesMapped > 0) unmapPages(domain, area, runStart, runStart + pagesMapped - 1)
  if (start < runStart) unmapPages(domain, area, start, runStart - 1)
}
