import type { AccessOwner, DirtyRead, DirtyReadResult, IovaRangeInput, U64 } from '@iommukit/io-pagetable'
import { IommuError, type TempMemory } from '@iommukit/pfn-reader'
import { HW_CAP_DIRTY_TRACKING } from './abi/flags.ts'
import { Access } from './access.ts'
import { Device } from './device.ts'
import { FaultFile, FaultQueue } from './fault-queue.ts'
import { allocHwpt, type HwptAllocRequest, type InvalidateRequest, invalidate, readDirty, setDirtyTracking } from './hwpt-ops.ts'
import { AllowedList, type CopyRequest, copyRange, Ioas, type IovaRanges, type MapRequest, mapUser, unmapRange } from './ioas.ts'
import { ObjectTable } from './object-table.ts'
import type { IommuDriver, Process } from './ports.ts'
import { requireProcess } from './process.ts'
import { describe, toU32, toU64 } from './u64.ts'

/** Which counter pinned pages are charged to: the user's locked memory, or the process's. */
export type AccountingMode = 'user' | 'process'

/** What a context is made of. */
export interface IommufdOptions {
  readonly driver: IommuDriver
  /** Size of the temporary buffers, shared by everything; read at the start of each operation. */
  readonly temp: TempMemory
  /** `user` for /dev/iommu (the default), `process` for /dev/vfio/vfio. */
  readonly accountingMode?: AccountingMode
}

/** What GET_HW_INFO tells about a device. */
export interface HwInfo {
  readonly dataType: number
  readonly data: Uint8Array
  /** Bit 0: dirty tracking. */
  readonly capabilities: bigint
}

/**
 * The object table of one open /dev/iommu and its operations, one method a command (spec uapi, label B). Ids are u32, addresses and
 * lengths bytes (`bigint`, or a safe integer). Methods throw IommuError with an errno `code`; on throw nothing has changed, but where
 * the command's section says so. TypeError or RangeError: the argument is not of the type or range that the command can express.
 */
export class IommufdContext {
  readonly driver: IommuDriver
  readonly temp: TempMemory
  readonly objects: ObjectTable = new ObjectTable()
  #accountingMode: AccountingMode
  #compatIoas: Ioas | undefined
  #files = 0

  /** Throws TypeError: no driver, or no temporary memory with a limit. */
  constructor(options: IommufdOptions) {
    if (typeof options?.driver?.createDevice !== 'function')
      throw new TypeError(`driver must be an IommuDriver, got ${describe(options?.driver)}`)
    if (typeof options.temp?.limitBytes !== 'number') throw new TypeError(`temp must have limitBytes, got ${describe(options.temp)}`)
    this.driver = options.driver
    this.temp = options.temp
    this.#accountingMode = options.accountingMode ?? 'user'
  }

  /** A file that keeps the context alive was opened. */
  holdFile(): void {
    this.#files++
  }

  /** Such a file was closed. With the last one everything is destroyed (spec uapi 3.1). */
  dropFile(): void {
    this.#files--
    if (this.#files === 0) this.objects.destroyAll()
  }

  /** Destroys an object that nobody holds. Throws ENOENT, EBUSY (spec uapi 3.4). */
  destroy(id: number): void {
    this.objects.destroy(toU32(id, 'id'))
  }

  /** IOAS_ALLOC: makes an empty IOVA space; returns its id. Throws EBUSY (no id is free). */
  ioasAlloc(): number {
    return this.objects.create((id) => new Ioas(id, this)).id
  }

  /** IOAS_MAP (spec uapi 4.4): returns the IOVA. The memory is pinned at once only when the IOAS has page tables. */
  ioasMap(process: Process, request: MapRequest): bigint {
    toU32(request.ioasId, 'ioasId')
    return mapUser(this, process, request)
  }

  /** IOAS_COPY (spec uapi 4.6): returns the IOVA in the destination. Pages are shared: nothing is pinned or charged twice. */
  ioasCopy(request: CopyRequest): bigint {
    toU32(request.srcIoasId, 'srcIoasId')
    toU32(request.dstIoasId, 'dstIoasId')
    return copyRange(this, request)
  }

  /**
   * IOAS_UNMAP (spec uapi 4.7): returns the bytes removed; (0, 2^64-1) removes everything. Not atomic: on throw `done` tells the bytes
   * of the areas that were removed before.
   */
  ioasUnmap(ioasId: number, iova: U64, length: U64): bigint {
    return unmapRange(this, toU32(ioasId, 'ioasId'), toU64(iova, 'iova'), toU64(length, 'length'))
  }

  /** IOAS_IOVA_RANGES: what is not reserved, ascending. Throws ENOENT. */
  ioasIovaRanges(ioasId: number): IovaRanges {
    const { table } = this.#ioas(ioasId)
    return { ranges: table.ranges(), alignment: table.iovaAlignment }
  }

  /**
   * IOAS_ALLOW_IOVAS: replaces the allowed ranges; none clears them. Throws ENOENT, EINVAL (a range of less than two values, or an
   * overlap), EADDRINUSE (reserved); then the old list stays.
   */
  ioasAllowIovas(ioasId: number, ranges: readonly IovaRangeInput[]): void {
    const { table } = this.#ioas(ioasId)
    const list = new AllowedList()
    for (const { start, last } of ranges) list.add(toU64(start, 'start'), toU64(last, 'last'))
    list.refuseOverlaps()
    table.setAllowed(list.ranges)
  }

  /** Option RLIMIT_MODE: what pinned pages are charged to. */
  get accountingMode(): AccountingMode {
    return this.#accountingMode
  }

  /** Sets option RLIMIT_MODE. Throws EPERM (needs CAP_SYS_RESOURCE), then EBUSY (an object exists), then EINVAL (no such mode). */
  setAccountingMode(process: Process, mode: AccountingMode | undefined): void {
    requireProcess(process)
    if (!process.capabilities.sysResource) throw new IommuError('EPERM', 'choosing the accounting mode needs CAP_SYS_RESOURCE')
    if (!this.objects.isEmpty) throw new IommuError('EBUSY', 'the accounting mode cannot change once an object exists')
    if (mode !== 'user' && mode !== 'process')
      throw new IommuError('EINVAL', `accounting mode must be user or process, got ${describe(mode)}`)
    this.#accountingMode = mode
  }

  /** Option HUGE_PAGES: whether the IOAS may use I/O pages larger than a CPU page. Throws ENOENT. */
  hugePages(ioasId: number): boolean {
    return this.#ioas(ioasId).table.largePages
  }

  /** Sets option HUGE_PAGES. Off throws EINVAL (page tables and areas exist) and EADDRINUSE (an area is not page aligned). */
  setHugePages(ioasId: number, enabled: boolean): void {
    const { table } = this.#ioas(ioasId)
    if (enabled) table.enableLargePages()
    else table.disableLargePages()
  }

  /** The IOAS of the VFIO type1 commands (VFIO_IOAS). */
  get compatIoas(): Ioas | undefined {
    return this.#compatIoas
  }

  /** Chooses it, or none. Throws ENOENT. */
  setCompatIoas(ioasId: number | undefined): void {
    this.#compatIoas = ioasId === undefined ? undefined : this.#ioas(ioasId)
  }

  /** The IOAS is being destroyed. */
  forgetCompatIoas(ioas: Ioas): void {
    if (this.#compatIoas === ioas) this.#compatIoas = undefined
  }

  /** HWPT_ALLOC (spec uapi 6.1): returns the id of the page table. */
  hwptAlloc(request: HwptAllocRequest): number {
    toU32(request.deviceId, 'deviceId')
    toU32(request.ptId, 'ptId')
    toU32(request.flags ?? 0, 'flags')
    return allocHwpt(this, request).id
  }

  /** GET_HW_INFO (spec uapi 6.2). Throws ENOENT. */
  hwInfo(deviceId: number): HwInfo {
    const { device } = this.#device(deviceId)
    const { type, data } = device.hwInfo
    return { dataType: type, data, capabilities: device.dirtyTracking ? HW_CAP_DIRTY_TRACKING : 0n }
  }

  /** HWPT_SET_DIRTY_TRACKING (spec uapi 6.3). Throws ENOENT (not a paging page table), EOPNOTSUPP (made without tracking). */
  hwptSetDirtyTracking(hwptId: number, on: boolean): void {
    setDirtyTracking(this, toU32(hwptId, 'hwptId'), on)
  }

  /** HWPT_GET_DIRTY_BITMAP into any sink (spec uapi 6.4): `scannedLast` tells how far the walk came before a gap. */
  hwptGetDirty(hwptId: number, read: DirtyRead): DirtyReadResult {
    return readDirty(this, toU32(hwptId, 'hwptId'), read)
  }

  /** HWPT_INVALIDATE (spec uapi 6.5): returns the requests completed; on throw `done` tells them. */
  hwptInvalidate(hwptId: number, request: InvalidateRequest): number {
    return invalidate(this, toU32(hwptId, 'hwptId'), request)
  }

  /** FAULT_QUEUE_ALLOC: makes a fault queue and its file. Closing the file lets the queue be destroyed. */
  faultQueueAlloc(): { readonly id: number; readonly file: FaultFile } {
    const queue = this.objects.create((id) => new FaultQueue(id))
    return { id: queue.id, file: new FaultFile(this, queue) }
  }

  /**
   * Binds a device of the driver, which keeps its id and the context until `unbind`. Throws EINVAL (device flags that the driver does
   * not know), EBUSY.
   */
  bindDevice(deviceFlags: number): Device {
    const device = this.driver.createDevice(toU32(deviceFlags, 'deviceFlags'))
    return this.objects.create((id) => new Device(id, this, device, true))
  }

  /** Makes an access and attaches it. Throws ENOENT, EADDRINUSE, EBUSY. */
  createAccess(ioasId: number, owner: AccessOwner): Access {
    return this.objects.create((id) => {
      const access = new Access(id, this, owner)
      try {
        access.attach(toU32(ioasId, 'ioasId'))
      } catch (error) {
        access.abandon()
        throw error
      }
      return access
    })
  }

  #ioas(id: number): Ioas {
    return this.objects.get(toU32(id, 'ioasId'), Ioas, 'ioas')
  }

  #device(id: number): Device {
    return this.objects.get(toU32(id, 'deviceId'), Device, 'device')
  }
}
