// The marks of entries, and the summary bits above them that let a marked search skip clean subtrees (spec data-structures 2.7).

import { type Core, spot } from './core.ts'
import { slotOf } from './geometry.ts'
import * as layout from './layout.ts'
import { reach } from './lookup.ts'
import { isNode, marksWithin, type Node, nextSlot, writeMark } from './node.ts'
import { nextPart, Run } from './run.ts'
import { entryMarksAt, positionOf, setEntryMarksAt, sparseMarks } from './sparse-leaf.ts'

const { CHUNK_SHIFT, SLOT, SLOT_MASK } = layout

/** The marks of the entry that covers an index, as a set of bits 1, 2, 4; 0 when there is none. O(levels). */
export function marksOfIndex(core: Core, hi: number, lo: number): number {
  const node = reach(core, hi, lo)
  if (node === undefined) return 0
  if (isNode(node)) {
    const slot = slotOf(hi, lo, spot.shift)
    return marksWithin(node, slot, slot, core.allocates)
  }
  const pos = positionOf(node, hi, lo)
  return pos < 0 ? 0 : entryMarksAt(node, pos)
}

/** The union of the marks of all entries below a node, or in a sparse leaf. */
export function marksBelow(node: Node, allocates: boolean): number {
  return isNode(node) ? marksWithin(node, 0, SLOT_MASK, allocates) : sparseMarks(node)
}

/** Sets or clears a mark of an entry (what `peek` gave for the index). O(levels). */
export function changeMark(core: Core, hi: number, lo: number, entry: unknown, mark: number, on: boolean): void {
  if (entry instanceof Run) changeBelow(core.root!, core.shift, entry.firstHi, entry.firstLo, entry, mark, on)
  else changeBelow(core.root!, core.shift, hi, lo, entry, mark, on)
}

/** Changes what lies of one entry under the node, from the index on; true if anything there has the mark afterwards. */
function changeBelow(node: Node, shift: number, hi: number, lo: number, entry: unknown, mark: number, on: boolean): boolean {
  if (!isNode(node)) {
    const pos = positionOf(node, hi, lo)
    const set = entryMarksAt(node, pos)
    setEntryMarksAt(node, pos, on ? set | (1 << mark) : set & ~(1 << mark))
    return (sparseMarks(node) & (1 << mark)) !== 0
  }
  for (;;) {
    const slot = slotOf(hi, lo, shift)
    const below = node[SLOT + slot]
    const isEntry = shift === 0 || below instanceof Run
    writeMark(node, slot, mark, isEntry ? on : changeBelow(below as Node, shift - CHUNK_SHIFT, hi, lo, entry, mark, on))
    if (!nextPart(entry, hi, lo, shift)) return nextSlot(node, mark, 0) >= 0
    ;({ hi, lo } = spot)
  }
}
