// Taking an entry out, and with it every node that it leaves empty.

import { type Core, settle } from './core.ts'
import { maskHi, maskLo, slotHi, slotLo, slotOf } from './geometry.ts'
import * as layout from './layout.ts'
import { clearMarkBit, clearPresent, isEmpty, isPresent, marksBelow, type Node, nextBit, writeMarks } from './node.ts'
import { Run } from './run.ts'
import { isLoose, lengthOf, positionOf, removeAt, sparseMarks, tighten } from './sparse-leaf.ts'

const { CHUNK_SHIFT, MARKS, NODE_LENGTH, SLOT } = layout

/** Removes an entry (what `peek` gave for the index). O(levels). */
export function remove(core: Core, hi: number, lo: number, entry: unknown): void {
  core.version = (core.version + 1) | 0
  let isEmptied: boolean
  if (core.runs !== 0 && entry instanceof Run) {
    isEmptied = removeBelow(core, core.root!, core.shift, entry.firstHi, entry.firstLo, entry.lastHi, entry.lastLo)
    core.runs--
  } else isEmptied = removeBelow(core, core.root!, core.shift, hi, lo, hi, lo)
  if (isEmptied) {
    core.root = undefined
    core.shift = 0
  } else {
    core.root = smaller(core.root!, core.shift)
    if (core.root.length !== NODE_LENGTH) core.shift = 0
    shrink(core)
  }
  settle(core)
}

/** While only slot 0 of the top is taken and a node or leaf hangs there, the top serves for nothing. */
function shrink(core: Core): void {
  while (core.shift > 0) {
    const root = core.root!
    if (!isPresent(root, 0) || nextBit(root, 0, 1, 0) >= 0 || root[SLOT] instanceof Run) return
    core.root = root[SLOT] as Node
    core.shift = core.root.length === NODE_LENGTH ? core.shift - CHUNK_SHIFT : 0
  }
}

/** What takes the place of a node or sparse leaf after an entry under it went: itself, or something smaller. */
function smaller(node: Node, shift: number): Node {
  if (node.length !== NODE_LENGTH) return isLoose(node) ? tighten(node) : node
  if (shift === 0) return node
  // One sparse leaf alone can stand for the node above it.
  const slot = nextBit(node, 0, 0, 0)
  const below = node[SLOT + slot]
  const isLone = nextBit(node, 0, slot + 1, 0) < 0 && !(below instanceof Run) && (below as Node).length !== NODE_LENGTH
  return isLone ? (below as Node) : node
}

/** Removes the part [first, last] of one entry that lies under the node; true if that leaves the node empty. */
function removeBelow(core: Core, node: Node, shift: number, firstHi: number, firstLo: number, lastHi: number, lastLo: number): boolean {
  if (node.length !== NODE_LENGTH) {
    removeAt(node, positionOf(node, firstHi, firstLo))
    return lengthOf(node) === 0
  }
  const from = slotOf(firstHi, firstLo, shift)
  const to = slotOf(lastHi, lastLo, shift)
  for (let slot = from; slot <= to; slot++) {
    const below = node[SLOT + slot]
    if (shift === 0 || below instanceof Run) {
      clearSlot(node, slot)
      continue
    }
    const hi = slot === from ? firstHi : slotHi(firstHi, slot, shift)
    const lo = slot === from ? firstLo : slotLo(firstLo, slot, shift)
    const endHi = slot === to ? lastHi : hi | maskHi(shift)
    const endLo = slot === to ? lastLo : lo | maskLo(shift)
    if (removeBelow(core, below as Node, shift - CHUNK_SHIFT, hi, lo, endHi, endLo)) {
      clearSlot(node, slot)
      continue
    }
    node[SLOT + slot] = smaller(below as Node, shift - CHUNK_SHIFT)
    if (node[MARKS] !== undefined) refreshMarks(core, node, slot)
  }
  return isEmpty(node)
}

function clearSlot(node: Node, slot: number): void {
  node[SLOT + slot] = undefined
  clearPresent(node, slot)
  for (let mark = 0; mark < 3; mark++) clearMarkBit(node, slot, mark)
}

/** Makes the summary of a child right again after an entry below it went; its full bit is gone. */
function refreshMarks(core: Core, node: Node, slot: number): void {
  const below = node[SLOT + slot] as Node
  writeMarks(node, slot, below.length === NODE_LENGTH ? marksBelow(below, core.allocates) : sparseMarks(below), core.allocates)
  if (core.allocates) clearMarkBit(node, slot, 0)
}
