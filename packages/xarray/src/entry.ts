// What store, erase and their kin mean for one index, with reservations and multi-index entries (spec data-structures 2.5).

import { type Core, RESERVED, recount, spot } from './core.ts'
import * as layout from './layout.ts'
import { peek, reach } from './lookup.ts'
import { isCrowded, isEmpty, isNode, type Node } from './node.ts'
import { place, placeUnder } from './place.ts'
import { remove } from './remove.ts'
import { Run } from './run.ts'
import { entryAt, fits, holderBefore, insertAt, isLoose, lengthOf, positionAfter, positionOf, removeAt, setEntryAt } from './sparse-leaf.ts'

const { ENTRY_MARKS, MARKS, SLOT, SLOT_MASK } = layout
const reserved: unknown = RESERVED

/** The entry or RESERVED that a raw slot content stands for. */
export function content(raw: unknown): unknown {
  return raw instanceof Run ? raw.value : raw
}

/** As a reader who is not to know of reservations sees it. */
export function visible(raw: unknown): unknown {
  return hide(content(raw))
}

/** An entry, where that is no reservation. */
export function hide<T>(entry: unknown): T | undefined {
  return entry === RESERVED ? undefined : (entry as T | undefined)
}

/** The leaf that the index belongs to, dense or sparse; undefined where there is none. O(levels). */
function leafOf(core: Core, hi: number, lo: number): Node | undefined {
  const node = reach(core, hi, lo)
  return spot.shift !== 0 && isNode(node) ? undefined : node
}

/** Puts an entry or RESERVED at an index, or into the whole multi-index entry that covers it. Marks stay. Returns what was there. */
export function put(core: Core, hi: number, lo: number, entry: unknown): unknown {
  const leaf = leafOf(core, hi, lo)
  if (leaf === undefined) return putElsewhere(core, hi, lo, entry)
  return isNode(leaf) ? putInLeaf(core, leaf, hi, lo, entry) : putInSparse(core, leaf, hi, lo, entry)
}

/** The same where the dense leaf is known. Workloads xa: store, store_next. */
export function putInLeaf(core: Core, leaf: Node, hi: number, lo: number, entry: unknown): unknown {
  const slot = lo & SLOT_MASK
  const word = leaf[slot >>> 5] as number
  // The slot of what is absent is not read: presence words stay in a cache where slots do not.
  if (((word >>> slot) & 1) !== 0) return replaceInLeaf(core, leaf, slot, entry)
  leaf[SLOT + slot] = entry
  leaf[slot >>> 5] = word | (1 << slot)
  if (entry === reserved) recount(core, undefined, entry)
  else core.size++
  // Placing it where it stands tells the nodes above that the leaf is full.
  if (core.allocMode !== undefined && isCrowded(leaf)) placeUnder(core, core.root!, core.shift, hi, lo, entry, 0)
  return undefined
}

function replaceInLeaf(core: Core, leaf: Node, slot: number, entry: unknown): unknown {
  const old = leaf[SLOT + slot]
  if (core.runs !== 0 && old instanceof Run) return putInRun(core, old, entry)
  leaf[SLOT + slot] = entry
  if (old === reserved || entry === reserved) recount(core, old, entry)
  return old
}

function putInRun(core: Core, run: Run, entry: unknown): unknown {
  const old = run.value
  run.value = entry
  recount(core, old, entry)
  return old
}

/** The same where the sparse leaf is known. */
function putInSparse(core: Core, leaf: Node, hi: number, lo: number, entry: unknown): unknown {
  const pos = positionAfter(leaf, hi, lo)
  const holder = holderBefore(leaf, pos, hi, lo)
  if (holder < 0) {
    if (fits(leaf, hi)) insertAt(leaf, pos, hi, lo, entry, 0)
    else place(core, hi, lo, entry, 0)
    recount(core, undefined, entry)
    return undefined
  }
  const old = entryAt(leaf, holder)
  if (old instanceof Run) return putInRun(core, old, entry)
  setEntryAt(leaf, holder, entry)
  recount(core, old, entry)
  return old
}

function putElsewhere(core: Core, hi: number, lo: number, entry: unknown): unknown {
  const run = peek(core, hi, lo)
  if (run instanceof Run) return putInRun(core, run, entry)
  place(core, hi, lo, entry, 0)
  recount(core, undefined, entry)
  return undefined
}

/** Removes the entry or reservation that covers an index, whole. Returns what was there. */
export function drop(core: Core, hi: number, lo: number): unknown {
  const leaf = leafOf(core, hi, lo)
  if (leaf === undefined) return dropElsewhere(core, hi, lo)
  return isNode(leaf) ? dropFromLeaf(core, leaf, hi, lo) : dropFromSparse(core, leaf, hi, lo)
}

/** The same where the sparse leaf is known. */
function dropFromSparse(core: Core, leaf: Node, hi: number, lo: number): unknown {
  const pos = positionOf(leaf, hi, lo)
  if (pos < 0) return undefined
  // What else must change with the leaf is left to the slow path: marks, a run's other places, an empty leaf or one with too much room.
  if (core.runs !== 0 || leaf[ENTRY_MARKS] !== undefined || lengthOf(leaf) === 1 || isLoose(leaf)) return dropElsewhere(core, hi, lo)
  const old = entryAt(leaf, pos)
  removeAt(leaf, pos)
  recount(core, old, undefined)
  return old
}

/** The same where the dense leaf is known. Workloads xa: erase, clear. */
export function dropFromLeaf(core: Core, leaf: Node, hi: number, lo: number): unknown {
  const slot = lo & SLOT_MASK
  const old = leaf[SLOT + slot]
  if (old === undefined) return undefined
  // A comparison, since V8 does not know that `allocates` is a boolean: 7 instructions.
  const isNoted = core.allocMode !== undefined && isCrowded(leaf)
  const word = (leaf[slot >>> 5] as number) & ~(1 << slot)
  leaf[slot >>> 5] = word
  // What else must change with the slot is left to the slow path: marks, a run's other slots, full bits, an empty leaf.
  if (leaf[MARKS] !== undefined || core.runs !== 0 || isNoted || (word === 0 && isEmpty(leaf))) return dropElsewhere(core, hi, lo)
  leaf[SLOT + slot] = undefined
  if (old === reserved) recount(core, old, undefined)
  else core.size--
  return old
}

function dropElsewhere(core: Core, hi: number, lo: number): unknown {
  const raw = peek(core, hi, lo)
  if (raw === undefined) return undefined
  const old = content(raw)
  remove(core, hi, lo, raw)
  recount(core, old, undefined)
  return old
}
