import { IntervalTree64 } from '@iommukit/interval-tree-span'
import type { Area, IommuDomain, TempMemory } from '@iommukit/pfn-reader'
import { XArray } from '@iommukit/xarray'
import { AllocationFloor } from './floor.ts'
import type { AccessOwner } from './ports.ts'
import type { U64 } from './types.ts'
import { describe, HI, joinU64, LO, PAGE_SIZE, splitU64, words } from './u64.ts'

/** Settings of a table. */
export interface IoPagetableOptions {
  /** Temporary memory shared by everything; its limit is read at the start of each operation. */
  readonly temp: TempMemory
  /** Greatest alignment in bytes that the allocator gives (spec B4 step 3): a power of two, 4096..2^30; 2 MiB when absent. */
  readonly maxAlignment?: U64
}

/** One registered access. */
export interface Registration {
  readonly owner: AccessOwner
  /** Its `needsPin` when it was registered. */
  readonly pins: boolean
}

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
  readonly accesses: XArray<Registration>
  /** How many of them pin pages. */
  pinningAccesses: number
  /** Ranges that must stay usable; replaced as a whole. Empty: no statement. */
  allowed: IntervalTree64<undefined>
  /** Ranges that must not be mapped, with their owner; may overlap one another. */
  readonly reserved: IntervalTree64<unknown>
  /** Where the allocator begins to search. */
  readonly floor: AllocationFloor
  /** Bytes, a power of two 1..4096. */
  iovaAlignment: number
  largePages: boolean
  destroyed: boolean
}

const MAX_ALIGNMENT_DEFAULT = 2 ** 21
const MAX_ALIGNMENT_LIMIT = 2 ** 30

/** The state of a fresh table, which accepts the whole space. */
export function createState(options: IoPagetableOptions): TableState {
  if (typeof options !== 'object' || options === null) throw new TypeError(`options must be an object, got ${describe(options)}`)
  const { temp } = options
  if (typeof temp !== 'object' || temp === null)
    throw new TypeError(`options.temp must be an object with limitBytes, got ${describe(temp)}`)
  return {
    temp,
    maxAlignment: readMaxAlignment(options.maxAlignment),
    areas: new IntervalTree64<Area>(),
    domains: [],
    accesses: new XArray<Registration>({ alloc: 0 }),
    pinningAccesses: 0,
    allowed: new IntervalTree64<undefined>(),
    reserved: new IntervalTree64<unknown>(),
    floor: new AllocationFloor(),
    iovaAlignment: 1,
    largePages: true,
    destroyed: false,
  }
}

function readMaxAlignment(given: U64 | undefined): number {
  if (given === undefined) return MAX_ALIGNMENT_DEFAULT
  splitU64(given, 'maxAlignment')
  const value = Number(joinU64(words[HI]!, words[LO]!))
  if (value < PAGE_SIZE || value > MAX_ALIGNMENT_LIMIT || (value & (value - 1)) !== 0) {
    throw new RangeError(`maxAlignment must be a power of two in ${PAGE_SIZE}..${MAX_ALIGNMENT_LIMIT}, got ${given}`)
  }
  return value
}
