/**
 * Peers of `itree.*`. Interval trees answer all that they can; ordered maps (key: start, value: last) can serve only because A's intervals
 * are disjoint. None has spans: they are cut from the ordered walk by hand, as a user would.
 */
import { addWord, hs } from '../../src/random.ts'
import type { Contender, Subject } from '../../src/scenario.ts'
import { intervalSpan, type Order } from '../data.ts'
import { type TreeKind, treeSubject } from '../tree-subject.ts'
import { loadSortedBtree, type SortedTree } from './sorted-btree.ts'

/** Cuts spans from intervals that arrive in order of start. */
class SpanCutter {
  #at = 0
  #start = -1
  #last = -1
  hash = 0

  take(start: number, last: number): void {
    if (this.#start >= 0 && start <= this.#last + 1) {
      if (last > this.#last) this.#last = last
      return
    }
    this.#flush()
    this.#start = start
    this.#last = last
  }

  #flush(): void {
    if (this.#start < 0) return
    if (this.#start > this.#at) this.hash = hs(this.hash, this.#at + 1)
    this.hash = hs(this.hash, this.#start)
    this.#at = this.#last + 1
  }

  finish(windowLast: number): number {
    this.#flush()
    if (this.#at <= windowLast) this.hash = hs(this.hash, this.#at + 1)
    return this.hash
  }
}

/** So many indexes are looked at together where a hole is looked for: some 16 intervals overlap them. */
const holeWindow = 256

/**
 * The first position from `x` on that begins `length` indexes without an interval, for trees that cannot go on from an answer: window after window.
 * `startsIn` gives the starts of the intervals that overlap a window, in any order.
 */
function firstFreeByWindows(startsIn: (first: number, last: number) => number[], x: number, length: number): number {
  let at = x
  for (;;) {
    const last = at + holeWindow - 1
    for (const start of startsIn(at, last).sort((a, b) => a - b)) {
      if (start - at >= length) return at
      at = start + intervalSpan + 1
    }
    if (last - at + 1 >= length) return at
  }
}

interface Low {
  readonly low: number
  readonly high: number
}

async function flatten(n: number, order: Order): Promise<Subject> {
  const { default: Tree } = (await import('@flatten-js/interval-tree')) as unknown as { default: new () => FlattenTree }
  interface FlattenTree {
    insert(key: [number, number], value: number): unknown
    remove(key: [number, number], value: number): unknown
    search(key: [number, number]): number[]
    iterate(): Iterable<number>
  }
  const kind: TreeKind<FlattenTree> = {
    make: () => new Tree(),
    insert(tree, start, last) {
      tree.insert([start, last], start)
      return start
    },
    remove: (tree, start) => tree.remove([start, start + intervalSpan], start),
    iterAll(tree) {
      let sum = 0
      for (const start of tree.iterate()) sum = addWord(sum, start)
      return sum
    },
    spans(tree, last) {
      const cutter = new SpanCutter()
      for (const start of tree.iterate()) cutter.take(start, start + intervalSpan)
      return cutter.finish(last)
    },
    firstAt: (tree, x) => tree.search([x, x])[0] ?? 0,
    sumOverlaps: (tree, first, last) => tree.search([first, last]).reduce((sum, start) => addWord(sum, start), 0),
    firstFree: (tree, x, length) => firstFreeByWindows((first, last) => tree.search([first, last]), x, length),
  }
  return treeSubject(n, order, kind)
}

async function nodeIntervalTree(n: number, order: Order): Promise<Subject> {
  const { IntervalTree } = await import('node-interval-tree')
  const kind: TreeKind<InstanceType<typeof IntervalTree<Low>>, Low> = {
    make: () => new IntervalTree<Low>(),
    insert(tree, start, last) {
      const record = { low: start, high: last }
      tree.insert(record)
      return record
    },
    remove: (tree, record) => tree.remove(record),
    iterAll(tree) {
      let sum = 0
      for (const record of tree.inOrder()) sum = addWord(sum, record.low)
      return sum
    },
    spans(tree, last) {
      const cutter = new SpanCutter()
      for (const record of tree.inOrder()) cutter.take(record.low, record.high)
      return cutter.finish(last)
    },
    firstAt: (tree, x) => tree.search(x, x)[0]?.low ?? 0,
    sumOverlaps: (tree, first, last) => tree.search(first, last).reduce((sum, record) => addWord(sum, record.low), 0),
    firstFree: (tree, x, length) => firstFreeByWindows((first, last) => tree.search(first, last).map(({ low }) => low), x, length),
  }
  return treeSubject(n, order, kind)
}

type Pair = [number, number]

function pairsOf(starts: Uint32Array, lasts: Uint32Array): Pair[] {
  return Array.from(starts, (start, k): Pair => [start, lasts[k]!])
}

async function intervalTree1d(n: number, order: Order): Promise<Subject> {
  interface Tree1d {
    insert(interval: Pair): void
    queryPoint(x: number, visit: (interval: Pair) => unknown): unknown
    queryInterval(low: number, high: number, visit: (interval: Pair) => unknown): unknown
  }
  const { default: create } = (await import('interval-tree-1d' as string)) as { default: (intervals: Pair[]) => Tree1d }
  const kind: TreeKind<Tree1d, Pair> = {
    make: () => create([]),
    build: (starts, lasts) => create(pairsOf(starts, lasts)),
    insert(tree, start, last) {
      const interval: Pair = [start, last]
      tree.insert(interval)
      return interval
    },
    // It has `remove`, but 1.0.4 throws half-way through this workload ("Cannot read properties of null").
    firstAt(tree, x) {
      let found = 0
      tree.queryPoint(x, (interval) => {
        found = interval[0]
        return true
      })
      return found
    },
    sumOverlaps(tree, first, last) {
      let sum = 0
      tree.queryInterval(first, last, (interval) => {
        sum = addWord(sum, interval[0])
      })
      return sum
    },
    firstFree(tree, x, length) {
      const startsIn = (first: number, last: number): number[] => {
        const starts: number[] = []
        tree.queryInterval(first, last, (interval) => {
          starts.push(interval[0])
        })
        return starts
      }
      return firstFreeByWindows(startsIn, x, length)
    },
  }
  return treeSubject(n, order, kind)
}

async function mnemonistStatic(n: number, order: Order): Promise<Subject> {
  const { StaticIntervalTree } = await import('mnemonist')
  const kind: TreeKind<InstanceType<typeof StaticIntervalTree<Pair>>> = {
    build: (starts, lasts) => StaticIntervalTree.from<Pair>(pairsOf(starts, lasts)),
    firstAt: (tree, x) => tree.intervalsContainingPoint(x)[0]?.[0] ?? 0,
    sumOverlaps: (tree, first, last) =>
      tree.intervalsOverlappingInterval([first, last]).reduce((sum, interval) => addWord(sum, interval[0]), 0),
    firstFree: (tree, x, length) =>
      firstFreeByWindows((first, last) => tree.intervalsOverlappingInterval([first, last]).map(([start]) => start), x, length),
  }
  return treeSubject(n, order, kind)
}

async function sortedBtree(n: number, order: Order): Promise<Subject> {
  const BTree = await loadSortedBtree()
  const kind: TreeKind<SortedTree> = {
    make: () => new BTree(),
    insert(tree, start, last) {
      tree.set(start, last)
      return start
    },
    remove: (tree, start) => tree.delete(start),
    iterAll(tree) {
      let sum = 0
      tree.forRange(0, Number.MAX_SAFE_INTEGER, true, (start) => {
        sum = addWord(sum, start)
      })
      return sum
    },
    spans(tree, last) {
      const cutter = new SpanCutter()
      tree.forRange(0, last, true, (start, end) => cutter.take(start, end))
      return cutter.finish(last)
    },
    firstAt(tree, x) {
      const pair = tree.nextLowerPair(x + 1)
      return pair !== undefined && pair[1] >= x ? pair[0] : 0
    },
    sumOverlaps(tree, first, last) {
      let sum = 0
      const before = tree.nextLowerPair(first)
      if (before !== undefined && before[1] >= first) sum = before[0]
      tree.forRange(first, last, true, (start) => {
        sum = addWord(sum, start)
      })
      return sum
    },
    firstFree(tree, x, length) {
      const before = tree.nextLowerPair(x)
      let at = before === undefined ? x : Math.max(x, before[1] + 1)
      tree.forRange(x, Number.MAX_SAFE_INTEGER, true, (start, last) => {
        if (start - at >= length) return { break: true }
        at = last + 1
        return undefined
      })
      return at
    },
  }
  return treeSubject(n, order, kind)
}

async function jsSdsl(n: number, order: Order): Promise<Subject> {
  const { OrderedMap } = await import('js-sdsl')
  type Tree = InstanceType<typeof OrderedMap<number, number>>
  const kind: TreeKind<Tree> = {
    make: () => new OrderedMap<number, number>(),
    insert(tree, start, last) {
      tree.setElement(start, last)
      return start
    },
    remove: (tree, start) => tree.eraseElementByKey(start),
    iterAll(tree) {
      let sum = 0
      for (let it = tree.begin(), end = tree.end(); !it.equals(end); it.next()) sum = addWord(sum, it.pointer[0])
      return sum
    },
    spans(tree, last) {
      const cutter = new SpanCutter()
      for (let it = tree.begin(), end = tree.end(); !it.equals(end); it.next()) cutter.take(it.pointer[0], it.pointer[1])
      return cutter.finish(last)
    },
    firstAt(tree, x) {
      const it = tree.reverseLowerBound(x)
      return it.isAccessible() && it.pointer[1] >= x ? it.pointer[0] : 0
    },
    sumOverlaps(tree, first, last) {
      let sum = 0
      const before = tree.reverseLowerBound(first)
      const it = before.isAccessible() && before.pointer[1] >= first ? before : tree.lowerBound(first)
      for (const end = tree.end(); !it.equals(end) && it.pointer[0] <= last; it.next()) sum = addWord(sum, it.pointer[0])
      return sum
    },
    firstFree(tree, x, length) {
      const before = tree.reverseLowerBound(x)
      let at = before.isAccessible() ? Math.max(x, before.pointer[1] + 1) : x
      for (let it = tree.lowerBound(at), end = tree.end(); !it.equals(end) && it.pointer[0] - at < length; it.next()) at = it.pointer[1] + 1
      return at
    },
  }
  return treeSubject(n, order, kind)
}

/** The names carry the versions that package.json pins. */
export function orderedMapPeers(n: number, order: Order): Contender[] {
  return [
    { name: 'sorted-btree@2.1.0', load: () => sortedBtree(n, order) },
    { name: 'js-sdsl@4.4.2', load: () => jsSdsl(n, order) },
  ]
}

export function intervalTreePeers(n: number, order: Order): Contender[] {
  const trees = [
    { name: '@flatten-js/interval-tree@2.0.3', load: () => flatten(n, order) },
    { name: 'node-interval-tree@2.1.2', load: () => nodeIntervalTree(n, order) },
    { name: 'interval-tree-1d@1.0.4', load: () => intervalTree1d(n, order) },
    { name: 'mnemonist@0.40.8', load: () => mnemonistStatic(n, order) },
  ]
  return [...trees.map((tree) => ({ ...tree, ofItsKind: true })), ...orderedMapPeers(n, order)]
}
