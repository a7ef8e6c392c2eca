// Bad input at every public edge (kind 1): the error names the value, and nothing has changed.
import { IdAllocator, XArray, XArray64, XArrayError, XaCursor, XaCursor64 } from '@iommukit/xarray'
import { checkInvariants } from '@iommukit/xarray/check'
import { describe, expect, it } from 'vitest'

type Bad = [unknown, typeof RangeError | typeof TypeError, RegExp]
const BAD: Bad[] = [
  ['1', TypeError, /string/],
  [null, TypeError, /is null: an integer is needed/],
  [{}, TypeError, /object/],
  [1.5, TypeError, /1\.5/],
  [Number.NaN, TypeError, /NaN/],
  [-1, RangeError, /-1/],
  [2 ** 53, RangeError, /9007199254740992/],
  [Number.POSITIVE_INFINITY, RangeError, /Infinity/],
]
const BAD_53: Bad[] = [...BAD, [1n, TypeError, /is 1n: an integer of type number is needed/]]
const BAD_64: Bad[] = [...BAD, [-1n, RangeError, /-1/], [2n ** 64n, RangeError, /18446744073709551616/]]

function calls(array: XArray<string>): Record<string, (i: number) => unknown> {
  return {
    load: (i) => array.load(i),
    store: (i) => array.store(i, 'x'),
    erase: (i) => array.erase(i),
    insert: (i) => array.insert(i, 'x'),
    cmpxchg: (i) => array.cmpxchg(i, 'x', 'y'),
    reserve: (i) => array.reserve(i),
    release: (i) => array.release(i),
    getMark: (i) => array.getMark(i, 1),
    setMark: (i) => array.setMark(i, 1),
    clearMark: (i) => array.clearMark(i, 1),
    find: (i) => array.find(i),
    findIndex: (i) => array.findIndex(i),
    findIndexMax: (i) => array.findIndex(0, i),
    findMax: (i) => array.find(0, i),
    findAfter: (i) => array.findAfter(i),
    findAfterMax: (i) => array.findAfter(0, i),
    extract: (i) => array.extract(i, 9, 1),
    extractMax: (i) => array.extract(0, i, 1),
    first: (i) => [...array.entries({ first: i })],
    entries: (i) => [...array.entries({ first: 0, last: i })],
    getOrder: (i) => array.getOrder(i),
    storeRange: (i) => array.storeRange(i, 9, 'x'),
    storeRangeLast: (i) => array.storeRange(0, i, 'x'),
    storeOrder: (i) => array.storeOrder(i, 1, 'x'),
    conflicts: (i) => array.conflicts(i, 9),
    conflictsLast: (i) => array.conflicts(0, i),
    split: (i) => array.split(i, 0),
    trySplit: (i) => array.trySplit(i, 0),
    splitAround: (i) => array.splitAround(i, 0),
    get: (i) => array.get(i),
    set: (i) => array.set(i, 'x'),
    has: (i) => array.has(i),
    delete: (i) => array.delete(i),
  }
}

const NAMES = Object.keys(calls(new XArray()))

function filled<A extends XArray<string> | XArray64<string>>(array: A): A {
  array.store(1, 'a')
  array.storeOrder(8, 3, 'b')
  array.setMark(8, 1)
  return array
}

function unchanged(array: XArray<string> | XArray64<string>): void {
  expect([array.size, array.load(1), array.load(12), array.getMark(9, 1), array.marked(2)]).toEqual([2, 'a', 'b', true, false])
  checkInvariants(array)
}

describe.each(NAMES)('%s', (name) => {
  it.each(BAD_53)('XArray refuses %s', (value, type, message) => {
    const array = filled(new XArray<string>())
    const call = (): unknown => calls(array)[name]!(value as number)
    expect(call).toThrow(type)
    expect(call).toThrow(message)
    unchanged(array)
  })

  it.each(BAD_64)('XArray64 refuses %s', (value, type, message) => {
    const array = filled(new XArray64<string>())
    const call = (): unknown => calls(array as unknown as XArray<string>)[name]!(value as number)
    expect(call).toThrow(type)
    expect(call).toThrow(message)
    unchanged(array)
  })
})

it.each([3, -1, 8, Number.POSITIVE_INFINITY])('a mark of %s is a RangeError', (mark) => {
  const array = filled(new XArray<string>())
  for (const call of [array.marked, array.getMark.bind(array, 1), array.setMark.bind(array, 1), array.clearMark.bind(array, 1)]) {
    expect(() => call.call(array, mark as 1)).toThrow(new RangeError(`the mark is ${mark}: outside of 0..2`))
  }
  expect(() => array.find(0, 9, mark as 1)).toThrow(RangeError)
  expect(() => array.findIndex(0, 9, mark as 1)).toThrow(RangeError)
  expect(() => [...array.entries({ mark: mark as 1 })]).toThrow(RangeError)
  expect(() => new XaCursor(array, 0).findMarked(9, mark as 1)).toThrow(RangeError)
  for (const wrong of ['1', 1.5, Number.NaN]) expect(() => array.marked(wrong as 1)).toThrow(TypeError)
  unchanged(array)
})

it.each([0, 1] as const)('mark 0 of an array that allocates from %i is refused everywhere', (alloc) => {
  const array = filled(new XArray<string>({ alloc }))
  const cursor = new XaCursor(array, 1)
  cursor.load()
  const refused: (() => unknown)[] = [
    () => array.marked(0),
    () => array.getMark(1, 0),
    () => array.setMark(1, 0),
    () => array.clearMark(1, 0),
    () => array.find(0, 9, 0),
    () => array.findIndex(0, 9, 0),
    () => array.findAfter(0, 9, 0),
    () => array.extract(0, 9, 1, 0),
    () => [...array.entries({ mark: 0 })],
    () => cursor.findMarked(9, 0),
    () => cursor.getMark(0),
    () => cursor.setMark(0),
    () => cursor.clearMark(0),
  ]
  for (const call of refused) expect(call).toThrow(/mark 0/)
  unchanged(array)
})

it('orders outside of the keys are refused', () => {
  const array = filled(new XArray<string>())
  const wide = filled(new XArray64<string>())
  for (const order of [-1, 54, Number.POSITIVE_INFINITY]) {
    expect(() => array.storeOrder(0, order, 'x')).toThrow(new RangeError(`the order is ${order}: outside of 0..53`))
    expect(() => array.split(8, order)).toThrow(RangeError)
    expect(() => new XaCursor(array, 0).setOrder(0, order)).toThrow(RangeError)
  }
  expect(() => wide.storeOrder(0, 64, 'x')).toThrow(/64/)
  for (const order of ['1', 1.5]) expect(() => array.storeOrder(0, order as number, 'x')).toThrow(TypeError)
  unchanged(array)
  unchanged(wide)
})

it('inverted ranges, splits without an entry to split, and ids of a plain array are refused', () => {
  const array = filled(new XArray<string>())
  expect(() => array.storeRange(12, 11, 'x')).toThrow(new XArrayError('EINVAL', 'first 12 is above last 11'))
  expect(new XArrayError('EINVAL', 'why')).toMatchObject({ name: 'XArrayError', code: 'EINVAL', message: 'EINVAL: why' })
  expect(() => array.conflicts(12, 11)).toThrow(RangeError)
  for (const call of [() => array.split(1, 0), () => array.split(8, 3), () => array.split(30, 0), () => array.alloc('x')]) {
    expect(call).toThrow(XArrayError)
    expect(call).toThrow(/EINVAL/)
  }
  expect(() => array.allocCyclic('x', {}, { next: 0 })).toThrow(/EINVAL/)
  const wide = new XArray64<string>()
  wide.storeOrder(0, 63, 'x')
  expect(() => wide.split(0, 0)).toThrow(/ENOMEM/)
  expect(wide.size).toBe(1)
  unchanged(array)
})

it.each(BAD_53)('limits, cursors and allocators refuse %s', (value, type, message) => {
  const bad = value as number
  const array = filled(new XArray<string>({ alloc: 0 }))
  const wide = filled(new XArray64<string>())
  const cursor = new XaCursor(array, 0)
  const ids = new IdAllocator({ max: 9 })
  const refused: (() => unknown)[] = [
    () => array.alloc('x', { min: bad }),
    () => array.alloc('x', { max: bad }),
    () => array.allocCyclic('x', { min: bad }, { next: 0 }),
    () => array.allocCyclic('x', { max: bad }, { next: 0 }),
    () => array.allocCyclic('x', {}, { next: bad }),
    () => array.extract(0, 9, bad),
    () => new XaCursor(array, bad),
    () => cursor.set(bad),
    () => cursor.setOrder(bad, 1),
    () => cursor.find(bad),
    () => cursor.findMarked(bad, 1),
    () => new IdAllocator({ min: bad }),
    () => new IdAllocator({ max: bad }),
    () => ids.alloc(bad),
    () => ids.reserve(bad),
    () => ids.free(bad),
    () => ids.has(bad),
  ]
  if (typeof value !== 'bigint') refused.push(() => new XaCursor64(wide, bad))
  for (const call of refused) {
    expect(call, String(call)).toThrow(type)
    expect(call, String(call)).toThrow(message)
  }
  unchanged(array)
})

it.each([null, 0, 'x'])('%s is refused where an object of options is optional', (value) => {
  const bad = value as unknown as undefined
  const array = filled(new XArray<string>({ alloc: 0 }))
  const refused: [string, () => unknown][] = [
    ['options', () => new XArray(bad)],
    ['options', () => new XArray64(bad)],
    ['window', () => [...array.entries(bad)]],
    ['window', () => [...array.keys(bad)]],
    ['window', () => [...array.values(bad)]],
    ['window', () => array.forEach(() => {}, bad)],
    ['limits', () => array.alloc('x', bad)],
    ['limits', () => array.allocCyclic('x', bad, { next: 0 })],
    ['ids', () => array.allocCyclic('x', {}, bad as unknown as { next: number })],
    ['limits', () => new IdAllocator(bad)],
  ]
  const said = typeof value === 'string' ? 'string' : value
  for (const [name, call] of refused) expect(call, String(call)).toThrow(new TypeError(`${name} is ${said}: an object is needed`))
  unchanged(array)
})

it('null is no mark and no alloc mode', () => {
  const array = filled(new XArray<string>())
  const bad = null as unknown as undefined
  for (const call of [
    () => array.find(0, 9, bad),
    () => array.findAfter(0, 9, bad),
    () => array.extract(0, 9, 1, bad),
    () => [...array.entries({ mark: bad as unknown as 1 })],
    () => new XaCursor(array, 0).findMarked(9, bad as unknown as 1),
  ])
    expect(call, String(call)).toThrow(new TypeError('the mark is null: an integer is needed'))
  expect(() => new XArray({ alloc: bad })).toThrow(new RangeError('alloc is null: 0 or 1 is needed'))
  unchanged(array)
})

it('options and bounds that contradict are refused', () => {
  for (const alloc of [2, true, '0']) expect(() => new XArray({ alloc: alloc as 0 })).toThrow(`alloc is ${alloc}`)
  expect(() => new IdAllocator({ min: 5, max: 4 })).toThrow(new RangeError('min 5 is above max 4'))
  const ids = new IdAllocator({ min: 5, max: 9 })
  for (const call of [() => ids.reserve(4), () => ids.free(10)]) expect(call).toThrow(RangeError)
  expect(ids.size).toBe(0)
})

it('bounds, ids and indexes of an id allocator and of a cursor are named where they are refused', () => {
  const ids = new IdAllocator({ min: 5, max: 9 })
  const cursor = new XaCursor64(new XArray64<string>(), 0)
  const refused: [string, () => unknown][] = [
    ['min is -1: outside of 0..9007199254740991', () => new IdAllocator({ min: -1 })],
    ['max is -1: outside of 0..9007199254740991', () => new IdAllocator({ max: -1 })],
    ['from is -1: outside of 0..9007199254740991', () => ids.alloc(-1)],
    ['id is -1: outside of 0..9007199254740991', () => ids.has(-1)],
    ['id is -1: outside of 0..9007199254740991', () => ids.reserve(-1)],
    ['id is 4: outside of 5..9', () => ids.reserve(4)],
    ['id is 10: outside of 5..9', () => ids.free(10)],
    ['max is -1: outside of 0..9007199254740991', () => cursor.find(-1)],
  ]
  for (const [message, call] of refused) expect(call, String(call)).toThrow(new RangeError(message))
  expect([ids.size, [...ids]]).toEqual([0, []])
})

const OWN_NAMES: Record<string, string> = {
  findIndexMax: 'max',
  findMax: 'max',
  findAfterMax: 'max',
  extractMax: 'max',
  entries: 'max',
  storeRange: 'first',
  storeRangeLast: 'last',
  conflicts: 'first',
  conflictsLast: 'last',
}

it.each(NAMES)('%s names the parameter', (name) => {
  const message = `${OWN_NAMES[name] ?? 'index'} is -1: outside of 0..9007199254740991`
  for (const array of [filled(new XArray<string>()), filled(new XArray64<string>()) as unknown as XArray<string>])
    expect(() => calls(array)[name]!(-1)).toThrow(new RangeError(message))
})

it('limits, orders and what cannot be split are named', () => {
  const array = filled(new XArray<string>({ alloc: 0 }))
  const plain = filled(new XArray64<string>())
  plain.storeRange(64, 66, 'three')
  plain.storeOrder(0, 63, 'half')
  const high = 2n ** 63n
  plain.storeRange(high + 64n, high + 66n, 'three')
  const range = 'outside of 0..9007199254740991'
  const refused: [() => unknown, Error][] = [
    [() => array.alloc('x', { min: -1 }), new RangeError(`min is -1: ${range}`)],
    [() => array.alloc('x', { max: -1 }), new RangeError(`max is -1: ${range}`)],
    [() => array.allocCyclic('x', { min: -1 }, { next: 0 }), new RangeError(`min is -1: ${range}`)],
    [() => array.allocCyclic('x', { max: -1 }, { next: 0 }), new RangeError(`max is -1: ${range}`)],
    [() => array.allocCyclic('x', {}, { next: -1 }), new RangeError(`next is -1: ${range}`)],
    [() => array.extract(0, 9, -1), new RangeError(`limit is -1: ${range}`)],
    [() => array.conflicts(12, 11), new RangeError('first 12 is above last 11')],
    [() => array.split(8, 54), new RangeError('the order is 54: outside of 0..53')],
    [() => plain.alloc('x'), new XArrayError('EINVAL', 'this array does not allocate ids')],
    [
      () => plain.split(high + 65n, 0),
      new XArrayError('EINVAL', `split at ${high + 65n}: the entry does not cover a power of two of indexes`),
    ],
    [() => plain.split(high, 0), new XArrayError('EINVAL', `split at ${high}: an entry of order 0 cannot be split into order 0`)],
    [() => array.split(8, 3), new XArrayError('EINVAL', 'split at 8: an entry of order 3 cannot be split into order 3')],
    [() => plain.split(5, 36), new XArrayError('ENOMEM', 'split at 5: 2^27 pieces')],
    [() => plain.trySplit(5, 36), new XArrayError('ENOMEM', 'split at 5: 2^27 pieces')],
    [() => plain.trySplit(5, 37), new XArrayError('EINVAL', 'split at 5: more than one node')],
  ]
  for (const [call, error] of refused) expect(call, String(call)).toThrow(error)
  unchanged(array)
  expect(plain.size).toBe(2)
})
