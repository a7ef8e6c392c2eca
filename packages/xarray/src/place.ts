// Putting an entry where none is: growing the tree, making leaves, and turning a sparse leaf that is full into a node.

import { type Core, renew, spot } from './core.ts'
import { fits, isBeyond, slotOf } from './geometry.ts'
import * as layout from './layout.ts'
import { marksBelow } from './marks.ts'
import { addMarks, fillSlot, isCrowded, isFull, makeNode, type Node, writeMark } from './node.ts'
import { nextPart, Run, toLast } from './run.ts'
import { capacityOf, entryAt, entryMarksAt, hiAt, insertSparse, lengthOf, loAt, makeSparse } from './sparse-leaf.ts'

const { CHUNK_SHIFT, CLOSE, INITIAL, ROOT_SHIFT, SLOT, SPARSE_LIMIT, SPARSE_LIMIT_LOWEST } = layout

/** Places an entry or a Run with its marks (a set of bits) where nothing is. O(levels), amortised. */
export function place(core: Core, hi: number, lo: number, entry: unknown, set: number): void {
  if (entry instanceof Run) core.runs++
  renew(core)
  const root = core.root ?? makeSparse(2, INITIAL)
  if ((root.length & 1) === 0) {
    if (hasRoom(root, SPARSE_LIMIT, isBeyond(hiAt(root, lengthOf(root) - 1), loAt(root, lengthOf(root) - 1), 2 * CHUNK_SHIFT))) {
      core.root = insertSparse(root, hi, lo, entry, set)
      return
    }
    burstRoot(core, root)
  }
  toLast(entry, hi, lo)
  while (isBeyond(spot.hi, spot.lo, core.bits)) grow(core)
  placeUnder(core, core.root!, core.shift, hi, lo, entry, set)
}

/** Places what lies of an entry under a node that covers the index, from the index on, and sets the bits of what is now full. */
export function placeUnder(core: Core, node: Node, shift: number, hi: number, lo: number, entry: unknown, set: number): void {
  for (;;) {
    const slot = slotOf(hi, lo, shift)
    addMarks(node, slot, set)
    if (shift === 0 || (entry instanceof Run && fits(hi, lo, entry.lastHi, entry.lastLo, shift))) fillSlot(node, slot, entry)
    else {
      const below = openChild(core, node, slot, shift)
      if ((below.length & 1) !== 0) placeUnder(core, below, shift - CHUNK_SHIFT, hi, lo, entry, set)
      else node[SLOT + slot] = insertSparse(below, hi, lo, entry, set)
    }
    if (core.allocates && shift > 0 && isFull(node[SLOT + slot], shift - CHUNK_SHIFT)) writeMark(node, slot, 0, true)
    if (!nextPart(entry, hi, lo, shift)) return
    ;({ hi, lo } = spot)
  }
}

/**
 * A sparse leaf takes one more entry unless it is at its limit, or would double although its entries lie so close together that the one
 * dense leaf, or the node and the few leaves, that take their place (`isFar`: more than that) are hardly larger.
 */
function hasRoom(leaf: Node, limit: number, isFar: boolean): boolean {
  const length = lengthOf(leaf)
  if (length >= limit) return false
  if (isFar || length < CLOSE || length !== capacityOf(leaf)) return true
  return (loAt(leaf, length - 1) >>> 0) - (loAt(leaf, 0) >>> 0) >= (length === CLOSE ? 4 : 16) * length
}

/** All slots for the root, or one more level on top: then the old root becomes slot 0. */
function grow(core: Core): void {
  const old = core.root!
  core.bits += ROOT_SHIFT
  const top = makeNode(core.bits)
  core.root = top
  if (core.bits % CHUNK_SHIFT === 0) {
    Object.assign(top, old)
    return
  }
  fillSlot(top, 0, old)
  addMarks(top, 0, marksBelow(old, core.allocates))
  if (core.allocates && isFull(old, core.shift)) writeMark(top, 0, 0, true)
  core.shift += CHUNK_SHIFT
}

/** Turns a sparse root into the lowest node that covers its entries. */
function burstRoot(core: Core, leaf: Node): void {
  const last = lengthOf(leaf) - 1
  toLast(entryAt(leaf, last), hiAt(leaf, last), loAt(leaf, last))
  core.bits = CHUNK_SHIFT
  while (isBeyond(spot.hi, spot.lo, core.bits)) core.bits += ROOT_SHIFT
  core.shift = (core.bits - 1) & -CHUNK_SHIFT
  core.root = burst(core, leaf, core.shift, makeNode(core.bits))
}

/** Moves what a sparse leaf holds to an empty node with this shift, which covers it and takes its place. */
function burst(core: Core, leaf: Node, shift: number, node: Node): Node {
  const length = lengthOf(leaf)
  for (let pos = 0; pos < length; pos++)
    placeUnder(core, node, shift, hiAt(leaf, pos), loAt(leaf, pos), entryAt(leaf, pos), entryMarksAt(leaf, pos))
  return node
}

/** Makes the child of a slot ready for one more entry: a sparse leaf with room, or a node. */
function openChild(core: Core, node: Node, slot: number, shift: number): Node {
  const below = node[SLOT + slot] as Node | undefined
  if (below === undefined) {
    // Data that grows upwards past a neighbour without a gap goes straight into dense nodes, with no sparse leaf on the way.
    const before = slot === 0 ? undefined : node[SLOT + slot - 1]
    const isAppend = Array.isArray(before) && (before.length & 1) !== 0 && isCrowded(before)
    fillSlot(node, slot, isAppend ? makeNode() : makeSparse(2, INITIAL))
    return node[SLOT + slot] as Node
  }
  if ((below.length & 1) !== 0) return below
  const isLowest = shift === CHUNK_SHIFT
  if (hasRoom(below, isLowest ? SPARSE_LIMIT_LOWEST : SPARSE_LIMIT, isLowest || shift > 2 * CHUNK_SHIFT)) return below
  return (node[SLOT + slot] = burst(core, below, shift - CHUNK_SHIFT, makeNode()))
}
