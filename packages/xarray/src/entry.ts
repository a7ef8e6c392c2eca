// What store, erase and their kin mean for one index, with reservations and multi-index entries (spec data-structures 2.5).

import { type Core, RESERVED, recount } from './core.ts'
import { isBeyond, slotOf } from './geometry.ts'
import { LAYOUT } from './layout.ts'
import { peek } from './lookup.ts'
import { isCrowded, type Node, nextBit, setPresent } from './node.ts'
import { noteFull, place } from './place.ts'
import { remove } from './remove.ts'
import { Run } from './run.ts'
import { positionOf, setEntryAt } from './sparse-leaf.ts'

const { CHUNK_SHIFT, MARKS, NODE_LENGTH, SLOT, SLOT_MASK } = LAYOUT

/** The entry or RESERVED that a raw slot content stands for. */
export function content(raw: unknown): unknown {
  return raw instanceof Run ? raw.value : raw
}

/** As a reader who is not to know of reservations sees it. */
export function visible(raw: unknown): unknown {
  const entry = raw instanceof Run ? raw.value : raw
  return entry === RESERVED ? undefined : entry
}

/** The dense leaf whose slots include the index, or undefined. O(levels). */
export function denseLeaf(core: Core, hi: number, lo: number): Node | undefined {
  let node = core.root
  let shift = core.shift
  if (node === undefined || node.length !== NODE_LENGTH || isBeyond(hi, lo, shift)) return undefined
  while (shift > 0) {
    const below = node[SLOT + slotOf(hi, lo, shift)]
    if (below === undefined || (below as Node).length !== NODE_LENGTH) return undefined
    node = below as Node
    shift -= CHUNK_SHIFT
  }
  return node
}

/** Puts an entry or RESERVED at an index, or into the whole multi-index entry that covers it. Marks stay. Returns what was there. */
export function put(core: Core, hi: number, lo: number, entry: unknown): unknown {
  const leaf = denseLeaf(core, hi, lo)
  return leaf === undefined ? putElsewhere(core, hi, lo, entry) : putInLeaf(core, leaf, hi, lo, entry)
}

/** The same where the dense leaf is known. Workloads xa: store, store_next. */
export function putInLeaf(core: Core, leaf: Node, hi: number, lo: number, entry: unknown): unknown {
  const slot = lo & SLOT_MASK
  const old = leaf[SLOT + slot]
  if (old === undefined) {
    leaf[SLOT + slot] = entry
    setPresent(leaf, slot)
    recount(core, undefined, entry)
    if (core.allocates && isCrowded(leaf)) noteFull(core.root!, core.shift, hi, lo)
    return undefined
  }
  if (core.runs !== 0 && old instanceof Run) return putInRun(core, old, entry)
  leaf[SLOT + slot] = entry
  if (old === RESERVED || entry === RESERVED) recount(core, old, entry)
  return old
}

function putInRun(core: Core, run: Run, entry: unknown): unknown {
  const old = run.value
  run.value = entry
  if (old === RESERVED || entry === RESERVED) recount(core, old, entry)
  return old
}

function putElsewhere(core: Core, hi: number, lo: number, entry: unknown): unknown {
  const old = peek(core, hi, lo)
  if (old === undefined) {
    place(core, hi, lo, entry, 0)
    recount(core, undefined, entry)
    return undefined
  }
  if (old instanceof Run) return putInRun(core, old, entry)
  replaceSparse(core, hi, lo, entry)
  if (old === RESERVED || entry === RESERVED) recount(core, old, entry)
  return old
}

function replaceSparse(core: Core, hi: number, lo: number, entry: unknown): void {
  let node = core.root!
  for (let shift = core.shift; node.length === NODE_LENGTH; shift -= CHUNK_SHIFT) node = node[SLOT + slotOf(hi, lo, shift)] as Node
  setEntryAt(node, positionOf(node, hi, lo), entry)
}

/** Removes the entry or reservation that covers an index, whole. Returns what was there. */
export function drop(core: Core, hi: number, lo: number): unknown {
  const leaf = denseLeaf(core, hi, lo)
  return leaf === undefined ? dropElsewhere(core, hi, lo) : dropFromLeaf(core, leaf, hi, lo)
}

/** The same where the dense leaf is known. Workloads xa: erase, clear. */
export function dropFromLeaf(core: Core, leaf: Node, hi: number, lo: number): unknown {
  const slot = lo & SLOT_MASK
  const old = leaf[SLOT + slot]
  if (old === undefined) return undefined
  const word = (leaf[slot >>> 5] as number) & ~(1 << (slot & 31))
  // What else must change with the slot is left to the slow path: marks, a run's other slots, full bits, an empty leaf.
  if (leaf[MARKS] !== undefined || core.runs !== 0 || (word === 0 && isLast(leaf, slot)) || (core.allocates && isCrowded(leaf))) {
    return dropElsewhere(core, hi, lo)
  }
  leaf[slot >>> 5] = word
  leaf[SLOT + slot] = undefined
  recount(core, old, undefined)
  return old
}

/** No other slot is taken than this one. */
function isLast(leaf: Node, slot: number): boolean {
  return nextBit(leaf, 0, 0, 0) === slot && nextBit(leaf, 0, slot + 1, 0) < 0
}

function dropElsewhere(core: Core, hi: number, lo: number): unknown {
  const raw = peek(core, hi, lo)
  if (raw === undefined) return undefined
  const old = content(raw)
  remove(core, hi, lo, raw)
  recount(core, old, undefined)
  return old
}
