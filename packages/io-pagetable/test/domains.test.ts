// Kind 1: domains added and removed, alignment, large pages, and exact counts of pins and map calls (spec B2, B11, B12, B14, A16).
import { describe, expect, it } from 'vitest'
import { codeOf, PAGE, U64_MAX } from './fakes.ts'
import { CONTIG, Fixture, NPAGES, Owner, RW, SCATTERED } from './fixture.ts'

describe('addDomain', () => {
  it('reserves what lies outside the aperture, raises the alignment, fills the areas (example of B11)', () => {
    const fixture = new Fixture()
    fixture.map(0x200_0000, 0x1000)
    const domain = fixture.newDomain({ pageSize: 2048, start: 0x100_0000n, last: 0x7fff_ffffn })
    fixture.table.addDomain(domain)
    expect(fixture.table.ranges()).toEqual([{ start: 0x100_0000n, last: 0x7fff_ffffn }])
    expect(fixture.table.iovaAlignment).toBe(2048)
    expect(domain.log).toEqual(['map 2000000 3e8000 1000'])
    fixture.table.removeDomain(domain)
    expect(fixture.table.ranges()).toEqual([{ start: 0n, last: U64_MAX }])
    expect(fixture.table.iovaAlignment).toBe(1)
    expect(fixture.world.pinnedTotal).toBe(0)
  })

  it('B21 item 14: a refusal after the first reservation leaves none behind', () => {
    const fixture = new Fixture()
    fixture.map(0x9000_0000n, 0x1000)
    const domain = fixture.newDomain({ start: 0x100_0000n, last: 0x7fff_ffffn })
    const before = fixture.snapshot()
    expect(codeOf(() => fixture.table.addDomain(domain))).toBe('EADDRINUSE')
    expect(fixture.snapshot()).toEqual(before)
    fixture.table.unmapAll()
    fixture.map(0x200_0000n, 0x1000, 0x7000_0000)
    expect(codeOf(() => fixture.table.addDomain(domain))).toBe('EFAULT')
    expect(fixture.table.ranges()).toHaveLength(1)
  })

  it('its errors come in the order of B11', () => {
    const fixture = new Fixture()
    const { table } = fixture
    const coarse = fixture.newDomain({ pgsizeBitmap: 0x2000n, start: 0x100_0000n })
    fixture.map(0x1800, 0x800, 0x7000_0000)
    const before = fixture.snapshot()
    expect(codeOf(() => table.addDomain(coarse))).toBe('EINVAL')
    expect(codeOf(() => table.addDomain(fixture.newDomain({ start: 0x100_0000n })))).toBe('EADDRINUSE')
    expect(fixture.snapshot()).toMatchObject({ tables: (before as { tables: object[] }).tables })
    const fine = fixture.newDomain({ pageSize: 2048, start: 0x1000n })
    expect(codeOf(() => table.addDomain(fine))).toBe('EFAULT')
    table.unmapAll()
    table.addDomain(fine)
    expect(codeOf(() => table.addDomain(fine))).toBe('EEXIST')
  })

  it('an allowed range outside the aperture blocks it', () => {
    const { table, ...fixture } = new Fixture()
    table.setAllowed([{ start: 0x1000, last: 0x1fff }])
    expect(fixture.world.domains).toEqual([])
    const domain = new Fixture().newDomain({ start: 0x100_0000n })
    expect(codeOf(() => table.addDomain(domain))).toBe('EADDRINUSE')
  })

  it('B21 item 15: a failed second domain does not unpin what the first one, another table or an access holds', () => {
    const fixture = new Fixture()
    const { table, world } = fixture
    const other = fixture.newTable()
    fixture.map(0x1000, 0x4000)
    fixture.map(0x8000, 0x4000, SCATTERED)
    other.copyFrom(table, 0x8000, 0x4000, 0x8000, RW)
    other.addDomain(fixture.newDomain())
    const owner = new Owner(table)
    table.addAccess(owner)
    owner.pin(0x1000n, 0x2000n)
    expect(world.pinnedTotal).toBe(6)
    const before = fixture.snapshot(table, other)
    for (let nth = 1; ; nth++) {
      world.faults.arm(nth)
      const code = codeOf(() => table.addDomain(world.domains[1] ?? fixture.newDomain()))
      if (!world.faults.disarm()) {
        expect([code, nth]).toEqual(['OK', 8])
        break
      }
      expect(world.pinnedTotal).toBe(6)
      expect(fixture.snapshot(table, other)).toMatchObject({ ...(before as object), maps: expect.anything() })
    }
    expect(world.pinnedTotal).toBe(8)
  })
})

describe('removeDomain', () => {
  it('B21 item 13: the storage goes to the first domain after the last one has moved up (example of B12)', () => {
    const fixture = new Fixture()
    const { table } = fixture
    const [a, b, c] = [fixture.newDomain(), fixture.newDomain(), fixture.newDomain()]
    for (const domain of [a, b, c]) table.addDomain(domain)
    fixture.map(0x1000, 0x4000)
    const storage = (): unknown => [...table.areas()][0]!.storageDomain
    expect(storage()).toBe(a)
    table.removeDomain(a)
    expect(table.domains).toEqual([c, b])
    expect(storage()).toBe(c)
    table.removeDomain(b)
    expect(storage()).toBe(c)
    expect([a.mappedBytes, b.mappedBytes, c.mappedBytes]).toEqual([0n, 0n, 0x4000n])
    expect(fixture.world.pinnedTotal).toBe(4)
    table.removeDomain(c)
    expect(storage()).toBeUndefined()
    expect(fixture.world.pinnedTotal).toBe(0)
    fixture.spans()
  })

  it('the last one releases all but what accesses hold (E2)', () => {
    const fixture = new Fixture()
    const { table, world } = fixture
    const domain = fixture.newDomain()
    table.addDomain(domain)
    fixture.map(0x1_0000, 0xa000)
    const owner = new Owner(table)
    table.addAccess(owner)
    expect([...owner.pin(0x1_4000n, 0x2000n)]).toEqual([1004, 1005])
    expect([world.pinnedTotal, world.calls.pin]).toEqual([10, 1])
    table.removeDomain(domain)
    expect(domain.log.filter((line) => line.startsWith('unmap'))).toEqual(['unmap 10000 a000'])
    expect([...world.pins.keys()]).toEqual([1004, 1005])
    expect(fixture.accounting.chargedPages).toBe(2)
    owner.letGo(0n, U64_MAX)
    expect(world.pinnedTotal).toBe(0)
  })

  it('an unknown domain is a RangeError and changes nothing', () => {
    const fixture = new Fixture()
    fixture.table.addDomain(fixture.newDomain())
    expect(() => fixture.table.removeDomain(fixture.newDomain())).toThrow(
      new RangeError('removeDomain: the domain is not attached to this table'),
    )
    expect(fixture.table.domains).toHaveLength(1)
  })
})

describe('exact counts', () => {
  it('one map call a maximal run', () => {
    const fixture = new Fixture()
    const { table, world } = fixture
    table.addDomain(fixture.newDomain())
    fixture.map(0x1000, NPAGES * PAGE, SCATTERED)
    expect(world.calls).toMatchObject({ pin: 1, map: NPAGES, charge: 1 })
    fixture.map(0x10_0000, NPAGES * PAGE, CONTIG)
    expect(world.calls).toMatchObject({ pin: 2, map: NPAGES + 1, charge: 2 })
    table.unmapAll()
    expect(world.calls).toMatchObject({ uncharge: 2 })
  })

  it('E4, E5: a copy and a second domain pin nothing; each page is pinned once and charged once', () => {
    const fixture = new Fixture()
    const { table, world, accounting } = fixture
    const copy = fixture.newTable()
    const domains = [fixture.newDomain(), fixture.newDomain(), fixture.newDomain()]
    table.addDomain(domains[0]!)
    copy.addDomain(domains[1]!)
    fixture.map(0x1_0000, 0x4000, SCATTERED)
    expect([world.calls.pin, world.pinnedTotal, accounting.chargedPages]).toEqual([1, 4, 4])
    copy.copyFrom(table, 0x1_0000, 0x4000, 0x5_0000, RW)
    table.addDomain(domains[2]!)
    expect([world.calls.pin, world.pinnedTotal, accounting.chargedPages]).toEqual([1, 4, 4])
    table.unmapAll()
    expect([world.pinnedTotal, accounting.chargedPages, domains[0]!.mappedBytes]).toEqual([4, 4, 0n])
    copy.unmapAll()
    expect([world.pinnedTotal, accounting.chargedPages]).toEqual([0, 0])

    fixture.map(0x1_0000, 0x4000, SCATTERED)
    for (const domain of [domains[2]!, domains[0]!]) table.removeDomain(domain)
    const owner = new Owner(table)
    table.addAccess(owner)
    owner.pin(0x1_0000n, 0x4000n)
    const pins = world.calls.pin
    copy.copyFrom(table, 0x1_0000, 0x4000, 0x5_0000, RW)
    expect([world.calls.pin, world.pinnedTotal]).toEqual([pins, 4])
    owner.letGo(0n, U64_MAX)
    expect([world.pinnedTotal, accounting.chargedPages]).toEqual([4, 4])
    copy.unmapAll()
    expect([world.pinnedTotal, accounting.chargedPages]).toEqual([0, 0])
  })

  it('the map calls of a domain do not depend on the limit of temporary memory, short pins, or when the domain comes (I9, P4)', () => {
    const logs = new Set<string>()
    for (const limitBytes of [12, 16, 24, 32, 65536]) {
      for (const pinPagesMax of [1, 3, 1000]) {
        for (const late of [false, true]) {
          const fixture = new Fixture()
          fixture.world.temp.limitBytes = limitBytes
          fixture.memory.pinPagesMax = pinPagesMax
          fixture.memory.mmap(0x6000_0000, [5, 6, 7, 4, 3, 8, 9, 20, 21, 22, 23, 0, 1, 2])
          const domain = fixture.newDomain({ pageSize: 512 })
          if (!late) fixture.table.addDomain(domain)
          fixture.map(0x1200, 14 * PAGE - 0x400, 0x6000_0200)
          if (late) fixture.table.addDomain(domain)
          fixture.map(0x10_0000, 0x3000, CONTIG)
          logs.add(domain.log.join('\n'))
          expect(fixture.table.unmapAll()).toBe(BigInt(14 * PAGE - 0x400 + 0x3000))
          expect(fixture.world.pinnedTotal).toBe(0)
        }
      }
    }
    expect(logs.size).toBe(1)
    expect([...logs][0]!.split('\n')).toHaveLength(7)
  })
})

describe('alignment (B2)', () => {
  it('is the greatest that somebody asks for, and goes down again', () => {
    const fixture = new Fixture()
    const { table } = fixture
    const coarse = fixture.newDomain({ pgsizeBitmap: 0x4020_1000n })
    const fine = fixture.newDomain({ pageSize: 2048 })
    table.addDomain(fine)
    table.addDomain(coarse)
    expect(table.iovaAlignment).toBe(4096)
    table.removeDomain(coarse)
    expect(table.iovaAlignment).toBe(2048)
    const owner = new Owner(table)
    const id = table.addAccess(owner)
    expect(table.iovaAlignment).toBe(4096)
    table.removeAccess(owner, id)
    table.removeDomain(fine)
    expect(table.iovaAlignment).toBe(1)
    table.addAccess({ needsPin: false })
    expect(table.iovaAlignment).toBe(1)
  })

  it('a pinning access is EADDRINUSE over an area that is not page aligned, in IOVA, length or page offset', () => {
    for (const [iova, length, address] of [
      [0x1_0800, 0x1000, CONTIG],
      [0x1_0000, 0x800, CONTIG],
      [0x1_0000, 0x1000, CONTIG + 0x800],
    ] as const) {
      const fixture = new Fixture()
      fixture.map(iova, length, address)
      const before = fixture.snapshot()
      expect(codeOf(() => fixture.table.addAccess(new Owner(fixture.table)))).toBe('EADDRINUSE')
      expect(codeOf(() => fixture.table.addDomain(fixture.newDomain()))).toBe('EADDRINUSE')
      expect(codeOf(() => fixture.table.disableLargePages())).toBe('EADDRINUSE')
      expect(fixture.snapshot()).toMatchObject({ tables: (before as { tables: object[] }).tables })
      expect(fixture.table.largePages).toBe(true)
    }
  })
})

describe('large pages (B14)', () => {
  it('B21 item 17: they cannot be disabled with both a domain and an area; with one of them they can', () => {
    const fixture = new Fixture()
    const { table } = fixture
    fixture.map(0x1000, 0x1000)
    table.disableLargePages()
    expect(table.iovaAlignment).toBe(4096)
    table.enableLargePages()
    table.addDomain(fixture.newDomain({ pageSize: 2048 }))
    expect(codeOf(() => table.disableLargePages())).toBe('EINVAL')
    expect(table.largePages).toBe(true)
    table.unmapAll()
    table.disableLargePages()
    expect([table.largePages, table.iovaAlignment]).toEqual([false, 4096])
    table.disableLargePages()
    fixture.map(0x1000, 0x1000)
    table.disableLargePages()
    table.enableLargePages()
    expect([table.largePages, table.iovaAlignment]).toEqual([true, 2048])
  })

  it('without them there is one map call a page', () => {
    const fixture = new Fixture()
    fixture.table.addDomain(fixture.newDomain())
    fixture.table.disableLargePages()
    fixture.map(0x1_0000, 0x10000)
    expect(fixture.world.calls).toMatchObject({ pin: 1, map: 16 })
  })
})
