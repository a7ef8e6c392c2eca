// Kind 1: ranges and lengths at and across 2^32, where the words that carry IOVAs carry over, and of many gigabytes.
import { describe, expect, it } from 'vitest'
import { codeOf, PAGE, U64_MAX } from './fakes.ts'
import { CONTIG, Fixture, Owner, RW, SCATTERED } from './fixture.ts'

const G4 = 2n ** 32n

describe('around 2^32', () => {
  it('ranges of one byte', () => {
    for (const iova of [G4 - 1n, G4, G4 + 1n, 0n, 1n, 2n * G4, U64_MAX]) {
      const fixture = new Fixture()
      expect(fixture.map(iova, 1)).toBe(iova)
      expect(fixture.spans()).toEqual([[iova, iova]])
      expect(fixture.table.getPages(iova, 1)[0]).toMatchObject({ startByte: 0n, length: 1n })
      expect(fixture.table.unmapIova(iova, 1)).toBe(1n)
    }
  })

  it('lengths that are multiples of 2^32, and one byte more or less', () => {
    for (const length of [G4 - 1n, G4, G4 + 1n, 3n * G4, 3n * G4 - 1n, 2n ** 62n]) {
      for (const iova of [0n, 1n, G4 - 1n, G4, G4 + 1n]) {
        const fixture = new Fixture()
        fixture.map(iova, length)
        expect(fixture.spans()).toEqual([[iova, iova + length - 1n]])
        const [slice] = fixture.table.getPages(iova, length)
        expect(slice).toMatchObject({ startByte: 0n, length })
        expect(codeOf(() => fixture.map(iova + length - 1n, 1))).toBe('EEXIST')
        expect(fixture.map(iova + length, 1)).toBe(iova + length)
        expect(fixture.table.unmapIova(iova, length)).toBe(length)
      }
    }
  })

  it('a copy of several areas across 2^32, from the depth of a large Pages', () => {
    const fixture = new Fixture()
    fixture.map(G4 - 0x1000n, 0x1000, CONTIG)
    fixture.map(G4, 0x1000, SCATTERED)
    const target = fixture.newTable()
    expect(target.copyFrom(fixture.table, G4 - 0x1000n, 0x2000, 7n * G4 - 0x1000n, RW)).toBe(7n * G4 - 0x1000n)
    expect(fixture.spans(target)).toEqual([
      [7n * G4 - 0x1000n, 7n * G4 - 1n],
      [7n * G4, 7n * G4 + 0xfffn],
    ])
    fixture.map(0x10_0000_0800n, 5n * G4, 0x8000_0800n)
    const [slice] = fixture.table.getPages(0x10_0000_0800n + 2n * G4 + 0x123n, G4 + 0x10n)
    expect(slice).toMatchObject({ startByte: 2n * G4 + 0x923n, length: G4 + 0x10n })
    expect(target.mapPages([slice!], G4 + 0x10n, 0x123n, RW)).toBe(0x123n)
    expect([...target.areas()][0]).toMatchObject({
      firstIndex: 2 ** 21,
      pageOffset: 0x923,
      lastIndex: 2 ** 21 + 2 ** 20,
      length: G4 + 0x10n,
    })
    const { pages } = slice!
    expect(target.mapPages([{ pages, startByte: 3n * G4 + 1n, length: 2n * G4 - 1n }], 2n * G4 - 1n, 9n * G4, RW)).toBe(9n * G4)
    expect(
      codeOf(() => target.mapPages([{ pages, startByte: 3n * G4 + 1n, length: 2n * G4 + 0x1000n }], 2n * G4 + 0x1000n, 20n * G4, RW)),
    ).toBe('EOVERFLOW')
  })

  it('pins, rw, undo of pins, dirty reads and cuts across 2^32', () => {
    const fixture = new Fixture()
    const { table, world } = fixture
    table.disableLargePages()
    const domain = fixture.newDomain({ dirty: true })
    table.addDomain(domain)
    fixture.map(G4 - 0x2000n, 0x4000, SCATTERED)
    table.cutIova([G4 - 1n])
    expect(fixture.spans()).toEqual([
      [G4 - 0x2000n, G4 - 1n],
      [G4, G4 + 0x1fffn],
    ])
    const owner = new Owner(table)
    table.addAccess(owner)
    expect(owner.pin(G4 - 0x1000n, 0x2000n)).toHaveLength(2)
    expect(codeOf(() => table.pinPages(G4 - 0x2000n, 0x5000, false))).toBe('ENOENT')
    expect([...table.areas()].map(({ numAccesses }) => numAccesses)).toEqual([1, 1])
    const data = Uint8Array.from({ length: 0x3000 }, (_, k) => k % 251)
    table.rw(G4 - 0x1800n, data, { write: true })
    const back = new Uint8Array(0x3000)
    table.rw(G4 - 0x1800n, back, { write: false })
    expect(back).toEqual(data)
    table.setDirtyTracking(domain, true)
    const read = { iova: G4 - 0x2000n, length: 0x5000, pageSize: PAGE, noClear: false, sink: undefined }
    expect(table.readAndClearDirty(domain, read)).toEqual({ scannedLast: G4 + 0x1fffn })
    owner.letGo(0n, U64_MAX)
    table.unmapAll()
    expect(world.pinnedTotal).toBe(0)
  })

  it('a failed pin that ends at 2^32 undoes what lies in front of it', () => {
    const fixture = new Fixture()
    fixture.map(G4 - 0x2000n, 0x2000)
    const before = fixture.snapshot()
    expect(codeOf(() => fixture.table.pinPages(G4 - 0x2000n, 0x3000, false))).toBe('ENOENT')
    expect(fixture.snapshot()).toEqual(before)
  })

  it('a pin that is refused by an area that begins at 2^32 undoes what lies in front of it, and nothing else', () => {
    const fixture = new Fixture()
    fixture.map(G4 - 0x2000n, 0x2000)
    fixture.map(G4, 0x2000, SCATTERED, 5)
    fixture.table.pinPages(G4, 0x2000, false)
    const before = fixture.snapshot()
    expect(codeOf(() => fixture.table.pinPages(G4 - 0x2000n, 0x3000, true))).toBe('EPERM')
    expect(fixture.snapshot()).toEqual(before)
    fixture.table.unpinPages(G4, 0x2000)
  })

  it('an automatic map of 2^32 bytes goes into a hole of 2^32 bytes, and not into one that is a byte shorter', () => {
    const fixture = new Fixture()
    fixture.table.reserve(2n * G4, U64_MAX, 'high')
    fixture.table.reserve(0, G4, 'low')
    expect(codeOf(() => fixture.map(undefined, G4, 1n))).toBe('ENOSPC')
    fixture.table.removeReserved('low')
    fixture.table.reserve(0, G4 - 1n, 'low')
    expect(fixture.map(undefined, G4, 0)).toBe(G4)
    expect(fixture.spans()).toEqual([[G4, 2n * G4 - 1n]])
    fixture.table.unmapAll()
    fixture.table.removeReserved('high')
    fixture.table.reserve(2n * G4 + 1n, U64_MAX, 'high')
    expect(codeOf(() => fixture.map(undefined, G4 + 2n, 0))).toBe('ENOSPC')
    expect(fixture.map(undefined, G4 + 1n, 0)).toBe(G4)
  })

  it('reserved ranges, alignment and unmaps across 2^32', () => {
    const fixture = new Fixture()
    fixture.table.reserve(G4 - 1n, G4, 'x')
    expect(codeOf(() => fixture.map(G4, 1))).toBe('EINVAL')
    expect(codeOf(() => fixture.map(G4 - 1n, 1))).toBe('EINVAL')
    expect(fixture.map(G4 + 1n, 1)).toBe(G4 + 1n)
    expect(fixture.map(G4 - 2n, 1)).toBe(G4 - 2n)
    expect(fixture.table.unmapIova(G4 - 2n, 4)).toBe(2n)
  })

  it('an automatic map that rounds up across 2^32', () => {
    const fixture = new Fixture()
    fixture.table.reserve(0, G4 - 0x1001n, 'low')
    expect(fixture.map(undefined, 0x2000, 0x4000_0000)).toBe(G4)
    expect(fixture.map(undefined, 0x1000, 0x4000_0000)).toBe(G4 - 0x1000n)
    expect(fixture.map(undefined, 0x2000, 0x4000_0000)).toBe(G4 + 0x2000n)
  })
})

describe('work of the allocator', () => {
  it('maps that follow one another look at their own place only, at 10 areas and at 20,000', () => {
    const fixture = new Fixture()
    const { areas, reserved } = fixture.table.internals
    fixture.table.reserve(0, 0xff_ffff, 'low')
    fixture.map(undefined, PAGE)
    let lookups = 0
    let searches = 0
    for (const tree of [areas, reserved]) {
      const iterFirstAt = tree.iterFirstAt.bind(tree)
      tree.iterFirstAt = (...words) => {
        lookups++
        return iterFirstAt(...words)
      }
      const holes = tree.holes.bind(tree)
      tree.holes = (...options) => {
        searches++
        return holes(...options)
      }
    }
    for (const n of [10, 20_000]) {
      while (fixture.table.areaCount < n) fixture.map(undefined, PAGE)
      lookups = 0
      for (let k = 0; k < 100; k++) fixture.map(undefined, PAGE)
      expect(lookups).toBe(300)
    }
    expect(searches).toBe(0)
    // A hole that was freed below is found by one step, a greater request behind all of them by leaping.
    fixture.table.unmapIova(0x100_5000, PAGE)
    expect(fixture.map(undefined, PAGE)).toBe(0x100_5000n)
    expect(searches).toBe(0)
    expect(fixture.map(undefined, PAGE)).toBe(0x100_0000n + 20_100n * 0x1000n)
    expect(searches).toBe(2)
  })
})
