import { FastPath } from './fast-path.ts'
import {
  checkNumber,
  checkU32,
  HI,
  halves,
  hex,
  joinU64,
  LO,
  MAX_U32,
  MAX_U64,
  splitLength,
  splitU64,
  TWO_POW_32,
  TWO_POW_64,
  toU64,
  type U64,
} from './u64.ts'

/** What a bitmap covers (spec data-structures 3.3, 3.4). Exactly one of `length` and `last` is given. */
export interface CoveredRange {
  /** First byte covered; the grid of pages starts here. */
  readonly iova: U64
  /** Bytes covered, 1 .. 2^64. */
  readonly length?: U64 | undefined
  /** Last byte covered, inclusive. */
  readonly last?: U64 | undefined
  /** Bytes a bit stands for: a power of two, 1 .. 2^63. */
  readonly pageSize: U64
}

/** More bits than this would not be numbered by safe integers: a bitmap of one pebibyte. */
const NPAGES_MAX = 2 ** 53

/**
 * The arithmetic between addresses and bits, and nothing else. Bit b stands for `[base + b * pageSize, base + (b + 1) * pageSize - 1]`, cut at the
 * covered range's last byte. Addresses are u32 halves inside; bit numbers are safe integers.
 * The `clip…` methods answer in the fields `first` and `last`, valid until the next call: no object is made a call.
 */
export class Geometry {
  readonly iova: bigint
  readonly lastIova: bigint
  readonly pageSize: bigint
  readonly pageShift: number = 0
  /** Bits of the bitmap, 1 .. 2^53. */
  readonly npages: number = 0
  /** Bytes of the bitmap, `ceil(npages / 8)`. */
  readonly nbytes: number = 0
  /** Bits that a clip found: first and last, inclusive. */
  first = 0
  last = -1
  readonly #strict: boolean
  #baseHi = 0
  #baseLo = 0
  #lastHi = 0
  #lastLo = 0
  #pageBytes = 1

  constructor(range: CoveredRange, strict: boolean) {
    this.iova = toU64(range.iova, 'iova')
    this.pageSize = toU64(range.pageSize, 'pageSize')
    this.lastIova = lastOf(this.iova, range)
    if (this.pageSize === 0n || (this.pageSize & (this.pageSize - 1n)) !== 0n) {
      throw new RangeError(`pageSize is ${this.pageSize}, not a power of two in 1..2^63`)
    }
    if (strict && this.iova % this.pageSize !== 0n) {
      throw new RangeError(`strict: iova ${hex(this.iova)} is not a multiple of the page size ${hex(this.pageSize)}`)
    }
    this.pageShift = this.pageSize.toString(2).length - 1
    this.npages = Number(((this.lastIova - this.iova) >> BigInt(this.pageShift)) + 1n)
    if (this.npages > NPAGES_MAX) throw new RangeError(`the range has ${this.npages} pages, more than 2^53: take a larger pageSize`)
    this.nbytes = Math.ceil(this.npages / 8)
    splitU64(this.iova, 'iova')
    this.#baseHi = halves[HI]!
    this.#baseLo = halves[LO]!
    splitU64(this.lastIova, 'last')
    this.#lastHi = halves[HI]!
    this.#lastLo = halves[LO]!
    this.#pageBytes = Number(this.pageSize)
    this.#strict = strict
  }

  /** The short way of sets in a bitmap of this geometry. */
  fastPath(): FastPath {
    return new FastPath(this.#baseHi, this.#baseLo, this.pageShift, this.#strict)
  }

  /** Bits of the pages that `length` bytes from `iova` touch, cut to the covered range. False: none. */
  clip(iova: U64, length: U64): boolean {
    splitU64(iova, 'iova')
    const hi = halves[HI]!
    const lo = halves[LO]!
    if (typeof length === 'number') return this.clipAt(hi, lo, length)
    if (splitLength(length, 'length')) return this.#clipStrict(hi, lo, TWO_POW_32 + hi, lo - 1)
    const lengthHi = halves[HI]!
    const lengthLo = halves[LO]!
    if (lengthHi === 0 && lengthLo === 0) return false
    return this.#clipStrict(hi, lo, hi + lengthHi, lo + lengthLo - 1)
  }

  /** The same for an address in u32 halves and a length in safe numbers. */
  clipAt(iovaHi: number, iovaLo: number, length: number): boolean {
    checkU32(iovaHi, 'iovaHi')
    checkU32(iovaLo, 'iovaLo')
    checkNumber(length, 'length')
    if (length === 0) return false
    const less = length - 1
    return this.#clipStrict(iovaHi, iovaLo, iovaHi + Math.floor(less / TWO_POW_32), iovaLo + (less >>> 0))
  }

  /** `clip` where an absent `length` means up to the end of the covered range, and an absent `iova` its beginning. */
  clipOptional(iova: U64 | undefined, length: U64 | undefined): boolean {
    if (iova !== undefined && length !== undefined) return this.clip(iova, length)
    if (length !== undefined) throw new TypeError('a length without an iova')
    if (iova === undefined) return this.#set(0, this.npages - 1)
    splitU64(iova, 'iova')
    return this.#clipStrict(halves[HI]!, halves[LO]!, this.#lastHi, this.#lastLo)
  }

  /** Bits of the pages wholly inside `length` bytes from `iova`. */
  clipInward(iova: U64 | undefined, length: U64 | undefined): boolean {
    if (!this.clipOptional(iova, length)) return false
    if (iova === undefined) return true
    const begin = toU64(iova, 'iova')
    return this.shrinkTo(begin, length === undefined ? this.lastIova : begin + toU64(length, 'length', TWO_POW_64) - 1n)
  }

  /** Leaves out of `first`..`last` a page at either end that is not wholly inside the span. What the covered range cuts off a page does not count. */
  shrinkTo(iova: bigint, last: bigint): boolean {
    if (this.iovaOf(this.first) < iova) this.first += 1
    if (this.lastIovaOf(this.last) > last) this.last -= 1
    return this.first <= this.last
  }

  /** Whether all of `length >= 1` bytes from `iova` is covered. */
  isCovering(iova: U64, length: U64): boolean {
    const begin = BigInt(iova)
    return begin >= this.iova && begin + BigInt(length) - 1n <= this.lastIova
  }

  /** Bits touched by an inclusive span in u32 halves. A last low half above 2^32-1 carries; one of -1 is the end of the high half in front as it is. */
  clipSpan(hi: number, lo: number, lastHi: number, lastLo: number): boolean {
    if (lastLo > MAX_U32) {
      lastLo -= TWO_POW_32
      lastHi += 1
    }
    const startsBelow = hi < this.#baseHi || (hi === this.#baseHi && lo < this.#baseLo)
    const endsAbove = lastHi > this.#lastHi || (lastHi === this.#lastHi && lastLo > this.#lastLo)
    if (hi > this.#lastHi || (hi === this.#lastHi && lo > this.#lastLo)) return false
    if (lastHi < this.#baseHi || (lastHi === this.#baseHi && lastLo < this.#baseLo)) return false
    return this.#set(startsBelow ? 0 : this.#pageOf(hi, lo), endsAbove ? this.npages - 1 : this.#pageOf(lastHi, lastLo))
  }

  /** Whether the address is covered; its bit is then in `first`. */
  find(iova: U64): boolean {
    splitU64(iova, 'iova')
    const hi = halves[HI]!
    const lo = halves[LO]!
    return this.#clipStrict(hi, lo, hi, lo)
  }

  /** First address of a bit. */
  iovaOf(bit: number): bigint {
    return this.iova + (BigInt(bit) << BigInt(this.pageShift))
  }

  /** Last address of a bit, inclusive. */
  lastIovaOf(bit: number): bigint {
    return bit === this.npages - 1 ? this.lastIova : this.iovaOf(bit + 1) - 1n
  }

  /** Bytes that bits `first`..`last` stand for. */
  lengthOf(first: number, last: number): bigint {
    return this.lastIovaOf(last) - this.iovaOf(first) + 1n
  }

  /** Puts the first address of a bit into `halves`, without making a bigint. */
  splitIovaOf(bit: number): void {
    const relative = bit * this.#pageBytes // exact: a power of two times a safe integer
    const lo = (relative >>> 0) + this.#baseLo // `>>> 0` is the remainder by 2^32, exact also above 2^53
    halves[HI] = Math.floor(relative / TWO_POW_32) + this.#baseHi + (lo > MAX_U32 ? 1 : 0)
    halves[LO] = lo
  }

  /** Puts the last address of a bit into `halves`. */
  splitLastOf(bit: number): void {
    if (bit === this.npages - 1) {
      halves[HI] = this.#lastHi
      halves[LO] = this.#lastLo
      return
    }
    this.splitIovaOf(bit + 1)
    const lo = halves[LO]!
    if (lo === 0) halves[HI] = halves[HI]! - 1
    halves[LO] = lo - 1
  }

  /** Whether bit b means the same addresses here and there, as far as both have it. */
  hasGridOf(other: Geometry): boolean {
    return this.iova === other.iova && this.pageShift === other.pageShift
  }

  #clipStrict(hi: number, lo: number, lastHi: number, lastLo: number): boolean {
    if (!this.#strict) return this.clipSpan(hi, lo, lastHi, lastLo)
    const startsBelow = hi < this.#baseHi || (hi === this.#baseHi && lo < this.#baseLo)
    const startsBeyond = hi > this.#lastHi || (hi === this.#lastHi && lo > this.#lastLo)
    const excess = (lastHi - this.#lastHi) * TWO_POW_32 + (lastLo - this.#lastLo)
    if (startsBelow || startsBeyond || excess > 0) throw this.#outside(hi, lo)
    return this.clipSpan(hi, lo, lastHi, lastLo)
  }

  #set(first: number, last: number): boolean {
    this.first = first
    this.last = last
    return true
  }

  /** Bit of an address that is known to be covered. */
  #pageOf(hi: number, lo: number): number {
    const low = lo - this.#baseLo // `>>>` takes it by 2^32, as if it had borrowed
    const high = hi - this.#baseHi - (low < 0 ? 1 : 0)
    const shift = this.pageShift
    return shift < 32 ? high * 2 ** (32 - shift) + (low >>> shift) : high >>> (shift - 32)
  }

  #outside(hi: number, lo: number): RangeError {
    return new RangeError(
      `strict: the range from iova ${hex(joinU64(hi, lo))} is not inside the covered ${hex(this.iova)}..${hex(this.lastIova)}`,
    )
  }
}

function lastOf(iova: bigint, range: CoveredRange): bigint {
  if ((range.length === undefined) === (range.last === undefined)) throw new TypeError('give either length or last')
  if (range.last !== undefined) {
    const last = toU64(range.last, 'last')
    if (last < iova) throw new RangeError(`last ${hex(last)} is below iova ${hex(iova)}`)
    return last
  }
  const length = toU64(range.length!, 'length', TWO_POW_64)
  if (length === 0n) throw new RangeError('length is 0, outside 1..2^64')
  const last = iova + length - 1n
  if (last > MAX_U64) throw new RangeError(`iova ${hex(iova)} with length ${hex(length)} passes 2^64-1`)
  return last
}
