// Kind 1: examples on both sides of each boundary.
import { HardwareInvariantError, PhysicalMemory } from '@iommukit/simulated-iommu-hw'
import { checkInvariants } from '@iommukit/simulated-iommu-hw/check'
import { describe, expect, it } from 'vitest'
import { thrownBy } from './oracle.ts'

const LAST_PFN = 2 ** 40 - 1

describe('PhysicalMemory: pins', () => {
  it('counts pins a frame and in total, at both ends of the frames', () => {
    const physical = new PhysicalMemory()
    for (const pfn of [0, 1, 511, 512, 2 ** 21 - 1, 2 ** 21, 2 ** 31, 2 ** 32 - 1, 2 ** 32, LAST_PFN]) {
      physical.pin(pfn, 1)
      physical.pin(pfn, 1)
      expect(physical.pinCount(pfn)).toBe(2)
      physical.unpin(pfn, 1)
      expect(physical.pinCount(pfn)).toBe(1)
    }
    expect(physical.pinnedTotal).toBe(10)
    checkInvariants(physical)
    expect([...physical.pinned()].map(({ pfn }) => pfn)).toContain(LAST_PFN)
  })

  it('a run across blocks and regions is one pin on each of its frames, whole blocks included', () => {
    const physical = new PhysicalMemory()
    const first = 2 ** 21 - 700
    physical.pin(first, 1500)
    for (const pfn of [first, first + 699, 2 ** 21, first + 1499]) expect(physical.pinCount(pfn)).toBe(1)
    for (const pfn of [first - 1, first + 1500]) expect(physical.pinCount(pfn)).toBe(0)
    physical.unpin(first + 600, 200)
    expect([599, 600, 799, 800].map((k) => physical.pinCount(first + k))).toEqual([1, 0, 0, 1])
    checkInvariants(physical)
    physical.unpin(first, 600)
    physical.unpin(first + 800, 700)
    expect(physical.pinnedTotal).toBe(0)
    checkInvariants(physical)
  })

  it('unpinning a frame without a pin throws and changes nothing, wherever in the run it lies', () => {
    const physical = new PhysicalMemory()
    expect(() => physical.unpin(7, 1)).toThrow(HardwareInvariantError)
    physical.pin(512, 1024)
    physical.unpin(1000, 1)
    expect(() => physical.unpin(512, 1024)).toThrow(/0x3e8, which has no pin/)
    expect(() => physical.unpin(511, 2)).toThrow(HardwareInvariantError)
    expect(() => physical.unpin(1535, 2)).toThrow(HardwareInvariantError)
    expect(() => physical.unpin(1000, 1)).toThrow(HardwareInvariantError)
    expect(physical.pinnedTotal).toBe(1023)
    expect(physical.pinCount(512)).toBe(1)
    checkInvariants(physical)
  })

  it('counts beyond the range of a byte, up and down', () => {
    const physical = new PhysicalMemory()
    for (let n = 0; n < 1000; n++) physical.pin(5, 1)
    expect(physical.pinCount(5)).toBe(1000)
    for (let n = 0; n < 400; n++) physical.pin(0, 512)
    expect(physical.pinCount(5)).toBe(1400)
    for (let n = 0; n < 1400; n++) physical.unpin(5, 1)
    expect(physical.pinCount(5)).toBe(0)
    expect(thrownBy(() => physical.unpin(5, 1))).toBe('HardwareInvariantError')
    expect(physical.pinCount(6)).toBe(400)
    checkInvariants(physical)
  })

  it('four million frames, whole or one by one, are quick and exact', () => {
    const physical = new PhysicalMemory()
    physical.pin(0x100000, 4194304)
    expect(physical.pinnedTotal).toBe(4194304)
    for (let k = 0; k < 4194304; k++) physical.unpin(0x100000 + ((Math.imul(k, 0x9e3779b1) & 4194303) >>> 0), 1)
    expect(physical.pinnedTotal).toBe(0)
    checkInvariants(physical)
  })
})

describe('PhysicalMemory: bytes and frames', () => {
  it('frames are zero until written, and copies stay inside their frame', () => {
    const physical = new PhysicalMemory()
    const out = new Uint8Array(4).fill(9)
    physical.copyOut(LAST_PFN, 4092, out)
    expect([...out]).toEqual([0, 0, 0, 0])
    expect(physical.allocatedFrames).toBe(0)
    physical.copyIn(LAST_PFN, 4092, Uint8Array.of(1, 2, 3, 4))
    physical.copyOut(LAST_PFN, 4093, out.subarray(0, 3))
    expect([...out]).toEqual([2, 3, 4, 0])
    physical.copyOut(LAST_PFN - 1, 4092, out)
    expect([...out]).toEqual([0, 0, 0, 0])
    physical.copyIn(0, 4096, new Uint8Array(0))
    expect(thrownBy(() => physical.copyIn(0, 4093, new Uint8Array(4)))).toBe('RangeError')
    expect(thrownBy(() => physical.copyOut(0, 4097, new Uint8Array(0)))).toBe('RangeError')
  })

  it('allocations are aligned, distinct and never adjacent', () => {
    const physical = new PhysicalMemory({ firstPfn: 1 })
    expect([physical.allocate(1), physical.allocate(3), physical.allocate(2, 512), physical.allocate(1)]).toEqual([1, 3, 512, 515])
    expect(thrownBy(() => physical.allocate(2 ** 40 - 1))).toBe('RangeError')
    expect(physical.allocate(1)).toBe(517)
  })

  it('huge frames are marked in blocks of 512', () => {
    const physical = new PhysicalMemory()
    physical.markHuge(512, 1024)
    expect([511, 512, 1535, 1536].map((pfn) => physical.isHuge(pfn))).toEqual([false, true, true, false])
    expect(thrownBy(() => physical.markHuge(511, 512))).toBe('RangeError')
    expect(thrownBy(() => physical.markHuge(512, 511))).toBe('RangeError')
  })
})
