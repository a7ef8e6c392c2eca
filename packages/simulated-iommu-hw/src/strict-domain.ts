import type { DirtyTracking, IovaRange } from './domain-options.ts'
import { HardwareInvariantError } from './errors.ts'
import { hex, u64Of } from './numbers.ts'
import type { RunSink } from './run-gatherer.ts'

/** The domain that a {@link StrictDomain} stands in front of; `IommuDomain` of pfn-reader fits. */
export interface WatchedDomain {
  readonly pgsizeBitmap: bigint
  readonly aperture: IovaRange
  map(iova: bigint, phys: bigint, length: bigint, prot: number): void
  mapAt(iovaHi: number, iovaLo: number, phys: number, length: number, prot: number): void
  unmap(iova: bigint, length: bigint): bigint
  unmapAt(iovaHi: number, iovaLo: number, length: number): number
  iovaToPhys(iova: bigint): bigint | undefined
  readRuns(iova: bigint, npages: number, into: RunSink): number
  readRunsAt(iovaHi: number, iovaLo: number, npages: number, into: RunSink): number
  flush(): void
  readonly dirty?: DirtyTracking | WatchedDirty
}

/** Dirty operations without the read-back of the switch. */
export type WatchedDirty = Omit<DirtyTracking, 'enabled'>

/** One call that a {@link StrictDomain} let through. */
export type DomainCall =
  | { readonly op: 'map'; readonly iova: bigint; readonly phys: bigint; readonly length: bigint; readonly prot: number }
  | { readonly op: 'unmap'; readonly iova: bigint; readonly length: bigint }

/** Options of {@link StrictDomain}. */
export interface StrictDomainOptions {
  /** Pins of a frame: when given, mapping a frame without a pin throws. */
  readonly pinCount?: (pfn: number) => number
  /** Keep `calls`; default true. */
  readonly record?: boolean
}

interface MapCall {
  readonly start: bigint
  readonly last: bigint
}

/**
 * Stands in front of any domain, lets every call through, records it, and throws {@link HardwareInvariantError} where a correct user of a domain never goes:
 * a map over a mapped IOVA, an unmap of an unmapped IOVA, an unmap that does not begin where a map call began and end where one ended,
 * a lookup of an unmapped IOVA by `readRuns`, an unmap that returns another length. What the inner domain throws is passed on. For tests: O(map calls) an operation.
 */
export class StrictDomain {
  readonly inner: WatchedDomain
  /** Every map and unmap that succeeded, in order. */
  readonly calls: DomainCall[] = []
  mapCalls = 0
  unmapCalls = 0
  flushes = 0
  readonly dirty?: WatchedDirty
  #mapped: MapCall[] = []
  readonly #pinCount: ((pfn: number) => number) | undefined
  readonly #record: boolean

  constructor(inner: WatchedDomain, options: StrictDomainOptions = {}) {
    this.inner = inner
    this.#pinCount = options.pinCount
    this.#record = options.record !== false
    if (inner.dirty !== undefined) this.dirty = inner.dirty
  }

  get pgsizeBitmap(): bigint {
    return this.inner.pgsizeBitmap
  }

  get aperture(): IovaRange {
    return this.inner.aperture
  }

  /** The map calls in force, ascending, inclusive. */
  get mapped(): readonly { readonly start: bigint; readonly last: bigint }[] {
    return this.#mapped
  }

  map(iova: bigint, phys: bigint, length: bigint, prot: number): void {
    const at = this.#placeFor(iova, phys, length)
    this.inner.map(iova, phys, length, prot)
    this.#noteMap(at, iova, phys, length, prot)
  }

  mapAt(iovaHi: number, iovaLo: number, phys: number, length: number, prot: number): void {
    const iova = u64Of(iovaHi, iovaLo)
    const at = this.#placeFor(iova, BigInt(phys), BigInt(length))
    this.inner.mapAt(iovaHi, iovaLo, phys, length, prot)
    this.#noteMap(at, iova, BigInt(phys), BigInt(length), prot)
  }

  unmap(iova: bigint, length: bigint): bigint {
    const [from, past] = this.#cut(iova, length)
    const removed = this.inner.unmap(iova, length)
    this.#noteUnmap(from, past, iova, length, removed)
    return removed
  }

  unmapAt(iovaHi: number, iovaLo: number, length: number): number {
    const iova = u64Of(iovaHi, iovaLo)
    const [from, past] = this.#cut(iova, BigInt(length))
    const removed = this.inner.unmapAt(iovaHi, iovaLo, length)
    this.#noteUnmap(from, past, iova, BigInt(length), BigInt(removed))
    return removed
  }

  iovaToPhys(iova: bigint): bigint | undefined {
    return this.inner.iovaToPhys(iova)
  }

  readRuns(iova: bigint, npages: number, into: RunSink): number {
    this.#checkRead(iova)
    return this.inner.readRuns(iova, npages, into)
  }

  readRunsAt(iovaHi: number, iovaLo: number, npages: number, into: RunSink): number {
    this.#checkRead(u64Of(iovaHi, iovaLo))
    return this.inner.readRunsAt(iovaHi, iovaLo, npages, into)
  }

  flush(): void {
    this.flushes++
    this.inner.flush()
  }

  /** Position of the first map call that ends at or behind `iova`. */
  #position(iova: bigint): number {
    let low = 0
    let high = this.#mapped.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#mapped[middle]!.last < iova) low = middle + 1
      else high = middle
    }
    return low
  }

  #placeFor(iova: bigint, phys: bigint, length: bigint): number {
    const at = this.#position(iova)
    const next = this.#mapped[at]
    const { start, last } = this.aperture
    if (next !== undefined && next.start < iova + length)
      throw new HardwareInvariantError(`map of ${hex(iova)}+${hex(length)} over ${hex(next.start)}..${hex(next.last)}`)
    if (length === 0n || iova < start || iova + length - 1n > last)
      throw new HardwareInvariantError(`map of ${hex(iova)}+${hex(length)} is empty or outside the aperture ${hex(start)}..${hex(last)}`)
    if (this.#pinCount !== undefined)
      for (let pfn = Number(phys >> 12n); pfn <= Number((phys + length - 1n) >> 12n); pfn++)
        if (this.#pinCount(pfn) < 1) throw new HardwareInvariantError(`map of ${hex(iova)}: frame ${hex(pfn)} has no pin`)
    return at
  }

  #noteMap(at: number, iova: bigint, phys: bigint, length: bigint, prot: number): void {
    this.mapCalls++
    this.#mapped.splice(at, 0, { start: iova, last: iova + length - 1n })
    if (this.#record) this.calls.push({ op: 'map', iova, phys, length, prot })
  }

  /** The map calls that an unmap takes away whole: positions from..past-1. */
  #cut(iova: bigint, length: bigint): [number, number] {
    const what = `unmap of ${hex(iova)}+${hex(length)}`
    const from = this.#position(iova)
    let past = from
    let next = iova
    for (let call = this.#mapped[past]; call !== undefined && call.start < iova + length; call = this.#mapped[++past]) {
      if (call.start < next) throw new HardwareInvariantError(`${what} begins inside the map call ${hex(call.start)}..${hex(call.last)}`)
      if (call.start > next) throw new HardwareInvariantError(`${what}: ${hex(next)} is not mapped`)
      next = call.last + 1n
      if (next > iova + length) throw new HardwareInvariantError(`${what} ends inside the map call ${hex(call.start)}..${hex(call.last)}`)
    }
    if (length === 0n || next !== iova + length) throw new HardwareInvariantError(`${what}: ${hex(next)} is not mapped`)
    return [from, past]
  }

  #noteUnmap(from: number, past: number, iova: bigint, length: bigint, removed: bigint): void {
    this.unmapCalls++
    if (removed !== length) throw new HardwareInvariantError(`unmap of ${hex(iova)}+${hex(length)} returned ${hex(removed)}`)
    this.#mapped.splice(from, past - from)
    if (this.#record) this.calls.push({ op: 'unmap', iova, length })
  }

  #checkRead(iova: bigint): void {
    const call = this.#mapped[this.#position(iova)]
    if (call === undefined || call.start > iova) throw new HardwareInvariantError(`read back of ${hex(iova)}, which is not mapped`)
  }
}
