import { IommuError } from '@iommukit/pfn-reader'
import { doneBefore } from '../abi/errno.ts'
import { HWPT_DIRTY_TRACKING_ENABLE, HWPT_GET_DIRTY_BITMAP_NO_CLEAR } from '../abi/flags.ts'
import {
  FAULT_QUEUE_ALLOC,
  GET_HW_INFO,
  HWPT_ALLOC,
  HWPT_GET_DIRTY_BITMAP,
  HWPT_INVALIDATE,
  HWPT_SET_DIRTY_TRACKING,
} from '../abi/layouts.ts'
import { UserDirtyBitmap } from '../dirty-bitmap.ts'
import { HwptPaging } from '../hwpt.ts'
import type { UserBlob, UserMemory } from '../ports.ts'
import { copyUser, UserArray, writeUser, zeroUser } from '../user-memory.ts'
import { type IoctlCall, refuseReserved, refuseUnknownBits } from './call.ts'

/** A driver's data in user memory. Unlike structures of commands it may not be longer than what is known (spec uapi section 2). */
function userBlob(memory: UserMemory, address: bigint, length: number): UserBlob {
  return {
    length,
    read(minimum: number, known: number): Uint8Array {
      if (length < minimum || length > known) throw new IommuError('EINVAL', `${length} bytes of data: ${minimum}..${known} are possible`)
      return copyUser(memory, address, length)
    },
  }
}

export function hwptAlloc(call: IoctlCall): number {
  const { context, process, struct } = call
  const { fields } = HWPT_ALLOC
  refuseReserved(struct.u32(fields.reserved))
  const id = context.hwptAlloc({
    deviceId: struct.u32(fields.deviceId),
    ptId: struct.u32(fields.ptId),
    flags: struct.u32(fields.flags),
    dataType: struct.u32(fields.dataType),
    data: userBlob(process.memory, struct.u64(fields.dataUptr), struct.u32(fields.dataLength)),
    faultId: struct.u32(fields.faultId),
  })
  struct.setU32(fields.outHwptId, id)
  call.respondOr(() => context.destroy(id))
  return 0
}

/** Copies what there is, zeroes the rest of the caller's buffer, and tells the full length (spec uapi 6.2). */
export function getHwInfo(call: IoctlCall): number {
  const { context, process, struct } = call
  const { fields } = GET_HW_INFO
  refuseUnknownBits('flags', struct.u32(fields.flags), 0)
  const [start, width] = fields.reserved
  for (const byte of struct.bytes.subarray(start, start + width)) refuseReserved(byte)
  const { dataType, data, capabilities } = context.hwInfo(struct.u32(fields.deviceId))
  const room = struct.u32(fields.dataLength)
  const address = struct.u64(fields.dataUptr)
  const copied = Math.min(room, data.length)
  writeUser(process.memory, address, data.subarray(0, copied))
  zeroUser(process.memory, address + BigInt(copied), room - copied)
  struct.setU32(fields.dataLength, data.length)
  struct.setU32(fields.outDataType, dataType)
  struct.setU8(fields.outMaxPasidLog2, 0)
  struct.setU64(fields.outCapabilities, capabilities)
  call.respond()
  return 0
}

export function hwptSetDirtyTracking({ context, struct }: IoctlCall): number {
  const { fields } = HWPT_SET_DIRTY_TRACKING
  const flags = struct.u32(fields.flags)
  refuseUnknownBits('flags', flags, HWPT_DIRTY_TRACKING_ENABLE)
  context.hwptSetDirtyTracking(struct.u32(fields.hwptId), flags !== 0)
  return 0
}

export function hwptGetDirtyBitmap({ context, process, struct }: IoctlCall): number {
  const { fields } = HWPT_GET_DIRTY_BITMAP
  const flags = struct.u32(fields.flags)
  refuseUnknownBits('flags', flags, HWPT_GET_DIRTY_BITMAP_NO_CLEAR)
  refuseReserved(struct.u32(fields.reserved))
  const hwptId = struct.u32(fields.hwptId)
  const { domain } = context.objects.get(hwptId, HwptPaging, 'hwpt-paging')
  const iova = struct.u64(fields.iova)
  const length = struct.u64(fields.length)
  const pageSize = effectivePageSize(struct.u64(fields.pageSize), iova, length)
  let bitmap: UserDirtyBitmap | undefined
  const sink = (): UserDirtyBitmap => {
    const largestIoPage = 1n << BigInt(domain.pgsizeBitmap.toString(2).length - 1)
    bitmap = new UserDirtyBitmap({ memory: process.memory, address: struct.u64(fields.data), iova, length, pageSize, largestIoPage })
    return bitmap
  }
  const noClear = (flags & HWPT_GET_DIRTY_BITMAP_NO_CLEAR) !== 0
  context.hwptGetDirty(hwptId, { iova, length, pageSize, noClear, sink })
  bitmap?.close()
  return 0
}

/**
 * The kernel checks page sizes by mask only; one that is no power of two and passes works as its lowest set bit
 * (observed item 2, spec data-structures 3.4). One that does not pass is handed on and refused in its turn.
 */
function effectivePageSize(pageSize: bigint, iova: bigint, length: bigint): bigint {
  const mask = pageSize - 1n
  if (pageSize === 0n || (pageSize & mask) === 0n) return pageSize
  const passes = ((iova | BigInt.asUintN(64, iova + length)) & mask) === 0n
  return passes ? pageSize & -pageSize : pageSize
}

/** The count of completed requests goes back whatever happens (spec uapi 6.5). */
export function hwptInvalidate(call: IoctlCall): number {
  const { context, process, struct } = call
  const { fields } = HWPT_INVALIDATE
  let done = 0
  try {
    refuseReserved(struct.u32(fields.reserved))
    const entryNum = struct.u32(fields.entryNum)
    const entryLength = struct.u32(fields.entryLength)
    const address = struct.u64(fields.dataUptr)
    if (entryNum > 0 && address === 0n) throw new IommuError('EINVAL', `${entryNum} requests at a null pointer`, 0n)
    let array: UserArray | undefined
    const read = (k: number): Uint8Array => {
      array ??= new UserArray(process.memory, address, entryLength, entryNum)
      return array.at(k)
    }
    done = context.hwptInvalidate(struct.u32(fields.hwptId), { dataType: struct.u32(fields.dataType), entryLength, entryNum, read })
  } catch (error) {
    struct.setU32(fields.entryNum, Number(doneBefore(error)))
    call.respond()
    throw error
  }
  struct.setU32(fields.entryNum, done)
  call.respond()
  return 0
}

export function faultQueueAlloc(call: IoctlCall): number {
  const { context, process, struct } = call
  const { fields } = FAULT_QUEUE_ALLOC
  refuseUnknownBits('flags', struct.u32(fields.flags), 0)
  const { id, file } = context.faultQueueAlloc()
  const fd = process.files.install(file)
  struct.setU32(fields.outFaultId, id)
  struct.setU32(fields.outFaultFd, fd)
  call.respondOr(() => {
    process.files.remove(fd)
    file.release()
    context.destroy(id)
  })
  return 0
}
