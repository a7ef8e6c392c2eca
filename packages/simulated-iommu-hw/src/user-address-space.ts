import { HardwareError } from './errors.ts'
import { FaultPoint } from './fault-point.ts'
import { frameAt, makeFrames, type Placement } from './frames.ts'
import { HUGE_PAGE_FRAMES } from './huge.ts'
import { hex, PAGE_SIZE, pageOf, toInteger, toU64, U64_MAX } from './numbers.ts'
import type { PhysicalMemory } from './physical-memory.ts'
import { RunGatherer } from './run-gatherer.ts'
import { PROTECTION_LEVEL, type Protection, type Segment, Segments } from './segments.ts'
import { UserPages } from './user-pages.ts'

/** Options of {@link UserAddressSpace.mmap}. */
export interface MmapOptions {
  /** Where the frames lie; default the address space's. */
  readonly placement?: Placement
  /** Pages of 2 MiB, each physically contiguous and aligned; address and length are then multiples of 2 MiB. */
  readonly hugePages?: boolean
  /** Default `rw`. */
  readonly prot?: Protection
}

/** How many pages a pin may return at most: a fixed number, or random 1..max by a seed. */
export type ShortPins = { readonly npages: number } | { readonly seed: number; readonly max?: number }

/** What was done so far, counted. Tests assert exact numbers. */
export interface PinCounts {
  /** Runs handed to sinks. */
  pinRuns: number
  pinnedPages: number
  unpinCalls: number
  unpinnedPages: number
  /** Pages unpinned as possibly written. */
  dirtiedPages: number
}

/**
 * The memory of one process: mapped or not and protection page by page, anywhere in 0 .. 2^64-1. Fits the port `UserMemory` of iommufd, and its
 * `pageSource` fits `PageSource`. Addresses are bigint or safe integers. Segments are kept sorted: lookups are O(log segments).
 */
export class UserAddressSpace {
  /** Counts pin calls, and makes the n-th one fail (EFAULT unless named otherwise). */
  readonly pinFault: FaultPoint = new FaultPoint('pin', 'EFAULT')
  readonly counts: PinCounts = { pinRuns: 0, pinnedPages: 0, unpinCalls: 0, unpinnedPages: 0, dirtiedPages: 0 }
  /** Internal: read by {@link UserPages} and the checker. */
  readonly segments: Segments = new Segments()
  /** Internal: pins through one object, so that a page source is small. */
  readonly gatherer: RunGatherer = new RunGatherer()
  /** The frames that its pages are made of. */
  readonly physical: PhysicalMemory
  readonly #placement: Placement
  #shortMax = Infinity
  #random = 0

  constructor(physical: PhysicalMemory, options: { readonly placement?: Placement } = {}) {
    this.physical = physical
    this.#placement = options.placement ?? 'contiguous'
  }

  /** Pin calls so far, on all page sources of this space. */
  get pinCalls(): number {
    return this.pinFault.calls
  }

  /**
   * Maps `length` bytes at `address`, both multiples of 4096. O(pages) for scattered frames, O(1) for contiguous ones.
   * Throws RangeError for unaligned or empty ranges or ranges past 2^64-1, EEXIST when a page is mapped already; then nothing changed.
   */
  mmap(address: bigint | number, length: bigint | number, options: MmapOptions = {}): void {
    const { firstPage, lastPage } = pageRange(address, length)
    const huge = options.hugePages === true
    const prot = options.prot ?? 'rw'
    checkProtection(prot)
    if (huge && (firstPage % HUGE_PAGE_FRAMES !== 0 || (lastPage + 1) % HUGE_PAGE_FRAMES !== 0))
      throw new RangeError(`huge pages at ${hex(address)}+${hex(length)}: address and length must be multiples of 2 MiB`)
    if (this.segments.touches(firstPage, lastPage)) throw new HardwareError('EEXIST', `${hex(address)}+${hex(length)} is mapped already`)
    const npages = lastPage - firstPage + 1
    const frames = makeFrames(this.physical, npages, options.placement ?? this.#placement, huge)
    if (huge) for (let page = 0; page < npages; page += HUGE_PAGE_FRAMES) this.physical.markHuge(frameAt(frames, page), HUGE_PAGE_FRAMES)
    this.segments.insert({ firstPage, lastPage, level: PROTECTION_LEVEL[prot], huge, frames, framesFrom: 0 })
  }

  /** Unmaps what is mapped of the range; holes are fine. Pins already made stay. */
  munmap(address: bigint | number, length: bigint | number): void {
    const { firstPage, lastPage } = pageRange(address, length)
    this.segments.remove(firstPage, lastPage)
  }

  /** Changes what the pages of a range allow. Pins already made stay. Throws ENOMEM, having changed nothing, when a page of it is not mapped. */
  protect(address: bigint | number, length: bigint | number, prot: Protection): void {
    const { firstPage, lastPage } = pageRange(address, length)
    checkProtection(prot)
    if (!this.segments.covers(firstPage, lastPage))
      throw new HardwareError('ENOMEM', `${hex(address)}+${hex(length)} is not mapped everywhere`)
    this.segments.replace(firstPage, lastPage, (part) => ({ ...part, level: PROTECTION_LEVEL[prot] }))
  }

  /** Makes every later pin call return fewer pages: at most `npages`, or random 1..max (default 8) drawn from `seed`; undefined ends it. */
  injectShortPins(how: ShortPins | undefined): void {
    this.#random = 0
    if (how === undefined) this.#shortMax = Infinity
    else if ('npages' in how) this.#shortMax = toInteger(how.npages, 'npages', 1, Number.MAX_SAFE_INTEGER)
    else {
      this.#shortMax = toInteger(how.max ?? 8, 'max', 1, Number.MAX_SAFE_INTEGER)
      this.#random = toInteger(how.seed, 'seed', 1, 0xffff_ffff)
    }
  }

  /** Copies into `out`. Throws EFAULT at the first page that cannot be read, having copied all before it. */
  read(address: bigint | number, out: Uint8Array): void {
    const from = toU64(address, 'address')
    this.#copy(pageOf(from), Number(from & 4095n), out, false, PROTECTION_LEVEL.r)
  }

  /** Copies `data` into memory. Throws EFAULT at the first page that cannot be written, having written all before it. */
  write(address: bigint | number, data: Uint8Array): void {
    const to = toU64(address, 'address')
    this.#copy(pageOf(to), Number(to & 4095n), data, true, PROTECTION_LEVEL.rw)
  }

  /** As {@link read}, whatever the protection: for the owner of the test, not for the program under test. */
  peek(address: bigint | number, out: Uint8Array): void {
    const from = toU64(address, 'address')
    this.#copy(pageOf(from), Number(from & 4095n), out, false, PROTECTION_LEVEL.none)
  }

  /** As {@link write}, whatever the protection. */
  poke(address: bigint | number, data: Uint8Array): void {
    const to = toU64(address, 'address')
    this.#copy(pageOf(to), Number(to & 4095n), data, true, PROTECTION_LEVEL.none)
  }

  /** The `npages` pages from the page-aligned `base` on, to be pinned. Nothing is checked against the mapping. O(1). */
  pageSource(base: bigint | number, npages: number): UserPages {
    const from = toU64(base, 'base')
    if ((from & 4095n) !== 0n) throw new RangeError(`base ${hex(from)} is not a multiple of ${PAGE_SIZE}`)
    const basePage = pageOf(from)
    toInteger(npages, 'npages', 1, 2 ** 52 - basePage)
    return new UserPages(this, basePage, npages)
  }

  /** Frame behind the page that holds `address`; undefined when it is not mapped or allows nothing. */
  pfnOf(address: bigint | number): number | undefined {
    return this.#frameOf(address, PROTECTION_LEVEL.r)
  }

  /** Frame behind a page whatever its protection; undefined when it is not mapped. */
  frameOf(address: bigint | number): number | undefined {
    return this.#frameOf(address, PROTECTION_LEVEL.none)
  }

  /** Whether the page that holds `address` belongs to a huge page. */
  isHugePage(address: bigint | number): boolean {
    return this.segments.holding(pageOf(toU64(address, 'address')))?.huge ?? false
  }

  /** Internal: how many pages a pin of `npages` may return under the injected short pins. */
  shortened(npages: number): number {
    if (this.#random === 0) return Math.min(npages, this.#shortMax)
    let x = this.#random
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#random = x >>> 0
    return Math.min(npages, 1 + (this.#random % this.#shortMax))
  }

  /** Internal: direct reads of a page source. */
  readPages(basePage: number, byteOffset: number, out: Uint8Array): void {
    toInteger(byteOffset, 'byteOffset', 0, Number.MAX_SAFE_INTEGER)
    this.#copy(basePage + Math.floor(byteOffset / PAGE_SIZE), byteOffset % PAGE_SIZE, out, false, PROTECTION_LEVEL.r)
  }

  /** Internal: direct writes of a page source. */
  writePages(basePage: number, byteOffset: number, data: Uint8Array): void {
    toInteger(byteOffset, 'byteOffset', 0, Number.MAX_SAFE_INTEGER)
    this.#copy(basePage + Math.floor(byteOffset / PAGE_SIZE), byteOffset % PAGE_SIZE, data, true, PROTECTION_LEVEL.rw)
  }

  #frameOf(address: bigint | number, need: number): number | undefined {
    const page = pageOf(toU64(address, 'address'))
    const segment = this.segments.holding(page)
    return segment === undefined || segment.level < need ? undefined : frameOfPage(segment, page)
  }

  #copy(firstPage: number, offsetInPage: number, bytes: Uint8Array, write: boolean, need: number): void {
    let page = firstPage
    let from = offsetInPage
    for (let done = 0; done < bytes.length; page++) {
      const segment = this.segments.holding(page)
      if (segment === undefined || segment.level < need)
        throw new HardwareError('EFAULT', `page ${hex(page)} is not mapped or not accessible for ${write ? 'write' : 'read'}`)
      const part = bytes.length - done <= PAGE_SIZE - from && done === 0 ? bytes : bytes.subarray(done, done + PAGE_SIZE - from)
      const pfn = frameOfPage(segment, page)
      if (write) this.physical.copyIn(pfn, from, part)
      else this.physical.copyOut(pfn, from, part)
      done += part.length
      from = 0
    }
  }
}

function frameOfPage(segment: Segment, page: number): number {
  return frameAt(segment.frames, segment.framesFrom + (page - segment.firstPage))
}

function checkProtection(prot: Protection): void {
  if (!Object.hasOwn(PROTECTION_LEVEL, prot)) throw new TypeError(`prot must be none, r or rw, got ${String(prot)}`)
}

function pageRange(address: bigint | number, length: bigint | number): { firstPage: number; lastPage: number } {
  const start = toU64(address, 'address')
  const bytes = toU64(length, 'length')
  if (bytes === 0n || (start & 4095n) !== 0n || (bytes & 4095n) !== 0n)
    throw new RangeError(`range ${hex(start)}+${hex(bytes)} is empty or not made of whole pages of ${PAGE_SIZE}`)
  const last = start + bytes - 1n
  if (last > U64_MAX) throw new RangeError(`range ${hex(start)}+${hex(bytes)} passes ${hex(U64_MAX)}`)
  return { firstPage: pageOf(start), lastPage: pageOf(last) }
}
