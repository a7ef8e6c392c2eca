/**
 * What this package needs of others: the hardware (`IommuDriver`), and the calling program (`Process`).
 * Implementations fit by shape and throw errors with an errno `code`. Design section 2, spec uapi sections 3, 6 and 10.
 */
import type { DeviceRegion } from '@iommukit/io-pagetable'
import type { Accounting, FrameMemory, IommuDomain, PageSource } from '@iommukit/pfn-reader'

/** The IOMMU driver: makes devices, and answers the questions that only hardware or a test can ask. */
export interface IommuDriver {
  /** Bytes of frames, for copies through pinned pages. */
  readonly frames: FrameMemory
  /** Makes a device. `deviceFlags`: 1 no dirty tracking, 2 huge I/O pages; others: throws EINVAL. */
  createDevice(deviceFlags: number): IommuDevice
  /** Absent in a driver that is not for tests: the command table then ends before TEST_CMD, which answers ENOTTY. */
  readonly test?: DriverTestOps
}

/** One device, alone in its group. */
export interface IommuDevice {
  /** Whether domains made for this device can track dirty pages. */
  readonly dirtyTracking: boolean
  /** Answer of GET_HW_INFO: type number and its data, byte for byte. */
  readonly hwInfo: { readonly type: number; readonly data: Uint8Array }
  /** Ranges of IOVAs that the device keeps for itself, reserved while it is attached. Absent: none. */
  readonly reservedRegions?: readonly DeviceRegion[]
  /** True: domains made for this device enforce cache coherency (VFIO extension DMA_CC). Absent: they do not. */
  readonly enforcesCoherency?: boolean
  /** Makes an empty domain. Throws EOPNOTSUPP for options it does not know. */
  createPagingDomain(options: { readonly nestParent: boolean; readonly dirtyTracking: boolean }): IommuDomain
  /** Makes a domain nested on `parent` from the user's blob. Throws EOPNOTSUPP (type), EINVAL (length of the blob). */
  createNestedDomain(parent: IommuDomain, dataType: number, data: UserBlob): NestedDomain
  /** Whether `attach` would accept the domain; throws EINVAL when not, changing nothing. */
  checkAttach(domain: IommuDomain | NestedDomain): void
  /** Puts the device on the domain; when it is on another one, replaces that in one step. On throw the device stays where it was. */
  attach(domain: IommuDomain | NestedDomain): void
  detach(): void
}

/** A driver data blob in user memory. `read` checks the length first (EINVAL outside minimum..known), then copies (EFAULT). */
export interface UserBlob {
  readonly length: number
  read(minimum: number, known: number): Uint8Array
}

/** A domain whose second stage is a paging domain. */
export interface NestedDomain {
  readonly parent: IommuDomain
  /**
   * Invalidates by the requests in `requests` (entry `k` at `read(k)`), in order, stopping at the first bad one. Returns how many were
   * completed and the errno of the failing one, if any. `entryNum` may be 0: that probes `dataType`.
   */
  invalidate(dataType: number, entryLength: number, entryNum: number, read: (k: number) => Uint8Array): { done: number; code?: string }
}

/** What the selftest ioctl asks of the hardware (spec uapi section 10). Each throws the errno the op answers. Loops over pages live here. */
export interface DriverTestOps {
  /** Bytes of one I/O page of the mock: checks alignment of MD_CHECK_MAP and DIRTY. */
  readonly ioPageSize: number
  /** MD_CHECK_MAP: every I/O page of [iova, iova+length-1] translates to the frame now behind `address`, else EINVAL; unmapped memory EFAULT. */
  checkMap(domain: IommuDomain, iova: bigint, length: bigint, memory: UserMemory, address: bigint): void
  /** MD_CHECK_REFS: every page of [address, address+length-1] has `refs` pins, else EIO; pages of huge pages are exempt; unmapped EFAULT. */
  checkRefs(memory: UserMemory, address: bigint, length: bigint, refs: number): void
  /** ACCESS_PAGES: the frames are those now behind the pages from `address` on, else EBADE; in order of pages, unmapped memory EFAULT. */
  checkFrames(pfns: ArrayLike<number>, memory: UserMemory, address: bigint): void
  /** DIRTY: marks the entries named by the set bits of `bitmap` (bit k: iova + k*pageSize). Returns the entries marked. EINVAL when tracking is off. */
  markDirty(domain: IommuDomain, iova: bigint, pageSize: bigint, nbits: number, bitmap: Uint8Array): number
  /** Whether dirty tracking of the domain is on; DIRTY asks before it reads the bitmap. */
  trackingEnabled(domain: IommuDomain): boolean
  /** MD_CHECK_IOTLB: word `index` (0..3) of the nested domain equals `expected`, else EINVAL. */
  checkIotlb(domain: NestedDomain, index: number, expected: number): void
  /** SET_TEMP_MEMORY_LIMIT: global; below 12 EINVAL. */
  setTempMemoryLimit(limitBytes: number): void
}

/** The calling program's memory. Addresses are bytes, u64. */
export interface UserMemory {
  /** Copies into `out`; throws EFAULT when any byte cannot be read, having copied an unspecified part. */
  read(address: bigint, out: Uint8Array): void
  /** Throws EFAULT when any byte cannot be written, having written an unspecified part. */
  write(address: bigint, data: Uint8Array): void
  /** The `npages` pages from the page-aligned `base` on, to be pinned. Nothing is checked or touched. */
  pageSource(base: bigint, npages: number): PageSource
  /** Frame behind the page that holds `address`, or undefined when it is not mapped. */
  pfnOf(address: bigint): number | undefined
}

/** What a file descriptor of the process refers to. Closing the last descriptor calls `release`. */
export interface OpenFile {
  release(): void
  /** read(2) into [address, address+length-1] of `memory`: returns the bytes read. Absent: the file cannot be read. */
  read?(memory: UserMemory, address: bigint, length: number): number
  /** write(2) of [address, address+length-1] of `memory`: returns the bytes taken. Absent: the file cannot be written. */
  write?(memory: UserMemory, address: bigint, length: number): number
  /** poll(2): what can be done without waiting. Absent: the file cannot be polled. */
  poll?(): { readonly readable: boolean; readonly writable: boolean }
}

/** The file descriptors of a process. */
export interface FileTable {
  /** Takes the lowest free descriptor. */
  install(file: OpenFile): number
  get(fd: number): OpenFile | undefined
  /** Takes back a descriptor that `install` gave out, without releasing the file: undoes it when the number cannot be handed over. */
  remove(fd: number): void
}

/** The program that calls: its memory, files, limits (in `accounting`) and capabilities. */
export interface Process {
  readonly memory: UserMemory
  readonly files: FileTable
  readonly accounting: Accounting
  readonly capabilities: {
    /** CAP_IPC_LOCK: pinned pages are not charged. Read when memory is mapped. */
    readonly ipcLock: boolean
    /** CAP_SYS_RESOURCE: may choose the accounting mode. */
    readonly sysResource: boolean
  }
}
