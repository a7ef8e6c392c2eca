// Kind 1 of docs/TESTING.md: spec pages-and-io-pagetable A17, "Where implementers go wrong", item by item: each title cites its item.
import {
  Area,
  addAccess,
  detachStorage,
  fillDomain,
  fillDomains,
  PfnBatch,
  removeAccess,
  unfillDomain,
  unfillDomains,
} from '@iommukit/pfn-reader'
import { checkInvariants } from '@iommukit/pfn-reader/check'
import { expect, it } from 'vitest'
import { areaOver, U64_MAX, World } from './fakes.ts'

const consecutive = (index: number): number => 1000 + index

/** An area over `npages` pages in one domain; the log begins behind that. */
function mapped(npages: number, pfns: (index: number) => number = consecutive, limitBytes = 65536) {
  const world = new World()
  world.temp.limitBytes = limitBytes
  const domain = world.domain('a')
  const { pages, source } = world.pages(pfns, npages)
  const area = areaOver(pages, 0x10000n, 0, npages - 1)
  fillDomains(area, pages, [domain], true)
  area.pages = pages
  world.take()
  return { world, domain, pages, source, area }
}

it('A17 item 1: unmaps whole runs, and unpins only behind them', () => {
  const { world, domain, pages, area } = mapped(8)
  unfillDomains(area, pages, [domain])
  expect(world.take()).toEqual(['unmap a 0x10000+0x8000', 'unpin 1000+8 dirty', 'uncharge user 8'])
})

it('A17 item 2: the area leaves the tree before its pages are decided on', () => {
  const { domain, pages, source, area } = mapped(4)
  detachStorage(area)
  unfillDomain(area, pages, domain)
  expect([source.pinned, pages.storageRanges()]).toEqual([0, []])
})

it('A17 item 3: held pages inside a run do not cut its unmap', () => {
  const { world, domain, pages, area } = mapped(9)
  addAccess(area, 3, 5, true)
  world.take()
  unfillDomains(area, pages, [domain])
  expect(world.take('unmap')).toEqual(['unmap a 0x10000+0x9000'])
})

it('A17 item 4: no run of length zero stays behind', () => {
  const batch = new PfnBatch(1, 12)
  batch.add(7, 2)
  batch.skipCarry(2)
  expect([batch.nruns, batch.total, batch.add(100, 1)]).toEqual([0, 0, true])
})

it('A17 item 5: the carry survives the next add', () => {
  const batch = new PfnBatch(8, 65536)
  batch.add(100, 3)
  batch.clearCarry(2)
  batch.add(500, 1)
  expect(batch.runs()).toEqual([
    { pfn: 101, npfns: 2 },
    { pfn: 500, npfns: 1 },
  ])
})

it('A17 item 6: what is unmapped is never asked for again', () => {
  // The domain refuses to read back what it does not map; holes and held pages alternate within one run.
  const { domain, pages, source, area } = mapped(12, consecutive, 12)
  for (const page of [1, 4, 5, 9]) addAccess(area, page, page, true)
  unfillDomains(area, pages, [domain])
  expect([domain.isEmpty, source.pinned]).toEqual([true, 4])
})

it('A17 item 7: a short pin is success', () => {
  const world = new World()
  const domain = world.domain('a')
  const { pages, source } = world.pages(consecutive, 7, { shortPin: () => 2 })
  const area = areaOver(pages, 0x10000n, 0, 6)
  fillDomains(area, pages, [domain], true)
  expect([source.pinCalls, source.pinned, world.take('map')]).toEqual([4, 7, [`map a 0x10000+0x7000 -> 0x${(1000 * 4096).toString(16)}`]])
})

it('A17 item 8: charges what was pinned, not the length of the range', () => {
  const { world, pages, area } = mapped(6)
  addAccess(area, 0, 5, true)
  const second = world.domain('b')
  fillDomain(area, second, true)
  expect([world.take('charge'), pages.npinned]).toEqual([[], 6])
})

it('A17 item 9: a failed charge leaves the pages of others pinned', () => {
  const world = new World()
  const domain = world.domain('a')
  const { pages, source } = world.pages(consecutive, 4)
  const area = areaOver(pages, 0x10000n, 0, 3)
  area.pages = pages
  addAccess(area, 1, 2, true)
  area.pages = undefined
  world.accounting.limitBytes = 3 * 4096
  expect(() => fillDomains(area, pages, [domain], true)).toThrow(/ENOMEM/)
  expect([source.pinned, source.pinsOf(1), source.pinsOf(2), domain.isEmpty, pages.npinned]).toEqual([2, 1, 1, true, 2])
  checkInvariants(pages, (pfn) => world.pinCount(pfn))
})

it('A17 items 10 and 11: the page offset counts for every page behind the first, and is taken off only on the first', () => {
  const world = new World()
  const [domain, second] = [world.domain('a'), world.domain('b')]
  const { pages } = world.pages([500, 900, 700], 3)
  const area = Area.at({ iova: 0x10800n, length: 0x2000n, startByte: 0x800n, prot: 3 })
  fillDomains(area, pages, [domain], true)
  area.pages = pages
  expect([0, 1, 2].map((index) => area.iovaOf(index))).toEqual([0x10800n, 0x11000n, 0x12000n])
  fillDomain(area, second, true)
  for (const x of [0x10800n, 0x11000n, 0x12000n]) expect(second.iovaToPhys(x)).toBe(domain.iovaToPhys(x))
  expect(domain.iovaToPhys(0x10800n)).toBe(500n * 4096n + 0x800n)
})

it('A17 item 12: the pinned map outlives the domain, and goes with its last access', () => {
  const { domain, pages, area } = mapped(4)
  addAccess(area, 1, 2, true)
  unfillDomains(area, pages, [domain])
  expect(pages.pinnedPfns()).toEqual([
    [1, 1001],
    [2, 1002],
  ])
  removeAccess(area, 1, 2)
  expect([pages.pinnedPfns(), pages.npinned]).toEqual([[], 0])
})

it('A17 item 13: a record belongs to the pages, so another area of them shares it', () => {
  const { pages, area } = mapped(4)
  const other = areaOver(pages, 0x90000n, 0, 3)
  other.pages = pages
  addAccess(area, 1, 2, true)
  addAccess(other, 1, 2, true)
  expect(pages.accessRanges()).toEqual([{ firstIndex: 1, lastIndex: 2, users: 2 }])
  removeAccess(area, 1, 2)
  removeAccess(other, 1, 2)
  expect(pages.accessRanges()).toEqual([])
})

it('A17 item 14: what an error releases is clean', () => {
  const world = new World()
  const { pages, source } = world.pages(consecutive, 4, { shortPin: () => 2 })
  source.bad.set(2, 'none')
  const area = areaOver(pages, 0x10000n, 0, 3)
  area.pages = pages
  expect(() => addAccess(area, 0, 3, true)).toThrow(/EFAULT/)
  expect([source.pinned, source.dirtied]).toEqual([0, 0])
})

it('A17 item 15: an area that ends at 2^64-1 maps to its last byte', () => {
  const world = new World()
  const domain = world.domain('a')
  const { pages } = world.pages([5, 9], 2)
  const area = areaOver(pages, U64_MAX - 0x1fffn, 0, 1)
  fillDomains(area, pages, [domain], true)
  expect(world.take('map')).toEqual(['map a 0xffffffffffffe000+0x1000 -> 0x5000', 'map a 0xfffffffffffff000+0x1000 -> 0x9000'])
  area.pages = undefined
  unfillDomains(area, pages, [domain])
  expect(domain.isEmpty).toBe(true)
})
