// Bounds (kind 1): what trySplit allows, order by order (spec data-structures 2.9), and a full node under a new top.
import { trySplitMinOrder, XArray64, XArrayError } from '@iommukit/xarray'
import { checkInvariants } from '@iommukit/xarray/check'
import { expect, it } from 'vitest'

it.each([
  [0, 0],
  [1, 0],
  [5, 0],
  [6, 5],
  [7, 6],
  [9, 6],
  [11, 6],
  [12, 11],
  [13, 12],
  [59, 54],
  [60, 59],
  [63, 60],
])('the least order of a split of order %i is %i', (order, least) => {
  expect(trySplitMinOrder(order)).toBe(least)
})

const LEAST: [order: number, least: number][] = [
  [1, 0],
  [6, 0],
  [7, 6],
  [9, 6],
  [11, 6],
  [12, 6],
  [13, 12],
  [14, 12],
]

function filled(order: number): XArray64<string> {
  const array = new XArray64<string>()
  array.storeOrder(0, order, 'x')
  array.setMark(0, 1)
  return array
}

it.each(LEAST)('an entry of order %i splits into order %i with one node', (order, least) => {
  const array = filled(order)
  array.trySplit(0, least)
  expect([array.size, array.getOrder(0), array.getMark((1n << BigInt(order)) - 1n, 1)]).toEqual([2 ** (order - least), least, true])
  checkInvariants(array)
})

it.each(LEAST.filter(([, least]) => least > 0))('an entry of order %i does not split below order %i with one node', (order, least) => {
  const array = filled(order)
  expect(() => array.trySplit(0, least - 1)).toThrow(new XArrayError('EINVAL', 'split at 0: more than one node'))
  expect([array.size, array.getOrder(0)]).toEqual([1, order])
})

it('a full node that grows a level of a plain array marks nothing', () => {
  const array = new XArray64<number>()
  for (let i = 0; i < 4096; i++) {
    array.store(i, i)
    if ((i & (i + 1)) === 0) checkInvariants(array)
  }
  array.store(2n ** 40n, 1)
  expect(array.marked(0)).toBe(false)
  checkInvariants(array)
})
