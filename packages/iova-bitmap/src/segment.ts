import { LITTLE_ENDIAN } from './u64.ts'
import { bitsOf, clearInWords, countInWords, lowestBit, nextClearInWords, runInWords, setInWords } from './words.ts'

/**
 * Bits over one piece of memory that is not copied, whatever its byte offset and length. All but up to three bytes at each end lie in 32-bit words and are
 * worked on there; the ragged ends are worked on by bytes, so that no byte outside is ever read or written (spec data-structures 3.6, 3.8).
 * Bit numbers count from the first byte. All ranges are inclusive and inside; callers have clipped them.
 */
export class BitSegment {
  readonly bytes: Uint8Array
  readonly words: Int32Array
  /** Bits in front of the first aligned word: 0, 8, 16 or 24, or all of them when there is no word. */
  readonly headBits: number = 0
  /** Last bit that lies in a word; `headBits - 1` when there is none. */
  readonly wordsLast: number = -1
  /** Whether other threads write the same bits. */
  readonly isAtomic: boolean = false
  /** The end of the run that `nextRun` found. */
  runEnd = 0

  /** `byWords`: whether words may be used. On a big-endian host their bytes lie the other way round, and all is done by bytes. */
  constructor(bytes: Uint8Array, byWords: boolean = LITTLE_ENDIAN) {
    const ragged = -bytes.byteOffset & 3
    const nwords = byWords ? Math.max(0, Math.floor((bytes.length - ragged) / 4)) : 0
    const headBytes = nwords === 0 ? bytes.length : ragged
    this.bytes = bytes
    this.words = new Int32Array(bytes.buffer, nwords === 0 ? 0 : bytes.byteOffset + ragged, nwords)
    this.headBits = headBytes * 8
    this.wordsLast = this.headBits + nwords * 32 - 1
  }

  /** Sets bits `first`..`last`. */
  set(first: number, last: number): void {
    if (this.isInWords(first, last)) setInWords(this.words, first - this.headBits, last - this.headBits)
    else this.eachPart(first, last, setByte, (from, to) => this.set(from, to))
  }

  /** Clears bits `first`..`last`. */
  clear(first: number, last: number): void {
    if (this.isInWords(first, last)) clearInWords(this.words, first - this.headBits, last - this.headBits)
    else this.eachPart(first, last, clearByte, (from, to) => this.clear(from, to))
  }

  test(bit: number): boolean {
    return ((this.bytes[Math.floor(bit / 8)]! >>> (bit & 7)) & 1) === 1
  }

  /** Set bits in `first`..`last`. */
  count(first: number, last: number): number {
    if (this.isInWords(first, last)) return countInWords(this.words, first - this.headBits, last - this.headBits)
    let total = 0
    this.eachPart(
      first,
      last,
      (bytes, byte, mask) => {
        total += bitsOf(bytes[byte]! & mask)
      },
      (from, to) => {
        total += this.count(from, to)
      },
    )
    return total
  }

  /** The first set bit in `first`..`last`, or `last + 1`; `runEnd` is then the first clear bit behind it, or `last + 1`. */
  nextRun(first: number, last: number): number {
    const head = this.headBits
    if (first < head || last > this.wordsLast) return this.#nextRunRagged(first, last)
    const bit = runInWords(this.words, first - head, last - head, this) + head
    this.runEnd += head
    return bit
  }

  /** The first clear bit in `first`..`last`, or `last + 1`. */
  nextClear(first: number, last: number): number {
    return this.isInWords(first, last)
      ? this.headBits + nextClearInWords(this.words, first - this.headBits, last - this.headBits)
      : this.#nextRagged(first, last, -1)
  }

  protected isInWords(first: number, last: number): boolean {
    return first >= this.headBits && last <= this.wordsLast
  }

  /** Cuts a range into the bytes of the ragged ends, each with the mask of the bits meant, and what lies in words. */
  protected eachPart(first: number, last: number, onByte: ByteWork, onWords: (first: number, last: number) => void): void {
    eachByte(this.bytes, first, Math.min(last, this.headBits - 1), onByte)
    const from = Math.max(first, this.headBits)
    const to = Math.min(last, this.wordsLast)
    if (from <= to) onWords(from, to)
    eachByte(this.bytes, Math.max(first, this.wordsLast + 1), last, onByte)
  }

  #nextRunRagged(first: number, last: number): number {
    const bit = this.#nextRagged(first, last, 0)
    if (bit <= last) this.runEnd = this.nextClear(bit, last)
    return bit
  }

  /** The first bit that differs from those of `skipped`, which is 0 or -1, part by part. */
  #nextRagged(first: number, last: number, skipped: number): number {
    const head = this.headBits
    let bit = first
    if (bit < head) {
      const end = Math.min(last, head - 1)
      bit = nextInBytes(this.bytes, bit, end, skipped)
      if (bit <= end || bit > last) return bit
    }
    if (bit <= this.wordsLast) {
      const end = Math.min(last, this.wordsLast)
      bit = skipped === 0 ? this.nextRun(bit, end) : this.nextClear(bit, end)
    }
    return nextInBytes(this.bytes, bit, last, skipped)
  }
}

/** Does something to the bits of `mask` in one byte. */
export type ByteWork = (bytes: Uint8Array, byte: number, mask: number) => void

function setByte(bytes: Uint8Array, byte: number, mask: number): void {
  bytes[byte] = bytes[byte]! | mask
}

function clearByte(bytes: Uint8Array, byte: number, mask: number): void {
  bytes[byte] = bytes[byte]! & ~mask
}

function eachByte(bytes: Uint8Array, first: number, last: number, work: ByteWork): void {
  const firstByte = Math.floor(first / 8)
  const lastByte = Math.floor(last / 8)
  for (let byte = firstByte; byte <= lastByte; byte++) {
    const low = byte === firstByte ? 0xff << (first & 7) : 0xff
    const high = byte === lastByte ? 0xff >>> (7 - (last & 7)) : 0xff
    work(bytes, byte, low & high)
  }
}

function nextInBytes(bytes: Uint8Array, first: number, last: number, skipped: number): number {
  for (let bit = first; bit <= last; bit += 8 - (bit & 7)) {
    const other = (bytes[Math.floor(bit / 8)]! ^ skipped) & (0xff << (bit & 7)) & 0xff
    if (other !== 0) return Math.min(bit - (bit & 7) + lowestBit(other), last + 1)
  }
  return last + 1
}
