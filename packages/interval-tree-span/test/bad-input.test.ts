// Kind 1 of docs/TESTING.md: bad input at every public edge: an error that names the value and the range, and nothing changed.
import {
  DoubleSpanCursor,
  DoubleSpanCursor64,
  HoleCursor,
  IntervalTree,
  IntervalTree64,
  SpanCursor,
  SpanCursor64,
} from '@iommukit/interval-tree-span'
import { checkInvariants } from '@iommukit/interval-tree-span/check'
import { describe, expect, it } from 'vitest'

const MAX = 2n ** 64n - 1n
const wrong = (value: unknown): never => value as never

describe('IntervalTree', () => {
  const tree = new IntervalTree()
  const handle = tree.insert(5, 9)

  const typeErrors: unknown[] = ['1', null, undefined, 1n, {}, Number.NaN, 1.5]
  const rangeErrors: unknown[] = [-1, Number.MAX_SAFE_INTEGER + 1, Number.POSITIVE_INFINITY]

  it.each([...typeErrors, ...rangeErrors])('refuses the key %s everywhere', (value) => {
    const calls: (() => unknown)[] = [
      () => tree.insert(wrong(value), 9),
      () => tree.insert(0, wrong(value)),
      () => tree.iterFirst(wrong(value), 9),
      () => tree.iterFirst(0, wrong(value)),
      () => tree.iterNext(handle, wrong(value), 9),
      () => tree.overlaps(wrong(value), 9),
      () => tree.spans(0, wrong(value)),
      () => new SpanCursor(tree, wrong(value), 9),
      () => new DoubleSpanCursor(tree, tree, 0, wrong(value)),
      () => tree.spans(0, 9).advance(wrong(value)),
      () => tree.firstHole(wrong(value)),
      () => new HoleCursor(tree, 1, { alignment: wrong(value === undefined ? 0 : value) }),
    ]
    for (const [k, call] of calls.entries()) {
      let error: unknown
      try {
        call()
      } catch (caught) {
        error = caught
      }
      expect(error instanceof TypeError || error instanceof RangeError, `call ${k} with ${String(value)}: ${String(error)}`).toBe(true)
    }
    expect(tree.size).toBe(1)
    checkInvariants(tree)
  })

  it('names the value', () => {
    expect(() => tree.insert(-7, 9)).toThrow(/-7/)
    expect(() => tree.insert(wrong('seven'), 9)).toThrow(/start/)
  })

  it('refuses inverted ranges and windows', () => {
    expect(() => tree.insert(6, 5)).toThrow(RangeError)
    expect(() => tree.iterFirst(6, 5)).toThrow(RangeError)
    expect(() => tree.spans(6, 5)).toThrow(RangeError)
    expect(() => new DoubleSpanCursor(tree, tree, 6, 5)).toThrow(RangeError)
    expect(() => tree.firstHole(1, { from: 6, last: 5 })).toThrow(RangeError)
  })

  it('refuses hole requests that cannot be: length 0, an alignment that is no power of two, a phase that is not below it', () => {
    expect(() => tree.firstHole(0)).toThrow(/length/)
    expect(() => tree.firstHole(1, { alignment: 3 })).toThrow(/3/)
    expect(() => tree.firstHole(1, { alignment: 0 })).toThrow(RangeError)
    expect(() => tree.firstHole(1, { alignment: 4, phase: 4 })).toThrow(/4/)
  })

  it('refuses stale handles, handles of another tree, and what is no handle', () => {
    const other = new IntervalTree()
    const foreign = other.insert(5, 9)
    const stale = tree.insert(1, 2)
    tree.remove(stale)
    const again = tree.insert(1, 2)
    expect(again).not.toBe(stale)
    for (const bad of [stale, foreign, -1, 0, 1.5, Number.NaN, 2 ** 53, wrong('x'), wrong(undefined)]) {
      for (const call of [
        () => tree.remove(bad),
        () => tree.start(bad),
        () => tree.last(bad),
        () => tree.payload(bad),
        () => tree.iterNext(bad, 0, 9),
      ])
        expect(call, String(bad)).toThrow()
      expect(tree.has(bad), String(bad)).toBe(false)
    }
    expect(tree.size).toBe(2)
    tree.remove(again)
    checkInvariants(tree)
  })

  it('refuses a cursor over what is no tree', () => {
    expect(() => new SpanCursor(wrong({}), 0, 1)).toThrow(/tree/)
    expect(() => new DoubleSpanCursor(tree, wrong(null), 0, 1)).toThrow(/tree/)
  })
})

describe('IntervalTree64', () => {
  const tree = new IntervalTree64()
  tree.insert(5n, 9n)

  it.each([-1n, MAX + 1n, -1, 1.5, 2 ** 53, '1', null, undefined])('refuses the key %s', (value) => {
    for (const call of [
      () => tree.insert(wrong(value), 9n),
      () => tree.iterFirst(0n, wrong(value)),
      () => new SpanCursor64(tree, wrong(value), 9n),
      () => new DoubleSpanCursor64(tree, tree, 0n, wrong(value)),
    ])
      expect(call).toThrow(/start|first|last/)
    expect(tree.size).toBe(1)
  })

  it('takes safe integers for bigints', () => {
    const handle = tree.insert(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
    expect(tree.start(handle)).toBe(2n ** 53n - 1n)
    tree.remove(handle)
  })

  it('refuses an inverted range that only its low words invert', () => {
    expect(() => tree.insert(2n ** 32n + 1n, 2n ** 32n)).toThrow(RangeError)
    expect(() => tree.insertAt(1, 1, 1, 0)).toThrow(RangeError)
  })
})
