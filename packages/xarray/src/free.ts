// The lowest index that nothing holds, for id allocation.

import { type Core, spot } from './core.ts'
import { CHUNK_SHIFT, isBeyond, maskHi, maskLo, SLOTS, slotOf, TOP_SHIFT, TOP_SLOTS } from './geometry.ts'
import { MARKS, NODE_LENGTH, type Node, nextBit, PRESENT_HI, PRESENT_LO, SLOT } from './node.ts'
import { Run } from './run.ts'
import { entryAt, positionOf } from './sparse-leaf.ts'

/** Finds the lowest free index at or after the given one and leaves it in `spot`; false when all up to 2^64 - 1 are taken. O(levels). */
export function findFree(core: Core, hi: number, lo: number): boolean {
  for (;;) {
    let node: Node | undefined = core.root
    if (node === undefined || (node.length === NODE_LENGTH && isBeyond(hi, lo, core.shift))) return foundFree(hi, lo)
    let shift = core.shift
    let later = -1
    let laterShift = 0
    let taken: unknown
    while (node.length === NODE_LENGTH) {
      const slot = slotOf(hi, lo, shift)
      const next = nextOpen(node, shift, slot + 1)
      if (next >= 0) {
        later = next
        laterShift = shift
      }
      taken = node[SLOT + slot]
      if (taken === undefined) return foundFree(hi, lo)
      if (shift === 0 || taken instanceof Run || nextOpen(node, shift, slot) !== slot) break
      node = taken as Node
      shift -= CHUNK_SHIFT
    }
    if (node.length !== NODE_LENGTH) {
      if (!skipTaken(node, hi, lo)) return false
      if (spot.hi === hi && spot.lo === lo) return true
      hi = spot.hi
      lo = spot.lo
      continue
    }
    if (later < 0) {
      // All up to the end of the tree is taken.
      if (core.shift === TOP_SHIFT) return false
      laterShift = core.shift
      later = SLOTS
    }
    const at = indexOfSlot(hi, lo, laterShift, later)
    if (!at) return false
    hi = spot.hi
    lo = spot.lo
  }
}

function foundFree(hi: number, lo: number): boolean {
  spot.hi = hi
  spot.lo = lo
  return true
}

/** First slot at or above `from` that is not known to be full, or -1. */
function nextOpen(node: Node, shift: number, from: number): number {
  let low = node[PRESENT_LO] as number
  let high = node[PRESENT_HI] as number
  if (shift !== 0) {
    const marks = node[MARKS] as number[] | undefined
    low = marks === undefined ? 0 : marks[0]!
    high = marks === undefined ? 0 : marks[1]!
  }
  const slot = nextBit(~low, ~high, from)
  return slot >= (shift === TOP_SHIFT ? TOP_SLOTS : SLOTS) ? -1 : slot
}

/** Leaves the first index of a slot (SLOTS: the first behind the node) in `spot`; (hi, lo) is any index of the node. */
function indexOfSlot(hi: number, lo: number, shift: number, slot: number): boolean {
  const baseHi = hi & ~maskHi(shift + CHUNK_SHIFT)
  const baseLo = (lo & ~maskLo(shift + CHUNK_SHIFT)) >>> 0
  if (shift >= 32) {
    spot.lo = baseLo | 0
    spot.hi = (baseHi + slot * 2 ** (shift - 32)) | 0
    return true
  }
  const sum = baseLo + slot * 2 ** shift
  spot.lo = sum | 0
  spot.hi = (baseHi + Math.floor(sum / 2 ** 32)) | 0
  return true
}

/** Steps over the entries of a sparse leaf that follow the index without a gap; false when they reach the end of all indexes. */
function skipTaken(leaf: Node, hi: number, lo: number): boolean {
  for (;;) {
    const pos = positionOf(leaf, hi, lo)
    if (pos < 0) return foundFree(hi, lo)
    const entry = entryAt(leaf, pos)
    if (entry instanceof Run) {
      hi = entry.lastHi
      lo = entry.lastLo
    }
    lo = (lo + 1) | 0
    if (lo === 0) hi = (hi + 1) | 0
    if (lo === 0 && hi === 0) return false
  }
}
