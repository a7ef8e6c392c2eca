import { digest64, hexBytes } from './answer.ts'
import { fnv1a64 } from './fnv.ts'
import type { IoctlHandlers } from './ioctl-handlers.ts'
import { beginTest } from './ioctl-mock.ts'
import type { IoctlWorld } from './ioctl-world.ts'
import type { Answer, IoctlOperation } from './recording.ts'
import { scratchData } from './scratch.ts'
import { seededPattern } from './user-pattern.ts'

const testCommand = 0x3ba0
const writeFlag = 1
/** Longer transfers are refused by the device; their buffer need not be there in full. */
const longestTransfer = 0x100_1000n

function rw(world: IoctlWorld, operation: IoctlOperation): Answer {
  const length = world.u64(operation, 'length')
  const flags = world.u32(operation, 'flags')
  const byteLength = Number(length > longestTransfer ? longestTransfer : length)
  const isWrite = (flags & writeFlag) !== 0
  if (isWrite) world.scratch.write(seededPattern(world.u32(operation, 'seed'), byteLength))
  else world.scratch.reserve(BigInt(byteLength))
  beginTest(world, operation, 8, world.u32(operation, 'access')).put64(16, world.u64(operation, 'iova')).put64(24, length)
  const errno = world
    .put64(32, world.u64(operation, 'buf', scratchData))
    .put32(40, flags)
    .call(testCommand)
  if (errno !== 'OK' || isWrite) return { errno }
  const bytes = world.scratch.read(byteLength)
  return { errno, fnv1a64: digest64(fnv1a64(bytes)), head: hexBytes(bytes.subarray(0, 16)) }
}

/** The test commands of software users of an IOVA space: they pin pages, or copy bytes (uapi section 10). */
export const accessHandlers: IoctlHandlers = {
  create_access(world, op) {
    const errno = beginTest(world, op, 5, world.u32(op, 'ioas')).put32(20, world.u32(op, 'flags')).callAndRead(testCommand)
    if (errno === 'OK') world.save(op, 'out', world.get32(16))
    return { errno }
  },
  destroy_access: (world, op) => ({ errno: world.process.files.close(world.u32(op, 'access')) ? 'OK' : 'EBADF' }),
  access_pages(world, op) {
    beginTest(world, op, 7, world.u32(op, 'access')).put32(16, world.u32(op, 'flags')).put64(24, world.u64(op, 'iova'))
    const errno = world.put64(32, world.u64(op, 'length')).put64(40, world.u64(op, 'uptr')).callAndRead(testCommand)
    if (errno !== 'OK') return { errno }
    world.save(op, 'out', world.get32(20))
    return { errno, item: world.get32(20) }
  },
  destroy_access_pages: (world, op) => ({
    errno: beginTest(world, op, 6, world.u32(op, 'access')).put32(16, world.u32(op, 'item')).call(testCommand),
  }),
  access_replace_ioas: (world, op) => ({
    errno: beginTest(world, op, 11, world.u32(op, 'access')).put32(16, world.u32(op, 'ioas')).call(testCommand),
  }),
  access_rw: rw,
}
