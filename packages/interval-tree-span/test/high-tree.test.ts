// Kind 1 of docs/TESTING.md: trees so high that searches fetch the lines of a node together.

import { IntervalTree, IntervalTree64 } from '@iommukit/interval-tree-span'
import { checkInvariants } from '@iommukit/interval-tree-span/check'
import { describe, expect, it } from 'vitest'

describe('a tree higher than the caches', () => {
  const n = 35_000
  /** Every slot once, in no order, so that nodes are cut in the middle. */
  const slots = Uint32Array.from({ length: n }, (_, i) => i)
  let x = 0x9e3779b1
  for (let i = n - 1; i > 0; i--) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    const other = (x >>> 0) % (i + 1)
    ;[slots[i], slots[other]] = [slots[other]!, slots[i]!]
  }

  it.each([
    ['IntervalTree', new IntervalTree()],
    ['IntervalTree64', new IntervalTree64()],
  ] as const)('%s finds, gives and removes each interval', (_, tree) => {
    const handles: number[] = []
    for (let i = 0; i < n; i++) handles.push(tree.insert(slots[i]! * 16, slots[i]! * 16 + 7))
    // As high as searches want it to be to fetch a node's lines together.
    expect(tree.store.height).toBeGreaterThanOrEqual(4)
    checkInvariants(tree)
    for (let i = 0; i < n; i += 11) {
      const at = slots[i]! * 16
      expect(tree.iterFirst(at + 3, at + 5)).toBe(handles[i])
      expect(tree.iterFirst(at + 8, at + 15)).toBeUndefined()
      expect(Number(tree.last(handles[i]!))).toBe(at + 7)
      tree.remove(handles[i]!)
      expect(tree.has(handles[i]!)).toBe(false)
      expect(tree.iterFirst(at, at + 15)).toBeUndefined()
    }
    checkInvariants(tree)
  })
})
