// Kind 1: examples on both sides of each boundary; kind 5: the n-th map fails.
import { FaultPoint, MockDomain, type MockDomainOptions } from '@iommukit/simulated-iommu-hw'
import { checkInvariants } from '@iommukit/simulated-iommu-hw/check'
import { describe, expect, it } from 'vitest'
import { Runs, thrownBy } from './oracle.ts'

const M = 2048n
const H = 0x10_0000n
const IOVA = 0x100_0000n
const PHYS = 0x1_0000_0000n

/** START/LAST of each mock page from an IOVA on, as a string of | and . ; absent pages are spaces. */
function cuts(domain: MockDomain, iova: bigint, nunits: number): string {
  return Array.from({ length: nunits }, (_, k) => {
    const entry = domain.entryAt(iova + BigInt(k) * M)
    return entry === undefined ? ' ' : entry.startOrLast ? '|' : '.'
  }).join('')
}

function kinds(domain: MockDomain): string[] {
  return domain.warnings.map(({ kind }) => kind)
}

describe('MockDomain: geometry (simulated-iommu-hw 1.1)', () => {
  it('has 2 KiB pages, 1 MiB ones when asked, and its aperture', () => {
    expect(new MockDomain().pgsizeBitmap).toBe(0x800n)
    expect(new MockDomain({ hugePages: true }).pgsizeBitmap).toBe(0x10_0800n)
    expect(new MockDomain().aperture).toEqual({ start: 0x100_0000n, last: 0x7fff_ffffn })
    expect(new MockDomain({ ioPageSize: 4096, hugePages: true }).pgsizeBitmap).toBe(0x20_1000n)
  })

  it('an address is stored divided by the mock page, up to 2^52', () => {
    const domain = new MockDomain({ aperture: { start: 0n, last: 2n ** 64n - 1n }, strict: true })
    domain.map(0n, 2n ** 52n - M, M, 3)
    domain.map(2n ** 64n - M, 0n, M, 3)
    expect(domain.iovaToPhys(0n)).toBe(2n ** 52n - M)
    expect(domain.iovaToPhys(2n ** 64n - M)).toBe(0n)
    expect(domain.iovaToPhys(2n ** 64n - M - M)).toBeUndefined()
    expect(domain.unmap(2n ** 64n - M, M)).toBe(M)
    expect(domain.unmap(0n, M)).toBe(M)
    domain.map(IOVA, 2n ** 43n - M, 2n * M, 3)
    expect(domain.entryAt(IOVA + M)?.phys).toBe(2n ** 43n)
    checkInvariants(domain)
  })
})

describe('MockDomain: map calls', () => {
  it('one call marks its first and last mock page, whatever lies between', () => {
    const domain = new MockDomain({ strict: true })
    domain.map(IOVA, PHYS, 5n * M, 3)
    domain.map(IOVA + 5n * M, PHYS, M, 3)
    domain.map(IOVA + 6n * M, PHYS, 2n * M, 3)
    expect(cuts(domain, IOVA, 9)).toBe('|...|||| ')
    expect(domain.entryAt(IOVA + 4n * M)).toEqual({ phys: PHYS + 4n * M, startOrLast: true, dirty: false, huge: false })
    expect(domain.mapCalls).toBe(3)
  })

  it('item 11: with huge pages a map is cut into rounds at the boundary of 1 MiB, each with its own START and LAST', () => {
    const domain = new MockDomain({ hugePages: true, strict: true })
    domain.map(IOVA + H - 3n * M, PHYS + H - 3n * M, 3n * M + 2n * H + M, 3)
    expect(cuts(domain, IOVA + H - 4n * M, 5)).toBe(' |.||')
    expect(cuts(domain, IOVA + 2n * H - M, 2)).toBe('..')
    expect(cuts(domain, IOVA + 3n * H - M, 3)).toBe('|| ')
    expect([0n, H, 2n * H - M, 2n * H].map((at) => domain.entryAt(IOVA + H + at)?.huge)).toEqual([true, true, true, false])
    expect(domain.entryAt(IOVA + H - M)?.huge).toBe(false)
    const apart = new MockDomain({ hugePages: true })
    apart.map(IOVA + H - M, PHYS, 2n * H, 3)
    expect(apart.entryAt(IOVA + H)?.huge).toBe(false)
    expect(apart.mapFault.calls).toBe(1)
    expect(domain.mapFault.calls).toBe(3)
  })

  it('refuses what is not multiples of the mock page; length 0 maps nothing', () => {
    const domain = new MockDomain({ strict: true })
    for (const [iova, phys, length] of [
      [IOVA + 1n, PHYS, M],
      [IOVA, PHYS + 1024n, M],
      [IOVA, PHYS, M + 1n],
    ] as const)
      expect(thrownBy(() => domain.map(iova, phys, length, 3))).toBe('EINVAL')
    domain.map(IOVA, PHYS, 0n, 3)
    expect(domain.mappedIoPages).toBe(0)
  })

  it('a failing round undoes the rounds before it: property 6', () => {
    for (let nth = 1; nth < 10; nth++) {
      const domain = new MockDomain({ hugePages: true, strict: true, mapFault: new FaultPoint('map', 'ENOENT') })
      domain.map(IOVA, PHYS, H - M, 3)
      const before = domain.mappedIoPages
      domain.mapFault.failAt(nth)
      const code = thrownBy(() => domain.map(IOVA + H - M, PHYS + H - M, 3n * H, 3))
      if (code === undefined) {
        expect(nth).toBe(4)
        return
      }
      expect(code).toBe('ENOENT')
      expect([domain.mappedIoPages, domain.iovaToPhys(IOVA)]).toEqual([before, PHYS])
      checkInvariants(domain)
    }
    expect.fail('the map never succeeded')
  })
})

describe('MockDomain: unmap', () => {
  it('removes everything in the range and returns the full length, present or not', () => {
    const domain = new MockDomain()
    domain.map(IOVA, PHYS, 4n * M, 3)
    expect(domain.unmap(IOVA - 2n * M, 10n * M)).toBe(10n * M)
    expect([domain.mappedIoPages, domain.warningCount]).toEqual([0, 0])
    expect(domain.unmap(IOVA, 0n)).toBe(0n)
  })

  it('item 12: returns 0 and removes nothing when it is not multiples of the mock page', () => {
    const domain = new MockDomain()
    domain.map(IOVA, PHYS, 4n * M, 3)
    expect([domain.unmap(IOVA + 1n, M), domain.unmap(IOVA, M + 1n), domain.mappedIoPages]).toEqual([0n, 0n, 4])
  })

  it('warns when it does not begin and end on boundaries of map calls; with huge pages the check is off', () => {
    const make = (options: MockDomainOptions = {}): MockDomain => {
      const domain = new MockDomain(options)
      for (const at of [0n, 4n, 8n]) domain.map(IOVA + at * M, PHYS, 4n * M, 3)
      return domain
    }
    for (const [from, nunits, warnings] of [
      [0n, 4n, 0],
      [4n, 8n, 0],
      [0n, 12n, 0],
      [0n, 5n, 0],
      [3n, 1n, 0],
      [1n, 3n, 1],
      [0n, 3n, 1],
      [0n, 6n, 1],
      [5n, 2n, 1],
    ] as const) {
      const domain = make()
      domain.unmap(IOVA + from * M, nunits * M)
      expect([from, nunits, domain.warningCount]).toEqual([from, nunits, warnings])
      const strict = make({ strict: true })
      expect(thrownBy(() => strict.unmap(IOVA + from * M, nunits * M))).toBe(warnings === 0 ? undefined : 'HardwareInvariantError')
      expect(strict.mappedIoPages).toBe(warnings === 0 ? 12 - Number(nunits) : 12)
    }
    const huge = make({ hugePages: true, strict: true })
    expect(huge.unmap(IOVA + M, 2n * M)).toBe(2n * M)
  })

  it('strict mode: unmapping what is not mapped, mapping what is, leaving the aperture, leaving mappings behind', () => {
    const domain = new MockDomain({ strict: true })
    domain.map(IOVA, PHYS, 2n * M, 3)
    expect(thrownBy(() => domain.unmap(IOVA, 3n * M))).toBe('HardwareInvariantError')
    expect(thrownBy(() => domain.map(IOVA + M, PHYS, M, 3))).toBe('HardwareInvariantError')
    expect(thrownBy(() => domain.map(IOVA - M, PHYS, M, 3))).toBe('HardwareInvariantError')
    expect(thrownBy(() => domain.map(0x8000_0000n - M, PHYS, 2n * M, 3))).toBe('HardwareInvariantError')
    expect(thrownBy(() => domain.free())).toBe('HardwareInvariantError')
    expect([domain.mappedIoPages, domain.iovaToPhys(IOVA + M)]).toEqual([2, PHYS + M])
    expect(kinds(domain)).toEqual(['absent-unmap', 'overwrite', 'outside-aperture', 'outside-aperture', 'absent-unmap'])
    domain.unmap(IOVA, 2n * M)
    domain.free()
  })

  it('without strict mode the same are warnings, and an overwritten entry is lost', () => {
    const domain = new MockDomain()
    domain.map(IOVA, PHYS, 2n * M, 3)
    domain.map(IOVA + M, 0n, M, 3)
    domain.map(IOVA - M, PHYS, M, 3)
    domain.free()
    expect(kinds(domain)).toEqual(['overwrite', 'outside-aperture', 'absent-unmap'])
    expect(domain.iovaToPhys(IOVA + M)).toBe(0n)
    checkInvariants(domain)
  })
})

describe('MockDomain: lookups', () => {
  it('item 18: an address that is not mapped is absent, physical address 0 is not', () => {
    const domain = new MockDomain({ strict: true })
    domain.map(IOVA, 0n, M, 3)
    expect(domain.iovaToPhys(IOVA)).toBe(0n)
    expect(domain.iovaToPhys(IOVA + 5n)).toBe(5n)
    expect(domain.iovaToPhys(IOVA + M)).toBeUndefined()
    expect(kinds(domain)).toEqual(['unaligned-lookup', 'absent-lookup'])
    expect(domain.entryAt(IOVA + M)).toBeUndefined()
  })

  it('reads back a map that begins inside a page: example E1', () => {
    const domain = new MockDomain({ strict: true })
    domain.map(IOVA + 0x800n, 500n * 4096n + 0x800n, 0x800n, 3)
    domain.map(IOVA + 0x1000n, 900n * 4096n, 0x800n, 3)
    const sink = new Runs()
    expect(domain.readRuns(IOVA + 0x800n, 2, sink)).toBe(2)
    expect(sink.runs).toEqual([
      [500, 1],
      [900, 1],
    ])
    const inside = new Runs()
    expect(domain.readRuns(IOVA + 0xc05n, 2, inside)).toBe(2)
    expect(inside.runs).toEqual(sink.runs)
  })

  it('reads back maximal runs, stops where the sink refuses and where nothing is mapped', () => {
    const domain = new MockDomain()
    domain.map(IOVA, PHYS, 0x3000n, 3)
    domain.map(IOVA + 0x3000n, PHYS + 0x3000n, 0x1000n, 3)
    domain.map(IOVA + 0x4000n, PHYS, 0x1000n, 3)
    const all = new Runs()
    expect(domain.readRuns(IOVA, 5, all)).toBe(5)
    expect(all.runs).toEqual([
      [0x100000, 4],
      [0x100000, 1],
    ])
    expect(domain.readRuns(IOVA, 5, new Runs(1))).toBe(4)
    expect(domain.readRuns(IOVA, 5, new Runs(0))).toBe(0)
    expect(domain.readRuns(IOVA, 9, new Runs())).toBe(5)
    expect(kinds(domain)).toEqual(['absent-lookup'])
  })
})
