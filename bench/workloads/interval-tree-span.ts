/** `itree.*`: interval trees, ours by number and by u64 keys, beside trees and ordered maps from npm. */
import {
  DoubleSpanCursor,
  DoubleSpanCursor64,
  IntervalTree,
  IntervalTree64,
  OverlapCursor,
  OverlapCursor64,
  SpanCursor,
  SpanCursor64,
} from '@iommukit/interval-tree-span'
import { addWord, hs } from '../src/random.ts'
import { type Contender, ours, type Phase, type Scenario } from '../src/scenario.ts'
import { changes, copiesOf, type Order, queriesOf, searches, sizeName } from './data.ts'
import { intervalTreePeers, orderedMapPeers } from './peers/interval-trees.ts'
import { type TreeKind, treeSubject } from './tree-subject.ts'

const byNumber: TreeKind<IntervalTree> = {
  make: () => new IntervalTree(),
  build: (starts, lasts) => IntervalTree.fromSorted(starts, lasts),
  insert: (tree, start, last) => tree.insert(start, last),
  remove: (tree, handle) => tree.remove(handle),
  iterAll(tree) {
    let sum = 0
    for (const nodes = new OverlapCursor(tree, 0, Number.MAX_SAFE_INTEGER); !nodes.done; nodes.next()) sum = addWord(sum, nodes.start)
    return sum
  },
  spans(tree, last) {
    let h = 0
    for (const spans = new SpanCursor(tree, 0, last); !spans.done; spans.next()) h = hs(h, spans.start + (spans.isHole ? 1 : 0))
    return h
  },
  doubleSpans(a, b, last) {
    let h = 0
    for (const spans = new DoubleSpanCursor(a, b, 0, last); !spans.done; spans.next()) h = hs(h, spans.start + spans.usedBy)
    return h
  },
  firstAt(tree, x) {
    const h = tree.iterFirst(x, x)
    return h === undefined ? 0 : tree.start(h)
  },
  sumOverlaps(tree, first, last) {
    let sum = 0
    for (let h = tree.iterFirst(first, last); h !== undefined; h = tree.iterNext(h, first, last)) sum = addWord(sum, tree.start(h))
    return sum
  },
  firstFree: (tree, x, length) => tree.firstHole(length, { from: x })!,
}

const top = 0xffffffff

const byU64: TreeKind<IntervalTree64> = {
  make: () => new IntervalTree64(),
  build: (starts, lasts) => IntervalTree64.fromSorted(starts, lasts),
  insert: (tree, start, last) => tree.insertAt(0, start, 0, last),
  remove: (tree, handle) => tree.remove(handle),
  iterAll(tree) {
    let sum = 0
    for (const nodes = new OverlapCursor64(tree, 0, 0, top, top); !nodes.done; nodes.next()) sum = addWord(sum, nodes.startLo)
    return sum
  },
  spans(tree, last) {
    let h = 0
    for (const spans = new SpanCursor64(tree, 0, last); !spans.done; spans.next()) h = hs(h, spans.startLo + (spans.isHole ? 1 : 0))
    return h
  },
  doubleSpans(a, b, last) {
    let h = 0
    for (const spans = new DoubleSpanCursor64(a, b, 0, last); !spans.done; spans.next()) h = hs(h, spans.startLo + spans.usedBy)
    return h
  },
  firstAt(tree, x) {
    const h = tree.iterFirstAt(0, x, 0, x)
    return h === undefined ? 0 : tree.startLo(h)
  },
  sumOverlaps(tree, first, last) {
    let sum = 0
    for (let h = tree.iterFirstAt(0, first, 0, last); h !== undefined; h = tree.iterNextAt(h, 0, first, 0, last))
      sum = addWord(sum, tree.startLo(h))
    return sum
  },
  firstFree: (tree, x, length) => tree.holesAt(0, length, 0, x, top, top).positionLo,
}

/** What performance.md says of a size. C times and goals are for the random order; the checksums of `build` and `hole` were counted index by index, without a tree. */
interface Known {
  readonly c?: Readonly<Record<string, number>>
  readonly goals?: Readonly<Record<string, number>>
  /** At least so many times faster than the fastest interval tree from npm; where performance.md gives a range, its upper end. */
  readonly timesFaster?: Readonly<Record<string, number>>
  readonly sums: Readonly<Record<string, number>>
}

const known: Readonly<Record<number, Known>> = {
  1e3: {
    timesFaster: { insert: 5, span: 5, query_point: 2 },
    sums: { build: 4115216, hole: 170725645 },
  },
  1e5: {
    c: { insert: 127, iter_all: 17, span: 9.1, dspan: 30, query_point: 150, query_64: 220, remove: 43 },
    goals: { insert: 0.6, iter_all: 0.1, span: 0.3, dspan: 0.25, query_point: 0.4, query_64: 0.4, remove: 1 },
    timesFaster: { insert: 13, span: 40, query_point: 8, remove: 20, hole: 18 },
    sums: {
      iter_all: 2689788672,
      span: 554203303,
      dspan: 2380530856,
      query_point: 95651984,
      query_64: 819893312,
      build: 425395216,
      hole: 3115713652,
    },
  },
  1e6: {
    c: { insert: 327, iter_all: 126, span: 59, dspan: 99, query_point: 464, query_64: 730, remove: 109 },
    goals: { insert: 0.6, iter_all: 0.05, span: 0.15, dspan: 0.15, query_point: 0.4, query_64: 0.4, remove: 1 },
    sums: {
      iter_all: 2762894848,
      span: 186882737,
      dspan: 3398444313,
      query_point: 3472592528,
      query_64: 2467852720,
      build: 4178995216,
      hole: 424412176,
    },
  },
}

function phasesFor(n: number, order: Order): Phase[] {
  const units: readonly [string, string, number][] = [
    ['insert', 'node', copiesOf(n) * n],
    ['iter_all', 'node', copiesOf(n) * n],
    ['span', 'span', copiesOf(n) * 2 * n],
    ['dspan', 'span', copiesOf(n) * 3 * n],
    ['query_point', 'query', queriesOf(n)],
    ['query_64', 'query', queriesOf(n)],
    ['remove', 'node', copiesOf(n) * n],
    ['build', 'node', copiesOf(n) * n],
    ['hole', 'search', searches],
    ['change', 'pair', changes],
    ['change_asked', 'pair', changes],
  ]
  const { c, goals, timesFaster, sums } = known[n]!
  return units.map(([name, unit, ops]) => {
    // Intervals that were removed and inserted again are those that were built.
    const phase = { name, unit, ops, checksum: sums[name.startsWith('change') ? 'build' : name] }
    return order === 'rand' ? { ...phase, cNs: c?.[name], goal: goals?.[name], timesFaster: timesFaster?.[name] } : phase
  })
}

function scenario(n: number, order: Order): Scenario {
  const mine: Contender[] = [
    { name: ours, load: () => treeSubject(n, order, byNumber) },
    { name: ours, u64: true, load: () => treeSubject(n, order, byU64) },
  ]
  return {
    name: `itree.${sizeName(n)}.${order}`,
    package: 'interval-tree-span',
    source: 'bench/workloads/interval-tree-span.ts',
    n,
    smoke: n <= 1e3,
    phases: phasesFor(n, order),
    // Interval trees from npm need minutes for many intervals; they show it once, in random order, for which the goals are.
    contenders: [...mine, ...(n > 1e3 && order === 'seq' ? orderedMapPeers(n, order) : intervalTreePeers(n, order))],
  }
}

export const scenarios: readonly Scenario[] = [1e3, 1e5, 1e6].flatMap((n) => [scenario(n, 'seq'), scenario(n, 'rand')])
