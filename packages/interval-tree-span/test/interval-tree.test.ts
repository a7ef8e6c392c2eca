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

it.each([() => new IntervalTree<string>(), () => new IntervalTree64<string>() as unknown as IntervalTree<string>])(
  'size, isEmpty, has and payload follow what comes and goes (%#)',
  (make) => {
    const tree = make()
    expect([tree.size, tree.isEmpty]).toEqual([0, true])
    const handles = ['a', 'b'].map((name) => tree.insert(5, 9, name))
    const bare = tree.insert(7, 7)
    expect([tree.size, tree.isEmpty, handles.map((handle) => tree.payload(handle)), tree.payload(bare)]).toEqual([
      3,
      false,
      ['a', 'b'],
      undefined,
    ])
    tree.remove(handles[0]!)
    expect([tree.size, tree.isEmpty, tree.has(handles[0]!), tree.has(handles[1]!), tree.has(bare)]).toEqual([2, false, false, true, true])
    const again = tree.insert(1, 2)
    expect([tree.payload(again), tree.payload(handles[1]!)]).toEqual([undefined, 'b'])
    tree.clear()
    expect([tree.size, tree.isEmpty, tree.has(bare), tree.has(again)]).toEqual([0, true, false, false])
    checkInvariants(tree)
  },
)
