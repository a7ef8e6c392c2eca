// Putting an entry where none is: growing the tree, making leaves, and turning a sparse leaf that is full into a node.

import { type Core, settle } from './core.ts'
import { isAfter, isBeyond, isWhole, maskHi, maskLo, slotHi, slotLo, slotOf } from './geometry.ts'
import * as layout from './layout.ts'
import { addMarks, isCrowded, isFull, makeNode, marksBelow, type Node, setMarkBit, setPresent } from './node.ts'
import { Run } from './run.ts'
import { capacityOf, entryAt, entryMarksAt, hiAt, insertSparse, lengthOf, loAt, makeSparse } from './sparse-leaf.ts'

const { CHUNK_SHIFT, INITIAL, NODE_LENGTH, SLOT, SPARSE_LIMIT, SPARSE_LIMIT_LOWEST } = layout

/** Places an entry or a Run with its marks (a set of bits) where nothing is. O(levels), amortised. */
export function place(core: Core, hi: number, lo: number, entry: unknown, set: number): void {
  core.version = (core.version + 1) | 0
  const run = entry instanceof Run ? entry : undefined
  const lastHi = run === undefined ? hi : run.lastHi
  const lastLo = run === undefined ? lo : run.lastLo
  if (run !== undefined) core.runs++
  const root = core.root ?? makeSparse(2, INITIAL)
  if (root.length !== NODE_LENGTH) {
    if (hasRoom(root, SPARSE_LIMIT, isBeyond(hiAt(root, lengthOf(root) - 1), loAt(root, lengthOf(root) - 1), CHUNK_SHIFT))) {
      core.root = insertSparse(root, hi, lo, entry, set)
      return
    }
    burstRoot(core, root)
  }
  while (isBeyond(lastHi, lastLo, core.shift)) grow(core)
  placeUnder(core, core.root!, core.shift, hi, lo, lastHi, lastLo, entry, set)
  settle(core)
}

/** Places an entry, or the part [first, last] of a run, under a node that covers it. */
function placeUnder(
  core: Core,
  node: Node,
  shift: number,
  hi: number,
  lo: number,
  lastHi: number,
  lastLo: number,
  entry: unknown,
  set: number,
): void {
  if (core.runs !== 0 && entry instanceof Run) placeRun(core, node, shift, hi, lo, lastHi, lastLo, entry, set)
  else placeOne(core, node, shift, hi, lo, entry, set)
  if (!core.allocates) return
  noteFull(node, shift, hi, lo)
  if (hi !== lastHi || lo !== lastLo) noteFull(node, shift, lastHi, lastLo)
}

/**
 * A sparse leaf takes one more entry unless it is at its limit, or would double although its entries lie so close together that the one
 * dense leaf that takes their place (`isFar`: more than that) is no larger.
 */
function hasRoom(leaf: Node, limit: number, isFar: boolean): boolean {
  const length = lengthOf(leaf)
  if (length >= limit) return false
  if (isFar || length < SPARSE_LIMIT_LOWEST || length !== capacityOf(leaf)) return true
  return (loAt(leaf, length - 1) >>> 0) - (loAt(leaf, 0) >>> 0) >= 4 * length
}

/** One more level on top: the old root becomes slot 0. */
function grow(core: Core): void {
  const old = core.root!
  const top = makeNode()
  top[SLOT] = old
  setPresent(top, 0)
  addMarks(top, 0, marksBelow(old, core.allocates))
  if (core.allocates && isFull(old, core.shift)) setMarkBit(top, 0, 0)
  core.root = top
  core.shift += CHUNK_SHIFT
}

/** Turns a sparse root into the lowest node that covers its entries. */
function burstRoot(core: Core, leaf: Node): void {
  const last = lengthOf(leaf) - 1
  const entry = entryAt(leaf, last)
  let shift = 0
  const hi = entry instanceof Run ? entry.lastHi : hiAt(leaf, last)
  const lo = entry instanceof Run ? entry.lastLo : loAt(leaf, last)
  while (isBeyond(hi, lo, shift)) shift += CHUNK_SHIFT
  core.root = burst(core, leaf, shift)
  core.shift = shift
}

/** A node with this shift instead of a sparse leaf that it covers. */
function burst(core: Core, leaf: Node, shift: number): Node {
  const node = makeNode()
  const length = lengthOf(leaf)
  for (let pos = 0; pos < length; pos++) {
    const hi = hiAt(leaf, pos)
    const lo = loAt(leaf, pos)
    const entry = entryAt(leaf, pos)
    const run = core.runs !== 0 && entry instanceof Run ? entry : undefined
    // Of a run only the part that lies under this node, which may be less than all.
    const endHi = hi | maskHi(shift + CHUNK_SHIFT)
    const endLo = lo | maskLo(shift + CHUNK_SHIFT)
    const isCut = run !== undefined && isAfter(run.lastHi, run.lastLo, endHi, endLo)
    const lastHi = run === undefined ? hi : isCut ? endHi : run.lastHi
    const lastLo = run === undefined ? lo : isCut ? endLo : run.lastLo
    placeUnder(core, node, shift, hi, lo, lastHi, lastLo, entry, entryMarksAt(leaf, pos))
  }
  return node
}

/** Makes the child of a slot ready for one more entry: a sparse leaf with room, or a node. */
function openChild(core: Core, node: Node, slot: number, shift: number): Node {
  const below = node[SLOT + slot] as Node | undefined
  if (below === undefined) {
    setPresent(node, slot)
    // Data that grows upwards past a neighbour without a gap goes straight into dense nodes, with no sparse leaf on the way.
    const before = slot === 0 ? undefined : node[SLOT + slot - 1]
    const isAppend = Array.isArray(before) && before.length === NODE_LENGTH && isCrowded(before)
    return (node[SLOT + slot] = isAppend ? makeNode() : makeSparse(2, INITIAL))
  }
  if (below.length === NODE_LENGTH) return below
  const isLowest = shift === CHUNK_SHIFT
  if (hasRoom(below, isLowest ? SPARSE_LIMIT_LOWEST : SPARSE_LIMIT, isLowest || shift > 2 * CHUNK_SHIFT)) return below
  return (node[SLOT + slot] = burst(core, below, shift - CHUNK_SHIFT))
}

/** Places an entry at one index under a node. */
function placeOne(core: Core, top: Node, topShift: number, hi: number, lo: number, entry: unknown, set: number): void {
  let node = top
  let shift = topShift
  for (;;) {
    const slot = slotOf(hi, lo, shift)
    if (set !== 0) addMarks(node, slot, set)
    if (shift === 0) {
      node[SLOT + slot] = entry
      setPresent(node, slot)
      return
    }
    const below = openChild(core, node, slot, shift)
    if (below.length !== NODE_LENGTH) {
      node[SLOT + slot] = insertSparse(below, hi, lo, entry, set)
      return
    }
    node = below
    shift -= CHUNK_SHIFT
  }
}

/** Places the part [first, last] of a run under a node: in each slot that it fills, and below those that it touches. */
function placeRun(
  core: Core,
  node: Node,
  shift: number,
  firstHi: number,
  firstLo: number,
  lastHi: number,
  lastLo: number,
  run: Run,
  set: number,
): void {
  const from = slotOf(firstHi, firstLo, shift)
  const to = slotOf(lastHi, lastLo, shift)
  for (let slot = from; slot <= to; slot++) {
    const hi = slot === from ? firstHi : slotHi(firstHi, slot, shift)
    const lo = slot === from ? firstLo : slotLo(firstLo, slot, shift)
    const endHi = slot === to ? lastHi : hi | maskHi(shift)
    const endLo = slot === to ? lastLo : lo | maskLo(shift)
    addMarks(node, slot, set)
    if (isWhole(hi, lo, endHi, endLo, shift)) {
      node[SLOT + slot] = run
      setPresent(node, slot)
      if (shift > 0 && core.allocates) setMarkBit(node, slot, 0)
      continue
    }
    const below = openChild(core, node, slot, shift)
    if (below.length !== NODE_LENGTH) node[SLOT + slot] = insertSparse(below, hi, lo, run, set)
    else placeRun(core, below, shift - CHUNK_SHIFT, hi, lo, endHi, endLo, run, set)
  }
}

/**
 * Sets the full bits on the way to an index just taken, from the bottom up as far as nodes are full; true if this node is.
 * A slot that a run fills has its bit already.
 */
export function noteFull(node: Node, shift: number, hi: number, lo: number): boolean {
  if (node.length !== NODE_LENGTH) return false
  if (shift === 0) return isCrowded(node)
  const slot = slotOf(hi, lo, shift)
  const below = node[SLOT + slot]
  if (!(below instanceof Run)) {
    if (!noteFull(below as Node, shift - CHUNK_SHIFT, hi, lo)) return false
    setMarkBit(node, slot, 0)
  }
  return isFull(node, shift)
}
