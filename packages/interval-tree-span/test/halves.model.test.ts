// Kind 3 of docs/TESTING.md: what takes and gives u32 halves says the same as what takes and gives bigints.
import { IntervalTree64 } from '@iommukit/interval-tree-span'
import fc from 'fast-check'
import { expect, it } from 'vitest'

const MAX = 2n ** 64n - 1n
const near = [2n ** 11n, 2n ** 12n, 2n ** 31n, 2n ** 32n, 2n ** 33n, 2n ** 53n, 2n ** 63n, MAX].flatMap((x) => [x - 1n, x, x + 1n])
const point = fc.oneof(fc.bigInt(0n, 30n), fc.constantFrom(...near.filter((x) => x <= MAX)), fc.bigInt(0n, MAX))
const range = fc.tuple(point, point).map(([a, b]): [bigint, bigint] => (a < b ? [a, b] : [b, a]))

type Halves = [number, number]
const cut = (key: bigint): Halves => [Number(key >> 32n), Number(key & 0xffff_ffffn)]

it('by insertion, queries and cursors', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 40 }), fc.array(range, { minLength: 1, maxLength: 5 }), (list, windows) => {
      const tree = new IntervalTree64<number>()
      const same = new IntervalTree64<number>()
      const handles = list.map(([start, last], k) => [tree.insertAt(...cut(start), ...cut(last), k), same.insert(start, last, k)] as const)
      for (const [k, [handle, other]] of handles.entries()) {
        const [start, last] = list[k]!
        expect([tree.start(handle), tree.last(handle), tree.payload(handle)]).toEqual([start, last, k])
        expect([same.start(other), same.last(other), same.payload(other)]).toEqual([start, last, k])
        expect([tree.startHi(handle), tree.startLo(handle), tree.lastHi(handle), tree.lastLo(handle)]).toEqual([
          ...cut(start),
          ...cut(last),
        ])
      }
      for (const [first, last] of windows) {
        const window = [...cut(first), ...cut(last)] as [...Halves, ...Halves]
        const expected = [...tree.overlaps(first, last)]
        expect([...tree.overlapsAt(...window)]).toEqual(expected)
        const met: number[] = []
        for (let at = tree.iterFirstAt(...window); at !== undefined; at = tree.iterNextAt(at, ...window)) met.push(at)
        expect(met).toEqual(expected)
        expect([...tree.spansAt(...window)]).toEqual([...same.spans(first, last)])
        for (const cursor = tree.spansAt(...window); !cursor.done; cursor.next()) {
          const { start, startHi, startLo, last: end, lastHi, lastLo } = cursor
          expect([startHi, startLo, lastHi, lastLo]).toEqual([...cut(start), ...cut(end)])
        }
      }
    }),
    { numRuns: 150 },
  )
})

it('by advancing', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 20 }), fc.array(point, { minLength: 1, maxLength: 8 }), (list, indexes) => {
      const tree = new IntervalTree64()
      for (const each of list) tree.insert(...each)
      const [a, b] = [tree.spans(0n, MAX), tree.spans(0n, MAX)]
      for (const index of indexes) {
        a.advance(index)
        b.advanceAt(...cut(index))
        expect([b.start, b.last, b.isHole]).toEqual([a.start, a.last, a.isHole])
        expect(a.start).toBe(index)
      }
    }),
    { numRuns: 100 },
  )
})
