import { MockDomain, PhysicalMemory, RadixDomain, UserAddressSpace } from '@iommukit/simulated-iommu-hw'

// Frames, and a process with 64 MiB of memory whose frames lie anywhere.
const physical = new PhysicalMemory()
const memory = new UserAddressSpace(physical)
memory.mmap(0x7f00_0000_0000n, 64 << 20, { placement: 'scattered' })
memory.write(0x7f00_0000_1ffcn, new TextEncoder().encode('iommu'))

// Pin two pages of it, as a driver does before it lets a device see them.
const source = memory.pageSource(0x7f00_0000_0000n, 16384)
const runs: { pfn: number; npfns: number }[] = []
source.pin(1, 2, true, { add: (pfn, npfns) => runs.push({ pfn, npfns }) > 0 })

// Map them for a device, in a page table of 4 levels and in the mock of the kernel's selftest.
const radix = new RadixDomain()
const mock = new MockDomain({ dirtyTracking: true, strict: true })
let iova = 0x100_0000n
for (const { pfn, npfns } of runs) {
  for (const domain of [radix, mock]) domain.map(iova, BigInt(pfn) * 4096n, BigInt(npfns) * 4096n, 3)
  iova += BigInt(npfns) * 4096n
}

// A device writes; the dirty page is found again.
radix.dirty.setTracking(true)
radix.markDirty(0x100_0ffcn)
radix.dirty.readAndClear(0x100_0000n, 0x2000n, false, {
  record: () => {},
  recordAt: (hi, lo, length) => console.log(`dirty: 0x${(hi * 2 ** 32 + lo).toString(16)}, ${length} bytes`),
})
console.log('same translation:', radix.iovaToPhys(0x100_1000n) === mock.iovaToPhys(0x100_1000n))
console.log('pins:', physical.pinnedTotal, 'in', memory.pinCalls, 'call')
