import type { IommuDomain, TempMemory } from '@iommukit/pfn-reader'
import type { AccessOwner, DeviceRegion } from './ports.ts'
import { TABLE_STATE, type TableState } from './state.ts'
import type { AreaRecord, DirtyRead, DirtyReadResult, IovaRange, IovaRangeInput, PagesSlice, RwOptions, U64, UserMapping } from './types.ts'

/** Settings of a table. */
export interface IoPagetableOptions {
  /** Temporary memory shared by everything; its limit is read at the start of each operation. */
  readonly temp: TempMemory
  /** Greatest alignment that the allocator gives (spec B4 step 3): a power of two, 4096..2^30; 2 MiB when absent. */
  readonly maxAlignment?: U64
}

export declare class IoPagetable {
  readonly [TABLE_STATE]: TableState
  constructor(options: IoPagetableOptions)
  /** Domains in position order; position 0 is the preferred storage. */
  get domains(): readonly IommuDomain[]
  /** Bytes, a power of two 1..4096 (spec B2). */
  get iovaAlignment(): number
  get largePages(): boolean
  get areaCount(): number
  get accessCount(): number
  get destroyed(): boolean
  mapUserPages(mapping: UserMapping): bigint
  mapPages(slices: readonly PagesSlice[], length: U64, iova: U64 | undefined, prot: number): bigint
  getPages(iova: U64, length: U64): PagesSlice[]
  copyFrom(source: IoPagetable, sourceIova: U64, length: U64, iova: U64 | undefined, prot: number): bigint
  /** Bytes removed; on error an IommuError with `done` = bytes removed so far. Nothing mapped: 0n. */
  unmapIova(iova: U64, length: U64): bigint
  unmapAll(): bigint
  ranges(): IovaRange[]
  setAllowed(ranges: readonly IovaRangeInput[]): void
  reserve(start: U64, last: U64, owner: unknown): void
  removeReserved(owner: unknown): void
  enforceDeviceRegions(device: unknown, regions: readonly DeviceRegion[], wantSwMsi: boolean): bigint | undefined
  addDomain(domain: IommuDomain): void
  removeDomain(domain: IommuDomain): void
  /** Returns the id, 0..65535. */
  addAccess(owner: AccessOwner): number
  removeAccess(owner: AccessOwner, id: number): void
  /** PFNs of every page touched. */
  pinPages(iova: U64, length: U64, write: boolean): Float64Array
  unpinPages(iova: U64, length: U64): void
  rw(iova: U64, data: Uint8Array, options: RwOptions): void
  disableLargePages(): void
  enableLargePages(): void
  cutIova(points: readonly U64[]): void
  setDirtyTracking(domain: IommuDomain, on: boolean): void
  readAndClearDirty(domain: IommuDomain, read: DirtyRead): DirtyReadResult
  areas(): Iterable<AreaRecord>
  destroy(): void
}
