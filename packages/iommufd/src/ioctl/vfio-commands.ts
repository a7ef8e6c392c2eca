import { IommuError } from '@iommukit/pfn-reader'
import { doneBefore } from '../abi/errno.ts'
import {
  VFIO_CAP_DMA_AVAIL,
  VFIO_CAP_IOVA_RANGE,
  VFIO_DMA_MAP_READ,
  VFIO_DMA_MAP_WRITE,
  VFIO_DMA_UNMAP_ALL,
  VFIO_INFO_FLAGS,
} from '../abi/flags.ts'
import { IOVA_RANGE } from '../abi/layouts.ts'
import { UserStruct } from '../abi/user-struct.ts'
import {
  VFIO_CAP_DMA_AVAIL_LAYOUT,
  VFIO_CAP_HEADER,
  VFIO_CAP_IOVA_RANGE_LAYOUT,
  VFIO_CHECK_EXTENSION,
  VFIO_GET_API_VERSION,
  VFIO_IOMMU_GET_INFO,
  VFIO_IOMMU_MAP_DMA,
  VFIO_IOMMU_UNMAP_DMA,
  VFIO_SET_IOMMU,
} from '../abi/vfio-layouts.ts'
import type { IommufdContext } from '../context.ts'
import type { Process, UserMemory } from '../ports.ts'
import { U32_MAX } from '../u64.ts'
import { readUser, writeUser } from '../user-memory.ts'
import { VfioCompat, type VfioInfo } from '../vfio.ts'

/** The VFIO type1 commands (spec uapi section 9). An unknown one: ENOTTY. */
export function vfioIoctl(context: IommufdContext, command: number, argument: bigint, process: Process): number {
  const vfio = new VfioCompat(context)
  switch (command) {
    case VFIO_GET_API_VERSION:
      return vfio.apiVersion()
    case VFIO_CHECK_EXTENSION:
      return vfio.checkExtension(argument)
    case VFIO_SET_IOMMU:
      vfio.setIommu(argument)
      return 0
    case VFIO_IOMMU_GET_INFO.command:
      return getInfo(vfio, argument, process.memory)
    case VFIO_IOMMU_MAP_DMA.command:
      return mapDma(vfio, argument, process)
    case VFIO_IOMMU_UNMAP_DMA.command:
      return unmapDma(vfio, argument, process.memory)
    default:
      throw new IommuError('ENOTTY', `command 0x${command.toString(16)} is unknown`)
  }
}

function readStruct(memory: UserMemory, argument: bigint, byteLength: number): UserStruct {
  const struct = new UserStruct(byteLength)
  readUser(memory, argument, struct.bytes)
  return struct
}

function requireSize(argsz: number, least: number): void {
  if (argsz < least) throw new IommuError('EINVAL', `argsz ${argsz} is below ${least}`)
}

function refuseFlags(flags: number, known: number): void {
  if ((flags & ~known) !== 0) throw new IommuError('EINVAL', `flags 0x${flags.toString(16)}: only 0x${known.toString(16)} is known`)
}

function mapDma(vfio: VfioCompat, argument: bigint, process: Process): number {
  const { fields, bytes } = VFIO_IOMMU_MAP_DMA
  const struct = readStruct(process.memory, argument, bytes)
  const flags = struct.u32(fields.flags)
  requireSize(struct.u32(fields.argsz), bytes)
  refuseFlags(flags, VFIO_DMA_MAP_READ | VFIO_DMA_MAP_WRITE)
  vfio.mapDma(process, {
    address: struct.u64(fields.vaddr),
    iova: struct.u64(fields.iova),
    length: struct.u64(fields.length),
    readable: (flags & VFIO_DMA_MAP_READ) !== 0,
    writeable: (flags & VFIO_DMA_MAP_WRITE) !== 0,
  })
  return 0
}

/** The bytes removed go back even when the unmap fails, but not when it is refused before (spec uapi section 9). */
function unmapDma(vfio: VfioCompat, argument: bigint, memory: UserMemory): number {
  const { fields, bytes } = VFIO_IOMMU_UNMAP_DMA
  const struct = readStruct(memory, argument, bytes)
  const flags = struct.u32(fields.flags)
  requireSize(struct.u32(fields.argsz), bytes)
  refuseFlags(flags, VFIO_DMA_UNMAP_ALL)
  const iova = struct.u64(fields.iova)
  const length = struct.u64(fields.length)
  vfio.requireIoas()
  const all = flags !== 0
  if (all && (iova !== 0n || length !== 0n)) throw new IommuError('EINVAL', 'ALL goes with iova 0 and size 0 only')
  if (!all) vfio.splitDma(iova, length)
  let removed = 0n
  let failure: unknown
  try {
    removed = all ? vfio.unmapAll() : vfio.unmapDma(iova, length)
  } catch (error) {
    failure = error
    removed = doneBefore(error)
  }
  struct.setU64(fields.length, removed)
  writeUser(memory, argument, struct.bytes)
  if (failure !== undefined) throw failure
  return 0
}

function getInfo(vfio: VfioCompat, argument: bigint, memory: UserMemory): number {
  const { fields, bytes, minimumBytes } = VFIO_IOMMU_GET_INFO
  const head = readStruct(memory, argument, minimumBytes)
  const argsz = head.u32(fields.argsz)
  requireSize(argsz, minimumBytes)
  const info = vfio.info()
  const total = writeCapabilities(info, argument, argsz, memory)
  const struct = new UserStruct(bytes)
  struct.setU32(fields.argsz, total)
  struct.setU32(fields.flags, VFIO_INFO_FLAGS)
  struct.setU64(fields.iovaPgsizes, info.pageSizes)
  struct.setU32(fields.capOffset, argsz >= total ? bytes : 0)
  writeUser(memory, argument, struct.bytes.subarray(0, Math.min(argsz, bytes)))
  return 0
}

/**
 * Writes the capability chain behind the structure as far as the caller's `argsz` bytes reach, never a byte further; returns the bytes
 * that the whole answer takes. A body is written only whole, and the header of the ranges only when all of them fit.
 */
function writeCapabilities(info: VfioInfo, argument: bigint, argsz: number, memory: UserMemory): number {
  const availAt = VFIO_IOMMU_GET_INFO.bytes
  const rangesAt = availAt + VFIO_CAP_DMA_AVAIL_LAYOUT.chainBytes
  const elementsAt = rangesAt + VFIO_CAP_IOVA_RANGE_LAYOUT.bytes
  const total = elementsAt + info.ranges.length * VFIO_CAP_IOVA_RANGE_LAYOUT.rangeBytes
  if (availAt + VFIO_CAP_DMA_AVAIL_LAYOUT.bytes <= argsz) {
    const avail = capability(VFIO_CAP_DMA_AVAIL, VFIO_CAP_DMA_AVAIL_LAYOUT.bytes)
    avail.setU32(VFIO_CAP_DMA_AVAIL_LAYOUT.fields.avail, U32_MAX)
    if (rangesAt <= argsz) avail.setU32(VFIO_CAP_HEADER.fields.next, rangesAt)
    writeUser(memory, argument + BigInt(availAt), avail.bytes)
  }
  const element = new UserStruct(IOVA_RANGE.bytes)
  let end = elementsAt
  for (const range of info.ranges) {
    end += IOVA_RANGE.bytes
    if (end > argsz) break
    element.setU64(IOVA_RANGE.fields.start, range.start)
    element.setU64(IOVA_RANGE.fields.last, range.last)
    writeUser(memory, argument + BigInt(end - IOVA_RANGE.bytes), element.bytes)
  }
  if (total <= argsz) {
    const header = capability(VFIO_CAP_IOVA_RANGE, VFIO_CAP_IOVA_RANGE_LAYOUT.bytes)
    header.setU32(VFIO_CAP_IOVA_RANGE_LAYOUT.fields.ranges, info.ranges.length)
    writeUser(memory, argument + BigInt(rangesAt), header.bytes)
  }
  return total
}

function capability(id: number, byteLength: number): UserStruct {
  const struct = new UserStruct(byteLength)
  struct.setU16(VFIO_CAP_HEADER.fields.id, id)
  struct.setU16(VFIO_CAP_HEADER.fields.version, 1)
  return struct
}
