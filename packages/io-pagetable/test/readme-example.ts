import { IoPagetable, PROT_READ, PROT_WRITE } from '@iommukit/io-pagetable'
import { LockedMemory, PhysicalMemory, RadixDomain, UserAddressSpace } from '@iommukit/simulated-iommu-hw'

// A process with 64 MiB of memory, and what a table has to know of it.
const physical = new PhysicalMemory()
const memory = new UserAddressSpace(physical)
const arena = 0x7f00_0000_0000n
memory.mmap(arena, 64 << 20, { placement: 'scattered' })
const origin = {
  source: (base: bigint, npages: number) => memory.pageSource(base, npages),
  frames: physical,
  accounting: new LockedMemory(),
  accountMode: 'user' as const,
}

// An IOVA space with the page table of one device. Mapping pins the pages, once.
const temp = { limitBytes: 65536 }
const space = new IoPagetable({ temp })
const device = new RadixDomain()
space.addDomain(device)
const prot = PROT_READ | PROT_WRITE
const iova = space.mapUserPages({ address: arena, length: 16 << 20, prot, origin })
console.log('mapped at', `0x${iova.toString(16)}`, 'pins', physical.pinnedTotal)

// A guest gets a part of it in a space of its own: the same pages, no further pin.
const guest = new IoPagetable({ temp })
const guestDevice = new RadixDomain()
guest.addDomain(guestDevice)
guest.copyFrom(space, iova + 0x1000n, 0x2000, 0x8000_0000n, prot)
console.log('same frame', guestDevice.iovaToPhys(0x8000_0000n) === device.iovaToPhys(iova + 0x1000n), 'pins', physical.pinnedTotal)

// The CPU reads and writes through the space. An access that pins is told before its pages go.
const held = { iova: 0x8000_0000n, length: 0x1000n }
const access = {
  needsPin: true,
  unmap(start: bigint, length: bigint) {
    console.log('let go of', `0x${start.toString(16)}`, length)
    guest.unpinPages(held.iova, held.length)
  },
}
const id = guest.addAccess(access)
guest.pinPages(held.iova, held.length, true)
guest.rw(0x8000_0ffcn, new TextEncoder().encode('iommu'), { write: true })

// Unmap the source, then the copy; only now the pages are released.
console.log('unmapped', space.unmapIova(iova, 16 << 20), 'pins', physical.pinnedTotal)
console.log('unmapped', guest.unmapAll(), 'pins', physical.pinnedTotal)

// Errors carry the errno that the kernel would give.
try {
  space.mapUserPages({ address: arena, length: 100, iova, prot, origin })
} catch (error) {
  console.log((error as { code: string }).code)
}
guest.removeAccess(access, id)
guest.removeDomain(guestDevice)
guest.destroy()
