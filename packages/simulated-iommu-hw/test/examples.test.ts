// Kind 1: examples on both sides of each boundary.
import { LockedMemory, MockDomain, PhysicalMemory, StrictDomain, UserAddressSpace } from '@iommukit/simulated-iommu-hw'
import { describe, expect, it } from 'vitest'

class Runs {
  runs: [number, number][] = []
  capacity = Infinity
  add(pfn: number, npfns: number): boolean {
    if (this.runs.length >= this.capacity) return false
    this.runs.push([pfn, npfns])
    return true
  }
}

describe('smoke', () => {
  it('pins', () => {
    const physical = new PhysicalMemory()
    const space = new UserAddressSpace(physical)
    space.mmap(0x1_0000_0000n, 1 << 30)
    const source = space.pageSource(0x1_0000_0000n, 262144)
    const sink = new Runs()
    expect(source.pin(0, 262144, true, sink)).toBe(262144)
    expect(sink.runs).toEqual([[0x100000, 262144]])
    expect(space.pinCalls).toBe(1)
    source.unpin(0x100000 + 5, 1, false)
    expect(() => source.unpin(0x100000, 262144, false)).toThrow(/no pin/)
    expect(physical.pinnedTotal).toBe(262143)
    expect(physical.pinCount(0x100005)).toBe(0)
    source.unpin(0x100000, 5, false)
    source.unpin(0x100006, 262138, false)
    expect(physical.pinnedTotal).toBe(0)
  })
  it('maps', () => {
    const domain = new MockDomain({ dirtyTracking: true, strict: true })
    const strict = new StrictDomain(domain)
    strict.map(0x1000800n, 500n * 4096n + 0x800n, 0x1000n, 3)
    const sink = new Runs()
    expect(strict.readRuns(0x1000800n, 2, sink)).toBe(2)
    expect(sink.runs).toEqual([[500, 2]])
    expect(strict.unmap(0x1000800n, 0x1000n)).toBe(0x1000n)
    expect(domain.mappedIoPages).toBe(0)
  })
  it('charges', () => {
    const locked = new LockedMemory({ limitBytes: 40960 })
    locked.user.lockedPages = 8
    expect(() => locked.charge('user', 3)).toThrow(/ENOMEM/)
    locked.charge('user', 2)
    expect(locked.user.lockedPages).toBe(10)
  })
})
