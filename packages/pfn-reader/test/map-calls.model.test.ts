// Model, metamorphic: what a domain is asked depends on the frames alone (spec pages-and-io-pagetable A15 I9).
import { addAccess, fillDomain, fillDomains } from '@iommukit/pfn-reader'
import { checkInvariants } from '@iommukit/pfn-reader/check'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { frames, limitBytes, limits } from './arbitraries.ts'
import { areaOver, randoms, World } from './fakes.ts'
import { Table } from './table.ts'

const npages = 24

/** The map calls that spec A3.1 asks for: one a maximal run, clipped to the area. */
function expectedCalls(name: string, iova: bigint, pfns: readonly number[], cut: { front: number; back: number }): string[] {
  const calls: string[] = []
  let at = iova
  for (let first = 0; first < pfns.length; ) {
    let past = first + 1
    while (past < pfns.length && pfns[past] === pfns[past - 1]! + 1) past++
    const front = first === 0 ? cut.front : 0
    const back = past === pfns.length ? cut.back : 0
    const length = BigInt(past - first) * 4096n - BigInt(front + back)
    calls.push(
      `map ${name} 0x${at.toString(16)}+0x${length.toString(16)} -> 0x${(BigInt(pfns[first]!) * 4096n + BigInt(front)).toString(16)}`,
    )
    at += length
    first = past
  }
  return calls
}

const cuts = fc.record({ front: fc.constantFrom(0, 2048), back: fc.constantFrom(0, 2048) })

it('I9: one map call a maximal run, whatever the limit, short pins, and where the frames come from', () => {
  const setup = fc.record({
    pfns: frames(0, npages),
    limit: limitBytes,
    seed: fc.integer({ min: 1 }),
    short: fc.constantFrom(1, 2, 3, 5, npages),
    cut: cuts,
    ahead: fc.array(fc.tuple(fc.nat(npages - 1), fc.nat(npages - 1), fc.boolean()), { maxLength: 4 }),
  })
  fc.assert(
    fc.property(setup, ({ pfns, limit, seed, short, cut, ahead }) => {
      const world = new World()
      const random = randoms(seed)
      const { pages } = world.pages(pfns, npages, { shortPin: () => 1 + random(short) })
      const other = new Table()
      other.addDomain(world.domain('other'))
      // Some pages are held already, by accesses and by areas of another table.
      for (const [a, b, access] of ahead) {
        const [first, last] = [Math.min(a, b), Math.max(a, b)]
        if (access) addAccess(areaOver(pages, 0n, first, last), first, last, false)
        else other.map(pages, areaOver(pages, BigInt(other.areas.length) << 20n, first, last))
      }
      const mapped = pages.npinned
      const domain = world.domain('a')
      const area = areaOver(pages, 0x80_0000n, 0, npages - 1, cut)
      world.temp.limitBytes = limit
      world.take()
      fillDomains(area, pages, [domain], true)
      const calls = world.take()
      expect(calls.filter((line) => line.startsWith('map'))).toEqual(expectedCalls('a', 0x80_0000n, pfns, cut))
      const pins = calls.filter((line) => line.startsWith('pin'))
      if (mapped === npages) expect(pins).toEqual([])
      expect(pages.npinned).toBe(npages)
      checkInvariants(pages, (pfn) => world.pinCount(pfn))
    }),
    { numRuns: 400 },
  )
})

it('limits of 12, 16, 24, 32 and 65536 bytes give identical domain contents, map calls, pins and charges', () => {
  fc.assert(
    fc.property(frames(0, npages), cuts, fc.nat(npages - 1), (pfns, cut, kept) => {
      const seen = limits.map((limit) => {
        const world = new World()
        world.temp.limitBytes = limit
        const { pages } = world.pages(pfns, npages)
        const [a, b] = [world.domain('a'), world.domain('b')]
        const area = areaOver(pages, 0x40_0000n, 0, npages - 1, cut)
        fillDomains(area, pages, [a, b], true)
        const list = [...addAccess(area, kept, npages - 1, true)]
        const c = world.domain('c')
        fillDomain(area, c, true)
        const maps = world.take('map').toSorted()
        const contents = [a.contents(), b.contents(), c.contents()]
        return { maps, contents, list, npinned: pages.npinned, locked: world.accounting.locked.user }
      })
      for (const result of seen) expect(result).toEqual(seen[0])
    }),
    { numRuns: 100 },
  )
})

it('without large pages every page is one map call, and any page may be unmapped alone', () => {
  const world = new World()
  const { pages } = world.pages((index) => 100 + index, 6)
  const domain = world.domain('a', { granule: 4096 })
  const area = areaOver(pages, 0x5000n, 0, 5)
  fillDomains(area, pages, [domain], false)
  expect(world.take('map')).toEqual(
    Array.from({ length: 6 }, (_, k) => `map a 0x${(0x5000 + k * 4096).toString(16)}+0x1000 -> 0x${(0x64000 + k * 4096).toString(16)}`),
  )
  expect(domain.unmap(0x6000n, 0x1000n)).toBe(0x1000n)
})
