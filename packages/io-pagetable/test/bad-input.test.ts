// Kind 1: malformed arguments at every public edge: a clear error that names the value, and nothing changed (design section 6.3).
import { IoPagetable } from '@iommukit/io-pagetable'
import { describe, expect, it } from 'vitest'
import { U64_MAX } from './fakes.ts'
import { CONTIG, Fixture, Owner, RW } from './fixture.ts'

/** What no parameter that is a u64 accepts, and what is said about it. */
const BAD_U64: readonly [value: unknown, error: new (message: string) => Error, text: RegExp][] = [
  [-1, RangeError, /got -1$/],
  [-1n, RangeError, /got -1$/],
  [U64_MAX + 1n, RangeError, /0\.\.2\^64-1, got 18446744073709551616/],
  [2 ** 53, RangeError, /use a bigint above\), got 9007199254740992/],
  [0.5, TypeError, /an integer, got 0\.5/],
  [Number.NaN, TypeError, /an integer, got NaN/],
  [Number.POSITIVE_INFINITY, TypeError, /an integer, got Infinity/],
  ['0x1000', TypeError, /got 0x1000 \(string\)/],
  [null, TypeError, /got null/],
  [{}, TypeError, /got an object/],
]

/** A table with one of everything. */
function full(): Fixture & { owner: Owner } {
  const fixture = new Fixture()
  fixture.table.addDomain(fixture.newDomain({ dirty: true }))
  const owner = new Owner(fixture.table)
  fixture.table.addAccess(owner)
  fixture.map(0x1000, 0x2000)
  owner.pin(0x1000n, 0x1000n)
  fixture.table.reserve(0x10_0000, 0x10_ffff, 'owner')
  return Object.assign(fixture, { owner })
}

type Call = (fixture: Fixture, value: never) => unknown

/** Every u64 parameter of every method. */
const EDGES: Readonly<Record<string, Call>> = {
  'mapUserPages address': (f, x) => f.map(0x8000, 0x1000, x),
  'mapUserPages length': (f, x) => f.map(0x8000, x),
  'mapUserPages iova': (f, x) => f.map(x, 0x1000),
  'mapPages length': (f, x) => f.table.mapPages(f.table.getPages(0x1000, 0x1000), x, 0x8000, RW),
  'mapPages iova': (f, x) => f.table.mapPages(f.table.getPages(0x1000, 0x1000), 0x1000, x, RW),
  'mapPages startByte': (f, x) =>
    f.table.mapPages([{ pages: [...f.table.areas()][0]!.pages!, startByte: x, length: 0x1000n }], 0x1000, 0x8000, RW),
  'mapPages slice length': (f, x) =>
    f.table.mapPages([{ pages: [...f.table.areas()][0]!.pages!, startByte: 0n, length: x }], 0x1000, 0x8000, RW),
  'getPages iova': (f, x) => f.table.getPages(x, 0x1000),
  'getPages length': (f, x) => f.table.getPages(0x1000, x),
  'copyFrom sourceIova': (f, x) => f.table.copyFrom(f.table, x, 0x1000, 0x8000, RW),
  'copyFrom length': (f, x) => f.table.copyFrom(f.table, 0x1000, x, 0x8000, RW),
  'copyFrom iova': (f, x) => f.table.copyFrom(f.table, 0x1000, 0x1000, x, RW),
  'unmapIova iova': (f, x) => f.table.unmapIova(x, 0x1000),
  'unmapIova length': (f, x) => f.table.unmapIova(0x1000, x),
  'setAllowed start': (f, x) => f.table.setAllowed([{ start: x, last: 0x9000 }]),
  'setAllowed last': (f, x) => f.table.setAllowed([{ start: 0, last: x }]),
  'reserve start': (f, x) => f.table.reserve(x, 0x9000, 'x'),
  'reserve last': (f, x) => f.table.reserve(0x8000, x, 'x'),
  'enforceDeviceRegions start': (f, x) => f.table.enforceDeviceRegions('x', [{ start: x, length: 1n, type: 'direct' }], false),
  'enforceDeviceRegions length': (f, x) => f.table.enforceDeviceRegions('x', [{ start: 0n, length: x, type: 'direct' }], false),
  'pinPages iova': (f, x) => f.table.pinPages(x, 0x1000, false),
  'pinPages length': (f, x) => f.table.pinPages(0x1000, x, false),
  'unpinPages iova': (f, x) => f.table.unpinPages(x, 0x1000),
  'unpinPages length': (f, x) => f.table.unpinPages(0x1000, x),
  'rw iova': (f, x) => f.table.rw(x, new Uint8Array(1), { write: false }),
  'cutIova point': (f, x) => f.table.cutIova([0x1fff, x]),
  'readAndClearDirty iova': (f, x) =>
    f.table.readAndClearDirty(f.table.domains[0]!, { iova: x, length: 1, pageSize: 1, noClear: false, sink: undefined }),
  'readAndClearDirty length': (f, x) =>
    f.table.readAndClearDirty(f.table.domains[0]!, { iova: 0, length: x, pageSize: 1, noClear: false, sink: undefined }),
  'readAndClearDirty pageSize': (f, x) =>
    f.table.readAndClearDirty(f.table.domains[0]!, { iova: 0, length: 0x1000, pageSize: x, noClear: false, sink: undefined }),
}

describe('a value that is no u64', () => {
  for (const [name, call] of Object.entries(EDGES)) {
    it(`as ${name} is a TypeError or RangeError that names it, and changes nothing`, () => {
      for (const [value, error, text] of BAD_U64) {
        const fixture = full()
        const before = fixture.snapshot()
        const attempt = (): unknown => call(fixture, value as never)
        expect(attempt, String(value)).toThrow(error)
        expect(attempt, String(value)).toThrow(text)
        if (!name.startsWith('mapPages')) expect(fixture.snapshot()).toEqual(before)
        expect(fixture.table.areaCount).toBe(1)
      }
    })
  }
})

describe('other malformed arguments', () => {
  const cases: Readonly<
    Record<string, [call: (fixture: ReturnType<typeof full>) => unknown, error: new (message: string) => Error, text: RegExp]>
  > = {
    'prot of no known bits': [(f) => f.map(0x8000, 0x1000, CONTIG, 8), RangeError, /prot must be .* got 8/],
    'a negative prot': [(f) => f.map(0x8000, 0x1000, CONTIG, -1), RangeError, /got -1/],
    'a fractional prot': [(f) => f.map(0x8000, 0x1000, CONTIG, 1.5), RangeError, /got 1\.5/],
    'a prot that is no number': [(f) => f.map(0x8000, 0x1000, CONTIG, '7' as never), TypeError, /prot must be a number, got 7 \(string\)/],
    'a source that is no table': [
      (f) => f.table.copyFrom({} as never, 0, 1, 0, RW),
      TypeError,
      /source must be an IoPagetable, got an object/,
    ],
    'data that are no bytes': [
      (f) => f.table.rw(0x1000, [1] as never, { write: true }),
      TypeError,
      /data must be a Uint8Array, got an object/,
    ],
    'an owner that is no object': [(f) => f.table.addAccess(7 as never), TypeError, /access owner must be an object, got 7/],
    'needsPin that is no boolean': [(f) => f.table.addAccess({ needsPin: 1 as never }), TypeError, /needsPin must be a boolean, got 1/],
    'an owner that pins without a callback': [(f) => f.table.addAccess({ needsPin: true }), TypeError, /must have an unmap callback/],
    'an access id that is no number': [(f) => f.table.removeAccess(f.owner, '0' as never), TypeError, /id must be an integer/],
    'a region of an unknown type': [
      (f) => f.table.enforceDeviceRegions('x', [{ start: 0n, length: 1n, type: 'odd' as never }], false),
      TypeError,
      /region type odd/,
    ],
    'a region of length 0': [
      (f) => f.table.enforceDeviceRegions('x', [{ start: 0n, length: 0n, type: 'direct' }], false),
      RangeError,
      /length must be at least 1, got 0/,
    ],
    'a region that passes 2^64-1': [
      (f) => f.table.enforceDeviceRegions('x', [{ start: U64_MAX, length: 2n, type: 'direct' }], false),
      RangeError,
      /2 bytes at 0xffffffffffffffff passes 2\^64-1/,
    ],
    'a domain without page sizes': [
      (f) => f.table.addDomain({ pgsizeBitmap: 0n, aperture: { start: 0n, last: U64_MAX } } as never),
      RangeError,
      /pgsizeBitmap must be in 1\.\.2\^64-1, got 0/,
    ],
    'a domain with an inverted aperture': [
      (f) => f.table.addDomain({ pgsizeBitmap: 0x1000n, aperture: { start: 5n, last: 4n } } as never),
      RangeError,
      /aperture is inverted: start 0x5 is above last 0x4/,
    ],
    'something that is no domain': [(f) => f.table.addDomain(undefined as never), TypeError, /domain must be an object, got undefined/],
    'options that are no object': [() => new IoPagetable(undefined as never), TypeError, /options must be an object, got undefined/],
    'options without temp': [() => new IoPagetable({} as never), TypeError, /options\.temp must be an object/],
    'a maxAlignment that is no power of two': [
      (f) => new IoPagetable({ temp: f.world.temp, maxAlignment: 12288 }),
      RangeError,
      /got 12288/,
    ],
    'a maxAlignment below a page': [
      (f) => new IoPagetable({ temp: f.world.temp, maxAlignment: 2048n }),
      RangeError,
      /4096\.\.1073741824, got 2048/,
    ],
    'a maxAlignment above 1 GiB': [(f) => new IoPagetable({ temp: f.world.temp, maxAlignment: 2n ** 31n }), RangeError, /got 2147483648/],
  }
  for (const [name, [call, error, text]] of Object.entries(cases)) {
    it(`${name}: ${error.name}, nothing changed`, () => {
      const fixture = full()
      const before = fixture.snapshot()
      expect(() => call(fixture)).toThrow(error)
      expect(() => call(fixture)).toThrow(text)
      expect(fixture.snapshot()).toEqual(before)
    })
  }
})

describe('use after destroy', () => {
  it('every method is a TypeError that says so', () => {
    const fixture = new Fixture()
    const { table } = fixture
    const source = fixture.newTable()
    const domain = fixture.newDomain({ dirty: true })
    table.destroy()
    const calls: (() => unknown)[] = [
      () => fixture.map(0, 0x1000),
      () => table.mapPages([], 1, 0, RW),
      () => table.getPages(0, 1),
      () => table.copyFrom(source, 0, 1, 0, RW),
      () => source.copyFrom(table, 0, 1, 0, RW),
      () => table.unmapIova(0, 1),
      () => table.unmapAll(),
      () => table.ranges(),
      () => table.setAllowed([]),
      () => table.reserve(0, 1, 'x'),
      () => table.removeReserved('x'),
      () => table.enforceDeviceRegions('x', [], false),
      () => table.addDomain(domain),
      () => table.removeDomain(domain),
      () => table.addAccess({ needsPin: false }),
      () => table.removeAccess({ needsPin: false }, 0),
      () => table.pinPages(0, 1, false),
      () => table.unpinPages(0, 1),
      () => table.rw(0, new Uint8Array(1), { write: false }),
      () => table.disableLargePages(),
      () => table.enableLargePages(),
      () => table.cutIova([]),
      () => table.setDirtyTracking(domain, true),
      () => table.readAndClearDirty(domain, { iova: 0, length: 1, pageSize: 1, noClear: false, sink: undefined }),
      () => table.areas(),
      () => table.destroy(),
    ]
    for (const call of calls) {
      expect(call).toThrow(TypeError)
      expect(call).toThrow(/IoPagetable was destroyed/)
    }
    expect([table.areaCount, table.accessCount, table.domains.length, table.destroyed]).toEqual([0, 0, 0, true])
  })
})
