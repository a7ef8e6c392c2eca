// Kind 1: examples on both sides of each boundary.
import { MockDomain, PhysicalMemory, RadixDomain, StrictDomain } from '@iommukit/simulated-iommu-hw'
import { describe, expect, it } from 'vitest'
import { Runs, thrownBy } from './oracle.ts'

const PAGE = 4096n
const IOVA = 0x100_0000n
const BUG = 'HardwareInvariantError'

describe.each([
  ['mock', () => new StrictDomain(new MockDomain())],
  ['radix', () => new StrictDomain(new RadixDomain())],
])('StrictDomain over %s', (_, make) => {
  function filled(): StrictDomain {
    const domain = make()
    domain.map(IOVA, PAGE, 2n * PAGE, 3)
    domain.mapAt(0, 0x100_2000, 0x8000, 4096, 3)
    domain.map(IOVA + 8n * PAGE, 0n, PAGE, 1)
    return domain
  }

  it('lets through and records what is right', () => {
    const domain = filled()
    expect(domain.unmap(IOVA, 3n * PAGE)).toBe(3n * PAGE)
    expect(domain.unmapAt(0, 0x100_8000, 4096)).toBe(4096)
    domain.flush()
    expect(domain.calls.map((call) => [call.op, call.iova, call.length])).toEqual([
      ['map', IOVA, 2n * PAGE],
      ['map', IOVA + 2n * PAGE, PAGE],
      ['map', IOVA + 8n * PAGE, PAGE],
      ['unmap', IOVA, 3n * PAGE],
      ['unmap', IOVA + 8n * PAGE, PAGE],
    ])
    expect([domain.mapCalls, domain.unmapCalls, domain.flushes, domain.mapped.length]).toEqual([3, 2, 1, 0])
  })

  it('throws for unmaps off the cut points, of holes, and empty ones', () => {
    const domain = filled()
    for (const [from, npages] of [
      [1n, 1n],
      [0n, 1n],
      [1n, 2n],
      [0n, 4n],
      [3n, 1n],
      [0n, 9n],
      [9n, 1n],
      [0n, 0n],
    ] as const) {
      expect(thrownBy(() => domain.unmap(IOVA + from * PAGE, npages * PAGE))).toBe(BUG)
      expect(thrownBy(() => domain.unmapAt(0, Number(IOVA + from * PAGE), Number(npages * PAGE)))).toBe(BUG)
    }
    expect(() => domain.unmap(IOVA, PAGE)).toThrow(/ends inside the map call 0x1000000\.\.0x1001fff/)
    expect(() => domain.unmap(IOVA + PAGE, PAGE)).toThrow(/begins inside/)
    expect(() => domain.unmap(IOVA, 4n * PAGE)).toThrow(/0x1003000 is not mapped/)
    expect([domain.unmapCalls, domain.mapped.length, domain.iovaToPhys(IOVA)]).toEqual([0, 3, PAGE])
  })

  it('throws for maps over maps, empty ones and outside the aperture', () => {
    const domain = filled()
    for (const [from, npages] of [
      [0n, 1n],
      [2n, 1n],
      [-1n, 2n],
      [3n, 6n],
      [4n, 0n],
    ] as const)
      expect(thrownBy(() => domain.map(IOVA + from * PAGE, 0n, npages * PAGE, 3))).toBe(BUG)
    expect(thrownBy(() => domain.map(domain.aperture.last + 1n, 0n, PAGE, 3))).toBe(BUG)
    domain.map(IOVA + 3n * PAGE, 0n, 5n * PAGE, 3)
    expect(domain.mapCalls).toBe(4)
  })

  it('throws for a read back of what is not mapped', () => {
    const domain = filled()
    expect(domain.readRuns(IOVA, 3, new Runs())).toBe(3)
    expect(domain.readRunsAt(0, 0x100_2000, 1, new Runs())).toBe(1)
    expect(thrownBy(() => domain.readRuns(IOVA + 3n * PAGE, 1, new Runs()))).toBe(BUG)
    expect(thrownBy(() => domain.readRunsAt(0, 0x100_9000, 1, new Runs()))).toBe(BUG)
    expect(domain.iovaToPhys(IOVA + 3n * PAGE)).toBeUndefined()
  })

  it('passes on what the inner domain throws, and records nothing of it', () => {
    const domain = filled()
    expect(thrownBy(() => domain.map(IOVA + 5n * PAGE + 1n, 0n, PAGE, 3))).toBe('EINVAL')
    expect([domain.mapCalls, domain.mapped.length]).toEqual([3, 3])
  })
})

describe('StrictDomain', () => {
  it('throws when a frame without a pin is mapped, if it can see pins', () => {
    const physical = new PhysicalMemory()
    const domain = new StrictDomain(new RadixDomain(), { pinCount: (pfn) => physical.pinCount(pfn), record: false })
    physical.pin(5, 2)
    domain.map(0n, 5n * PAGE, 2n * PAGE, 3)
    expect(thrownBy(() => domain.map(4n * PAGE, 6n * PAGE, 2n * PAGE, 3))).toBe(BUG)
    expect([domain.mapCalls, domain.calls.length]).toEqual([1, 0])
  })

  it('throws when an unmap returns another length', () => {
    const inner = new RadixDomain()
    const domain = new StrictDomain(inner)
    domain.map(0n, 0n, 2n * PAGE, 3)
    inner.unmap(PAGE, PAGE)
    expect(thrownBy(() => domain.unmap(0n, 2n * PAGE))).toBe(BUG)
  })

  it('has dirty operations when the inner domain has', () => {
    expect(new StrictDomain(new MockDomain()).dirty).toBeUndefined()
    const inner = new MockDomain({ dirtyTracking: true })
    new StrictDomain(inner).dirty!.setTracking(true)
    expect(inner.dirty!.enabled).toBe(true)
  })
})
