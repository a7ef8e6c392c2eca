// Taking an entry out, and with it every node that it leaves empty.

import { type Core, forget, renew, spot } from './core.ts'
import { slotOf } from './geometry.ts'
import * as layout from './layout.ts'
import { marksBelow } from './marks.ts'
import { fillSlot, isEmpty, isNode, type Node, nextBit, writeMarks } from './node.ts'
import { nextPart, Run } from './run.ts'
import { isLoose, lengthOf, positionOf, removeAt, tighten } from './sparse-leaf.ts'

const { CHUNK_SHIFT, MARKS, SLOT } = layout

/** Removes an entry (what `peek` gave for the index). O(levels). */
export function remove(core: Core, hi: number, lo: number, entry: unknown): void {
  if (entry instanceof Run) {
    core.runs--
    hi = entry.firstHi
    lo = entry.firstLo
  }
  renew(core)
  let root = removeBelow(core, core.root!, core.shift, hi, lo, entry)
  // While only slot 0 of the top is taken and a node or leaf hangs there, the top serves for nothing.
  while (core.shift > 0 && isNode(root) && nextBit(root, 0, 1, 0) < 0 && Array.isArray(root[SLOT])) {
    root = root[SLOT] as Node
    core.bits = core.shift
    core.shift -= CHUNK_SHIFT
  }
  if (!isNode(root)) {
    core.shift = 0
    core.bits = 64
  }
  core.root = root
}

/** Removes what lies of one entry under the node, from the index on. Returns what takes the node's place, which may be nothing. */
function removeBelow(core: Core, node: Node, shift: number, hi: number, lo: number, entry: unknown): Node | undefined {
  if (!isNode(node)) {
    removeAt(node, positionOf(node, hi, lo))
    return lengthOf(node) === 0 ? undefined : isLoose(node) ? tighten(node) : node
  }
  for (;;) {
    const slot = slotOf(hi, lo, shift)
    const below = node[SLOT + slot]
    const isEntry = shift === 0 || below instanceof Run
    const left = isEntry ? undefined : removeBelow(core, below as Node, shift - CHUNK_SHIFT, hi, lo, entry)
    fillSlot(node, slot, left)
    // The summary of what is left; its full bit is gone.
    if (node[MARKS] !== undefined) writeMarks(node, slot, left === undefined ? 0 : marksBelow(left, core.allocates))
    if (!nextPart(entry, hi, lo, shift)) {
      if (!isEmpty(node)) return smaller(node, shift)
      if (shift === 0) forget(core, hi, lo)
      return undefined
    }
    ;({ hi, lo } = spot)
  }
}

/** One sparse leaf alone can stand for the node above it. */
function smaller(node: Node, shift: number): Node {
  if (shift === 0) return node
  const slot = nextBit(node, 0, 0, 0)
  const below = node[SLOT + slot]
  return Array.isArray(below) && !isNode(below) && nextBit(node, 0, slot + 1, 0) < 0 ? below : node
}
