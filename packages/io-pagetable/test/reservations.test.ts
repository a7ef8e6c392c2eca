// Kind 1: reserved and allowed ranges, device regions, and what is left (spec B10, B13).
import { describe, expect, it } from 'vitest'
import { codeOf, U64_MAX } from './fakes.ts'
import { Fixture } from './fixture.ts'

const last = U64_MAX

describe('reserve and ranges', () => {
  it('ranges() is the complement of what is reserved (examples of B10)', () => {
    const { table } = new Fixture()
    expect(table.ranges()).toEqual([{ start: 0n, last }])
    table.reserve(0, 0xff_ffff, 'a')
    table.reserve(0x8000_0000, last, 'b')
    expect(table.ranges()).toEqual([{ start: 0x100_0000n, last: 0x7fff_ffffn }])
    table.reserve(0, last, 'c')
    expect(table.ranges()).toEqual([])
    table.removeReserved('c')
    table.removeReserved('a')
    expect(table.ranges()).toEqual([{ start: 0n, last: 0x7fff_ffffn }])
  })

  it('B21 item 1: allowed ranges and areas have no say in ranges()', () => {
    const fixture = new Fixture()
    fixture.map(0x1000, 0x1000)
    fixture.table.setAllowed([{ start: 0x5000, last: 0x5fff }])
    expect(fixture.table.ranges()).toEqual([{ start: 0n, last }])
  })

  it('reserved ranges may overlap and repeat; owners are told apart by identity', () => {
    const { table } = new Fixture()
    const owner = { name: 'x' }
    table.reserve(0x1000, 0x2fff, owner)
    table.reserve(0x1000, 0x2fff, { name: 'x' })
    table.reserve(0x2000, 0x3fff, owner)
    table.removeReserved(owner)
    expect(table.ranges()).toEqual([
      { start: 0n, last: 0xfffn },
      { start: 0x3000n, last },
    ])
    table.removeReserved('nobody')
  })

  it('areas and allowed ranges block a reservation, an inverted range is EINVAL (K13)', () => {
    const fixture = new Fixture()
    const { table } = fixture
    fixture.map(0x1000, 0x1000)
    table.setAllowed([{ start: 0x8000, last: 0x8fff }])
    const before = table.ranges()
    expect(codeOf(() => table.reserve(0x1fff, 0x2000, 'a'))).toBe('EADDRINUSE')
    expect(codeOf(() => table.reserve(0x8fff, 0x9000, 'a'))).toBe('EADDRINUSE')
    expect(codeOf(() => table.reserve(2, 1, 'a'))).toBe('EINVAL')
    expect(table.ranges()).toEqual(before)
    table.reserve(0x2000, 0x7fff, 'a')
    expect(codeOf(() => fixture.map(0x7000, 0x1000))).toBe('EINVAL')
  })
})

describe('setAllowed', () => {
  it('replaces the whole set or nothing', () => {
    const fixture = new Fixture()
    const { table } = fixture
    table.reserve(0x10_0000, 0x1f_ffff, 'a')
    table.setAllowed([{ start: 0x5000, last: 0x5fff }])
    const attempt = [
      { start: 0x2000n, last: 0x2fffn },
      { start: 0x1f_ffffn, last: 0x20_0000n },
    ]
    expect(codeOf(() => table.setAllowed(attempt))).toBe('EADDRINUSE')
    expect(fixture.map(undefined, 0x1000)).toBe(0x5000n)
    table.setAllowed([])
    expect(fixture.map(undefined, 0x1000)).toBe(0x1000n)
  })

  it('refuses inverted and overlapping ranges; touching ones and ranges of one value are fine here (K17)', () => {
    const { table } = new Fixture()
    expect(codeOf(() => table.setAllowed([{ start: 2, last: 1 }]))).toBe('EINVAL')
    const overlap = [
      { start: 0x1000, last: 0x2000 },
      { start: 0x2000, last: 0x3000 },
    ]
    expect(codeOf(() => table.setAllowed(overlap))).toBe('EINVAL')
    table.setAllowed([
      { start: 0x1000, last: 0x1fff },
      { start: 0x2000, last: 0x2000 },
      { start: 0, last: 0 },
    ])
    expect(codeOf(() => table.reserve(0, 0, 'a'))).toBe('EADDRINUSE')
  })

  it('does not look at existing areas', () => {
    const fixture = new Fixture()
    fixture.map(0x1000, 0x1000)
    fixture.table.setAllowed([{ start: 0x8000, last: 0x9fff }])
    expect(fixture.spans()).toHaveLength(1)
  })
})

describe('enforceDeviceRegions', () => {
  it('reserves all but the relaxable regions and reports the software MSI', () => {
    const { table } = new Fixture()
    const regions = [
      { start: 0x1000n, length: 0x1000n, type: 'direct' },
      { start: 0x4000n, length: 0x1000n, type: 'direct-relaxable' },
      { start: 0x8000n, length: 0x1000n, type: 'sw-msi' },
      { start: last, length: 1n, type: 'reserved' },
    ] as const
    expect(table.enforceDeviceRegions('device', regions, true)).toBe(0x8000n)
    expect(table.ranges()).toEqual([
      { start: 0n, last: 0xfffn },
      { start: 0x2000n, last: 0x7fffn },
      { start: 0x9000n, last: last - 1n },
    ])
    expect(table.enforceDeviceRegions('other', regions, false)).toBeUndefined()
    table.removeReserved('device')
    table.removeReserved('other')
    expect(table.ranges()).toHaveLength(1)
  })

  it('two software MSI regions, or one beside a hardware one, are EINVAL when asked for; the undo takes earlier ranges of the device too (K9)', () => {
    const { table } = new Fixture()
    const sw = { start: 0x8000n, length: 0x1000n, type: 'sw-msi' } as const
    const hw = { start: 0xa000n, length: 0x1000n, type: 'msi' } as const
    expect(codeOf(() => table.enforceDeviceRegions('d', [sw, sw], true))).toBe('EINVAL')
    expect(codeOf(() => table.enforceDeviceRegions('d', [sw, hw], true))).toBe('EINVAL')
    expect(table.ranges()).toHaveLength(1)
    expect(table.enforceDeviceRegions('d', [sw, hw], false)).toBeUndefined()
    expect(table.enforceDeviceRegions('e', [hw, hw], true)).toBeUndefined()
    expect(codeOf(() => table.enforceDeviceRegions('d', [sw, hw], true))).toBe('EINVAL')
    table.removeReserved('e')
    expect(table.ranges()).toHaveLength(1)
  })

  it('an area in the way is EADDRINUSE and undoes all regions', () => {
    const fixture = new Fixture()
    fixture.map(0x4000, 0x1000)
    const regions = [
      { start: 0x1000n, length: 0x1000n, type: 'direct' },
      { start: 0x4800n, length: 1n, type: 'reserved' },
    ] as const
    expect(codeOf(() => fixture.table.enforceDeviceRegions('d', regions, false))).toBe('EADDRINUSE')
    expect(fixture.table.ranges()).toHaveLength(1)
  })
})
