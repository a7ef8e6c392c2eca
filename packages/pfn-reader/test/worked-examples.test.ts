// Examples: E1 to E6 of spec pages-and-io-pagetable A16, as exact sequences of what the ports are asked.
import {
  Area,
  addAccess,
  attachStorage,
  detachStorage,
  fillDomain,
  fillDomains,
  removeAccess,
  unfillDomain,
  unfillDomains,
} from '@iommukit/pfn-reader'
import { checkInvariants } from '@iommukit/pfn-reader/check'
import { expect, it } from 'vitest'
import { areaOver, World } from './fakes.ts'
import { Table } from './table.ts'

/** E1's area: 4096 bytes from the middle of page 0 to the middle of page 1, at an IOVA in the middle of a page. */
function halfPages(pfns: readonly number[]) {
  const world = new World()
  const domain = world.domain('a')
  const { pages } = world.pages(pfns, 2)
  const area = Area.at({ iova: 0x10800n, length: 0x1000n, startByte: 0x800n, prot: 3 })
  fillDomains(area, pages, [domain], true)
  return { world, domain, pages, area }
}

it('A16 E1: a consecutive pair of half pages is one map call', () => {
  const { world, domain, pages, area } = halfPages([500, 501])
  expect(world.take()).toEqual(['pin 0+2', `map a 0x10800+0x1000 -> 0x${(500 * 4096 + 0x800).toString(16)}`, 'charge user 2'])
  expect((domain.iovaToPhys(0x10800n)! - 0x800n) / 4096n).toBe(500n)
  expect(domain.iovaToPhys(0x11000n)! / 4096n).toBe(501n)
  expect([area.firstIndex, area.lastIndex, area.iovaOf(0), area.iovaLastOf(0), area.iovaOf(1), area.iovaLastOf(1)]).toEqual([
    0,
    1,
    0x10800n,
    0x10fffn,
    0x11000n,
    0x117ffn,
  ])
  checkInvariants(pages, (pfn) => world.pinCount(pfn))
})

it('A16 E1: a pair of half pages apart is two map calls, and reads back as it was', () => {
  const { world, domain, pages, area } = halfPages([500, 900])
  expect(world.take('map')).toEqual(['map a 0x10800+0x800 -> 0x1f4800', `map a 0x11000+0x800 -> 0x${(900 * 4096).toString(16)}`])
  expect((domain.iovaToPhys(0x10800n)! - 0x800n) / 4096n).toBe(500n)
  expect(domain.iovaToPhys(0x11000n)).toBe(900n * 4096n)
  unfillDomains(area, pages, [domain])
  expect(world.take('un')).toEqual(
    ['unmap a 0x10800+0x1000', 'unpin 500+1 dirty', 'unpin 900+1 dirty', 'uncharge user 2'].filter((line) => line.startsWith('un')),
  )
  expect(domain.isEmpty).toBe(true)
})

/** An area at 0x10000 over all pages, an access on some of them, and the last domain going away. */
function removeLastDomain(pfns: readonly number[], access: [number, number], limitBytes: number): World {
  const world = new World()
  world.temp.limitBytes = limitBytes
  const domain = world.domain('a')
  const { pages, source } = world.pages(pfns, pfns.length)
  const area = areaOver(pages, 0x10000n, 0, pfns.length - 1)
  fillDomains(area, pages, [domain], true)
  addAccess(area, access[0], access[1], true)
  world.take()
  detachStorage(area)
  unfillDomain(area, pages, domain)
  expect(domain.isEmpty).toBe(true)
  expect(pages.npinned).toBe(access[1] - access[0] + 1)
  expect(source.pinned).toBe(pages.npinned)
  checkInvariants(pages, (pfn) => world.pinCount(pfn))
  return world
}

it('A16 E2: the last domain goes while an access holds pages: one unmap, 8 pages unpinned', () => {
  const pfns = Array.from({ length: 10 }, (_, index) => 1000 + index)
  const world = removeLastDomain(pfns, [4, 5], 65536)
  expect(world.take()).toEqual(['unmap a 0x10000+0xa000', 'unpin 1000+4 dirty', 'unpin 1006+4 dirty', 'uncharge user 8'])
})

const apart = [1000, 1001, 2000, 2001, 2002, 2003, 5000]

it('A16 E3: frames apart, a large batch', () => {
  expect(removeLastDomain(apart, [3, 4], 65536).take()).toEqual([
    'unmap a 0x10000+0x6000',
    'unpin 1000+2 dirty',
    'unpin 2000+1 dirty',
    'unmap a 0x16000+0x1000',
    'unpin 2003+1 dirty',
    'unpin 5000+1 dirty',
    'uncharge user 5',
  ])
})

it('A16 E3: frames apart, a batch of one run', () => {
  expect(removeLastDomain(apart, [3, 4], 12).take()).toEqual([
    'unmap a 0x10000+0x2000',
    'unpin 1000+2 dirty',
    'unmap a 0x12000+0x4000',
    'unpin 2000+1 dirty',
    'unpin 2003+1 dirty',
    'unmap a 0x16000+0x1000',
    'unpin 5000+1 dirty',
    'uncharge user 5',
  ])
})

it('A16 E4: a copy pins nothing, and pages go with the last table that maps them', () => {
  const world = new World()
  const { pages, source } = world.pages([10, 11, 20, 21], 4)
  const x = new Table()
  const y = new Table()
  x.addDomain(world.domain('x'))
  y.addDomain(world.domain('y'))
  const inX = x.map(pages, areaOver(pages, 0x10000n, 0, 3))
  expect(world.take()).toEqual(['pin 0+4', 'map x 0x10000+0x2000 -> 0xa000', 'map x 0x12000+0x2000 -> 0x14000', 'charge user 4'])
  const inY = y.map(pages, areaOver(pages, 0x50000n, 0, 3))
  expect(world.take()).toEqual(['map y 0x50000+0x2000 -> 0xa000', 'map y 0x52000+0x2000 -> 0x14000'])
  expect([source.pinned, world.accounting.locked.user]).toEqual([4, 4])
  x.unmap(inX)
  expect(world.take()).toEqual(['unmap x 0x10000+0x4000'])
  expect([source.pinned, world.accounting.locked.user]).toEqual([4, 4])
  y.unmap(inY)
  expect(world.take()).toEqual(['unmap y 0x50000+0x4000', 'unpin 10+2 dirty', 'unpin 20+2 dirty', 'uncharge user 4'])
  expect([source.pinned, world.accounting.locked.user]).toEqual([0, 0])
  pages.release()
})

it('A16 E5: pages pinned by an access before any domain keep their pins when the access goes', () => {
  const world = new World()
  const { pages, source } = world.pages([10, 11, 20, 21], 4)
  const x = new Table()
  const y = new Table()
  y.addDomain(world.domain('y'))
  const inX = x.map(pages, areaOver(pages, 0x10000n, 0, 3))
  expect(world.take()).toEqual([])
  expect([...addAccess(inX, 0, 3, true)]).toEqual([10, 11, 20, 21])
  expect(world.take()).toEqual(['pin 0+4', 'charge user 4'])
  expect(pages.pinnedPfns()).toEqual([
    [0, 10],
    [1, 11],
    [2, 20],
    [3, 21],
  ])
  const inY = y.map(pages, areaOver(pages, 0x50000n, 0, 3))
  expect(world.take()).toEqual(['map y 0x50000+0x2000 -> 0xa000', 'map y 0x52000+0x2000 -> 0x14000'])
  removeAccess(inX, 0, 3)
  expect(world.take()).toEqual([])
  expect(pages.pinnedPfns()).toEqual([])
  expect(source.pinned).toBe(4)
  checkInvariants(pages, (pfn) => world.pinCount(pfn))
  y.unmap(inY)
  expect(world.take()).toEqual(['unmap y 0x50000+0x4000', 'unpin 10+2 dirty', 'unpin 20+2 dirty', 'uncharge user 4'])
  x.unmap(inX)
  pages.release()
})

it('A16 E6: overlapping accesses', () => {
  const world = new World()
  const { pages, source } = world.pages((index) => 300 + 2 * index, 10)
  const area = areaOver(pages, 0x10000n, 0, 9)
  addAccess(area, 0, 5, false)
  expect(world.take()).toEqual(['pin 0+6', 'charge user 6'])
  addAccess(area, 3, 9, false)
  expect(world.take()).toEqual(['pin 6+4', 'charge user 4'])
  removeAccess(area, 0, 5)
  expect(world.take()).toEqual(['unpin 300+1 dirty', 'unpin 302+1 dirty', 'unpin 304+1 dirty', 'uncharge user 3'])
  expect(source.pinned).toBe(7)
  addAccess(area, 3, 9, false)
  expect(pages.accessRanges()).toEqual([{ firstIndex: 3, lastIndex: 9, users: 2 }])
  removeAccess(area, 3, 9)
  expect(pages.accessRanges()).toEqual([{ firstIndex: 3, lastIndex: 9, users: 1 }])
  expect(world.take()).toEqual([])
  expect(source.pinned).toBe(7)
  removeAccess(area, 3, 9)
  expect([source.pinned, area.numAccesses, pages.pinned]).toEqual([0, 0, undefined])
})

it('A7: charging is after pinning, up to and including the limit', () => {
  const world = new World()
  world.accounting.limitBytes = 40960
  world.accounting.locked.user = 8
  const domain = world.domain('a')
  const three = world.pages([1, 2, 3], 3)
  expect(() => fillDomains(areaOver(three.pages, 0n, 0, 2), three.pages, [domain], true)).toThrow(/ENOMEM/)
  expect(world.take()).toEqual(['pin 0+3', 'map a 0x0+0x3000 -> 0x1000', 'charge user 3', 'unmap a 0x0+0x3000', 'unpin 1+3 dirty'])
  expect([world.accounting.locked.user, three.source.pinned, three.pages.npinned]).toEqual([8, 0, 0])
  const two = world.pages([1, 2], 2)
  const area = areaOver(two.pages, 0n, 0, 1)
  fillDomain(area, domain, true)
  attachStorage(area, domain)
  expect(world.accounting.locked.user).toBe(10)
})
