import type { Area } from './area.ts'
import { removeHolder } from './held.ts'
import { begin, end } from './operation.ts'
import type { Pages } from './pages.ts'
import type { IommuDomain } from './ports.ts'
import { checkStored } from './storage.ts'
import { checkInteger } from './u64.ts'
import { unfillRange } from './unfill-range.ts'
import { unmapBytes } from './unmap-pages.ts'

/**
 * Takes pages area.firstIndex .. `lastIndex` (inclusive, the whole area when absent) out of a domain and releases those that neither an area
 * nor an access holds (spec pages-and-io-pagetable A10.1). When the area's own hold is to end, `detachStorage` comes first. `lastIndex` must
 * be where a map call ended. Never fails. O(runs).
 */
export function unfillDomain(area: Area, pages: Pages, domain: IommuDomain, lastIndex?: number): void {
  if (lastIndex !== undefined) checkInteger(lastIndex, 'lastIndex', area.firstIndex, area.lastIndex)
  begin()
  try {
    unfillRange(area, pages, domain, lastIndex ?? area.lastIndex)
  } finally {
    end()
  }
}

/**
 * Takes an area out of all domains of its table, for good (spec pages-and-io-pagetable A10.4). An area without storage is in none. Its
 * `pages` are passed, since an area that goes has lost them already. Never fails. O(domains + runs).
 */
export function unfillDomains(area: Area, pages: Pages, domains: readonly IommuDomain[]): void {
  const storage = area.storageDomain
  if (storage === undefined) return
  checkStored(area, pages)
  begin()
  try {
    if (domains.length > 1) for (const domain of domains) if (domain !== storage) unmapArea(area, domain)
    pages.areas = removeHolder(pages.areas, area)
    area.storageDomain = undefined
    unfillRange(area, pages, storage, area.lastIndex)
  } finally {
    end()
  }
}

/** Takes an area out of one domain while another keeps its pages (spec pages-and-io-pagetable A10.3): one unmap, no pin changes. O(1). */
export function unmapDomain(area: Area, domain: IommuDomain): void {
  unmapArea(area, domain)
}

function unmapArea(area: Area, domain: IommuDomain): void {
  unmapBytes(domain, area.iova, area.length)
}
