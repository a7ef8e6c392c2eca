// Examples (kind 1) of the shape that insertion and removal give a tree, on which no answer depends.
import { IntervalTree } from '@iommukit/interval-tree-span'
import { checkInvariants } from '@iommukit/interval-tree-span/check'
import { expect, it } from 'vitest'
import { COUNT, NEXT, TAG } from '../src/layout.ts'

/** How many intervals each leaf has, in order. */
function leavesOf({ store: { words, root, height } }: IntervalTree): number[] {
  let node = root
  for (let level = height; level > 0; level--) node = words[(node + TAG) * 2]!
  const sizes: number[] = []
  for (; node !== 0; node = words[node * 2 + NEXT]!) sizes.push(words[node * 2 + COUNT]!)
  return sizes
}

function filled(starts: readonly number[]): { tree: IntervalTree; handles: number[] } {
  const tree = new IntervalTree()
  const handles = starts.map((start) => tree.insert(start, start))
  checkInvariants(tree)
  return { tree, handles }
}

const ascending = Array.from({ length: 165 }, (_, i) => i * 10)

it('ascending insertion leaves full leaves behind, descending one that misses one, and insertion in the middle halves them', () => {
  expect(leavesOf(filled(ascending).tree)).toEqual([...Array(10).fill(16), 5])
  expect(leavesOf(filled(ascending.toReversed()).tree)).toEqual(Array(11).fill(15))
  const { tree } = filled(ascending)
  tree.insert(16 * 10 + 5, 200)
  expect(leavesOf(tree)).toEqual([16, 9, 8, ...Array(8).fill(16), 5])
  tree.insert(5, 5)
  expect(leavesOf(tree)).toEqual([9, 8, 9, 8, ...Array(8).fill(16), 5])
})

it('a leaf that falls below four is joined with the next, or takes of it', () => {
  const { tree, handles } = filled(ascending)
  for (let i = 16; i < 28; i++) tree.remove(handles[i]!)
  expect(leavesOf(tree).slice(0, 4)).toEqual([16, 4, 16, 16])
  tree.remove(handles[28]!)
  checkInvariants(tree)
  expect(leavesOf(tree).slice(0, 4)).toEqual([16, 9, 10, 16])
  for (let i = 32; i < 39; i++) tree.remove(handles[i]!)
  expect(leavesOf(tree).slice(0, 4)).toEqual([16, 5, 7, 16])
  for (const i of [29, 30]) tree.remove(handles[i]!)
  checkInvariants(tree)
  expect(leavesOf(tree).slice(0, 4)).toEqual([16, 10, 16, 16])
})
