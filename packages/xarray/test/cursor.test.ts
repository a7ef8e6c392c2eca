// The cursor (kind 1): the traces of spec data-structures 2.10 by the rules of the package, and changes under it.
import { RESERVED, XArray, XArray64, XaCursor, XaCursor64 } from '@iommukit/xarray'
import { checkInvariants } from '@iommukit/xarray/check'
import { describe, expect, it } from 'vitest'
import { MAX, SAFE } from './oracle.ts'

function holding(...indexes: number[]): XArray<string> {
  const array = new XArray<string>()
  for (const i of indexes) array.store(i, `at ${i}`)
  return array
}

describe('data-structures 2.10', () => {
  it('steps over an array with index 0 only, and back across 0', () => {
    const cursor = new XaCursor(holding(0))
    expect([cursor.next(), cursor.next(), cursor.index, cursor.next(), cursor.index]).toEqual(['at 0', undefined, 1, undefined, 2])
    expect([cursor.prev(), cursor.index, cursor.prev(), cursor.index]).toEqual([undefined, 1, 'at 0', 0])
    expect([cursor.prev(), cursor.index, cursor.next(), cursor.index]).toEqual([undefined, Number(SAFE), 'at 0', 0])
  })

  it('steps from the greatest index to 0 and reads what is there, for both key types', () => {
    const wide = new XArray64<string>()
    wide.store(0, 'zero')
    wide.store(MAX, 'max')
    const cursor = new XaCursor64(wide, MAX)
    expect([cursor.next(), cursor.index, cursor.indexHi, cursor.indexLo]).toEqual(['max', MAX, 0xffffffff, 0xffffffff])
    expect([cursor.next(), cursor.index, cursor.prev(), cursor.index]).toEqual(['zero', 0n, 'max', MAX])
    const empty = new XaCursor64(new XArray64<string>(), MAX)
    expect([empty.next(), empty.index, empty.next(), empty.index, empty.prev()]).toEqual([undefined, MAX, undefined, 0n, undefined])
  })

  it('finds up to max, and after a miss goes on behind max', () => {
    const cursor = new XaCursor(holding(0, 5, 70))
    expect([cursor.find(), cursor.find(), cursor.index, cursor.find(), cursor.find()]).toEqual(['at 0', 'at 5', 5, 'at 70', undefined])
    expect(cursor.find()).toBe(undefined)
    cursor.set(0)
    expect([cursor.find(4), cursor.find(4), cursor.index, cursor.find(4), cursor.find(100)]).toEqual([
      'at 0',
      undefined,
      5,
      undefined,
      'at 5',
    ])
    expect([cursor.find(70), cursor.find(Number(SAFE)), cursor.find()]).toEqual(['at 70', undefined, undefined])
  })

  it('finds nothing in an empty array', () => {
    const cursor = new XaCursor(new XArray<string>())
    expect([cursor.find(), cursor.find(), cursor.load()]).toEqual([undefined, undefined, undefined])
  })

  it('finds by mark', () => {
    const array = holding(0, 5, 70, 300)
    array.setMark(5, 2)
    array.setMark(300, 2)
    const cursor = new XaCursor(array)
    expect([cursor.findMarked(100, 2), cursor.findMarked(100, 2), cursor.index]).toEqual(['at 5', undefined, 101])
    expect([cursor.findMarked(undefined, 2), cursor.findMarked(undefined, 2)]).toEqual(['at 300', undefined])
  })

  it('shows reservations, and erases with undefined in every kind of array', () => {
    for (const array of [new XArray<string>(), new XArray<string>({ alloc: 0 })]) {
      array.reserve(3)
      const cursor = new XaCursor(array)
      expect([cursor.find(), cursor.index, cursor.load(), cursor.store('x')]).toEqual([RESERVED, 3, RESERVED, RESERVED])
      expect([array.load(3), cursor.store(undefined), array.isEmpty]).toEqual(['x', 'x', true])
    }
  })

  it('pauses inside an entry, behind one just erased, and at the greatest index', () => {
    for (const [order, inside] of [
      [3, 11],
      [6, 65],
      [9, 700],
    ] as const) {
      const array = new XArray<string>()
      array.storeOrder(inside, order, 'x')
      const { last } = array.find(inside)!
      array.store(last + 1, 'y')
      for (const erases of [false, true]) {
        const cursor = new XaCursor(array, inside)
        expect([cursor.find(), cursor.index]).toEqual(['x', inside])
        if (erases) cursor.store(undefined)
        cursor.pause()
        expect([cursor.find(), cursor.index, cursor.find()]).toEqual(['y', last + 1, undefined])
      }
      checkInvariants(array)
    }
    const wide = new XArray64<string>()
    wide.store(0, 'zero')
    wide.store(MAX, 'max')
    const cursor = new XaCursor64(wide, 1)
    expect(cursor.find()).toBe('max')
    cursor.pause()
    expect([cursor.find(), cursor.index]).toEqual([undefined, MAX])
  })

  it('goes on behind an entry that it stored to, wherever it stood before', () => {
    const array = new XArray<string>()
    for (let i = 0; i < 256; i++) array.store(i, 'single')
    array.storeRange(64, 95, 'run')
    for (const stood of [7, 64, 70, 300]) {
      const cursor = new XaCursor(array, stood)
      cursor.load()
      cursor.set(70)
      expect([cursor.store('stored'), cursor.find(), cursor.index]).toEqual([stood === 7 ? 'run' : 'stored', 'single', 96])
    }
    checkInvariants(array)
  })

  it('goes on behind the entry that it stored, not behind the one that was there', () => {
    const array = new XArray<string>()
    array.storeOrder(0, 2, 'four')
    const cursor = new XaCursor(array)
    cursor.setOrder(0, 3)
    expect([cursor.load(), cursor.store('eight'), cursor.getOrder()]).toEqual(['four', undefined, 3])
    cursor.pause()
    expect(cursor.index).toBe(8)
    checkInvariants(array)
  })

  it('finds each entry behind a multi-index entry that it erased once', () => {
    const array = new XArray<number>()
    for (let i = 0; i < 256; i++) array.store(i, i)
    array.storeRange(64, 95, -1)
    const cursor = new XaCursor(array, 60)
    const seen: unknown[] = []
    cursor.forEach(undefined, (entry) => {
      seen.push(entry)
      if (entry === -1) cursor.store(undefined)
    })
    expect(seen).toEqual([60, 61, 62, 63, -1, ...Array.from({ length: 160 }, (_, k) => 96 + k)])
    array.storeRange(64, 95, -1)
    cursor.set(64)
    expect([cursor.load(), cursor.store(undefined), cursor.next(), cursor.index]).toEqual([-1, -1, undefined, 65])
    cursor.pause()
    expect([cursor.index, cursor.find()]).toEqual([66, 96])
    checkInvariants(array)
  })

  it('goes to the next index after its own node vanished', () => {
    const array = holding(0, 400)
    for (let i = 256; i < 400; i++) array.store(i, 'x')
    for (let i = 256; i < 400; i++) array.erase(i)
    const cursor = new XaCursor(array, 400)
    expect([cursor.load(), cursor.store(undefined), cursor.next(), cursor.index]).toEqual(['at 400', 'at 400', undefined, 401])
    expect(array.size).toBe(1)
  })

  it('finds every conflict of an ordered range once, a greater entry included, and can store then', () => {
    const array = new XArray<string>()
    array.storeRange(2, 6, 'run')
    array.store(9, 'nine')
    array.reserve(12)
    array.store(16, 'outside')
    const cursor = new XaCursor(array)
    cursor.setOrder(7, 4)
    expect(cursor.index).toBe(0)
    expect([cursor.findConflict(), cursor.findConflict(), cursor.findConflict(), cursor.findConflict()]).toEqual([
      'run',
      'nine',
      RESERVED,
      undefined,
    ])
    expect([cursor.index, cursor.findConflict()]).toEqual([0, 'run'])
    cursor.store('all')
    expect([array.find(3), array.size, cursor.load(), cursor.getOrder()]).toEqual([
      { index: 3, entry: 'all', first: 0, last: 15 },
      2,
      'all',
      4,
    ])
    cursor.setOrder(4, 2)
    expect([cursor.findConflict(), cursor.findConflict()]).toEqual(['all', undefined])
    checkInvariants(array)
  })

  it('does nothing while an error is set, until reset', () => {
    const array = holding(1, 2)
    const cursor = new XaCursor(array, 1)
    cursor.load()
    cursor.error = 'EBUSY'
    cursor.setMark(1)
    cursor.pause()
    const results = [
      cursor.load(),
      cursor.next(),
      cursor.prev(),
      cursor.find(),
      cursor.findMarked(9, 1),
      cursor.store('x'),
      cursor.findConflict(),
    ]
    expect(results.every((result) => result === undefined)).toBe(true)
    expect([cursor.error, cursor.index, array.load(1), array.marked(1), cursor.getMark(1)]).toEqual(['EBUSY', 1, 'at 1', false, false])
    cursor.reset()
    expect([cursor.error, cursor.index, cursor.next(), cursor.next()]).toEqual([undefined, 1, 'at 1', 'at 2'])
  })

  it('changes marks of the walked entry only', () => {
    const array = holding(1)
    const cursor = new XaCursor(array, 1)
    cursor.setMark(0)
    expect([array.marked(0), cursor.getMark(0), cursor.getOrder()]).toEqual([false, false, 0])
    cursor.load()
    for (const mark of [0, 1, 2] as const) cursor.setMark(mark)
    cursor.clearMark(1)
    expect(([0, 1, 2] as const).map((mark) => array.getMark(1, mark))).toEqual([true, false, true])
    cursor.initMarks()
    expect(([0, 1, 2] as const).map((mark) => array.marked(mark))).toEqual([false, false, false])
  })

  it('keeps a map of pinned pages as iommufd does: fill, read, read and clear', () => {
    const array = new XArray<number>()
    const fill = new XaCursor(array, 100)
    for (let i = 100; i < 170; i++) {
      expect(fill.store(i)).toBe(undefined)
      fill.next()
      fill.set(i + 1)
    }
    expect(array.size).toBe(70)
    const read = new XaCursor(array, 100)
    for (let i = 100; i < 170; i++) expect([read.next(), read.store(undefined)]).toEqual([i, i])
    expect(array.isEmpty).toBe(true)
    checkInvariants(array)
  })
})
