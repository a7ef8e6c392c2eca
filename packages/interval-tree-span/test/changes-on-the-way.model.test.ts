// Kinds 1 and 3 of docs/TESTING.md: trees that change while they are travelled over, as spec data-structures 1.3 and 1.4 say.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allTrees } from './all-trees.ts'
import { NaiveTree, type Node } from './oracle.ts'

type Range = [bigint, bigint]

describe.each(allTrees)('$name', ({ make }) => {
  const { max } = make()
  const point = fc.oneof({ weight: 5, arbitrary: fc.bigInt(0n, 12n) }, { weight: 1, arbitrary: fc.bigInt(max - 4n, max) })
  const range = fc.tuple(point, point).map(([a, b]): Range => (a < b ? [a, b] : [b, a]))
  const which = fc.nat(2)
  const step = fc.oneof(
    { weight: 3, arbitrary: which.map((at) => ({ kind: 'next' as const, at })) },
    { weight: 3, arbitrary: range.map((added) => ({ kind: 'insert' as const, added })) },
    { weight: 3, arbitrary: fc.nat().map((pick) => ({ kind: 'remove' as const, pick })) },
    { weight: 3, arbitrary: which.map((at) => ({ kind: 'removeCurrent' as const, at })) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('open' as const), at: which, window: range }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'clear' as const }) },
  )

  it('overlap cursors visit what comes ahead, not what comes behind, and show their intervals on, even if those are removed', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 60 }), range, fc.array(step, { maxLength: 60 }), (ranges, window, steps) => {
        const tree = make()
        const naive = new NaiveTree()
        const handles = new Map<number, number>()
        const insert = (added: Range): void => void handles.set(naive.insert(...added), tree.insert(...added))
        const remove = (id: number): void => {
          tree.remove(handles.get(id)!)
          handles.delete(id)
          naive.remove(id)
        }
        for (const each of ranges) insert(each)
        const met = ([first, last]: Range, behind?: Node): Node | undefined =>
          naive.nodes.find(
            (node) =>
              node.start <= last &&
              first <= node.last &&
              (behind === undefined || node.start > behind.start || (node.start === behind.start && node.id > behind.id)),
          )
        const open = (window: Range) => {
          const current = met(window)
          return { window, cursor: tree.overlaps(...window), current, handle: current && handles.get(current.id)! }
        }
        const travels = [open(window), open(window), open(window)]
        for (const each of steps) {
          const travel = 'at' in each ? travels[each.at]! : undefined
          if (each.kind === 'insert') insert(each.added)
          else if (each.kind === 'remove' && handles.size > 0) remove([...handles.keys()][each.pick % handles.size]!)
          else if (each.kind === 'removeCurrent' && handles.has(travel!.current?.id ?? -1)) remove(travel!.current!.id)
          else if (each.kind === 'open') travels[each.at] = open(each.window)
          else if (each.kind === 'clear') {
            for (const id of [...handles.keys()]) naive.remove(id)
            handles.clear()
            tree.clear()
          } else if (each.kind === 'next') {
            const current = travel!.current && met(travel!.window, travel!.current)
            travel!.current = current
            travel!.handle = current && handles.get(current.id)!
            travel!.cursor.next()
          }
          for (const { cursor, current, handle } of travels) {
            expect(cursor.done).toBe(current === undefined)
            if (current === undefined) continue
            expect([cursor.handle, BigInt(cursor.start), BigInt(cursor.last)]).toEqual([handle, current.start, current.last])
          }
        }
        tree.check()
      }),
      { numRuns: 500 },
    )
  })

  it('iterFirst and iterNext: changes between the calls, another window on the way, and an error for an interval that was removed', () => {
    const tree = make()
    const [a, b, c] = [tree.insert(0n, 5n), tree.insert(2n, 3n), tree.insert(8n, 9n)]
    expect(tree.iterFirst(0n, 9n)).toBe(a)
    const behind = tree.insert(0n, 9n)
    expect(tree.iterNext(a, 0n, 9n)).toBe(behind)
    tree.remove(a)
    expect(tree.iterNext(behind, 3n, 9n)).toBe(b)
    expect(tree.iterNext(b, 4n, 7n)).toBeUndefined()
    expect(tree.iterNext(b, 4n, 8n)).toBe(c)
    tree.remove(b)
    expect(() => tree.iterNext(b, 0n, 9n)).toThrow(RangeError)
    // The drain loop of 1.3.
    for (let handle = tree.iterFirst(0n, max); handle !== undefined; handle = tree.iterFirst(0n, max)) tree.remove(handle)
    expect(tree.size).toBe(0)
  })

  it('for..of over spans: what was reported is not visited again, what follows is as the tree then is', () => {
    const tree = make()
    tree.insert(10n, 19n)
    const later = tree.insert(30n, 39n)
    const seen: string[] = []
    for (const span of tree.iterateSpans(0n, 59n)) {
      seen.push(`${span.isHole ? 'H' : 'U'} ${span.start}-${span.last}`)
      if (seen.length === 1) tree.insert(0n, 12n)
      if (seen.length === 2) tree.remove(later)
      if (seen.length === 3) tree.insert(25n, 29n)
    }
    expect(seen).toEqual(['H 0-9', 'U 10-19', 'H 20-59'])
  })
})
