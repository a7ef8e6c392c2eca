export { addAccess, removeAccess } from './accesses.ts'
export { Area, type AreaPlace } from './area.ts'
export { type ErrnoCode, InvariantError, IommuError, invariant } from './errors.ts'
export { fillDomain, fillDomains } from './fill.ts'
export { type HeldRange, Pages } from './pages.ts'
export { PagesAccess } from './pages-access.ts'
export { batchCapacity, PfnBatch, type PfnRun } from './pfn-batch.ts'
export { PfnReader } from './pfn-reader.ts'
export type {
  Accounting,
  AccountMode,
  Aperture,
  DirectAccess,
  DirtySink,
  DomainDirty,
  FrameMemory,
  IommuDomain,
  Origin,
  PageSource,
  PfnRunSink,
  TempMemory,
} from './ports.ts'
export { type RwFlags, rwAccess, rwAccessAt } from './rw-access.ts'
export { attachStorage, detachStorage, replaceStorage, splitStorage } from './storage.ts'
export { type Tier, TierCursor } from './tier-cursor.ts'
export { unfillDomain, unfillDomains, unmapDomain } from './unfill.ts'
