import { settle } from './accounting.ts'
import type { Area } from './area.ts'
import { addHolder } from './held.ts'
import { begin, checkFill, end, pagesOf } from './operation.ts'
import type { Pages } from './pages.ts'
import { PfnReader } from './pfn-reader.ts'
import type { IommuDomain } from './ports.ts'
import { toDomain } from './to-domain.ts'
import { unfillRange } from './unfill-range.ts'
import { unmapPages } from './unmap-pages.ts'

/**
 * Maps a built area into one more domain, which maps nothing of it yet (spec pages-and-io-pagetable A9.1). Pages that an area or an access
 * holds already are not pinned again. The caller then calls `attachStorage` if the area had no storage. O(runs).
 * @throws whatever pinning or mapping throws, ENOMEM from accounting; then domain, pins and charges are as before.
 */
export function fillDomain(area: Area, domain: IommuDomain, largePages: boolean): void {
  const pages = pagesOf(area)
  checkFill(area, pages, largePages)
  begin()
  try {
    const reader = PfnReader.take(pages, area.firstIndex, area.lastIndex)
    try {
      for (; !reader.done; reader.next()) toDomain(reader.batch, domain, area, reader.batchStart, largePages)
      settle(pages)
    } catch (error) {
      // The domain holds what lies in front of the batch that could not be mapped or not be loaded.
      const mapped = reader.batchStart
      reader.releasePins()
      partialUnfill(area, pages, domain, mapped)
      throw error
    } finally {
      reader.retire()
    }
  } finally {
    end()
  }
}

/**
 * Maps a new area into all domains of its table at once (spec pages-and-io-pagetable A9.2): each page is pinned once and read once,
 * whatever the number of domains. The first domain becomes its storage, and the area counts among those of `pages` from then on.
 * Without a domain nothing happens, and bad memory is not noticed. `area.pages` is not looked at. O(runs * domains).
 * @throws whatever pinning or mapping throws, ENOMEM from accounting; then all domains, pins and charges are as before.
 */
export function fillDomains(area: Area, pages: Pages, domains: readonly IommuDomain[], largePages: boolean): void {
  checkFill(area, pages, largePages)
  const [storage] = domains
  if (storage === undefined) return
  if (area.storageDomain !== undefined) throw new RangeError('fillDomains is for a new area, but this one has a storage domain')
  begin()
  try {
    fillAll(area, pages, domains, largePages)
  } finally {
    end()
  }
  area.storageDomain = storage
}

function fillAll(area: Area, pages: Pages, domains: readonly IommuDomain[], largePages: boolean): void {
  const reader = PfnReader.take(pages, area.firstIndex, area.lastIndex)
  /** How many domains hold the present batch. */
  let holding = 0
  try {
    while (!reader.done) {
      for (; holding < domains.length; holding++) toDomain(reader.batch, domains[holding]!, area, reader.batchStart, largePages)
      holding = 0
      reader.next()
    }
    settle(pages)
    pages.areas = addHolder(pages.areas, area)
  } catch (error) {
    undoFill(area, pages, domains, reader, holding)
    throw error
  } finally {
    reader.retire()
  }
}

/** Every domain holds what lies in front of the present batch, the first `holding` ones the batch too. First unmap everywhere, then unpin (K2). */
function undoFill(area: Area, pages: Pages, domains: readonly IommuDomain[], reader: PfnReader, holding: number): void {
  const { firstIndex } = area
  const { batchStart, batchEnd } = reader
  for (let position = 1; position < domains.length; position++) {
    const past = position < holding ? batchEnd : batchStart
    if (past > firstIndex) unmapPages(domains[position]!, area, firstIndex, past - 1)
  }
  // What the first domain holds is released with it, the rest by the reader.
  if (holding > 0) reader.handOver()
  partialUnfill(area, pages, domains[0]!, holding > 0 ? batchEnd : batchStart)
  reader.releasePins()
}

/** Takes the pages in front of `past` out of a domain, if there are any (spec A10.2). */
function partialUnfill(area: Area, pages: Pages, domain: IommuDomain, past: number): void {
  if (past > area.firstIndex) unfillRange(area, pages, domain, past - 1)
}
