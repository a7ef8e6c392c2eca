// A table without IOVA management: what the layer above does with the functions of this package (spec pages-and-io-pagetable B6, B9, B11, B12, B14).
import {
  Area,
  attachStorage,
  detachStorage,
  fillDomain,
  fillDomains,
  type Pages,
  replaceStorage,
  splitStorage,
  unfillDomain,
  unfillDomains,
  unmapDomain,
} from '@iommukit/pfn-reader'
import type { FakeDomain } from './fakes.ts'

export class Table {
  readonly domains: FakeDomain[] = []
  readonly areas: Area[] = []
  largePages = true

  map(pages: Pages, area: Area): Area {
    area.pages = undefined
    fillDomains(area, pages, this.domains, this.largePages)
    pages.addRef()
    area.pages = pages
    this.areas.push(area)
    return area
  }

  unmap(area: Area): void {
    const pages = area.pages!
    area.pages = undefined
    unfillDomains(area, pages, this.domains)
    pages.release()
    this.areas.splice(this.areas.indexOf(area), 1)
  }

  addDomain(domain: FakeDomain): void {
    const filled: Area[] = []
    const first = this.domains.length === 0
    try {
      for (const area of this.areas) {
        fillDomain(area, domain, this.largePages)
        if (area.storageDomain === undefined) attachStorage(area, domain)
        filled.push(area)
      }
    } catch (error) {
      for (const area of filled) {
        if (first) detachStorage(area)
        unfillDomain(area, area.pages!, domain)
      }
      throw error
    }
    this.domains.push(domain)
  }

  removeDomain(domain: FakeDomain): void {
    const position = this.domains.indexOf(domain)
    const moved = this.domains.pop()!
    if (position < this.domains.length) this.domains[position] = moved
    const heir = this.domains[0]
    for (const area of this.areas) {
      if (heir === undefined) {
        detachStorage(area)
        unfillDomain(area, area.pages!, domain)
      } else {
        if (area.storageDomain === domain) replaceStorage(area, heir)
        unmapDomain(area, domain)
      }
    }
  }

  /** Splits an area behind its page `index`, when the large pages are off or there is no domain. */
  split(area: Area, index: number): [left: Area, right: Area] {
    const cut = area.iovaLastOf(index)
    const { iova, lastIova, prot, pages } = area
    const left = Area.at({ iova, length: cut - iova + 1n, startByte: area.startByte(iova), prot })
    const right = Area.at({ iova: cut + 1n, length: lastIova - cut, startByte: area.startByte(cut + 1n), prot })
    left.pages = pages
    right.pages = pages
    pages!.addRef()
    splitStorage(area, left, right)
    this.areas.splice(this.areas.indexOf(area), 1, left, right)
    return [left, right]
  }
}
