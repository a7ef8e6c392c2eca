import { hex } from './answer.ts'
import type { IoctlHandlers } from './ioctl-handlers.ts'
import type { IoctlWorld } from './ioctl-world.ts'
import type { Answer, AnswerValue, IoctlOperation } from './recording.ts'

/** The buffer of GET_INFO, whatever size it claims; the capabilities lie in it. */
const infoCapacity = 4096
const rangeCapability = 1
const dmaAvailableCapability = 3

function capability(world: IoctlWorld, at: number): { next: number; cap: Answer } {
  const [id, version, next] = [world.get16(at), world.get16(at + 2), world.get32(at + 4)]
  const cap: Record<string, AnswerValue> = { id, version, next }
  if (id === dmaAvailableCapability) cap.avail = world.get32(at + 8)
  if (id === rangeCapability) {
    const fits = Math.floor((infoCapacity - at - 16) / 16)
    cap.ranges = Array.from({ length: Math.min(world.get32(at + 8), fits) }, (_, k) => [
      hex(world.get64(at + 16 + k * 16)),
      hex(world.get64(at + 24 + k * 16)),
    ])
  }
  return { next, cap }
}

function getInfo(world: IoctlWorld, operation: IoctlOperation): Answer {
  const claimed = world.u32(operation, 'argsz')
  const errno = world.begin(infoCapacity, claimed).callAndRead(0x3b70)
  if (errno !== 'OK') return { errno }
  const answer: Record<string, AnswerValue> = { errno, argsz: world.get32(0), flags: world.get32(4), pgsizes: hex(world.get64(8)) }
  // A structure of less than 24 bytes does not hold the field.
  if (claimed < 24) return answer
  answer.cap_offset = world.get32(16)
  const caps: Answer[] = []
  for (let at = world.get32(16); at >= 24 && at <= infoCapacity - 16 && caps.length < 16; ) {
    const { next, cap } = capability(world, at)
    caps.push(cap)
    at = next
  }
  if (caps.length > 0) answer.caps = caps
  return answer
}

function withReturn(world: IoctlWorld, errno: string): Answer {
  return errno === 'OK' ? { errno, ret: world.returned } : { errno }
}

/** VFIO type1 compatibility (uapi section 9). */
export const vfioHandlers: IoctlHandlers = {
  vfio_get_api_version: (world) => withReturn(world, world.callWith(0x3b64, 0n)),
  vfio_check_extension: (world, op) => withReturn(world, world.callWith(0x3b65, world.u64(op, 'ext'))),
  vfio_set_iommu: (world, op) => withReturn(world, world.callWith(0x3b66, world.u64(op, 'type'))),
  vfio_get_info: getInfo,
  vfio_map_dma(world, op) {
    world
      .begin(32, world.u32(op, 'argsz', 32n))
      .put32(4, world.u32(op, 'flags'))
      .put64(8, world.u64(op, 'uptr'))
    return { errno: world.put64(16, world.u64(op, 'iova')).put64(24, world.u64(op, 'length')).call(0x3b71) }
  },
  vfio_unmap_dma(world, op) {
    world
      .begin(24, world.u32(op, 'argsz', 24n))
      .put32(4, world.u32(op, 'flags'))
      .put64(8, world.u64(op, 'iova'))
    const errno = world.put64(16, world.u64(op, 'length')).call(0x3b72)
    world.readBack()
    return { errno, size: hex(world.get64(16)) }
  },
}
