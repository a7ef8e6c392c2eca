// Kind 1 of docs/TESTING.md: ranges that cross 2^63, where the high word of an index changes its sign, and that end at 2^64 - 1.
import { XArray64, XaCursor64 } from '@iommukit/xarray'
import { checkInvariants } from '@iommukit/xarray/check'
import { describe, expect, it } from 'vitest'

describe('a range that ends just behind 2^63', () => {
  it('is cut into pieces that can be split', () => {
    const array = new XArray64<string>()
    array.storeRange(0n, 2n ** 63n, 'x')
    checkInvariants(array)
    array.splitAround(0n, 62)
    checkInvariants(array)
    expect([array.getOrder(0n), array.load(2n ** 63n), array.load(2n ** 63n + 1n)]).toEqual([62, 'x', undefined])
  })

  it('keeps the invariants behind a full leaf', () => {
    const array = new XArray64<string>()
    for (let index = 0n; index < 32n; index++) array.store(index, 'low')
    array.storeRange(370n, 2n ** 63n + 1n, 'x')
    checkInvariants(array)
    expect([array.load(369n), array.load(370n), array.load(2n ** 63n + 1n), array.load(2n ** 63n + 2n)]).toEqual([
      undefined,
      'x',
      'x',
      undefined,
    ])
  })
})

it('conflicts up to the greatest index end there', () => {
  const array = new XArray64<string>()
  array.store(5, 'low')
  array.store(2n ** 64n - 1n, 'top')
  const cursor = new XaCursor64(array, 0)
  cursor.setOrder(2n ** 63n, 63)
  expect([cursor.findConflict(), cursor.findConflict(), cursor.findConflict()]).toEqual(['top', undefined, 'top'])
})
