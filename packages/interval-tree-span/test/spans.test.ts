// Kind 1 of docs/TESTING.md: the tables and traces of spec data-structures 1.4 and 1.5 verbatim, and its pitfalls (1.8), each cited.
import { describe, expect, it } from 'vitest'
import { type AnySpan, type AnyTree, allTrees, handlesOf, spansOf } from './all-trees.ts'

type Pair = readonly [number | bigint, number | bigint]

describe.each(allTrees)('$name', ({ make }) => {
  const { max } = make()

  function treeOf(...pairs: Pair[]): AnyTree {
    const tree = make()
    for (const [start, last] of pairs) tree.insert(BigInt(start), BigInt(last))
    return tree
  }

  const text = (span: { isHole: boolean; start: bigint; last: bigint }): string => {
    const name = (x: bigint): string => (x > 1_000_000n ? `MAX${x === max ? '' : `-${max - x}`}` : String(x))
    return `${span.isHole ? 'H' : 'U'} ${name(span.start)}-${name(span.last)}`
  }
  const spans = (tree: AnyTree, first: number | bigint = 0, last: number | bigint = max): string[] =>
    spansOf(tree, BigInt(first), BigInt(last)).map(text)

  it.each<[string, Pair[], string[]]>([
    ['empty', [], ['H 0-MAX']],
    ['[0,MAX]', [[0, max]], ['U 0-MAX']],
    ['[0,0]', [[0, 0]], ['U 0-0', 'H 1-MAX']],
    ['[MAX,MAX]', [[max, max]], ['H 0-MAX-1', 'U MAX-MAX']],
    [
      '[0,0],[MAX,MAX]',
      [
        [0, 0],
        [max, max],
      ],
      ['U 0-0', 'H 1-MAX-1', 'U MAX-MAX'],
    ],
    [
      '[0,MAX-1],[MAX,MAX]',
      [
        [0, max - 1n],
        [max, max],
      ],
      ['U 0-MAX'],
    ],
    ['[5,MAX]', [[5, max]], ['H 0-4', 'U 5-MAX']],
  ])('edge table of 1.4: %s', (_, pairs, expected) => {
    expect(spans(treeOf(...pairs))).toEqual(expected)
  })

  const worked: Pair[] = [
    [10, 19],
    [15, 29],
    [30, 39],
    [50, 59],
  ]

  it('worked example of 1.4', () => {
    const tree = treeOf(...worked)
    expect(spans(tree)).toEqual(['H 0-9', 'U 10-39', 'H 40-49', 'U 50-59', 'H 60-MAX'])
    expect(spans(tree, 12, 55)).toEqual(['U 12-39', 'H 40-49', 'U 50-55'])
    expect(spans(tree, 20, 20)).toEqual(['U 20-20'])
    expect(spans(tree, 40, 49)).toEqual(['H 40-49'])
    expect(spans(tree, 35, 60)).toEqual(['U 35-39', 'H 40-49', 'U 50-59', 'H 60-60'])
  })

  it('advance trace of 1.4', () => {
    const cursor = treeOf(...worked).spans(0n, max)
    const trace: string[] = [text(cursor)]
    const steps: ((c: AnySpan) => void)[] = [5, 10, 25, undefined, 55, 20, 1000, 2].map(
      (to) => (c) => (to === undefined ? c.next() : c.advance(BigInt(to))),
    )
    for (const step of steps) {
      step(cursor)
      trace.push(text(cursor))
    }
    expect(trace).toEqual(['H 0-9', 'H 5-9', 'U 10-39', 'U 25-39', 'H 40-49', 'U 55-59', 'U 20-39', 'H 1000-MAX', 'H 2-9'])
  })

  it('advance: past the window is done and stays done, below the window widens it', () => {
    const cursor = treeOf(...worked).spans(12n, 55n)
    cursor.advance(3n)
    expect(text(cursor)).toBe('H 3-9')
    cursor.advance(56n)
    expect(cursor.done).toBe(true)
    cursor.advance(12n)
    cursor.next()
    expect(cursor.done).toBe(true)
  })

  it('advance(0) on a span that ends at the maximum goes back to 0 instead of finishing', () => {
    const cursor = treeOf([5, max]).spans(0n, max)
    cursor.next()
    expect(text(cursor)).toBe('U 5-MAX')
    cursor.advance(0n)
    expect(text(cursor)).toBe('H 0-4')
  })

  it('after a change: goes on behind what was reported, with what is then there', () => {
    const tree = treeOf([10, 19], [30, 39])
    const cursor = tree.spans(0n, 100n)
    cursor.next()
    expect(text(cursor)).toBe('U 10-19')
    tree.insert(15n, 24n)
    cursor.next()
    expect(text(cursor)).toBe('U 20-24')
    tree.insert(26n, 100n)
    cursor.next()
    cursor.next()
    expect(text(cursor)).toBe('U 26-100')
    cursor.next()
    expect(cursor.done).toBe(true)
  })

  it('double spans: the example of 1.5, and with the trees swapped', () => {
    const a = treeOf([10, 19], [40, 49])
    const b = treeOf([15, 29], [30, 44], [60, 69])
    const shown = (x: AnyTree, y: AnyTree): string[] => x.doubleSpans(y, 0n, 79n).map((s) => `${s.usedBy}:${s.start}-${s.last}`)
    expect(shown(a, b)).toEqual(['0:0-9', '1:10-19', '2:20-39', '1:40-49', '0:50-59', '2:60-69', '0:70-79'])
    expect(shown(b, a)).toEqual(['0:0-9', '2:10-14', '1:15-44', '2:45-49', '0:50-59', '1:60-69', '0:70-79'])
  })

  describe('where implementers go wrong', () => {
    it('data-structures 1.8 item 1: touching intervals are one span, but two nodes', () => {
      const tree = treeOf([10, 19], [20, 29])
      expect(spans(tree)).toEqual(['H 0-9', 'U 10-29', 'H 30-MAX'])
      expect(handlesOf(tree, 0n, max)).toHaveLength(2)
    })

    it('data-structures 1.8 item 2: merges by the running maximum, not by the previous node', () => {
      expect(spans(treeOf([0, 100], [5, 6], [50, 60], [101, 110]), 0, 200)).toEqual(['U 0-110', 'H 111-200'])
    })

    it('data-structures 1.8 item 3: a used span starts at the window, not at its node', () => {
      expect(spans(treeOf([0, 100]), 40, 50)).toEqual(['U 40-50'])
    })

    it('data-structures 1.8 item 4: nothing is compared with the maximum plus one', () => {
      expect(spans(treeOf([3, max], [4, max], [max, max]), 2, max)).toEqual(['H 2-2', 'U 3-MAX'])
    })

    it('data-structures 1.8 item 5: coverage that reaches the window ends it, without a trailing hole', () => {
      expect(spans(treeOf([0, max]), max, max)).toEqual(['U MAX-MAX'])
      expect(spans(treeOf([0, 49]), 0, 49)).toEqual(['U 0-49'])
    })

    it('data-structures 1.8 item 6: last is no sort key', () => {
      const tree = make()
      const handles = [30n, 10n, 20n].map((last) => tree.insert(5n, last))
      expect(handlesOf(tree, 0n, max)).toEqual(handles)
    })

    it('data-structures 1.8 item 7: done stays done, and says so', () => {
      const cursor = treeOf().spans(0n, 0n)
      cursor.next()
      cursor.next()
      expect(cursor.done).toBe(true)
    })

    it('data-structures 1.8 item 8: B does not cut a span of A, and the end of a hole of A cuts a span of B', () => {
      const shown = (x: AnyTree, y: AnyTree): string[] => x.doubleSpans(y, 0n, 99n).map((s) => `${s.usedBy}:${s.start}-${s.last}`)
      expect(shown(treeOf([10, 50]), treeOf([20, 30]))).toEqual(['0:0-9', '1:10-50', '0:51-99'])
      expect(shown(treeOf([50, 60]), treeOf([0, 99]))).toEqual(['2:0-49', '1:50-60', '2:61-99'])
    })

    it('data-structures 1.8 item 9: nodes met may overlap, and the first one is the leftmost, not the largest', () => {
      const tree = make()
      const small = tree.insert(1n, 6n)
      const large = tree.insert(2n, 100n)
      expect(handlesOf(tree, 5n, 5n)).toEqual([small, large])
    })

    it('data-structures 1.8 item 10: 0 is an index like any other', () => {
      const tree = treeOf([0, 0])
      expect(tree.iterFirst(0n, 0n)).toBeDefined()
      expect(tree.firstHole(1n, 0n, max, 1n, 0n)).toBe(1n)
      expect(make().firstHole(1n, 0n, max, 1n, 0n)).toBe(0n)
    })
  })
})
