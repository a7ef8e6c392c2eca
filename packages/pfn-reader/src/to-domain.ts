import type { Area } from './area.ts'
import type { PfnBatch } from './pfn-batch.ts'
import type { IommuDomain } from './ports.ts'
import { PAGE_SIZE, RUNS_A_CALL, WORD } from './units.ts'
import { unmapPages } from './unmap-pages.ts'

/** Page that the running call of {@link mapRuns} is at: where it stopped, if it throws. */
let reached = 0

/**
 * Maps the frames of a batch into a domain, from page `start` of the area on (spec pages-and-io-pagetable A3.1): one map call a run; without
 * large pages one a page. The area's last page is clipped without wrapping (K1). On error the domain is as before. O(runs), or O(pages)
 * without large pages. Measured by map.1g.scat.radix.d1/map.
 */
export function toDomain(batch: PfnBatch, domain: IommuDomain, area: Area, start: number, largePages: boolean): void {
  const { nruns } = batch
  reached = start
  try {
    for (let run = 0; run < nruns; run += RUNS_A_CALL) {
      const past = Math.min(run + RUNS_A_CALL, nruns)
      if (largePages) mapRuns(batch, domain, area, reached, run, past)
      else mapPages(batch, domain, area, run, past)
    }
  } catch (error) {
    undo(domain, area, start, reached, batch, largePages)
    throw error
  }
}

/** Maps runs first..past-1 of a batch, which begin at page `start` of the area. Few a call, as in `unpinRuns`. */
function mapRuns(batch: PfnBatch, domain: IommuDomain, area: Area, start: number, first: number, past: number): void {
  const { pfns, npfns } = batch
  const { lastIndex, prot } = area
  const low = area.lowOf(start)
  let hi = area.highOf(start, low)
  let lo = low >>> 0
  let index = start
  let offsetInPage = start === area.firstIndex ? area.pageOffset : 0
  for (let run = first; run < past; run++) {
    const npages = npfns[run]!
    const next = index + npages
    // The last page may end early. The area may end at 2^64-1, so its end is never computed.
    const length = next > lastIndex ? (area.lastHi - hi) * WORD + (area.lastLo - lo) + 1 : npages * PAGE_SIZE - offsetInPage
    domain.mapAt(hi, lo, pfns[run]! * PAGE_SIZE + offsetInPage, length, prot)
    const nextLo = (lo + length) >>> 0
    if (length >= WORD) hi += Math.floor((lo + length) / WORD)
    else if (nextLo < lo) hi++
    lo = nextLo
    offsetInPage = 0
    index = next
    reached = next
  }
}

/** The same, one map call a page. */
function mapPages(batch: PfnBatch, domain: IommuDomain, area: Area, first: number, past: number): void {
  const { pfns, npfns } = batch
  for (let run = first; run < past; run++) {
    const runStart = reached
    for (let page = 0; page < npfns[run]!; page++) {
      const index = runStart + page
      const low = area.lowOf(index)
      const hi = area.highOf(index, low)
      const lo = low >>> 0
      const offsetInPage = index === area.firstIndex ? area.pageOffset : 0
      const length = index === area.lastIndex ? (area.lastHi - hi) * WORD + (area.lastLo - lo) + 1 : PAGE_SIZE - offsetInPage
      domain.mapAt(hi, lo, (pfns[run]! + page) * PAGE_SIZE + offsetInPage, length, area.prot)
      reached = index + 1
    }
  }
}

/** Takes out pages start..past-1; without large pages the part of the run that failed goes first, then the runs in front of it. */
function undo(domain: IommuDomain, area: Area, start: number, past: number, batch: PfnBatch, largePages: boolean): void {
  let runStart = start
  if (!largePages) {
    for (let run = 0; run < batch.nruns && runStart + batch.npfns[run]! <= past; run++) runStart += batch.npfns[run]!
    if (runStart < past) unmapPages(domain, area, runStart, past - 1)
    if (start < runStart) unmapPages(domain, area, start, runStart - 1)
  } else if (start < past) unmapPages(domain, area, start, past - 1)
}
