import { setSpan } from './words.ts'

/**
 * The short way of a set: a range of up to 1 GiB that falls into the words of the window, which is nearly every one. All that it needs lies in this one
 * object, in plain integers: each object passed through costs a load and a check of its shape, each double a conversion. Workloads `dirty.set.*`.
 */
export class FastPath {
  /** Whether bits in the window have been written since it was pinned. */
  written = false
  #highFirst = 0
  /** High halves above the first for which bit numbers stay below 2^31, plus one; 0: always the long way. */
  #highs = 0
  #pageShift = 0
  #highShift = 0
  #pageMask = 0
  /** Low 32 bits of the number that the bitmap's first page has among all pages from address 0. */
  #firstPage = 0
  #words: Int32Array = new Int32Array(0)
  #first = 0
  #last = -1

  /**
   * `iova` in halves is where bit 0 begins. There is a short way for pages of 2 bytes to 1 GiB, on a grid that begins at a multiple of the page size;
   * and none in a bitmap that must check each range.
   */
  constructor(iovaHi: number, iovaLo: number, pageShift: number, isStrict: boolean) {
    const mask = 2 ** pageShift - 1
    if (isStrict || pageShift < 1 || pageShift > 30 || (iovaLo & mask) !== 0) return
    this.#highFirst = iovaHi
    this.#highs = 2 ** (pageShift - 1)
    this.#pageShift = pageShift
    this.#highShift = 32 - pageShift
    this.#pageMask = mask
    this.#firstPage = (iovaHi << (32 - pageShift)) | (iovaLo >>> pageShift)
  }

  /** The words that hold bits `first`..`last`. */
  aim(words: Int32Array, first: number, last: number): void {
    this.#words = words
    this.#first = first
    this.#last = Math.min(last, 0x7fff_ffff)
  }

  /** Sets the pages touched and returns how many; -1: nothing was done, take the long way, which also tells what is wrong with an argument. */
  setAt(iovaHi: number, iovaLo: number, length: number): number {
    if (iovaHi >>> 0 !== iovaHi || iovaLo >>> 0 !== iovaLo || length >>> 0 !== length) return -1
    const less = (length - 1) >>> 0 // length 0 becomes too long
    if ((iovaHi - this.#highFirst) >>> 0 >= this.#highs || less > 0x3fff_ffff) return -1
    const shift = this.#pageShift
    // Page numbers are taken modulo 2^32; that the high half is near makes them unique, and what is below the first page is negative.
    const first = (((iovaHi << this.#highShift) | (iovaLo >>> shift)) - this.#firstPage) | 0
    const last = first + (((iovaLo & this.#pageMask) + less) >>> shift)
    const base = this.#first
    if (first < base || last > this.#last) return -1
    this.written = true
    const from = first - base
    const to = last - base
    setSpan(this.#words, from >>> 5, to >>> 5, -1 << (from & 31), -1 >>> (31 - (to & 31)))
    return last - first + 1
  }
}
