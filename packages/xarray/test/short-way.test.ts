// Examples (kind 1) of what a cursor does without a walk from the top: both ways give the same answers, so that only counting walks tells them apart.
import { XArray64, XaCursor64 } from '@iommukit/xarray'
import { describe, expect, it } from 'vitest'
import { countedWalks } from './walks.ts'

const BASE = 2n ** 33n

/** 700 entries, with 5 and 6 left out, from a base; a cursor on entry 2; and how often the root of the array was read since the last call. */
function standing(prepare?: (array: XArray64<unknown>) => void): {
  array: XArray64<unknown>
  cursor: XaCursor64<unknown>
  walks: () => number
} {
  const array = new XArray64<unknown>()
  for (let k = 0n; k < 700n; k++) if (k !== 5n && k !== 6n) array.store(BASE + k, Number(k))
  prepare?.(array)
  const cursor = new XaCursor64(array, BASE + 2n)
  expect(cursor.load()).toBe(2)
  const walks = countedWalks(array)
  return { array, cursor, walks }
}

describe('within a dense leaf no walk is made', () => {
  it('by next, which walks to the next leaf once', () => {
    const { cursor, walks } = standing()
    expect([cursor.next(), cursor.next(), cursor.next(), cursor.next(), cursor.next()]).toEqual([3, 4, undefined, undefined, 7])
    for (let k = 8; k < 256; k++) expect(cursor.next()).toBe(k)
    expect([walks(), cursor.index]).toEqual([0, BASE + 255n])
    expect([cursor.next(), cursor.index]).toEqual([256, BASE + 256n])
    expect(walks()).toBeGreaterThan(0)
    expect([cursor.next(), walks()]).toEqual([257, 0])
  })

  it('by prev and load', () => {
    const { cursor, walks } = standing()
    expect([cursor.prev(), cursor.load(), cursor.prev(), cursor.load(), cursor.index]).toEqual([1, 1, 0, 0, BASE])
    expect(walks()).toBe(0)
    expect([cursor.prev(), cursor.index]).toEqual([undefined, BASE - 1n])
    expect(walks()).toBeGreaterThan(0)
  })

  it('by find, over a gap too, but not to what lies behind its max', () => {
    const { cursor, walks } = standing()
    expect([cursor.find(), cursor.find(), cursor.find(), cursor.find(BASE + 8n), cursor.index]).toEqual([3, 4, 7, 8, BASE + 8n])
    expect(walks()).toBe(0)
    expect([cursor.find(BASE + 8n), cursor.index]).toEqual([undefined, BASE + 9n])
    expect(walks()).toBeGreaterThan(0)
    cursor.set(BASE + 4n)
    expect([cursor.find(), cursor.find(BASE + 6n), cursor.index]).toEqual([4, undefined, BASE + 7n])
    cursor.set(BASE)
    expect([cursor.find(), cursor.index]).toEqual([0, BASE])
  })

  it('by store, of an entry and of undefined', () => {
    const { array, cursor, walks } = standing()
    expect([cursor.store('a'), cursor.store('b'), cursor.next(), cursor.store(undefined), cursor.next()]).toEqual([2, 'a', 3, 3, 4])
    expect(walks()).toBe(0)
    expect([array.load(BASE + 2n), array.has(BASE + 3n), array.size]).toEqual(['b', false, 697])
    for (const [k, value] of [
      [300, 'c'],
      [9, undefined],
    ] as const) {
      cursor.set(BASE + BigInt(k))
      cursor.store(value)
      walks()
      expect([cursor.next(), walks()]).toEqual([k + 1, 0])
    }
  })

  it('after set and reset to an index of the same leaf, and not of another', () => {
    const { cursor, walks } = standing()
    cursor.set(BASE + 200n)
    expect([cursor.load(), walks()]).toEqual([200, 0])
    cursor.set(BASE)
    expect([cursor.next(), cursor.next(), walks()]).toEqual([0, 1, 0])
    cursor.reset()
    expect([cursor.find(), cursor.find(), walks()]).toEqual([1, 2, 0])
    cursor.set(BASE + 256n)
    expect(cursor.load()).toBe(256)
    expect(walks()).toBeGreaterThan(0)
    cursor.set(2n ** 34n + 3n)
    expect(cursor.load()).toBe(undefined)
    expect(walks()).toBeGreaterThan(0)
  })
})

describe('a walk is made', () => {
  it('when the array has changed by other ways in between', () => {
    const { array, cursor, walks } = standing()
    array.storeRange(BASE + 3n, BASE + 4n, 'run')
    walks()
    expect([cursor.next(), cursor.next(), cursor.next()]).toEqual(['run', 'run', undefined])
    expect(walks()).toBeGreaterThan(0)
    array.clear()
    expect([cursor.load(), cursor.next(), cursor.find()]).toEqual([undefined, undefined, undefined])
  })

  it('where multi-index entries are', () => {
    const { cursor, walks } = standing((array) => array.storeRange(BASE + 300n, BASE + 303n, 'run'))
    expect([cursor.next(), cursor.find(), cursor.find(), cursor.find()]).toEqual([3, 4, 7, 8])
    expect(walks()).toBeGreaterThan(0)
    cursor.set(BASE + 299n)
    expect([cursor.find(), cursor.find(), cursor.index, cursor.find(), cursor.index]).toEqual([299, 'run', BASE + 300n, 304, BASE + 304n])
  })

  it('to store an order, and after an error', () => {
    const { array, cursor, walks } = standing()
    cursor.setOrder(BASE + 3n, 1)
    expect([cursor.store('both'), array.load(BASE + 2n), array.load(BASE + 3n), array.getOrder(BASE + 3n)]).toEqual([
      undefined,
      'both',
      'both',
      1,
    ])
    cursor.set(BASE + 9n)
    cursor.error = 'EIO'
    expect([cursor.load(), cursor.next(), cursor.prev(), cursor.find(), cursor.store('x')]).toEqual(Array(5).fill(undefined))
    expect(array.load(BASE + 9n)).toBe(9)
    cursor.reset()
    walks()
    expect(cursor.load()).toBe(9)
    expect(walks()).toBeGreaterThan(0)
  })
})

it('erasing a multi-index entry under the cursor leaves it to go on behind all of it', () => {
  for (const isErased of [true, false]) {
    const { array, cursor } = standing((each) => each.storeRange(BASE + 10n, BASE + 20n, 'run'))
    cursor.set(BASE + 12n)
    expect([cursor.load(), cursor.store(isErased ? undefined : 'new')]).toEqual(['run', 'run'])
    array.store(BASE + 15n, 'between')
    cursor.pause()
    expect(cursor.index).toBe(BASE + 21n)
    expect(cursor.find()).toBe(21)
  }
})

it('a cursor names what is bad', () => {
  const cursor = new XaCursor64(new XArray64<unknown>(), 0)
  expect(() => cursor.set(-1)).toThrow(/^index is -1/)
  expect(() => cursor.setOrder(-1, 0)).toThrow(/^index is -1/)
  expect(() => cursor.setOrder(0, 99)).toThrow(/^the order is 99/)
  expect(() => cursor.find(-1)).toThrow(/^max is -1/)
  expect(() => cursor.findMarked(-1, 1)).toThrow(/^max is -1/)
  const within = standing().cursor
  for (const max of [-1n, -1, 2n ** 64n]) expect(() => within.find(max)).toThrow(`max is ${max}: outside of 0..`)
  expect([within.index, within.find()]).toEqual([BASE + 2n, 3])
})

it('a range is erased in one go, however many pieces an entry over it would have', () => {
  const { array, walks } = standing()
  array.storeRange(1n, BASE - 1n, undefined)
  const inOneGo = walks()
  array.storeRange(1n, 2n, undefined)
  expect([inOneGo, array.size]).toEqual([walks(), 698])
})

describe('within a sparse leaf a search goes on without a walk', () => {
  /** Far apart entries, which one leaf holds sorted; a cursor that a search has put on the first; and the walks since the last call. */
  function searching(count = 8n): { array: XArray64<unknown>; cursor: XaCursor64<unknown>; walks: () => number } {
    const array = new XArray64<unknown>()
    for (let k = 0n; k < count; k++) array.store(BASE + (k << 20n), Number(k))
    const cursor = new XaCursor64(array)
    expect(cursor.find()).toBe(0)
    const walks = countedWalks(array)
    return { array, cursor, walks }
  }

  it('to each of its entries, and behind the last one with a walk', () => {
    const { cursor, walks } = searching()
    for (let k = 1; k < 8; k++) expect([cursor.find(), cursor.index]).toEqual([k, BASE + (BigInt(k) << 20n)])
    expect(walks()).toBe(0)
    expect(cursor.find()).toBe(undefined)
    expect(walks()).toBeGreaterThan(0)
  })

  it('up to max, inclusive', () => {
    const { cursor, walks } = searching()
    expect([cursor.find(BASE + (1n << 20n)), walks()]).toEqual([1, 0])
    expect([cursor.find(BASE + (2n << 20n) - 1n), cursor.index]).toEqual([undefined, BASE + (2n << 20n)])
    expect(walks()).toBeGreaterThan(0)
    expect(cursor.find()).toBe(2)
  })

  it('whose high halves differ', () => {
    const array = new XArray64<unknown>()
    for (let k = 0n; k < 4n; k++) array.store(k << 32n, Number(k))
    const cursor = new XaCursor64(array)
    expect([cursor.find(), cursor.find(), cursor.index, cursor.find(), cursor.find(), cursor.index]).toEqual([
      0,
      1,
      1n << 32n,
      2,
      3,
      3n << 32n,
    ])
  })

  it('whose high halves alone differ, also after the current one was erased', () => {
    const array = new XArray64<unknown>()
    for (let k = 0n; k < 8n; k++) array.store(k << 32n, Number(k))
    const cursor = new XaCursor64(array, 1n << 32n)
    expect(cursor.find()).toBe(1)
    array.erase(1n << 32n)
    expect([cursor.find(), cursor.index, cursor.find()]).toEqual([2, 2n << 32n, 3])
  })

  it('but finds the current one again when it is aimed at it', () => {
    const { cursor } = searching()
    for (const aim of [() => cursor.set(BASE), () => cursor.reset()]) {
      aim()
      expect([cursor.find(), cursor.index]).toEqual([0, BASE])
    }
  })

  it('also after entries were stored behind the current one, before it, and instead of it', () => {
    const { array, cursor } = searching(4n)
    array.store(BASE + 5n, 'behind')
    expect(cursor.find()).toBe('behind')
    array.store(BASE + 3n, 'before')
    expect(cursor.find()).toBe(1)
    array.erase(BASE + (1n << 20n))
    array.store(BASE + (1n << 20n) + 1n, 'instead')
    expect([cursor.find(), cursor.find(), cursor.find(), cursor.find()]).toEqual(['instead', 2, 3, undefined])
  })

  it('also after the leaf grew, became a node, and was removed', () => {
    const { array, cursor } = searching(2n)
    array.store(BASE + 1n, 'a')
    expect(cursor.find()).toBe('a')
    for (let k = 0n; k < 2000n; k++) array.store(BASE + 2n + (k << 30n), Number(k))
    expect(cursor.find()).toBe(0)
    array.clear()
    expect(cursor.find()).toBe(undefined)
  })

  it('of its own array only: what another search found does not count', () => {
    const { array, cursor } = searching()
    const other = new XArray64<unknown>()
    for (let k = 0n; k < 8n; k++) other.store(BASE + (k << 20n), `other ${k}`)
    expect(other.find(BASE)?.entry).toBe('other 0')
    expect(cursor.load()).toBe(0)
    expect(other.find(BASE)?.entry).toBe('other 0')
    expect([cursor.find(), array.load(BASE)]).toEqual([1, 0])
  })

  it('but not after an error, nor where multi-index entries are', () => {
    const { array, cursor } = searching()
    cursor.error = 'EIO'
    expect(cursor.find()).toBe(undefined)
    cursor.reset()
    expect([cursor.find(), cursor.find()]).toEqual([0, 1])
    array.storeRange(BASE + (1n << 20n) + 1n, BASE + (1n << 20n) + 9n, 'run')
    expect([cursor.find(), cursor.find(), cursor.index]).toEqual(['run', 2, BASE + (2n << 20n)])
  })
})
