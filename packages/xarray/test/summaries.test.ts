// Examples (kind 1) of marks and reservations where the array also keeps a summary of them: in dense leaves, and in sparse ones below a node.
import { RESERVED, XArray } from '@iommukit/xarray'
import { checkInvariants } from '@iommukit/xarray/check'
import { describe, expect, it } from 'vitest'
import { ENTRY_MARKS, MARKS, SLOT, WORDS } from '../src/layout.ts'
import type { Node } from '../src/node.ts'

/** 600 entries in dense leaves without 300, and six in a sparse leaf below the same node. */
function filled(alloc?: 0): XArray<unknown> {
  const array = new XArray<unknown>({ alloc })
  for (let i = 0; i < 600; i++) if (i !== 300) array.store(i, i)
  for (let i = 0x9000; i < 0x9006; i++) array.store(i, i)
  return array
}

describe('a mark', () => {
  it.each([0, 256, 511, 0x9000, 0x9005])('of entry %i alone is found, and goes with it or when it is cleared', (index) => {
    for (const goes of [(array: XArray<unknown>) => array.erase(index), (array: XArray<unknown>) => array.clearMark(index, 1)]) {
      const array = filled()
      array.setMark(index, 1)
      expect([array.marked(1), array.findIndex(0, undefined, 1), array.marked(0), array.marked(2)]).toEqual([true, index, false, false])
      checkInvariants(array)
      goes(array)
      expect([array.marked(1), array.findIndex(0, undefined, 1), array.getMark(index, 1)]).toEqual([false, undefined, false])
      checkInvariants(array)
    }
  })

  it('that is cleared where none was ever set takes no room', () => {
    const array = filled()
    for (const index of [3, 0x9002]) array.clearMark(index, 1)
    expect(array.core.root![MARKS]).toBe(undefined)
    const sparse = new XArray<unknown>()
    sparse.store(3, 'x')
    sparse.clearMark(3, 1)
    expect(sparse.core.root![ENTRY_MARKS]).toBe(undefined)
  })

  it('takes a bit a slot for each of the three, and no more when it is cleared or its entry goes', () => {
    const array = filled()
    const room = Array(3 * WORDS).fill(0)
    array.setMark(40, 1)
    const leaf = array.core.root![SLOT] as Node
    for (const index of [41, 42]) array.erase(index)
    expect([(array.core.root![MARKS] as number[]).length, leaf[MARKS]]).toEqual([room.length, room.with(WORDS + 1, 1 << 8)])
    array.clearMark(40, 1)
    expect([array.core.root![MARKS], leaf[MARKS]]).toEqual([room, room])
  })
})

describe('a reservation in a dense leaf', () => {
  it('is not seen, takes no entry away, and gives its index back', () => {
    const array = filled()
    array.reserve(300)
    checkInvariants(array)
    expect([array.load(300), array.findIndex(300), array.size, array.insert(300, 'x'), array.conflicts(300, 300)]).toEqual([
      undefined,
      301,
      605,
      false,
      [RESERVED],
    ])
    array.release(300)
    checkInvariants(array)
    expect([array.size, array.insert(300, 'x'), array.size, array.load(300)]).toEqual([605, true, 606, 'x'])
  })

  it('is taken by an entry, and takes the place of one where ids are allocated', () => {
    const array = filled(0)
    array.reserve(300)
    expect([array.store(300, 'x'), array.load(300), array.size]).toEqual([undefined, 'x', 606])
    checkInvariants(array)
    expect([array.store(7, undefined), array.load(7), array.size, array.alloc('y')]).toEqual([7, undefined, 605, 600])
    checkInvariants(array)
    expect([array.erase(7), array.size, array.alloc('z')]).toEqual([undefined, 606, 7])
    checkInvariants(array)
  })
})

it('entries between 2^32 and 2^40 are told from those below', () => {
  const array = filled()
  for (const index of [2 ** 32, 2 ** 35 + 3, 2 ** 39]) {
    array.store(index, 'high')
    checkInvariants(array)
    expect([array.load(index), array.load(index % 2 ** 32), array.load(128), array.load(3)]).toEqual(['high', index % 2 ** 32, 128, 3])
  }
})

it('an id beyond the tree is free, although what it would be in the tree is taken', () => {
  const array = filled(0)
  expect([array.alloc('x', { min: 2 ** 16 + 3 }), array.alloc('y', { min: 2 ** 24 + 3 })]).toEqual([2 ** 16 + 3, 2 ** 24 + 3])
  checkInvariants(array)
})
