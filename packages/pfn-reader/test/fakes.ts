// Fakes of the ports for the tests of this package. They record what is asked of them and refuse what a correct caller never asks.
import {
  type Accounting,
  type AccountMode,
  Area,
  type DirectAccess,
  type ErrnoCode,
  type FrameMemory,
  type IommuDomain,
  IommuError,
  type Origin,
  type PageSource,
  Pages,
  type PfnRunSink,
} from '@iommukit/pfn-reader'

export const PAGE = 4096
export const U64_MAX: bigint = 2n ** 64n - 1n

export type Fallible = 'pin' | 'map' | 'charge'

/** Makes the n-th fallible call of a world fail, once. */
export class Faults {
  fired = false
  #countdown = 0

  arm(nth: number): void {
    this.#countdown = nth
    this.fired = false
  }

  /** Ends it; whether it had happened. */
  disarm(): boolean {
    this.#countdown = 0
    return this.fired
  }

  hit(kind: Fallible, code: ErrnoCode): void {
    if (this.#countdown === 0 || --this.#countdown > 0) return
    this.fired = true
    throw new IommuError(code, `injected fault: ${kind}`)
  }
}

/** What the ports were asked, in order: `pin 0+4`, `unpin 1000+8 dirty`, `map a 0x1000+0x2000 -> 0x5000`, `charge user 4`. */
export type Log = string[]

/** Everything that the fakes of one test share. */
export class World {
  readonly faults: Faults = new Faults()
  readonly log: Log = []
  readonly domains: FakeDomain[] = []
  readonly sources: FakeSource[] = []
  readonly temp: { limitBytes: number } = { limitBytes: 65536 }
  readonly accounting: FakeAccounting = new FakeAccounting(this)
  readonly contents: Map<number, Uint8Array> = new Map()

  /** What was logged since the last call, and forgets it. */
  take(prefix = ''): string[] {
    return this.log.splice(0).filter((line) => line.startsWith(prefix))
  }

  domain(name: string, options: DomainOptions = {}): FakeDomain {
    const domain = new FakeDomain(this, name, options)
    this.domains.push(domain)
    return domain
  }

  /** A Pages over `npages` pages whose frames are given, and the source behind it. */
  pages(
    pfns: ((index: number) => number) | readonly number[],
    npages: number,
    options: PagesOptions = {},
  ): { pages: Pages; source: FakeSource } {
    const pfnOf = typeof pfns === 'function' ? pfns : (index: number) => pfns[index]!
    const source = new FakeSource(this, pfnOf, options)
    this.sources.push(source)
    const { startByte = 0, tailBytes = 0, writable = true, mode = 'user' } = options
    const origin: Origin = { source: () => source, frames: this.frames, accounting: this.accounting, accountMode: mode }
    const length = BigInt(npages) * 4096n - BigInt(startByte) - BigInt(tailBytes)
    return { pages: new Pages(0x10_0000n + BigInt(startByte), length, writable, origin, this.temp), source }
  }

  readonly frames: FrameMemory = {
    copyOut: (pfn, offsetInPage, out) => {
      this.#checkPinned(pfn, offsetInPage, out.length)
      out.set(this.frame(pfn).subarray(offsetInPage, offsetInPage + out.length))
    },
    copyIn: (pfn, offsetInPage, data) => {
      this.#checkPinned(pfn, offsetInPage, data.length)
      this.frame(pfn).set(data, offsetInPage)
    },
  }

  frame(pfn: number): Uint8Array {
    let bytes = this.contents.get(pfn)
    if (bytes === undefined) this.contents.set(pfn, (bytes = Uint8Array.from({ length: PAGE }, (_, at) => (pfn * 31 + at * 7) & 0xff)))
    return bytes
  }

  pinCount(pfn: number): number {
    return this.sources.reduce((sum, source) => sum + (source.pins.get(pfn)?.length ?? 0), 0)
  }

  #checkPinned(pfn: number, offsetInPage: number, nbytes: number): void {
    if (this.pinCount(pfn) === 0) throw new Error(`frame ${pfn} is copied, but not pinned`)
    if (offsetInPage + nbytes > PAGE) throw new Error(`${nbytes} bytes from ${offsetInPage} pass the frame`)
  }
}

export interface PagesOptions {
  /** Bytes of page 0 in front of the memory. */
  readonly startByte?: number
  /** Bytes of the last page behind the memory. */
  readonly tailBytes?: number
  readonly writable?: boolean
  readonly mode?: AccountMode
  /** Pages a pin gives at most, asked anew at each pin. */
  readonly shortPin?: () => number
  /** Offers the direct path of rw. */
  readonly direct?: boolean
}

/** Origin memory. Refuses to pin a page twice (I8), to release what has no pin, and to release what a domain still maps (I7). */
export class FakeSource implements PageSource {
  /** The pages that a frame is pinned for. */
  readonly pins: Map<number, number[]> = new Map()
  /** Pages that cannot be pinned; 'r': for writing. */
  readonly bad: Map<number, 'none' | 'r'> = new Map()
  readonly direct?: DirectAccess
  pinCalls = 0
  unpinCalls = 0
  /** Pages released as possibly written. */
  dirtied = 0
  pfnOf: (index: number) => number
  /** A copy inside one page pins it beside all other pins; at other times that is refused. */
  mayPinTwice = false
  readonly #world: World
  readonly #options: PagesOptions

  constructor(world: World, pfnOf: (index: number) => number, options: PagesOptions) {
    this.#world = world
    this.pfnOf = pfnOf
    this.#options = options
    if (options.direct === true)
      this.direct = { read: (from, out) => this.#copy(from, out, false), write: (from, data) => this.#copy(from, data, true) }
  }

  pin(firstIndex: number, npages: number, write: boolean, into: PfnRunSink): number {
    this.pinCalls++
    this.#world.log.push(`pin ${firstIndex}+${npages}`)
    this.#world.faults.hit('pin', 'EFAULT')
    const most = Math.min(npages, this.#options.shortPin?.() ?? npages)
    let pinned = 0
    while (pinned < most && this.#allows(firstIndex + pinned, write)) {
      // Runs, as a real source gives them.
      let npfns = 1
      const first = this.pfnOf(firstIndex + pinned)
      while (
        pinned + npfns < most &&
        this.#allows(firstIndex + pinned + npfns, write) &&
        this.pfnOf(firstIndex + pinned + npfns) === first + npfns
      )
        npfns++
      if (!into.add(first, npfns)) break
      for (let k = 0; k < npfns; k++) this.#pinOne(firstIndex + pinned + k, first + k)
      pinned += npfns
    }
    if (pinned === 0) throw new IommuError('EFAULT', `page ${firstIndex} cannot be pinned`)
    return pinned
  }

  unpin(pfn: number, npfns: number, dirty: boolean): void {
    this.unpinCalls++
    this.#world.log.push(`unpin ${pfn}+${npfns}${dirty ? ' dirty' : ''}`)
    for (let frame = pfn; frame < pfn + npfns; frame++) {
      const indexes = this.pins.get(frame)
      if (indexes === undefined) throw new Error(`frame ${frame} is released, but not pinned`)
      if (indexes.length === 1) {
        const domain = this.#world.domains.find((candidate) => candidate.mapsFrame(frame))
        if (domain !== undefined) throw new Error(`I7: frame ${frame} is released while domain ${domain.name} maps it`)
        this.pins.delete(frame)
      } else indexes.pop()
    }
    if (dirty) this.dirtied += npfns
  }

  /** Pins held. */
  get pinned(): number {
    let total = 0
    for (const indexes of this.pins.values()) total += indexes.length
    return total
  }

  /** Pins held on a page. */
  pinsOf(index: number): number {
    let total = 0
    for (const indexes of this.pins.values()) total += indexes.filter((held) => held === index).length
    return total
  }

  #allows(index: number, write: boolean): boolean {
    const bad = this.bad.get(index)
    return bad === undefined || (bad === 'r' && !write)
  }

  #pinOne(index: number, pfn: number): void {
    const indexes = this.pins.get(pfn) ?? []
    if (!this.mayPinTwice && indexes.includes(index)) throw new Error(`I8: page ${index} is pinned twice`)
    this.pins.set(pfn, [...indexes, index])
  }

  #copy(from: number, bytes: Uint8Array, write: boolean): void {
    for (let at = 0; at < bytes.length; at++) {
      const index = Math.floor((from + at) / PAGE)
      if (!this.#allows(index, write)) throw new IommuError('EFAULT', `page ${index} cannot be copied`)
      const frame = this.#world.frame(this.pfnOf(index))
      if (write) frame[(from + at) % PAGE] = bytes[at]!
      else bytes[at] = frame[(from + at) % PAGE]!
    }
  }
}

/** Counters of one owner with a limit in bytes. */
export class FakeAccounting implements Accounting {
  limitBytes: number = Number.MAX_SAFE_INTEGER
  readonly locked: Record<AccountMode, number> = { none: 0, user: 0, mm: 0 }
  /** The statistic over all modes. */
  pinnedPages = 0
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  charge(mode: AccountMode, npages: number): void {
    if (npages < 1) throw new Error(`a charge of ${npages} pages`)
    this.#world.log.push(`charge ${mode} ${npages}`)
    this.#world.faults.hit('charge', 'ENOMEM')
    if (mode !== 'none' && this.locked[mode] + npages > Math.floor(this.limitBytes / PAGE)) throw new IommuError('ENOMEM', 'over the limit')
    this.locked[mode] += npages
    this.pinnedPages += npages
  }

  uncharge(mode: AccountMode, npages: number): void {
    if (npages < 1 || npages > this.locked[mode]) throw new Error(`an uncharge of ${npages} of ${this.locked[mode]} pages`)
    this.#world.log.push(`uncharge ${mode} ${npages}`)
    this.locked[mode] -= npages
    this.pinnedPages -= npages
  }
}

export interface DomainOptions {
  /** Smallest page; default 2048. */
  readonly granule?: number
}

interface MapCall {
  readonly iova: bigint
  readonly last: bigint
  readonly phys: bigint
  readonly prot: number
}

/**
 * A domain that keeps its map calls. Refuses misaligned calls, maps over mappings, maps of frames without a pin (I7), unmaps that do not take
 * whole map calls away (I10), and reads of what is not mapped.
 */
export class FakeDomain implements IommuDomain {
  readonly aperture = { start: 0n, last: U64_MAX }
  readonly name: string
  mapCalls = 0
  unmapCalls = 0
  reads = 0
  readonly #world: World
  readonly #granule: bigint
  #calls: MapCall[] = []
  readonly #frames: Map<bigint, number> = new Map()

  constructor(world: World, name: string, options: DomainOptions) {
    this.#world = world
    this.name = name
    this.#granule = BigInt(options.granule ?? 2048)
  }

  get pgsizeBitmap(): bigint {
    return this.#granule
  }

  get isEmpty(): boolean {
    return this.#calls.length === 0
  }

  map(iova: bigint, phys: bigint, length: bigint, prot: number): void {
    this.mapCalls++
    this.#world.log.push(`map ${this.name} 0x${iova.toString(16)}+0x${length.toString(16)} -> 0x${phys.toString(16)}`)
    this.#world.faults.hit('map', 'ENOMEM')
    const last = iova + length - 1n
    if (length < 1n || last > U64_MAX) throw new Error(`a map of ${length} bytes at ${iova}`)
    if ((iova | phys | length) % this.#granule !== 0n) throw new IommuError('EINVAL', `a misaligned map: ${iova} ${phys} ${length}`)
    const at = this.#find(iova)
    const next = this.#calls[at]
    if (next !== undefined && next.iova <= last) throw new Error(`a map over a mapping at ${iova}`)
    for (let frame = phys / 4096n; frame <= (phys + length - 1n) / 4096n; frame++) {
      if (length < 1n << 32n && this.#world.pinCount(Number(frame)) === 0) throw new Error(`I7: frame ${frame} is mapped, but not pinned`)
      if (length < 1n << 32n) this.#frames.set(frame, (this.#frames.get(frame) ?? 0) + 1)
      else break
    }
    this.#calls.splice(at, 0, { iova, last, phys, prot })
  }

  mapAt(iovaHi: number, iovaLo: number, phys: number, length: number, prot: number): void {
    this.map(iovaAt(iovaHi, iovaLo), exact(phys), exact(length), prot)
  }

  unmap(iova: bigint, length: bigint): bigint {
    this.unmapCalls++
    this.#world.log.push(`unmap ${this.name} 0x${iova.toString(16)}+0x${length.toString(16)}`)
    const last = iova + length - 1n
    const at = this.#find(iova)
    let past = at
    let next = iova
    while (past < this.#calls.length && this.#calls[past]!.iova === next && this.#calls[past]!.last <= last)
      next = this.#calls[past++]!.last + 1n
    if (past === at || next !== last + 1n) throw new Error(`I10: unmap of ${iova}+${length} does not take whole map calls away`)
    for (const call of this.#calls.splice(at, past - at)) {
      if (call.last - call.iova >= 1n << 32n) continue
      for (let frame = call.phys / 4096n; frame <= (call.phys + call.last - call.iova) / 4096n; frame++) {
        const left = this.#frames.get(frame)! - 1
        if (left === 0) this.#frames.delete(frame)
        else this.#frames.set(frame, left)
      }
    }
    return length
  }

  unmapAt(iovaHi: number, iovaLo: number, length: number): number {
    return Number(this.unmap(iovaAt(iovaHi, iovaLo), exact(length)))
  }

  iovaToPhys(iova: bigint): bigint | undefined {
    const call = this.#calls[this.#find(iova)]
    return call === undefined || call.iova > iova ? undefined : call.phys + (iova - call.iova)
  }

  readRuns(iova: bigint, npages: number, into: PfnRunSink): number {
    this.reads++
    let read = 0
    let at = iova
    while (read < npages) {
      const call = this.#calls[this.#find(at)]
      if (call === undefined || call.iova > at) throw new Error(`a read of what is not mapped: ${at}`)
      const phys = call.phys + (at - call.iova)
      const past = call.phys + (call.last - call.iova) + 1n
      const npfns = Math.min(npages - read, Number((past + 4095n) / 4096n - phys / 4096n))
      if (!into.add(Number(phys / 4096n), npfns)) break
      read += npfns
      at += (phys / 4096n + BigInt(npfns)) * 4096n - phys
      // The last page of an area may end early; then the next one begins in another call.
      if (at > call.last + 1n) at = call.last + 1n
    }
    return read
  }

  readRunsAt(iovaHi: number, iovaLo: number, npages: number, into: PfnRunSink): number {
    return this.readRuns(iovaAt(iovaHi, iovaLo), npages, into)
  }

  flush(): void {}

  mapsFrame(pfn: number): boolean {
    return this.#frames.has(BigInt(pfn))
  }

  /** What is mapped, neighbours that continue each other joined: independent of the calls that made it. */
  contents(): string[] {
    const joined: { iova: bigint; last: bigint; phys: bigint; prot: number }[] = []
    for (const call of this.#calls) {
      const previous = joined.at(-1)
      if (
        previous !== undefined &&
        previous.last + 1n === call.iova &&
        previous.phys + (call.iova - previous.iova) === call.phys &&
        previous.prot === call.prot
      )
        previous.last = call.last
      else joined.push({ ...call })
    }
    return joined.map(({ iova, last, phys, prot }) => `0x${iova.toString(16)}..0x${last.toString(16)} -> 0x${phys.toString(16)} ${prot}`)
  }

  /** The first call that ends at or behind an IOVA. */
  #find(iova: bigint): number {
    let low = 0
    let high = this.#calls.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#calls[middle]!.last < iova) low = middle + 1
      else high = middle
    }
    return low
  }
}

function iovaAt(hi: number, lo: number): bigint {
  if (hi >>> 0 !== hi || lo >>> 0 !== lo) throw new Error(`${hi}, ${lo} are no words`)
  return (BigInt(hi) << 32n) | BigInt(lo)
}

function exact(value: number): bigint {
  if (!Number.isSafeInteger(value)) throw new Error(`${value} is no safe integer`)
  return BigInt(value)
}

/** An area over pages first..last (inclusive), whole pages unless bytes are cut off at its ends. */
export function areaOver(pages: Pages, iova: bigint, first: number, last: number, cut: { front?: number; back?: number } = {}): Area {
  const { front = 0, back = 0 } = cut
  const length = BigInt(last - first + 1) * 4096n - BigInt(front) - BigInt(back)
  const area = Area.at({ iova, length, startByte: BigInt(first) * 4096n + BigInt(front), prot: 3 })
  area.pages = pages
  return area
}

/** Numbers from a seed, for tests that need no shrinking. */
export function randoms(seed: number): (below: number) => number {
  let x = seed >>> 0 || 1
  return (below) => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    x >>>= 0
    return x % below
  }
}
