/// <reference lib="esnext.disposable" preserve="true" />
import { type ByteRange, setBatch } from './batch.ts'
import { combine, isEqual } from './combine.ts'
import { type DirtyRanges, RunCursor } from './dirty-ranges.ts'
import { type FastPath, NO_FAST_PATH } from './fast-path.ts'
import { type CoveredRange, Geometry } from './geometry.ts'
import type { Internals } from './internals.ts'
import { type BitmapMemory, bytesOf } from './memory.ts'
import { BitSegment } from './segment.ts'
import type { U64 } from './u64.ts'
import { type BitmapSource, BitWindow, planOf, type WindowOptions } from './window.ts'

/** Where the bits are: exactly one of `buffer` and `source`. */
export interface IovaBitmapOptions extends CoveredRange, WindowOptions {
  /** Memory of at least `IovaBitmap.bytesNeeded(…)` bytes, used in place from its first byte on. It is never cleared: bits that are set stay set. */
  readonly buffer?: BitmapMemory | undefined
  /** Memory that is pinned window by window, at most 2 MiB at a time. */
  readonly source?: BitmapSource | undefined
}

/** What the source of a bitmap has been asked for. */
export interface IovaBitmapStats {
  /** Windows pinned, and unpinned, so far. */
  readonly pins: number
  readonly unpins: number
  /** Bytes pinned now. */
  readonly pinnedBytes: number
}

/** The parts of a bitmap, for this package's own modules and checks. TypeError, naming `name`: it is not one. */
export let internalsOf: (bitmap: IovaBitmap, name: string) => Internals

/**
 * A bitmap of dirty pages over a range of addresses: bit b, in bit `b & 7` of byte `b >> 3`, stands for the page at `iova + b * pageSize`
 * (spec data-structures 3). The bits are in memory that the caller owns and are not copied.
 *
 * Addresses and lengths are bytes, bigint or safe integers. A range that leaves the covered range is clipped; one of length 0 holds nothing.
 * `set` rounds outward, to every page it touches; `clear` rounds inward. A value of the wrong type throws a TypeError, one outside u64 a RangeError.
 * Over a source, every method may pin another window and throw an IovaBitmapError with code EFAULT. It fits the port of a dirty sink by shape.
 */
export class IovaBitmap {
  readonly #geometry: Geometry
  readonly #window: BitWindow
  readonly #fast: FastPath = NO_FAST_PATH
  #recordError: unknown

  static {
    internalsOf = (bitmap, name) => {
      if (typeof bitmap !== 'object' || bitmap === null || !(#window in bitmap)) throw new TypeError(`${name} must be an IovaBitmap`)
      return { geometry: bitmap.#geometry, window: bitmap.#window }
    }
  }

  /** Throws RangeError for a range, page size or buffer that does not fit (spec data-structures 3.4); pins nothing. */
  constructor(options: IovaBitmapOptions) {
    const { buffer, source } = options
    this.#geometry = new Geometry(options, options.strict === true)
    const plan = planOf(this.#geometry, options)
    if ((buffer === undefined) === (source === undefined)) throw new TypeError('give either buffer or source')
    if (source !== undefined && (typeof source?.pin !== 'function' || typeof source.unpin !== 'function')) {
      throw new TypeError('source must have the methods pin and unpin')
    }
    const memory = source ?? this.segmentOf(bytesOf(buffer!, plan.nbytes))
    this.#window = new BitWindow(this.#geometry, plan, memory)
    this.#fast = this.#window.fast
  }

  /** Bytes that a bitmap of this range takes: `ceil(pages / 8)`. */
  static bytesNeeded(range: CoveredRange): number {
    return new Geometry(range, false).nbytes
  }

  /** First byte covered. */
  get iova(): bigint {
    return this.#geometry.iova
  }

  /** Last byte covered, inclusive. */
  get last(): bigint {
    return this.#geometry.lastIova
  }

  /** Bytes covered, 1 .. 2^64. */
  get length(): bigint {
    return this.#geometry.lengthOf(0, this.npages - 1)
  }

  /** Bytes that a bit stands for. */
  get pageSize(): bigint {
    return this.#geometry.pageSize
  }

  /** Pages covered, the bits of the bitmap. */
  get npages(): number {
    return this.#geometry.npages
  }

  /** Bytes of the bitmap. */
  get byteLength(): number {
    return this.#geometry.nbytes
  }

  get stats(): IovaBitmapStats {
    const { pins, unpins, view } = this.#window
    return { pins, unpins, pinnedBytes: view === undefined ? 0 : this.#window.segment.bytes.length }
  }

  /** Sets the pages touched by `length` bytes from `iova`; returns how many that is within the covered range. O(pages / 32) and the pins. */
  set(iova: U64, length: U64): number {
    if (typeof iova === 'number' && typeof length === 'number' && iova <= Number.MAX_SAFE_INTEGER) {
      const high = (iova / 0x1_0000_0000) | 0
      const low = iova >>> 0
      const npages = high * 0x1_0000_0000 + low === iova ? this.#fast.setAt(high, low, length) : -1
      if (npages >= 0) return npages
    }
    return this.#geometry.clip(iova, length) ? this.#setClipped() : this.#nothing()
  }

  /** `set` for hot callers: the address in u32 halves, the length a safe integer. */
  setAt(iovaHi: number, iovaLo: number, length: number): number {
    const npages = this.#fast.setAt(iovaHi, iovaLo, length)
    if (npages >= 0) return npages
    return this.#geometry.clipAt(iovaHi, iovaLo, length) ? this.#setClipped() : this.#nothing()
  }

  /** `set` for producers that cannot handle an error of the source: it is kept for `takeRecordError`. Programmer's errors are thrown. */
  record(iova: U64, length: U64): void {
    if (this.#geometry.clip(iova, length)) this.#recordClipped()
    else this.#nothing()
  }

  /** `record` with the address in u32 halves. */
  recordAt(iovaHi: number, iovaLo: number, length: number): void {
    if (this.#fast.setAt(iovaHi, iovaLo, length) >= 0) return
    if (this.#geometry.clipAt(iovaHi, iovaLo, length)) this.#recordClipped()
    else this.#nothing()
  }

  /** The first error that a `record` met since the last call, or undefined. `forEach` throws it by itself. */
  takeRecordError(): unknown {
    const error = this.#recordError
    this.#recordError = undefined
    return error
  }

  /**
   * Sets many ranges, each window pinned once whatever their order; returns how many different pages that is. Nothing is set when one of them is bad.
   * O(n log n) for n ranges, plus the sets.
   */
  setBatch(ranges: Iterable<ByteRange>): number {
    this.#window.checkAlive()
    return setBatch(internalsOf(this, 'this'), ranges)
  }

  /** Whether the page of an address is dirty; false for an address that is not covered. O(1) and the pin. */
  test(iova: U64): boolean {
    if (!this.#geometry.find(iova)) return this.#nothing() > 0
    const bit = this.#geometry.first
    this.#window.reach(bit, false, bit, 0)
    return this.#window.segment.test(bit - this.#window.first)
  }

  /** Whether any page touched, or all of them, are dirty. What is not covered is not dirty; an empty range is neither. O(pages / 32). */
  testRange(iova: U64, length: U64, which: 'any' | 'all' = 'any'): boolean {
    if (which !== 'any' && which !== 'all') throw new TypeError(`which must be 'any' or 'all', got ${which}`)
    if (!this.#geometry.clip(iova, length)) return this.#nothing() > 0
    const { first, last } = this.#geometry
    if (which === 'any') return this.#window.nextBit(first, last, true) <= last
    return this.#geometry.isCovering(iova, length) && this.#window.nextBit(first, last, false) > last
  }

  /** Dirty pages among those touched; without arguments, of all. O(pages / 32): half a load for each 32. */
  count(iova?: U64, length?: U64): number {
    if (!this.#geometry.clipOptional(iova, length)) return this.#nothing()
    return this.#window.countBits(this.#geometry.first, this.#geometry.last)
  }

  /** A cursor on the maximal runs of dirty pages, ascending, among the pages touched; without arguments, of all. */
  ranges(iova?: U64, length?: U64): DirtyRanges {
    return this.#cursor(iova, length, false)
  }

  /** The same as `ranges`: what a harvest would report, without clearing it. */
  peek(iova?: U64, length?: U64): DirtyRanges {
    return this.#cursor(iova, length, false)
  }

  /** The same cursor, which clears each run as it steps on it: read and clear. */
  harvest(iova?: U64, length?: U64): DirtyRanges {
    return this.#cursor(iova, length, true)
  }

  /**
   * Clears pages; returns how many that is. Only pages wholly inside the range: a page that is partly outside may be dirty there.
   * `{ outward: true }` clears every page touched. Without a range: all. O(pages / 32).
   */
  clear(iova?: U64, length?: U64, options?: { readonly outward?: boolean | undefined }): number {
    const geometry = this.#geometry
    const isSome = options?.outward === true ? geometry.clipOptional(iova, length) : geometry.clipInward(iova, length)
    if (!isSome) return this.#nothing()
    const { first, last } = geometry
    this.#window.clearBits(first, last)
    return last - first + 1
  }

  /** Sets what is dirty in `other`: each page here that a dirty page there touches. O(bytes) on the same grid, else O(runs). */
  or(other: IovaBitmap): void {
    combine(internalsOf(this, 'this'), internalsOf(other, 'other'), 'or')
  }

  /** Clears what is dirty in `other`: each page here that dirty pages there cover wholly. O(bytes) on the same grid, else O(runs). */
  andNot(other: IovaBitmap): void {
    combine(internalsOf(this, 'this'), internalsOf(other, 'other'), 'andNot')
  }

  /** Whether the same addresses are dirty here and there. O(bytes) on the same grid and range, else O(runs). */
  equals(other: IovaBitmap): boolean {
    return isEqual(internalsOf(this, 'this'), internalsOf(other, 'other'))
  }

  /** Calls `fn` once with this bitmap and its range, and returns its result. It may set what it likes: windows follow. Throws an error that a `record` met in it. */
  forEach<T>(fn: (bitmap: this, iova: bigint, length: bigint) => T): T {
    this.#window.checkAlive()
    const result = fn(this, this.iova, this.length)
    this.#throwRecordError()
    return result
  }

  /**
   * Calls `fn` for each window, ascending: together they cover the range, each begins a multiple of 8 pages from `iova`. A result other than undefined
   * stops the walk and is returned. `fn` may use the bitmap as it likes, also outside the window.
   */
  forEachWindow<T>(fn: (bitmap: this, iova: bigint, length: bigint) => T | undefined): T | undefined {
    const window = this.#window
    const geometry = this.#geometry
    const lastBit = geometry.npages - 1
    for (let bit = 0; bit <= lastBit; ) {
      window.move(bit, true, lastBit, bit)
      const nbytes = window.isStreaming ? window.segment.bytes.length : window.plan.bytesAt(bit / 8)
      const last = Math.min(bit + nbytes * 8 - 1, lastBit)
      const result = fn(this, geometry.iovaOf(bit), geometry.lengthOf(bit, last))
      this.#throwRecordError()
      if (result !== undefined) return result
      bit = last + 1
    }
    return undefined
  }

  /** Unpins what is pinned; every later use throws. May be called again. */
  free(): void {
    this.#window.free()
  }

  [Symbol.dispose](): void {
    this.free()
  }

  /** @internal The way bits are written. */
  protected segmentOf(bytes: Uint8Array): BitSegment {
    return new BitSegment(bytes)
  }

  #setClipped(): number {
    return this.#window.setBits(this.#geometry.first, this.#geometry.last, false)
  }

  #recordClipped(): void {
    try {
      this.#setClipped()
    } catch (error) {
      if (this.#window.isFreed) throw error
      this.#recordError ??= error
    }
  }

  #throwRecordError(): void {
    const error = this.takeRecordError()
    if (error !== undefined) throw error
  }

  /** The answer for a range without a page: none, but a freed bitmap answers nothing at all. */
  #nothing(): number {
    this.#window.checkAlive()
    return 0
  }

  #cursor(iova: U64 | undefined, length: U64 | undefined, clears: boolean): DirtyRanges {
    this.#window.checkAlive()
    const isSome = this.#geometry.clipOptional(iova, length)
    const cursor = new RunCursor(this.#geometry, this.#window, isSome ? this.#geometry.first : 0, isSome ? this.#geometry.last : -1, clears)
    cursor.next()
    return cursor
  }
}
