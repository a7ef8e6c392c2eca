// Ids without entries (kind 1): the lowest free one within the bounds, at both ends of them.
import { IdAllocator } from '@iommukit/xarray'
import { expect, it } from 'vitest'

it('hands out the lowest free id, and that one again once it is free', () => {
  const ids = new IdAllocator({ min: 5, max: 8 })
  expect([ids.alloc(), ids.alloc(), ids.alloc(7), ids.alloc()]).toEqual([5, 6, 7, 8])
  expect([ids.alloc(), ids.size, [...ids]]).toEqual([undefined, 4, [5, 6, 7, 8]])
  expect([ids.free(6), ids.free(6), ids.has(6), ids.alloc(), ids.has(6)]).toEqual([true, false, false, 6, true])
  ids.clear()
  expect([ids.size, ids.alloc(0), ids.alloc(9)]).toEqual([0, 5, undefined])
})

it.each([0, 255, 256, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER - 1])('works around %i', (id) => {
  const ids = new IdAllocator({ max: Number.MAX_SAFE_INTEGER })
  expect([ids.reserve(id), ids.reserve(id), ids.alloc(id), ids.alloc(id + 1)]).toEqual([
    true,
    false,
    id + 1,
    id + 2 > Number.MAX_SAFE_INTEGER ? undefined : id + 2,
  ])
  expect([...ids].slice(0, 2)).toEqual([id, id + 1])
  expect([ids.free(id), ids.alloc(id)]).toEqual([true, id])
})

it('is full after as many ids as the bounds hold', () => {
  const ids = new IdAllocator({ min: 1, max: 1000 })
  for (let id = 1; id <= 1000; id++) expect(ids.alloc()).toBe(id)
  expect([ids.alloc(), ids.size]).toEqual([undefined, 1000])
  for (let id = 1000; id > 0; id -= 3) ids.free(id)
  expect([ids.alloc(), ids.alloc(), ids.alloc(500)]).toEqual([1, 4, 502])
})

it('may have a single id', () => {
  const ids = new IdAllocator({ min: 7, max: 7 })
  expect([ids.alloc(), ids.alloc(), ids.free(7), ids.alloc(7), ids.size]).toEqual([7, undefined, true, 7, 1])
})
