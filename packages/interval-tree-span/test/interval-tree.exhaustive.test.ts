// Kind 2 of docs/TESTING.md: every pair of intervals of 8 slots, at the bottom and at the top of the space, with every window.
import { describe, expect, it } from 'vitest'
import { allTrees, handlesOf, spansOf } from './all-trees.ts'
import { NaiveTree, naiveFirstHole, naiveNSpans } from './oracle.ts'

const slots = 8n
const intervals: [bigint, bigint][] = []
for (let start = 0n; start < slots; start++) for (let last = start; last < slots; last++) intervals.push([start, last])

describe.each(allTrees)('$name', ({ make }) => {
  it.each(['bottom', 'top'])('at the %s', (where) => {
    const base = where === 'bottom' ? 0n : make().max - slots + 1n
    const wrong: string[] = []
    for (const [a0, a1] of intervals) {
      for (const [b0, b1] of intervals) {
        const tree = make()
        const naive = new NaiveTree()
        const handles = [a0, b0].map((_, k) => tree.insert(base + (k === 0 ? a0 : b0), base + (k === 0 ? a1 : b1)))
        naive.insert(base + a0, base + a1)
        naive.insert(base + b0, base + b1)
        for (const [w0, w1] of intervals) {
          const window: [bigint, bigint] = [base + w0, base + w1]
          const met = handlesOf(tree, ...window).map((handle) => handles.indexOf(handle))
          const same =
            String(met) === String(naive.overlaps(...window)) &&
            JSON.stringify(spansOf(tree, ...window), textOf) === JSON.stringify(naive.spans(...window), textOf) &&
            tree.firstHole(2n, ...window, 2n, 1n) === naiveFirstHole(naive, 2n, ...window, 2n, 1n)
          if (!same) wrong.push(`[${a0},${a1}] [${b0},${b1}] in [${w0},${w1}]`)
        }
      }
    }
    expect(wrong).toEqual([])
  })

  it('every pair of one-interval trees, as double spans', () => {
    const wrong: string[] = []
    for (const rangeA of intervals) {
      for (const rangeB of intervals) {
        const [a, b] = [make(), make()]
        const [naiveA, naiveB] = [new NaiveTree(), new NaiveTree()]
        a.insert(...rangeA)
        b.insert(...rangeB)
        naiveA.insert(...rangeA)
        naiveB.insert(...rangeB)
        for (const window of intervals)
          if (JSON.stringify(a.doubleSpans(b, ...window), textOf) !== JSON.stringify(naiveNSpans([naiveA, naiveB], ...window), textOf))
            wrong.push(`${rangeA} over ${rangeB} in ${window}`)
      }
    }
    expect(wrong).toEqual([])
  })
})

/** JSON has no bigint. */
function textOf(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
