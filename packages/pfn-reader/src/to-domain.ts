import type { Area } from './area.ts'
import type { PfnBatch } from './pfn-batch.ts'
import type { IommuDomain } from './ports.ts'
import { PAGE_SIZE, WORD, WORD_MAX } from './units.ts'
import { unmapPages } from './unmap-pages.ts'

/**
 * Maps the frames of a batch into a domain, from page `start` of the area on (spec pages-and-io-pagetable A3.1): one map call a run; without
 * large pages one a page. The area's last page is clipped without wrapping (K1). On error the domain is as before. O(runs), or O(pages)
 * without large pages. Measured by map.1g.scat.radix.d1/map.
 */
export function toDomain(batch: PfnBatch, domain: IommuDomain, area: Area, start: number, largePages: boolean): void {
  const { pfns, npfns, nruns } = batch
  const { lastIndex, prot } = area
  let lo = area.lowOf(start)
  let hi = area.highOf(start, lo)
  lo >>>= 0
  let index = start
  let offsetInPage = start === area.firstIndex ? area.pageOffset : 0
  try {
    for (let run = 0; run < nruns; run++) {
      let pfn = pfns[run]!
      let left = npfns[run]!
      do {
        const part = largePages ? left : 1
        const past = index + part
        // The last page may end early. The area may end at 2^64-1, so its end is never computed.
        const length = past > lastIndex ? (area.lastHi - hi) * WORD + (area.lastLo - lo) + 1 : part * PAGE_SIZE - offsetInPage
        domain.mapAt(hi, lo, pfn * PAGE_SIZE + offsetInPage, length, prot)
        index = past
        offsetInPage = 0
        lo += length
        if (lo > WORD_MAX) {
          hi += Math.floor(lo / WORD)
          lo >>>= 0
        }
        pfn += part
        left -= part
      } while (left > 0)
    }
  } catch (error) {
    undo(domain, area, start, index, batch, largePages)
    throw error
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
