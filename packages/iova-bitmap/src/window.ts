import { IovaBitmapError } from './errors.ts'
import type { FastPath } from './fast-path.ts'
import type { Geometry } from './geometry.ts'
import { isBytes } from './memory.ts'
import { BitSegment } from './segment.ts'
import { checkBetween } from './u64.ts'

/**
 * Memory of a bitmap that is reached piece by piece: a file, another process, a remote buffer (spec data-structures 3.5, 3.6).
 * Exactly one `unpin` follows each `pin` that returned bytes.
 */
export interface BitmapSource {
  /**
   * Makes bytes `byteOffset` .. `byteOffset + byteLength - 1` of the bitmap readable (and writable, if `write`) and returns them, or only the first of
   * them, at least one. Throws, or returns no byte, when not even the first can be reached; then nothing is pinned.
   */
  pin(byteOffset: number, byteLength: number, write: boolean): Uint8Array
  /** Takes back what `pin` returned, the very same object; `dirty`: bits in it were written. */
  unpin(view: Uint8Array, dirty: boolean): void
}

/** How a source is pinned, and what is done with ranges that are not covered. */
export interface WindowOptions {
  /** Where byte 0 of the bitmap lies in its 4096-byte base page: 0 .. 4095, default 0. Windows end where base pages end. */
  readonly dataOffset?: number | undefined
  /** Bytes of a window at most: 1 .. 2 MiB, default 2 MiB. */
  readonly windowBytesMax?: number | undefined
  /** Throw a RangeError for ranges that are not wholly covered, and for an `iova` that is not a multiple of `pageSize`; default: clip. */
  readonly strict?: boolean | undefined
}

/** Unit of pinning. */
const BASE_PAGE_BYTES = 4096
/** Base pages that are pinned at once at most. */
const WINDOW_PAGES_MAX = 512
/** Bytes that are pinned at once at most: 2 MiB, 2^24 bits. */
const WINDOW_BYTES_MAX = BASE_PAGE_BYTES * WINDOW_PAGES_MAX

/** Where windows begin and end, whatever is pinned. */
export class WindowPlan {
  readonly nbytes: number
  readonly #dataOffset: number
  readonly #windowBytesMax: number

  /** `dataOffset`: where byte 0 of the bitmap lies in its base page. */
  constructor(nbytes: number, dataOffset: number, windowBytesMax: number) {
    this.nbytes = nbytes
    this.#dataOffset = dataOffset
    this.#windowBytesMax = windowBytesMax
  }

  /** Bytes of a window that starts at byte `index`: to the end of the bitmap, or of the last base page that can be pinned. */
  bytesAt(index: number): number {
    const inPage = (this.#dataOffset + index) % BASE_PAGE_BYTES
    return Math.min(this.nbytes - index, WINDOW_BYTES_MAX - inPage, this.#windowBytesMax)
  }
}

/** The plan for a bitmap; checks the options. */
export function planOf(geometry: Geometry, options: WindowOptions): WindowPlan {
  const dataOffset = options.dataOffset ?? 0
  const windowBytesMax = options.windowBytesMax ?? WINDOW_BYTES_MAX
  checkBetween(dataOffset, 'dataOffset', 0, BASE_PAGE_BYTES - 1)
  checkBetween(windowBytesMax, 'windowBytesMax', 1, WINDOW_BYTES_MAX)
  return new WindowPlan(geometry.nbytes, dataOffset, windowBytesMax)
}

/**
 * The piece of the bitmap that can be worked on now: bits `first`..`last`, in `segment`. Over a caller's buffer it is the whole bitmap, for good;
 * over a source it is what is pinned.
 */
export class BitWindow {
  first = 0
  last = -1
  /** `last` when the window may be written, otherwise -1: a write needs one comparison only. */
  writeLast = -1
  segment: BitSegment
  /** The segment's words for cursors: `words[0]` begins with bit `wordsFirst`; readable up to bit `wordsLast`, writable up to `wordsWriteLast`, or -1. */
  words: Int32Array = NO_WORDS
  wordsFirst = 0
  wordsLast = -1
  wordsWriteLast = -1
  /** Aimed at the bits that can be written as words: none in memory shared with other threads. */
  readonly fast: FastPath
  pins = 0
  unpins = 0
  readonly plan: WindowPlan
  readonly #geometry: Geometry
  readonly #source: BitmapSource | undefined
  #view: Uint8Array | undefined
  #freed = false

  constructor(geometry: Geometry, plan: WindowPlan, source: BitmapSource | BitSegment) {
    this.#geometry = geometry
    this.plan = plan
    this.segment = NOTHING
    this.fast = geometry.fastPath()
    if (source instanceof BitSegment) this.#show(source, 0, geometry.npages - 1, true)
    else this.#source = source
  }

  get isFreed(): boolean {
    return this.#freed
  }

  get isStreaming(): boolean {
    return this.#source !== undefined
  }

  /** The view that is pinned, for `checkInvariants`. */
  get view(): Uint8Array | undefined {
    return this.#view
  }

  /** Throws when the bitmap has been freed. */
  checkAlive(): void {
    if (this.#freed) throw new TypeError('the bitmap was freed')
  }

  /** Makes the window hold `bit`, leaving it where it is if it does already. For errors: the call goes on to `last` and has dealt with `done` pages. */
  reach(bit: number, write: boolean, last: number, done: number): void {
    if (bit >= this.first && bit <= (write ? this.writeLast : this.last)) return
    this.move(bit, write, last, done)
  }

  /** Pins the window that starts at the byte of `bit`, in place of the present one. IovaBitmapError: not even one byte could be pinned. */
  move(bit: number, write: boolean, last: number, done: number): void {
    this.checkAlive()
    if (this.#source === undefined) return
    this.release()
    const index = Math.floor(bit / 8)
    const length = this.plan.bytesAt(index)
    let view: Uint8Array
    try {
      view = this.#source.pin(index, length, write)
    } catch (cause) {
      throw this.#failure(bit, last, done, cause)
    }
    if (!isBytes(view)) throw new TypeError('BitmapSource.pin must return a Uint8Array')
    if (view.length === 0) throw this.#failure(bit, last, done, undefined)
    this.pins += 1
    this.#view = view
    this.fast.written = false
    const segment = new BitSegment(view.length > length ? view.subarray(0, length) : view)
    this.#show(segment, index * 8, Math.min((index + segment.bytes.length) * 8, this.#geometry.npages) - 1, write)
  }

  /**
   * Sets bits `first`..`last`; returns how many. When they are not wholly inside the window, it moves to the byte of `first`, then to the byte of the first
   * bit left, until all are set (spec data-structures 3.5). `keep`: a window that holds `first` serves as it is.
   */
  setBits(first: number, last: number, keep: boolean): number {
    const isInside = first >= this.first && last <= this.writeLast
    if (!isInside && (!keep || first < this.first || first > this.writeLast)) this.move(first, true, last, 0)
    for (let bit = first; ; ) {
      const end = Math.min(last, this.last)
      this.fast.written = true
      this.segment.set(bit - this.first, end - this.first)
      if (end === last) return last - first + 1
      bit = end + 1
      this.move(bit, true, last, bit - first)
    }
  }

  /** Clears bits `first`..`last`, window by window. */
  clearBits(first: number, last: number): void {
    for (let bit = first; bit <= last; bit = this.last + 1) {
      this.reach(bit, true, last, bit - first)
      this.fast.written = true
      this.segment.clear(bit - this.first, Math.min(last, this.last) - this.first)
    }
  }

  /** Set bits in `first`..`last`. */
  countBits(first: number, last: number): number {
    let total = 0
    for (let bit = first; bit <= last; bit = this.last + 1) {
      this.reach(bit, false, last, bit - first)
      total += this.segment.count(bit - this.first, Math.min(last, this.last) - this.first)
    }
    return total
  }

  /** The first bit in `first`..`last` that is set (or clear), or `last + 1`. */
  nextBit(first: number, last: number, isSet: boolean): number {
    for (let bit = first; bit <= last; bit = this.last + 1) {
      this.reach(bit, false, last, bit - first)
      const stop = Math.min(last, this.last) - this.first
      const from = bit - this.first
      const found = isSet ? this.segment.nextRun(from, stop) : this.segment.nextClear(from, stop)
      if (found <= stop) return this.first + found
    }
    return last + 1
  }

  /** Unpins what is pinned, if anything is. */
  release(): void {
    const view = this.#view
    if (view === undefined) return
    this.#view = undefined
    this.unpins += 1
    this.#show(NOTHING, 0, -1, false)
    this.#source!.unpin(view, this.fast.written)
  }

  /** Unpins and refuses everything from now on. */
  free(): void {
    this.#freed = true
    if (this.#view === undefined) this.#show(NOTHING, 0, -1, false)
    else this.release()
  }

  #show(segment: BitSegment, first: number, last: number, write: boolean): void {
    this.segment = segment
    this.first = first
    this.last = last
    this.writeLast = write ? last : -1
    this.words = segment.words
    this.wordsFirst = first + segment.headBits
    this.wordsLast = Math.min(first + segment.wordsLast, last, this.wordsFirst + 0x7fff_ffff)
    this.wordsWriteLast = write && !segment.isAtomic ? this.wordsLast : -1
    this.fast.aim(this.words, this.wordsFirst, this.wordsWriteLast)
  }

  #failure(bit: number, last: number, done: number, cause: unknown): IovaBitmapError {
    return new IovaBitmapError(this.#geometry.iovaOf(bit), this.#geometry.lastIovaOf(last), done, cause)
  }
}

const NO_WORDS: Int32Array = /* @__PURE__ */ new Int32Array(0)
const NOTHING: BitSegment = /* @__PURE__ */ new BitSegment(new Uint8Array(0))
