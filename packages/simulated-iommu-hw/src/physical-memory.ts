import { HardwareInvariantError } from './errors.ts'
import { hex, MAX_PFN, PAGE_SIZE, toInteger } from './numbers.ts'
import { REGION_BLOCK, REGION_FRAMES, REGION_MASK, REGION_SHIFT, Region } from './region.ts'

/** Frames whose bytes are allocated together. */
const CONTENT_FRAMES = 64

// Folded into the code, which imported constants are not.
const FRAMES = REGION_FRAMES
const SHIFT = REGION_SHIFT
const MASK = REGION_MASK

/** Options of {@link PhysicalMemory}. */
export interface PhysicalMemoryOptions {
  /** First frame that {@link PhysicalMemory.allocate} hands out; default 0x100000 (address 4 GiB). */
  readonly firstPfn?: number
}

/**
 * Frames of 4096 bytes, numbered 0 .. 2^40-1, each with a count of pins and lazily allocated bytes (zero until written).
 * Pins of whole aligned blocks of 512 frames cost O(1) a block, others O(1) a frame. Fits `FrameMemory` (spec pages-and-io-pagetable 4.2).
 * Frames are never handed out twice, so that a stale translation shows.
 */
export class PhysicalMemory {
  readonly #regions: (Region | undefined)[] = []
  readonly #contents = new Map<number, Uint8Array>()
  #pinnedTotal = 0
  #nextPfn: number

  constructor(options: PhysicalMemoryOptions = {}) {
    this.#nextPfn = toInteger(options.firstPfn ?? 0x100000, 'firstPfn', 0, MAX_PFN)
  }

  /** Pins held now, over all frames. */
  get pinnedTotal(): number {
    return this.#pinnedTotal
  }

  /** Frames whose bytes are allocated now, in chunks of 64. */
  get allocatedFrames(): number {
    return this.#contents.size * CONTENT_FRAMES
  }

  /**
   * Hands out `npfns` consecutive frames never handed out before, the first a multiple of `alignment` frames. The frame behind them is left out, so that
   * two allocations never touch. O(1). Throws RangeError when frames run out.
   */
  allocate(npfns: number, alignment = 1): number {
    toInteger(npfns, 'npfns', 1, MAX_PFN)
    toInteger(alignment, 'alignment', 1, MAX_PFN)
    const pfn = Math.ceil(this.#nextPfn / alignment) * alignment
    if (pfn + npfns > MAX_PFN) throw new RangeError(`npfns ${npfns} frames do not fit below frame ${hex(MAX_PFN)}`)
    this.#nextPfn = pfn + npfns + 1
    return pfn
  }

  /** Adds one pin to each of `npfns` frames from `pfn` on. Throws RangeError outside the frames there are. */
  pin(pfn: number, npfns: number): void {
    checkRun(pfn, npfns)
    this.pinKnown(pfn, npfns)
  }

  /** Internal: `pin` of frames whose numbers were checked when they were mapped. */
  pinKnown(pfn: number, npfns: number): void {
    this.#pinnedTotal += npfns
    if (npfns === 1) this.#region(pfn).pinOne(pfn & MASK)
    else this.#eachPart(pfn, npfns, pinPart)
  }

  /** Internal: `pinKnown` of frames list[from..past-1], one by one. */
  pinListed(list: Uint32Array | Float64Array, from: number, past: number): void {
    for (let at = from; at < past; ) {
      const number = regionOf(list[at]!)
      at = this.#region(list[at]!).pinListed(list, at, past, number * FRAMES)
    }
    this.#pinnedTotal += past - from
  }

  /** Removes one pin from each of `npfns` frames from `pfn` on. Throws {@link HardwareInvariantError}, having changed nothing, if one of them has none. */
  unpin(pfn: number, npfns: number): void {
    if (npfns === 1 && pfn >>> 0 === pfn) {
      const region = this.#regions[pfn >>> SHIFT]
      if (region === undefined || !region.unpinOne(pfn & MASK)) throw unpinned(pfn)
      this.#pinnedTotal--
      return
    }
    checkRun(pfn, npfns)
    this.#eachPart(pfn, npfns, checkPart)
    this.#eachPart(pfn, npfns, unpinPart)
    this.#pinnedTotal -= npfns
  }

  /** Pins held on one frame. O(1). */
  pinCount(pfn: number): number {
    toInteger(pfn, 'pfn', 0, MAX_PFN)
    const region = this.#regions[regionOf(pfn)]
    return region === undefined ? 0 : region.pinCount(pfn & MASK)
  }

  /** Every frame that holds a pin, ascending, with its count. For tests: O(frames of blocks ever touched). */
  *pinned(): Generator<{ pfn: number; pins: number }, void, undefined> {
    const numbers = Object.keys(this.#regions).map(Number)
    for (const number of numbers) {
      const region = this.#regions[number]
      for (let index = 0; region !== undefined && index < FRAMES; index++) {
        if (index % REGION_BLOCK === 0 && region.isIdle(index)) {
          index += REGION_BLOCK - 1
          continue
        }
        const pins = region.pinCount(index)
        if (pins !== 0) yield { pfn: number * FRAMES + index, pins }
      }
    }
  }

  /** Marks `npfns` frames as parts of huge (compound) pages; both numbers are multiples of 512. */
  markHuge(pfn: number, npfns: number): void {
    checkRun(pfn, npfns)
    if (pfn % REGION_BLOCK !== 0 || npfns % REGION_BLOCK !== 0)
      throw new RangeError(`huge frames ${pfn}+${npfns} are not multiples of ${REGION_BLOCK}`)
    for (let next = pfn; next < pfn + npfns; next += REGION_BLOCK) this.#region(next).markHuge(next & MASK)
  }

  /** Whether the frame is part of a huge (compound) page. */
  isHuge(pfn: number): boolean {
    toInteger(pfn, 'pfn', 0, MAX_PFN)
    const region = this.#regions[regionOf(pfn)]
    return region?.isHuge(pfn & MASK) ?? false
  }

  /** Copies bytes of one frame into `out`; `offsetInPage + out.length <= 4096`, else RangeError. Frames never written are zero. */
  copyOut(pfn: number, offsetInPage: number, out: Uint8Array): void {
    checkBytes(pfn, offsetInPage, out.length)
    const chunk = this.#contents.get(Math.floor(pfn / CONTENT_FRAMES))
    if (chunk === undefined) {
      out.fill(0)
      return
    }
    const from = (pfn % CONTENT_FRAMES) * PAGE_SIZE + offsetInPage
    out.set(chunk.subarray(from, from + out.length))
  }

  /** Copies `data` into one frame; `offsetInPage + data.length <= 4096`, else RangeError. Allocates the frame's bytes on first use. */
  copyIn(pfn: number, offsetInPage: number, data: Uint8Array): void {
    checkBytes(pfn, offsetInPage, data.length)
    const key = Math.floor(pfn / CONTENT_FRAMES)
    let chunk = this.#contents.get(key)
    if (chunk === undefined) {
      chunk = new Uint8Array(CONTENT_FRAMES * PAGE_SIZE)
      this.#contents.set(key, chunk)
    }
    chunk.set(data, (pfn % CONTENT_FRAMES) * PAGE_SIZE + offsetInPage)
  }

  /** The run, cut where regions of 2^21 frames meet. */
  #eachPart(pfn: number, npfns: number, visit: (region: Region, first: number, npart: number, pfn: number) => void): void {
    for (let next = pfn, left = npfns; left > 0; ) {
      const first = next & MASK
      const npart = Math.min(left, FRAMES - first)
      visit(this.#region(next), first, npart, next)
      next += npart
      left -= npart
    }
  }

  #region(pfn: number): Region {
    const number = regionOf(pfn)
    return this.#regions[number] ?? (this.#regions[number] = new Region())
  }
}

function pinPart(region: Region, first: number, npart: number): void {
  region.pinRun(first, npart)
}

function unpinPart(region: Region, first: number, npart: number): void {
  region.unpinRun(first, npart)
}

function checkPart(region: Region, first: number, npart: number, pfn: number): void {
  const bad = region.firstUnpinned(first, npart)
  if (bad >= 0) throw unpinned(pfn - first + bad)
}

/** Number of the region that holds a frame. */
function regionOf(pfn: number): number {
  return pfn < 4294967296 ? pfn >>> SHIFT : Math.floor(pfn / FRAMES)
}

/** One range check a run: the hot paths call with numbers that came from this class. */
function checkRun(pfn: number, npfns: number): void {
  if (pfn >= 0 && npfns >= 1 && pfn + npfns - 1 <= MAX_PFN && Number.isInteger(pfn) && Number.isInteger(npfns)) return
  toInteger(pfn, 'pfn', 0, MAX_PFN)
  toInteger(npfns, 'npfns', 1, MAX_PFN - pfn + 1)
}

function checkBytes(pfn: number, offsetInPage: number, length: number): void {
  toInteger(pfn, 'pfn', 0, MAX_PFN)
  toInteger(offsetInPage, 'offsetInPage', 0, PAGE_SIZE)
  if (offsetInPage + length > PAGE_SIZE)
    throw new RangeError(`bytes ${offsetInPage}+${length} of frame ${hex(pfn)} pass the frame's end ${PAGE_SIZE}`)
}

function unpinned(pfn: number): HardwareInvariantError {
  return new HardwareInvariantError(`unpin of frame ${hex(pfn)}, which has no pin`)
}
