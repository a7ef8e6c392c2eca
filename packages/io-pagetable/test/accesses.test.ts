// Kind 1: registering accesses, pinning, rw (spec B7, B15, B16).
import { IoPagetable } from '@iommukit/io-pagetable'
import { describe, expect, it } from 'vitest'
import { codeOf, PAGE, U64_MAX } from './fakes.ts'
import { CONTIG, Fixture, Owner, RO, RW, SCATTERED } from './fixture.ts'

describe('addAccess and removeAccess', () => {
  it('hands out the lowest free id, 0..65535, then EBUSY', () => {
    const { table } = new Fixture()
    const reader = { needsPin: false }
    for (let id = 0; id <= 65535; id++) table.addAccess(reader)
    expect(table.accessCount).toBe(65536)
    expect(codeOf(() => table.addAccess(reader))).toBe('EBUSY')
    table.removeAccess(reader, 77)
    table.removeAccess(reader, 65535)
    expect([table.addAccess(reader), table.addAccess(reader)]).toEqual([77, 65535])
  })

  it('a refused access gives its id back', () => {
    const fixture = new Fixture()
    fixture.map(0x1001, 1)
    expect(codeOf(() => fixture.table.addAccess(new Owner(fixture.table)))).toBe('EADDRINUSE')
    expect(fixture.table.addAccess({ needsPin: false })).toBe(0)
    expect(fixture.table.iovaAlignment).toBe(1)
  })

  it('an id is only its own', () => {
    const { table } = new Fixture()
    const owner = new Owner(table)
    const id = table.addAccess(owner)
    expect(() => table.removeAccess(new Owner(table), id)).toThrow(new RangeError(`access id ${id} is not registered for this owner`))
    expect(() => table.removeAccess(owner, 1)).toThrow(RangeError)
    expect(() => table.removeAccess(owner, -1)).toThrow(RangeError)
    expect(() => table.removeAccess(owner, 65536)).toThrow(RangeError)
    expect(() => table.removeAccess(owner, 0.5)).toThrow(TypeError)
    expect(table.accessCount).toBe(1)
  })
})

describe('pinPages', () => {
  it('returns a PFN for every page touched, over several areas, and the end may lie inside a page', () => {
    const fixture = new Fixture()
    fixture.map(0x1_0000, 0x2000, SCATTERED)
    fixture.map(0x1_2000, 0x2000, CONTIG)
    const owner = new Owner(fixture.table)
    expect([...owner.pin(0x1_1000n, 0x1801n)]).toEqual([9074, 1000])
    expect([...owner.pin(0x1_1000n, 0x2001n)]).toEqual([9074, 1000, 1001])
    expect([...owner.pin(0x1_2000n, 1n, true)]).toEqual([1000])
    expect([...fixture.table.areas()].map(({ numAccesses }) => numAccesses)).toEqual([2, 3])
    expect(fixture.world.pinnedTotal).toBe(3)
    owner.letGo(0n, U64_MAX)
    expect(fixture.world.pinnedTotal).toBe(0)
    fixture.spans()
  })

  it('E6: overlapping pins hold each page once, and one is released when its last one goes', () => {
    const fixture = new Fixture()
    fixture.map(0, 0xa000)
    const { table, world } = fixture
    table.pinPages(0, 0x6000, false)
    table.pinPages(0x3000, 0x7000, false)
    expect(world.pinnedTotal).toBe(10)
    table.pinPages(0x3000, 0x7000, false)
    expect(world.pinnedTotal).toBe(10)
    table.unpinPages(0, 0x6000)
    expect(world.pinnedTotal).toBe(7)
    table.unpinPages(0x3000, 0x7000)
    expect(world.pinnedTotal).toBe(7)
    table.unpinPages(0x3000, 0x7000)
    expect(world.pinnedTotal).toBe(0)
  })

  it('its errors by area: misaligned EINVAL, then EPERM, then what pinning says; a gap is ENOENT only when it is reached', () => {
    const fixture = new Fixture()
    const { table } = fixture
    fixture.map(0x1_0000, 0x1800, CONTIG, RO)
    fixture.map(0x1_1800, 0x1000, CONTIG + 0x800, RW)
    fixture.map(0x2_0000, 0x1000, CONTIG, RO)
    fixture.map(0x2_1000, 0x1000, 0x7000_0000, RW)
    fixture.map(0x3_0000, 0x1000, SCATTERED, 2)
    const before = fixture.snapshot()
    const cases: readonly [iova: number | bigint, length: number, write: boolean, code: string][] = [
      [0x1_0000, 0, false, 'EINVAL'],
      [U64_MAX, 2, false, 'EOVERFLOW'],
      [0x1_0800, 0x100, true, 'EINVAL'],
      [0x1_0000, 0x1900, true, 'EINVAL'],
      [0x1_0000, 0x1000, true, 'EPERM'],
      [0x1_1800, 0x1000, true, 'EINVAL'],
      [0x2_0000, 0x2000, true, 'EPERM'],
      [0x2_0000, 0x2000, false, 'EFAULT'],
      [0x2_0000, 0x3000, false, 'EFAULT'],
      [0x3_0000, 0x1000, false, 'EPERM'],
      [0x3_0000, 0x1001, true, 'ENOENT'],
      [0x9_0000, 0x1000, true, 'ENOENT'],
    ]
    for (const [iova, length, write, code] of cases) {
      expect([iova, length, codeOf(() => table.pinPages(iova, length, write))]).toEqual([iova, length, code])
      expect(fixture.snapshot()).toEqual(before)
    }
    expect([...table.pinPages(0x1_0000, 0x1800, false)]).toEqual([1000, 1001])
    expect([...table.pinPages(0x1_2000, 0x800, true)]).toEqual([1001])
    table.unpinPages(0x1_0000, 0x1800)
    table.unpinPages(0x1_2000, 0x800)
  })

  it('needs no extra pin while a domain holds the pages, and keeps its own when the domain goes', () => {
    const fixture = new Fixture()
    const domain = fixture.newDomain()
    fixture.table.addDomain(domain)
    fixture.map(0x1000, 0x4000, SCATTERED)
    const { pin } = fixture.world.calls
    expect([...fixture.table.pinPages(0x2000, 0x2000, true)]).toEqual([9074, 9020])
    expect(fixture.world.calls.pin).toBe(pin)
    fixture.table.removeDomain(domain)
    expect(fixture.world.pinnedTotal).toBe(2)
    fixture.table.unpinPages(0x2000, 0x2000)
  })

  it('unpinPages of what is not pinned is a RangeError and changes nothing', () => {
    const fixture = new Fixture()
    fixture.map(0x1000, 0x1000)
    fixture.map(0x2000, 0x1000, SCATTERED)
    fixture.table.pinPages(0x1000, 0x1000, false)
    const before = fixture.snapshot()
    for (const [iova, length] of [
      [0x2000, 0x1000],
      [0x1000, 0x2000],
      [0x8000, 0x1000],
    ] as const) {
      expect(() => fixture.table.unpinPages(iova, length)).toThrow(RangeError)
      expect(fixture.snapshot()).toEqual(before)
    }
    expect(codeOf(() => fixture.table.unpinPages(0x1000, 0))).toBe('EINVAL')
    fixture.table.unpinPages(0x1000, 0x1000)
  })

  it('B21 item 19: an area that is being built does not count as present, for pins, copies and dirty reads', () => {
    const fixture = new Fixture()
    fixture.map(0x1000, 0x1000)
    fixture.map(0x2000, 0x1000)
    const { areas } = fixture.table.internals
    const pending = areas.payload(areas.iterFirst(0x2000, 0x2000)!)
    const { pages } = pending
    pending.pages = undefined
    expect(codeOf(() => fixture.table.pinPages(0x1000, 0x2000, false))).toBe('ENOENT')
    expect(codeOf(() => fixture.table.getPages(0x1000, 0x2000))).toBe('ENOENT')
    expect(codeOf(() => fixture.table.rw(0x2000, new Uint8Array(1), { write: false }))).toBe('ENOENT')
    expect(codeOf(() => fixture.table.unmapIova(0x2000, 0x1000))).toBe('EBUSY')
    expect(codeOf(() => fixture.table.cutIova([0x27ff]))).toBe('EBUSY')
    expect(codeOf(() => fixture.map(0x2000, 0x1000))).toBe('EEXIST')
    expect(codeOf(() => fixture.table.reserve(0x2000, 0x2000, 'a'))).toBe('EADDRINUSE')
    const domain = fixture.newDomain({ dirty: true })
    fixture.table.addDomain(domain)
    expect(domain.mappedBytes).toBe(0x1000n)
    const read = fixture.table.readAndClearDirty(domain, { iova: 0x1000, length: 0x2000, pageSize: 4096, noClear: false, sink: undefined })
    expect(read).toEqual({ scannedLast: 0x1fffn })
    fixture.table.removeDomain(domain)
    pending.pages = pages
    fixture.spans()
  })
})

describe('rw', () => {
  for (const [direct, slow] of [
    [false, false],
    [true, false],
    [true, true],
  ]) {
    it(`moves bytes across areas and pages (${direct ? 'direct memory' : 'no direct memory'}, ${slow ? 'slow' : 'default'} path)`, () => {
      const fixture = new Fixture()
      fixture.memory.direct = direct!
      fixture.map(0x1001, 0x1fff, SCATTERED + 1)
      fixture.map(0x3000, 0x1000, CONTIG)
      const data = Uint8Array.from({ length: 0x20f0 }, (_, k) => k * 7)
      fixture.table.rw(0x1f01, data, { write: true, slow: slow! })
      const back = new Uint8Array(data.length)
      fixture.table.rw(0x1f01n, back, { write: false, slow: slow! })
      expect(back).toEqual(data)
      expect(fixture.world.frame(1000)[0]).toBe(data[0x10ff])
      expect(fixture.world.pinnedTotal).toBe(0)
      expect(fixture.accounting.chargedPages).toBe(0)
    })
  }

  it('is not atomic: earlier areas are written when a later one refuses', () => {
    const fixture = new Fixture()
    fixture.map(0x1000, 0x1000, CONTIG, RW)
    fixture.map(0x2000, 0x1000, SCATTERED, RO)
    const data = new Uint8Array(PAGE + 1).fill(9)
    expect(codeOf(() => fixture.table.rw(0x1000, data, { write: true }))).toBe('EPERM')
    expect(fixture.world.frame(1000)[PAGE - 1]).toBe(9)
    expect(codeOf(() => fixture.table.rw(0x1000, new Uint8Array(3 * PAGE), { write: false }))).toBe('ENOENT')
    expect(codeOf(() => fixture.table.rw(0x9000, new Uint8Array(1), { write: false }))).toBe('ENOENT')
    expect(codeOf(() => fixture.table.rw(0x1000, new Uint8Array(0), { write: false }))).toBe('EINVAL')
    expect(codeOf(() => fixture.table.rw(U64_MAX, new Uint8Array(2), { write: false }))).toBe('EOVERFLOW')
    fixture.map(0x5000, 0x1000, CONTIG, 2)
    expect(codeOf(() => fixture.table.rw(0x5000, new Uint8Array(1), { write: false }))).toBe('EPERM')
  })

  it('the last byte of the space can be read and written', () => {
    const fixture = new Fixture()
    fixture.map(U64_MAX - 0xfffn, 0x1000)
    fixture.table.rw(U64_MAX, Uint8Array.of(42), { write: true })
    const back = new Uint8Array(2)
    fixture.table.rw(U64_MAX - 1n, back, { write: false })
    expect([...back]).toEqual([0, 42])
  })
})

describe('destroy', () => {
  it('unmaps everything, also what nobody holds, and lifts the ranges that nobody owns', () => {
    const fixture = new Fixture()
    fixture.table.reserve(0x10_0000, 0x10_ffff, undefined)
    fixture.map(0x1000, 0x1000)
    const pages = [...fixture.table.areas()][0]!.pages!
    fixture.table.destroy()
    expect([fixture.table.destroyed, fixture.table.areaCount, pages.refs]).toEqual([true, 0, 0])
  })

  it('refuses, changing nothing, while somebody uses the table', () => {
    const fixture = new Fixture()
    const { table } = fixture
    fixture.map(0x1000, 0x1000)
    const domain = fixture.newDomain()
    table.addDomain(domain)
    expect(() => table.destroy()).toThrow(/1 domains are attached/)
    table.removeDomain(domain)
    const owner = new Owner(table)
    const id = table.addAccess(owner)
    expect(() => table.destroy()).toThrow(/1 accesses are registered/)
    table.pinPages(0x1000, 0x1000, false)
    table.removeAccess(owner, id)
    expect(() => table.destroy()).toThrow(/pages at 0x1000 are still pinned/)
    table.unpinPages(0x1000, 0x1000)
    table.reserve(0x8000, 0x8fff, 'a')
    expect(() => table.destroy()).toThrow(/0x8000 is reserved by an owner/)
    expect(table.areaCount).toBe(1)
    table.removeReserved('a')
    table.destroy()
    expect(IoPagetable).toBeTypeOf('function')
  })
})
