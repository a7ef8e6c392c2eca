// Examples (kind 1) of what the cursors over overlaps show of the interval that they stand on.
import { IntervalTree, IntervalTree64, OverlapCursor, OverlapCursor64 } from '@iommukit/interval-tree-span'
import { expect, it } from 'vitest'

const MAX = Number.MAX_SAFE_INTEGER
const MAX64 = 2n ** 64n - 1n

it('OverlapCursor shows start, last and handle, not cut to the window, to its last interval', () => {
  const tree = new IntervalTree()
  const handles = [tree.insert(0, 9), tree.insert(5, MAX), tree.insert(20, 20), tree.insert(MAX, MAX)]
  const cursor = new OverlapCursor(tree, 9, 20)
  const seen: unknown[] = []
  for (; !cursor.done; cursor.next()) seen.push([cursor.start, cursor.last, cursor.handle])
  expect(seen).toEqual([
    [0, 9, handles[0]],
    [5, MAX, handles[1]],
    [20, 20, handles[2]],
  ])
  cursor.next()
  expect(cursor.done).toBe(true)
  const end = tree.overlaps(MAX, MAX)
  expect([end.start, end.last, end.handle, end.done]).toEqual([5, MAX, handles[1], false])
  end.next()
  expect([end.start, end.last, end.handle, end.done]).toEqual([MAX, MAX, handles[3], false])
  end.next()
  expect(end.done).toBe(true)
})

it('OverlapCursor64 shows them as bigints and as halves, of a window given as either', () => {
  const tree = new IntervalTree64()
  const low = tree.insert(1n, 2n ** 32n + 2n)
  const high = tree.insert(2n ** 63n + 5n, MAX64)
  for (const cursor of [new OverlapCursor64(tree, 0, MAX64), new OverlapCursor64(tree, 0, 0, 0xffffffff, 0xffffffff)]) {
    expect([cursor.start, cursor.last, cursor.handle]).toEqual([1n, 2n ** 32n + 2n, low])
    expect([cursor.startHi, cursor.startLo, cursor.lastHi, cursor.lastLo]).toEqual([0, 1, 1, 2])
    cursor.next()
    expect([cursor.start, cursor.last, cursor.handle]).toEqual([2n ** 63n + 5n, MAX64, high])
    expect([cursor.startHi, cursor.startLo, cursor.lastHi, cursor.lastLo]).toEqual([2 ** 31, 5, 0xffffffff, 0xffffffff])
    expect(cursor.done).toBe(false)
    cursor.next()
    expect(cursor.done).toBe(true)
  }
  expect([...tree.overlaps(2n ** 32n + 2n, 2n ** 63n + 5n)]).toEqual([low, high])
  expect([...tree.overlaps(2n ** 32n + 3n, 2n ** 63n + 4n)]).toEqual([])
})

it('indexes of one key are told apart at both ends of a window', () => {
  const tree = new IntervalTree64()
  const base = 2n ** 63n
  for (let k = 0n; k < 40n; k++) tree.insert(base + 2n * k, base + 2n * k)
  const starts = (first: bigint, last: bigint) => [...tree.overlaps(base + first, base + last)].map((handle) => tree.start(handle) - base)
  expect(starts(3n, 9n)).toEqual([4n, 6n, 8n])
  expect(starts(4n, 8n)).toEqual([4n, 6n, 8n])
  expect(starts(5n, 5n)).toEqual([])
})
