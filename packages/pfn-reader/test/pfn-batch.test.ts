// Examples on both sides of each boundary: the batch of spec pages-and-io-pagetable A2.
import { batchCapacity, PfnBatch } from '@iommukit/pfn-reader'
import { expect, it } from 'vitest'

const RUN_MAX = 2 ** 32 - 1

it('A2: the example, step by step', () => {
  const batch = new PfnBatch(100, 24)
  expect(batch.capacity).toBe(2)
  for (const pfn of [100, 101, 102, 200, 201]) expect(batch.add(pfn)).toBe(true)
  expect([batch.runs(), batch.total]).toEqual([
    [
      { pfn: 100, npfns: 3 },
      { pfn: 200, npfns: 2 },
    ],
    5,
  ])
  expect(batch.add(50)).toBe(false)
  expect(batch.refused).toBe(true)
  expect(batch.total).toBe(5)
  expect(batch.add(202)).toBe(true)
  expect(batch.runs()).toEqual([
    { pfn: 100, npfns: 3 },
    { pfn: 200, npfns: 3 },
  ])
  batch.clearCarry(2)
  expect([batch.runs(), batch.total, batch.refused]).toEqual([[{ pfn: 201, npfns: 2 }], 2, false])
  batch.skipCarry(1)
  expect([batch.runs(), batch.total]).toEqual([[{ pfn: 202, npfns: 1 }], 1])
  batch.skipCarry(9)
  expect([batch.runs(), batch.total]).toEqual([[], 0])
})

it('A2: the capacity is one run for 12 bytes, and never more than the pages', () => {
  expect([12, 23, 24, 35, 36, 65536, 65537].map((limit) => batchCapacity(1_000_000, limit))).toEqual([1, 1, 2, 2, 3, 5461, 5461])
  expect([1, 2, 5460, 5461, 5462].map((npages) => batchCapacity(npages, 65536))).toEqual([1, 2, 5460, 5461, 5461])
})

it('A2: descending, equal and lone frames never join; frame 0 is a frame', () => {
  const batch = new PfnBatch(10, 65536)
  for (const pfn of [7, 6, 6, 0, 1, 3]) batch.add(pfn)
  expect(batch.runs()).toEqual([
    { pfn: 7, npfns: 1 },
    { pfn: 6, npfns: 1 },
    { pfn: 6, npfns: 1 },
    { pfn: 0, npfns: 2 },
    { pfn: 3, npfns: 1 },
  ])
})

it('A2: a run stops at 2^32-1 frames and the next frame begins another one', () => {
  const batch = new PfnBatch(10, 65536)
  expect(batch.room).toBe(RUN_MAX)
  expect(batch.add(5, RUN_MAX - 1)).toBe(true)
  expect(batch.room).toBe(1)
  expect(batch.add(5 + RUN_MAX - 1, 1)).toBe(true)
  expect(batch.room).toBe(RUN_MAX)
  expect(batch.add(5 + RUN_MAX, 1)).toBe(true)
  expect(batch.runs()).toEqual([
    { pfn: 5, npfns: RUN_MAX },
    { pfn: 5 + RUN_MAX, npfns: 1 },
  ])
  expect(batch.total).toBe(RUN_MAX + 1)
})

it('A2: a run that does not fit whole behind the last one is refused whole by a full batch', () => {
  const batch = new PfnBatch(10, 12)
  batch.add(0, RUN_MAX - 1)
  expect(batch.add(RUN_MAX - 1, 2)).toBe(false)
  expect(batch.runs()).toEqual([{ pfn: 0, npfns: RUN_MAX - 1 }])
})

it('a batch grows to its capacity and no further', () => {
  const batch = new PfnBatch(1000, 1200)
  for (let pfn = 0; pfn < 100; pfn++) expect(batch.add(2 * pfn)).toBe(true)
  expect(batch.add(1_000_000)).toBe(false)
  expect(batch.nruns).toBe(100)
  expect(batch.pfns.length).toBe(100)
})

it('carry operations on what has no carry throw and change nothing', () => {
  const batch = new PfnBatch(10, 65536)
  expect(() => batch.clearCarry(1)).toThrow(/cannot keep 1/)
  batch.add(1, 2)
  batch.add(9, 3)
  expect(() => batch.clearCarry(4)).toThrow(/cannot keep 4/)
  expect(() => batch.skipCarry(1)).toThrow(/2 runs/)
  expect(batch.total).toBe(5)
  batch.clearCarry(3)
  batch.skipCarry(0)
  expect(batch.runs()).toEqual([{ pfn: 9, npfns: 3 }])
  batch.clearCarry(0)
  batch.skipCarry(5)
  expect(batch.nruns).toBe(0)
})

it.each([
  [1.5, 1, TypeError],
  [Number.NaN, 1, TypeError],
  ['1', 1, TypeError],
  [1, 0.5, TypeError],
  [1, '2', TypeError],
  [-1, 1, RangeError],
  [2 ** 40 + 1, 1, RangeError],
  [1, 0, RangeError],
  [1, -1, RangeError],
  [1, 2 ** 32, RangeError],
])('add(%s, %s) throws and adds nothing', (pfn, npfns, type) => {
  const batch = new PfnBatch(10, 65536)
  expect(() => batch.add(pfn as number, npfns as number)).toThrow(type)
  expect([batch.nruns, batch.total]).toEqual([0, 0])
})

it('the greatest frame is accepted', () => {
  expect(new PfnBatch(1, 12).add(2 ** 40)).toBe(true)
})

it.each([
  [0, 65536, RangeError],
  [-1, 65536, RangeError],
  [2 ** 52 + 1, 65536, RangeError],
  [1.5, 65536, TypeError],
  [1, 11, RangeError],
  [1, Number.NaN, RangeError],
])('a batch for %s pages in %s bytes is none', (npages, limitBytes, type) => {
  expect(() => new PfnBatch(npages, limitBytes)).toThrow(type)
})
