import type { IntervalTree64 } from '@iommukit/interval-tree-span'
import type { Area, IommuDomain, TempMemory } from '@iommukit/pfn-reader'
import type { XArray } from '@iommukit/xarray'
import type { AccessOwner } from './ports.ts'

/** Key of a table's private state, for the other files of this package and `./check`; not exported from the package. */
export const TABLE_STATE: unique symbol = Symbol('io-pagetable state')

/** Everything a table knows (spec B1). The functions of this package work on it; the class is its public face. */
export interface TableState {
  readonly temp: TempMemory
  /** Greatest alignment of the allocator, in bytes, a power of two 4096..2^30. */
  readonly maxAlignment: number
  /** Areas keyed by their IOVAs; never overlapping. */
  readonly areas: IntervalTree64<Area>
  /** Dense list; position 0 is the preferred storage. */
  readonly domains: IommuDomain[]
  /** Registered accesses by id, 0..65535. */
  readonly accesses: XArray<AccessOwner>
  /** Ranges that must stay usable; replaced as a whole. Empty: no statement. */
  allowed: IntervalTree64<undefined>
  /** Ranges that must not be mapped, with their owner; may overlap one another. */
  readonly reserved: IntervalTree64<unknown>
  /** Bytes, a power of two 1..4096. */
  iovaAlignment: number
  largePages: boolean
  destroyed: boolean
}
