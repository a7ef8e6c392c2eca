// Kind 1: splitting areas, and unmapping a part of one (spec B14).
import { describe, expect, it } from 'vitest'
import { codeOf, U64_MAX } from './fakes.ts'
import { CONTIG, Fixture, Owner, RW, SCATTERED } from './fixture.ts'

function paged(): Fixture {
  const fixture = new Fixture()
  fixture.table.disableLargePages()
  fixture.table.addDomain(fixture.newDomain())
  fixture.map(0x1_0000, 0x1_0000)
  return fixture
}

describe('cutIova', () => {
  it('cuts the middle out of an area (example of B14), P13', () => {
    const fixture = paged()
    fixture.table.cutIova([0x1_7fff, 0x1_3fff])
    expect(fixture.spans()).toEqual([
      [0x1_0000n, 0x1_3fffn],
      [0x1_4000n, 0x1_7fffn],
      [0x1_8000n, 0x1_ffffn],
    ])
    expect(fixture.table.unmapIova(0x1_4000, 0x4000)).toBe(0x4000n)
    expect(fixture.world.pinnedTotal).toBe(12)
    expect(codeOf(() => fixture.table.cutIova([0x1_07ff]))).toBe('EINVAL')
    expect(fixture.spans()).toHaveLength(2)
  })

  it('makes no call of a domain or a source, and shares the pages', () => {
    const fixture = paged()
    const calls = { ...fixture.world.calls }
    fixture.table.cutIova([0x1_1fff, 0x1_2fff, 0x1_ffff, 0x1_0000, 0x5_0000])
    expect(fixture.world.calls).toEqual(calls)
    const areas = [...fixture.table.areas()]
    expect(areas.map(({ firstIndex, lastIndex, pages, prot }) => [firstIndex, lastIndex, pages!.refs, prot])).toEqual([
      [0, 1, 3, RW],
      [2, 2, 3, RW],
      [3, 15, 3, RW],
    ])
  })

  it('B21 item 16: the parts hold their pages each for itself', () => {
    const fixture = paged()
    fixture.table.cutIova([0x1_3fff])
    fixture.table.unmapIova(0x1_0000, 0x4000)
    expect([...fixture.world.pins.keys()]).toEqual(Array.from({ length: 12 }, (_, k) => 1004 + k))
    fixture.table.unmapIova(0x1_4000, 0xc000)
    expect(fixture.world.pinnedTotal).toBe(0)
  })

  it('two parts may share a page, which stays pinned until both are gone', () => {
    const fixture = new Fixture()
    fixture.map(0x1_0000, 0x2000, SCATTERED)
    fixture.table.cutIova([0x1_0bff])
    expect(fixture.spans()).toEqual([
      [0x1_0000n, 0x1_0bffn],
      [0x1_0c00n, 0x1_1fffn],
    ])
    fixture.table.addDomain(fixture.newDomain({ pageSize: 512 }))
    expect(fixture.world.pinnedTotal).toBe(2)
    fixture.table.unmapIova(0x1_0000, 0xc00)
    expect(fixture.world.pinnedTotal).toBe(2)
    fixture.table.unmapIova(0x1_0c00, 0x1400)
    expect(fixture.world.pinnedTotal).toBe(0)
  })

  it('its checks come in the order of B14', () => {
    const fixture = paged()
    const { table } = fixture
    const owner = new Owner(table)
    table.addAccess(owner)
    owner.pin(0x1_0000n, 0x1000n)
    expect(codeOf(() => table.cutIova([0x1_07ff]))).toBe('EINVAL')
    expect(() => table.cutIova([0x1_07ff])).toThrow(/not a multiple of 4096/)
    expect(() => table.cutIova([0x1_0fff])).toThrow(/an access has pinned pages/)
    owner.letGo(0n, U64_MAX)
    table.enableLargePages()
    expect(() => table.cutIova([0x1_0fff])).toThrow(/large pages are in use/)
    owner.pin(0x1_0000n, 0x1000n)
    owner.onUnmap = () => {}
    expect(codeOf(() => table.unmapAll())).toBe('EDEADLOCK')
    expect(codeOf(() => table.cutIova([0x1_07ff]))).toBe('EBUSY')
    table.cutIova([0x1_0000, 0x1_ffff, 0x0, U64_MAX])
    owner.letGo(0n, U64_MAX)
  })

  it('K11: a cut behind the first byte is passed over even where it would be legal', () => {
    const fixture = new Fixture()
    fixture.map(0x1000, 0x1000)
    fixture.table.cutIova([0x1000])
    expect(fixture.spans()).toHaveLength(1)
  })

  it('stops at the first error; earlier cuts stay and `done` counts the points passed', () => {
    const fixture = paged()
    let done: unknown
    try {
      fixture.table.cutIova([0x1_7fff, 0x9_0000, 0x1_07ff, 0x1_3fff])
    } catch (error) {
      done = (error as { done: bigint }).done
    }
    expect(done).toBe(2n)
    expect(fixture.spans()).toHaveLength(2)
  })

  it('checks all points before the first cut', () => {
    const fixture = paged()
    expect(() => fixture.table.cutIova([0x1_7fff, -1])).toThrow(RangeError)
    expect(fixture.spans()).toHaveLength(1)
  })

  it('works on an area that ends at 2^64-1 and on one of a copied page offset', () => {
    const fixture = new Fixture()
    fixture.map(U64_MAX - 0x2fffn, 0x3000, CONTIG + 0x200)
    fixture.table.cutIova([U64_MAX - 0x1000n])
    const [left, right] = [...fixture.table.areas()]
    expect([left!.lastIndex, right!.firstIndex, right!.pageOffset, right!.last]).toEqual([2, 2, 0x200, U64_MAX])
  })
})
