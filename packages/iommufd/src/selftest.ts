import type { U64 } from '@iommukit/io-pagetable'
import { IommuError } from '@iommukit/pfn-reader'
import type { IommufdContext } from './context.ts'
import { Device } from './device.ts'
import type { PageRequest } from './fault-queue.ts'
import { HwptNested, HwptPaging } from './hwpt.ts'
import { Ioas } from './ioas.ts'
import { IommufdObject } from './object.ts'
import type { DriverTestOps, Process } from './ports.ts'
import { requireProcess } from './process.ts'
import { SelftestAccess, SelftestOwner } from './selftest-access.ts'
import { describe, hex, PAGE_SIZE, toU32, toU64, U64_MAX } from './u64.ts'
import { copyUser } from './user-memory.ts'

/** Most bits that one DIRTY op may carry. */
export const DIRTY_BITS_MAX: bigint = 1n << 27n
/** Longest range of ACCESS_PAGES and ACCESS_RW, in bytes. */
export const ACCESS_BYTES_MAX: bigint = 16n << 20n

/** A mock device, as the object that the user may destroy: that takes the device away (spec uapi 3.3). */
export class SelftestDevice extends IommufdObject {
  readonly type = 'selftest'
  readonly device: Device

  constructor(id: number, device: Device) {
    super(id)
    this.device = device
  }

  override destroy(): void {
    this.device.unbind()
  }
}

/** Ids of a mock device: the object that removes it, its page table, the device. */
export interface MockDomain {
  readonly stdevId: number
  readonly hwptId: number
  readonly deviceId: number
}

/** DIRTY: bit k of the bitmap at `address` stands for iova + k*pageSize. Bytes. */
export interface DirtyRequest {
  readonly iova: U64
  readonly length: U64
  readonly pageSize: U64
  readonly address: U64
}

/** The ops of TEST_CMD (spec uapi section 10, label B), over the driver's `test` port. Ops on an access take its file. */
export class Selftest {
  readonly #context: IommufdContext
  readonly #ops: DriverTestOps

  /** Throws TypeError: a driver without test ops. */
  constructor(context: IommufdContext, ops: DriverTestOps) {
    if (typeof ops?.checkMap !== 'function') throw new TypeError(`ops must be the driver's test ops, got ${describe(ops)}`)
    this.#context = context
    this.#ops = ops
  }

  /** ADD_RESERVED: the range lives as long as the IOAS. Throws EINVAL (length 0), EOVERFLOW, ENOENT, EADDRINUSE. */
  addReserved(ioasId: number, start: U64, length: U64): void {
    const first = toU64(start, 'start')
    const bytes = toU64(length, 'length')
    if (bytes === 0n) throw new IommuError('EINVAL', 'a reserved range must not be empty')
    const last = first + bytes - 1n
    if (last > U64_MAX) throw new IommuError('EOVERFLOW', `${bytes} bytes at ${hex(first)} pass 2^64-1`)
    const ioas = this.#context.objects.get(toU32(ioasId, 'ioasId'), Ioas, 'ioas')
    ioas.table.reserve(first, last, ioas)
  }

  /** MOCK_DOMAIN and MOCK_DOMAIN_FLAGS: makes a device and attaches it. Takes ids in the order object, device, page table. */
  mockDomain(ptId: number, deviceFlags = 0): MockDomain {
    const { objects, driver } = this.#context
    let hwptId = 0
    const stdev = objects.create((id) => {
      const mock = driver.createDevice(toU32(deviceFlags, 'deviceFlags'))
      const device = objects.create((deviceId) => new Device(deviceId, this.#context, mock, false))
      try {
        hwptId = device.attach(toU32(ptId, 'ptId'))
      } catch (error) {
        device.unbind()
        throw error
      }
      return new SelftestDevice(id, device)
    })
    return { stdevId: stdev.id, hwptId, deviceId: stdev.device.id }
  }

  /** MOCK_DOMAIN_REPLACE: returns the id of the page table in use. Throws ENOENT and what `Device.replace` throws. */
  mockDomainReplace(stdevId: number, ptId: number): number {
    const stdev = this.#context.objects.get(toU32(stdevId, 'stdevId'), SelftestDevice, 'selftest')
    return stdev.device.replace(toU32(ptId, 'ptId'))
  }

  /** MD_CHECK_MAP. Throws EINVAL (misaligned, overflow, another frame), ENOENT, EFAULT. */
  checkMap(process: Process, hwptId: number, iova: U64, length: U64, address: U64): void {
    requireProcess(process)
    const start = toU64(iova, 'iova')
    const bytes = toU64(length, 'length')
    const user = toU64(address, 'address')
    const ioPage = BigInt(this.#ops.ioPageSize)
    if (start % ioPage !== 0n || bytes % ioPage !== 0n || user % ioPage !== 0n) {
      throw new IommuError('EINVAL', `iova ${hex(start)}, length ${hex(bytes)} and address ${hex(user)} must be multiples of ${ioPage}`)
    }
    refuseWrap(user, bytes)
    const { domain } = this.#context.objects.get(toU32(hwptId, 'hwptId'), HwptPaging, 'hwpt-paging')
    if (bytes > 0n) this.#ops.checkMap(domain, start, bytes, process.memory, user)
  }

  /** MD_CHECK_REFS. Throws EINVAL (misaligned, overflow), EIO, EFAULT. */
  checkRefs(process: Process, address: U64, length: U64, refs: number): void {
    requireProcess(process)
    const user = toU64(address, 'address')
    const bytes = toU64(length, 'length')
    if (user % PAGE_SIZE !== 0n || bytes % PAGE_SIZE !== 0n) {
      throw new IommuError('EINVAL', `address ${hex(user)} and length ${hex(bytes)} must be multiples of ${PAGE_SIZE}`)
    }
    refuseWrap(user, bytes)
    if (bytes > 0n) this.#ops.checkRefs(process.memory, user, bytes, toU32(refs, 'refs'))
  }

  /** CREATE_ACCESS: closing the file that is returned destroys it. Throws ENOENT, EADDRINUSE. */
  createAccess(ioasId: number, needsPin: boolean): SelftestAccess {
    const owner = new SelftestOwner(needsPin)
    return new SelftestAccess(this.#context.createAccess(ioasId, owner), owner)
  }

  /** ACCESS_PAGES: pins a range and returns the item id. With an `address`, the frames must be those behind it: EBADE. */
  accessPages(process: Process, file: SelftestAccess, iova: U64, length: U64, address: U64, write: boolean): number {
    requireProcess(process)
    const start = toU64(iova, 'iova')
    const bytes = toU64(length, 'length')
    const user = toU64(address, 'address')
    refuseLong(bytes)
    if (!file.needsPin) throw new IommuError('EOPNOTSUPP', `access ${file.access.id} was made without pins`)
    const pfns = file.access.pinPages(start, bytes, write)
    try {
      if (user !== 0n) this.#ops.checkFrames(pfns, process.memory, BigInt.asUintN(64, user - (start % PAGE_SIZE)))
    } catch (error) {
      file.access.unpinPages(start, bytes)
      throw error
    }
    return file.addItem(start, bytes)
  }

  /** ACCESS_RW: copies between user memory and the space. What lies in front of a failing area has been copied. */
  accessRw(file: SelftestAccess, iova: U64, data: Uint8Array, options: { write: boolean; slow: boolean }): void {
    refuseLong(BigInt(data.length))
    file.access.rw(toU64(iova, 'iova'), data, options)
  }

  /** SET_TEMP_MEMORY_LIMIT: global, at least 12 bytes (EINVAL). */
  setTempMemoryLimit(limitBytes: number): void {
    this.#ops.setTempMemoryLimit(toU32(limitBytes, 'limitBytes'))
  }

  /** DIRTY: marks I/O pages dirty as a device would; returns how many. */
  markDirty(process: Process, hwptId: number, request: DirtyRequest): number {
    requireProcess(process)
    const iova = toU64(request.iova, 'iova')
    const length = toU64(request.length, 'length')
    const pageSize = toU64(request.pageSize, 'pageSize')
    const address = toU64(request.address, 'address')
    if (pageSize === 0n || length === 0n || iova % pageSize !== 0n || length % pageSize !== 0n || address === 0n) {
      throw new IommuError(
        'EINVAL',
        `iova ${hex(iova)} and length ${hex(length)} must be multiples of page size ${pageSize}, address not 0`,
      )
    }
    const nbits = length / pageSize
    if (nbits > DIRTY_BITS_MAX) throw new IommuError('EOVERFLOW', `${nbits} bits: at most ${DIRTY_BITS_MAX}`)
    const { domain } = this.#context.objects.get(toU32(hwptId, 'hwptId'), HwptPaging, 'hwpt-paging')
    if (!this.#ops.trackingEnabled(domain)) throw new IommuError('EINVAL', `dirty tracking of hwpt-paging ${hwptId} is off`)
    const bitmap = copyUser(process.memory, address, Math.ceil(Number(nbits) / 8))
    return this.#ops.markDirty(domain, iova, pageSize, Number(nbits), bitmap)
  }

  /** MD_CHECK_IOTLB. Throws ENOENT (not a nested page table), EINVAL. */
  checkIotlb(hwptId: number, index: number, expected: number): void {
    const { domain } = this.#context.objects.get(toU32(hwptId, 'hwptId'), HwptNested, 'hwpt-nested')
    this.#ops.checkIotlb(domain, toU32(index, 'index'), toU32(expected, 'expected'))
  }

  /** TRIGGER_IOPF: one page request of a device. Where nobody handles faults the device is told so, and the op succeeds all the same. */
  triggerPageRequest(deviceId: number, request: PageRequest): void {
    const device = this.#context.objects.get(toU32(deviceId, 'deviceId'), Device, 'device')
    const { hwpt } = device
    if (hwpt instanceof HwptNested) hwpt.faultQueue?.report({ device, requests: [request], respond: () => {} })
  }
}

function refuseWrap(address: bigint, length: bigint): void {
  if (address + length > U64_MAX) throw new IommuError('EINVAL', `${length} bytes at ${hex(address)} pass 2^64-1`)
}

function refuseLong(length: bigint): void {
  if (length > ACCESS_BYTES_MAX) throw new IommuError('ENOMEM', `${length} bytes: at most ${ACCESS_BYTES_MAX}`)
}
