import { IommuError } from '@iommukit/pfn-reader'
import type { U64 } from './types.ts'
import { HI, hexU64, joinU64, LO, splitU64, WORD_MAX, type WordRange, words } from './u64.ts'

/**
 * Writes the words of [iova, iova + length - 1] into `range`. Throws EINVAL for length 0, then EOVERFLOW when the range would pass 2^64-1
 * (spec B8, B9, B16, B17 begin with this), and TypeError or RangeError for what is not a u64. O(1), allocates nothing.
 */
export function readRange(range: WordRange, iova: U64, length: U64): void {
  splitU64(iova, 'iova')
  const firstHi = words[HI]!
  const firstLo = words[LO]!
  splitU64(length, 'length')
  setRange(range, firstHi, firstLo, words[HI]!, words[LO]!)
}

/** As {@link readRange}, for words. */
function setRange(range: WordRange, firstHi: number, firstLo: number, lengthHi: number, lengthLo: number): void {
  if (lengthHi === 0 && lengthLo === 0) throw new IommuError('EINVAL', 'length must be at least 1, got 0')
  if (!fits(firstHi, firstLo, lengthHi, lengthLo)) throw overflow(firstHi, firstLo, lengthHi, lengthLo)
  range.firstHi = firstHi
  range.firstLo = firstLo
  range.lengthHi = lengthHi
  range.lengthLo = lengthLo
  setLast(range)
}

/** True when first + length - 1 <= 2^64-1, for a length of at least 1. */
export function fits(firstHi: number, firstLo: number, lengthHi: number, lengthLo: number): boolean {
  const lo = firstLo + lengthLo
  const hi = firstHi + lengthHi + (lo > WORD_MAX ? 1 : 0)
  // Exactly 2^64 is the range that ends at 2^64-1.
  return hi <= WORD_MAX || (hi === WORD_MAX + 1 && lo >>> 0 === 0)
}

/** Computes the last IOVA of `range` from its first one and its length, which must fit. */
export function setLast(range: WordRange): void {
  // Between -1 and 2^33: below 0 it borrows, above 2^32 it carries.
  const lo = range.firstLo + range.lengthLo - 1
  range.lastLo = lo >>> 0
  range.lastHi = range.firstHi + range.lengthHi + (lo < 0 ? -1 : lo > WORD_MAX ? 1 : 0)
}

export function overflow(firstHi: number, firstLo: number, lengthHi: number, lengthLo: number): IommuError {
  return new IommuError(
    'EOVERFLOW',
    `${joinU64(lengthHi, lengthLo)} bytes at ${hexU64(firstHi, firstLo)} pass the last IOVA 0xffffffffffffffff`,
  )
}

/** Text of a range for messages: inclusive bounds in hexadecimal. */
export function rangeText(firstHi: number, firstLo: number, lastHi: number, lastLo: number): string {
  return `${hexU64(firstHi, firstLo)}..${hexU64(lastHi, lastLo)}`
}
