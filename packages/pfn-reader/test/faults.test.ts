// Fail-the-nth: the n-th pin, map or charge fails, n + 1 until all succeed; a failed operation has changed nothing (spec pages-and-io-pagetable A15 I11).
import { type Area, addAccess, fillDomain, fillDomains, type Pages } from '@iommukit/pfn-reader'
import { checkInvariants } from '@iommukit/pfn-reader/check'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frames, limitBytes } from './arbitraries.ts'
import { areaOver, type FakeSource, randoms, World } from './fakes.ts'
import { Table } from './table.ts'

const npages = 12

interface Scene {
  readonly world: World
  readonly pages: Pages
  readonly source: FakeSource
  readonly area: Area
}

function state({ world, pages, source, area }: Scene): unknown {
  return {
    pins: [...source.pins].toSorted(([a], [b]) => a - b),
    domains: world.domains.map((domain) => domain.contents()),
    npinned: [pages.npinned, pages.lastNpinned, pages.refs],
    pinned: pages.pinnedPfns(),
    map: pages.pinned === undefined,
    held: [pages.accessRanges(), pages.storageRanges()],
    charged: [{ ...world.accounting.locked }, world.accounting.pinnedPages],
    area: [area.storageDomain === undefined, area.numAccesses, area.preventAccess, area.pages === pages],
  }
}

const setup = fc.record({
  pfns: frames(0, npages),
  limit: limitBytes,
  short: fc.constantFrom(1, 2, 3, npages),
  seed: fc.integer({ min: 1 }),
  cut: fc.record({ front: fc.constantFrom(0, 2048), back: fc.constantFrom(0, 2048) }),
  ahead: fc.array(fc.tuple(fc.nat(npages - 1), fc.nat(npages - 1), fc.boolean()), { maxLength: 3 }),
  largePages: fc.boolean(),
})

type Setup = typeof setup extends fc.Arbitrary<infer T> ? T : never

/** A new area over pages of which some are held by accesses and by areas of another table. */
function makeScene({ pfns, limit, short, seed, cut, ahead, largePages }: Setup): Scene {
  const world = new World()
  const random = randoms(seed)
  const { pages, source } = world.pages(pfns, npages, { shortPin: () => 1 + random(short) })
  const other = new Table()
  other.addDomain(world.domain('other'))
  for (const [a, b, access] of ahead) {
    const [first, last] = [Math.min(a, b), Math.max(a, b)]
    if (access) addAccess(areaOver(pages, 0n, first, last), first, last, false)
    else other.map(pages, areaOver(pages, BigInt(other.areas.length) << 20n, first, last))
  }
  world.temp.limitBytes = limit
  const area = areaOver(pages, 0x80_0000n, 0, npages - 1, largePages ? cut : {})
  return { world, pages, source, area }
}

/** Runs the operation with the n-th fallible call failing, for n = 1, 2, 3, … Returns how many had to be tried. */
function failEach(scene: Scene, operation: () => void): number {
  const { world, pages } = scene
  const before = state(scene)
  for (let nth = 1; ; nth++) {
    world.faults.arm(nth)
    let thrown: unknown
    try {
      operation()
    } catch (error) {
      thrown = error
    }
    if (!world.faults.disarm()) {
      expect(thrown).toBeUndefined()
      return nth
    }
    expect(thrown).toMatchObject({ message: expect.stringContaining('injected fault') })
    expect(state(scene)).toEqual(before)
    checkInvariants(pages, (pfn) => world.pinCount(pfn))
  }
}

const runs = { numRuns: 150 }

describe('I11: a failed operation has changed nothing', () => {
  it('fillDomains into three domains', () => {
    fc.assert(
      fc.property(setup, (given) => {
        const scene = makeScene(given)
        const { world, pages, area } = scene
        const domains = ['a', 'b', 'c'].map((name) => world.domain(name))
        failEach(scene, () => fillDomains(area, pages, domains, given.largePages))
        expect(new Set(domains.map((domain) => domain.contents().join())).size).toBe(1)
        expect(area.storageDomain).toBe(domains[0])
        checkInvariants(pages, (pfn) => world.pinCount(pfn))
      }),
      runs,
    )
  })

  it('fillDomain of an area without storage', () => {
    fc.assert(
      fc.property(setup, (given) => {
        const scene = makeScene(given)
        const domain = scene.world.domain('a')
        failEach(scene, () => fillDomain(scene.area, domain, given.largePages))
        expect(scene.source.pinned).toBe(npages)
      }),
      runs,
    )
  })

  it('fillDomain of an area that another domain stores', () => {
    fc.assert(
      fc.property(setup, (given) => {
        const scene = makeScene(given)
        fillDomains(scene.area, scene.pages, [scene.world.domain('a')], given.largePages)
        const { pinCalls } = scene.source
        const domain = scene.world.domain('b')
        failEach(scene, () => fillDomain(scene.area, domain, given.largePages))
        expect(scene.source.pinCalls).toBe(pinCalls)
        expect(domain.contents()).toEqual(scene.world.domains.find(({ name }) => name === 'a')!.contents())
      }),
      runs,
    )
  })

  it('addAccess', () => {
    fc.assert(
      fc.property(setup, fc.nat(npages - 1), fc.nat(npages - 1), (given, a, b) => {
        const scene = makeScene(given)
        const [first, last] = [Math.min(a, b), Math.max(a, b)]
        let list: Float64Array | undefined
        failEach(scene, () => {
          list = addAccess(scene.area, first, last, true)
        })
        expect([...list!]).toEqual(given.pfns.slice(first, last + 1))
        checkInvariants(scene.pages, (pfn) => scene.world.pinCount(pfn))
      }),
      runs,
    )
  })

  it('the limit of locked memory, at each of its values', () => {
    fc.assert(
      fc.property(setup, fc.nat(npages), (given, allowed) => {
        const scene = makeScene(given)
        const { world, pages, area } = scene
        world.accounting.limitBytes = (world.accounting.locked.user + allowed) * 4096 + 4095
        const missing = npages - pages.npinned
        const before = state(scene)
        if (allowed >= missing) {
          fillDomains(area, pages, [world.domain('a')], given.largePages)
          expect(world.accounting.locked.user).toBe(npages)
        } else {
          const domain = world.domain('a')
          const expected = state(scene)
          expect(() => fillDomains(area, pages, [domain], given.largePages)).toThrow(/ENOMEM/)
          expect(state(scene)).toEqual(expected)
          expect(() => addAccess(area, 0, npages - 1, false)).toThrow(/ENOMEM/)
          expect(state(scene)).toEqual(expected)
          expect(before).not.toBe(expected)
        }
      }),
      runs,
    )
  })

  it('a page that cannot be pinned, wherever it is', () => {
    fc.assert(
      fc.property(setup, fc.nat(npages - 1), (given, bad) => {
        const scene = makeScene({ ...given, ahead: [] })
        const domains = ['a', 'b'].map((name) => scene.world.domain(name))
        const before = state(scene)
        scene.source.bad.set(bad, 'r')
        const code = { code: 'EFAULT' }
        expect(() => fillDomains(scene.area, scene.pages, domains, given.largePages)).toThrow(expect.objectContaining(code))
        expect(state(scene)).toEqual(before)
        expect(() => fillDomain(scene.area, domains[0]!, given.largePages)).toThrow(expect.objectContaining(code))
        expect(state(scene)).toEqual(before)
        expect(() => addAccess(scene.area, 0, npages - 1, false)).toThrow(expect.objectContaining(code))
        expect(state(scene)).toEqual(before)
        expect(scene.source.dirtied).toBeLessThanOrEqual(bad * 3)
      }),
      runs,
    )
  })
})
