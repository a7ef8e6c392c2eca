import { settle, settleDown } from './accounting.ts'
import { giveBatch, takeBatch } from './batch-pool.ts'
import { InvariantError, IommuError } from './errors.ts'
import { fromDomain } from './from-domain.ts'
import { holderOf, holdsAny } from './held.ts'
import { limitForTeardown } from './operation.ts'
import { pinInto } from './origin-reader.ts'
import type { Pages } from './pages.ts'
import type { PfnBatch } from './pfn-batch.ts'
import { PinnedMap } from './pinned-map.ts'
import { TierCursor } from './tier-cursor.ts'
import { RUNS_A_CALL } from './units.ts'
import { unpinBatch } from './unpin.ts'

/**
 * Pins pages first..last for an access that is not recorded yet, stores their PFNs in the pinned map and returns them (spec
 * pages-and-io-pagetable A12.1). What a domain or another access holds is not pinned again. `shared`: some access holds a page of them, as
 * the caller has found out. O(pages), because of the list.
 * @throws whatever the source throws, ENOMEM from accounting or for the list; then pins, pinned map and charges are as before.
 */
export function fillPinnedMap(pages: Pages, first: number, last: number, shared: boolean): Float64Array {
  const list = newList(last - first + 1)
  const map = (pages.pinned ??= new PinnedMap(pages.npages))
  const batch = takeBatch(last - first + 1, pages.temp.limitBytes)
  /** Page behind the last span that is stored as a whole. */
  let stored = first
  try {
    // Most ranges are held by nobody: then they are one span, and no cursor is needed to find that out.
    if (!shared && !holdsAny(pages.areas, first, last)) {
      storeFromOrigin(pages, map, batch, first, last, list, first)
      stored = last + 1
    } else {
      for (const tiers = new TierCursor(pages, first, last); !tiers.done; tiers.next()) {
        const { tier, start } = tiers
        if (tier === 'access') map.copyTo(list, start - first, start, tiers.last)
        else if (tier === 'domain') storeFromDomains(pages, map, batch, start, tiers.last, list, first)
        else storeFromOrigin(pages, map, batch, start, tiers.last, list, first)
        stored = tiers.last + 1
      }
    }
    settle(pages)
  } catch (error) {
    if (stored > first) unfillPinnedMap(pages, first, stored - 1, shared)
    dropEmpty(pages)
    throw error
  } finally {
    batch.clear()
    giveBatch(batch)
  }
  return list
}

/**
 * Forgets the PFNs of pages first..last after an access to them was removed (spec pages-and-io-pagetable A12.2): pages that nothing holds are
 * released, those of a domain stay pinned, those of another access stay as they are. `shared`: another access may hold a page of them.
 * Never fails. O(pages).
 */
export function unfillPinnedMap(pages: Pages, first: number, last: number, shared: boolean): void {
  const map = pages.pinned!
  if (!shared && !holdsAny(pages.areas, first, last)) releasePinned(pages, map, first, last, pages.writable)
  else unfillSpans(pages, map, first, last)
  dropEmpty(pages)
  settleDown(pages)
}

function unfillSpans(pages: Pages, map: PinnedMap, first: number, last: number): void {
  for (const tiers = new TierCursor(pages, first, last); !tiers.done; tiers.next()) {
    if (tiers.tier === 'domain') map.erase(tiers.start, tiers.last)
    else if (tiers.tier === 'origin') releasePinned(pages, map, tiers.start, tiers.last, pages.writable)
  }
}

/** The PFNs of pages first..last, which accesses hold already (spec pages-and-io-pagetable A12.3). O(pages). */
export function fastList(pages: Pages, first: number, last: number): Float64Array {
  const list = newList(last - first + 1)
  pages.pinned!.copyTo(list, 0, first, last)
  return list
}

function newList(npages: number): Float64Array {
  try {
    return new Float64Array(npages)
  } catch {
    throw new IommuError('ENOMEM', `there is no memory for a list of ${npages} PFNs`)
  }
}

/** Reads pages start..last back from the areas that hold them; none is pinned again. */
function storeFromDomains(
  pages: Pages,
  map: PinnedMap,
  batch: PfnBatch,
  start: number,
  last: number,
  list: Float64Array,
  listFirst: number,
): void {
  let index = start
  while (index <= last) {
    const area = holderOf(pages.areas, index)
    if (area?.storageDomain === undefined) throw new InvariantError(`no area stores page ${index}`)
    batch.clear()
    fromDomain(batch, area.storageDomain, area, index, Math.min(area.lastIndex, last))
    if (batch.total === 0) throw new InvariantError(`a domain does not know page ${index}, which it was given`)
    expand(batch, list, index - listFirst)
    map.storeBatch(batch, index, list, index - listFirst)
    index += batch.total
  }
}

/** Pins pages start..last, all of them or none. Measured by pin.1g.scat.mm/pin. */
function storeFromOrigin(
  pages: Pages,
  map: PinnedMap,
  batch: PfnBatch,
  start: number,
  last: number,
  list: Float64Array,
  listFirst: number,
): void {
  let index = start
  try {
    while (index <= last) {
      batch.clear()
      pinInto(pages, batch, index, Math.min(last - index + 1, batch.room))
      expand(batch, list, index - listFirst)
      map.storeBatch(batch, index, list, index - listFirst)
      index += batch.total
    }
  } catch (error) {
    // Nobody has seen these pages, so they are released clean.
    if (index > start) releasePinned(pages, map, start, index - 1, false)
    throw error
  }
}

/** Releases pages first..last of the pinned map and erases them there. Measured by pin.1g.scat.mm/unpin. */
function releasePinned(pages: Pages, map: PinnedMap, first: number, last: number, dirty: boolean): void {
  const batch = takeBatch(last - first + 1, limitForTeardown(pages))
  let index = first
  while (index <= last) {
    map.moveTo(batch, index, last)
    unpinBatch(pages, batch, 0, batch.total, dirty)
    index += batch.total
    batch.clear()
  }
  giveBatch(batch)
}

/** Without an access there is no pinned map. */
function dropEmpty(pages: Pages): void {
  if (pages.pinned?.isEmpty === true) pages.pinned = undefined
}

/** Writes the frames of a batch out one by one. O(pages). */
function expand(batch: PfnBatch, list: Float64Array, from: number): void {
  const { nruns } = batch
  let at = from
  for (let run = 0; run < nruns; run += RUNS_A_CALL) at = expandRuns(batch, run, Math.min(run + RUNS_A_CALL, nruns), list, at)
}

/** The same for runs first..past-1; returns the position behind them. Few a call, as in `unpinRuns`. */
function expandRuns(batch: PfnBatch, first: number, past: number, list: Float64Array, from: number): number {
  const { pfns, npfns } = batch
  let at = from
  for (let run = first; run < past; run++) {
    let pfn = pfns[run]!
    list[at++] = pfn
    for (let left = npfns[run]! - 1; left > 0; left--) list[at++] = ++pfn
  }
  return at
}
