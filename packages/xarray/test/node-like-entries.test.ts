// Examples (kind 1) of entries that could be taken for a part of the tree: arrays of all lengths, and null, which has no length.
import { XArray, XArray64 } from '@iommukit/xarray'
import { checkInvariants, countNodes } from '@iommukit/xarray/check'
import { expect, it } from 'vitest'
import { MARKS, NODE_LENGTH, ROOT_LENGTH, SLOT, WORDS } from '../src/layout.ts'
import type { Node } from '../src/node.ts'

it.each([0, 1, 4, ROOT_LENGTH, NODE_LENGTH])('arrays of length %i stay entries when all others go', (length) => {
  for (const left of [0, 3]) {
    const array = new XArray<unknown[]>()
    const entries = Array.from({ length: 40 }, () => Array(length).fill(1))
    for (const [i, entry] of entries.entries()) array.store(i, entry)
    expect([array.core.shift, countNodes(array)]).toEqual([0, 1])
    // With marks each removal looks at what the leaf has become.
    array.setMark(9, 1)
    for (let i = 0; i < 40; i++) if (i !== left) expect(array.erase(i)).toBe(entries[i])
    expect(array.load(left)).toBe(entries[left])
    expect([...array.keys()]).toEqual([left])
    checkInvariants(array)
  }
})

it('null, and texts and arrays as long as a node, are taken ids like others', () => {
  for (const entry of [null, 'x'.repeat(NODE_LENGTH), Array(NODE_LENGTH).fill(-1)]) {
    const array = new XArray64<unknown>({ alloc: 0 })
    for (let i = 0; i < 300; i++) expect(array.alloc(entry)).toBe(BigInt(i))
    for (let i = 299; i >= 0; i -= 3) expect(array.erase(i)).toBe(entry)
    expect([array.size, array.alloc(entry), array.alloc(entry)]).toEqual([200, 2n, 5n])
    checkInvariants(array)
  }
})

it('an entry that lies in a sparse leaf where a node keeps its bits does not make the ids below it taken', () => {
  const array = new XArray64<unknown>({ alloc: 0 })
  for (let i = 0; i < 300; i++) array.alloc('dense')
  const base = 2n ** 40n
  for (const [i, at] of [0n, 2n ** 33n, 2n ** 34n].entries()) array.store(base + at, i === 1 ? Array(WORDS).fill(-1) : 'sparse')
  checkInvariants(array)
  expect((array.core.root![SLOT + 1] as Node)[MARKS]).toEqual(Array(WORDS).fill(-1))
  expect(array.alloc('next', { min: base, max: 2n ** 41n })).toBe(base + 1n)
})
