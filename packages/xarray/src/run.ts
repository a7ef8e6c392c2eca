// A multi-index entry. Every slot and sparse leaf that it reaches refers to the same Run, so there are no sibling codes to follow.

import { isAfter, maskHi, maskLo } from './geometry.ts'

export class Run {
  declare value: unknown
  declare readonly firstHi: number
  declare readonly firstLo: number
  declare readonly lastHi: number
  declare readonly lastLo: number
  constructor(value: unknown, firstHi: number, firstLo: number, lastHi: number, lastLo: number) {
    this.value = value
    this.firstHi = firstHi
    this.firstLo = firstLo
    this.lastHi = lastHi
    this.lastLo = lastLo
  }
}

/** True when the run holds the index. */
export function covers(run: Run, hi: number, lo: number): boolean {
  return !isAfter(run.firstHi, run.firstLo, hi, lo) && !isAfter(hi, lo, run.lastHi, run.lastLo)
}

/** Bits a level of the kernel's tree, by which it cuts a range into pieces. Our nodes are wider; the pieces are the same. */
const PIECE_SHIFT = 6
const PIECE_TOP_SHIFT = 60

/** Whether splitting an entry of order `from` into a lesser one takes at most one more of the kernel's nodes. */
export function needsOneNode(from: number, order: number): boolean {
  return order >= from - 1 - ((from - 1) % PIECE_SHIFT)
}

/** Least order that `trySplit` accepts for an entry of this order. Spec data-structures 2.9. */
export function trySplitMinOrder(order: number): number {
  const excess = order % PIECE_SHIFT
  return excess !== 0 ? order - excess : Math.max(0, order - 1)
}

export const pieceEnd: { hi: number; lo: number } = { hi: 0, lo: 0 }

/**
 * Leaves in `pieceEnd` the last index of the first piece of [first, last]: whole slots at the highest level at which `first` is aligned
 * and one slot fits, up to the end of their node (spec data-structures 2.9). O(levels).
 */
export function cutPiece(firstHi: number, firstLo: number, lastHi: number, lastLo: number): void {
  let shift = 0
  while (shift < PIECE_TOP_SHIFT) {
    const lo = maskLo(shift + PIECE_SHIFT)
    const hi = maskHi(shift + PIECE_SHIFT)
    if ((firstLo & lo) !== 0 || (firstHi & hi) !== 0 || isAfter(firstHi | hi, firstLo | lo, lastHi, lastLo)) break
    shift += PIECE_SHIFT
  }
  pieceEnd.hi = firstHi | maskHi(shift + PIECE_SHIFT)
  pieceEnd.lo = firstLo | maskLo(shift + PIECE_SHIFT)
  if (!isAfter(pieceEnd.hi, pieceEnd.lo, lastHi, lastLo)) return
  // The node reaches beyond the range: its slots up to the one that holds `last`, and that one only if the range fills it.
  const lo = maskLo(shift)
  const hi = maskHi(shift)
  const isFilled = (lastLo & lo) === lo && (lastHi & hi) === hi
  pieceEnd.lo = isFilled ? lastLo : ((lastLo & ~lo) - 1) | 0
  pieceEnd.hi = isFilled ? lastHi : ((lastHi & ~hi) - ((lastLo & ~lo) === 0 ? 1 : 0)) | 0
}
