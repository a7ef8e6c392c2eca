// Invariants of the whole structure, and the number of its nodes. Entry `@iommukit/xarray/check`, for tests.

import type { Core } from './core.ts'
import { RESERVED } from './core.ts'
import { CHUNK_SHIFT, isAfter, isBeyond, maskHi, maskLo, SLOTS, SPARSE_LIMIT, SPARSE_LIMIT_LOWEST, slotOf, TOP_SHIFT } from './geometry.ts'
import { hasMark, isEmpty, isPresent, MARKS, marksAt, marksBelow, NODE_LENGTH, type Node, SLOT } from './node.ts'
import { isFull } from './place.ts'
import { Run } from './run.ts'
import { ENTRY_MARKS, entryAt, entryMarksAt, hiAt, lengthOf, loAt, sparseMarks } from './sparse-leaf.ts'

interface Tally {
  size: number
  runs: number
  nodes: number
  lastHi: number
  lastLo: number
  isFirst: boolean
}

function assert(holds: boolean, message: string): void {
  if (!holds) throw new Error(`xarray invariant: ${message}`)
}

/** Throws unless the array is well formed. O(nodes and entries). */
export function checkInvariants(array: { readonly core: Core }): void {
  const { core } = array
  const tally = walkAll(core)
  assert(tally.size === core.size, `size is ${core.size}, entries are ${tally.size}`)
  assert(tally.runs === core.runs, `runs is ${core.runs}, multi-index entries are ${tally.runs}`)
  if (core.root === undefined) assert(core.shift === 0, 'an empty array has a shift')
}

/** Nodes and sparse leaves: 0 exactly when the array is empty. */
export function countNodes(array: { readonly core: Core }): number {
  return walkAll(array.core).nodes
}

function walkAll(core: Core): Tally {
  const tally: Tally = { size: 0, runs: 0, nodes: 0, lastHi: 0, lastLo: 0, isFirst: true }
  if (core.root === undefined) return tally
  if (core.root.length !== NODE_LENGTH) {
    assert(core.shift === 0, 'a sparse root has a shift')
    checkSparse(core, core.root, 64, 0, 0, SPARSE_LIMIT, tally)
  } else {
    const root = core.root
    if (core.shift > 0) {
      const isLow = isPresent(root, 0) && !(root[SLOT] instanceof Run)
      let others = 0
      for (let slot = 1; slot < SLOTS; slot++) if (isPresent(root, slot)) others++
      assert(!isLow || others > 0, 'the top node has only slot 0')
    }
    checkNode(core, root, core.shift, 0, 0, tally)
  }
  return tally
}

function visit(hi: number, lo: number, entry: unknown, tally: Tally): void {
  assert(tally.isFirst || isAfter(hi, lo, tally.lastHi, tally.lastLo), 'entries overlap or are out of order')
  tally.isFirst = false
  tally.lastHi = hi
  tally.lastLo = lo
  if (entry instanceof Run) {
    assert(entry.firstHi === hi && entry.firstLo === lo, 'a run is not keyed by its first index')
    assert(isAfter(entry.lastHi, entry.lastLo, hi, lo), 'a run of one index')
    const mask = entry.shift
    assert((lo & maskLo(mask)) === 0 && (hi & maskHi(mask)) === 0, 'a run does not begin with a slot')
    assert((~entry.lastLo & maskLo(mask)) === 0 && (~entry.lastHi & maskHi(mask)) === 0, 'a run does not end with a slot')
    const node = entry.shift + CHUNK_SHIFT
    assert(((hi ^ entry.lastHi) & ~maskHi(node)) === 0 && ((lo ^ entry.lastLo) & ~maskLo(node)) === 0, 'a run leaves its node')
    tally.runs++
    tally.lastHi = entry.lastHi
    tally.lastLo = entry.lastLo
  }
  const value = entry instanceof Run ? entry.value : entry
  assert(value !== undefined, 'an entry is undefined')
  if (value !== RESERVED) tally.size++
}

function checkSparse(core: Core, leaf: Node, bits: number, baseHi: number, baseLo: number, limit: number, tally: Tally): void {
  tally.nodes++
  const length = lengthOf(leaf)
  assert(length > 0 && length <= limit, `a sparse leaf of ${length} entries`)
  const marks = leaf[ENTRY_MARKS] as number[] | undefined
  assert(marks === undefined || marks.length === length, 'marks of a sparse leaf do not fit its entries')
  for (let pos = 0; pos < length; pos++) {
    const hi = hiAt(leaf, pos)
    const lo = loAt(leaf, pos)
    assert(
      ((hi ^ baseHi) & ~maskHi(bits)) === 0 && ((lo ^ baseLo) & ~maskLo(bits)) === 0,
      'an entry of a sparse leaf lies outside of its slot',
    )
    assert(!core.allocates || (entryMarksAt(leaf, pos) & 1) === 0, 'mark 0 in an array that allocates')
    visit(hi, lo, entryAt(leaf, pos), tally)
    const entry = entryAt(leaf, pos)
    assert(!(entry instanceof Run) || entry.shift + CHUNK_SHIFT <= Math.max(bits, 64 - 64 + bits), 'a run is larger than its slot')
  }
}

function checkNode(core: Core, node: Node, shift: number, baseHi: number, baseLo: number, tally: Tally): void {
  tally.nodes++
  assert(shift <= TOP_SHIFT && !isEmpty(node), 'an empty node')
  const isAllocating = core.allocates
  for (let slot = 0; slot < SLOTS; slot++) {
    const below = node[SLOT + slot]
    assert(isPresent(node, slot) === (below !== undefined), `presence of slot ${slot} at shift ${shift}`)
    if (below === undefined) {
      for (let mark = 0; mark < 3; mark++) assert(!hasMark(node, slot, mark), `mark ${mark} of an empty slot`)
      continue
    }
    const hi = baseHi | (shift >= 32 ? slot << (shift - 32) : shift + CHUNK_SHIFT > 32 ? slot >>> (32 - shift) : 0)
    const lo = baseLo | (shift < 32 ? slot << shift : 0)
    assert(!isBeyond(hi, lo, shift === core.shift ? shift : TOP_SHIFT), 'a slot beyond the top')
    if (below instanceof Run) {
      assert(below.shift === shift, 'a run at the wrong level')
      const from = slotOf(below.firstHi, below.firstLo, shift)
      const to = slotOf(below.lastHi, below.lastLo, shift)
      assert(slot >= from && slot <= to, 'a slot refers to a run that does not cover it')
      if (slot === from) visit(hi, lo, below, tally)
      for (let s = from; s <= to; s++) {
        assert(node[SLOT + s] === below, 'a run does not fill its slots')
        assert(marksAt(node, s, isAllocating) === marksAt(node, from, isAllocating), 'the marks of a run differ between its slots')
      }
      if (isAllocating && shift > 0) assert(hasMark(node, slot, 0), 'a run is not known as full')
    } else if (shift === 0) visit(hi, lo, below, tally)
    else {
      const child = below as Node
      const isNode = child.length === NODE_LENGTH
      if (isNode) checkNode(core, child, shift - CHUNK_SHIFT, hi, lo, tally)
      else checkSparse(core, child, shift, hi, lo, shift === CHUNK_SHIFT ? SPARSE_LIMIT_LOWEST : SPARSE_LIMIT, tally)
      const summary = isNode ? marksBelow(child, isAllocating) : sparseMarks(child)
      assert(marksAt(node, slot, isAllocating) === summary, `marks of slot ${slot} at shift ${shift} are not those below`)
      if (isAllocating) assert(hasMark(node, slot, 0) === (isNode && isFullChild(child, shift - CHUNK_SHIFT)), 'a full bit is wrong')
    }
  }
}

function isFullChild(child: Node, shift: number): boolean {
  return shift > 0 && child[MARKS] === undefined ? false : isFull(child, shift)
}
