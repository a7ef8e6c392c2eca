// Examples (kind 1) of the shape that entries take, by the rules of docs/decisions/0002-xarray-leaves.md, on which no answer depends.
import { XArray, XArray64 } from '@iommukit/xarray'
import { checkInvariants, countNodes } from '@iommukit/xarray/check'
import { describe, expect, it } from 'vitest'
import { SLOT, STRIDE } from '../src/layout.ts'
import { isNode, type Node } from '../src/node.ts'
import { capacityOf, lengthOf } from '../src/sparse-leaf.ts'

type Arrays = XArray<unknown> | XArray64<unknown>

function filled(n: number, by: number, from = 0): XArray<unknown> {
  const array = new XArray<unknown>()
  for (let k = 0; k < n; k++) array.store(from + k * by, k)
  checkInvariants(array)
  return array
}

/** 'dense', or how many entries a sparse leaf has; of the root, or of what is below it in the slots given. */
function shapeOf(array: Arrays, ...slots: number[]): string | number | undefined {
  const node = slots.reduce((at: Node | undefined, slot) => at?.[SLOT + slot] as Node | undefined, array.core.root)
  if (node === undefined) return undefined
  return isNode(node) ? 'dense' : lengthOf(node)
}

/** The shift of the root and how many slots it has. */
function rootOf(array: Arrays): [number, number] {
  const { root, shift } = array.core
  expect(isNode(root)).toBe(true)
  return [shift, root!.length - SLOT]
}

describe('the root', () => {
  it('stays sparse up to 32 entries, and beyond that while one in four indexes or fewer are taken', () => {
    expect(
      [filled(32, 1), filled(33, 1), filled(32, 3), filled(33, 3), filled(33, 4), filled(33, 5)].map((array) => shapeOf(array)),
    ).toEqual([32, 'dense', 32, 'dense', 'dense', 33])
    for (const [last, shape] of [
      [127, 'dense'],
      [128, 33],
    ] as const) {
      const array = filled(31, 4, 7)
      array.store(7 + last, 'last')
      array.store(2, 'one more')
      expect(shapeOf(array), `over ${last}`).toBe(shape)
    }
    expect([filled(33, 1, 100), filled(33, 1, 200), filled(33, 1, 65_510)].map((array) => shapeOf(array))).toEqual(['dense', 'dense', 33])
  })

  it('stays sparse while its entries lie far apart, although their low halves do not', () => {
    const array = filled(31, 1)
    for (const index of [2 ** 32 + 31, 2 ** 32 + 32]) array.store(index, 'high')
    expect(shapeOf(array)).toBe(33)
    checkInvariants(array)
  })

  it('stays sparse up to 512 entries when they lie in several leaves', () => {
    const array = filled(512, 1000)
    expect([shapeOf(array), countNodes(array)]).toEqual([512, 1])
    array.store(512_000, 'more')
    expect([shapeOf(array), array.core.shift]).toEqual(['dense', 16])
    checkInvariants(array)
  })

  it('becomes a node of several leaves from 65 entries on, if one in sixteen indexes or more are taken', () => {
    expect([filled(64, 16), filled(65, 16), filled(65, 17), filled(128, 17), filled(129, 16)].map((array) => shapeOf(array))).toEqual([
      64,
      'dense',
      65,
      128,
      'dense',
    ])
    const array = filled(65, 16)
    expect([array.core.shift, shapeOf(array, 0), shapeOf(array, 4), countNodes(array)]).toEqual([8, 16, 1, 6])
    expect([filled(65, 16, 65_000), filled(65, 16, 2 ** 32)].map((far) => shapeOf(far))).toEqual([65, 65])
  })

  it('does not become dense before its room is used up', () => {
    const array = filled(33, 5)
    array.storeRange(170, 180, 'one entry')
    for (let k = 0; k < 30; k++) array.store(5 * k + 1, 'between')
    expect(shapeOf(array)).toBe(64)
    array.store(2, 'one more')
    expect(shapeOf(array)).toBe('dense')
    checkInvariants(array)
  })
})

describe('the slots of a root above other nodes', () => {
  const levels = [8n, 16n, 24n, 32n, 40n, 48n, 56n]

  it.each(levels)('at shift %i are 16 up to the last index of the sixteenth, 256 from there on', (shift) => {
    const array = new XArray64<unknown>()
    for (let k = 0n; k < 257n; k++) array.store(k, k)
    expect(rootOf(array)).toEqual([8, 16])
    for (const [index, slots] of [
      [(16n << shift) - 1n, 16],
      [16n << shift, 256],
      [(256n << shift) - 1n, 256],
    ] as const) {
      array.store(index, 'new')
      expect([rootOf(array), array.load(index), array.load(256n)]).toEqual([[Number(shift), slots], 'new', 256n])
      checkInvariants(array)
    }
    expect([...array.keys({ first: 257n })]).toEqual([(16n << shift) - 1n, 16n << shift, (256n << shift) - 1n])
  })

  it.each(levels)('at shift %i are as many when a sparse root becomes it', (shift) => {
    for (const [last, slots] of [
      [(16n << shift) - 1n, 16],
      [16n << shift, 256],
    ] as const) {
      const array = new XArray64<unknown>()
      const step = last / 600n
      for (let k = 0n; k < 512n; k++) array.store(k * (step > 200n ? step : 1n), k)
      array.store(last, 'last')
      checkInvariants(array)
      expect([rootOf(array), array.load(last), array.load(last + 1n)]).toEqual([[Number(shift), slots], 'last', undefined])
    }
  })

  it('stay as many as they became, until the root goes', () => {
    const array = filled(600, 1)
    expect(rootOf(array)).toEqual([8, 16])
    array.store(4096, 'beyond')
    array.erase(4096)
    expect(rootOf(array)).toEqual([8, 256])
    array.store(2 ** 16, 'higher')
    expect(rootOf(array)).toEqual([16, 16])
    array.erase(2 ** 16)
    expect(rootOf(array)).toEqual([8, 256])
    for (let k = 256; k < 600; k++) array.erase(k)
    expect(rootOf(array)).toEqual([0, 256])
    array.store(256, 'again')
    expect(rootOf(array)).toEqual([8, 16])
    checkInvariants(array)
  })

  it('keep entries, marks and full leaves when they become more', () => {
    const array = new XArray<number>({ alloc: 0 })
    for (let id = 0; id < 4096; id++) array.store(id, id)
    array.setMark(7, 1)
    array.setMark(4000, 2)
    expect(rootOf(array)).toEqual([8, 16])
    expect([array.alloc(4096), rootOf(array), array.alloc(4097), array.load(4095), array.size]).toEqual([4096, [8, 256], 4097, 4095, 4098])
    expect([...array.keys({ mark: 1 }), ...array.keys({ mark: 2 })]).toEqual([7, 4000])
    array.erase(300)
    expect([array.alloc(300), array.alloc(4098)]).toEqual([300, 4098])
    checkInvariants(array)
  })

  it('make a thousand entries take little more than a word each', () => {
    const array = filled(1000, 1)
    const words = [...array.core.leaves, array.core.root].reduce((sum, node) => sum + (node?.length ?? 0), array.core.leaves.length)
    expect(words).toBeLessThan(1100)
  })
})

describe('below a node', () => {
  it('a leaf behind a full one is dense from its first entry, any other becomes so with 17', () => {
    const array = filled(257, 1)
    expect([array.core.shift, shapeOf(array, 0), shapeOf(array, 1), countNodes(array)]).toEqual([8, 'dense', 'dense', 3])
    array.store(512, 'behind one entry')
    array.store(5 * 256, 'behind none')
    expect([shapeOf(array, 2), shapeOf(array, 5)]).toEqual([1, 1])
    for (let k = 1; k < 16; k++) array.store(5 * 256 + k * 2, k)
    expect(shapeOf(array, 5)).toBe(16)
    array.store(5 * 256 + 64, 'one more')
    expect(shapeOf(array, 5)).toBe('dense')
    for (let k = 1; k < 17; k++) array.store(512 + k * 7, k)
    expect(shapeOf(array, 2)).toBe('dense')
    checkInvariants(array)
  })

  it('what lies higher stays sparse up to 512 entries, unless it lies close together', () => {
    const array = filled(600, 1)
    for (let k = 0; k < 512; k++) array.store(2 ** 24 + k * 1000, k)
    expect([array.core.shift, shapeOf(array, 1)]).toEqual([24, 512])
    array.store(2 ** 24 + 512_000, 'more')
    expect([shapeOf(array, 1), shapeOf(array, 1, 0)]).toEqual(['dense', 66])
    checkInvariants(array)
    const close = filled(600, 1)
    for (let k = 0; k < 33; k++) close.store(2 ** 16 + k, k)
    expect([close.core.shift, shapeOf(close, 1)]).toEqual([16, 'dense'])
  })

  it('a leaf behind one that lacks its first entry is not dense at once', () => {
    const array = filled(256, 1, 1)
    expect([shapeOf(array, 0), shapeOf(array, 1)]).toEqual(['dense', 1])
  })

  it('what lies two levels up stays sparse, however close its entries lie', () => {
    const array = filled(600, 1)
    for (let k = 0; k < 40; k++) array.store(2 ** 24 + k, k)
    expect([array.core.shift, shapeOf(array, 1)]).toEqual([24, 40])
  })
})

describe('with what is removed', () => {
  it('levels above that hold nothing else go, and what is sparse stays', () => {
    const array = filled(600, 1)
    array.store(2 ** 30, 'far')
    expect(array.core.shift).toBe(24)
    array.erase(2 ** 30)
    expect([array.core.shift, shapeOf(array, 0), countNodes(array)]).toEqual([8, 'dense', 4])
    for (let k = 256; k < 600; k++) array.erase(k)
    expect([array.core.shift, shapeOf(array), countNodes(array)]).toEqual([0, 'dense', 1])
    for (let k = 255; k >= 0; k--) array.erase(k)
    expect([shapeOf(array), array.core.shift, countNodes(array)]).toEqual([undefined, 0, 0])
  })

  it('a sparse leaf that alone is left takes the place of the node above', () => {
    const array = filled(300, 1)
    array.store(0x9000, 'a')
    array.store(0x9003, 'b')
    for (let k = 0; k < 300; k++) array.erase(k)
    expect([array.core.shift, shapeOf(array), countNodes(array), [...array.keys()]]).toEqual([0, 2, 1, [0x9000, 0x9003]])
    checkInvariants(array)
  })
})

describe('the room of a sparse leaf', () => {
  const roomOf = (array: Arrays): number | undefined => array.core.root && capacityOf(array.core.root)

  it('doubles when it is used up, and is halved when a quarter of it is used', () => {
    const array = filled(17, 1000)
    const rooms = [1, 2, 3, 4, 5, 8, 9, 16, 17].map((n) => roomOf(filled(n, 1000)))
    expect(rooms).toEqual([2, 2, 4, 4, 8, 8, 16, 16, 32])
    const left: (number | undefined)[] = []
    for (let k = 0; k < 17; k++) {
      array.erase(k * 1000)
      checkInvariants(array)
      left.push(roomOf(array))
    }
    expect(left).toEqual([...Array(9).fill(32), 16, 16, 16, 16, 8, 8, 4, undefined])
  })

  it('has no place for high halves while all entries share one, and is not doubled for them', () => {
    const array = new XArray<unknown>()
    const shape = (): unknown[] => [array.core.root![STRIDE], roomOf(array)]
    const shapes = [3, 5, 9].map((index) => {
      array.store(2 ** 32 + index, index)
      return shape()
    })
    expect(shapes).toEqual([
      [2, 2],
      [2, 2],
      [2, 4],
    ])
    array.store(2 ** 33, 'other half')
    expect(shape()).toEqual([3, 4])
    checkInvariants(array)
  })

  it('is filled where it lies', () => {
    const array = filled(5, 1000)
    array.store(2 ** 33, 'other half')
    const { root } = array.core
    for (const index of [7, 2 ** 34]) array.store(index, 'more')
    expect([array.core.root === root, roomOf(array)]).toEqual([true, 8])
    checkInvariants(array)
  })
})

describe('entries of a sparse leaf', () => {
  it.each([
    ['with one high half', 0],
    ['with high halves', 2 ** 32],
  ])('move up and down for an entry at each place, %s', (_, high) => {
    for (let n = 1; n <= 20; n++)
      for (let at = 0; at <= n; at++) {
        const array = new XArray<unknown>()
        const expected: number[] = []
        for (let k = 0; k <= n; k++) {
          // Every third one lies in the other half, behind all that do not.
          const index = 1000 * k + (k >= n - n / 3 ? high : 0)
          expected.push(index)
          if (k !== at) array.store(index, k)
        }
        array.store(expected[at]!, at)
        checkInvariants(array)
        expect([...array]).toEqual(expected.map((index, k) => [index, k]))
        expect([array.erase(expected[at]!), array.erase(expected[at]!)]).toEqual([at, undefined])
        checkInvariants(array)
        expect([...array]).toEqual(expected.map((index, k) => [index, k]).filter(([, k]) => k !== at))
      }
  })
})
