// The marks of entries, and the summary bits above them that let a marked search skip clean subtrees (spec data-structures 2.7).

import type { Core } from './core.ts'
import { CHUNK_SHIFT, isBeyond, slotOf } from './geometry.ts'
import { anyMark, clearMarkBit, hasMark, marksAt, marksBelow, NODE_LENGTH, type Node, SLOT, setMarkBit } from './node.ts'
import { Run } from './run.ts'
import { entryMarksAt, positionOf, setEntryMarksAt, sparseMarks } from './sparse-leaf.ts'

/** The marks of the entry that covers an index, as a set of bits 1, 2, 4; 0 when there is none. O(levels). */
export function marksOfIndex(core: Core, hi: number, lo: number): number {
  let node = core.root
  let shift = core.shift
  if (node === undefined || (node.length === NODE_LENGTH && isBeyond(hi, lo, shift))) return 0
  while (node.length === NODE_LENGTH) {
    const slot = slotOf(hi, lo, shift)
    const below: unknown = node[SLOT + slot]
    if (below === undefined) return 0
    if (shift === 0 || below instanceof Run) return marksAt(node, slot, core.allocates)
    node = below as Node
    shift -= CHUNK_SHIFT
  }
  const pos = positionOf(node, hi, lo)
  return pos < 0 ? 0 : entryMarksAt(node, pos)
}

/** Any entry carries the mark. O(1), but O(entries) of the one leaf while the array is small. */
export function isMarked(core: Core, mark: number): boolean {
  const root = core.root
  if (root === undefined) return false
  return ((root.length === NODE_LENGTH ? marksBelow(root, core.allocates) : sparseMarks(root)) & (1 << mark)) !== 0
}

/** Sets or clears a mark of the entry that covers an index which is known to be covered. O(levels). */
export function changeMark(core: Core, hi: number, lo: number, mark: number, on: boolean): void {
  changeBelow(core.root!, core.shift, hi, lo, mark, on)
}

/** Returns whether anything below the node has the mark afterwards. */
function changeBelow(node: Node, shift: number, hi: number, lo: number, mark: number, on: boolean): boolean {
  if (node.length !== NODE_LENGTH) {
    const pos = positionOf(node, hi, lo)
    const set = entryMarksAt(node, pos)
    setEntryMarksAt(node, pos, on ? set | (1 << mark) : set & ~(1 << mark))
    return on || (sparseMarks(node) & (1 << mark)) !== 0
  }
  let from = slotOf(hi, lo, shift)
  if (!on && !hasMark(node, from, mark)) return anyMark(node, mark)
  const below = node[SLOT + from]
  let to = from
  let value = on
  if (below instanceof Run) {
    from = slotOf(below.firstHi, below.firstLo, shift)
    to = slotOf(below.lastHi, below.lastLo, shift)
  } else if (shift !== 0) value = changeBelow(below as Node, shift - CHUNK_SHIFT, hi, lo, mark, on)
  for (let slot = from; slot <= to; slot++) {
    if (value) setMarkBit(node, slot, mark)
    else clearMarkBit(node, slot, mark)
  }
  return anyMark(node, mark)
}
