import {
  IoPagetable,
  type IovaRange,
  type IovaRangeInput,
  PROT_CACHE,
  PROT_READ,
  PROT_WRITE,
  releasePages,
  type U64,
} from '@iommukit/io-pagetable'
import { IommuError, type Origin } from '@iommukit/pfn-reader'
import type { IommufdContext } from './context.ts'
import type { HwptPaging } from './hwpt.ts'
import { IommufdObject } from './object.ts'
import type { Process } from './ports.ts'
import { requireProcess } from './process.ts'
import { hex, toU64, U64_MAX } from './u64.ts'

/** Which way a mapping may be used. At least one must be true. */
export interface MapDirection {
  readonly readable: boolean
  readonly writeable: boolean
}

/** IOAS_MAP: memory of the calling process into an IOAS. Bytes. */
export interface MapRequest extends MapDirection {
  readonly ioasId: number
  /** User address of the first byte. */
  readonly address: U64
  readonly length: U64
  /** Fixed place; absent: the lowest fitting one is chosen. */
  readonly iova?: U64 | undefined
}

/** IOAS_COPY: shares the pages of a mapped range. Bytes. */
export interface CopyRequest extends MapDirection {
  readonly srcIoasId: number
  readonly srcIova: U64
  readonly dstIoasId: number
  readonly length: U64
  /** Fixed place; absent: the lowest fitting one is chosen. */
  readonly dstIova?: U64 | undefined
}

/** What IOAS_IOVA_RANGES tells: the usable ranges and the alignment of everything in the IOAS, in bytes. */
export interface IovaRanges {
  readonly ranges: IovaRange[]
  readonly alignment: number
}

/** An IOVA space with an id: its table, and the page tables made from it. */
export class Ioas extends IommufdObject {
  readonly type = 'ioas'
  readonly table: IoPagetable
  /** By age; automatic ones are picked in this order. */
  readonly hwpts: Set<HwptPaging> = new Set()
  readonly #context: IommufdContext

  constructor(id: number, context: IommufdContext) {
    super(id)
    this.#context = context
    this.table = new IoPagetable({ temp: context.temp })
  }

  /** Nothing holds it: unmaps everything. Ranges reserved by tests live as long as the IOAS, which owns them. */
  override destroy(): void {
    this.#context.forgetCompatIoas(this)
    this.table.removeReserved(this)
    this.table.destroy()
  }
}

/** The memory of `process` as the table wants it. Whether pins are charged is decided here, when memory is mapped (spec uapi 5.2). */
export function processOrigin(context: IommufdContext, process: Process): Origin {
  const charged = context.accountingMode === 'process' ? 'mm' : 'user'
  return {
    source: (base, npages) => process.memory.pageSource(base, npages),
    frames: context.driver.frames,
    accounting: process.accounting,
    accountMode: process.capabilities.ipcLock ? 'none' : charged,
  }
}

function protection(direction: MapDirection): number {
  return PROT_CACHE | (direction.readable ? PROT_READ : 0) | (direction.writeable ? PROT_WRITE : 0)
}

/** IOAS_MAP, steps 2 to 12 of spec uapi 4.4. */
export function mapUser(context: IommufdContext, process: Process, request: MapRequest): bigint {
  requireProcess(process)
  const address = toU64(request.address, 'address')
  const length = toU64(request.length, 'length')
  const iova = request.iova === undefined ? undefined : toU64(request.iova, 'iova')
  refuseAllOnes('length', length)
  refuseAllOnes('iova', iova)
  requireDirection(request)
  const { table } = context.objects.get(request.ioasId, Ioas, 'ioas')
  return table.mapUserPages({ address, length, iova, prot: protection(request), origin: processOrigin(context, process) })
}

/** IOAS_COPY from its second check on (spec uapi 4.6): the source is checked before the destination is looked up. */
export function copyRange(context: IommufdContext, request: CopyRequest): bigint {
  const length = toU64(request.length, 'length')
  const srcIova = toU64(request.srcIova, 'srcIova')
  const dstIova = request.dstIova === undefined ? undefined : toU64(request.dstIova, 'dstIova')
  refuseAllOnes('length', length)
  refuseAllOnes('srcIova', srcIova)
  refuseAllOnes('dstIova', dstIova)
  requireDirection(request)
  const source = context.objects.get(request.srcIoasId, Ioas, 'ioas').table
  const destination = context.objects.lookup(request.dstIoasId)
  if (!(destination instanceof Ioas)) {
    releasePages(source.getPages(srcIova, length))
    throw new IommuError('ENOENT', `id ${request.dstIoasId} is not an ioas`)
  }
  return destination.table.copyFrom(source, srcIova, length, dstIova, protection(request))
}

/** IOAS_UNMAP (spec uapi 4.7). An empty range is ENOENT, but removing everything of an empty IOAS is fine. */
export function unmapRange(context: IommufdContext, ioasId: number, iova: bigint, length: bigint): bigint {
  const { table } = context.objects.get(ioasId, Ioas, 'ioas')
  if (iova === 0n && length === U64_MAX) return table.unmapAll()
  refuseAllOnes('iova', iova)
  refuseAllOnes('length', length)
  const removed = table.unmapIova(iova, length)
  if (removed === 0n) throw new IommuError('ENOENT', `nothing is mapped in ${length} bytes at ${hex(iova)}`, 0n)
  return removed
}

/** The list of IOAS_ALLOW_IOVAS while it is read: refuses what the command refuses, element by element (spec uapi 4.3). */
export class AllowedList {
  readonly ranges: IovaRangeInput[] = []
  #checkAt = 64

  /** Adds the next range. Throws EINVAL: not at least two values, or (found with a delay) overlapping an earlier one. */
  add(start: bigint, last: bigint): void {
    if (start >= last) throw new IommuError('EINVAL', `allowed range [${hex(start)}, ${hex(last)}] must hold at least two values`)
    this.ranges.push({ start, last })
    // Doubling keeps the whole at O(n log n) and still ends an endless list of equal ranges early.
    if (this.ranges.length === this.#checkAt) {
      this.#checkAt *= 2
      this.refuseOverlaps()
    }
  }

  /** Throws EINVAL when two of the ranges overlap; touching is fine. O(n log n). */
  refuseOverlaps(): void {
    const sorted = this.ranges
      .map(({ start, last }) => ({ start, last }))
      .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0))
    let before: IovaRangeInput | undefined
    for (const range of sorted) {
      if (before !== undefined && range.start <= before.last) {
        throw new IommuError('EINVAL', `allowed ranges overlap at ${hex(range.start)}`)
      }
      before = range
    }
  }
}

function requireDirection(direction: MapDirection): void {
  if (!direction.readable && !direction.writeable) throw new IommuError('EINVAL', 'a mapping must be readable, writeable or both')
}

function refuseAllOnes(what: string, value: bigint | undefined): void {
  if (value === U64_MAX) throw new IommuError('EOVERFLOW', `${what} must be below 2^64-1`)
}
