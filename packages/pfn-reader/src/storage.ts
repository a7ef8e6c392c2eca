import type { Area } from './area.ts'
import { InvariantError } from './errors.ts'
import { addHolder, hasHolder, removeHolder } from './held.ts'
import { pagesOf } from './operation.ts'
import type { Pages } from './pages.ts'
import type { IommuDomain } from './ports.ts'

/** An area that now lies in its first domain begins to hold its pages, read back from there (spec pages-and-io-pagetable A11, B11). O(log n). */
export function attachStorage(area: Area, domain: IommuDomain): void {
  const pages = pagesOf(area)
  if (area.storageDomain !== undefined) throw new RangeError('the area has a storage domain already')
  area.storageDomain = domain
  pages.areas = addHolder(pages.areas, area)
}

/** An area stops holding its pages; nothing is unmapped or unpinned (spec pages-and-io-pagetable A11, B12). `unfillDomain` follows. O(log n). */
export function detachStorage(area: Area, pages: Pages = pagesOf(area)): void {
  if (area.storageDomain === undefined) throw new RangeError('the area has no storage domain')
  checkStored(area, pages)
  pages.areas = removeHolder(pages.areas, area)
  area.storageDomain = undefined
}

/** Another domain, which holds the area too, becomes its storage (spec pages-and-io-pagetable A11, B12). O(1). */
export function replaceStorage(area: Area, domain: IommuDomain): void {
  if (area.storageDomain === undefined) throw new RangeError('the area has no storage domain')
  area.storageDomain = domain
}

/** Two areas over the same pages take the place of one (spec pages-and-io-pagetable A11, B14); they may share a page. Does nothing without storage. O(log n). */
export function splitStorage(area: Area, left: Area, right: Area): void {
  const domain = area.storageDomain
  if (domain === undefined) return
  const pages = pagesOf(area)
  if (left.firstIndex !== area.firstIndex || right.lastIndex !== area.lastIndex) throw new RangeError('the parts are not those of the area')
  detachStorage(area, pages)
  left.storageDomain = domain
  right.storageDomain = domain
  pages.areas = addHolder(addHolder(pages.areas, left), right)
}

/** An area with storage is known to its pages. */
export function checkStored(area: Area, pages: Pages): void {
  if (!hasHolder(pages.areas, area)) throw new InvariantError('an area with storage is not known to these pages')
}
