// Spec data-structures 2.14, "Where implementers go wrong", item by item (kind 1): each title cites its item.
import { RESERVED, XArray, XArray64, XaCursor } from '@iommukit/xarray'
import { checkInvariants } from '@iommukit/xarray/check'
import { expect, it } from 'vitest'
import { MAX } from './oracle.ts'

it('data-structures 2.14 item 1: falsy entries are entries', () => {
  const array = new XArray<unknown>()
  const falsy = [0, '', false, null, Number.NaN, 0n]
  for (const [i, entry] of falsy.entries()) {
    expect(array.insert(i, entry)).toBe(true)
    expect(array.insert(i, 1)).toBe(false)
    expect(array.cmpxchg(i, entry, entry)).toEqual({ ok: true, current: entry })
  }
  expect([array.size, array.isEmpty, array.has(0)]).toEqual([6, false, true])
  expect([...array.values()]).toEqual(falsy)
  expect(array.extract(0, 9, 9)).toEqual(falsy)
  const seen: unknown[] = []
  new XaCursor(array, 0).forEach(9, (entry) => seen.push(entry))
  expect(seen).toEqual(falsy)
  for (const [i, entry] of falsy.entries()) expect(array.erase(i)).toBe(entry)
  expect(array.isEmpty).toBe(true)
})

it('data-structures 2.14 item 2: a reservation occupies for insert, and is absent for load, iteration and extract', () => {
  const array = new XArray<string>()
  array.reserve(3)
  expect(array.insert(3, 'x')).toBe(false)
  expect([array.load(3), array.find(0), array.isEmpty, array.size]).toEqual([undefined, undefined, false, 0])
  expect([[...array], array.extract(0, 9, 9)]).toEqual([[], []])
  expect(array.cmpxchg(3, undefined, 'x')).toEqual({ ok: false, current: RESERVED })
  expect(array.cmpxchg(3, RESERVED, 'x')).toEqual({ ok: true, current: RESERVED })
  expect(array.load(3)).toBe('x')
  array.reserve(3)
  array.release(3)
  expect(array.load(3)).toBe('x')
})

it('data-structures 2.14 item 3: store(i, undefined) keeps an id taken, cmpxchg(…, undefined) frees it', () => {
  const array = new XArray<string>({ alloc: 0 })
  expect(array.alloc('a')).toBe(0)
  array.setMark(0, 1)
  expect(array.store(0, undefined)).toBe('a')
  expect([array.load(0), array.getMark(0, 1), array.alloc('b')]).toEqual([undefined, true, 1])
  expect(array.cmpxchg(1, 'b', undefined)).toEqual({ ok: true, current: 'b' })
  expect(array.alloc('c')).toBe(1)
  const plain = new XArray<string>()
  plain.reserve(0)
  plain.store(0, undefined)
  expect(plain.isEmpty).toBe(true)
})

it('data-structures 2.14 item 4: marks stay on replace and go on erase, each with its own summary', () => {
  for (const base of [0, 2 ** 40]) {
    const array = new XArray<number>()
    for (let i = 0; i < 300; i++) array.store(base + i, i)
    array.setMark(base + 10, 0)
    array.setMark(base + 10, 1)
    array.setMark(base + 11, 1)
    array.store(base + 10, -1)
    expect([array.getMark(base + 10, 0), array.getMark(base + 10, 1)]).toEqual([true, true])
    array.erase(base + 10)
    expect([array.marked(0), array.marked(1), array.find(0, undefined, 0)]).toEqual([false, true, undefined])
    array.store(base + 10, 1)
    expect([array.getMark(base + 10, 0), array.getMark(base + 10, 1)]).toEqual([false, false])
    array.clearMark(base + 11, 1)
    expect([array.marked(1), array.find(0, undefined, 1)]).toEqual([false, undefined])
    checkInvariants(array)
  }
})

it('data-structures 2.14 item 5: a multi-index entry at 0 makes the tree grow; marks survive growing and shrinking', () => {
  const array = new XArray64<string>()
  for (const order of [1, 5, 6, 8, 16, 60, 63]) {
    array.storeOrder(0, order, 'x')
    expect([array.load((1n << BigInt(order)) - 1n), array.load(1n << BigInt(order))]).toEqual(['x', undefined])
    array.erase(0)
  }
  array.store(0, 'zero')
  array.setMark(0, 2)
  array.store(MAX, 'max')
  for (let i = 1000; i < 2000; i++) array.store(i, 'between')
  expect([array.getMark(0, 2), array.marked(2), array.getMark(MAX, 2)]).toEqual([true, true, false])
  for (let i = 1000; i < 2000; i++) array.erase(i)
  array.erase(MAX)
  expect([array.getMark(0, 2), array.marked(2), array.size]).toEqual([true, true, 1])
  checkInvariants(array)
})

it('data-structures 2.14 item 6: indexes beyond 32 bits keep all bits, up to the last', () => {
  const array = new XArray64<bigint>()
  const indexes: bigint[] = []
  for (let bit = 0n; bit < 64n; bit++) indexes.push(1n << bit)
  indexes.push(MAX - 1n, MAX)
  for (const i of indexes) array.store(i, i)
  for (let n = 0; n < 600; n++) array.store((1n << 60n) + BigInt(n), BigInt(n))
  for (let n = 1; n < 600; n++) array.erase((1n << 60n) + BigInt(n))
  array.store(1n << 60n, 1n << 60n)
  expect([...array.keys()]).toEqual(indexes)
  expect([...array.values()]).toEqual(indexes)
  checkInvariants(array)
})

it('data-structures 2.14 item 7: nothing follows the greatest index, and storeRange up to it ends', () => {
  const array = new XArray64<string>()
  array.store(0, 'first')
  array.store(MAX, 'last')
  expect([array.findAfter(0)?.index, array.findAfter(MAX)]).toEqual([MAX, undefined])
  array.storeRange(MAX - 200n, MAX, 'x')
  expect([array.load(MAX), array.load(MAX - 200n), array.load(MAX - 201n)]).toEqual(['x', 'x', undefined])
  array.storeRange(0, MAX, 'all')
  expect([array.load(0), array.load(MAX), array.findAfter(MAX)]).toEqual(['all', 'all', undefined])
  array.storeRange(0, MAX, undefined)
  expect(array.isEmpty).toBe(true)
})

it('data-structures 2.14 item 8: a marked multi-index entry is reported once', () => {
  const array = new XArray<string>()
  array.storeOrder(8, 3, 'x')
  array.setMark(12, 0)
  expect(array.findAfter(8, undefined, 0)).toBe(undefined)
  expect([...array.entries({ mark: 0 })]).toEqual([[8, 'x']])
})

it('data-structures 2.14 item 9: erasing at any covered index clears all of the entry', () => {
  for (const at of [0, 5, 255, 256, 511]) {
    const array = new XArray<string>()
    array.storeOrder(0, 9, 'x')
    array.store(512, 'y')
    expect(array.erase(at)).toBe('x')
    for (const i of [0, 1, 255, 256, 511]) expect(array.load(i)).toBe(undefined)
    expect([...array]).toEqual([[512, 'y']])
    checkInvariants(array)
  }
})

it('data-structures 2.14 item 10: a multi-index store has the union of the marks it swallows', () => {
  for (let order = 2; order <= 14; order++) {
    const array = new XArray<string>()
    array.store(0, 'a')
    array.store(2 ** order - 1, 'b')
    array.setMark(0, 0)
    array.setMark(2 ** order - 1, 2)
    array.storeOrder(1, order, 'x')
    expect(([0, 1, 2] as const).map((mark) => array.getMark(3, mark))).toEqual([true, false, true])
    checkInvariants(array)
  }
})

it('data-structures 2.14 item 11: the cyclic next is not clamped to max, and a failure does not move it', () => {
  const array = new XArray<string>({ alloc: 0 })
  const ids = { next: 0 }
  const limits = { min: 1, max: 3 }
  for (const id of [1, 2, 3]) expect([array.allocCyclic('x', limits, ids), ids.next]).toEqual([{ id, wrapped: false }, id + 1])
  expect([array.allocCyclic('x', limits, ids), ids.next]).toEqual([undefined, 4])
  array.erase(2)
  expect([array.allocCyclic('x', limits, ids), ids.next]).toEqual([{ id: 2, wrapped: true }, 3])
})

it('data-structures 2.14 item 12: a search reports the index asked for, and the first of the entry beside it', () => {
  const array = new XArray<string>()
  array.storeOrder(8, 3, 'x')
  array.setMark(8, 0)
  const found = { index: 11, entry: 'x', first: 8, last: 15 }
  expect([array.find(11), array.find(11, 11, 0)]).toEqual([found, found])
})

it('data-structures 2.14 item 13: a cursor reads what is there after others changed the array', () => {
  const array = new XArray<number>()
  for (let i = 0; i < 600; i++) array.store(i, i)
  const cursor = new XaCursor(array, 300)
  expect(cursor.load()).toBe(300)
  array.clear()
  array.store(301, -1)
  expect([cursor.load(), cursor.next(), cursor.store(5), array.load(301)]).toEqual([undefined, -1, -1, 5])
  checkInvariants(array)
})

it('data-structures 2.14 item 14: a cursor loop may erase what it stands on, down to the last node', () => {
  const array = new XArray<number>()
  for (let i = 0; i < 700; i++) array.store(i, i)
  const cursor = new XaCursor(array, 0)
  const seen: unknown[] = []
  cursor.forEach(undefined, (entry) => {
    seen.push(entry)
    cursor.store(undefined)
  })
  expect([seen.length, seen[699], array.isEmpty]).toEqual([700, 699, true])
  array.store(0, 0)
  array.store(400, 400)
  cursor.set(400)
  expect([cursor.load(), cursor.store(undefined), cursor.next(), cursor.index]).toEqual([400, 400, undefined, 401])
})
