import type { Pages } from './pages.ts'
import type { IommuDomain } from './ports.ts'
import { checkInteger, describe, HI, hexU64, joinU64, LO, splitU64, words } from './u64.ts'
import { INDEX_MAX, PAGE_SIZE, PAGES_PER_WORD, PROT_ALL, WORD, WORD_MAX } from './units.ts'

/** What {@link Area.at} is made from. */
export interface AreaPlace {
  /** First IOVA, 0 .. 2^64-1. */
  readonly iova: bigint | number
  /** Bytes, 1 .. 2^64. */
  readonly length: bigint | number
  /** Where the area begins in its Pages, in bytes from page 0. */
  readonly startByte: bigint | number
  /** 1 read, 2 write, 4 cache. */
  readonly prot: number
}

/**
 * An IOVA range and the slice of a Pages that lies under it (spec pages-and-io-pagetable A1). `iova` and `pageOffset` are independent:
 * `iova` need not lie in its page where the bytes do, and the first and the last page may be shared with other areas.
 * IOVAs are kept as words, so that a range may end at 2^64-1 and no hot path needs a bigint. The functions of this package keep
 * `storageDomain`, `storageHandle` and `numAccesses`; the owner of the area keeps `pages` and `preventAccess`.
 */
export class Area {
  /** Pages of the slice, both inclusive. */
  declare readonly firstIndex: number
  declare readonly lastIndex: number
  /** Bytes of page `firstIndex` in front of the area, 0..4095. */
  declare readonly pageOffset: number
  /** 1 read, 2 write, 4 cache. */
  declare readonly prot: number
  /** Undefined while the area is being built or taken down. */
  pages: Pages | undefined = undefined
  /** The domain that PFNs of this area are read back from; defined exactly while the area is counted among the areas of its Pages (A11). */
  storageDomain: IommuDomain | undefined = undefined
  /** Internal: where the area is kept in its Pages. */
  storageHandle = -1
  /** An unmap waits: no new access may pin it. */
  preventAccess = false
  /** Access pins through this area. */
  numAccesses = 0
  // As signed words, which V8 keeps in the object itself; unsigned ones above 2^31 would be a heap number each.
  readonly #iovaHi: number
  readonly #iovaLo: number
  readonly #lastHi: number
  readonly #lastLo: number

  /**
   * From words, for callers that have them: first and last IOVA (inclusive), page indexes (inclusive). O(1).
   * @throws {TypeError} what is no number. {RangeError} a value out of range, or bounds that do not agree with each other.
   */
  constructor(
    iovaHi: number,
    iovaLo: number,
    lastHi: number,
    lastLo: number,
    firstIndex: number,
    lastIndex: number,
    pageOffset: number,
    prot: number,
  ) {
    this.#iovaHi = iovaHi | 0
    this.#iovaLo = iovaLo | 0
    this.#lastHi = lastHi | 0
    this.#lastLo = lastLo | 0
    this.firstIndex = firstIndex
    this.lastIndex = lastIndex
    this.pageOffset = pageOffset
    this.prot = prot
    const words = iovaHi >>> 0 === iovaHi && iovaLo >>> 0 === iovaLo && lastHi >>> 0 === lastHi && lastLo >>> 0 === lastLo
    const rest = pageOffset >>> 0 === pageOffset && pageOffset < PAGE_SIZE && prot >>> 0 === prot && prot <= PROT_ALL
    const spanned = (lastHi - iovaHi) * PAGES_PER_WORD + Math.floor((lastLo - iovaLo + pageOffset) / PAGE_SIZE)
    const indexes = firstIndex >= 0 && lastIndex < INDEX_MAX && firstIndex + spanned === lastIndex && Number.isInteger(firstIndex)
    const ordered = lastHi > iovaHi || (lastHi === iovaHi && lastLo >= iovaLo)
    if (!(words && rest && indexes && ordered)) throw refusal(iovaHi, iovaLo, lastHi, lastLo, firstIndex, lastIndex, pageOffset, prot)
  }

  /**
   * From bytes, for everybody else. O(1).
   * @throws {TypeError} what is no integer. {RangeError} an empty range, or one that passes 2^64-1.
   */
  static at(place: AreaPlace): Area {
    if (typeof place !== 'object' || place === null) throw new TypeError(`an area is made from an object, got ${describe(place)}`)
    const { prot } = place
    splitU64(place.iova, 'iova')
    const iovaHi = words[HI]!
    const iovaLo = words[LO]!
    splitU64(place.startByte, 'startByte')
    const firstIndex = words[HI]! * PAGES_PER_WORD + Math.floor(words[LO]! / PAGE_SIZE)
    const pageOffset = words[LO]! % PAGE_SIZE
    if (typeof place.length === 'number') checkInteger(place.length, 'length', 1, Number.MAX_SAFE_INTEGER)
    const length = BigInt(place.length)
    const last = joinU64(iovaHi, iovaLo) + length - 1n
    if (length < 1n || last > 2n ** 64n - 1n)
      throw new RangeError(`length must keep the area in 2^64 bytes, got ${length} at ${place.iova}`)
    splitU64(last, 'last')
    const lastHi = words[HI]!
    const lastLo = words[LO]!
    const npages = (lastHi - iovaHi) * PAGES_PER_WORD + Math.floor((lastLo - iovaLo + pageOffset) / PAGE_SIZE)
    return new Area(iovaHi, iovaLo, lastHi, lastLo, firstIndex, firstIndex + npages, pageOffset, prot)
  }

  /** High word of the first IOVA. */
  get iovaHi(): number {
    return this.#iovaHi >>> 0
  }

  /** Low word of the first IOVA. */
  get iovaLo(): number {
    return this.#iovaLo >>> 0
  }

  /** High word of the last IOVA, inclusive. */
  get lastHi(): number {
    return this.#lastHi >>> 0
  }

  /** Low word of the last IOVA, inclusive. */
  get lastLo(): number {
    return this.#lastLo >>> 0
  }

  /** First IOVA. */
  get iova(): bigint {
    return joinU64(this.iovaHi, this.iovaLo)
  }

  /** Last IOVA, inclusive. */
  get lastIova(): bigint {
    return joinU64(this.lastHi, this.lastLo)
  }

  /** Bytes, 1 .. 2^64. */
  get length(): bigint {
    return this.lastIova - this.iova + 1n
  }

  /** Byte of the Pages under IOVA `x` of the area. @throws {RangeError} `x` is not in the area. */
  startByte(x: bigint): bigint {
    if (typeof x !== 'bigint') throw new TypeError(`x must be a bigint, got ${describe(x)}`)
    const iova = this.iova
    if (x < iova || x > this.lastIova) throw new RangeError(`x must be in ${iova}..${this.lastIova}, got ${x}`)
    return x - iova + BigInt(this.pageOffset) + BigInt(this.firstIndex) * BigInt(PAGE_SIZE)
  }

  /** Page under IOVA `x` of the area. @throws {RangeError} `x` is not in the area. */
  indexOf(x: bigint): number {
    return Number(this.startByte(x) / BigInt(PAGE_SIZE))
  }

  /** First IOVA that belongs to page `index`. @throws {RangeError} the page is not in the area. */
  iovaOf(index: number): bigint {
    this.#checkIndex(index)
    const lo = this.lowOf(index)
    return joinU64(this.highOf(index, lo), lo >>> 0)
  }

  /** Last IOVA that belongs to page `index`, inclusive. @throws {RangeError} the page is not in the area. */
  iovaLastOf(index: number): bigint {
    this.#checkIndex(index)
    return index === this.lastIndex ? this.lastIova : this.iovaOf(index + 1) - 1n
  }

  /** As `indexOf` for the words of an IOVA that is known to be in the area. */
  indexAt(hi: number, lo: number): number {
    return this.firstIndex + (hi - this.iovaHi) * PAGES_PER_WORD + Math.floor((lo - this.iovaLo + this.pageOffset) / PAGE_SIZE)
  }

  /** Bytes of its page in front of an IOVA that is known to be in the area, by the low word of the IOVA. */
  offsetAt(lo: number): number {
    return (lo - this.iovaLo + this.pageOffset) & (PAGE_SIZE - 1)
  }

  /** Low word of `iovaOf(index)` for a page that is known to be in the area; the sum before it is cut off, which {@link highOf} needs. */
  lowOf(index: number): number {
    // All is read on both ways: what only the first page of a map reads, V8 has not seen when it compiles for the others.
    const { iovaLo, pageOffset, firstIndex } = this
    return index === firstIndex ? iovaLo : iovaLo - pageOffset + ((index - firstIndex) % PAGES_PER_WORD) * PAGE_SIZE
  }

  /** High word of `iovaOf(index)`; `low` is what {@link lowOf} gave. */
  highOf(index: number, low: number): number {
    return this.iovaHi + Math.floor((index - this.firstIndex) / PAGES_PER_WORD) + Math.floor(low / WORD)
  }

  #checkIndex(index: number): void {
    checkInteger(index, 'index', this.firstIndex, this.lastIndex)
  }
}

/** Says what is wrong with the numbers of an area; kept out of the constructor's way. */
function refusal(
  iovaHi: number,
  iovaLo: number,
  lastHi: number,
  lastLo: number,
  firstIndex: number,
  lastIndex: number,
  pageOffset: number,
  prot: number,
): Error {
  const parts = { iovaHi, iovaLo, lastHi, lastLo, firstIndex, lastIndex, pageOffset, prot }
  const limits: Readonly<Record<string, number>> = {
    firstIndex: INDEX_MAX - 1,
    lastIndex: INDEX_MAX - 1,
    pageOffset: PAGE_SIZE - 1,
    prot: PROT_ALL,
  }
  try {
    for (const [name, value] of Object.entries(parts)) checkInteger(value, name, 0, limits[name] ?? WORD_MAX)
  } catch (error) {
    return error as Error
  }
  const range = `${hexU64(iovaHi, iovaLo)}..${hexU64(lastHi, lastLo)}`
  return new RangeError(`an area ${range} that begins ${pageOffset} bytes into page ${firstIndex} does not end in page ${lastIndex}`)
}
