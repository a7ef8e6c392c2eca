// Taking an entry out, and with it every node that it leaves empty.

import type { Core } from './core.ts'
import { CHUNK_SHIFT, slotOf } from './geometry.ts'
import {
  clearMarkBit,
  clearPresent,
  isEmpty,
  MARKS,
  marksBelow,
  NODE_LENGTH,
  type Node,
  PRESENT_HI,
  PRESENT_LO,
  SLOT,
  writeMarks,
} from './node.ts'
import { Run } from './run.ts'
import { entryAt, lengthOf, positionOf, removeSparse, sparseMarks } from './sparse-leaf.ts'

/** Removes the entry that covers an index which is known to be covered. O(levels). */
export function remove(core: Core, hi: number, lo: number): void {
  core.version = (core.version + 1) | 0
  const root = core.root!
  if (removeBelow(core, root, core.shift, hi, lo)) {
    core.root = undefined
    core.shift = 0
  } else if (root.length === NODE_LENGTH) shrink(core)
}

/** While only slot 0 of the top is taken and a node or leaf hangs there, the top serves for nothing. */
function shrink(core: Core): void {
  while (core.shift > 0) {
    const root = core.root!
    if (root[PRESENT_LO] !== 1 || root[PRESENT_HI] !== 0 || root[SLOT] instanceof Run) return
    core.root = root[SLOT] as Node
    core.shift = core.root.length === NODE_LENGTH ? core.shift - CHUNK_SHIFT : 0
  }
}

/** Returns whether the node is now empty. */
function removeBelow(core: Core, node: Node, shift: number, hi: number, lo: number): boolean {
  if (node.length !== NODE_LENGTH) {
    const pos = positionOf(node, hi, lo)
    if (core.runs !== 0 && entryAt(node, pos) instanceof Run) core.runs--
    removeSparse(node, pos)
    return lengthOf(node) === 0
  }
  const slot = slotOf(hi, lo, shift)
  const below = node[SLOT + slot]
  if (core.runs !== 0 && below instanceof Run) {
    core.runs--
    const to = slotOf(below.lastHi, below.lastLo, shift)
    for (let s = slotOf(below.firstHi, below.firstLo, shift); s <= to; s++) clearSlot(node, s)
    return isEmpty(node)
  }
  if (shift === 0 || removeBelow(core, below as Node, shift - CHUNK_SHIFT, hi, lo)) {
    clearSlot(node, slot)
    return isEmpty(node)
  }
  refreshMarks(core, node, slot)
  return false
}

function clearSlot(node: Node, slot: number): void {
  node[SLOT + slot] = undefined
  clearPresent(node, slot)
  if (node[MARKS] !== undefined) for (let mark = 0; mark < 3; mark++) clearMarkBit(node, slot, mark)
}

/** Makes the summary of a child right again after something below it was unmarked or removed; its full bit is gone. */
export function refreshMarks(core: Core, node: Node, slot: number): void {
  if (node[MARKS] === undefined) return
  const below = node[SLOT + slot] as Node
  writeMarks(node, slot, below.length === NODE_LENGTH ? marksBelow(below, core.allocates) : sparseMarks(below), core.allocates)
  if (core.allocates) clearMarkBit(node, slot, 0)
}
