import type { DirtyRead, DirtyReadResult } from '@iommukit/io-pagetable'
import { IommuError } from '@iommukit/pfn-reader'
import { errnoName } from './abi/errno.ts'
import {
  HWPT_ALLOC_DIRTY_TRACKING,
  HWPT_ALLOC_FAULT_ID_VALID,
  HWPT_ALLOC_NEST_PARENT,
  HWPT_DATA_NONE,
  HWPT_INVALIDATE_ENTRIES_MAX,
} from './abi/flags.ts'
import type { IommufdContext } from './context.ts'
import { Device } from './device.ts'
import { FaultQueue } from './fault-queue.ts'
import { type Hwpt, HwptNested, HwptPaging } from './hwpt.ts'
import { Ioas } from './ioas.ts'
import type { IommuDevice, UserBlob } from './ports.ts'
import { hex, PAGE_SIZE } from './u64.ts'

/** HWPT_ALLOC. `flags`: HWPT_ALLOC_* bits. */
export interface HwptAllocRequest {
  readonly deviceId: number
  /** An IOAS (makes a paging page table) or a nest parent (makes a nested one). */
  readonly ptId: number
  readonly flags?: number
  /** Kind of the driver's data; 0 (absent) without data. */
  readonly dataType?: number
  readonly data?: UserBlob | undefined
  /** Looked at when `flags` has HWPT_ALLOC_FAULT_ID_VALID. */
  readonly faultId?: number
}

/** HWPT_INVALIDATE: `entryNum` requests of `entryLength` bytes; `read(k)` gives request k. */
export interface InvalidateRequest {
  readonly dataType: number
  readonly entryLength: number
  readonly entryNum: number
  readonly read: (k: number) => Uint8Array
}

/** HWPT_ALLOC from its second check on (spec uapi 6.1). */
export function allocHwpt(context: IommufdContext, request: HwptAllocRequest): Hwpt {
  const flags = request.flags ?? 0
  const dataType = request.dataType ?? HWPT_DATA_NONE
  if ((dataType === HWPT_DATA_NONE) !== ((request.data?.length ?? 0) === 0)) {
    throw new IommuError('EINVAL', `data type ${hex(dataType)} with ${request.data?.length ?? 0} bytes of data`)
  }
  const device = context.objects.get(request.deviceId, Device, 'device').device
  const target = context.objects.lookup(request.ptId)
  if (target instanceof Ioas) return allocPaging(context, target, device, flags, request.data)
  if (target instanceof HwptPaging) return allocNested(context, target, device, flags, request)
  throw new IommuError(
    'EINVAL',
    `id ${request.ptId} is ${target === undefined ? 'unknown' : `a ${target.type}`}, not an ioas or a hwpt-paging`,
  )
}

function allocPaging(context: IommufdContext, ioas: Ioas, device: IommuDevice, flags: number, data: UserBlob | undefined): HwptPaging {
  refuseFlags(flags, HWPT_ALLOC_NEST_PARENT | HWPT_ALLOC_DIRTY_TRACKING)
  const dirtyTracking = (flags & HWPT_ALLOC_DIRTY_TRACKING) !== 0
  if (dirtyTracking && !device.dirtyTracking) throw new IommuError('EOPNOTSUPP', 'the device cannot track dirty pages')
  if (data !== undefined && data.length > 0) throw new IommuError('EOPNOTSUPP', 'a paging page table takes no driver data')
  const nestParent = (flags & HWPT_ALLOC_NEST_PARENT) !== 0
  return context.objects.create((id) => {
    const domain = device.createPagingDomain({ nestParent, dirtyTracking })
    return new HwptPaging(id, ioas, domain, { automatic: false, nestParent, enforcesCoherency: device.enforcesCoherency ?? false })
  })
}

function allocNested(
  context: IommufdContext,
  parent: HwptPaging,
  device: IommuDevice,
  flags: number,
  request: HwptAllocRequest,
): HwptNested {
  refuseFlags(flags, HWPT_ALLOC_FAULT_ID_VALID)
  const { data } = request
  if (data === undefined || data.length === 0) throw new IommuError('EOPNOTSUPP', 'a nested page table needs driver data')
  // Automatic page tables are never made as nest parents, so they are refused here too.
  if (!parent.options.nestParent) {
    throw new IommuError('EINVAL', `hwpt-paging ${parent.id} was not made as a nest parent`)
  }
  return context.objects.create((id) => {
    const domain = device.createNestedDomain(parent.domain, request.dataType ?? HWPT_DATA_NONE, data)
    const wantsFaults = (flags & HWPT_ALLOC_FAULT_ID_VALID) !== 0
    const queue = wantsFaults ? context.objects.get(request.faultId ?? 0, FaultQueue, 'fault') : undefined
    return new HwptNested(id, parent, domain, queue)
  })
}

function refuseFlags(flags: number, known: number): void {
  if ((flags & ~known) !== 0) throw new IommuError('EOPNOTSUPP', `flags ${hex(flags)}: only ${hex(known)} are possible here`)
}

/** HWPT_SET_DIRTY_TRACKING (spec uapi 6.3). */
export function setDirtyTracking(context: IommufdContext, hwptId: number, on: boolean): void {
  const hwpt = context.objects.get(hwptId, HwptPaging, 'hwpt-paging')
  hwpt.ioas.table.setDirtyTracking(hwpt.domain, on)
}

/** HWPT_GET_DIRTY_BITMAP (spec uapi 6.4). What goes wrong while walking is not an error. */
export function readDirty(context: IommufdContext, hwptId: number, read: DirtyRead): DirtyReadResult {
  const hwpt = context.objects.get(hwptId, HwptPaging, 'hwpt-paging')
  return hwpt.ioas.table.readAndClearDirty(hwpt.domain, read)
}

/** HWPT_INVALIDATE from its second check on (spec uapi 6.5). Errors carry `done` = requests completed. */
export function invalidate(context: IommufdContext, hwptId: number, request: InvalidateRequest): number {
  const { dataType, entryLength, entryNum } = request
  if (entryNum > 0 && (entryLength === 0 || BigInt(entryLength) > PAGE_SIZE || entryNum > HWPT_INVALIDATE_ENTRIES_MAX)) {
    throw new IommuError(
      'EINVAL',
      `${entryNum} requests of ${entryLength} bytes: at most ${HWPT_INVALIDATE_ENTRIES_MAX} of 1..${PAGE_SIZE}`,
      0n,
    )
  }
  const hwpt = context.objects.get(hwptId, HwptNested, 'hwpt-nested')
  let reading = 0
  const read = (k: number): Uint8Array => request.read((reading = k))
  let result: { done: number; code?: string }
  try {
    result = hwpt.domain.invalidate(dataType, entryLength, entryNum, read)
  } catch (error) {
    const code = errnoName(error)
    if (code === undefined) throw error
    throw new IommuError(code, `request ${reading} of ${entryNum} cannot be read`, BigInt(reading))
  }
  const code = errnoName(result)
  if (code !== undefined) throw new IommuError(code, `request ${result.done} of ${entryNum} was refused`, BigInt(result.done))
  return result.done
}
