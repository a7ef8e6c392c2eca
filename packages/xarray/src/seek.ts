// Ordered search: the first entry at or after an index, with or without a mark. Workloads xa: find_all, find_rand.

import { type Core, spot } from './core.ts'
import { CHUNK_SHIFT, isBeyond, maskHi, maskLo, slotOf } from './geometry.ts'
import { MARKS, NODE_LENGTH, type Node, nextBit, PRESENT_HI, PRESENT_LO, SLOT } from './node.ts'
import { Run } from './run.ts'
import { entryAt, entryMarksAt, hiAt, lengthOf, loAt, positionAfter, positionOf } from './sparse-leaf.ts'

/** Any entry, as a value of the `mark` parameter. */
export const ANY: number = -1

function wordLo(node: Node, mark: number): number {
  if (mark === ANY) return node[PRESENT_LO] as number
  const marks = node[MARKS] as number[] | undefined
  return marks === undefined ? 0 : marks[mark * 2]!
}

function wordHi(node: Node, mark: number): number {
  if (mark === ANY) return node[PRESENT_HI] as number
  const marks = node[MARKS] as number[] | undefined
  return marks === undefined ? 0 : marks[mark * 2 + 1]!
}

/**
 * Finds the first entry (reserved ones included) that covers or follows the index and has the mark; leaves it in `spot`, with the index
 * asked for when the entry covers it, else the entry's first. O(levels): goes down once beside the index and, since no subtree is empty,
 * once more from the deepest node that has a later slot.
 */
export function seek(core: Core, hi: number, lo: number, mark: number): boolean {
  spot.leaf = undefined
  let node = core.root
  if (node === undefined) return false
  if (node.length !== NODE_LENGTH) return seekSparse(node, hi, lo, mark)
  let shift = core.shift
  if (isBeyond(hi, lo, shift)) return false
  let later: Node | undefined
  let laterShift = 0
  let laterSlot = 0
  for (;;) {
    const slot = slotOf(hi, lo, shift)
    const low = wordLo(node, mark)
    const high = wordHi(node, mark)
    const first = nextBit(low, high, slot)
    const next = first === slot ? nextBit(low, high, slot + 1) : first
    if (next >= 0) {
      later = node
      laterShift = shift
      laterSlot = next
    }
    if (first !== slot) break
    const below: unknown = node[SLOT + slot]
    if (shift === 0 || below instanceof Run) return found(hi, lo, below, shift === 0 ? node : undefined)
    node = below as Node
    if (node.length !== NODE_LENGTH) {
      if (seekSparse(node, hi, lo, mark)) return true
      break
    }
    shift -= CHUNK_SHIFT
  }
  return later !== undefined && seekFirst(later, laterShift, laterSlot, hi, lo, mark)
}

function found(hi: number, lo: number, raw: unknown, leaf: Node | undefined): boolean {
  spot.hi = hi
  spot.lo = lo
  spot.raw = raw
  spot.leaf = leaf
  return true
}

/** The first entry with the mark in a slot that is known to hold one; (hi, lo) is any index of the node. */
function seekFirst(top: Node, topShift: number, topSlot: number, hi: number, lo: number, mark: number): boolean {
  let node = top
  let shift = topShift
  let slot = topSlot
  hi &= ~maskHi(shift + CHUNK_SHIFT)
  lo &= ~maskLo(shift + CHUNK_SHIFT)
  for (;;) {
    if (shift < 32) lo |= slot << shift
    if (shift + CHUNK_SHIFT > 32) hi |= shift < 32 ? slot >>> (32 - shift) : slot << (shift - 32)
    const below: unknown = node[SLOT + slot]
    if (shift === 0 || below instanceof Run) return found(hi, lo, below, shift === 0 ? node : undefined)
    node = below as Node
    if (node.length !== NODE_LENGTH) return seekSparse(node, hi, lo, mark)
    shift -= CHUNK_SHIFT
    slot = nextBit(wordLo(node, mark), wordHi(node, mark), 0)
  }
}

function seekSparse(leaf: Node, hi: number, lo: number, mark: number): boolean {
  const holder = positionOf(leaf, hi, lo)
  if (holder >= 0 && (mark === ANY || (entryMarksAt(leaf, holder) & (1 << mark)) !== 0)) {
    return found(hi, lo, entryAt(leaf, holder), undefined)
  }
  const length = lengthOf(leaf)
  for (let pos = positionAfter(leaf, hi, lo); pos < length; pos++) {
    if (mark === ANY || (entryMarksAt(leaf, pos) & (1 << mark)) !== 0) {
      return found(hiAt(leaf, pos), loAt(leaf, pos), entryAt(leaf, pos), undefined)
    }
  }
  return false
}
