// Kind 1: examples on both sides of each boundary.
import { Iotlb, RadixDomain } from '@iommukit/simulated-iommu-hw'
import { describe, expect, it } from 'vitest'
import { thrownBy } from './oracle.ts'

function rig(entries = 16): { domain: RadixDomain; tlb: Iotlb } {
  const domain = new RadixDomain()
  domain.mapAt(0, 0, 0x100000, 0x40000, 3)
  domain.mapAt(0xffff, 0xffff_f000, 0x5000, 4096, 3)
  return { domain, tlb: new Iotlb(domain, entries) }
}

describe('Iotlb', () => {
  it('translates as the page table does, hit or miss', () => {
    const { domain, tlb } = rig(128)
    for (let round = 0; round < 2; round++)
      for (const [hi, lo] of [
        [0, 0],
        [0, 5],
        [0, 0x3f_fff],
        [0, 0x40_000],
        [0xffff, 0xffff_ffff],
        [1, 0],
      ] as const)
        expect(tlb.translateAt(hi, lo)).toBe(domain.iovaToPhysAt(hi, lo))
    expect(tlb.translateAt(0, 0x40_000)).toBe(-1)
    expect(tlb.hits).toBe(5)
  })

  it('keeps what it has seen until told to forget', () => {
    const { domain, tlb } = rig()
    tlb.translateAt(0, 0x3000)
    domain.unmapAt(0, 0x3000, 4096)
    expect(tlb.translateAt(0, 0x3004)).toBe(0x103004)
    tlb.invalidateAt(0, 0x2000, 0x1000)
    expect(tlb.translateAt(0, 0x3004)).toBe(0x103004)
    tlb.invalidateAt(0, 0x3fff, 1)
    expect(tlb.translateAt(0, 0x3004)).toBe(-1)
    domain.mapAt(0, 0x3000, 0x7000, 4096, 3)
    expect(tlb.translateAt(0, 0x3004)).toBe(0x7004)
  })

  it('item 13: invalidation is by intersection, for short and long ranges, at the top of the addresses too', () => {
    for (const length of [1, 4097, 0x100000]) {
      const { domain, tlb } = rig()
      for (const lo of [0x0000, 0x1000, 0x2000]) tlb.translateAt(0, lo)
      domain.unmapAt(0, 0, 0x40000)
      tlb.invalidateAt(0, 0x1fff, length)
      expect([0x0000, 0x1000, 0x2000].map((lo) => tlb.translateAt(0, lo))).toEqual([0x100000, -1, length === 1 ? 0x102000 : -1])
    }
    const { domain, tlb } = rig()
    tlb.translateAt(0xffff, 0xffff_f000)
    domain.unmapAt(0xffff, 0xffff_f000, 4096)
    tlb.invalidateAt(0xffff, 0xffff_f001, 5)
    expect(tlb.translateAt(0xffff, 0xffff_f000)).toBe(-1)
    tlb.invalidateAt(0xffff, 0xffff_f001, 0)
    tlb.invalidateAll()
    expect(tlb.translateAt(0, 0)).toBe(0x100000)
  })

  it('pages that share a slot replace one another', () => {
    const { tlb } = rig(2)
    tlb.translateAt(0, 0)
    tlb.translateAt(0, 0x2000)
    tlb.translateAt(0, 0)
    expect([tlb.hits, tlb.misses]).toEqual([0, 3])
    for (const entries of [0, 3, -4]) expect(thrownBy(() => new Iotlb({ iovaToPhysAt: () => -1 }, entries))).toBe('RangeError')
  })
})
