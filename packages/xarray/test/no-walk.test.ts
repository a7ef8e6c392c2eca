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

describe('to a dense leaf below 2^32, without multi-index entries and reservations, no walk is made', () => {
  it('by load, store and erase', () => {
    const array = tall(new XArray<unknown>())
    for (const i of [0, 256, 512]) array.load(i)
    const walks = countedWalks(array)
    for (const i of [0, 299, 599]) expect([array.load(i), array.store(i, 'new'), array.load(i)]).toEqual([i, i, 'new'])
    expect([array.load(5), array.store(5, 'five'), array.load(5), array.load(600)]).toEqual([undefined, undefined, 'five', undefined])
    expect([array.erase(5), array.erase(5), array.erase(0), array.erase(299)]).toEqual(['five', undefined, 'new', 'new'])
    expect([array.load(0), array.size, walks()]).toEqual([undefined, 601, 0])
    for (const i of [0x9003, 2 ** 24 + 3]) expect([array.load(i), array.store(i, 'new'), array.load(i)]).toEqual([i, i, 'new'])
    expect([array.store(0x9001, 'a'), array.erase(0x9001), array.load(0x9001), array.load(6 * 256), array.size]).toEqual([
      undefined,
      'a',
      undefined,
      undefined,
      601,
    ])
    expect(walks()).toBeGreaterThan(0)
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

it('an array with keys of 64 bits goes the same way by numbers, and by bigints walks once to store and to erase', () => {
  const array = tall(new XArray64<unknown>())
  array.load(256)
  const walks = countedWalks(array)
  expect([array.load(299), array.store(299, 'new'), array.erase(299), array.store(299, 'a'), walks()]).toEqual([
    299,
    299,
    'new',
    undefined,
    0,
  ])
  for (const [i, was] of [
    [299n, 'a'],
    [0x9003n, 0x9003],
  ] as const)
    expect([array.store(i, 'new'), walks(), array.erase(i), walks()]).toEqual([was, 1, 'new', 1])
  expect([array.store(0x9004n, 'more'), walks()]).toEqual([undefined, 1])
  checkInvariants(array)
})

describe('dense leaves that were met', () => {
  /** The numbers of the leaves that an array remembers. */
  const metBy = ({ core }: XArray<unknown>): number[] => [...core.leaves.keys()].filter((at) => core.leaves[at] !== undefined)

  function dense(...leaves: number[]): XArray<unknown> {
    const array = new XArray<unknown>()
    for (const at of leaves) for (let i = 0; i < 256; i++) array.store(at * 256 + i, i)
    checkInvariants(array)
    return array
  }

  it('are remembered, while they are in the tree and no multi-index entry or reservation is', () => {
    const array = dense(0, 1, 3)
    expect([metBy(array), array.core.near === array.core.leaves]).toEqual([[0, 1, 3], true])
    for (const change of [() => array.storeRange(9000, 9001, 'run'), () => array.reserve(9000)]) {
      change()
      checkInvariants(array)
      expect([metBy(array), array.core.near.length, array.load(256 + 7), array.load(2 ** 32 + 7)]).toEqual([[0, 1, 3], 1, 7, undefined])
      expect([array.store(256 + 7, 'x'), array.store(256 + 7, 7), array.erase(9), array.store(9, 9)]).toEqual([7, 'x', 9, undefined])
      array.storeRange(9000, 9001, undefined)
      array.release(9000)
      checkInvariants(array)
      expect(array.core.near === array.core.leaves).toBe(true)
    }
  })

  it('are forgotten when they are emptied, by any way', () => {
    const ways: ((array: XArray<unknown>, index: number) => void)[] = [
      (array, index) => void array.erase(index),
      (array, index) => void new XaCursor(array, index).store(undefined),
      (array, index) => array.storeRange(index, index, undefined),
      (array, index) => {
        array.setMark(index, 1)
        array.erase(index)
      },
    ]
    for (const erase of ways) {
      const array = dense(0, 1, 3)
      for (let i = 0; i < 256; i++) erase(array, 256 + i)
      checkInvariants(array)
      expect([metBy(array), array.load(256), array.erase(256), array.store(257, 'again'), array.load(257)]).toEqual([
        [0, 3],
        undefined,
        undefined,
        undefined,
        'again',
      ])
      checkInvariants(array)
    }
  })

  it('are forgotten with everything else', () => {
    const array = dense(0, 1)
    array.clear()
    checkInvariants(array)
    expect([metBy(array), array.load(7), array.erase(7), array.core.met]).toEqual([[], undefined, undefined, 0])
    array.store(7, 'new')
    array.store(300, 'new')
    checkInvariants(array)
    expect([array.load(7), array.load(8)]).toEqual(['new', undefined])
  })

  it('are those of the lowest 65536 indexes, and of 1024 more for each, so that the list stays short', () => {
    const array = dense(1, 2, 270, 264, 263, 264)
    expect([metBy(array), array.core.leaves.length]).toEqual([[1, 2, 263, 264], 265])
    expect([array.load(270 * 256 + 1), metBy(array), array.load(270 * 256 + 1)]).toEqual([1, [1, 2, 263, 264, 270], 1])
    array.store(272 * 256, 'sparse')
    expect([array.load(272 * 256), array.load(275 * 256), metBy(array)]).toEqual(['sparse', undefined, [1, 2, 263, 264, 270]])
    checkInvariants(array)
    expect([metBy(dense(1, 2, 263)), metBy(dense(1, 2, 264))]).toEqual([
      [1, 2, 263],
      [1, 2],
    ])
  })

  it('stand in a list without holes, which would cost each load more', () => {
    const { leaves } = dense(3, 100, 259).core
    expect([leaves.length, Object.keys(leaves).length]).toEqual([260, 260])
  })

  it('stay remembered when one that lay too far away to be listed is emptied', () => {
    const array = dense(0, 1, 2, 3, 271)
    for (let i = 0; i < 4 * 256; i++) array.erase(i)
    for (let i = 0; i < 256; i++) array.store(265 * 256 + i, i)
    expect(metBy(array)).toEqual([271])
    for (let i = 0; i < 256; i++) array.erase(265 * 256 + i)
    expect([metBy(array), array.load(265 * 256), array.load(271 * 256 + 7)]).toEqual([[271], undefined, 7])
    checkInvariants(array)
  })

  it('are not those of the same place above 2^32', () => {
    const array = dense(0, 1)
    for (let i = 0; i < 1024; i++) array.store(2 ** 32 + i, 'high')
    for (let i = 0; i < 1024; i++) expect(array.load(2 ** 32 + i)).toBe('high')
    expect([metBy(array), array.load(7)]).toEqual([[0, 1], 7])
    checkInvariants(array)
    for (let i = 0; i < 1024; i++) expect(array.erase(2 ** 32 + i)).toBe('high')
    expect([metBy(array), array.load(7)]).toEqual([[0, 1], 7])
    checkInvariants(array)
  })
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
