import {
  type Area,
  attachStorage,
  detachStorage,
  fillDomain,
  type IommuDomain,
  IommuError,
  type Pages,
  replaceStorage,
  unfillDomain,
  unmapDomain,
} from '@iommukit/pfn-reader'
import { checkAreasAlign, recalculate, smallestPage } from './alignment.ts'
import { removeReserved, reserve, toU64 } from './reservations.ts'
import type { TableState } from './state.ts'
import { describe, PAGE_SIZE, U64_MAX } from './u64.ts'
import { forEachArea } from './walk.ts'

/**
 * Makes `domain` hold every area and keeps it so (spec B11). All or nothing.
 * EEXIST: it is attached already; EINVAL: its smallest page is above 4096 bytes; EADDRINUSE: an area is misaligned for it, or an area or an
 * allowed range lies outside its aperture; or whatever pinning, mapping or charging throws.
 */
export function addDomain(state: TableState, domain: IommuDomain): void {
  checkDomain(domain)
  const { aperture, pgsizeBitmap } = domain
  if (state.domains.includes(domain)) throw new IommuError('EEXIST', 'the domain is attached already')
  const alignment = Math.max(smallestPage(pgsizeBitmap), state.iovaAlignment)
  if (alignment > PAGE_SIZE) {
    throw new IommuError('EINVAL', `the domain's smallest page is above ${PAGE_SIZE} bytes (pgsizeBitmap 0x${pgsizeBitmap.toString(16)})`)
  }
  if (alignment !== state.iovaAlignment) checkAreasAlign(state, alignment)
  try {
    if (aperture.start !== 0n) reserve(state, 0n, aperture.start - 1n, domain)
    if (aperture.last !== U64_MAX) reserve(state, aperture.last + 1n, U64_MAX, domain)
    fillAreas(state, domain)
  } catch (error) {
    removeReserved(state, domain)
    throw error
  }
  state.iovaAlignment = alignment
  state.domains.push(domain)
}

/** What no domain can be is a programmer's error, found before anything changes. */
function checkDomain(domain: IommuDomain): void {
  if (typeof domain !== 'object' || domain === null) throw new TypeError(`domain must be an object, got ${describe(domain)}`)
  if (toU64(domain.pgsizeBitmap, 'pgsizeBitmap') === 0n) throw new RangeError('pgsizeBitmap must be in 1..2^64-1, got 0')
  const start = toU64(domain.aperture.start, 'aperture start')
  const last = toU64(domain.aperture.last, 'aperture last')
  if (start > last) throw new RangeError(`the aperture is inverted: start 0x${start.toString(16)} is above last 0x${last.toString(16)}`)
}

/** Fills the domain with every built area; on error takes out what it has filled. */
function fillAreas(state: TableState, domain: IommuDomain): void {
  const filled: Area[] = []
  const first = state.domains.length === 0
  try {
    forEachArea(state.areas, (area) => {
      if (area.pages === undefined) return
      fillDomain(area, domain, state.largePages)
      if (area.storageDomain === undefined) attachStorage(area, domain)
      filled.push(area)
    })
  } catch (error) {
    for (const area of filled) {
      // Out of the tree first, so that unfilling sees which pages nobody else holds; with other domains they all stay held.
      if (first) detachStorage(area)
      unfillDomain(area, area.pages!, domain)
    }
    throw error
  }
}

/** Takes every area out of `domain` and forgets it (spec B12). Never fails. RangeError, changing nothing: it is not attached. */
export function removeDomain(state: TableState, domain: IommuDomain): void {
  const { domains } = state
  const position = domains.indexOf(domain)
  if (position < 0) throw new RangeError('removeDomain: the domain is not attached to this table')
  // The last one takes its place; only then is it known who becomes storage.
  const moved = domains.pop()!
  if (position < domains.length) domains[position] = moved
  const heir = domains[0]
  forEachArea(state.areas, (area) => {
    const { pages } = area
    if (pages === undefined) return
    if (heir === undefined) unstore(area, pages, domain)
    else {
      if (area.storageDomain === domain) replaceStorage(area, heir)
      unmapDomain(area, domain)
    }
  })
  removeReserved(state, domain)
  recalculate(state)
}

/** The last domain goes: pages that no access and no other table holds are released. */
function unstore(area: Area, pages: Pages, domain: IommuDomain): void {
  detachStorage(area)
  unfillDomain(area, pages, domain)
}
