import { settleDown } from './accounting.ts'
import type { Area } from './area.ts'
import { giveBatch, takeBatch } from './batch-pool.ts'
import { InvariantError } from './errors.ts'
import { fromDomain, fromDomainContinue } from './from-domain.ts'
import { limitForTeardown } from './operation.ts'
import type { Pages } from './pages.ts'
import type { PfnBatch } from './pfn-batch.ts'
import type { IommuDomain } from './ports.ts'
import { TierCursor } from './tier-cursor.ts'
import { unmapPages } from './unmap-pages.ts'
import { unpinBatch } from './unpin.ts'

/**
 * Takes pages area.firstIndex..lastIndex out of a domain and releases those that nothing holds, each after the unmap that contains it (spec
 * pages-and-io-pagetable A10.1). Unmaps begin and end at cut points only: a run of frames that reaches behind a hole is read to its end
 * and unmapped whole, and its pages behind the hole are carried along until it is known who holds them. Never fails. O(runs + spans log n).
 */
export function unfillRange(area: Area, pages: Pages, domain: IommuDomain, lastIndex: number): void {
  const { firstIndex } = area
  const batch = takeBatch(lastIndex - firstIndex + 1, limitForTeardown(pages))
  let unmapped = firstIndex
  // Most pages are held by nobody else: then they are one hole, and no cursor is needed to find that out.
  if (pages.areas === undefined && pages.accesses === undefined)
    unmapped = unfillHole(area, pages, domain, batch, unmapped, firstIndex, lastIndex, lastIndex)
  else {
    for (const tiers = new TierCursor(pages, firstIndex, lastIndex); !tiers.done; tiers.next()) {
      // Held pages stay pinned. If they were not unmapped yet, a later unmap takes them along.
      if (tiers.tier === 'origin') unmapped = unfillHole(area, pages, domain, batch, unmapped, tiers.start, tiers.last, lastIndex)
      else batch.skipCarry(tiers.last - tiers.start + 1)
    }
  }
  if (unmapped <= lastIndex) unmapPages(domain, area, unmapped, lastIndex)
  if (batch.total !== 0) throw new InvariantError(`${batch.total} pages were unmapped, but nobody decided on their pins`)
  giveBatch(batch)
  settleDown(pages)
}

/**
 * Releases pages start..last, which nothing holds. Whenever the batch holds frames here, they are one run: pages start..unmapped-1, which
 * are unmapped already. Returns the first page not unmapped. Measured by map.1g.scat.radix.d1/unmap.
 */
function unfillHole(
  area: Area,
  pages: Pages,
  domain: IommuDomain,
  batch: PfnBatch,
  unmapped: number,
  start: number,
  last: number,
  lastIndex: number,
): number {
  let from = start
  let done = unmapped
  while (from <= last) {
    let read = last
    if (done <= last) {
      fromDomain(batch, domain, area, Math.max(from, done), last)
      if (batch.total === 0) throw new InvariantError(`a domain does not know page ${from}, which it was given`)
      read = from + batch.total - 1
      // Only while there is something to unmap: behind it the domain knows nothing any more (K3).
      if (read === last && last !== lastIndex) fromDomainContinue(batch, domain, area, last + 1, lastIndex)
    }
    if (done <= read) {
      unmapPages(domain, area, done, from + batch.total - 1)
      done = from + batch.total
    }
    unpinBatch(pages, batch, 0, read - from + 1, pages.writable)
    from = read + 1
    batch.clearCarry(done - from)
  }
  return done
}
