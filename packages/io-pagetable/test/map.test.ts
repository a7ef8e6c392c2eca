// Kind 1: fixed maps, their checks and the order of their errors (spec B3, B5, B6).
import { releasePages } from '@iommukit/io-pagetable'
import { describe, expect, it } from 'vitest'
import { codeOf, PAGE, U64_MAX } from './fakes.ts'
import { CONTIG, Fixture, Owner, RO, RW, SCATTERED } from './fixture.ts'

const END = U64_MAX + 1n

describe('mapUserPages at a fixed IOVA', () => {
  it('B21 item 3: accepts IOVA 0, an area that ends at 2^64-1, and sub-page slices of both', () => {
    const fixture = new Fixture()
    expect(fixture.map(0n, 0x1000)).toBe(0n)
    expect(fixture.map(END - 0x1000n, 0x1000)).toBe(END - 0x1000n)
    expect(fixture.map(END - 0x2001n, 1, CONTIG + 4095)).toBe(END - 0x2001n)
    expect(fixture.map(0x1000, 1n)).toBe(0x1000n)
    expect(fixture.spans()).toEqual([
      [0n, 0xfffn],
      [0x1000n, 0x1000n],
      [END - 0x2001n, END - 0x2001n],
      [END - 0x1000n, U64_MAX],
    ])
  })

  it('K1: an area that ends at 2^64-1 with several runs is mapped run by run', () => {
    const fixture = new Fixture()
    const domain = fixture.newDomain({ pageSize: 2048 })
    fixture.table.addDomain(domain)
    fixture.map(END - 0x2800n, 0x2800, SCATTERED + 0x800)
    expect(domain.log.filter((line) => line.startsWith('map'))).toHaveLength(3)
    expect(domain.iovaToPhys(U64_MAX)! % BigInt(PAGE)).toBe(0xfffn)
    expect(fixture.table.unmapAll()).toBe(0x2800n)
    expect(fixture.world.pinnedTotal).toBe(0)
  })

  it('one page owns the IOVAs of its bytes, whatever the phase of iova and address (A1)', () => {
    const fixture = new Fixture()
    const domain = fixture.newDomain({ pageSize: 2048 })
    fixture.table.addDomain(domain)
    fixture.map(0x1_0800, 0x1000, CONTIG + 0x800)
    fixture.map(0x2_0800, 0x1000, CONTIG + 0x1000)
    expect([domain.iovaToPhys(0x1_0800n), domain.iovaToPhys(0x1_1000n)]).toEqual([1000n * 4096n + 0x800n, 1001n * 4096n])
    expect(domain.iovaToPhys(0x2_0800n)).toBe(1001n * 4096n)
    const [first] = [...fixture.table.areas()]
    expect(first).toMatchObject({
      firstIndex: 0,
      lastIndex: 1,
      pageOffset: 0x800,
      prot: RW,
      length: 0x1000n,
      numAccesses: 0,
      preventAccess: false,
    })
  })

  it('B6: bad memory is only noticed when a domain is there', () => {
    const fixture = new Fixture()
    const nowhere = 0x7000_0000
    expect(fixture.map(0x1000, 0x2000, nowhere)).toBe(0x1000n)
    expect(fixture.world.calls.pin).toBe(0)
    expect(codeOf(() => fixture.table.addDomain(fixture.newDomain()))).toBe('EFAULT')
    expect(fixture.table.unmapAll()).toBe(0x2000n)
    fixture.table.addDomain(fixture.newDomain())
    expect(codeOf(() => fixture.map(0x1000, 0x2000, nowhere))).toBe('EFAULT')
    expect(fixture.spans()).toEqual([])
  })

  it('B6.1: a map without write makes pages that no copy can write', () => {
    const fixture = new Fixture()
    fixture.map(0x1000, 0x1000, CONTIG, RO)
    expect(codeOf(() => fixture.table.copyFrom(fixture.table, 0x1000, 0x1000, 0x8000, RW))).toBe('EPERM')
    expect(fixture.table.copyFrom(fixture.table, 0x1000, 0x1000, 0x8000, RO)).toBe(0x8000n)
    fixture.map(0x2000, 0x1000, CONTIG, RW)
    expect(fixture.table.copyFrom(fixture.table, 0x2000, 0x1000, 0x9000, RO)).toBe(0x9000n)
  })
})

describe('the order of errors of a map (B6.1)', () => {
  /** A table in which every check can fail: alignment 2048, a reserved range, an area, an allowed range elsewhere. */
  function strictTable(): Fixture {
    const fixture = new Fixture()
    fixture.table.addDomain(fixture.newDomain({ pageSize: 2048 }))
    fixture.table.reserve(0x8000, 0x8fff, 'device')
    fixture.map(0x4000, 0x2000)
    fixture.accounting.limitPages = 3
    return fixture
  }
  const cases: readonly [name: string, iova: bigint, length: bigint, address: bigint, code: string][] = [
    ['B21 item 20: length 0 before everything', U64_MAX, 0n, U64_MAX, 'EINVAL'],
    ['length above 2^64-1-4096 before the address', 0n, END - 4095n, U64_MAX, 'EINVAL'],
    ['address + length before the alignment of the length', 1n, 1n, U64_MAX, 'EOVERFLOW'],
    ['address + length = 2^64 is too much', 0x4000n, 0x1000n, END - 0x1000n, 'EOVERFLOW'],
    ['B21 item 20: alignment of the length before the overflow of the IOVA', END - 0x800n, 0x801n, 0x4000_0001n, 'EINVAL'],
    ['alignment of the IOVA before its overflow', U64_MAX, 0x800n, 0x4000_0001n, 'EINVAL'],
    ['overflow of the IOVA before the reserved range', END - 0x800n, 0x1000n, 0x4000_0001n, 'EOVERFLOW'],
    ['B21 item 2: reserved (EINVAL) before areas (EEXIST)', 0x5000n, 0x4000n, 0x4000_0001n, 'EINVAL'],
    ['B21 item 2: an area is EEXIST', 0x5000n, 0x1000n, 0x4000_0001n, 'EEXIST'],
    ['the page offset after the place', 0x1_0000n, 0x1000n, 0x4000_0001n, 'EINVAL'],
    ['then the fill: no memory', 0x1_0000n, 0x1000n, 0x7000_0000n, 'EFAULT'],
    ['then the fill: the limit', 0x1_0000n, 0x2000n, 0x4000_0000n, 'ENOMEM'],
  ]
  for (const [name, iova, length, address, code] of cases) {
    it(`${name}: ${code}`, () => {
      const fixture = strictTable()
      const before = fixture.snapshot()
      expect(codeOf(() => fixture.map(iova, length, address))).toBe(code)
      expect(fixture.snapshot()).toEqual(before)
    })
  }

  it('B21 item 1: allowed ranges do not bind fixed maps', () => {
    const fixture = new Fixture()
    fixture.table.setAllowed([{ start: 0x10_0000, last: 0x1f_ffff }])
    expect(fixture.map(0x1000, 0x1000)).toBe(0x1000n)
    expect(fixture.map(undefined, 0x1000)).toBe(0x10_0000n)
  })

  it('messages name the values and their bounds', () => {
    const fixture = strictTable()
    expect(() => fixture.map(0x5000, 0x1000)).toThrow(/EEXIST: 0x5000\.\.0x5fff intersects an area/)
    expect(() => fixture.map(0x5001, 0x1000)).toThrow(/EINVAL: iova must be a multiple of 2048, got 0x5001/)
    expect(() => fixture.map(0x8000, 0x1000)).toThrow(/EINVAL: 0x8000\.\.0x8fff intersects a reserved range/)
    expect(() => fixture.map(END - 0x800n, 0x1000n)).toThrow(/EOVERFLOW: 4096 bytes at 0xfffffffffffff800 pass the last IOVA/)
  })
})

describe('mapPages', () => {
  it('B21 item 6: every slice is checked, and a refusal of the last undoes all of them', () => {
    const fixture = new Fixture()
    fixture.map(0x1000, 0x1000, CONTIG, RW)
    fixture.map(0x2000, 0x1000, CONTIG, RO)
    const target = fixture.newTable()
    const slices = fixture.table.getPages(0x1000, 0x2000)
    const before = fixture.snapshot(fixture.table, target)
    expect(codeOf(() => target.mapPages(slices, 0x2000, 0x7000, RW))).toBe('EPERM')
    expect(fixture.snapshot(fixture.table, target)).toEqual(before)
    expect(target.mapPages(slices, 0x2000, 0x7000, RO)).toBe(0x7000n)
    expect([...target.areas()].map(({ iova, pages }) => [iova, pages!.refs])).toEqual([
      [0x7000n, 2],
      [0x8000n, 2],
    ])
  })

  it('B21 item 6: the page offset of an inner slice is checked against the alignment', () => {
    const fixture = new Fixture()
    fixture.map(0x1000, 0x800, CONTIG)
    fixture.map(0x1800, 0x800, CONTIG + 0x200)
    const target = fixture.newTable()
    target.addDomain(fixture.newDomain({ pageSize: 2048 }))
    const before = fixture.snapshot(fixture.table, target)
    expect(codeOf(() => target.copyFrom(fixture.table, 0x1000, 0x1000, 0x4000, RW))).toBe('EINVAL')
    expect(fixture.snapshot(fixture.table, target)).toEqual(before)
  })

  it('K4: inner borders of a copied list are not checked by the table, but by a domain', () => {
    const fixture = new Fixture()
    fixture.map(0x1000, 0x800, CONTIG)
    fixture.map(0x1800, 0x800, CONTIG + 0x1000)
    const target = fixture.newTable()
    const owner = new Owner(target)
    target.addAccess(owner)
    expect(target.copyFrom(fixture.table, 0x1000, 0x1000, 0x4000, RW)).toBe(0x4000n)
    expect(codeOf(() => target.addDomain(fixture.newDomain()))).toBe('EINVAL')
    expect(target.domains).toHaveLength(0)
    expect(fixture.world.pinnedTotal).toBe(0)
    target.unmapAll()
    target.addDomain(fixture.newDomain())
    expect(codeOf(() => target.copyFrom(fixture.table, 0x1000, 0x1000, 0x4000, RW))).toBe('EINVAL')
    expect(target.areaCount).toBe(0)
  })

  it('B21 item 7: areas appear only together: when the second one cannot be filled, none has been seen', () => {
    const fixture = new Fixture()
    fixture.map(0x1000, 0x1000, CONTIG)
    fixture.map(0x2000, 0x1000, 0x7000_0000)
    const target = fixture.newTable()
    const domain = fixture.newDomain()
    target.addDomain(domain)
    expect(codeOf(() => target.copyFrom(fixture.table, 0x1000, 0x2000, 0x4000, RW))).toBe('EFAULT')
    expect(target.areaCount).toBe(0)
    expect(domain.log.map((line) => line.split(' ')[0])).toEqual(['map', 'unmap'])
    expect(fixture.world.pinnedTotal).toBe(0)
  })

  it('on error the references stay with the caller, who drops them', () => {
    const fixture = new Fixture()
    fixture.map(0x1000, 0x1000)
    const slices = fixture.table.getPages(0x1000, 0x1000)
    const [slice] = slices
    expect(slice).toMatchObject({ startByte: 0n, length: 0x1000n })
    expect(slice!.pages.refs).toBe(2)
    expect(codeOf(() => fixture.table.mapPages(slices, 0x1000, 0x1000, RW))).toBe('EEXIST')
    expect(slice!.pages.refs).toBe(2)
    releasePages(slices)
    expect(slice!.pages.refs).toBe(1)
  })

  it('refuses a list that does not hold `length` bytes, an empty slice, and an empty list, naming them', () => {
    const fixture = new Fixture()
    fixture.map(0x1000, 0x2000)
    const slices = fixture.table.getPages(0x1000, 0x2000)
    const { pages } = slices[0]!
    expect(() => fixture.table.mapPages(slices, 0x1000, 0x8000, RW)).toThrow(
      new RangeError('the slices hold 8192 bytes, but length is 4096'),
    )
    expect(() => fixture.table.mapPages([{ pages, startByte: 0n, length: 0n }], 0, 0x8000, RW)).toThrow(/at least 1 byte, got 0/)
    expect(codeOf(() => fixture.table.mapPages([], 0, 0x8000, RW))).toBe('EINVAL')
    expect(codeOf(() => fixture.table.mapPages([{ pages, startByte: 0x1000n, length: 0x1001n }], 0x1001, 0x8000, RW))).toBe('EOVERFLOW')
    expect(fixture.table.mapPages([{ pages, startByte: 0x1800n, length: 0x800n }], 0x800, 0x8000, RW)).toBe(0x8000n)
  })
})

describe('copyFrom', () => {
  it('B8: slices may begin and end inside areas and span several; each becomes an area', () => {
    const fixture = new Fixture()
    fixture.map(0x1_0000, 0x2000, CONTIG)
    fixture.map(0x1_2000, 0x1000, SCATTERED)
    const target = fixture.newTable()
    expect(target.copyFrom(fixture.table, 0x1_1000, 0x2000, 0x5_0000, RW)).toBe(0x5_0000n)
    expect([...target.areas()].map(({ iova, last, firstIndex }) => [iova, last, firstIndex])).toEqual([
      [0x5_0000n, 0x5_0fffn, 1],
      [0x5_1000n, 0x5_1fffn, 0],
    ])
    expect(codeOf(() => target.copyFrom(fixture.table, 0x1_2000, 0x2000, 0x6_0000, RW))).toBe('ENOENT')
    expect([...fixture.table.areas()].map(({ pages }) => pages!.refs)).toEqual([2, 2])
    expect(target.copyFrom(fixture.table, 0x1_1001, 0x10, 0x7_0003, RW)).toBe(0x7_0003n)
  })

  it('B8: the errors of the source come before those of the target; AUTO is guided by the first slice', () => {
    const fixture = new Fixture()
    fixture.map(0x1_0000, 0x8000, 0x4000_0000)
    const { table } = fixture
    expect(codeOf(() => table.copyFrom(table, 0x1_0000, 0, 0x1_0000, RW))).toBe('EINVAL')
    expect(codeOf(() => table.copyFrom(table, U64_MAX, 2, 0x1_0000, RW))).toBe('EOVERFLOW')
    expect(codeOf(() => table.copyFrom(table, 0x9000, 0x1000, 0x1_0000, RW))).toBe('ENOENT')
    expect(codeOf(() => table.copyFrom(table, 0x1_0000, 0x1000, 0x1_0000, RW))).toBe('EEXIST')
    expect(table.copyFrom(table, 0x1_2000, 0x2000, undefined, RW)).toBe(0x2000n)
    expect(table.copyFrom(table, 0x1_1000, 0x2000, undefined, RW)).toBe(0x4000n)
  })

  it('copies a range that ends at 2^64-1', () => {
    const fixture = new Fixture()
    fixture.map(END - 0x3000n, 0x3000)
    const target = fixture.newTable()
    expect(target.copyFrom(fixture.table, END - 0x2000n, 0x2000, 0x1000, RW)).toBe(0x1000n)
    expect([...target.areas()][0]).toMatchObject({ length: 0x2000n, firstIndex: 1, lastIndex: 2 })
  })
})
