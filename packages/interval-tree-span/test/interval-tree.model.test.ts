// Kind 3 of docs/TESTING.md: random changes and questions against a list; invariants after each step. The properties of spec data-structures 1.7.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AnyTree, allTrees, handlesOf, spansOf } from './all-trees.ts'
import { NaiveTree, naiveFirstHole, naiveNSpans } from './oracle.ts'

const runs = { numRuns: 150 }

/** Points that meet: a small universe, and both sides of every border of a number's parts. */
function points(max: bigint): fc.Arbitrary<bigint> {
  const special = [0n, 1n, 2n, 2n ** 11n, 2n ** 31n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, max - 2n, max - 1n, max].flatMap(
    (x) => [x - 1n, x, x + 1n],
  )
  return fc.oneof(
    { weight: 3, arbitrary: fc.bigInt(0n, 63n) },
    { weight: 1, arbitrary: fc.constantFrom(...special.filter((x) => x >= 0n && x <= max)) },
  )
}

function ranges(max: bigint): fc.Arbitrary<[bigint, bigint]> {
  return fc.tuple(points(max), points(max)).map(([a, b]) => (a < b ? [a, b] : [b, a]))
}

type Command = { kind: 'insert'; range: [bigint, bigint] } | { kind: 'remove'; pick: number } | { kind: 'clear' }

function commands(max: bigint, maxLength = 60): fc.Arbitrary<Command[]> {
  const insert = ranges(max).map((range): Command => ({ kind: 'insert', range }))
  const remove = fc.nat().map((pick): Command => ({ kind: 'remove', pick }))
  return fc.array(
    fc.oneof(
      { weight: 6, arbitrary: insert },
      { weight: 3, arbitrary: remove },
      { weight: 1, arbitrary: fc.constant<Command>({ kind: 'clear' }) },
    ),
    { maxLength },
  )
}

class Pair {
  readonly naive = new NaiveTree()
  readonly handles = new Map<number, number>()
  readonly tree: AnyTree

  constructor(tree: AnyTree) {
    this.tree = tree
  }

  run(command: Command): void {
    if (command.kind === 'insert') this.handles.set(this.naive.insert(...command.range), this.tree.insert(...command.range))
    else if (command.kind === 'clear') {
      const [stale] = this.handles.values()
      this.tree.clear()
      this.naive.nodes = []
      this.handles.clear()
      if (stale !== undefined) expect(this.tree.has(stale)).toBe(false)
    } else if (this.handles.size > 0) {
      const [id, handle] = [...this.handles][command.pick % this.handles.size]!
      this.tree.remove(handle)
      expect(this.tree.has(handle)).toBe(false)
      this.naive.remove(id)
      this.handles.delete(id)
    }
  }
}

function pairOf(make: () => AnyTree, list: readonly Command[]): Pair {
  const pair = new Pair(make())
  for (const command of list) pair.run(command)
  return pair
}

describe.each(allTrees)('$name', ({ make }) => {
  const { max } = make()

  it('1.7 items 1 and 2: meets what a filter meets, in its order, and stays whole after every change', () => {
    fc.assert(
      fc.property(commands(max), fc.array(ranges(max), { minLength: 1, maxLength: 6 }), (list, windows) => {
        const pair = new Pair(make())
        for (const command of list) {
          pair.run(command)
          pair.tree.check()
          expect(pair.tree.size).toBe(pair.naive.nodes.length)
        }
        for (const window of windows)
          expect(handlesOf(pair.tree, ...window)).toEqual(pair.naive.overlaps(...window).map((id) => pair.handles.get(id)))
        for (const node of pair.naive.nodes) expect(pair.tree.bounds(pair.handles.get(node.id)!)).toEqual([node.start, node.last])
      }),
      runs,
    )
  })

  it('1.7 items 3 to 6: spans cover, classify, alternate, are cut and agree with painting', () => {
    fc.assert(
      fc.property(commands(max), ranges(max), (list, window) => {
        const { tree, naive } = pairOf(make, list)
        const spans = spansOf(tree, ...window)
        expect(spans).toEqual(naive.spans(...window))
        expect([spans[0]!.start, spans.at(-1)!.last]).toEqual(window)
      }),
      runs,
    )
  })

  it('1.7 items 7 and 8: advance gives what a fresh cursor gives; done is for good', () => {
    fc.assert(
      fc.property(
        commands(max, 30),
        ranges(max),
        fc.array(fc.option(points(max), { nil: undefined }), { maxLength: 12 }),
        (list, [first, last], steps) => {
          const { tree, naive } = pairOf(make, list)
          const cursor = tree.spans(first, last)
          for (const to of steps) {
            const wasDone = cursor.done
            if (to === undefined) cursor.next()
            else cursor.advance(to)
            if (wasDone || (to !== undefined && to > last)) expect(cursor.done).toBe(true)
            else if (to !== undefined)
              expect({ isHole: cursor.isHole, start: cursor.start, last: cursor.last }).toEqual(naive.spans(to, last)[0])
          }
        },
      ),
      runs,
    )
  })

  it('1.7 item 9: double spans are painting with A over B', () => {
    fc.assert(
      fc.property(commands(max, 25), commands(max, 25), ranges(max), (listA, listB, window) => {
        const a = pairOf(make, listA)
        const b = pairOf(make, listB)
        expect(a.tree.doubleSpans(b.tree, ...window)).toEqual(naiveNSpans([a.naive, b.naive], ...window))
      }),
      runs,
    )
  })

  it('1.7 item 11: with changes in the loop, indexes ascend and each span is right for the tree of its moment', () => {
    fc.assert(
      fc.property(commands(max, 20), ranges(max), commands(max, 20), (list, [first, last], changes) => {
        const pair = pairOf(make, list)
        const cursor = pair.tree.spans(first, last)
        let at = first
        for (const change of [...changes, undefined]) {
          if (cursor.done) break
          expect({ isHole: cursor.isHole, start: cursor.start, last: cursor.last }).toEqual(pair.naive.spans(at, last)[0])
          at = cursor.last + 1n
          if (change !== undefined) pair.run(change)
          cursor.next()
          expect(cursor.done).toBe(at > last)
        }
      }),
      runs,
    )
  })

  it('firstHole is the first that a walk over the spans finds', () => {
    fc.assert(
      fc.property(
        commands(max),
        ranges(max),
        fc.bigInt(1n, 40n),
        fc.integer({ min: 0, max: 4 }),
        fc.nat(15),
        (list, window, length, order, odd) => {
          const { tree, naive } = pairOf(make, list)
          const alignment = 2n ** BigInt(order)
          const phase = BigInt(odd) % alignment
          expect(tree.firstHole(length, ...window, alignment, phase)).toBe(naiveFirstHole(naive, length, ...window, alignment, phase))
          tree.check()
        },
      ),
      { numRuns: 400 },
    )
  })
})
