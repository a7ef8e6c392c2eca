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

describe('what is left of a range between halves of indexes', () => {
  /** One entry over 0..2^34 - 1 that is cut to `first..last`. */
  function cut(first: bigint, last: bigint): XArray64<string> {
    const array = new XArray64<string>()
    array.storeRange(0n, 2n ** 34n - 1n, 'x')
    expect(array.size).toBe(1)
    array.storeRange(0n, first - 1n, undefined)
    array.storeRange(last + 1n, 2n ** 34n - 1n, undefined)
    checkInvariants(array)
    expect(array.find(0)).toEqual({ index: first, entry: 'x', first, last })
    return array
  }

  it.each([
    [2n ** 32n - 1n, 2n ** 32n, 1],
    [2n ** 32n - 1n, 2n ** 32n + 1n, 2],
    [2n ** 32n - 1n, 2n ** 33n - 2n, 32],
    [2n ** 32n - 1n, 2n ** 33n - 1n, 33],
    [2n ** 32n + 5n, 2n ** 33n + 5n, 33],
    [2n ** 32n + 5n, 2n ** 33n + 4n, 32],
  ])('of %i..%i is one entry of its order', (first, last, order) => {
    const array = cut(first, last)
    expect([array.load(first - 1n), array.load(first), array.load(last), array.load(last + 1n), array.size]).toEqual([
      undefined,
      'x',
      'x',
      undefined,
      1,
    ])
    expect(array.getOrder(last)).toBe(order)
  })

  it('splits into pieces on both sides of 2^32', () => {
    const array = new XArray64<string>()
    array.storeOrder(0n, 36, 'x')
    array.split(0n, 31)
    expect([...array.keys()]).toEqual(Array.from({ length: 32 }, (_, n) => BigInt(n) * 2n ** 31n))
    checkInvariants(array)
    array.clear()
    array.storeOrder(0n, 36, 'x')
    array.splitAround(2n ** 33n, 33)
    expect([...array.keys()]).toEqual([0n, 2n ** 33n, 2n ** 34n, 2n ** 35n])
    expect(array.getOrder(2n ** 33n)).toBe(33)
    checkInvariants(array)
  })
})
