// Examples (kind 1) of the table of gaps: what a change makes unknown, and that what is measured again is right, below long intervals too.
import { IntervalTree, IntervalTree64 } from '@iommukit/interval-tree-span'
import { checkInvariants } from '@iommukit/interval-tree-span/check'
import { describe, expect, it } from 'vitest'
import { markChanges, measureGap } from '../src/gaps.ts'
import { CHAIN_END, CHANGED, COUNT, TAG, UNKNOWN, WIDTH } from '../src/layout.ts'
import { gapIndex, type IntervalStore } from '../src/store.ts'
import { NaiveTree, naiveFirstHole } from './oracle.ts'

interface AnyTree {
  readonly store: IntervalStore
  insert(start: number, last: number): number
  remove(handle: number): void
  firstHole(length: number, options?: { from?: number; last?: number }): number | bigint | undefined
}

const MOST = 6050

/** How many entries of inner nodes have gaps that are to be measured. */
function unknownOf(store: IntervalStore): number {
  markChanges(store)
  const { words, gaps, root, height } = store
  let unknown = 0
  const count = (node: number, level: number): void => {
    for (let entry = 0; level > 0 && entry < words[node * 2 + COUNT]!; entry++) {
      if (gaps[gapIndex(store, node, entry)] === UNKNOWN) unknown++
      count(words[(node + entry + TAG) * 2]!, level - 1)
    }
  }
  count(root, height)
  return unknown
}

/** Measures all that is unknown: searches only measure what they come to. */
function measureAll(store: IntervalStore): void {
  markChanges(store)
  for (let entry = 0; entry < store.words[store.root * 2 + COUNT]!; entry++) measureGap(store, store.root, entry, store.height)
  expect(unknownOf(store)).toBe(0)
}

/** Three levels: 600 intervals of 5 indexes, ten apart, of which every fourth was removed, so that leaves have room. */
function made(tree: AnyTree): { tree: AnyTree; naive: NaiveTree; ask: () => void } {
  const naive = new NaiveTree()
  const ask = (): void => {
    for (const length of [6, 16, 17, 700]) {
      const found = tree.firstHole(length, { last: MOST })
      const expected = naiveFirstHole(naive, BigInt(length), 0n, BigInt(MOST), 1n, 0n)
      expect(found === undefined ? undefined : BigInt(found)).toBe(expected)
    }
    checkInvariants(tree)
  }
  const handles = Array.from({ length: 600 }, (_, i) => tree.insert(i * 10, i * 10 + 4))
  for (const [i, handle] of handles.entries()) {
    if (i % 4 === 3) tree.remove(handle)
    else naive.insert(BigInt(i * 10), BigInt(i * 10 + 4))
  }
  expect(tree.store.height).toBe(2)
  ask()
  return { tree, naive, ask }
}

describe.each<[string, () => AnyTree]>([
  ['IntervalTree', () => new IntervalTree()],
  ['IntervalTree64', () => new IntervalTree64() as unknown as AnyTree],
])('%s', (_, make) => {
  /** Inserts a range and removes it, unless it stays; says how many gaps are unknown after each. */
  function change({ tree, naive, ask }: ReturnType<typeof made>, start: number, last: number, stays = false): number[] {
    measureAll(tree.store)
    const handle = tree.insert(start, last)
    const seen = [unknownOf(tree.store)]
    const id = naive.insert(BigInt(start), BigInt(last))
    ask()
    if (stays) return seen
    measureAll(tree.store)
    tree.remove(handle)
    seen.push(unknownOf(tree.store))
    naive.remove(id)
    ask()
    return seen
  }

  it('a short interval makes unknown what is above it', () => {
    const all = made(make())
    for (const start of [1, 2003, 2403, 5990]) expect(change(all, start, start + 2), `at ${start}`).toEqual([2, 2])
  })

  it('a long one also what it reaches into, in its node and behind that one', () => {
    const all = made(make())
    expect(change(all, 5, 3005)).toEqual([2 + 14 + 1, 2 + 14 + 1])
    expect(change(all, 2405, 3000)).toEqual([2 + 3, 2 + 3])
    expect(change(all, 5, 159)).toEqual([2, 2])
    expect(change(all, 5, 160)).toEqual([3, 3])
  })

  it('which may be behind a node that is full', () => {
    const all = made(make())
    const { words, root } = all.tree.store
    for (let start = 165; start < 170; start++) change(all, start, start, true)
    expect(words[words[(root + TAG) * 2]! * 2 + COUNT]).toBe(WIDTH)
    expect(change(all, 5, 3005)).toEqual([1 + WIDTH + 1, 1 + WIDTH + 1])
  })

  it('but not what follows an entry that reaches farther, nor anything if its own does', () => {
    const behind = made(make())
    change(behind, 175, 2605, true)
    expect(change(behind, 5, 2604)).toEqual([3, 3])
    expect(change(behind, 5, 2606)).toEqual([2 + 14 + 1, 2 + 14 + 1])
    const own = made(make())
    change(own, 5, 2605, true)
    expect(change(own, 7, 2604)).toEqual([2, 2])
  })

  it('changes are noted once a leaf, and the farthest reach counts', () => {
    const { tree, naive, ask } = made(make())
    measureAll(tree.store)
    const handles = [5, 7, 9, 11].map((start, k) => tree.insert(start, [12, 400, 20, 13][k]!))
    const leaf = tree.store.changed
    expect(tree.store.words[leaf * 2 + CHANGED]).toBe(CHAIN_END)
    for (const handle of handles) tree.remove(handle)
    expect(tree.store.changed).toBe(leaf)
    expect(unknownOf(tree.store)).toBe(2 + 2)
    expect(tree.store.changed).toBe(CHAIN_END)
    naive.insert(2000n, 2003n)
    tree.insert(2000, 2003)
    ask()
  })

  it.each([
    ['', 0],
    [', nor when the leaf is taken anew', 6],
  ])('the reach of a leaf that is joined to its neighbour is not lost%s', (_case, more) => {
    const tree = make()
    const handles = Array.from({ length: 600 }, (_, k) => tree.insert(k * 10, k * 10 + 8))
    const long = tree.insert(313, 2450)
    tree.remove(handles[244]!)
    measureAll(tree.store)
    tree.remove(long)
    const { changed } = tree.store
    for (const handle of handles.slice(16, 21)) tree.remove(handle)
    expect(tree.store.words[changed * 2 + COUNT]).toBe(0)
    for (let k = 24; k < 24 + more; k++) tree.insert(k * 10 + 9, k * 10 + 9)
    expect(tree.store.words[changed * 2 + COUNT]! > 0).toBe(more > 0)
    expect(Number(tree.firstHole(10, { from: 210 }))).toBe(2439)
    checkInvariants(tree)
  })

  it('below a node of which the first leaves are held, only what is not held counts', () => {
    const tree = make()
    const handles = Array.from({ length: 600 }, (_, k) => tree.insert(k * 10, k * 10 + 8))
    for (const k of [290, 291, 300]) tree.remove(handles[k]!)
    tree.insert(5, 2950)
    const { store } = tree
    measureAll(store)
    expect(store.gaps[gapIndex(store, store.root, 1)]).toBe(11)
    checkInvariants(tree)
  })

  it('a search measures what it comes to, and no more', () => {
    const { tree } = made(make())
    measureAll(tree.store)
    tree.insert(5, 6)
    tree.insert(5995, 5996)
    expect(unknownOf(tree.store)).toBe(4)
    expect(Number(tree.firstHole(15))).toBe(25)
    expect(unknownOf(tree.store)).toBe(2)
    checkInvariants(tree)
    expect(Number(tree.firstHole(16))).toBe(5997)
    expect(unknownOf(tree.store)).toBe(0)
    checkInvariants(tree)
  })

  it('is right after long intervals came and went anywhere', () => {
    const all = made(make())
    let state = 1
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    for (let round = 0; round < 30; round++) {
      const start = random(5900)
      change(all, start, Math.min(MOST, start + random(random(2) === 0 ? 200 : 3500)), round % 12 === 0)
    }
  })

  it('forgets what entries of nodes above the leaves were, when they move to a neighbour: no two gaps are alike', () => {
    for (const [from, to] of [
      [15 * 16, 30 * 16],
      [30 * 16, 45 * 16],
      [0, 15 * 16],
    ] as const) {
      const tree = make()
      const handles = Array.from({ length: 800 }, (_, k) => tree.insert(k * (k + 20), k * (k + 20)))
      expect(tree.store.height).toBe(2)
      tree.firstHole(5000)
      measureAll(tree.store)
      for (const handle of handles.slice(from, to)) {
        tree.remove(handle)
        checkInvariants(tree)
      }
      tree.firstHole(5000)
      checkInvariants(tree)
    }
  })

  it('is right after nodes above the leaves were split, evened out, and joined', () => {
    const tree = make()
    const ask = (): void => {
      tree.firstHole(700)
      checkInvariants(tree)
    }
    const all = new Map<number, number>()
    const widths = new Set<number>()
    for (const [from, to] of [
      [1000, 3300],
      [2300, 5000],
      [1000, 5900],
    ] as const) {
      for (let start = from; start < to; start += 3 + (start % 5)) {
        if (!all.has(start)) all.set(start, tree.insert(start, start + (start % 3)))
        if (start % 40 === 0) ask()
      }
      widths.add(tree.store.words[tree.store.root * 2 + COUNT]!)
      for (const [start, handle] of all) {
        if (start % 37 === 0) continue
        tree.remove(handle)
        all.delete(start)
        if (start % 40 === 0) ask()
      }
      ask()
      widths.add(tree.store.words[tree.store.root * 2 + COUNT]!)
    }
    expect(widths.size).toBeGreaterThan(2)
  })
})
