// Fakes of the ports for the tests of this package: memory with pin counts, strict domains, accounting, and one fault point for all of them.
import {
  type Accounting,
  type AccountMode,
  type DirectAccess,
  type DirtySink,
  type DomainDirty,
  type ErrnoCode,
  type FrameMemory,
  type IommuDomain,
  IommuError,
  type Origin,
  type PageSource,
  type PfnRunSink,
} from '@iommukit/pfn-reader'

export const PAGE = 4096
export const U64_MAX = 2n ** 64n - 1n

export type Fallible = 'pin' | 'map' | 'charge'

/** Makes the n-th fallible call of the world fail, once. */
export class Faults {
  #countdown = 0
  #kinds: readonly Fallible[] = []
  fired = false

  arm(nth: number, kinds: readonly Fallible[] = ['pin', 'map', 'charge']): void {
    this.#countdown = nth
    this.#kinds = kinds
    this.fired = false
  }

  disarm(): boolean {
    this.#countdown = 0
    return this.fired
  }

  hit(kind: Fallible, code: ErrnoCode): void {
    if (this.#countdown === 0 || !this.#kinds.includes(kind) || --this.#countdown > 0) return
    this.fired = true
    throw new IommuError(code, `injected fault: ${kind}`)
  }
}

/** Everything the fakes of one test share. */
export class World {
  readonly faults: Faults = new Faults()
  /** Pins a frame. */
  readonly pins: Map<number, number> = new Map()
  readonly contents: Map<number, Uint8Array> = new Map()
  readonly domains: FakeDomain[] = []
  readonly temp = { limitBytes: 65536 }
  readonly calls = { pin: 0, unpin: 0, map: 0, unmap: 0, charge: 0, uncharge: 0, flush: 0 }

  get pinnedTotal(): number {
    let total = 0
    for (const pins of this.pins.values()) total += pins
    return total
  }

  frame(pfn: number): Uint8Array {
    let bytes = this.contents.get(pfn)
    if (bytes === undefined) this.contents.set(pfn, (bytes = new Uint8Array(PAGE)))
    return bytes
  }

  readonly frames: FrameMemory = {
    copyOut: (pfn, offsetInPage, out) => {
      this.assertPinned(pfn)
      out.set(this.frame(pfn).subarray(offsetInPage, offsetInPage + out.length))
    },
    copyIn: (pfn, offsetInPage, data) => {
      this.assertPinned(pfn)
      this.frame(pfn).set(data, offsetInPage)
    },
  }

  assertPinned(pfn: number): void {
    if ((this.pins.get(pfn) ?? 0) === 0) throw new Error(`frame ${pfn} is used but not pinned`)
  }

  release(pfn: number): void {
    const pins = this.pins.get(pfn) ?? 0
    if (pins === 0) throw new Error(`frame ${pfn} is unpinned but was not pinned`)
    if (pins > 1) this.pins.set(pfn, pins - 1)
    else {
      this.pins.delete(pfn)
      // I7: a frame is released only after no domain maps it any more.
      for (const domain of this.domains) if (domain.mapsFrame(pfn)) throw new Error(`frame ${pfn} is unpinned while a domain maps it`)
    }
  }
}

/** User memory: page number (address / 4096) to frame, with protection, short pins and faults. */
export class FakeMemory {
  readonly world: World
  readonly table: Map<number, { pfn: number; prot: 'rw' | 'r' | 'none' }> = new Map()
  /** The most pages one pin call takes. */
  pinPagesMax = Number.POSITIVE_INFINITY
  direct = false

  constructor(world: World) {
    this.world = world
  }

  mmap(address: number, pfns: readonly number[]): void {
    for (const [k, pfn] of pfns.entries()) this.table.set(address / PAGE + k, { pfn, prot: 'rw' })
  }

  protect(address: number, npages: number, prot: 'rw' | 'r' | 'none'): void {
    for (let k = 0; k < npages; k++) this.table.get(address / PAGE + k)!.prot = prot
  }

  source(base: bigint, npages: number): PageSource {
    const first = Number(base) / PAGE
    const { world } = this
    const pfnAt = (index: number, write: boolean): number | undefined => {
      const page = this.table.get(first + index)
      return page === undefined || page.prot === 'none' || (write && page.prot === 'r') ? undefined : page.pfn
    }
    const direct: DirectAccess = {
      read: (byteOffset, out) =>
        copyDirect(out.length, byteOffset, false, (bytes, from, k, n) => out.set(bytes.subarray(from, from + n), k)),
      write: (byteOffset, data) =>
        copyDirect(data.length, byteOffset, true, (bytes, from, k, n) => bytes.set(data.subarray(k, k + n), from)),
    }
    const copyDirect = (
      length: number,
      byteOffset: number,
      write: boolean,
      move: (bytes: Uint8Array, from: number, done: number, length: number) => void,
    ): void => {
      for (let done = 0; done < length; ) {
        const at = byteOffset + done
        const pfn = pfnAt(Math.floor(at / PAGE), write)
        if (pfn === undefined) throw new IommuError('EFAULT', `no memory at byte ${at}`)
        const part = Math.min(length - done, PAGE - (at % PAGE))
        move(world.frame(pfn), at % PAGE, done, part)
        done += part
      }
    }
    return {
      ...(this.direct ? { direct } : {}),
      pin: (firstIndex, count, write, into) => {
        world.calls.pin++
        world.faults.hit('pin', 'EFAULT')
        if (firstIndex < 0 || count < 1 || firstIndex + count > npages) throw new Error(`pin of pages ${firstIndex}+${count} of ${npages}`)
        let done = 0
        while (done < Math.min(count, this.pinPagesMax)) {
          const pfn = pfnAt(firstIndex + done, write)
          if (pfn === undefined) break
          let run = 1
          while (done + run < Math.min(count, this.pinPagesMax) && pfnAt(firstIndex + done + run, write) === pfn + run) run++
          if (!into.add(pfn, run)) break
          for (let k = 0; k < run; k++) world.pins.set(pfn + k, (world.pins.get(pfn + k) ?? 0) + 1)
          done += run
        }
        if (done === 0) throw new IommuError('EFAULT', `no memory at page ${firstIndex}`)
        return done
      },
      unpin: (pfn, npfns) => {
        world.calls.unpin++
        for (let k = 0; k < npfns; k++) world.release(pfn + k)
      },
    }
  }

  origin(accounting: Accounting, accountMode: AccountMode): Origin {
    return { source: (base, npages) => this.source(base, npages), frames: this.world.frames, accounting, accountMode }
  }
}

/** Locked-memory counter of one owner. */
export class FakeAccounting implements Accounting {
  readonly world: World
  limitPages = Number.POSITIVE_INFINITY
  chargedPages = 0
  statisticPages = 0

  constructor(world: World) {
    this.world = world
  }

  charge(mode: AccountMode, npages: number): void {
    this.world.calls.charge++
    this.world.faults.hit('charge', 'ENOMEM')
    if (npages < 1) throw new Error(`charge of ${npages} pages`)
    if (mode !== 'none') {
      if (this.chargedPages + npages > this.limitPages) throw new IommuError('ENOMEM', `${npages} pages pass the limit`)
      this.chargedPages += npages
    }
    this.statisticPages += npages
  }

  uncharge(mode: AccountMode, npages: number): void {
    this.world.calls.uncharge++
    if (mode !== 'none') this.chargedPages -= npages
    this.statisticPages -= npages
    if (this.chargedPages < 0 || this.statisticPages < 0) throw new Error('more pages were uncharged than charged')
  }
}

export interface FakeDomainOptions {
  readonly pageSize?: number
  readonly pgsizeBitmap?: bigint
  readonly start?: bigint
  readonly last?: bigint
  readonly dirty?: boolean
}

/** A flat I/O page table of one granule that asserts everything the contract of a domain says, cut points included (I10, P11). */
export class FakeDomain implements IommuDomain {
  readonly pgsizeBitmap: bigint
  readonly aperture: { start: bigint; last: bigint }
  readonly world: World
  readonly granule: bigint
  /** Granule number to physical address. */
  readonly entries: Map<bigint, bigint> = new Map()
  readonly dirtyGranules: Set<bigint> = new Set()
  readonly log: string[] = []
  tracking = false
  /** Makes the dirty read of the n-th area fail. */
  failDirtyRead = 0
  readonly dirty?: DomainDirty
  /** Called at each map; for tests of what foreign code may not do. */
  onMap: (() => void) | undefined
  readonly #starts: Set<bigint> = new Set()
  readonly #ends: Set<bigint> = new Set()
  readonly #frames: Map<number, number> = new Map()

  constructor(world: World, options: FakeDomainOptions = {}) {
    this.world = world
    this.pgsizeBitmap = options.pgsizeBitmap ?? BigInt(options.pageSize ?? 2048)
    this.granule = this.pgsizeBitmap & -this.pgsizeBitmap
    this.aperture = { start: options.start ?? 0n, last: options.last ?? U64_MAX }
    if (options.dirty === true) this.dirty = this.#tracker()
    world.domains.push(this)
  }

  get mappedBytes(): bigint {
    return BigInt(this.entries.size) * this.granule
  }

  mapsFrame(pfn: number): boolean {
    return (this.#frames.get(pfn) ?? 0) > 0
  }

  map(iova: bigint, phys: bigint, length: bigint, prot: number): void {
    const { world, granule } = this
    world.calls.map++
    this.onMap?.()
    world.faults.hit('map', 'ENOMEM')
    if (length <= 0n || (iova | phys | length) % granule !== 0n)
      throw new IommuError('EINVAL', `map of ${length} bytes at ${iova} to ${phys}`)
    if (prot < 0 || iova < this.aperture.start || iova + length - 1n > this.aperture.last)
      throw new Error(`map outside the aperture: ${iova}`)
    for (let at = 0n; at < length; at += granule) {
      if (this.entries.has((iova + at) / granule)) throw new Error(`map over a mapping at ${iova + at}`)
      world.assertPinned(Number((phys + at) / BigInt(PAGE)))
    }
    for (let at = 0n; at < length; at += granule) {
      this.entries.set((iova + at) / granule, phys + at)
      this.#countFrame(phys + at, 1)
    }
    this.#starts.add(iova)
    this.#ends.add(iova + length)
    this.log.push(`map ${iova.toString(16)} ${phys.toString(16)} ${length.toString(16)}`)
  }

  mapAt(iovaHi: number, iovaLo: number, phys: number, length: number, prot: number): void {
    this.map(wide(iovaHi, iovaLo), BigInt(phys), BigInt(length), prot)
  }

  unmap(iova: bigint, length: bigint): bigint {
    const { granule } = this
    this.world.calls.unmap++
    if (!this.#starts.has(iova)) throw new Error(`unmap begins at ${iova}, where no map began`)
    if (!this.#ends.has(iova + length)) throw new Error(`unmap ends at ${iova + length}, where no map ended`)
    for (let at = 0n; at < length; at += granule) {
      const phys = this.entries.get((iova + at) / granule)
      if (phys === undefined) throw new Error(`unmap of ${iova + at}, which is not mapped`)
      this.entries.delete((iova + at) / granule)
      this.dirtyGranules.delete((iova + at) / granule)
      this.#countFrame(phys, -1)
      this.#starts.delete(iova + at)
      this.#ends.delete(iova + at + granule)
    }
    this.log.push(`unmap ${iova.toString(16)} ${length.toString(16)}`)
    return length
  }

  unmapAt(iovaHi: number, iovaLo: number, length: number): number {
    return Number(this.unmap(wide(iovaHi, iovaLo), BigInt(length)))
  }

  iovaToPhys(iova: bigint): bigint | undefined {
    const phys = this.entries.get(iova / this.granule)
    return phys === undefined ? undefined : phys + (iova % this.granule)
  }

  readRuns(iova: bigint, npages: number, into: PfnRunSink): number {
    let at = iova
    for (let done = 0; done < npages; done++) {
      const phys = this.iovaToPhys(at)
      if (phys === undefined) throw new Error(`read of ${at}, which is not mapped`)
      if (!into.add(Number(phys / BigInt(PAGE)), 1)) return done
      at += BigInt(PAGE) - (phys % BigInt(PAGE))
    }
    return npages
  }

  readRunsAt(iovaHi: number, iovaLo: number, npages: number, into: PfnRunSink): number {
    return this.readRuns(wide(iovaHi, iovaLo), npages, into)
  }

  flush(): void {
    this.world.calls.flush++
  }

  /** A device writes: the granule of this IOVA becomes dirty if tracking is on. */
  deviceWrite(iova: bigint): void {
    if (this.tracking && this.entries.has(iova / this.granule)) this.dirtyGranules.add(iova / this.granule)
  }

  #countFrame(phys: bigint, by: 1 | -1): void {
    const pfn = Number(phys / BigInt(PAGE))
    const mapped = (this.#frames.get(pfn) ?? 0) + by
    if (mapped === 0) this.#frames.delete(pfn)
    else this.#frames.set(pfn, mapped)
  }

  #tracker(): DomainDirty {
    return {
      setTracking: (enabled) => {
        this.tracking = enabled
      },
      readAndClear: (iova: bigint, length: bigint, noClear: boolean, sink: DirtySink | undefined) => {
        if (this.failDirtyRead > 0 && --this.failDirtyRead === 0) throw new IommuError('EIO', 'injected fault: dirty read')
        for (let at = iova; at < iova + length; at += this.granule) {
          if (!this.dirtyGranules.has(at / this.granule)) continue
          sink?.record(at, this.granule)
          if (!noClear) this.dirtyGranules.delete(at / this.granule)
        }
      },
    }
  }
}

function wide(hi: number, lo: number): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo)
}

/** A dirty sink that remembers what it was told. */
export class FakeSink implements DirtySink {
  readonly ranges: [bigint, bigint][] = []

  record(iova: bigint, length: bigint): void {
    this.ranges.push([iova, length])
  }

  recordAt(iovaHi: number, iovaLo: number, length: number): void {
    this.record(wide(iovaHi, iovaLo), BigInt(length))
  }
}

/** The errno code that `body` throws; rethrows what is not an operating error. */
export function codeOf(body: () => unknown): string {
  try {
    body()
  } catch (error) {
    if (error instanceof IommuError) return error.code
    throw error
  }
  return 'OK'
}
