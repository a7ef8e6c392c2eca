// Kinds 1 to 3 of docs/TESTING.md: spans of several trees: examples, every triple of 4 slots, and random changes on the way. Spec 1.5.
import { DoubleSpanCursor64, IntervalTree, IntervalTree64, NSpanCursor, NSpanCursor64 } from '@iommukit/interval-tree-span'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnyTree, allTrees } from './all-trees.ts'
import { NaiveTree, naiveNSpans } from './oracle.ts'

type Range = [bigint, bigint]

describe.each(allTrees)('$name', ({ make }) => {
  const { max } = make()

  class Pair {
    readonly tree: AnyTree = make()
    readonly naive = new NaiveTree()
    readonly handles: [number, number][] = []

    constructor(ranges: readonly Range[] = []) {
      for (const range of ranges) this.insert(range)
    }

    insert(range: Range): void {
      this.handles.push([this.naive.insert(...range), this.tree.insert(...range)])
    }

    remove(pick: number): void {
      if (this.handles.length === 0) return
      const [[id, handle]] = this.handles.splice(pick % this.handles.length, 1) as [[number, number]]
      this.naive.remove(id)
      this.tree.remove(handle)
    }
  }

  const cursorOf = ([head, ...others]: readonly Pair[], first: bigint, last: bigint) =>
    head!.tree.nSpans(
      others.map(({ tree }) => tree),
      first,
      last,
    )
  const naiveOf = (pairs: readonly Pair[], first: bigint, last: bigint) =>
    naiveNSpans(
      pairs.map(({ naive }) => naive),
      first,
      last,
    )

  it('the example of 1.5, with a third tree below', () => {
    const a = new Pair([
      [10n, 19n],
      [40n, 49n],
    ])
    const b = new Pair([
      [15n, 29n],
      [30n, 44n],
      [60n, 69n],
    ])
    const c = new Pair([
      [5n, 12n],
      [25n, 52n],
      [65n, max],
    ])
    const shown = (...pairs: Pair[]): string[] =>
      cursorOf(pairs, 0n, 79n)
        .rest()
        .map((s) => `${s.usedBy}:${s.start}-${s.last}`)
    expect(shown(a)).toEqual(['0:0-9', '1:10-19', '0:20-39', '1:40-49', '0:50-79'])
    expect(shown(a, b)).toEqual(['0:0-9', '1:10-19', '2:20-39', '1:40-49', '0:50-59', '2:60-69', '0:70-79'])
    expect(shown(a, b, c)).toEqual(['0:0-4', '3:5-9', '1:10-19', '2:20-39', '1:40-49', '3:50-52', '0:53-59', '2:60-69', '3:70-79'])
  })

  it('every triple of one-interval trees of 4 slots, at the bottom and at the top', () => {
    const intervals: Range[] = []
    for (let start = 0n; start < 4n; start++) for (let last = start; last < 4n; last++) intervals.push([start, last])
    const wrong: string[] = []
    for (const base of [0n, max - 3n]) {
      const moved = ([start, last]: Range): Range => [base + start, base + last]
      const pairs = [new Pair(), ...intervals.map((range) => new Pair([moved(range)]))]
      for (const a of pairs) {
        for (const b of pairs) {
          for (const c of pairs) {
            for (const window of intervals.map(moved)) {
              const found = cursorOf([a, b, c], ...window).rest()
              const expected = naiveOf([a, b, c], ...window)
              const same =
                found.length === expected.length &&
                found.every(({ usedBy, start, last }, k) => {
                  const span = expected[k]!
                  return usedBy === span.usedBy && start === span.start && last === span.last
                })
              if (!same) wrong.push(`${pairs.indexOf(a)} ${pairs.indexOf(b)} ${pairs.indexOf(c)} in ${window}`)
            }
          }
        }
      }
    }
    expect(wrong).toEqual([])
  })

  const point = fc.oneof({ weight: 4, arbitrary: fc.bigInt(0n, 48n) }, { weight: 1, arbitrary: fc.bigInt(max - 8n, max) })
  const range = fc.tuple(point, point).map(([x, y]): Range => (x < y ? [x, y] : [y, x]))
  const trees = fc.array(fc.array(range, { maxLength: 12 }), { minLength: 1, maxLength: 5 })

  it('is painting by precedence; two trees give what the double cursor gives', () => {
    fc.assert(
      fc.property(trees, range, (lists, window) => {
        const pairs = lists.map((list) => new Pair(list))
        expect(cursorOf(pairs, ...window).rest()).toEqual(naiveOf(pairs, ...window))
        const [a, b] = [pairs[0]!, pairs.at(-1)!]
        expect(a.tree.doubleSpans(b.tree, ...window)).toEqual(cursorOf([a, b], ...window).rest())
      }),
      { numRuns: 150 },
    )
  })

  it('next, advance either way and changes of any of the trees: each span is right for its moment, done is for good', () => {
    const step = fc.oneof(
      fc.constant({ kind: 'next' as const }),
      point.map((to) => ({ kind: 'advance' as const, to })),
      fc.tuple(fc.nat(4), range).map(([which, added]) => ({ kind: 'insert' as const, which, added })),
      fc.tuple(fc.nat(4), fc.nat()).map(([which, pick]) => ({ kind: 'remove' as const, which, pick })),
    )
    fc.assert(
      fc.property(trees, range, fc.array(step, { maxLength: 40 }), (lists, [first, last], steps) => {
        const pairs = lists.map((list) => new Pair(list))
        const cursor = cursorOf(pairs, first, last)
        let at = first
        for (const each of steps) {
          if (each.kind === 'insert') pairs[each.which % pairs.length]!.insert(each.added)
          else if (each.kind === 'remove') pairs[each.which % pairs.length]!.remove(each.pick)
          else {
            const wasDone = cursor.done
            if (!wasDone) at = each.kind === 'next' ? cursor.last + 1n : each.to
            if (each.kind === 'next') cursor.next()
            else cursor.advance(each.to)
            expect(cursor.done).toBe(wasDone || at > last)
            if (!cursor.done) {
              const { usedBy, start, last: end } = cursor
              expect({ usedBy, start, last: end }).toEqual(naiveOf(pairs, at, last)[0])
            }
          }
        }
      }),
      { numRuns: 400 },
    )
  })
})

it('without trees all is a hole', () => {
  expect([...new NSpanCursor([], 3, 9)]).toEqual([{ start: 3, last: 9, usedBy: 0 }])
  expect([...new NSpanCursor64([], 3n, 2n ** 64n - 1n)]).toEqual([{ start: 3n, last: 2n ** 64n - 1n, usedBy: 0 }])
})

it('u64: takes and gives halves', () => {
  const tree = new IntervalTree64()
  tree.insertAt(1, 2, 3, 4)
  const cursor = new NSpanCursor64([tree], 0, 0, 0xffffffff, 0xffffffff)
  cursor.advanceAt(1, 2)
  expect([cursor.usedBy, cursor.startHi, cursor.startLo, cursor.lastHi, cursor.lastLo]).toEqual([1, 1, 2, 3, 4])
  expect(new DoubleSpanCursor64(tree, tree, 1, 2, 3, 3).last).toBe(3n * 2n ** 32n + 3n)
})

it('refuses inverted windows, what is no key, and what is no tree', () => {
  const wrong = (value: unknown): never => value as never
  const trees = [new IntervalTree(), new IntervalTree()]
  expect(() => new NSpanCursor(trees, 6, 5)).toThrow(/window is inverted: 6 > 5/)
  expect(() => new NSpanCursor(trees, 0, -1)).toThrow(/last -1/)
  expect(() => new NSpanCursor([trees[0]!, wrong({})], 0, 1)).toThrow(/tree/)
  expect(() => new NSpanCursor([wrong(new IntervalTree64())], 0, 1)).toThrow(/IntervalTree/)
  expect(() => new NSpanCursor64([wrong(trees[0])], 0, 1)).toThrow(/IntervalTree64/)
  expect(() => new NSpanCursor(trees, 0, 1).advance(1.5)).toThrow(/index/)
})
