import { BitSegment } from './segment.ts'

/**
 * Bits over memory that other threads work on at the same time: each word, and each byte of the ragged ends, is changed by one atomic operation.
 * A call is atomic word by word, not as a whole (spec data-structures 3.6). Reading (`test`, `count`, `nextSet`) takes no lock and may miss what is being set.
 */
export class AtomicSegment extends BitSegment {
  override readonly isAtomic: boolean = true
  /** How many bits the last `take` looked at. */
  takenBits = 0

  override set(first: number, last: number): void {
    if (!this.isInWords(first, last)) {
      this.eachPart(first, last, atomicSetByte, (from, to) => this.set(from, to))
      return
    }
    const words = this.words
    const from = first - this.headBits
    const to = last - this.headBits
    const w = Math.floor(from / 32)
    const z = Math.floor(to / 32)
    const low = -1 << (from & 31)
    const high = -1 >>> (31 - (to & 31))
    if (w === z) {
      Atomics.or(words, w, low & high)
      return
    }
    Atomics.or(words, w, low)
    for (let i = w + 1; i < z; i++) Atomics.store(words, i, -1)
    Atomics.or(words, z, high)
  }

  override clear(first: number, last: number): void {
    if (!this.isInWords(first, last)) {
      this.eachPart(first, last, atomicClearByte, (from, to) => this.clear(from, to))
      return
    }
    const words = this.words
    const from = first - this.headBits
    const to = last - this.headBits
    const w = Math.floor(from / 32)
    const z = Math.floor(to / 32)
    const low = -1 << (from & 31)
    const high = -1 >>> (31 - (to & 31))
    if (w === z) {
      Atomics.and(words, w, ~(low & high))
      return
    }
    Atomics.and(words, w, ~low)
    for (let i = w + 1; i < z; i++) Atomics.store(words, i, 0)
    Atomics.and(words, z, ~high)
  }

  /** A fresh look each time, so that a thread may wait for a bit in a loop. */
  override test(bit: number): boolean {
    return ((Atomics.load(this.bytes, Math.floor(bit / 8)) >>> (bit & 7)) & 1) === 1
  }

  /** Passes over words that are 0. Returns the first bit at or after `first` whose word, or byte, is not known to be 0; `last + 1`: none. */
  skipZeros(first: number, last: number): number {
    const head = this.headBits
    if (first < head || ((first - head) & 31) !== 0) return first
    const words = this.words
    const z = Math.floor((Math.min(last, this.wordsLast) - head) / 32)
    let w = Math.floor((first - head) / 32)
    while (w <= z && Atomics.load(words, w) === 0) w += 1
    return Math.min(head + w * 32, last + 1)
  }

  /**
   * Reads and clears bits in one atomic step: from `first` to the end of its word (or byte, at a ragged end), not beyond `last`.
   * Bit k of the result is bit `first + k`; `takenBits` says how many were taken. A whole word goes by an exchange with 0.
   */
  take(first: number, last: number): number {
    const head = this.headBits
    if (first < head || first > this.wordsLast) return this.#takeByte(first, last)
    const bit = (first - head) & 31
    const width = Math.min(32 - bit, last - first + 1)
    this.takenBits = width
    const word = Math.floor((first - head) / 32)
    if (Atomics.load(this.words, word) === 0) return 0
    if (width === 32) return Atomics.exchange(this.words, word, 0)
    const mask = (-1 >>> (32 - width)) << bit
    return (Atomics.and(this.words, word, ~mask) & mask) >>> bit
  }

  #takeByte(first: number, last: number): number {
    const bit = first & 7
    const width = Math.min(8 - bit, last - first + 1)
    this.takenBits = width
    const mask = (0xff >>> (8 - width)) << bit
    return (Atomics.and(this.bytes, Math.floor(first / 8), ~mask) & mask) >>> bit
  }
}

function atomicSetByte(bytes: Uint8Array, byte: number, mask: number): void {
  Atomics.or(bytes, byte, mask)
}

function atomicClearByte(bytes: Uint8Array, byte: number, mask: number): void {
  Atomics.and(bytes, byte, ~mask)
}
