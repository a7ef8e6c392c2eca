// The checks of invariants, checked (kind 1): each names what is wrong when the inside of an array has been damaged.
import { type AllocMode, XArray64 } from '@iommukit/xarray'
import { checkInvariants, countNodes } from '@iommukit/xarray/check'
import { describe, expect, it } from 'vitest'
import { type Core, RESERVED } from '../src/core.ts'
import { CHUNK_SHIFT, ENTRIES, ENTRY_MARKS, LENGTH, SLOT, SPARSE_LIMIT, SPARSE_LIMIT_LOWEST, STRIDE } from '../src/layout.ts'
import { fillSlot, makeNode, type Node, writeMark } from '../src/node.ts'
import { Run } from '../src/run.ts'
import { entryAt, loAt, setEntryAt, setEntryMarksAt } from '../src/sparse-leaf.ts'

type Arrays = XArray64<unknown>

function few(alloc?: AllocMode): Arrays {
  const array = new XArray64<unknown>(alloc === undefined ? {} : { alloc })
  for (const index of [3n, 5n, 8n, 2n ** 40n]) array.store(index, `at ${index}`)
  return array
}

/** Two full leaves and one of 88 entries under a root. */
function many(alloc?: AllocMode): Arrays {
  const array = new XArray64<unknown>(alloc === undefined ? {} : { alloc })
  for (let index = 0; index < 600; index++) array.store(index, index)
  return array
}

function withRun(first: number, last: number): Arrays {
  const array = many()
  array.storeRange(first, last, 'run')
  return array
}

/** `many`, and entries far away in a sparse leaf of their own. */
function withSparseChild(alloc?: AllocMode): Arrays {
  const array = many(alloc)
  array.store(0x9000, 'a')
  array.store(0x9003, 'b')
  return array
}

function below(node: Node | undefined, ...slots: number[]): Node {
  return slots.reduce((at, slot) => at[SLOT + slot] as Node, node!)
}

function runOf(entry: unknown, fields: Partial<Run>): void {
  expect(entry).toBeInstanceOf(Run)
  Object.assign(entry as Run, fields)
}

/** The first entry of few that is a run: at 16..20. */
function sparseRun(): Arrays {
  const array = new XArray64<unknown>()
  array.storeRange(16, 20, 'run')
  array.store(30, 'behind')
  return array
}

describe('checkInvariants', () => {
  it('says nothing of what is whole', () => {
    for (const alloc of [undefined, 0, 1] as const) {
      for (const make of [() => new XArray64<unknown>({ alloc }), () => few(alloc), () => many(alloc), () => withSparseChild(alloc)])
        checkInvariants(make())
    }
    for (const array of [withRun(100, 105), withRun(100, 700), withRun(256, 511), sparseRun()]) checkInvariants(array)
    // One that begins where the low half is that of its sparse leaf, and ends beyond it.
    checkInvariants(withRun(2 ** 41 - 3 * 2 ** 36, 2 ** 41 + 5 * 2 ** 36 - 1))
    const alone = withRun(0, 255)
    alone.storeRange(256, 599, undefined)
    expect([alone.core.shift, alone.size]).toEqual([CHUNK_SHIFT, 1])
    checkInvariants(alone)
  })

  it.each<[string, () => Arrays, (core: Core, root: Node) => void, RegExp]>([
    ['another size', few, (core) => core.size++, /size is 5, entries are 4/],
    ['another number of reservations', few, (core) => core.reserved++, /reserved is 1, reservations are 0/],
    ['a reservation not counted', few, (_, root) => setEntryAt(root, 0, RESERVED), /size is 4, entries are 3/],
    ['another number of runs', sparseRun, (core) => core.runs++, /runs is 2, multi-index entries are 1/],
    ['no short way', many, (core) => Object.assign(core, { near: [undefined] }), /near is stale/],
    ['a short way past runs', () => withRun(100, 105), (core) => Object.assign(core, { near: [core.root] }), /near is stale/],
    ['a short way past reservations', reserved, (core) => Object.assign(core, { near: [undefined, core.root] }), /near is stale/],
    ['a short way to a leaf that is not in the tree', many, (core) => Object.assign(core.leaves, [[]]), /leaf 0 is not in the tree/],
    ['a short way to the leaf of another place', many, (core) => core.leaves.push(core.leaves[0]), /leaf \d+ is not in the tree/],
    ['another number of leaves met', many, (core) => core.met++, /^xarray invariant: met is/m],
    ['a step past runs', () => withRun(100, 105), (core) => Object.assign(core, { steady: core.version }), /steady is stale/],
    ['no step', few, (core) => Object.assign(core, { steady: -1 }), /steady is stale/],
    ['a shift without a root', () => new XArray64<unknown>(), (core) => (core.shift = 8), /an empty array has a shift/],
    ['a shift of a sparse root', few, (core) => (core.shift = 8), /a sparse root has a shift/],
    ['bits without a root', () => new XArray64<unknown>(), (core) => (core.bits = 8), /an empty array has a shift/],
    ['bits of a sparse root', few, (core) => (core.bits = 16), /a sparse root has a shift/],
    ['a root for more bits than it has slots', many, (core) => (core.bits = 16), /a root of length 25 with 8 bits of the index/],
    [
      'a root for less bits than it has slots',
      withSparseChild,
      (core) => (core.bits = 12),
      /a root of length 265 with 4 bits of the index/,
    ],
    ['a root for all bits', many, (core) => (core.bits = 64), /a root with 56 bits of the index at shift 8/],
    ['a leaf for few bits', leaf, (core) => (core.bits = 4), /a root with 4 bits of the index at shift 0/],
    ['few slots below the root', many, (_, root) => (root[SLOT] = below(root, 0).slice(0, 25)), /a node of length 25 below the root/],
    ['a top with one slot', many, topOf, /the top node has only slot 0/],
    ['entries out of order', few, (_, root) => (root[ENTRIES] = 100), /out of order/],
    ['entries that overlap', sparseRun, (_, root) => runOf(entryAt(root, 0), { lastLo: 30 }), /entries overlap/],
    ['an entry undefined', few, (_, root) => setEntryAt(root, 1, undefined), /an entry is undefined/],
    ['a run of undefined', sparseRun, (_, root) => runOf(entryAt(root, 0), { value: undefined }), /an entry is undefined/],
    ['a run that begins elsewhere', sparseRun, (_, root) => runOf(entryAt(root, 0), { firstLo: 15 }), /does not begin at its first index/],
    [
      'a run that begins in another half',
      sparseRun,
      (_, root) => runOf(entryAt(root, 0), { firstHi: 1 }),
      /does not begin at its first index/,
    ],
    ['a run of one index', sparseRun, (_, root) => runOf(entryAt(root, 0), { lastLo: 16 }), /a run of one index/],
    [
      'a run that is longer',
      () => withRun(100, 105),
      (_, root) => runOf(below(root, 0, 100), { lastLo: 107 }),
      /not stored up to its last index/,
    ],
    [
      'a run that is longer by 2^32',
      () => withRun(590, 605),
      (_, root) => runOf(below(root, 2, 590 - 512), { lastHi: 1 }),
      /not stored up to its last index/,
    ],
    ['a gap in a run', () => withRun(100, 105), (_, root) => fillSlot(below(root, 0), 103, undefined), /a run has a gap/],
    ['marks of a part of a run', () => withRun(100, 105), markPart, /the marks of a run differ/],
    ['mark 0 where ids are allocated', () => few(0), (_, root) => setEntryMarksAt(root, 0, 1), /mark 0 in an array that allocates/],
    ['a sparse leaf without entries', few, (_, root) => (root[LENGTH] = 0), /a sparse leaf of 0 entries/],
    ['a sparse leaf of too many', few, (_, root) => (root[LENGTH] = SPARSE_LIMIT + 1), /a sparse leaf of 513 entries/],
    [
      'a lowest sparse leaf of too many',
      withSparseChild,
      (_, root) => (sparse(root)[LENGTH] = SPARSE_LIMIT_LOWEST + 1),
      /a sparse leaf of 17 entries/,
    ],
    ['more marks than entries', few, (_, root) => (root[ENTRY_MARKS] = [1, 0, 0, 0, 0]), /marks of a sparse leaf do not fit/],
    ['an entry of another leaf', withSparseChild, (_, root) => (sparse(root)[ENTRIES] = 0x8fff), /an entry outside of its sparse leaf/],
    ['an entry of another half', withSparseChild, (_, root) => (sparse(root)[2] = 1), /an entry outside of its sparse leaf/],
    [
      'high halves of entries below 2^32',
      withSparseChild,
      (_, root) => (sparse(root)[STRIDE] = 3),
      /high halves in a sparse leaf below 2\^32/,
    ],
    ['a run over a slot in a sparse leaf', withSparseChild, runOverSlot, /a run that fills a slot is in a sparse leaf/],
    ['an empty node', many, (_, root) => fillSlot(root, 5, makeNode()), /an empty node/],
    ['a slot not known as present', many, (_, root) => (root[0] = 3), /presence of slot 2 at shift 8/],
    ['a slot known as present', many, (_, root) => (below(root, 2)[7] = 1), /presence of slot 224 at shift 0/],
    ['a mark of an empty slot', many, (_, root) => writeMark(below(root, 2), 200, 2, true), /mark 2 of an empty slot/],
    ['mark 0 of an empty slot', many, (_, root) => writeMark(root, 200, 0, true), /mark 0 of an empty slot/],
    ['a mark not handed up', many, (_, root) => writeMark(below(root, 1), 7, 1, true), /marks of slot 1 at shift 8 are not those below/],
    ['a mark of a sparse leaf not handed up', withSparseChild, (_, root) => setEntryMarksAt(sparse(root), 1, 4), /are not those below/],
    ['a full leaf not known as full', () => many(0), (_, root) => writeMark(root, 1, 0, false), /full bit of slot 1 at shift 8/],
    ['a leaf known as full', () => many(0), (_, root) => writeMark(root, 2, 0, true), /full bit of slot 2 at shift 8/],
    ['a slot of a run not known as full', fullRun, (_, root) => writeMark(root, 1, 0, false), /not known as full/],
  ])('tells %s', (_, make, damage, message) => {
    const array = make()
    damage(array.core, array.core.root!)
    expect(() => checkInvariants(array)).toThrow(message)
    expect(() => checkInvariants(array)).toThrow(/^xarray invariant: /)
  })
})

/** One dense leaf. */
function leaf(): Arrays {
  const array = new XArray64<unknown>()
  for (let i = 0; i < 100; i++) array.store(i, i)
  return array
}

function reserved(): Arrays {
  const array = many()
  array.reserve(599 + 1)
  return array
}

/** A root above 2^32. */
function topOf(core: Core, root: Node): void {
  const top = makeNode()
  fillSlot(top, 0, root)
  Object.assign(core, { root: top, low: top, shift: core.shift + CHUNK_SHIFT })
}

function markPart(_: Core, root: Node): void {
  writeMark(below(root, 0), 103, 1, true)
  writeMark(root, 0, 1, true)
}

function sparse(root: Node): Node {
  return below(root, 0x90)
}

function runOverSlot(_: Core, root: Node): void {
  const leaf = sparse(root)
  expect(loAt(leaf, 0)).toBe(0x9000)
  setEntryAt(leaf, 0, new Run('run', 0, 0x9000, 0, 0x91ff))
}

function fullRun(): Arrays {
  const array = many(0)
  array.storeRange(256, 511, 'run')
  return array
}

it('countNodes counts nodes and sparse leaves', () => {
  expect([new XArray64<unknown>(), few(), many(), withSparseChild(), withRun(256, 511)].map(countNodes)).toEqual([0, 1, 4, 5, 3])
})
