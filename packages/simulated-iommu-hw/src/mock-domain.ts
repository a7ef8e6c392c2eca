import { checkAperture, type DirtyTracking, type IovaRange } from './domain-options.ts'
import { HardwareError, HardwareInvariantError } from './errors.ts'
import { FaultPoint } from './fault-point.ts'
import { MockDirty } from './mock-dirty.ts'
import { MockWords, WORD_DIRTY, WORD_HUGE, WORD_START_LAST } from './mock-words.ts'
import { hex, hiOf, loOf, TWO_32, toU64 } from './numbers.ts'
import { PageSizeChooser, sizesOf } from './page-size.ts'
import { keepResident } from './resident.ts'
import type { RunSink } from './run-gatherer.ts'

// Folded into the code, which an imported constant is not.
const WORD = TWO_32

/** What the kernel's mock shouts about without failing. */
export type MockWarningKind = 'overwrite' | 'cut-point' | 'absent-unmap' | 'absent-lookup' | 'unaligned-lookup' | 'outside-aperture'

/** One thing the kernel would have shouted about. */
export interface MockWarning {
  readonly kind: MockWarningKind
  readonly message: string
}

/** Options of {@link MockDomain}. */
export interface MockDomainOptions {
  /** Allow huge pages of 512 mock pages (device flag HUGE_IOVA); default false. */
  readonly hugePages?: boolean
  /** Make a domain with dirty operations; default false. */
  readonly dirtyTracking?: boolean
  /** Whether a nested domain may stand on it; default false. Only remembered. */
  readonly nestParent?: boolean
  /** Throw {@link HardwareInvariantError} where the kernel would warn about its caller, and for unmapping what is not mapped; default false. */
  readonly strict?: boolean
  /** Default 0x1000000 .. 0x7fffffff. */
  readonly aperture?: IovaRange
  /** Bytes of a mock page, 2048 (default) or 4096. */
  readonly ioPageSize?: 2048 | 4096
  /** Counts rounds of a map and makes the n-th one fail; default one of its own. */
  readonly mapFault?: FaultPoint
}

/** What one mock page holds. */
export interface MockEntry {
  readonly phys: bigint
  /** First or last mock page of one round of a map call. */
  readonly startOrLast: boolean
  readonly dirty: boolean
  readonly huge: boolean
}

const DEFAULT_APERTURE: IovaRange = { start: 0x100_0000n, last: 0x7fff_ffffn }
const PHYS_LIMIT = 2 ** 52

/**
 * The mock IOMMU of spec simulated-iommu-hw 1.1: a flat map from mock page to physical address and flags, exact in its START/LAST, DIRTY and HUGE bits.
 * Fits the port `IommuDomain`. `map` and `unmap` choose page sizes as section 4.1 says. All costs are O(mock pages of the range) unless said.
 */
export class MockDomain {
  readonly pgsizeBitmap: bigint
  readonly aperture: IovaRange
  /** Absent when the domain was made without dirty operations. */
  readonly dirty?: DirtyTracking
  readonly nestParent: boolean
  /** Bytes of a mock page. */
  readonly ioPageSize: number = 2048
  readonly mapFault: FaultPoint
  /** The first 100 things that the kernel would have shouted about. */
  readonly warnings: MockWarning[] = []
  warningCount = 0
  mapCalls = 0
  unmapCalls = 0
  flushes = 0
  /** Internal: read by the dirty walk, the test operations and the checker. */
  readonly table: MockWords = new MockWords()
  // These begin with a value of their kind: V8 checks at each use what a field holds that has held undefined.
  /** Mock pages a byte, by which a product costs less than a quotient by `ioPageSize`. */
  readonly #unitsAByte: number = 0.5
  readonly #strict: boolean = false
  readonly #hugePages: boolean = false
  readonly #chooser: PageSizeChooser
  /** The aperture in mock pages. */
  readonly #apertureFirst: number = 0
  readonly #aperturePast: number = 0

  constructor(options: MockDomainOptions = {}) {
    this.ioPageSize = options.ioPageSize ?? 2048
    if (this.ioPageSize !== 2048 && this.ioPageSize !== 4096) throw new RangeError(`ioPageSize ${this.ioPageSize} is neither 2048 nor 4096`)
    this.#unitsAByte = 1 / this.ioPageSize
    this.aperture = options.aperture === undefined ? DEFAULT_APERTURE : checkAperture(options.aperture)
    this.#hugePages = options.hugePages === true
    this.pgsizeBitmap = BigInt(this.ioPageSize) | (this.#hugePages ? BigInt(this.ioPageSize * 512) : 0n)
    this.#chooser = new PageSizeChooser(sizesOf(this.pgsizeBitmap))
    this.#apertureFirst = Math.ceil(Number(this.aperture.start) / this.ioPageSize)
    this.#aperturePast = Number((this.aperture.last + 1n) / BigInt(this.ioPageSize))
    this.#strict = options.strict === true
    this.nestParent = options.nestParent === true
    this.mapFault = options.mapFault ?? new FaultPoint('map', 'ENOENT')
    if (options.dirtyTracking === true) this.dirty = new MockDirty(this.table, this.ioPageSize)
  }

  /** Mock pages mapped now. */
  get mappedIoPages(): number {
    return this.table.words.size
  }

  /**
   * Maps a range; all or nothing. EINVAL unless iova, phys and length are multiples of the mock page; length 0 maps nothing. Overwriting is a warning
   * (the old entries are lost), in strict mode an error. `prot` is not stored. Spec 4.2, 1.1.
   */
  map(iova: bigint, phys: bigint, length: bigint, prot: number): void {
    toU64(iova, 'iova')
    if (toU64(phys, 'phys') >= BigInt(PHYS_LIMIT)) throw new RangeError(`phys ${hex(phys)} is above 2^52-1`)
    this.mapAt(hiOf(iova), loOf(iova), Number(phys), Number(toU64(length, 'length')), prot)
  }

  /** As {@link map}, the IOVA as two u32, `phys` below 2^52, `length` a safe integer. */
  mapAt(iovaHi: number, iovaLo: number, phys: number, length: number, _prot: number): void {
    this.mapCalls++
    const unit = this.ioPageSize
    // Masks work on the low 32 bits of a double; the remainder of a double would cost more than the rest of a small map.
    if (((iovaLo | phys | length) & (unit - 1)) !== 0 || Math.floor(phys) !== phys || Math.floor(length) !== length)
      throw new HardwareError('EINVAL', `map of ${range(iovaHi, iovaLo, length)} to ${hex(phys)}: not multiples of ${unit}`)
    const units = this.#unitsAByte
    const first = (iovaHi * WORD + iovaLo) * units
    const total = length * units
    if (!(phys >= 0 && phys + length <= PHYS_LIMIT && length >= 0 && first <= WORD * WORD * units - total))
      throw new RangeError(`map of ${range(iovaHi, iovaLo, length)} to ${hex(phys)} passes 2^64-1 or the 52 bits of an address`)
    if (first < this.#apertureFirst || first + total > this.#aperturePast)
      this.#warn('outside-aperture', `map of ${range(iovaHi, iovaLo, length)} outside ${this.aperture.start}..${this.aperture.last}`)
    if (this.#hugePages === true) this.#mapRounds(first, phys * units, total)
    else if (total !== 0) this.#mapPages(first, phys * units, 1, total)
  }

  /** Removes a range, whether mapped or not, and returns its length; 0, and nothing is removed, unless iova and length are multiples of the mock page. Spec 4.3, 1.1. */
  unmap(iova: bigint, length: bigint): bigint {
    toU64(iova, 'iova')
    return BigInt(this.unmapAt(hiOf(iova), loOf(iova), Number(toU64(length, 'length'))))
  }

  /** As {@link unmap}, the IOVA as two u32. Checks, as a warning, that a domain of one page size is unmapped exactly at boundaries of map calls. */
  unmapAt(iovaHi: number, iovaLo: number, length: number): number {
    this.unmapCalls++
    const unit = this.ioPageSize
    if (((iovaLo | length) & (unit - 1)) !== 0 || !(length > 0) || Math.floor(length) !== length) return 0
    const first = (iovaHi * WORD + iovaLo) / unit
    const total = length / unit
    if (this.#strict && this.table.present(first, total) !== total)
      this.#warn('absent-unmap', `unmap of ${range(iovaHi, iovaLo, length)}, which is not mapped everywhere`)
    if (!this.#hugePages && !(this.#isCutPoint(first) && this.#isCutPoint(first + total - 1)))
      this.#warn('cut-point', `unmap of ${range(iovaHi, iovaLo, length)} does not begin and end where map calls began and ended`)
    this.table.erase(first, total)
    return length
  }

  /** Physical address of the byte at `iova`; undefined, with a warning that never throws, when it is not mapped. O(1). */
  iovaToPhys(iova: bigint): bigint | undefined {
    toU64(iova, 'iova')
    const lo = loOf(iova)
    const inUnit = lo % this.ioPageSize
    if (inUnit !== 0) this.#note('unaligned-lookup', `lookup of ${hex(iova)}, which is not a multiple of ${this.ioPageSize}`)
    const address = this.table.address(this.#key(hiOf(iova), lo))
    if (address < 0) {
      this.#note('absent-lookup', `lookup of ${hex(iova)}, which is not mapped`)
      return undefined
    }
    return BigInt(address * this.ioPageSize + inUnit)
  }

  /** Reads `npages` frames back as runs, see {@link readRunsAt}. */
  readRuns(iova: bigint, npages: number, into: RunSink): number {
    toU64(iova, 'iova')
    return this.readRunsAt(hiOf(iova), loOf(iova), npages, into)
  }

  /**
   * Reads `npages` frames back as maximal runs: first the frame that holds the byte at the IOVA, then each next frame from where the physical address is
   * page aligned again. Stops when `into` refuses, or at an IOVA that is not mapped (a warning that never throws). Returns the frames added. O(frames).
   */
  readRunsAt(iovaHi: number, iovaLo: number, npages: number, into: RunSink): number {
    const unit = this.ioPageSize
    const unitsAPage = 4096 / unit
    let key = this.#key(iovaHi, iovaLo)
    let added = 0
    let runPfn = 0
    let npfns = 0
    for (let page = 0; page < npages; page++) {
      const address = this.table.address(key)
      if (address < 0) {
        this.#note('absent-lookup', `read back of mock page ${hex(key)}, which is not mapped`)
        break
      }
      const inPage = address & (unitsAPage - 1)
      const pfn = (address - inPage) / unitsAPage
      if (npfns > 0 && pfn === runPfn + npfns) npfns++
      else {
        if (npfns > 0) {
          if (!into.add(runPfn, npfns)) return added
          added += npfns
        }
        runPfn = pfn
        npfns = 1
      }
      key += unitsAPage - inPage
    }
    if (npfns > 0 && into.add(runPfn, npfns)) added += npfns
    return added
  }

  /** Counted; the mock has no translation cache. */
  flush(): void {
    this.flushes++
  }

  /** What the mock page that holds `iova` stores; undefined when it is not mapped. Never warns. */
  entryAt(iova: bigint | number): MockEntry | undefined {
    const at = toU64(iova, 'iova')
    const key = this.#key(hiOf(at), loOf(at))
    const hi = this.table.high(key)
    if (hi === 0) return undefined
    return {
      phys: BigInt(this.table.address(key) * this.ioPageSize),
      startOrLast: (hi & WORD_START_LAST) !== 0,
      dirty: (hi & WORD_DIRTY) !== 0,
      huge: (hi & WORD_HUGE) !== 0,
    }
  }

  /** Internal: sets DIRTY on the entry with this number (not its IOVA: spec 1.1, dirty injection); false when there is none. */
  markDirtyKey(key: number): boolean {
    return this.table.addFlags(key, WORD_DIRTY)
  }

  /** Tears the domain down. A mapping left behind is a warning, in strict mode an error. */
  free(): void {
    const left = this.mappedIoPages
    if (left !== 0) this.#warn('absent-unmap', `domain freed with ${left} mock pages mapped`)
  }

  /** The rounds of spec 4.2, which undo each other. */
  #mapRounds(first: number, address: number, total: number): void {
    const chooser = this.#chooser
    for (let done = 0; done < total; ) {
      chooser.choose(first + done, address + done, total - done)
      try {
        this.#mapPages(first + done, address + done, chooser.pgsize, chooser.npages)
      } catch (error) {
        this.table.erase(first, done)
        throw error
      }
      done += chooser.pgsize * chooser.npages
    }
  }

  /** One call of the mock's map operation: START on the first mock page, LAST on the last, HUGE when the page size is not the mock page. */
  #mapPages(first: number, address: number, pgsize: number, npages: number): void {
    this.mapFault.pass()
    const total = pgsize * npages
    if (this.#strict === true && this.table.present(first, total) !== 0)
      this.#warn('overwrite', `map of mock pages ${hex(first)}+${hex(total)}, some of which are mapped`)
    const overwritten = this.table.store(first, address, total, pgsize === 1 ? 0 : WORD_HUGE, WORD_START_LAST)
    if (overwritten !== 0) this.#warn('overwrite', `map of mock pages ${hex(first)}+${hex(total)}, of which ${overwritten} were mapped`)
  }

  #key(iovaHi: number, iovaLo: number): number {
    return (iovaHi * WORD) / this.ioPageSize + Math.floor(iovaLo / this.ioPageSize)
  }

  /** Absent entries are not checked, as in the original. */
  #isCutPoint(key: number): boolean {
    const hi = this.table.high(key)
    return hi === 0 || (hi & WORD_START_LAST) !== 0
  }

  #warn(kind: MockWarningKind, message: string): void {
    this.#note(kind, message)
    if (this.#strict) throw new HardwareInvariantError(message)
  }

  #note(kind: MockWarningKind, message: string): void {
    this.warningCount++
    if (this.warnings.length < 100) this.warnings.push({ kind, message })
  }
}

function range(iovaHi: number, iovaLo: number, length: number): string {
  return `${hex(iovaHi * WORD + iovaLo)}+${hex(length)}`
}

// With dirty operations, and with one table in use.
const resident = new MockDomain({ dirtyTracking: true })
resident.mapAt(0, 0x100_0000, 0, resident.ioPageSize, 0)
keepResident(resident)
