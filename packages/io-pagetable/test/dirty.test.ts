// Kind 1: dirty tracking (spec B17, P12, K6, K14, and the recorded behaviour of Linux).
import { describe, expect, it } from 'vitest'
import { codeOf, type FakeDomain, FakeSink, U64_MAX } from './fakes.ts'
import { CONTIG, Fixture } from './fixture.ts'

function tracked(): { fixture: Fixture; domain: FakeDomain } {
  const fixture = new Fixture()
  const domain = fixture.newDomain({ pageSize: 2048, dirty: true })
  fixture.table.addDomain(domain)
  fixture.map(0x1_0000, 0x4000)
  fixture.map(0x1_4000, 0x2000, CONTIG + 0x8000)
  fixture.map(0x2_0000, 0x1000, CONTIG + 0x10000)
  return { fixture, domain }
}

function read(fixture: Fixture, domain: FakeDomain, iova: bigint | number, length: bigint | number, noClear = false): unknown {
  const sink = new FakeSink()
  const { scannedLast } = fixture.table.readAndClearDirty(domain, { iova, length, pageSize: 2048, noClear, sink })
  return { ranges: sink.ranges, scannedLast }
}

describe('setDirtyTracking', () => {
  it('cleans everything when switched on, also again, and flushes; nothing of that when switched off', () => {
    const { fixture, domain } = tracked()
    const { table, world } = fixture
    table.setDirtyTracking(domain, true)
    expect([domain.tracking, world.calls.flush]).toEqual([true, 1])
    domain.deviceWrite(0x1_0000n)
    table.setDirtyTracking(domain, true)
    expect([domain.dirtyGranules.size, world.calls.flush]).toEqual([0, 2])
    domain.deviceWrite(0x1_0000n)
    table.setDirtyTracking(domain, false)
    expect([domain.tracking, domain.dirtyGranules.size, world.calls.flush]).toEqual([false, 1, 2])
  })

  it('an error while cleaning is passed on after a flush, and tracking is not switched', () => {
    const { fixture, domain } = tracked()
    domain.failDirtyRead = 2
    expect(codeOf(() => fixture.table.setDirtyTracking(domain, true))).toBe('EIO')
    expect([domain.tracking, fixture.world.calls.flush]).toEqual([false, 1])
  })

  it('a domain that cannot track is EOPNOTSUPP, an unattached one a RangeError', () => {
    const { fixture } = tracked()
    const plain = fixture.newDomain()
    expect(() => fixture.table.setDirtyTracking(plain, true)).toThrow(RangeError)
    fixture.table.addDomain(plain)
    for (const on of [true, false]) expect(codeOf(() => fixture.table.setDirtyTracking(plain, on))).toBe('EOPNOTSUPP')
  })
})

describe('readAndClearDirty', () => {
  it('reports and cleans area by area; a second read reports nothing; with noClear it does (P12)', () => {
    const { fixture, domain } = tracked()
    fixture.table.setDirtyTracking(domain, true)
    for (const iova of [0x1_0800n, 0x1_4000n, 0x1_5fffn, 0x2_0000n]) domain.deviceWrite(iova)
    const all = [
      [0x1_0800n, 0x800n],
      [0x1_4000n, 0x800n],
      [0x1_5800n, 0x800n],
    ]
    const flushes = fixture.world.calls.flush
    expect(read(fixture, domain, 0x1_0000, 0x6000, true)).toEqual({ ranges: all, scannedLast: 0x1_5fffn })
    expect(fixture.world.calls.flush).toBe(flushes)
    expect(read(fixture, domain, 0x1_0000, 0x6000)).toEqual({ ranges: all, scannedLast: 0x1_5fffn })
    expect(fixture.world.calls.flush).toBe(flushes + 1)
    expect(read(fixture, domain, 0x1_0000, 0x6000)).toEqual({ ranges: [], scannedLast: 0x1_5fffn })
    expect(read(fixture, domain, 0x2_0800, 0x800)).toEqual({ ranges: [], scannedLast: 0x2_0fffn })
    expect(domain.dirtyGranules.size).toBe(1)
  })

  it('K6: stops at the first gap and at the first error of the domain without an error, says how far it came, and flushes', () => {
    const { fixture, domain } = tracked()
    fixture.table.setDirtyTracking(domain, true)
    for (const iova of [0x1_5800n, 0x2_0000n]) domain.deviceWrite(iova)
    const flushes = fixture.world.calls.flush
    expect(read(fixture, domain, 0x1_5000, 0x1_0000)).toEqual({ ranges: [[0x1_5800n, 0x800n]], scannedLast: 0x1_5fffn })
    expect(read(fixture, domain, 0x1_8000, 0x1_0000)).toEqual({ ranges: [], scannedLast: undefined })
    domain.failDirtyRead = 2
    expect(read(fixture, domain, 0x1_0000, 0x6000)).toEqual({ ranges: [], scannedLast: 0x1_3fffn })
    expect(fixture.world.calls.flush).toBe(flushes + 3)
  })

  it('does not swallow a bug of the domain', () => {
    const { fixture, domain } = tracked()
    domain.dirty!.readAndClear = () => {
      throw new TypeError('a bug')
    }
    expect(() => read(fixture, domain, 0x1_0000, 0x1000)).toThrow('a bug')
  })

  it('its checks come in the order of B17; last+1 may be 2^64', () => {
    const { fixture, domain } = tracked()
    const { table } = fixture
    const code = (iova: bigint, length: bigint, pageSize: bigint, on: FakeDomain = domain): string =>
      codeOf(() => table.readAndClearDirty(on, { iova, length, pageSize, noClear: false, sink: () => new FakeSink() }))
    const plain = fixture.newDomain({ pageSize: 2048 })
    table.addDomain(plain)
    expect(code(U64_MAX, 0n, 0n)).toBe('EINVAL')
    expect(code(U64_MAX, 0x801n, 0n)).toBe('EOVERFLOW')
    expect(code(0x400n, 0x800n, 0n, plain)).toBe('EINVAL')
    expect(code(0x800n, 0x400n, 1n, plain)).toBe('EINVAL')
    expect(code(0x800n, 0x800n, 0n, plain)).toBe('EINVAL')
    expect(code(0x800n, 0x800n, 0x1000n, plain)).toBe('EINVAL')
    expect(code(0n, 0x1800n, 0x1800n, plain)).toBe('EINVAL')
    expect(code(0n, 0x800n, 0x1n, plain)).toBe('EOPNOTSUPP')
    expect(code(U64_MAX - 0x7ffn, 0x800n, 0x800n)).toBe('OK')
    expect(code(0n, U64_MAX, 1n)).toBe('EINVAL')
    expect(code(2n ** 63n, 2n ** 63n, 2n ** 63n)).toBe('OK')
    expect(code(2n ** 62n, 2n ** 63n, 2n ** 63n)).toBe('EINVAL')
    expect(code(0n, 2n ** 33n, 2n ** 33n)).toBe('OK')
    expect(code(2n ** 32n, 2n ** 33n, 2n ** 33n)).toBe('EINVAL')
    expect(code(0n, 3n * 2n ** 40n, 3n * 2n ** 40n)).toBe('EINVAL')
  })

  it('K14: a page size that is no power of two is EINVAL even where a mask would pass it', () => {
    const { fixture, domain } = tracked()
    expect(
      codeOf(() => fixture.table.readAndClearDirty(domain, { iova: 0, length: 0x1000, pageSize: 0x801, noClear: true, sink: undefined })),
    ).toBe('EINVAL')
  })

  it('asks for the sink only after the checks', () => {
    const { fixture, domain } = tracked()
    let asked = 0
    const sink = (): FakeSink => {
      asked++
      return new FakeSink()
    }
    const { table } = fixture
    expect(codeOf(() => table.readAndClearDirty(domain, { iova: 1, length: 1, pageSize: 1, noClear: true, sink }))).toBe('EINVAL')
    expect(asked).toBe(0)
    table.readAndClearDirty(domain, { iova: 0x1_0000, length: 0x800, pageSize: 1, noClear: true, sink })
    expect(asked).toBe(1)
  })

  it('without a sink it only cleans', () => {
    const { fixture, domain } = tracked()
    fixture.table.setDirtyTracking(domain, true)
    domain.deviceWrite(0x1_0000n)
    fixture.table.readAndClearDirty(domain, { iova: 0x1_0000, length: 0x800, pageSize: 2048, noClear: false, sink: undefined })
    expect(domain.dirtyGranules.size).toBe(0)
  })
})
