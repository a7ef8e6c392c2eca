// The marks of entries, and the summary bits above them that let a marked search skip clean subtrees (spec data-structures 2.7).

import type { Core } from './core.ts'
import { isBeyond, maskHi, maskLo, slotHi, slotLo, slotOf } from './geometry.ts'
import * as layout from './layout.ts'
import { anyMark, clearMarkBit, marksAt, marksBelow, type Node, setMarkBit } from './node.ts'
import { Run } from './run.ts'
import { entryMarksAt, positionOf, setEntryMarksAt, sparseMarks } from './sparse-leaf.ts'

const { CHUNK_SHIFT, NODE_LENGTH, SLOT } = layout

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

/** Sets or clears a mark of an entry (what `peek` gave for the index). O(levels). */
export function changeMark(core: Core, hi: number, lo: number, entry: unknown, mark: number, on: boolean): void {
  const run = entry instanceof Run ? entry : undefined
  const { firstHi, firstLo, lastHi, lastLo } = run ?? { firstHi: hi, firstLo: lo, lastHi: hi, lastLo: lo }
  changeBelow(core.root!, core.shift, firstHi, firstLo, lastHi, lastLo, mark, on)
}

/** Changes the part [first, last] of one entry that lies under the node; true if anything there has the mark afterwards. */
function changeBelow(
  node: Node,
  shift: number,
  firstHi: number,
  firstLo: number,
  lastHi: number,
  lastLo: number,
  mark: number,
  on: boolean,
): boolean {
  if (node.length !== NODE_LENGTH) {
    const pos = positionOf(node, firstHi, firstLo)
    const set = entryMarksAt(node, pos)
    setEntryMarksAt(node, pos, on ? set | (1 << mark) : set & ~(1 << mark))
    return (sparseMarks(node) & (1 << mark)) !== 0
  }
  const from = slotOf(firstHi, firstLo, shift)
  const to = slotOf(lastHi, lastLo, shift)
  for (let slot = from; slot <= to; slot++) {
    const below = node[SLOT + slot]
    let isSet = on
    if (shift > 0 && !(below instanceof Run)) {
      const hi = slot === from ? firstHi : slotHi(firstHi, slot, shift)
      const lo = slot === from ? firstLo : slotLo(firstLo, slot, shift)
      const endHi = slot === to ? lastHi : hi | maskHi(shift)
      const endLo = slot === to ? lastLo : lo | maskLo(shift)
      isSet = changeBelow(below as Node, shift - CHUNK_SHIFT, hi, lo, endHi, endLo, mark, on)
    }
    if (isSet) setMarkBit(node, slot, mark)
    else clearMarkBit(node, slot, mark)
  }
  return anyMark(node, mark)
}
