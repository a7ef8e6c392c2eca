import { abi, ioctl } from '@iommukit/iommufd'
import { createMachine } from '@iommukit/machine'

// A computer, a program on it with 16 pages of memory, and an open /dev/iommu.
const machine = createMachine()
const program = machine.createProcess()
program.memory.mmap(0x7f00_0000n, 16 * 4096)
const file = machine.openIommu(program)

// Typed methods: an IOVA space, a device on it, and the program's memory mapped for the device.
const { context } = file
const ioasId = context.ioasAlloc()
const device = context.bindDevice(0)
const hwptId = device.attach(ioasId)
const iova = context.ioasMap(program, { ioasId, address: 0x7f00_0000n, length: 16 * 4096, readable: true, writeable: true })
console.log(`ioas ${ioasId}, page table ${hwptId}, mapped at 0x${iova.toString(16)}, ${machine.physical.pinnedTotal} pages pinned`)

// The binary interface: the unmap as a C program asks for it, in the program's memory.
const { command, bytes, fields } = abi.IOAS_UNMAP
const unmap = new abi.UserStruct(bytes)
unmap.setU32(fields.size, bytes)
unmap.setU32(fields.ioasId, ioasId)
unmap.setU64(fields.iova, iova)
unmap.setU64(fields.length, 16n * 4096n)
program.memory.mmap(0x6000_0000n, 4096)
program.memory.write(0x6000_0000n, unmap.bytes)
console.log(`ioctl returned ${ioctl(file, command, 0x6000_0000n, program)}, ${machine.physical.pinnedTotal} pages pinned`)

// Once more: nothing is mapped there, and the error carries what the program sees in errno.
try {
  ioctl(file, command, 0x6000_0000n, program)
} catch (error) {
  console.log(abi.errnoName(error), abi.errnoNumber(error))
}

device.unbind()
file.release()
