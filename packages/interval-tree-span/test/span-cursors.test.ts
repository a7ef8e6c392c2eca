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
