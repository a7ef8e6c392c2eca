// Kinds 1 and 3 of docs/TESTING.md: a tree written as JSON and read again is the same tree; what is not such JSON is refused by name.
import { IntervalTree, IntervalTree64 } from '@iommukit/interval-tree-span'
import { checkInvariants } from '@iommukit/interval-tree-span/check'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const MAX = 2n ** 64n - 1n

/** Both trees behind one face: keys of the tests are bigints, keys of the JSON what the tree writes. */
const kinds = [
  {
    name: 'IntervalTree',
    max: 2n ** 53n - 1n,
    build: (intervals: [bigint, bigint, unknown][]) => {
      const tree = new IntervalTree<unknown>()
      for (const [start, last, payload] of intervals) tree.insert(Number(start), Number(last), payload)
      return tree
    },
    parse: (json: unknown) => IntervalTree.fromJSON<unknown>(json),
    key: (key: bigint): unknown => Number(key),
    contents: (tree: IntervalTree<unknown> | IntervalTree64<unknown>) => contentsOf(tree as never, Number.MAX_SAFE_INTEGER),
  },
  {
    name: 'IntervalTree64',
    max: MAX,
    build: (intervals: [bigint, bigint, unknown][]) => {
      const tree = new IntervalTree64<unknown>()
      for (const [start, last, payload] of intervals) tree.insert(start, last, payload)
      return tree
    },
    parse: (json: unknown) => IntervalTree64.fromJSON<unknown>(json),
    key: (key: bigint): unknown => String(key),
    contents: (tree: IntervalTree<unknown> | IntervalTree64<unknown>) => contentsOf(tree as never, MAX as never),
  },
]

function contentsOf(tree: Pick<IntervalTree<unknown>, 'overlaps' | 'start' | 'last' | 'payload'>, max: number): unknown[] {
  return [...tree.overlaps(0, max)].map((handle) => [tree.start(handle), tree.last(handle), JSON.stringify(tree.payload(handle))])
}

describe.each(kinds)('$name', ({ build, parse, key, max, contents }) => {
  it('writes version, intervals in order, and payloads only where there are some', () => {
    const tree = build([
      [9n, max, { a: [1] }],
      [0n, 5n, undefined],
      [9n, 10n, null],
    ])
    const written = JSON.stringify(tree)
    const keys = [0n, 5n, 9n, max, 10n].map((each) => JSON.stringify(key(each)))
    expect(written).toBe(
      `{"version":1,"intervals":[[${keys[0]},${keys[1]}],[${keys[2]},${keys[3]},{"a":[1]}],[${keys[2]},${keys[4]},null]]}`,
    )
    const read = parse(JSON.parse(written))
    checkInvariants(read)
    expect(JSON.stringify(read)).toBe(written)
    expect(JSON.stringify(parse({ version: 1, intervals: [] }))).toBe('{"version":1,"intervals":[]}')
  })

  it('round trip', () => {
    const point = fc.oneof(fc.bigInt(0n, 20n), fc.bigInt(0n, max), fc.bigInt(max - 5n, max))
    const payload = fc.option(fc.jsonValue(), { nil: undefined })
    const interval = fc.tuple(point, point, payload).map(([a, b, p]): [bigint, bigint, unknown] => (a < b ? [a, b, p] : [b, a, p]))
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 80 }), (intervals) => {
        const tree = build(intervals)
        const read = parse(JSON.parse(JSON.stringify(tree)))
        checkInvariants(read)
        expect(contents(read)).toEqual(contents(tree))
        expect(JSON.stringify(read)).toBe(JSON.stringify(tree))
      }),
      { numRuns: 200 },
    )
  })

  it('refuses what it has not written, by name and position', () => {
    const good = [key(1n), key(2n)]
    const refused: [unknown, RegExp][] = [
      [undefined, /^version must be 1, not undefined$/],
      [null, /^version/],
      ['{}', /^version/],
      [[], /^version/],
      [{ version: 2, intervals: [] }, /^version must be 1, not 2$/],
      [{ version: '1', intervals: [] }, /^version must be 1, not "1"$/],
      [{ version: 1 }, /^intervals must be an array, not undefined$/],
      [{ version: 1, intervals: {} }, /^intervals must be an array, not \[object Object\]$/],
      [{ version: 1, intervals: [good, 'ab'] }, /^interval 1 of 2: not \[start, last, payload\?\]: "ab"$/],
      [{ version: 1, intervals: [[key(1n)]] }, /^interval 0 of 1: not \[start/],
      [{ version: 1, intervals: [[...good, 0, 0]] }, /^interval 0 of 1: not \[start/],
      [{ version: 1, intervals: [good, null] }, /^interval 1 of 2: not \[start/],
      [{ version: 1, intervals: [[key(1n), null]] }, /^interval 0 of 1: last must be/],
      [{ version: 1, intervals: [[true, key(1n)]] }, /^interval 0 of 1: start must be/],
      [{ version: 1, intervals: [good, [key(3n), key(2n)]] }, /^interval 1 of 2: interval is inverted: 3 > 2$/],
      [{ version: 1, intervals: [good, [key(0n), key(2n)]] }, /^interval 1 of 2: start 0 is less than the 1 before it$/],
    ]
    for (const [json, message] of refused) expect(() => parse(json), JSON.stringify(json)).toThrow(message)
  })
})

it('numbers: refuses fractions, strings, and what is no safe integer', () => {
  for (const bad of [1.5, '1', -1, 2 ** 53, Number.NaN])
    expect(
      () =>
        IntervalTree.fromJSON({
          version: 1,
          intervals: [
            [0, 1],
            [bad, 9],
          ],
        }),
      String(bad),
    ).toThrow(/^interval 1 of 2: start/)
})

it('u64: refuses numbers, other notations, and what is beyond u64', () => {
  for (const bad of [1, '', ' 1', '1 ', '0x1', '1n', '-1', '1.0', '1e3', '９'.repeat(2), '18446744073709551616', '1'.repeat(21)])
    expect(
      () =>
        IntervalTree64.fromJSON({
          version: 1,
          intervals: [
            ['0', '1'],
            [bad, '99'],
          ],
        }),
      String(bad),
    ).toThrow(/^interval 1 of 2: start/)
})
