// A multi-index entry. Every slot and sparse leaf that it reaches refers to the same Run, so there are no sibling codes to follow.

import { advance, spot } from './core.ts'
import { fits, isAfter, maskHi, maskLo, slotOf } from './geometry.ts'

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

/** Leaves in `spot` the last index of what stands at (hi, lo). */
export function toLast(entry: unknown, hi: number, lo: number): void {
  const isRun = entry instanceof Run
  spot.hi = isRun ? entry.lastHi : hi
  spot.lo = isRun ? entry.lastLo : lo
}

/** Leaves in `spot` the first index of the next slot of a node with this shift; false unless the entry, a run, reaches it. */
export function nextPart(entry: unknown, hi: number, lo: number, shift: number): boolean {
  if (!(entry instanceof Run)) return false
  advance(hi | maskHi(shift), lo | maskLo(shift))
  return slotOf(spot.hi, spot.lo, shift) !== 0 && !isAfter(spot.hi, spot.lo, entry.lastHi, entry.lastLo)
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

/** Leaves the index before (hi, lo) in `spot`. */
export function retreat(hi: number, lo: number): void {
  spot.hi = lo === 0 ? (hi - 1) | 0 : hi
  spot.lo = (lo - 1) | 0
}

/**
 * Leaves in `spot` the last index of the first piece of [first, last]: whole slots at the highest level at which `first` is aligned
 * and one slot fits, up to the end of their node (spec data-structures 2.9). O(levels).
 */
export function cutPiece(firstHi: number, firstLo: number, lastHi: number, lastLo: number): void {
  let shift = 0
  while (shift < PIECE_TOP_SHIFT && fits(firstHi, firstLo, lastHi, lastLo, shift + PIECE_SHIFT)) shift += PIECE_SHIFT
  spot.hi = firstHi | maskHi(shift + PIECE_SHIFT)
  spot.lo = firstLo | maskLo(shift + PIECE_SHIFT)
  if (!isAfter(spot.hi, spot.lo, lastHi, lastLo)) return
  // The node reaches beyond the range: its slots up to the last that the range fills.
  advance(lastHi, lastLo)
  retreat(spot.hi & ~maskHi(shift), spot.lo & ~maskLo(shift))
}
