import { setSpan } from './words.ts'

// An import is looked up and checked at each call; a constant of the module is not.
const span = setSpan

/**
 * The short way of a set: a range of less than 2 GiB that falls into the words of the window, which is nearly every one. All that it needs lies in this
 * one object, in integers of 31 bits and a sign: each object passed through costs a load and a check of its shape, and each double a conversion.
 * Workloads `dirty.set.*`.
 */
export class FastPath {
  /** Whether bits in the window have been written since it was pinned. */
  written = false
  readonly #highFirst: number = 0
  /** The greatest distance from the first high half for which bit numbers stay below 2^31. */
  readonly #highLimit: number = 0
  readonly #pageShift: number = 0
  /** Pages, modulo 2^32, that one more in the high half is. */
  readonly #highUnit: number = 0
  readonly #pageMask: number = 0
  /** Low 32 bits of the number that the bitmap's first page has among all pages from address 0. */
  readonly #firstPage: number = 0
  readonly #isUsable: boolean = false
  #words: Int32Array = new Int32Array(0)
  /** Low 32 bits of the number, among all pages, of the page whose bit is the first in the words. */
  #origin = 0
  /** The last bit in the words that may be set here; -1: none, always the long way. */
  #last = -1

  /**
   * `iova` in halves is where bit 0 begins. There is a short way for pages of 2 bytes to 1 GiB, on a grid that begins at a multiple of the page size;
   * and none in a bitmap that must check each range.
   */
  constructor(iovaHi: number, iovaLo: number, pageShift: number, isStrict: boolean) {
    const mask = (1 << pageShift) - 1
    if (isStrict || pageShift < 1 || pageShift > 30 || (iovaLo & mask) !== 0) return
    this.#isUsable = true
    this.#highFirst = iovaHi | 0
    this.#highLimit = (1 << (pageShift - 1)) - 1
    this.#pageShift = pageShift
    this.#highUnit = 1 << (32 - pageShift)
    this.#pageMask = mask
    this.#firstPage = (iovaHi << (32 - pageShift)) | (iovaLo >>> pageShift)
  }

  /** The words that hold bits `first`..`last` of the bitmap. */
  aim(words: Int32Array, first: number, last: number): void {
    this.#words = words
    this.#origin = (this.#firstPage + first) | 0
    this.#last = this.#isUsable ? Math.max(Math.min(last, 0x7fff_ffff) - first, -1) : -1
  }

  /** Sets the pages touched and returns how many; -1: nothing was done, take the long way, which also tells what is wrong with an argument. */
  setAt(iovaHi: number, iovaLo: number, length: number): number {
    if (iovaHi >>> 0 !== iovaHi || iovaLo >>> 0 !== iovaLo || (length | 0) !== length) return -1
    const less = (length - 1) | 0
    const up = (iovaHi - this.#highFirst) | 0
    const shift = this.#pageShift
    // Page numbers are taken modulo 2^32; that the high half is near makes them unique.
    const from = (Math.imul(iovaHi, this.#highUnit) + (iovaLo >>> shift) - this.#origin) | 0
    const more = ((iovaLo & this.#pageMask) + less) >>> shift
    // Whatever is out of its range is negative, or makes a difference to its limit negative: all signs are looked at together.
    const signs = less | up | (this.#highLimit - up) | from
    const words = this.#words
    if (more === 0) {
      if ((signs | (this.#last - from)) < 0) return -1
      this.written = true
      const w = from >>> 5
      words[w] = words[w]! | (1 << from)
      return 1
    }
    const to = (from + more) | 0 // less than 2^32, so negative when it does not fit
    if ((signs | length | to | (this.#last - to)) < 0) return -1
    this.written = true
    span(words, from >>> 5, to >>> 5, -1 << from, -1 >>> ~to)
    return more + 1
  }
}

/** Holds the place of a fast path: V8 checks the shape of what a field holds at each use, unless it has never held anything else. */
export const NO_FAST_PATH: FastPath = /* @__PURE__ */ new FastPath(0, 0, 0, true)
