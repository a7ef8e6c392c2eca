// Invariants of the whole structure, and the number of its nodes. Entry `@iommukit/xarray/check`, for tests.

import { type Core, RESERVED } from './core.ts'
import { isAfter, maskHi, maskLo, slotHi, slotLo } from './geometry.ts'
import * as layout from './layout.ts'
import { marksBelow } from './marks.ts'
import { isEmpty, isFull, isNode, marksWithin, type Node, nextSlot } from './node.ts'
import { Run } from './run.ts'
import { entryAt, entryMarksAt, hiAt, lengthOf, loAt } from './sparse-leaf.ts'

const { ANY, CHUNK_SHIFT, ENTRY_MARKS, NODE_LENGTH, ROOT_LENGTH, ROOT_SHIFT, SLOT, SLOTS, SPARSE_LIMIT, SPARSE_LIMIT_LOWEST, STRIDE } =
  layout

/** What has been seen so far, in order of index. */
class Tally {
  readonly core: Core
  size = 0
  reserved = 0
  runs = 0
  nodes = 0
  /** Last index seen, the run it belongs to, and that run's marks. */
  hi = 0
  lo = 0
  run: Run | undefined = undefined
  marks = 0
  isFirst = true
  /** The dense leaves below 2^32 by number. */
  readonly dense = new Map<number, Node>()
  constructor(core: Core) {
    this.core = core
  }
}

function assert(holds: boolean, message: string): void {
  if (!holds) throw new Error(`xarray invariant: ${message}`)
}

/** The slot is taken (ANY), or has the mark. */
function isTaken(node: Node, mark: number, slot: number): boolean {
  return nextSlot(node, mark, slot) === slot
}

/** Throws unless the array is well formed. O(nodes and entries). */
export function checkInvariants(array: { readonly core: Core }): void {
  const { core } = array
  const tally = walk(core)
  assert(tally.size === core.size, `size is ${core.size}, entries are ${tally.size}`)
  assert(tally.reserved === core.reserved, `reserved is ${core.reserved}, reservations are ${tally.reserved}`)
  assert(tally.runs === core.runs, `runs is ${core.runs}, multi-index entries are ${tally.runs}`)
  const isPlain = core.runs === 0 && core.reserved === 0
  assert(isPlain ? core.near === core.leaves : core.near.every((leaf) => leaf === undefined), 'near is stale')
  let met = 0
  for (const [at, leaf] of core.leaves.entries()) {
    if (leaf !== undefined) met++
    assert(leaf === undefined || leaf === tally.dense.get(at), `what is remembered as leaf ${at} is not in the tree`)
  }
  assert(met === core.met, `met is ${core.met}, leaves remembered are ${met}`)
  assert(core.steady === (core.runs === 0 ? core.version : -1), 'steady is stale')
  if (core.root === undefined) assert(core.shift === 0 && core.bits === 64, 'an empty array has a shift')
}

/** Nodes and sparse leaves: 0 exactly when the array is empty. */
export function countNodes(array: { readonly core: Core }): number {
  return walk(array.core).nodes
}

function walk(core: Core): Tally {
  const tally = new Tally(core)
  const { root } = core
  if (root === undefined) return tally
  if (!isNode(root)) {
    assert(core.shift === 0 && core.bits === 64, 'a sparse root has a shift')
    checkSparse(root, 64, 0, 0, SPARSE_LIMIT, tally)
  } else {
    let isNeeded = core.shift === 0 || !isTaken(root, ANY, 0) || root[SLOT] instanceof Run
    for (let slot = 1; slot < SLOTS; slot++) if (isTaken(root, ANY, slot)) isNeeded = true
    assert(isNeeded, 'the top node has only slot 0')
    const bits = core.bits - core.shift
    assert(bits === CHUNK_SHIFT || (bits === ROOT_SHIFT && core.shift > 0), `a root with ${bits} bits of the index at shift ${core.shift}`)
    assert(
      root.length === (bits === CHUNK_SHIFT ? NODE_LENGTH : ROOT_LENGTH),
      `a root of length ${root.length} with ${bits} bits of the index`,
    )
    checkNode(root, core.shift, 0, 0, tally)
  }
  endRun(tally)
  return tally
}

function endRun(tally: Tally): void {
  const { run } = tally
  if (run !== undefined) assert(run.lastHi === tally.hi && run.lastLo === tally.lo, 'a run is not stored up to its last index')
}

/** The next stored piece: an entry, or a part of a run that must go on where the part before it ended. */
function visit(hi: number, lo: number, lastHi: number, lastLo: number, entry: unknown, marks: number, tally: Tally): void {
  const isAscending = tally.isFirst || isAfter(hi, lo, tally.hi, tally.lo)
  assert(isAscending, 'entries overlap or are out of order')
  if (entry instanceof Run && entry === tally.run) {
    const nextLo = (tally.lo + 1) | 0
    assert(lo === nextLo && hi === (nextLo === 0 ? (tally.hi + 1) | 0 : tally.hi), 'a run has a gap')
    assert(marks === tally.marks, 'the marks of a run differ between its parts')
  } else {
    endRun(tally)
    const value = entry instanceof Run ? entry.value : entry
    assert(value !== undefined, 'an entry is undefined')
    if (value === RESERVED) tally.reserved++
    else tally.size++
    tally.run = undefined
    if (entry instanceof Run) {
      assert(entry.firstHi === hi && entry.firstLo === lo, 'a run does not begin at its first index')
      assert(isAfter(entry.lastHi, entry.lastLo, hi, lo), 'a run of one index')
      tally.runs++
      tally.run = entry
      tally.marks = marks
    }
  }
  assert(!tally.core.allocates || (marks & 1) === 0, 'mark 0 in an array that allocates')
  tally.isFirst = false
  tally.hi = lastHi
  tally.lo = lastLo
}

function checkSparse(leaf: Node, bits: number, baseHi: number, baseLo: number, limit: number, tally: Tally): void {
  tally.nodes++
  const length = lengthOf(leaf)
  assert(length > 0 && length <= limit, `a sparse leaf of ${length} entries`)
  assert(bits >= 32 || leaf[STRIDE] === 2, 'high halves in a sparse leaf below 2^32')
  const marks = leaf[ENTRY_MARKS] as number[] | undefined
  assert(marks === undefined || marks.length === length, 'marks of a sparse leaf do not fit its entries')
  const endHi = baseHi | maskHi(bits)
  const endLo = baseLo | maskLo(bits)
  for (let pos = 0; pos < length; pos++) {
    const hi = hiAt(leaf, pos)
    const lo = loAt(leaf, pos)
    assert(((hi ^ baseHi) & ~maskHi(bits)) === 0 && ((lo ^ baseLo) & ~maskLo(bits)) === 0, 'an entry outside of its sparse leaf')
    const entry = entryAt(leaf, pos)
    const run = entry instanceof Run ? entry : undefined
    const isCut = run !== undefined && isAfter(run.lastHi, run.lastLo, endHi, endLo)
    const lastHi = run === undefined ? hi : isCut ? endHi : run.lastHi
    const lastLo = run === undefined ? lo : isCut ? endLo : run.lastLo
    assert(bits === 64 || run === undefined || hi !== baseHi || lo !== baseLo || !isCut, 'a run that fills a slot is in a sparse leaf')
    visit(hi, lo, lastHi, lastLo, entry, entryMarksAt(leaf, pos), tally)
  }
}

function checkNode(node: Node, shift: number, baseHi: number, baseLo: number, tally: Tally): void {
  tally.nodes++
  assert(!isEmpty(node), 'an empty node')
  if (shift === 0 && baseHi === 0) tally.dense.set(baseLo >>> CHUNK_SHIFT, node)
  const { allocates } = tally.core
  for (let slot = 0; slot < SLOTS; slot++) {
    const below = node[SLOT + slot]
    assert(isTaken(node, ANY, slot) === (below !== undefined), `presence of slot ${slot} at shift ${shift}`)
    if (below === undefined) {
      for (let mark = 0; mark < 3; mark++) assert(!isTaken(node, mark, slot), `mark ${mark} of an empty slot`)
      continue
    }
    const hi = slotHi(baseHi, slot, shift)
    const lo = slotLo(baseLo, slot, shift)
    const marks = marksWithin(node, slot, slot, allocates)
    if (shift === 0 || below instanceof Run) {
      visit(hi, lo, hi | maskHi(shift), lo | maskLo(shift), below, marks, tally)
      if (shift > 0 && allocates) assert(isTaken(node, 0, slot), 'a slot that a run fills is not known as full')
    } else checkChild(below as Node, node, slot, shift, hi, lo, tally)
  }
}

function checkChild(child: Node, node: Node, slot: number, shift: number, hi: number, lo: number, tally: Tally): void {
  const { allocates } = tally.core
  if (!isNode(child)) checkSparse(child, shift, hi, lo, shift === CHUNK_SHIFT ? SPARSE_LIMIT_LOWEST : SPARSE_LIMIT, tally)
  else {
    assert(child.length === NODE_LENGTH, `a node of length ${child.length} below the root`)
    checkNode(child, shift - CHUNK_SHIFT, hi, lo, tally)
  }
  const summary = marksBelow(child, allocates)
  assert(marksWithin(node, slot, slot, allocates) === summary, `marks of slot ${slot} at shift ${shift} are not those below`)
  if (allocates) assert(isTaken(node, 0, slot) === isFull(child, shift - CHUNK_SHIFT), `full bit of slot ${slot} at shift ${shift}`)
}
