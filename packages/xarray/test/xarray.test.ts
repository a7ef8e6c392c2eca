// Both sides of boundaries, and the worked examples of spec data-structures 2.6, 2.8 and 2.9 (kind 1).
import { RESERVED, XArray, XArray64 } from '@iommukit/xarray'
import { countNodes } from '@iommukit/xarray/check'
import { describe, expect, it } from 'vitest'
import { makeSubject } from './calls.ts'
import { KEYS } from './oracle.ts'

describe.each(KEYS)('keys of %i bits', (keys) => {
  it('null is an entry, undefined is none', () => {
    const { array } = makeSubject('plain', keys)
    array.store(1, null)
    expect([array.load(1), array.has(1), array.size, array.store(1, undefined), array.isEmpty]).toEqual([null, true, 1, null, true])
  })
})

describe('data-structures 2.6', () => {
  it('an entry over 8..15 with mark 0, and one at 16', () => {
    const array = new XArray<string>()
    array.storeOrder(8, 3, 'X')
    array.store(16, 'Y')
    array.setMark(8, 0)
    const y = { index: 16, entry: 'Y', first: 16, last: 16 }
    const x = (index: number): object => ({ index, entry: 'X', first: 8, last: 15 })
    expect([array.find(0), array.find(11), array.findAfter(7)]).toEqual([x(8), x(11), x(8)])
    expect([array.findAfter(8), array.findAfter(11), array.findAfter(15), array.findAfter(16)]).toEqual([y, y, y, undefined])
    expect([array.find(11, undefined, 0), array.findAfter(8, undefined, 0)]).toEqual([x(11), undefined])
  })

  it('the loop sees what its body adds ahead, and not what it adds behind', () => {
    const array = new XArray<number>()
    array.store(5, 5)
    const seen: number[] = []
    array.forEach((entry, i) => {
      seen.push(entry)
      if (i < 8) array.store(i + 1, i + 1)
      array.store(i - 1, -1)
      array.erase(i)
    })
    expect(seen).toEqual([5, 6, 7, 8])
  })
})

describe('data-structures 2.8', () => {
  it('cyclic ids wrap after 2^32 - 1, and the next allocation remembers it', () => {
    const array = new XArray<string>({ alloc: 0 })
    const ids = { next: 0xffffffff }
    const next = (): unknown[] => {
      const got = array.allocCyclic('x', undefined, ids)!
      return [got.id, ids.next, got.wrapped]
    }
    expect([next(), next(), next()]).toEqual([
      [0xffffffff, 0, false],
      [0, 1, true],
      [1, 2, false],
    ])
    const other = { next: 10 }
    expect([array.allocCyclic('x', { min: 2, max: 5 }, other), other.next]).toEqual([{ id: 2, wrapped: true }, 3])
  })

  it('clear forgets a wrap', () => {
    const array = new XArray64<string>({ alloc: 1 })
    const ids = { next: 0xffffffffn }
    array.allocCyclic('x', undefined, ids)
    array.clear()
    expect(array.allocCyclic('x', undefined, ids)).toEqual({ id: 1n, wrapped: false })
  })

  it('alloc from 1 never gives 0, whatever happened there', () => {
    const array = new XArray<string>({ alloc: 1 })
    expect([array.insert(0, 'a'), array.erase(0), array.alloc('b'), array.alloc('c', { max: 1 }), array.alloc('d', { max: 0 })]).toEqual([
      true,
      'a',
      1,
      undefined,
      undefined,
    ])
    expect(array.alloc('e', { min: 5, max: 4 })).toBe(undefined)
  })
})

describe('data-structures 2.9', () => {
  it.each<[bigint, bigint, [bigint, bigint][]]>([
    [0n, 0x3fn, [[0n, 0x3fn]]],
    [2n, 6n, [[2n, 6n]]],
    [
      1n,
      0x40n,
      [
        [1n, 0x3fn],
        [0x40n, 0x40n],
      ],
    ],
    [
      0n,
      0x40n,
      [
        [0n, 0x3fn],
        [0x40n, 0x40n],
      ],
    ],
    [0n, 0x7fn, [[0n, 0x7fn]]],
    [
      0x3fn,
      0x80n,
      [
        [0x3fn, 0x3fn],
        [0x40n, 0x7fn],
        [0x80n, 0x80n],
      ],
    ],
    [
      0x64n,
      0x1388n,
      [
        [0x64n, 0x7fn],
        [0x80n, 0xfffn],
        [0x1000n, 0x137fn],
        [0x1380n, 0x1388n],
      ],
    ],
    [
      1n,
      0x1000n,
      [
        [1n, 0x3fn],
        [0x40n, 0xfffn],
        [0x1000n, 0x1000n],
      ],
    ],
    [0n, 2n ** 63n - 1n, [[0n, 2n ** 63n - 1n]]],
  ])('the range %i..%i is cut into its pieces', (first, last, want) => {
    const array = new XArray64<string>()
    array.storeRange(first, last, 'x')
    const got: [bigint, bigint][] = []
    for (let at = array.find(0); at !== undefined; at = array.findAfter(at.last)) got.push([at.first, at.last])
    expect(got).toEqual(want)
  })

  it('a range over part of an entry leaves the part outside, with its marks', () => {
    const array = new XArray<string>()
    array.storeOrder(0, 2, 'old')
    array.setMark(0, 1)
    array.storeRange(2, 5, 'new')
    expect([0, 1, 2, 3, 4, 5, 6].map((i) => array.load(i))).toEqual(['old', 'old', 'new', 'new', 'new', 'new', undefined])
    expect([array.getMark(1, 1), array.getMark(5, 1)]).toEqual([true, true])
  })

  it('a lesser order inside an entry changes all of it; undefined takes it whole', () => {
    const array = new XArray<string>()
    array.storeOrder(0, 3, 'a')
    array.storeOrder(4, 1, 'b')
    expect([array.load(0), array.getOrder(0)]).toEqual(['b', 3])
    array.storeOrder(4, 2, undefined)
    expect(array.isEmpty).toBe(true)
    for (let i = 0; i < 8; i++) array.store(i, 'x')
    array.storeOrder(0, 2, undefined)
    expect([...array.keys()]).toEqual([4, 5, 6, 7])
  })

  it('splits: 9 into 3, 9 into 7, 4 into 2; around an index; and only what one node allows', () => {
    const array = new XArray<string>()
    for (const [from, to, length] of [
      [9, 3, 64],
      [9, 7, 4],
      [4, 2, 4],
    ] as const) {
      array.storeOrder(0, from, 'x')
      array.setMark(0, 1)
      array.split(0, to, 'y')
      expect([...array.keys({ mark: 1 })]).toEqual(Array.from({ length }, (_, n) => n * 2 ** to))
      expect([...new Set(array.values())]).toEqual(['y'])
      array.clear()
    }
    array.storeOrder(0, 9, 'x')
    expect(() => array.trySplit(0, 5)).toThrow(/EINVAL/)
    for (const order of [6, 5, 0]) array.trySplit(0, order)
    expect([...array.keys()]).toEqual([...Array(32).keys(), 32, 64, 128, 192, 256, 320, 384, 448])
    array.clear()
    array.storeOrder(0, 9, 'x')
    array.splitAround(70, 4)
    expect([...array.keys()]).toEqual([0, 64, 80, 96, 128, 256])
    expect(array.conflicts(60, 100)).toEqual(['x', 'x', 'x', 'x'])
  })
})

it('the acceptance scenarios of data-structures 2.11: object ids, and a dense list that stays dense', () => {
  const objects = new XArray<string>({ alloc: 1 })
  const id = objects.alloc(undefined, { max: 0x7fffffff })!
  expect([id, objects.load(id), objects.conflicts(0, 9)]).toEqual([1, undefined, [RESERVED]])
  objects.store(id, 'object')
  expect(objects.load(id)).toBe('object')
  objects.erase(id)
  expect([objects.isEmpty, countNodes(objects), objects.alloc('next')]).toEqual([true, 0, 1])
  const domains = new XArray<string>()
  for (const [n, name] of ['a', 'b', 'c'].entries()) {
    domains.reserve(n)
    domains.store(n, name)
  }
  domains.store(0, domains.erase(2))
  expect([...domains]).toEqual([
    [0, 'c'],
    [1, 'b'],
  ])
})
