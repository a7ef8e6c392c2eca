// Kind 1 of docs/TESTING.md: cursors and queries in trees of several levels: a cursor whose interval was removed, and the ends of full leaves.
import { describe, expect, it } from 'vitest'
import { type AnyTree, allTrees } from './all-trees.ts'

/** Starts that differ, and that are all equal, in trees of three levels. */
const layouts: readonly (readonly [string, (k: bigint) => bigint])[] = [
  ['distinct starts', (k) => k * 5000n],
  ['equal starts', () => 7n],
  ['starts side by side', (k) => (1n << 40n) + k],
]
const many = 700

function filled(make: () => AnyTree, startOf: (k: bigint) => bigint): { tree: AnyTree; handles: number[] } {
  const tree = make()
  const handles = Array.from({ length: many }, (_, k) => tree.insert(startOf(BigInt(k)), startOf(BigInt(k)) + 3n))
  return { tree, handles }
}

describe.each(allTrees)('$name', ({ make }) => {
  describe.each(layouts)('%s', (_, startOf) => {
    it('a cursor whose interval was removed goes on with the one behind it', () => {
      for (let k = 0; k < many; k += 13) {
        const { tree, handles } = filled(make, startOf)
        const cursor = tree.overlaps(0n, tree.max)
        for (let step = 0; step < k; step++) cursor.next()
        expect(cursor.handle).toBe(handles[k])
        tree.remove(handles[k]!)
        cursor.next()
        expect(cursor.done ? undefined : cursor.handle, `behind ${k}`).toBe(handles[k + 1])
      }
    })

    it('a cursor whose interval was removed skips what was inserted behind it, and visits what was inserted ahead', () => {
      for (let k = 1; k < many - 1; k += 29) {
        const { tree, handles } = filled(make, startOf)
        const cursor = tree.overlaps(0n, tree.max)
        for (let step = 0; step < k; step++) cursor.next()
        tree.remove(handles[k]!)
        const first = startOf(0n)
        const ahead = tree.insert(startOf(BigInt(many)), startOf(BigInt(many)))
        if (first > 0n) tree.insert(first - 1n, first - 1n)
        const seen: number[] = []
        for (cursor.next(); !cursor.done; cursor.next()) seen.push(cursor.handle)
        expect(seen, `from ${k}`).toEqual([...handles.slice(k + 1), ahead])
      }
    })
  })

  it('a query right behind the greatest last finds nothing, however full the last leaf is', () => {
    for (let n = 1; n <= 70; n++) {
      const tree = make()
      // Far up all have the same key, and differ in their ties.
      const first = 2048n + 30n
      const handles = Array.from({ length: n }, (_, k) => tree.insert(first + BigInt(k), first + BigInt(k)))
      const last = first + BigInt(n) - 1n
      expect(tree.iterFirst(last, last), `${n}`).toBe(handles[n - 1])
      expect(tree.iterFirst(last + 1n, tree.max), `${n}`).toBeUndefined()
      expect(tree.iterNext(handles[n - 1]!, 0n, tree.max), `${n}`).toBeUndefined()
      expect(tree.overlaps(last + 1n, tree.max).done).toBe(true)
    }
  })
})
