export { releaseSlices as releasePages } from './copy.ts'
export { IoPagetable } from './io-pagetable.ts'
export type { AccessOwner, DeviceRegion } from './ports.ts'
export type { IoPagetableOptions } from './state.ts'
export {
  type AreaRecord,
  type DirtyRead,
  type DirtyReadResult,
  type IovaRange,
  type IovaRangeInput,
  type PagesSlice,
  PROT_CACHE,
  PROT_READ,
  PROT_WRITE,
  type RwOptions,
  type U64,
  type UserMapping,
} from './types.ts'
