// A sparse leaf: sorted entries in one packed array that doubles from 4 to SPARSE_LIMIT entries, standing wherever a subtree would
// have few. [length, stride, hi, marks, lo0, entry0, lo1, entry1, …]; with stride 3 each entry also has its own hi, since not all share one.
// A Run is keyed by its first index under this leaf. docs/decisions/0002-xarray-leaves.md says why this and what it costs.

import { isAfter } from './geometry.ts'
import * as layout from './layout.ts'
import type { Node } from './node.ts'
import { covers, Run } from './run.ts'

const { COMMON_HI, ENTRIES, ENTRY_MARKS, LENGTH, STRIDE } = layout

const TEMPLATES: Node[][] = [[], []]

/** An empty leaf with room for a power of two of entries. */
export function makeSparse(stride: number, capacity: number): Node {
  const row = TEMPLATES[stride - 2]!
  const doublings = 31 - Math.clz32(capacity)
  let template = row[doublings]
  if (template === undefined) {
    template = [0, stride, 0, undefined]
    for (let i = capacity; i > 0; i--) {
      template.push(0, undefined)
      if (stride === 3) template.push(0)
    }
    row[doublings] = template
  }
  return template.slice()
}

export function lengthOf(leaf: Node): number {
  return leaf[LENGTH] as number
}

export function capacityOf(leaf: Node): number {
  return ((leaf.length - ENTRIES) / (leaf[STRIDE] as number)) | 0
}

export function loAt(leaf: Node, pos: number): number {
  return leaf[ENTRIES + pos * (leaf[STRIDE] as number)] as number
}

export function hiAt(leaf: Node, pos: number): number {
  return (leaf[STRIDE] === 2 ? leaf[COMMON_HI] : leaf[ENTRIES + pos * 3 + 2]) as number
}

export function entryAt(leaf: Node, pos: number): unknown {
  return leaf[ENTRIES + 1 + pos * (leaf[STRIDE] as number)]
}

export function setEntryAt(leaf: Node, pos: number, entry: unknown): void {
  leaf[ENTRIES + 1 + pos * (leaf[STRIDE] as number)] = entry
}

export function entryMarksAt(leaf: Node, pos: number): number {
  const marks = leaf[ENTRY_MARKS] as number[] | undefined
  return marks === undefined ? 0 : marks[pos]!
}

export function setEntryMarksAt(leaf: Node, pos: number, set: number): void {
  let marks = leaf[ENTRY_MARKS] as number[] | undefined
  if (marks === undefined) {
    if (set === 0) return
    marks = []
    for (let i = leaf[LENGTH] as number; i > 0; i--) marks.push(0)
    leaf[ENTRY_MARKS] = marks
  }
  marks[pos] = set
}

/** The union of the marks of all entries. O(entries), and free while none was ever set. */
export function sparseMarks(leaf: Node): number {
  const marks = leaf[ENTRY_MARKS] as number[] | undefined
  let set = 0
  if (marks !== undefined) for (let i = 0; i < marks.length; i++) set |= marks[i]!
  return set
}

/** The same as `positionAfter` by the low half alone, in a leaf with stride 2. */
function positionAfterLow(leaf: Node, lo: number): number {
  let low = 0
  // As a signed integer that V8 need not tag, as the middle is: 26 instructions a turn instead of 35.
  let high = (leaf[LENGTH] as number) | 0
  const key = lo >>> 0
  while (low < high) {
    const middle = (low + high) >> 1
    if ((leaf[ENTRIES + middle * 2] as number) >>> 0 > key) high = middle
    else low = middle + 1
  }
  return low
}

/** The entry at an index below 2^32, in a leaf that has only such entries, with stride 2, and no Run. O(log entries). Workload xa: load, sparse. */
export function lowEntry(leaf: Node, lo: number): unknown {
  const pos = ENTRIES - 2 + positionAfterLow(leaf, lo) * 2
  return pos >= ENTRIES && leaf[pos] === lo ? leaf[pos + 1] : undefined
}

/** Position of the first entry keyed above the index: binary search, O(log entries). */
export function positionAfter(leaf: Node, hi: number, lo: number): number {
  let low = 0
  let high = (leaf[LENGTH] as number) | 0
  if (leaf[STRIDE] === 2) {
    const common = leaf[COMMON_HI] as number
    return hi === common ? positionAfterLow(leaf, lo) : hi >>> 0 < common >>> 0 ? 0 : high
  }
  while (low < high) {
    const middle = (low + high) >> 1
    const p = ENTRIES + middle * 3
    if (isAfter(leaf[p + 2] as number, leaf[p] as number, hi, lo)) high = middle
    else low = middle + 1
  }
  return low
}

/** Position of the entry that holds the index (its key, or a run over it), or -1. */
export function positionOf(leaf: Node, hi: number, lo: number): number {
  return holderBefore(leaf, positionAfter(leaf, hi, lo), hi, lo)
}

/** The same when `positionAfter` is known. */
export function holderBefore(leaf: Node, after: number, hi: number, lo: number): number {
  const pos = after - 1
  if (pos < 0 || (loAt(leaf, pos) === lo && hiAt(leaf, pos) === hi)) return pos
  const entry = entryAt(leaf, pos)
  return entry instanceof Run && covers(entry, hi, lo) ? pos : -1
}

function copyInto(to: Node, leaf: Node): Node {
  const length = leaf[LENGTH] as number
  const stride = to[STRIDE] as number
  to[LENGTH] = length
  to[COMMON_HI] = leaf[COMMON_HI]
  to[ENTRY_MARKS] = leaf[ENTRY_MARKS]
  for (let pos = 0, p = ENTRIES; pos < length; pos++, p += stride) {
    to[p] = loAt(leaf, pos)
    to[p + 1] = entryAt(leaf, pos)
    if (stride === 3) to[p + 2] = hiAt(leaf, pos)
  }
  return to
}

/** The leaf has room for one more entry with this high half as it is. */
export function fits(leaf: Node, hi: number): boolean {
  return lengthOf(leaf) < capacityOf(leaf) && (leaf[STRIDE] === 3 || leaf[COMMON_HI] === hi)
}

/** Adds an entry that fits at its position (that of the first entry keyed above it). O(entries). Workload xa: store, sparse. */
export function insertAt(leaf: Node, pos: number, hi: number, lo: number, entry: unknown, set: number): void {
  const length = leaf[LENGTH] as number
  const stride = leaf[STRIDE] as number
  const at = ENTRIES + pos * stride
  // Four words a turn, since V8 checks the array anew at each turn: 27 instructions an entry, 36 with two.
  let p = ENTRIES + (length + 1) * stride - 1
  for (; p >= at + stride + 3; p -= 4) {
    leaf[p] = leaf[p - stride]
    leaf[p - 1] = leaf[p - 1 - stride]
    leaf[p - 2] = leaf[p - 2 - stride]
    leaf[p - 3] = leaf[p - 3 - stride]
  }
  for (; p >= at + stride; p--) leaf[p] = leaf[p - stride]
  leaf[at] = lo
  leaf[at + 1] = entry
  if (stride === 3) leaf[at + 2] = hi
  leaf[LENGTH] = length + 1
  const marks = leaf[ENTRY_MARKS] as number[] | undefined
  if (marks !== undefined) marks.splice(pos, 0, set)
  else if (set !== 0) setEntryMarksAt(leaf, pos, set)
}

/** Adds an entry whose index no other entry holds. Returns the leaf, which is a new one when it had to grow. O(entries). */
export function insertSparse(leaf: Node, hi: number, lo: number, entry: unknown, set: number): Node {
  const length = leaf[LENGTH] as number
  if (length === 0) leaf[COMMON_HI] = hi
  let to = leaf
  if (!fits(leaf, hi)) {
    const capacity = capacityOf(leaf)
    to = copyInto(makeSparse(leaf[COMMON_HI] === hi ? (leaf[STRIDE] as number) : 3, length === capacity ? capacity * 2 : capacity), leaf)
  }
  insertAt(to, positionAfter(to, hi, lo), hi, lo, entry, set)
  return to
}

/** Takes the entry at a position out. O(entries). */
export function removeAt(leaf: Node, pos: number): void {
  const stride = leaf[STRIDE] as number
  const length = (leaf[LENGTH] as number) - 1
  const end = ENTRIES + length * stride
  let p = ENTRIES + pos * stride
  for (; p < end - 3; p += 4) {
    leaf[p] = leaf[p + stride]
    leaf[p + 1] = leaf[p + 1 + stride]
    leaf[p + 2] = leaf[p + 2 + stride]
    leaf[p + 3] = leaf[p + 3 + stride]
  }
  for (; p < end; p++) leaf[p] = leaf[p + stride]
  leaf[end + 1] = undefined
  leaf[LENGTH] = length
  const marks = leaf[ENTRY_MARKS] as number[] | undefined
  if (marks !== undefined) marks.splice(pos, 1)
}

/** At most a quarter of the room is used, which is never so of the least room while there is an entry. */
export function isLoose(leaf: Node): boolean {
  return lengthOf(leaf) * 4 <= capacityOf(leaf)
}

/** The same leaf with half the room. */
export function tighten(leaf: Node): Node {
  return copyInto(makeSparse(leaf[STRIDE] as number, capacityOf(leaf) >> 1), leaf)
}
