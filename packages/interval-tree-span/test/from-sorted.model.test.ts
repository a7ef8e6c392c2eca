// Kinds 1 and 3 of docs/TESTING.md: a bulk build equals as many inserts, at every size where a node begins, and lives on like any other tree.
import { IntervalTree, IntervalTree64 } from '@iommukit/interval-tree-span'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnyTree, allTrees, handlesOf, spansOf } from './all-trees.ts'
import { NaiveTree } from './oracle.ts'

type Range = [bigint, bigint]

/** The static members of both trees take numbers. */
const anyTree64 = IntervalTree64 as unknown as typeof IntervalTree

/** Counts the words that a build reads of its columns. */
function counted<T>(column: readonly T[]): { column: ArrayLike<T>; reads: () => number } {
  let reads = 0
  const watched = new Proxy(column, {
    get(target, property) {
      if (typeof property === 'string' && /^\d+$/.test(property)) reads++
      return Reflect.get(target, property, target)
    },
  })
  return { column: watched, reads: () => reads }
}

describe.each(allTrees)('$name', ({ base, make, build }) => {
  const { max } = make()

  function inserted(ranges: readonly Range[]): AnyTree {
    const tree = make()
    for (const range of ranges) tree.insert(...range)
    return tree
  }

  function expectSame(tree: AnyTree, ranges: readonly Range[]): void {
    tree.check()
    const other = inserted(ranges)
    const boundsOf = (each: AnyTree): Range[] => handlesOf(each, 0n, max).map((handle) => each.bounds(handle))
    expect(tree.size).toBe(ranges.length)
    expect(boundsOf(tree)).toEqual(ranges)
    expect(boundsOf(tree)).toEqual(boundsOf(other))
    expect(spansOf(tree, 0n, max)).toEqual(spansOf(other, 0n, max))
    expect(tree.firstHole(3n, 0n, max, 2n, 1n)).toBe(other.firstHole(3n, 0n, max, 2n, 1n))
    tree.check()
  }

  it.each([0, 1, 15, 16, 17, 31, 32, 33, 255, 256, 257, 272, 273, 4096, 4097, 4113, 5000])('%d intervals', (n) => {
    const disjoint = Array.from({ length: n }, (_, k): Range => [BigInt(k) * 16n, BigInt(k) * 16n + 7n])
    expectSame(build(disjoint), disjoint)
    expectSame(build(disjoint, 'columns'), disjoint)
    // Nested ones, whose lasts descend, and equal starts.
    const nested = Array.from({ length: n }, (_, k): Range => [BigInt(k >> 2), max - BigInt(k)])
    expectSame(build(nested), nested)
  })

  it('holds 0 and the greatest key, and equal starts in the order given', () => {
    const ranges: Range[] = [
      [0n, 0n],
      [0n, max],
      [0n, 5n],
      [max - 1n, max],
      [max, max],
      [max, max],
    ]
    expectSame(build(ranges), ranges)
    expectSame(build(ranges, 'columns'), ranges)
  })

  it('reads each item once, and takes an iterable', () => {
    const n = 1000
    const starts = counted(Array.from({ length: n }, (_, k) => k))
    const lasts = counted(Array.from({ length: n }, (_, k) => k + 3))
    const Tree = max === BigInt(Number.MAX_SAFE_INTEGER) ? IntervalTree : anyTree64
    expect(Tree.fromSorted(starts.column, lasts.column).size).toBe(n)
    expect([starts.reads(), lasts.reads()]).toEqual([n, n])
    function* entries(): Generator<[number, number]> {
      for (let k = 0; k < 20; k++) yield [k, k]
    }
    expect(Tree.fromSorted(entries()).size).toBe(20)
  })

  it('equals inserts, and goes on to be changed like any tree', () => {
    const point = fc.oneof(fc.bigInt(0n, 40n), fc.bigInt(max - 40n, max), fc.bigInt(0n, max))
    const range = fc.tuple(point, point).map(([a, b]): Range => (a < b ? [a, b] : [b, a]))
    const edit = fc.oneof(range, fc.nat())
    fc.assert(
      fc.property(fc.array(range, { maxLength: 300, size: 'max' }), fc.array(edit, { maxLength: 40 }), (unsorted, edits) => {
        const ranges = unsorted.toSorted((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))
        const tree = build(ranges)
        tree.check()
        const naive = new NaiveTree()
        const handles = new Map<number, number>()
        for (const handle of handlesOf(tree, 0n, max)) handles.set(naive.insert(...tree.bounds(handle)), handle)
        expect(naive.nodes.map(({ start, last }) => [start, last])).toEqual(ranges)
        for (const change of edits) {
          if (typeof change !== 'number') handles.set(naive.insert(...change), tree.insert(...change))
          else if (handles.size > 0) {
            const [id, handle] = [...handles][change % handles.size]!
            tree.remove(handle)
            naive.remove(id)
            handles.delete(id)
          }
          tree.check()
        }
        expect(handlesOf(tree, 0n, max)).toEqual(naive.overlaps(0n, max).map((id) => handles.get(id)))
        expect(spansOf(tree, 0n, max)).toEqual(naive.spans(0n, max))
      }),
      { numRuns: 60 },
    )
  })

  it('refuses what is not sorted, inverted, out of range or no interval, by value and position', () => {
    const sorted = Array.from({ length: 40 }, (_, k): Range => [BigInt(k) * 10n, BigInt(k) * 10n + 5n])
    const withRange = (at: number, range: Range): Range[] => sorted.with(at, range)
    for (const shape of ['entries', 'columns'] as const) {
      const before = `start ${base + 319n} is less than the ${base + 320n} before it`
      expect(() => build(withRange(33, [319n, 400n]), shape)).toThrow(new RangeError(`interval 33 of 40: ${before}`))
      expect(() => build(withRange(16, [149n, 400n]), shape)).toThrow(
        `interval 16 of 40: start ${base + 149n} is less than the ${base + 150n}`,
      )
      const inverted = `interval is inverted: ${base + 75n} > ${base + 74n}`
      expect(() => build(withRange(7, [75n, 74n]), shape)).toThrow(new RangeError(`interval 7 of 40: ${inverted}`))
      expect(() => build(withRange(39, [390n, max + 1n]), shape)).toThrow(RangeError)
      expect(() => build(withRange(39, [390n, max + 1n]), shape)).toThrow(/^interval 39 of 40: last \d+n? is outside 0/)
      expect(() => build(withRange(39, [-1n - base, 5n]), shape)).toThrow(/^interval 39 of 40: start -1n? is outside 0/)
    }
  })
})

const wrong = (value: unknown): never => value as never

describe.each([IntervalTree, anyTree64])('%o', (Tree) => {
  it('refuses entries and columns that are none', () => {
    for (const entry of [undefined, null, 5, 'x', [], ['1', 2], [1], [1.5, 2], [Number.NaN, 2], { start: 1, last: 2 }])
      expect(() => Tree.fromSorted([[0, 1], wrong(entry)]), String(entry)).toThrow(
        /^interval 1 of 2: (start|last|not \[start, last, payload\?\])/,
      )
    for (const input of [undefined, null, 5]) expect(() => Tree.fromSorted(wrong(input)), String(input)).toThrow(TypeError)
    expect(() => Tree.fromSorted([1, 2], [1])).toThrow(/2 starts do not go with a column of 1/)
    expect(() => Tree.fromSorted([1, 2], [1, 2], [0, 0, 0])).toThrow(/2 starts do not go with a column of 3/)
  })

  it('keeps payloads, of entries and of columns', () => {
    const entries = Tree.fromSorted<string>([
      [1, 2, 'a'],
      [1, 9],
      [3, 4, 'c'],
    ])
    const columns = Tree.fromSorted<string>([1, 1, 3], [2, 9, 4], ['a', wrong(undefined), 'c'])
    for (const tree of [entries, columns]) {
      const handles = [...tree.overlaps(0, 99)]
      expect(handles.map((handle) => tree.payload(handle))).toEqual(['a', undefined, 'c'])
    }
  })
})

it('takes typed arrays', () => {
  expect(IntervalTree.fromSorted(Float64Array.of(0, 5), Float64Array.of(3, 2 ** 53 - 1)).size).toBe(2)
  const tree = IntervalTree64.fromSorted(BigUint64Array.of(0n, 2n ** 63n), BigUint64Array.of(3n, 2n ** 64n - 1n))
  expect([...tree.spans(0n, 2n ** 64n - 1n)].map((span) => span.last)).toEqual([3n, 2n ** 63n - 1n, 2n ** 64n - 1n])
})
