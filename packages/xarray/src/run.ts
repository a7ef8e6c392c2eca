// A multi-index entry. Every slot that it covers refers to the same Run, so there are no sibling codes to follow.

import { CHUNK_SHIFT, isAfter, maskHi, maskLo, TOP_SHIFT } from './geometry.ts'

export class Run {
  value: unknown
  readonly firstHi: number
  readonly firstLo: number
  readonly lastHi: number
  readonly lastLo: number
  /** Shift of the node whose whole slots it fills. */
  readonly shift: number
  constructor(value: unknown, firstHi: number, firstLo: number, lastHi: number, lastLo: number, shift: number) {
    this.value = value
    this.firstHi = firstHi
    this.firstLo = firstLo
    this.lastHi = lastHi
    this.lastLo = lastLo
    this.shift = shift
  }
}

/** True when the run holds the index. */
export function covers(run: Run, hi: number, lo: number): boolean {
  return !isAfter(run.firstHi, run.firstLo, hi, lo) && !isAfter(hi, lo, run.lastHi, run.lastLo)
}

/** First piece of a range: the highest level at which `first` is aligned and one slot fits, cut at the end of its node. */
export interface Piece {
  lastHi: number
  lastLo: number
  shift: number
}

/** Cuts the first piece off [first, last] as the kernel does (spec data-structures 2.9). O(levels). */
export function firstPiece(firstHi: number, firstLo: number, lastHi: number, lastLo: number, into: Piece): void {
  let shift = 0
  while (shift < TOP_SHIFT) {
    const lo = maskLo(shift + CHUNK_SHIFT)
    const hi = maskHi(shift + CHUNK_SHIFT)
    if ((firstLo & lo) !== 0 || (firstHi & hi) !== 0 || isAfter(firstHi | hi, firstLo | lo, lastHi, lastLo)) break
    shift += CHUNK_SHIFT
  }
  into.shift = shift
  into.lastHi = firstHi | maskHi(shift + CHUNK_SHIFT)
  into.lastLo = firstLo | maskLo(shift + CHUNK_SHIFT)
  if (!isAfter(into.lastHi, into.lastLo, lastHi, lastLo)) return
  // The node reaches beyond the range: take the slots that fit whole, which is one less than the last slot unless that one is full.
  const lo = maskLo(shift)
  const hi = maskHi(shift)
  into.lastHi = lastHi
  into.lastLo = lastLo
  if ((lastLo & lo) === lo && (lastHi & hi) === hi) return
  into.lastLo = ((lastLo & ~lo) - 1) | 0
  into.lastHi = (lastHi & ~hi) - ((lastLo & ~lo) === 0 ? 1 : 0)
}
