import { plain } from './answer.ts'
import { bitRanges, setBits } from './bits.ts'
import type { IoctlHandlers } from './ioctl-handlers.ts'
import type { IoctlWorld } from './ioctl-world.ts'
import type { Answer, BitRange, IoctlOperation } from './recording.ts'
import { scratchData } from './scratch.ts'

/** A bitmap longer than this is not made: the ioctls refuse the lengths that would need one. */
const longestBitmap = 1n << 26n
/** What is looked at behind the bitmap, in bytes: the recorder looked at least as far. */
const behind = 64

function bitmapLength(nbits: bigint): number {
  const bytes = (nbits + 7n) >> 3n
  return Number(bytes > longestBitmap ? longestBitmap : bytes)
}

/** How far the recorder looked is not recorded beyond {@link behind} bytes; where it found a bit further on, we look as far. */
function lookedAt(operation: IoctlOperation, bitmapBytes: number): number {
  const recorded = (operation.expected.bits as readonly BitRange[] | undefined) ?? []
  const lastBit = recorded.reduce((last, range) => Math.max(last, range[1]), -1)
  return Math.max(bitmapBytes + behind, Math.min(Math.floor(lastBit / 8) + 1, Number(longestBitmap)))
}

function getDirtyBitmap(world: IoctlWorld, operation: IoctlOperation): Answer {
  const pageSize = world.u64(operation, 'page_size')
  const nbits = pageSize === 0n ? 0n : world.u64(operation, 'length') / pageSize
  const inPage = world.u32(operation, 'off')
  const bytes = new Uint8Array(inPage + lookedAt(operation, bitmapLength(nbits)))
  setBits(bytes.subarray(inPage), world.bits(operation, 'preset'))
  world.scratch.write(bytes)
  world.begin(48).put32(4, world.u32(operation, 'hwpt')).put32(8, world.u32(operation, 'flags')).put32(12, world.u32(operation, 'reserved'))
  world.put64(16, world.u64(operation, 'iova')).put64(24, world.u64(operation, 'length')).put64(32, pageSize)
  const errno = world.put64(40, world.u64(operation, 'buf', scratchData + BigInt(inPage))).call(0x3b8c)
  if (errno !== 'OK') return { errno }
  const after = world.scratch.read(bytes.length)
  const underrun = after.subarray(0, inPage).some((byte) => byte !== 0)
  return { errno, nbits: plain(nbits), bits: bitRanges(after.subarray(inPage)), ...(underrun ? { underrun } : {}) }
}

function dirty(world: IoctlWorld, operation: IoctlOperation): Answer {
  const pageSize = world.u64(operation, 'page_size')
  const ranges = world.bits(operation, 'bits')
  const nbits = pageSize === 0n ? 0n : world.u64(operation, 'length') / pageSize
  const highest = ranges.reduce((last, range) => Math.max(last, range[1]), -1)
  const bytes = new Uint8Array(
    Math.max(nbits > 1n << 27n ? 0 : bitmapLength(nbits), Math.min(Math.floor(highest / 8) + 1, Number(longestBitmap)), 8),
  )
  setBits(bytes, ranges)
  world.scratch.write(bytes)
  world.begin(72).put32(4, 13).put32(8, world.u32(operation, 'hwpt')).put64(24, world.u64(operation, 'iova'))
  world
    .put64(32, world.u64(operation, 'length'))
    .put64(40, pageSize)
    .put64(48, world.u64(operation, 'buf', scratchData))
  const errno = world.callAndRead(0x3ba0)
  return errno === 'OK' ? { errno, nr_dirty: plain(world.get64(56)) } : { errno }
}

/** Dirty tracking (uapi sections 6.3, 6.4, 10.2). */
export const dirtyHandlers: IoctlHandlers = {
  set_dirty_tracking: (world, op) => ({
    errno: world
      .begin(16)
      .put32(4, world.u32(op, 'flags'))
      .put32(8, world.u32(op, 'hwpt'))
      .put32(12, world.u32(op, 'reserved'))
      .call(0x3b8b),
  }),
  get_dirty_bitmap: getDirtyBitmap,
  dirty,
}
