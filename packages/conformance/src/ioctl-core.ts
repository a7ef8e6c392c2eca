import { hex, hexBytes, plain } from './answer.ts'
import type { IoctlHandlers } from './ioctl-handlers.ts'
import type { IoctlWorld } from './ioctl-world.ts'
import type { AnswerValue, IoctlOperation } from './recording.ts'
import { scratchData, scratchStruct } from './scratch.ts'

/** Reads `npairs` pairs of u64 at the start of the data buffer. */
function readRanges(world: IoctlWorld, npairs: number): AnswerValue[] {
  const bytes = world.scratch.read(npairs * 16)
  const view = new DataView(bytes.buffer)
  return Array.from({ length: npairs }, (_, k) => [hex(view.getBigUint64(k * 16, true)), hex(view.getBigUint64(k * 16 + 8, true))])
}

function writePairs(world: IoctlWorld, pairs: readonly (readonly [bigint, bigint])[]): void {
  const bytes = new BigUint64Array(pairs.length * 2)
  for (const [k, [a, b]] of pairs.entries()) bytes.set([a, b], k * 2)
  world.scratch.write(new Uint8Array(bytes.buffer))
}

function raw(world: IoctlWorld, operation: IoctlOperation): { errno: string } {
  const command = Number(((world.u64(operation, 'type') << 8n) | world.u64(operation, 'nr')) & 0xffff_ffffn)
  if (world.u64(operation, 'null') !== 0n) return { errno: world.callWith(command, 0n) }
  const byteLength = world.u32(operation, 'size')
  // The buffer is zeroed behind the struct too, so that a size that lies does not show what an earlier operation left.
  const bytes = new Uint8Array(Math.max(Math.min(byteLength, 0x10000), 128))
  new DataView(bytes.buffer).setUint32(0, byteLength, true)
  if (world.has(operation, 'id')) new DataView(bytes.buffer).setUint32(4, world.u32(operation, 'id'), true)
  if (world.has(operation, 'tail') && byteLength > 0 && byteLength <= bytes.length) bytes[byteLength - 1] = world.u32(operation, 'tail')
  world.scratch.reserve(BigInt(bytes.length))
  world.process.memory.write(scratchStruct, bytes)
  return { errno: world.callWith(command, scratchStruct) }
}

/** The ioctls on object ids and IOVA spaces, and the two that send arbitrary commands (uapi sections 1 to 5). */
export const coreHandlers: IoctlHandlers = {
  raw,

  test_op: (world, op) => ({
    errno: world.begin(72).put32(4, world.u32(op, 'num')).put32(8, world.u32(op, 'id')).put32(12, world.u32(op, 'reserved')).call(0x3ba0),
  }),

  ioas_alloc(world, op) {
    const errno = world.begin(12).put32(4, world.u32(op, 'flags')).callAndRead(0x3b81)
    if (errno !== 'OK') return { errno }
    world.save(op, 'out', world.get32(8))
    return { errno, id: world.get32(8) }
  },

  destroy: (world, op) => ({ errno: world.begin(8).put32(4, world.u32(op, 'id')).call(0x3b80) }),

  ioas_map(world, op) {
    world.begin(40).put32(4, world.u32(op, 'flags')).put32(8, world.u32(op, 'ioas')).put32(12, world.u32(op, 'reserved'))
    world.put64(16, world.u64(op, 'uptr')).put64(24, world.u64(op, 'length')).put64(32, world.u64(op, 'iova'))
    const errno = world.callAndRead(0x3b85)
    if (errno !== 'OK') return { errno }
    world.save(op, 'out', world.get64(32))
    return { errno, iova: hex(world.get64(32)) }
  },

  ioas_unmap(world, op) {
    world.begin(24).put32(4, world.u32(op, 'ioas')).put64(8, world.u64(op, 'iova')).put64(16, world.u64(op, 'length'))
    const errno = world.callAndRead(0x3b86)
    return errno === 'OK' ? { errno, length: hex(world.get64(16)) } : { errno }
  },

  ioas_copy(world, op) {
    world.begin(40).put32(4, world.u32(op, 'flags')).put32(8, world.u32(op, 'dst')).put32(12, world.u32(op, 'src'))
    world.put64(16, world.u64(op, 'length')).put64(24, world.u64(op, 'dst_iova')).put64(32, world.u64(op, 'src_iova'))
    const errno = world.callAndRead(0x3b83)
    if (errno !== 'OK') return { errno }
    world.save(op, 'out', world.get64(24))
    return { errno, iova: hex(world.get64(24)) }
  },

  iova_ranges(world, op) {
    const capacity = world.u32(op, 'max', 64n)
    world.scratch.reserve(BigInt(capacity) * 16n)
    world.begin(32).put32(4, world.u32(op, 'ioas')).put32(8, capacity).put32(12, world.u32(op, 'reserved')).put64(16, scratchData)
    const errno = world.call(0x3b84)
    if (errno !== 'OK' && errno !== 'EMSGSIZE') return { errno }
    world.readBack()
    const [num, alignment] = [world.get32(8), world.get64(24)]
    return { errno, num, alignment: hex(alignment), ranges: readRanges(world, Math.min(num, capacity)) }
  },

  allow_iovas(world, op) {
    const ranges = world.pairs(op, 'ranges')
    writePairs(world, ranges)
    world
      .begin(24)
      .put32(4, world.u32(op, 'ioas'))
      .put32(8, world.u32(op, 'num', BigInt(ranges.length)))
    return {
      errno: world
        .put32(12, world.u32(op, 'reserved'))
        .put64(16, world.u64(op, 'ptr', scratchData))
        .call(0x3b82),
    }
  },

  option(world, op) {
    // `op` and the reserved field are u16, at 8 and 10.
    const setGet = world.u32(op, 'set_get') & 0xffff
    const reserved = world.u32(op, 'reserved') & 0xffff
    world
      .begin(24)
      .put32(4, world.u32(op, 'option'))
      .put32(8, (setGet | (reserved << 16)) >>> 0)
    const errno = world.put32(12, world.u32(op, 'object')).put64(16, world.u64(op, 'val')).callAndRead(0x3b87)
    return errno === 'OK' ? { errno, val: hex(world.get64(16)) } : { errno }
  },

  vfio_ioas(world, op) {
    const setGet = world.u32(op, 'set_get') & 0xffff
    const reserved = world.u32(op, 'reserved') & 0xffff
    const errno = world
      .begin(12)
      .put32(4, world.u32(op, 'ioas'))
      .put32(8, (setGet | (reserved << 16)) >>> 0)
      .callAndRead(0x3b88)
    if (errno !== 'OK' || setGet !== 0) return { errno }
    world.save(op, 'out', world.get32(4))
    return { errno, id: world.get32(4) }
  },

  get_hw_info(world, op) {
    const dataLength = world.u32(op, 'data_len')
    world.scratch.write(new Uint8Array(Math.min(dataLength, 0x10000)).fill(0xaa))
    world.begin(40).put32(4, world.u32(op, 'flags')).put32(8, world.u32(op, 'dev')).put32(12, dataLength).put64(16, scratchData)
    // The reserved field is the three bytes from 29 on.
    const errno = world.put32(28, (world.u32(op, 'reserved') << 8) >>> 0).callAndRead(0x3b8a)
    if (errno !== 'OK') return { errno }
    const answer = { data_len: world.get32(12), data_type: hex(BigInt(world.get32(24))), capabilities: hex(world.get64(32)) }
    return { errno, ...answer, data: hexBytes(world.scratch.read(Math.min(dataLength, 0x10000))) }
  },

  hwpt_alloc(world, op) {
    const dataLength = world.u32(op, 'data_len')
    const blob = new Uint8Array(Math.max(4, Math.min(dataLength, 0x10000)))
    new DataView(blob.buffer).setUint32(0, world.u32(op, 'iotlb', 0xbadbeefn), true)
    world.scratch.write(blob)
    world.begin(48).put32(4, world.u32(op, 'flags')).put32(8, world.u32(op, 'dev')).put32(12, world.u32(op, 'pt'))
    world.put32(20, world.u32(op, 'reserved')).put32(24, world.u32(op, 'data_type')).put32(28, dataLength)
    const errno = world.put64(32, dataLength === 0 ? 0n : scratchData).callAndRead(0x3b89)
    if (errno !== 'OK') return { errno }
    world.save(op, 'out', world.get32(16))
    return { errno, id: world.get32(16) }
  },

  hwpt_invalidate(world, op) {
    const entries = world.pairs(op, 'entries')
    const requests = new Uint32Array(entries.flatMap(([flags, index]) => [Number(flags & 0xffff_ffffn), Number(index & 0xffff_ffffn)]))
    world.scratch.write(new Uint8Array(requests.buffer))
    world
      .begin(32)
      .put32(4, world.u32(op, 'hwpt'))
      .put64(8, scratchData)
      .put32(16, world.u32(op, 'data_type', 0xdeadbeefn))
    world.put32(20, world.u32(op, 'entry_len', 8n)).put32(24, world.u32(op, 'entry_num', BigInt(entries.length)))
    const errno = world.put32(28, world.u32(op, 'reserved')).call(0x3b8d)
    world.readBack()
    return { errno, done: plain(world.get32(24)) }
  },
}
