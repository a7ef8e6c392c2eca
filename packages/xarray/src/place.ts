// Putting an entry where none is: growing the tree, making leaves, and turning a sparse leaf that is full into a node.

import type { Core } from './core.ts'
import { CHUNK_SHIFT, FULL_HI, FULL_LO, isBeyond, SLOT_MASK, SPARSE_LIMIT, SPARSE_LIMIT_LOWEST, slotOf } from './geometry.ts'
import {
  isCrowded,
  makeNode,
  marksBelow,
  marksOf,
  NODE_LENGTH,
  type Node,
  PRESENT_HI,
  PRESENT_LO,
  SLOT,
  setMarkBit,
  setPresent,
  writeMarks,
} from './node.ts'
import { Run } from './run.ts'
import { entryAt, entryMarksAt, hiAt, insertSparse, lengthOf, loAt, makeSparse } from './sparse-leaf.ts'

/** Places an entry with its marks (a set of bits) at an index that nothing covers. O(levels), amortised. */
export function place(core: Core, hi: number, lo: number, entry: unknown, set: number): void {
  core.version = (core.version + 1) | 0
  const run = entry instanceof Run ? entry : undefined
  if (run !== undefined) core.runs++
  let root = core.root
  if (root === undefined) root = core.root = makeSparse(hi)
  if (root.length !== NODE_LENGTH) {
    if (lengthOf(root) < SPARSE_LIMIT) {
      core.root = insertSparse(root, hi, lo, entry, set)
      return
    }
    burstRoot(core, root)
  }
  const lastHi = run === undefined ? hi : run.lastHi
  const lastLo = run === undefined ? lo : run.lastLo
  const level = run === undefined ? 0 : run.shift
  while (isBeyond(lastHi, lastLo, core.shift) || core.shift < level) grow(core)
  placeBelow(core, core.root!, core.shift, hi, lo, entry, set)
  if (core.allocates) noteFull(core, hi, lo)
}

/** One more level on top: the old root becomes slot 0. */
function grow(core: Core): void {
  const old = core.root!
  const top = makeNode()
  top[SLOT] = old
  setPresent(top, 0)
  writeMarks(top, 0, marksBelow(old, core.allocates), core.allocates)
  if (core.allocates && isFull(old, core.shift)) setMarkBit(top, 0, 0)
  core.root = top
  core.shift += CHUNK_SHIFT
}

/** Turns a sparse root into the lowest node that covers its entries. */
function burstRoot(core: Core, leaf: Node): void {
  const last = lengthOf(leaf) - 1
  const run = entryAt(leaf, last)
  let shift = 0
  while (isBeyond(run instanceof Run ? run.lastHi : hiAt(leaf, last), run instanceof Run ? run.lastLo : loAt(leaf, last), shift)) {
    shift += CHUNK_SHIFT
  }
  for (let pos = 0; core.runs !== 0 && pos <= last; pos++) {
    const entry = entryAt(leaf, pos)
    if (entry instanceof Run && entry.shift > shift) shift = entry.shift
  }
  core.root = burst(core, leaf, shift)
  core.shift = shift
}

function burst(core: Core, leaf: Node, shift: number): Node {
  const node = makeNode()
  const length = lengthOf(leaf)
  for (let pos = 0; pos < length; pos++) {
    placeBelow(core, node, shift, hiAt(leaf, pos), loAt(leaf, pos), entryAt(leaf, pos), entryMarksAt(leaf, pos))
  }
  if (core.allocates) markFullSlots(node, shift)
  return node
}

/** Places an entry below a node that covers it. */
function placeBelow(core: Core, top: Node, topShift: number, hi: number, lo: number, entry: unknown, set: number): void {
  const run = core.runs !== 0 && entry instanceof Run ? entry : undefined
  const level = run === undefined ? 0 : run.shift
  let node = top
  let shift = topShift
  while (shift > level) {
    const slot = slotOf(hi, lo, shift)
    for (let mark = core.allocates ? 1 : 0; set >>> mark !== 0; mark++) if ((set & (1 << mark)) !== 0) setMarkBit(node, slot, mark)
    const below = node[SLOT + slot] as Node | undefined
    const limit = shift === CHUNK_SHIFT ? SPARSE_LIMIT_LOWEST : SPARSE_LIMIT
    if (below === undefined) {
      setPresent(node, slot)
      if (!followsCrowded(node, slot)) {
        node[SLOT + slot] = insertSparse(makeSparse(hi), hi, lo, entry, set)
        return
      }
      node = node[SLOT + slot] = makeNode()
    } else if (below.length === NODE_LENGTH) {
      node = below
    } else if (lengthOf(below) < limit) {
      node[SLOT + slot] = insertSparse(below, hi, lo, entry, set)
      return
    } else {
      node = node[SLOT + slot] = burst(core, below, shift - CHUNK_SHIFT)
    }
    shift -= CHUNK_SHIFT
  }
  const from = slotOf(hi, lo, shift)
  const to = run === undefined ? from : slotOf(run.lastHi, run.lastLo, shift)
  for (let slot = from; slot <= to; slot++) {
    node[SLOT + slot] = entry
    setPresent(node, slot)
    if (set !== 0) writeMarks(node, slot, set, core.allocates)
    if (shift > 0 && core.allocates) setMarkBit(node, slot, 0)
  }
}

/** Data that grows upwards past a neighbour without a gap goes straight into dense nodes, with no sparse leaf on the way. */
function followsCrowded(node: Node, slot: number): boolean {
  if (slot === 0) return false
  const before = node[SLOT + slot - 1]
  return Array.isArray(before) && before.length === NODE_LENGTH && before[PRESENT_LO] === FULL_LO && before[PRESENT_HI] === FULL_HI
}

/** No index below the node is free. Only arrays that allocate keep the bits that tell it above shift 0. */
export function isFull(node: Node, shift: number): boolean {
  if (node.length !== NODE_LENGTH) return false
  if (shift === 0) return isCrowded(node)
  const marks = marksOf(node)
  return marks[0] === FULL_LO && marks[1] === FULL_HI
}

/** Writes the full bits of a node anew from its children. */
function markFullSlots(node: Node, shift: number): void {
  if (shift === 0) return
  for (let slot = 0; slot <= SLOT_MASK; slot++) {
    const below = node[SLOT + slot]
    if (below === undefined) continue
    if (below instanceof Run || isFull(below as Node, shift - CHUNK_SHIFT)) setMarkBit(node, slot, 0)
  }
}

/** Sets the full bits on the way to an index just taken, from the bottom up as far as nodes are full. */
export function noteFull(core: Core, hi: number, lo: number): void {
  if (core.root !== undefined && core.root.length === NODE_LENGTH) noteFullBelow(core.root, core.shift, hi, lo)
}

function noteFullBelow(node: Node, shift: number, hi: number, lo: number): boolean {
  if (node.length !== NODE_LENGTH) return false
  if (shift === 0) return isCrowded(node)
  const slot = slotOf(hi, lo, shift)
  const below = node[SLOT + slot]
  if (!(below instanceof Run)) {
    if (!noteFullBelow(below as Node, shift - CHUNK_SHIFT, hi, lo)) return false
    setMarkBit(node, slot, 0)
  }
  return isFull(node, shift)
}
