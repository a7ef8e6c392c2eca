export * as abi from './abi/index.ts'
export { Access } from './access.ts'
export { type AccountingMode, type HwInfo, IommufdContext, type IommufdOptions } from './context.ts'
export { Device } from './device.ts'
export { type DirtyBitmapTarget, UserDirtyBitmap } from './dirty-bitmap.ts'
export { FaultFile, type FaultGroup, FaultQueue, type PageRequest } from './fault-queue.ts'
export { type Hwpt, HwptNested, HwptPaging, type PagingOptions } from './hwpt.ts'
export type { HwptAllocRequest, InvalidateRequest } from './hwpt-ops.ts'
export { type CopyRequest, Ioas, type IovaRanges, type MapDirection, type MapRequest } from './ioas.ts'
export { ioctl } from './ioctl/dispatch.ts'
export { IommufdFile, openIommufd } from './iommufd-file.ts'
export { IommufdObject, type ObjectType } from './object.ts'
export { ID_MAX, type ObjectClass, ObjectTable } from './object-table.ts'
export type {
  DriverTestOps,
  FileTable,
  IommuDevice,
  IommuDriver,
  NestedDomain,
  OpenFile,
  Process,
  UserBlob,
  UserMemory,
} from './ports.ts'
export { ACCESS_BYTES_MAX, DIRTY_BITS_MAX, type DirtyRequest, type MockDomain, Selftest, SelftestDevice } from './selftest.ts'
export { SelftestAccess } from './selftest-access.ts'
export { VfioCompat, type VfioInfo, type VfioMapRequest } from './vfio.ts'
