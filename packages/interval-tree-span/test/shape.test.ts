// Examples (kind 1) of the shape that insertion and removal give a tree, on which no answer depends.
import { IntervalTree, IntervalTree64 } from '@iommukit/interval-tree-span'
import { checkInvariants } from '@iommukit/interval-tree-span/check'
import { describe, expect, it } from 'vitest'
import { ASCENDS, COUNT, FIRST_NODE, NEXT, SLOTS_MAX, STRIDE, STRIDE_WIDE, TAG } from '../src/layout.ts'
import { growNodes, IntervalStore } from '../src/store.ts'

/** How many intervals each leaf has, in order. */
function leavesOf({ store: { words, root, height } }: IntervalTree): number[] {
  let node = root
  for (let level = height; level > 0; level--) node = words[(node + TAG) * 2]!
  const sizes: number[] = []
  for (; node !== 0; node = words[node * 2 + NEXT]!) sizes.push(words[node * 2 + COUNT]!)
  return sizes
}

/** How many entries each node of a level has, in order; level 0 is that of the leaves. */
function widthsOf({ store: { words, root, height } }: IntervalTree, level: number): number[] {
  let nodes = [root]
  for (let above = height; above > level; above--)
    nodes = nodes.flatMap((node) => Array.from({ length: words[node * 2 + COUNT]! }, (_, entry) => words[(node + entry + TAG) * 2]!))
  return nodes.map((node) => words[node * 2 + COUNT]!)
}

function filled(starts: readonly number[]): { tree: IntervalTree; handles: number[] } {
  const tree = new IntervalTree()
  const handles = starts.map((start) => tree.insert(start, start))
  checkInvariants(tree)
  return { tree, handles }
}

const ascending = Array.from({ length: 165 }, (_, i) => i * 10)

it('ascending insertion leaves full leaves behind, descending one that misses one, and insertion in the middle halves them', () => {
  expect(leavesOf(filled(ascending).tree)).toEqual([...Array(10).fill(16), 5])
  expect(leavesOf(filled(ascending.toReversed()).tree)).toEqual(Array(11).fill(15))
  const { tree } = filled(ascending)
  tree.insert(16 * 10 + 5, 200)
  expect(leavesOf(tree)).toEqual([16, 9, 8, ...Array(8).fill(16), 5])
  tree.insert(5, 5)
  expect(leavesOf(tree)).toEqual([9, 8, 9, 8, ...Array(8).fill(16), 5])
  const { tree: between } = filled(ascending)
  between.insert(155, 155)
  expect(leavesOf(between)).toEqual([8, 9, ...Array(9).fill(16), 5])
})

it('a leaf that falls below four is joined with the next, or takes of it', () => {
  const { tree, handles } = filled(ascending)
  for (let i = 16; i < 28; i++) tree.remove(handles[i]!)
  expect(leavesOf(tree).slice(0, 4)).toEqual([16, 4, 16, 16])
  tree.remove(handles[28]!)
  checkInvariants(tree)
  expect(leavesOf(tree).slice(0, 4)).toEqual([16, 9, 10, 16])
  for (let i = 32; i < 39; i++) tree.remove(handles[i]!)
  expect(leavesOf(tree).slice(0, 4)).toEqual([16, 5, 7, 16])
  for (const i of [29, 30]) tree.remove(handles[i]!)
  checkInvariants(tree)
  expect(leavesOf(tree).slice(0, 4)).toEqual([16, 10, 16, 16])
})

it('nodes above the leaves keep all but one of their entries at the outer edges, and halve in the middle', () => {
  const starts = Array.from({ length: 768 }, (_, i) => i * 10)
  const { tree } = filled(starts)
  expect([widthsOf(tree, 2), widthsOf(tree, 1)]).toEqual([[4], [15, 15, 15, 3]])
  // No inner node was made in advance.
  expect(tree.store.rows).toBe(5)
  const { tree: descending } = filled(starts.toReversed())
  expect([widthsOf(descending, 2), widthsOf(descending, 1)]).toEqual([[4], [7, 15, 15, 15]])
  for (let i = 0; i < 18; i++) tree.insert(2005, 3000)
  checkInvariants(tree)
  expect(widthsOf(tree, 1)).toEqual([8, 10, 15, 15, 3])
})

it.each([
  [9, [16, 12, 16]],
  [10, [16, 6, 7, 16]],
])('a leaf of three beside one of %i', (beside, left) => {
  const { tree, handles } = filled(ascending)
  for (let i = 32 + beside; i < 48; i++) tree.remove(handles[i]!)
  for (let i = 16; i < 28; i++) tree.remove(handles[i]!)
  expect(leavesOf(tree).slice(0, 4)).toEqual([16, 4, beside, 16])
  tree.remove(handles[28]!)
  checkInvariants(tree)
  expect(leavesOf(tree).slice(0, left.length)).toEqual(left)
})

it('a leaf knows again that its lasts ascend when the interval that stood out is gone', () => {
  for (const tree of [new IntervalTree(), new IntervalTree64()] as unknown as IntervalTree[]) {
    const ascends = (): number => tree.store.words[tree.store.root * 2 + ASCENDS]!
    for (const start of [10, 20, 30]) tree.insert(start, start + 5)
    expect(ascends()).toBe(1)
    const long = tree.insert(15, 26)
    expect(ascends()).toBe(0)
    tree.remove(long)
    expect(ascends()).toBe(1)
    checkInvariants(tree)
  }
})

it('and so does a node above it', () => {
  const { tree } = filled(ascending)
  const ascends = (): number => tree.store.words[tree.store.root * 2 + ASCENDS]!
  expect([tree.store.height, ascends()]).toEqual([1, 1])
  const long = tree.insert(805, 1600)
  expect(ascends()).toBe(0)
  tree.remove(long)
  expect(ascends()).toBe(1)
  checkInvariants(tree)
})

it('a full leaf ascends whatever its keys are', () => {
  for (const tree of [new IntervalTree(), new IntervalTree64()] as unknown as IntervalTree[]) {
    for (let k = 0; k < 16; k++) tree.insert(2 ** 52 + k * 10, 2 ** 52 + k * 10)
    expect(tree.store.words[tree.store.root * 2 + ASCENDS]).toBe(1)
    checkInvariants(tree)
  }
})

it('a leaf does not ascend when the entries that it takes of its neighbour end behind its own', () => {
  for (const tree of [new IntervalTree(), new IntervalTree64()] as unknown as IntervalTree[]) {
    const handles = Array.from({ length: 20 }, (_, k) => tree.insert(k * 10, k === 15 ? 9000 : k * 10 + 3))
    tree.remove(handles[19]!)
    expect(leavesOf(tree)).toEqual([9, 10])
    checkInvariants(tree)
    expect([...tree.overlaps(175, 175)]).toEqual([handles[15]])
  }
})

it('a new leaf is found even if it begins and ends where the next one does', () => {
  for (const tree of [new IntervalTree(), new IntervalTree64()] as unknown as IntervalTree[]) {
    const handles = Array.from({ length: 40 }, (_, k) => tree.insert(Math.min(k, 8) * 10, 100))
    const between = tree.insert(15, 15)
    checkInvariants(tree)
    expect([...tree.overlaps(0, 1000)]).toEqual([...handles.slice(0, 2), between, ...handles.slice(2)])
  }
})

it('equal starts stay in the order of insertion at each place of a leaf', () => {
  for (let twin = 0; twin < 15; twin++) {
    for (const tree of [new IntervalTree(), new IntervalTree64()] as unknown as IntervalTree[]) {
      const handles = Array.from({ length: 15 }, (_, k) => tree.insert(k * 10, k * 10 + 3))
      handles.splice(twin + 1, 0, tree.insert(twin * 10, twin * 10 + 3))
      expect([...tree.overlaps(0, 1000)], `${twin}`).toEqual(handles)
      checkInvariants(tree)
    }
  }
})

describe('memory', () => {
  const nodesOf = ({ store }: IntervalTree): number => (store.keys.length - FIRST_NODE) / store.stride
  const roomOf = (tree: IntervalTree): number[] => [nodesOf(tree), tree.store.leafOf.length]

  it('of a bulk build is that of its nodes and intervals', () => {
    for (const [n, nodes] of [
      [1, 1],
      [16, 1],
      [17, 3],
      [256, 17],
      [257, 20],
      [272, 20],
      [4096, 276],
      [4097, 278],
    ] as const) {
      const tree = IntervalTree.fromSorted(Array.from({ length: n }, (_, k): [number, number] => [k, k]))
      expect(roomOf(tree), `${n}`).toEqual([nodes, n])
      expect(tree.store.keys.length, `${n}`).toBe(FIRST_NODE + nodes * STRIDE)
      expect(tree.store.nodesEnd, `${n}`).toBe(FIRST_NODE + nodes * STRIDE)
      const wide = IntervalTree64.fromSorted(Array.from({ length: n }, (_, k): [number, number] => [k, k]))
      expect(wide.store.keys.length, `${n}`).toBe(FIRST_NODE + nodes * STRIDE_WIDE)
    }
  })

  it('of a tree grows by half, then by an eighth, and later by a quarter', () => {
    const tree = new IntervalTree()
    const rooms: number[][] = []
    for (let k = 0; k < 1100; k++) {
      tree.insert(k, k)
      if (String(rooms.at(-1)) !== String(roomOf(tree))) rooms.push(roomOf(tree))
    }
    expect(rooms).toEqual([
      [1, 16],
      [3, 24],
      [3, 36],
      [6, 36],
      [6, 54],
      [9, 54],
      [9, 81],
      [9, 121],
      [13, 121],
      [13, 181],
      [19, 181],
      [19, 271],
      [28, 271],
      [28, 406],
      [42, 406],
      [42, 609],
      [63, 609],
      [63, 913],
      [94, 913],
      [94, 1369],
    ])
    const large = IntervalTree.fromSorted(Array.from({ length: 16 * 4096 }, (_, k): [number, number] => [k * 2, k * 2]))
    const nodes = nodesOf(large)
    large.insert(9, 9)
    expect(roomOf(large)).toEqual([nodes + (nodes >> 2), 65_536 + 16_384])
    checkInvariants(large)
  })

  it.each([
    [63, 94],
    [64, 72],
    [4095, 4606],
    [4096, 5120],
  ])('of %d nodes becomes that of %d', (have, more) => {
    const store = new IntervalStore(false)
    growNodes(store, have)
    growNodes(store, 1)
    expect(store.keys).toHaveLength(FIRST_NODE + more * STRIDE)
  })

  it.each([1e3, 1e4, 1e5])('is at most 60 bytes an interval of %d in random order, with u64 keys too', (n) => {
    // A multiplier that has no factor in common with n visits all of them.
    const starts = Array.from({ length: n }, (_, k) => ((k * 61_803) % n) * 16)
    const trees = [new IntervalTree(), new IntervalTree64()]
    for (const tree of trees) for (const start of starts) tree.insert(start, start + 7)
    for (const { store } of trees) expect((store.keys.byteLength + store.leafOf.byteLength) / n).toBeLessThanOrEqual(60)
  })

  it('is not made for payloads that are not there', () => {
    const tree = new IntervalTree<string>()
    tree.insert(1, 2)
    tree.insert(1, 2, undefined)
    expect(tree.store.payloads).toBeUndefined()
    tree.insert(1, 2, 'payload')
    expect(IntervalTree.fromSorted([[1, 2]]).store.payloads).toBeUndefined()
    // No element is missing, which V8 would look for in the prototype.
    expect(Object.keys(tree.store.payloads!)).toEqual(['0', '1', '2'])
  })

  it('is not made where a slot is free', () => {
    const { tree, handles } = filled(ascending.slice(0, 16))
    expect(tree.store.leafOf).toHaveLength(16)
    tree.remove(handles[3]!)
    tree.insert(30, 30)
    expect(tree.store.leafOf).toHaveLength(16)
    checkInvariants(tree)
  })

  it('of gaps is made for the first hole, and anew with half as much room again when it does not suffice', () => {
    const tree = new IntervalTree()
    tree.insert(0, 0)
    tree.firstHole(5)
    expect(tree.store.gaps).toHaveLength(0)
    const rooms: number[] = []
    for (let k = 1; k < 3000; k++) {
      tree.insert(k * 2, k * 2)
      if (k % 100 !== 0) continue
      const { gaps } = tree.store
      tree.firstHole(5)
      if (tree.store.gaps !== gaps) rooms.push(tree.store.gaps.length)
    }
    expect(rooms).toEqual([24, 72, 120, 192, 336])
    checkInvariants(tree)
  })

  it('has slots for 2^26 intervals', () => {
    const tree = new IntervalTree()
    // A stand-in for the table of so many, which would take 256 MB.
    tree.store.leafOf = { length: SLOTS_MAX } as unknown as Int32Array
    tree.store.slotsEnd = SLOTS_MAX
    expect(() => tree.insert(1, 2)).toThrow(new RangeError(`a tree holds at most ${2 ** 26} intervals`))
    expect(tree.size).toBe(0)
  })

  it('is used again after removals, and given back by clear', () => {
    const { tree, handles } = filled(ascending)
    const { nodesEnd, slotsEnd } = tree.store
    for (let round = 0; round < 3; round++) {
      for (const handle of handles.splice(0)) tree.remove(handle)
      checkInvariants(tree)
      for (const start of ascending) handles.push(tree.insert(start, start))
      expect([tree.store.nodesEnd, tree.store.slotsEnd]).toEqual([nodesEnd, slotsEnd])
    }
    tree.clear()
    expect([tree.store.keys.length, tree.store.words.length, tree.store.leafOf.length, tree.store.height, tree.size]).toEqual([
      0, 0, 0, 0, 0,
    ])
    expect(handles.some((handle) => tree.has(handle))).toBe(false)
    checkInvariants(tree)
  })
})
