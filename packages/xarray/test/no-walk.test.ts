// Examples (kind 1) of what XArray does without the long way: both give the same answers, so that only reads of the root tell them apart.
import { XArray, XArray64, XaCursor } from '@iommukit/xarray'
import { checkInvariants } from '@iommukit/xarray/check'
import { describe, expect, it } from 'vitest'
import { type Arrays, countedWalks } from './walks.ts'

/** Dense leaves of 600 entries without 5 and 300, a sparse leaf beside them, and one that stands for the two levels below the root. */
function tall<A extends Arrays>(array: A): A {
  for (let i = 0; i < 600; i++) if (i !== 5 && i !== 300) array.store(i, i)
  for (const i of [0x9000, 0x9003, 0x9005, 2 ** 24, 2 ** 24 + 3]) array.store(i, i)
  expect(array.core.shift).toBe(24)
  checkInvariants(array)
  return array
}

describe('below 2^32, without multi-index entries and reservations, the long way is not taken', () => {
  it('by load, store and erase', () => {
    const array = tall(new XArray<unknown>())
    const walks = countedWalks(array)
    for (const i of [0, 299, 599, 0x9003, 2 ** 24 + 3]) expect([array.load(i), array.store(i, 'new'), array.load(i)]).toEqual([i, i, 'new'])
    expect([array.load(5), array.store(5, 'five'), array.store(0x9001, 'a'), array.load(5)]).toEqual([
      undefined,
      undefined,
      undefined,
      'five',
    ])
    expect([array.erase(5), array.erase(5), array.erase(0), array.erase(299), array.erase(0x9001)]).toEqual([
      'five',
      undefined,
      'new',
      'new',
      'a',
    ])
    expect([array.load(0), array.load(6 * 256), array.size, walks()]).toEqual([undefined, undefined, 601, 0])
    checkInvariants(array)
  })

  it('by find and findIndex of an entry in a dense leaf, unless they have a max or a mark', () => {
    const array = tall(new XArray<unknown>())
    array.setMark(7, 1)
    const walks = countedWalks(array)
    expect([array.find(6), array.findIndex(7)]).toEqual([{ index: 6, entry: 6, first: 6, last: 6 }, 7])
    expect(walks()).toBe(0)
    expect([array.find(5)?.index, array.findIndex(5), array.findIndex(0x9001)]).toEqual([6, 6, 0x9003])
    expect([array.find(6, 6)?.index, array.findIndex(6, 6), array.find(6, 5), array.findIndex(6, 5)]).toEqual([6, 6, undefined, undefined])
    expect([array.find(6, undefined, 1)?.index, array.findIndex(6, undefined, 1)]).toEqual([7, 7])
    expect(walks()).toBeGreaterThan(0)
  })

  it('where the erased entry was the last of 32, but others are in its leaf', () => {
    const array = tall(new XArray<unknown>())
    for (let i = 33; i < 64; i++) array.erase(i)
    const walks = countedWalks(array)
    expect([array.erase(32), walks()]).toEqual([32, 0])
    checkInvariants(array)
  })

  it('where ids are allocated, until a leaf is full', () => {
    const array = tall(new XArray<unknown>({ alloc: 0 }))
    array.erase(301)
    const walks = countedWalks(array)
    expect([array.store(300, 'a'), array.erase(300), array.store(300, 'a'), walks()]).toEqual([undefined, 'a', undefined, 0])
    array.store(301, 'b')
    expect(walks()).toBeGreaterThan(0)
    expect(array.alloc('c', { min: 256 })).toBe(600)
    checkInvariants(array)
  })
})

describe('the short way is not taken', () => {
  it('to an index beyond the tree, which has the place of another one in it', () => {
    for (const beyond of [2 ** 16, 2 ** 24, 2 ** 32, 2 ** 40]) {
      const array = new XArray<unknown>()
      for (let i = 0; i < 600; i++) array.store(i, i)
      expect(array.core.shift).toBe(8)
      const index = beyond + 7
      expect([array.load(index), array.erase(index), array.find(index), array.findIndex(index)]).toEqual(Array(4).fill(undefined))
      expect([array.store(index, 'far'), array.load(index), array.load(7), array.size]).toEqual([undefined, 'far', 7, 601])
      checkInvariants(array)
    }
  })

  it('to what is no index', () => {
    const array = tall(new XArray<unknown>())
    for (const bad of [1.5, -1, '7', Number.NaN, 2 ** 53, 7n, null]) {
      const index = bad as number
      for (const call of [
        () => array.load(index),
        () => array.store(index, 'x'),
        () => array.erase(index),
        () => array.find(index),
        () => array.findIndex(index),
      ])
        expect(call, `${String(call)} of ${String(bad)}`).toThrow(/^index is /)
    }
    expect(array.size).toBe(603)
  })
})

it('an array with keys of 64 bits walks once to store and to erase', () => {
  const array = tall(new XArray64<unknown>())
  const walks = countedWalks(array)
  for (const i of [299, 0x9003]) expect([array.store(i, 'new'), walks(), array.erase(i), walks()]).toEqual([i, 1, 'new', 1])
  expect([array.store(0x9004, 'more'), walks()]).toEqual([undefined, 1])
  checkInvariants(array)
})

describe('a cursor over an XArray does not walk within a dense leaf', () => {
  it('up to a max in it, inclusive, which it does not go beyond', () => {
    const array = tall(new XArray<unknown>())
    const cursor = new XaCursor(array, 7)
    expect(cursor.load()).toBe(7)
    const walks = countedWalks(array)
    expect([cursor.find(9), cursor.find(9), cursor.index, walks()]).toEqual([8, 9, 9, 0])
    expect([cursor.find(9), cursor.index]).toEqual([undefined, 10])
  })

  it('once a search has found an entry of it', () => {
    const array = tall(new XArray<unknown>())
    const cursor = new XaCursor(array, 255)
    expect([cursor.find(), cursor.find(), cursor.index]).toEqual([255, 256, 256])
    const walks = countedWalks(array)
    expect([cursor.find(), cursor.next(), cursor.store('x'), walks()]).toEqual([257, 258, 258, 0])
  })

  it('unless the index lies in the same place of another leaf', () => {
    const array = tall(new XArray<unknown>())
    array.store(2 ** 40 + 7, 'high')
    const cursor = new XaCursor(array, 7)
    expect(cursor.load()).toBe(7)
    cursor.set(2 ** 40 + 7)
    expect(cursor.load()).toBe('high')
    cursor.set(2 ** 33 + 7)
    expect([cursor.load(), cursor.store('new'), array.load(7)]).toEqual([undefined, undefined, 7])
  })
})
