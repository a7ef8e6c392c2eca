// Kind 1: the ports fit what implements them by shape, and real page tables do what the fakes do.
import { type AccessOwner, IoPagetable } from '@iommukit/io-pagetable'
import { checkInvariants } from '@iommukit/io-pagetable/check'
import type { IommuDomain, Origin } from '@iommukit/pfn-reader'
import { LockedMemory, MockDomain, PhysicalMemory, RadixDomain, StrictDomain, UserAddressSpace } from '@iommukit/simulated-iommu-hw'
import { expect, expectTypeOf, it } from 'vitest'
import { Owner } from './fixture.ts'

it('types: domains and owners fit', () => {
  expectTypeOf<RadixDomain>().toExtend<IommuDomain>()
  expectTypeOf<MockDomain>().toExtend<IommuDomain>()
  expectTypeOf<Owner>().toExtend<AccessOwner>()
})

for (const placement of ['contiguous', 'scattered'] as const) {
  it(`a radix, a mock and a strict domain hold the same map through maps, copies, an access and unmaps (${placement} frames)`, () => {
    const physical = new PhysicalMemory()
    const memory = new UserAddressSpace(physical)
    const address = 0x7f00_0000_0000n
    memory.mmap(address, 8 << 20, { placement })
    const origin: Origin = {
      source: (base, npages) => memory.pageSource(base, npages),
      frames: physical,
      accounting: new LockedMemory(),
      accountMode: 'user',
    }
    const table = new IoPagetable({ temp: { limitBytes: 24 } })
    const domains: IommuDomain[] = [new RadixDomain(), new MockDomain({ strict: true }), new StrictDomain(new RadixDomain())]
    for (const domain of domains) table.addDomain(domain)
    expect(table.iovaAlignment).toBe(4096)
    const iova = table.mapUserPages({ address, length: 3 << 20, prot: 3, origin })
    table.copyFrom(table, iova + 0x5000n, 0x10_0000, 0x4000_0000, 3)
    const owner = new Owner(table)
    const id = table.addAccess(owner)
    expect(owner.pin(0x4000_0000n, 0x8000n, true)).toHaveLength(8)
    checkInvariants(table, [table])
    expect(physical.pinnedTotal).toBe(768)
    table.removeDomain(domains[0]!)
    checkInvariants(table, [table])
    expect(table.unmapIova(iova, 3 << 20)).toBe(3n << 20n)
    expect(physical.pinnedTotal).toBe(256)
    expect(table.unmapAll()).toBe(1n << 20n)
    expect(owner.told).toHaveLength(1)
    expect(physical.pinnedTotal).toBe(0)
    table.removeAccess(owner, id)
    for (const domain of [...table.domains]) table.removeDomain(domain)
    table.destroy()
  })
}

it('a contiguous GiB is one pin call, one map call and one unmap call, also for a second domain and a copy, which pin nothing', () => {
  const physical = new PhysicalMemory()
  const memory = new UserAddressSpace(physical)
  const address = 0x10_0000_0000n
  const gib = 2n ** 30n
  memory.mmap(address, gib, { placement: 'contiguous' })
  const origin: Origin = {
    source: (base, npages) => memory.pageSource(base, npages),
    frames: physical,
    accounting: new LockedMemory(),
    accountMode: 'none',
  }
  const temp = { limitBytes: 65536 }
  const table = new IoPagetable({ temp })
  const copy = new IoPagetable({ temp })
  const [first, second, third] = [new RadixDomain(), new RadixDomain(), new RadixDomain()].map((domain) => new StrictDomain(domain))
  table.addDomain(first!)
  copy.addDomain(third!)
  table.mapUserPages({ address, length: gib, iova: gib, prot: 3, origin })
  table.addDomain(second!)
  copy.copyFrom(table, gib, gib, undefined, 3)
  expect([memory.pinCalls, physical.pinnedTotal]).toEqual([1, 262144])
  expect([first, second, third].map((domain) => domain!.mapCalls)).toEqual([1, 1, 1])
  expect(table.unmapIova(gib, gib)).toBe(gib)
  expect(copy.unmapAll()).toBe(gib)
  expect([first, second, third].map((domain) => domain!.unmapCalls)).toEqual([1, 1, 1])
  expect([memory.pinCalls, physical.pinnedTotal]).toEqual([1, 0])
})
