// Kind 1 of the tests: examples, on both sides of each boundary.

import { IntervalTree, IntervalTree64 } from '@iommukit/interval-tree-span'
import { checkInvariants } from '@iommukit/interval-tree-span/check'
import { describe, expect, it } from 'vitest'

const MAX = 2n ** 64n - 1n

describe('IntervalTree64', () => {
  it('keeps equal starts in the order of insertion, whatever their lasts', () => {
    const tree = new IntervalTree64<string>()
    tree.insert(10n, 30n, 'a')
    tree.insert(10n, 10n, 'b')
    tree.insert(10n, 20n, 'c')
    tree.insert(5n, 10n, 'd')
    expect([...tree.overlaps(0n, MAX)].map((h) => tree.payload(h))).toEqual(['d', 'a', 'b', 'c'])
    checkInvariants(tree)
  })

  it('holds 0 and 2^64 - 1', () => {
    const tree = new IntervalTree64()
    const low = tree.insert(0n, 0n)
    const high = tree.insert(MAX, MAX)
    const all = tree.insert(0n, MAX)
    expect(tree.iterFirst(0n, 0n)).toBe(low)
    expect(tree.iterNext(low, 0n, 0n)).toBe(all)
    expect(tree.iterNext(all, 0n, MAX)).toBe(high)
    expect(tree.iterNext(high, 0n, MAX)).toBeUndefined()
    expect([tree.start(high), tree.last(all), tree.lastHi(high), tree.startLo(low)]).toEqual([MAX, MAX, 0xffffffff, 0])
  })

  it('stays whole while thousands come and go', () => {
    const tree = new IntervalTree<number>()
    const handles: number[] = []
    let x = 0x12345678
    const random = (): number => {
      x ^= x << 13
      x ^= x >>> 17
      x ^= x << 5
      return x >>> 0
    }
    for (let i = 0; i < 6000; i++) {
      if (handles.length > 0 && random() % 5 < (i < 3000 ? 1 : 4)) {
        const [handle] = handles.splice(random() % handles.length, 1)
        tree.remove(handle!)
        expect(tree.has(handle!)).toBe(false)
      } else {
        const start = random() % 4096
        handles.push(tree.insert(start, start + (random() % 64), i))
      }
      if (i % 16 === 0) checkInvariants(tree)
    }
    for (const handle of handles) tree.remove(handle)
    checkInvariants(tree)
    expect(tree.isEmpty).toBe(true)
  })
})

describe('a tree higher than the caches', () => {
  const n = 350_000
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
    ['IntervalTree', new IntervalTree(), 'engine'],
    ['IntervalTree64', new IntervalTree64(), 'engine64'],
  ] as const)('%s finds, gives and removes each interval', (_, tree, engine) => {
    const handles: number[] = []
    for (let i = 0; i < n; i++) handles.push(tree.insert(slots[i]! * 16, slots[i]! * 16 + 7))
    // As high as searches want it to be to fetch a leaf's lines together.
    expect((tree as unknown as Record<string, { height: number }>)[engine]!.height).toBeGreaterThanOrEqual(5)
    checkInvariants(tree)
    for (let i = 0; i < n; i += 101) {
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
