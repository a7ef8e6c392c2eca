// Kinds 1 and 3 of docs/TESTING.md: the holes of a window, by next and advance, against a scan of the spans; examples where parts of a u64 meet.
import { HoleCursor, HoleCursor64, IntervalTree, IntervalTree64 } from '@iommukit/interval-tree-span'
import { checkInvariants } from '@iommukit/interval-tree-span/check'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NaiveTree } from './oracle.ts'

type Range = [bigint, bigint]

interface Asked {
  readonly length: bigint
  readonly from: bigint
  readonly last: bigint
  readonly alignment: bigint
  readonly phase: bigint
}

interface Hole {
  readonly start: bigint
  readonly last: bigint
  readonly position: bigint
}

interface AnyHoles {
  current(): Hole | undefined
  next(): void
  advance(index: bigint): void
  rest(): Hole[]
}

interface AnyTree {
  insert(range: Range): number
  remove(handle: number): void
  check(): void
  holes(asked: Asked): AnyHoles
}

function numbers(): AnyTree {
  const tree = new IntervalTree()
  const hole = ({ start, last, position }: { start: number; last: number; position: number }): Hole => ({
    start: BigInt(start),
    last: BigInt(last),
    position: BigInt(position),
  })
  return {
    insert: ([start, last]) => tree.insert(Number(start), Number(last)),
    remove: (handle) => tree.remove(handle),
    check: () => checkInvariants(tree),
    holes: ({ length, from, last, alignment, phase }) => {
      const options = { from: Number(from), last: Number(last), alignment: Number(alignment), phase: Number(phase) }
      const cursor = tree.holes(Number(length), options)
      expect(tree.firstHole(Number(length), options)).toBe(cursor.done ? undefined : cursor.position)
      return {
        current: () => (cursor.done ? undefined : hole(cursor)),
        next: () => cursor.next(),
        advance: (index) => cursor.advance(Number(index)),
        rest: () => [...cursor].map(hole),
      }
    },
  }
}

function u64(): AnyTree {
  const tree = new IntervalTree64()
  const join = (hi: number, lo: number): bigint => (BigInt(hi) << 32n) | BigInt(lo)
  return {
    insert: (range) => tree.insert(...range),
    remove: (handle) => tree.remove(handle),
    check: () => checkInvariants(tree),
    holes: ({ length, ...options }) => {
      const cursor = tree.holes(length, options)
      expect(tree.firstHole(length, options)).toBe(cursor.done ? undefined : cursor.position)
      return {
        current: () => {
          if (cursor.done) return undefined
          const { start, last, position, startHi, startLo, lastHi, lastLo, positionHi, positionLo } = cursor
          expect([join(startHi, startLo), join(lastHi, lastLo), join(positionHi, positionLo)]).toEqual([start, last, position])
          return { start, last, position }
        },
        next: () => cursor.next(),
        advance: (index) =>
          index % 2n === 0n ? cursor.advance(index) : cursor.advanceAt(Number(index >> 32n), Number(index & 0xffff_ffffn)),
        rest: () => [...cursor],
      }
    },
  }
}

const kinds = [
  { name: 'IntervalTree', max: 2n ** 53n - 1n, bits: 52, make: numbers },
  { name: 'IntervalTree64', max: 2n ** 64n - 1n, bits: 63, make: u64 },
]

/** What a scan of the spans finds. */
function naiveHoles(tree: NaiveTree, { length, from, last, alignment, phase }: Asked): Hole[] {
  const found: Hole[] = []
  for (const span of from <= last ? tree.spans(from, last) : []) {
    if (!span.isHole) continue
    const position = span.start + ((((phase - span.start) % alignment) + alignment) % alignment)
    if (position <= span.last && span.last - position >= length - 1n) found.push({ start: span.start, last: span.last, position })
  }
  return found
}

describe.each(kinds)('$name', ({ max, bits, make }) => {
  const near = [2n ** 11n, 2n ** 12n, 2n ** 32n, 2n ** 43n, 2n ** 52n, 2n ** 53n, 2n ** 63n, max].flatMap((x) => [
    x - 2n,
    x - 1n,
    x,
    x + 1n,
  ])
  const point = fc.oneof(
    { weight: 4, arbitrary: fc.bigInt(0n, 90n) },
    { weight: 2, arbitrary: fc.constantFrom(...near.filter((x) => x <= max)) },
    { weight: 1, arbitrary: fc.bigInt(0n, max) },
  )
  const range = fc.tuple(point, point).map(([a, b]): Range => (a < b ? [a, b] : [b, a]))
  const short = fc
    .tuple(point, fc.bigInt(0n, 5n))
    .map(([start, more]): Range => (start > max - more ? [start, max] : [start, start + more]))
  const ranges = fc.array(fc.oneof({ weight: 6, arbitrary: short }, { weight: 1, arbitrary: range }), { maxLength: 60, size: 'max' })
  const length = fc.oneof(
    { weight: 4, arbitrary: fc.bigInt(1n, 12n) },
    fc.constantFrom(...near.filter((x) => x <= max)),
    fc.bigInt(1n, max),
  )
  const shift = fc.oneof({ weight: 4, arbitrary: fc.nat(4) }, fc.nat(bits))
  const asked = fc.tuple(range, length, shift, fc.bigInt(0n, max), fc.boolean()).map(([[from, last], n, order, odd, isAll]): Asked => {
    const alignment = 2n ** BigInt(order)
    return { length: n, from: isAll ? 0n : from, last: isAll ? max : last, alignment, phase: odd % alignment }
  })

  function pairOf(list: readonly Range[]): { tree: AnyTree; naive: NaiveTree; handles: [number, number][] } {
    const tree = make()
    const naive = new NaiveTree()
    const handles = list.map((each): [number, number] => [naive.insert(...each), tree.insert(each)])
    return { tree, naive, handles }
  }

  it('all holes of a window, by iterating and by next', () => {
    fc.assert(
      fc.property(ranges, fc.array(asked, { minLength: 1, maxLength: 4 }), (list, questions) => {
        const { tree, naive } = pairOf(list)
        for (const question of questions) {
          const expected = naiveHoles(naive, question)
          expect(tree.holes(question).rest()).toEqual(expected)
          const cursor = tree.holes(question)
          for (const hole of [...expected, undefined, undefined]) {
            expect(cursor.current()).toEqual(hole)
            cursor.next()
          }
        }
        tree.check()
      }),
      { numRuns: 250 },
    )
  })

  it('next and advance, either way, while the tree changes; done is for good', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.constant('next' as const) },
      { weight: 3, arbitrary: point },
      { weight: 2, arbitrary: short },
      { weight: 1, arbitrary: fc.nat() },
    )
    fc.assert(
      fc.property(ranges, asked, fc.array(step, { maxLength: 25 }), (list, question, steps) => {
        const { tree, naive, handles } = pairOf(list)
        const cursor = tree.holes(question)
        let expected = naiveHoles(naive, question)[0]
        for (const each of steps) {
          if (Array.isArray(each)) handles.push([naive.insert(...each), tree.insert(each)])
          else if (typeof each === 'number') {
            if (handles.length === 0) continue
            const [[id, handle]] = handles.splice(each % handles.length, 1) as [[number, number]]
            naive.remove(id)
            tree.remove(handle)
          } else {
            const index = each === 'next' ? (expected?.last ?? max) + 1n : each
            if (each === 'next') cursor.next()
            else cursor.advance(index)
            expected = expected && naiveHoles(naive, { ...question, from: index })[0]
            expect(cursor.current()).toEqual(expected)
          }
        }
      }),
      { numRuns: 250 },
    )
  })

  it('holes of exactly the length, one more and one less, from an aligned position on', () => {
    for (const order of [0, 1, 3, 10, 11, 12, 31, 32, 33, 51, bits]) {
      const alignment = 2n ** BigInt(order)
      for (const room of [1n, 2n, 2047n, 2048n, 2049n, 2n ** 32n, 2n ** 43n + 1n, 2n ** 52n]) {
        for (const at of [0n, alignment / 2n, alignment - 1n, alignment, alignment + 1n]) {
          if (at + room > max) continue
          const phase = (alignment / 2n) % alignment
          const naive = new NaiveTree()
          const tree = make()
          for (const each of [
            [0n, at - 1n],
            [at + room, max],
          ] as Range[]) {
            if (each[0] > each[1]) continue
            naive.insert(...each)
            tree.insert(each)
          }
          for (const n of [room - 1n, room, room + 1n]) {
            if (n === 0n) continue
            const question = { length: n, from: 0n, last: max, alignment, phase }
            expect(tree.holes(question).rest(), `${n} of ${room} at ${at}`).toEqual(naiveHoles(naive, question))
          }
        }
      }
    }
  })
})

it('a window and options are optional', () => {
  const tree = new IntervalTree()
  tree.insert(0, 9)
  expect([...new HoleCursor(tree, 5)]).toEqual([{ start: 10, last: Number.MAX_SAFE_INTEGER, position: 10 }])
  expect([...new HoleCursor(tree, 5, { alignment: 4 })]).toEqual([{ start: 10, last: Number.MAX_SAFE_INTEGER, position: 12 }])
  const wide = new IntervalTree64()
  wide.insert(0n, 9n)
  const last = 2n ** 64n - 1n
  expect([...new HoleCursor64(wide, 5n)]).toEqual([{ start: 10n, last, position: 10n }])
  expect([...new HoleCursor64(wide, 5n, { alignment: 4n, phase: 1n, from: 11n })]).toEqual([{ start: 11n, last, position: 13n }])
})

it('u64: lengths and windows by halves', () => {
  const tree = new IntervalTree64()
  tree.insertAt(1, 0, 1, 9)
  const holes = [...tree.holesAt(0, 5, 0, 0xffff_fff0, 1, 20)]
  expect(holes).toEqual([
    { start: 0xffff_fff0n, last: 0xffff_ffffn, position: 0xffff_fff0n },
    { start: 2n ** 32n + 10n, last: 2n ** 32n + 20n, position: 2n ** 32n + 10n },
  ])
  expect([...new HoleCursor64(tree, 0, 12, 0, 0xffff_fff0, 1, 20)]).toEqual(holes.slice(0, 1))
  expect(tree.holesAt(1, 0, 1, 0, 1, 20).done).toBe(true)
})

it('u64: behind 2^64 - 1 nothing begins anew at 0', () => {
  const cursor = new IntervalTree64().holes(1n, { from: 2n ** 64n - 1n })
  expect(cursor.position).toBe(2n ** 64n - 1n)
  cursor.next()
  expect(cursor.done).toBe(true)
})
