export type { DirtyRecorder, DirtyTracking, IovaRange } from './domain-options.ts'
export { HardwareError, HardwareInvariantError } from './errors.ts'
export { FaultPoint } from './fault-point.ts'
export type { Placement } from './frames.ts'
export { Iotlb, type Walker } from './iotlb.ts'
export { LockedMemory, type LockedMemoryMode, type LockedMemoryOptions, UserAccount } from './locked-memory.ts'
export {
  type DriverBlob,
  MOCK_HW_INFO_TEST_REG,
  MOCK_HW_INFO_TYPE,
  MOCK_NESTED_TYPE,
  MockDevice,
} from './mock-device.ts'
export { MockDomain, type MockDomainOptions, type MockEntry, type MockWarning, type MockWarningKind } from './mock-domain.ts'
export { MOCK_DEVICE_HUGE_IOVA, MOCK_DEVICE_NO_DIRTY, MockDriver, type MockDriverOptions } from './mock-driver.ts'
export { MOCK_INVALIDATE_TYPE, MOCK_IOTLB_WORDS, MockNestedDomain } from './mock-nested-domain.ts'
export { type FrameLookup, MockTestOps } from './mock-test-ops.ts'
export { PageSizeChooser, sizesOf } from './page-size.ts'
export { PhysicalMemory, type PhysicalMemoryOptions } from './physical-memory.ts'
export { RadixDirty } from './radix-dirty.ts'
export { RadixDomain } from './radix-domain.ts'
export type { RunSink } from './run-gatherer.ts'
export type { Protection } from './segments.ts'
export { type DomainCall, StrictDomain, type StrictDomainOptions, type WatchedDirty, type WatchedDomain } from './strict-domain.ts'
export { type MmapOptions, type PinCounts, type ShortPins, UserAddressSpace } from './user-address-space.ts'
export { type DirectCopies, UserPages } from './user-pages.ts'
