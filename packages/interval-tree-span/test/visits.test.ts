// Kind 1 of docs/TESTING.md: exact counts of the nodes that a query looks at, seen from outside by watching the tree's memory.
import { IntervalTree, IntervalTree64 } from '@iommukit/interval-tree-span'
import { describe, expect, it } from 'vitest'

/** Nodes whose memory `query` reads: the two views are replaced by watchers for its time. */
function nodesVisited(tree: IntervalTree | IntervalTree64, query: () => void): number {
  const store = tree.store as unknown as Record<'words' | 'keys', Uint32Array | Float64Array>
  const { stride } = tree.store
  const seen = new Set<number>()
  const { words, keys } = store
  const watch = (view: Uint32Array | Float64Array, perUnit: number): never =>
    new Proxy(view, {
      get(target, property) {
        if (typeof property === 'string' && /^\d+$/.test(property)) seen.add(Math.floor((Number(property) / perUnit - 4) / stride))
        const value: unknown = Reflect.get(target, property, target)
        return typeof value === 'function' ? value.bind(target) : value
      },
    }) as never
  store.words = watch(words, 2)
  store.keys = watch(keys, 1)
  try {
    query()
  } finally {
    store.words = words
    store.keys = keys
  }
  return seen.size
}

function filled(n: number, step: number): IntervalTree {
  const tree = new IntervalTree()
  for (let k = 0; k < n; k++) tree.insert(k * step, k * step + 7)
  return tree
}

describe.each([1e3, 1e6])('%d intervals', (n) => {
  // Made by the first test that needs it, since whoever runs one test of many also reads this file.
  let made: IntervalTree | undefined
  const treeOfAll = (): IntervalTree => {
    made ??= filled(n, 16)
    return made
  }
  const bound = 4 * Math.log2(n)

  it('a point query looks at no more than 4·log2 n nodes, hit or miss, anywhere', () => {
    const tree = treeOfAll()
    let most = 0
    for (const x of [0, 7, 8, 16 * n - 1, 16 * n, 16 * (n >> 1) + 3, 16 * (n >> 1) + 9]) {
      const visited = nodesVisited(tree, () => void tree.iterFirst(x, x))
      expect(visited).toBeLessThanOrEqual(bound)
      most = Math.max(most, visited)
    }
    // The watchers did see the way down.
    expect(most).toBeGreaterThan(1)
  })

  it('and so does a step of an overlap query that has to cross a million short intervals to a far one', () => {
    const tree = treeOfAll()
    const huge = tree.insert(0, 16 * n)
    const far = tree.insert(1, 16 * n)
    const last = 16 * n
    expect(tree.iterFirst(last, last)).toBe(huge)
    expect(nodesVisited(tree, () => void tree.iterNext(huge, last, last))).toBeLessThanOrEqual(bound)
    expect(tree.iterNext(huge, last, last)).toBe(far)
    expect(nodesVisited(tree, () => expect(tree.iterNext(far, last, last)).toBeUndefined())).toBeLessThanOrEqual(bound)
    tree.remove(huge)
    tree.remove(far)
  })

  it('and so does a search for a hole that is longer than all but one, once the gaps are measured', () => {
    const tree = treeOfAll()
    const question = { from: 0, last: 16 * n - 1 }
    expect(tree.firstHole(9, question)).toBeUndefined()
    const step = 16 * (n >> 1)
    tree.remove(tree.iterFirst(step, step)!)
    expect(nodesVisited(tree, () => expect(tree.firstHole(9, question)).toBe(step - 8))).toBeLessThanOrEqual(bound)
    tree.insert(step, step + 7)
    expect(nodesVisited(tree, () => expect(tree.firstHole(9, question)).toBeUndefined())).toBeLessThanOrEqual(bound)
  })

  it('and so does a search that no hole of its window answers, although all behind would', () => {
    const tree = treeOfAll()
    expect(nodesVisited(tree, () => expect(tree.firstHole(5, { from: 0, last: 7 })).toBeUndefined())).toBeLessThanOrEqual(bound)
  })
})

it('a search for a hole of u64 passes over what is too short by one, in the lower part of its key or in the upper', () => {
  for (const [length, step] of [
    [9, 16],
    [3000, 4096],
  ] as const) {
    const n = 1000
    const tree = new IntervalTree64()
    for (let k = 0; k < n; k++) tree.insert(k * step, k * step + step - length)
    const question = { from: 0, last: n * step - 1 }
    expect(tree.firstHole(length, question)).toBeUndefined()
    const visited = nodesVisited(tree, () => expect(tree.firstHole(length, question)).toBeUndefined())
    expect(visited).toBeLessThanOrEqual(4 * Math.log2(n))
    const [start, before] = [500 * step, 500 * step - length + 1]
    tree.remove(tree.iterFirst(start, start)!)
    expect(nodesVisited(tree, () => expect(tree.firstHole(length, question)).toBe(BigInt(before)))).toBeLessThanOrEqual(4 * Math.log2(n))
  }
})
