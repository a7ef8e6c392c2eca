// Examples (kind 1) of a caller that overwrites the start of a span, and of a tree that is cleared meanwhile.
import { IntervalTree, IntervalTree64 } from '@iommukit/interval-tree-span'
import { expect, it } from 'vitest'

it('next does not read the start that a caller wrote, and the start is checked', () => {
  const tree = new IntervalTree()
  tree.insert(10, 19)
  const cursor = tree.spans(0, 100)
  cursor.start = 4
  expect([cursor.start, cursor.last]).toEqual([4, 9])
  expect(() => {
    cursor.start = -1
  }).toThrow(/^start -1n? is outside/)
  expect(cursor.start).toBe(4)
  cursor.next()
  expect([cursor.start, cursor.last]).toEqual([10, 19])
})

it('nor does that of u64', () => {
  const tree = new IntervalTree64()
  tree.insert(10n, 19n)
  const cursor = tree.spans(0n, 100n)
  cursor.start = 2n ** 60n + 3n
  expect(cursor.start).toBe(2n ** 60n + 3n)
  cursor.start = 4
  expect([cursor.start, cursor.last]).toEqual([4n, 9n])
  expect(() => {
    cursor.start = -1n
  }).toThrow(/^start -1n? is outside/)
  cursor.next()
  expect([cursor.start, cursor.last]).toEqual([10n, 19n])
})

it('a cursor notices that the tree was cleared, and filled again by as many changes as before', () => {
  const tree = new IntervalTree()
  tree.insert(10, 19)
  const cursor = tree.spans(0, 100)
  tree.clear()
  tree.insert(30, 39)
  cursor.next()
  expect([cursor.start, cursor.last, cursor.isHole]).toEqual([10, 29, true])
  cursor.next()
  expect([cursor.start, cursor.last, cursor.isHole]).toEqual([30, 39, false])
})

it('advance asks the interval ahead for its own low bits, where those of another one in the leaf are greater', () => {
  const tree = new IntervalTree64()
  const page = (k: bigint): bigint => 2n ** 63n + k * 2048n
  tree.insert(0n, 0n)
  tree.insert(page(1n) + 10n, page(1n) + 20n)
  for (let k = 2n; k < 16n; k++) tree.insert(page(k), page(k) + 2000n)
  const cursor = tree.spans(5n, 2n ** 64n - 1n)
  expect([cursor.start, cursor.last, cursor.isHole]).toEqual([5n, page(1n) + 9n, true])
  cursor.advance(page(1n) + 30n)
  expect([cursor.start, cursor.last, cursor.isHole]).toEqual([page(1n) + 30n, page(2n) - 1n, true])
})
