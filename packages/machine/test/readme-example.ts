import { createMachine } from '@iommukit/machine'

// A computer, a program with 1 MiB of memory, and /dev/iommu.
const machine = createMachine({ placement: 'scattered' })
const program = machine.createProcess()
program.memory.mmap(0x7f00_0000_0000n, 1 << 20)
const { context } = machine.openIommu(program)

// An I/O address space, a device attached to it, and the memory mapped for the device.
const ioasId = context.ioasAlloc()
const device = context.bindDevice(0)
device.attach(ioasId)
const iova = context.ioasMap(program, { ioasId, address: 0x7f00_0000_0000n, length: 1 << 20, readable: true, writeable: true })
console.log(`mapped at 0x${iova.toString(16)}, ${machine.physical.pinnedTotal} pages pinned`)

// The same by the binary interface of Linux: struct iommu_ioas_unmap { u32 size, ioas_id; u64 iova, length }.
const argument = 0x10_0000n
program.memory.mmap(argument, 4096)
program.memory.write(argument, new Uint8Array(new BigUint64Array([24n | (BigInt(ioasId) << 32n), iova, 1n << 20n]).buffer))
machine.ioctl(program, 3, 0x3b86, argument)
console.log(`unmapped, ${machine.physical.pinnedTotal} pages pinned`)
