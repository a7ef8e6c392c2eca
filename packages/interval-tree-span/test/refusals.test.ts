// Bad input (kind 1): the whole message of each refusal, which names the value, what it was to be, and the range.
import {
  DoubleSpanCursor64,
  HoleCursor,
  HoleCursor64,
  IntervalTree,
  IntervalTree64,
  NSpanCursor,
  NSpanCursor64,
  SpanCursor,
  SpanCursor64,
} from '@iommukit/interval-tree-span'
import { checkInvariants } from '@iommukit/interval-tree-span/check'
import { describe, expect, it } from 'vitest'

const wrong = (value: unknown): never => value as never

function expectRefused(refused: readonly (readonly [() => unknown, RangeError | TypeError])[]): void {
  for (const [call, error] of refused) {
    expect(call, String(call)).toThrow(error)
    expect(call, String(call)).toThrow(error instanceof RangeError ? RangeError : TypeError)
  }
}

describe('IntervalTree', () => {
  const tree = new IntervalTree()
  const handle = tree.insert(5, 9)
  const outside = (what: string): RangeError => new RangeError(`${what} is outside 0 .. 2^53 - 1`)
  const noInteger = (what: string): TypeError => new TypeError(`start must be an integer number, not ${what}`)

  it('names the key', () => {
    expectRefused([
      [() => tree.insert(-7, 9), outside('start -7')],
      [() => tree.insert(0, 2 ** 53), outside('last 9007199254740992')],
      [() => tree.insert(Number.POSITIVE_INFINITY, 2), outside('start Infinity')],
      [() => tree.iterFirst(-1, 0), outside('first -1')],
      [() => tree.iterFirst(0, -1), outside('last -1')],
      [() => tree.overlaps(-1, 5), outside('first -1')],
      [() => tree.spans(0, 5).advance(-1), outside('index -1')],
      [() => tree.holes(1).advance(-1), outside('index -1')],
      [() => new NSpanCursor([tree], 0, 1).advance(-1), outside('index -1')],
      [() => tree.insert(wrong('seven'), 9), noInteger('"seven"')],
      [() => tree.insert(Number.NaN, 1), noInteger('NaN')],
      [() => tree.insert(wrong(1n), 2), noInteger('1n')],
      [() => tree.insert(wrong({}), 2), noInteger('[object Object]')],
      [() => tree.insert(wrong([]), 2), noInteger('[object Array]')],
      [
        () =>
          tree.insert(
            wrong(() => 1),
            2,
          ),
        noInteger('[object Function]'),
      ],
      [() => tree.insert(wrong(null), 2), noInteger('null')],
      [() => tree.insert(wrong(Symbol('s')), 2), noInteger('Symbol(s)')],
      [() => tree.insert(0, 1.5), new TypeError('last must be an integer number, not 1.5')],
    ])
  })

  it('names both ends of what is inverted', () => {
    expectRefused([
      [() => tree.insert(6, 5), new RangeError('interval is inverted: 6 > 5')],
      ...[
        () => tree.iterFirst(6, 5),
        () => tree.iterNext(handle, 6, 5),
        () => tree.overlaps(6, 5),
        () => tree.spans(6, 5),
        () => tree.firstHole(1, { from: 6, last: 5 }),
      ].map((call) => [call, new RangeError('window is inverted: 6 > 5')] as const),
    ])
  })

  it('names what of a request for a hole cannot be', () => {
    expectRefused([
      [() => tree.firstHole(0), new RangeError('length must be at least 1')],
      [() => tree.firstHole(-1), outside('length -1')],
      [() => tree.firstHole(1, { from: -6 }), outside('from -6')],
      [() => tree.firstHole(1, { last: -6 }), outside('last -6')],
      [() => tree.firstHole(1, { alignment: -4 }), outside('alignment -4')],
      [() => tree.firstHole(1, { alignment: 4, phase: -1 }), outside('phase -1')],
      [() => tree.firstHole(1, { alignment: 3 }), new RangeError('alignment 3 is not a power of two')],
      [() => tree.firstHole(1, { alignment: 0 }), new RangeError('alignment 0 is not a power of two')],
      [() => tree.firstHole(1, { alignment: 4, phase: 4 }), new RangeError('phase 4 is outside 0 .. 4 - 1')],
      [() => tree.firstHole(1, { phase: 1 }), new RangeError('phase 1 is outside 0 .. 1 - 1')],
    ])
  })

  it('names the handle, and the kind of tree', () => {
    const other = new IntervalTree64()
    expectRefused([
      [() => tree.remove(handle + 1), new RangeError(`interval handle ${handle + 1} is not in this tree`)],
      [() => tree.start(wrong('x')), new TypeError('an interval handle must be a number, not string')],
      [() => tree.start(wrong(5n)), new TypeError('an interval handle must be a number, not bigint')],
      ...[
        () => new SpanCursor(wrong({}), 0, 1),
        () => new SpanCursor(wrong(other), 0, 1),
        () => new HoleCursor(wrong(null), 1),
        () => new HoleCursor(wrong({ store: { isU64: false } }), 1),
      ].map((call) => [call, new TypeError('tree must be an IntervalTree')] as const),
    ])
    expect(tree.size).toBe(1)
    checkInvariants(tree)
  })
})

describe('IntervalTree64', () => {
  const tree = new IntervalTree64()
  const handle = tree.insert(5n, 9n)
  const outside = (what: string): RangeError => new RangeError(`${what} is outside 0 .. 2^64 - 1`)
  const noHalf = (what: string): RangeError => new RangeError(`a half of ${what} is outside 0 .. 2^32 - 1`)

  it('names the key', () => {
    expectRefused([
      [() => tree.insert(-1n, 9n), outside('start -1n')],
      [() => tree.insert(0, 2n ** 64n), outside('last 18446744073709551616n')],
      [() => tree.insert(-1, 1), new RangeError('start -1 is outside 0 .. 2^53 - 1')],
      [() => tree.insert(2 ** 53, 1n), new RangeError('start 9007199254740992 is outside 0 .. 2^53 - 1')],
      [() => tree.insert(1.5, 2), new TypeError('start must be an integer number, not 1.5')],
      [() => tree.insert(wrong('x'), 1n), new TypeError('start must be a bigint or a safe integer, not "x"')],
      [() => tree.insert(wrong(null), 1n), new TypeError('start must be a bigint or a safe integer, not null')],
      [() => tree.spans(0n, 1n).advance(-1n), outside('index -1n')],
      [() => tree.holes(1n).advance(-1n), outside('index -1n')],
      [() => new NSpanCursor64([tree], 0n, 1n).advance(-1n), outside('index -1n')],
    ])
  })

  it('names the half', () => {
    expectRefused([
      [() => tree.insertAt(-1, 1, 1, 0), noHalf('interval -1')],
      [() => tree.insertAt(0, -1, 1, 0), noHalf('interval -1')],
      [() => tree.insertAt(0, 0, 2 ** 32, 0), noHalf('interval 4294967296')],
      [() => tree.insertAt(0, 0, 0, 1.5), new TypeError('a half of interval must be an integer number, not 1.5')],
      [() => tree.insertAt(0, 0, wrong('0'), 1), new TypeError('a half of interval must be an integer number, not "0"')],
      [() => tree.iterFirstAt(0, 0, 0, 2 ** 32), noHalf('window 4294967296')],
      [() => tree.spansAt(0, 2 ** 32, 0, 1), noHalf('window 4294967296')],
      [() => tree.holesAt(-1, 0, 0, 0, 0, 1), noHalf('length -1')],
      [() => tree.holesAt(0, 1, 0, 0, 0, -1), noHalf('window -1')],
      [() => tree.holes(1n).advanceAt(0, -1), noHalf('index -1')],
      [() => tree.spans(0n, 1n).advanceAt(0, 2 ** 32), noHalf('index 4294967296')],
      [() => new NSpanCursor64([tree], 0n, 1n).advanceAt(-1, 0), noHalf('index -1')],
      [() => new DoubleSpanCursor64(tree, tree, 0, 0, 0, -1), noHalf('window -1')],
    ])
  })

  it('names both ends of what is inverted, however little it is', () => {
    expectRefused([
      [() => tree.insert(2n, 1n), new RangeError('interval is inverted: 2 > 1')],
      [() => tree.insert(2n ** 64n - 1n, 2n ** 63n), new RangeError('interval is inverted: 18446744073709551615 > 9223372036854775808')],
      [
        () => tree.insertAt(0xffffffff, 0xffffffff, 0xffffffff, 0xfffffffe),
        new RangeError('interval is inverted: 18446744073709551615 > 18446744073709551614'),
      ],
      [() => tree.insertAt(1, 1, 1, 0), new RangeError('interval is inverted: 4294967297 > 4294967296')],
      [() => tree.insertAt(1, 0, 0, 0xffffffff), new RangeError('interval is inverted: 4294967296 > 4294967295')],
      ...[
        () => tree.iterFirst(2n, 1n),
        () => tree.iterFirstAt(0, 2, 0, 1),
        () => tree.iterNext(handle, 2n, 1n),
        () => tree.iterNextAt(handle, 0, 2, 0, 1),
        () => tree.spansAt(0, 2, 0, 1),
        () => tree.overlapsAt(0, 2, 0, 1),
        () => tree.holesAt(0, 1, 0, 2, 0, 1),
        () => tree.firstHole(1n, { from: 2n, last: 1n }),
      ].map((call) => [call, new RangeError('window is inverted: 2 > 1')] as const),
    ])
  })

  it('names what of a request for a hole cannot be', () => {
    expectRefused([
      [() => tree.firstHole(0n), new RangeError('length must be at least 1')],
      [() => tree.holesAt(0, 0, 0, 0, 0, 1), new RangeError('length must be at least 1')],
      [() => tree.firstHole(2n ** 64n), outside('length 18446744073709551616n')],
      [() => tree.firstHole(1n, { from: -2n }), outside('from -2n')],
      [() => tree.firstHole(1n, { last: 2n ** 64n }), outside('last 18446744073709551616n')],
      [() => tree.firstHole(1n, { alignment: -4n }), outside('alignment -4n')],
      [() => tree.firstHole(1n, { alignment: 4n, phase: -4n }), outside('phase -4n')],
      [() => tree.firstHole(1n, { alignment: 3n }), new RangeError('alignment 3 is not a power of two')],
      [() => tree.firstHole(1n, { alignment: 2049n }), new RangeError('alignment 2049 is not a power of two')],
      [() => tree.firstHole(1n, { alignment: 2056n }), new RangeError('alignment 2056 is not a power of two')],
      [() => tree.firstHole(1n, { alignment: 2n ** 63n + 1n }), new RangeError('alignment 9223372036854775809 is not a power of two')],
      [
        () => tree.firstHole(1n, { alignment: 2n ** 63n + 2n ** 60n }),
        new RangeError(`alignment ${2n ** 63n + 2n ** 60n} is not a power of two`),
      ],
      [() => tree.firstHole(1n, { alignment: 0n }), new RangeError('alignment 0 is not a power of two')],
      [() => tree.firstHole(1n, { alignment: 4n, phase: 4n }), new RangeError('phase 4 is outside 0 .. 4 - 1')],
      [() => tree.firstHole(1n, { alignment: 2n ** 12n, phase: 2n ** 12n }), new RangeError('phase 4096 is outside 0 .. 4096 - 1')],
      [() => tree.firstHole(1n, { alignment: 4n, phase: 2n ** 40n }), new RangeError(`phase ${2n ** 40n} is outside 0 .. 4 - 1`)],
    ])
  })

  it('names the handle, and the kind of tree', () => {
    const other = new IntervalTree()
    expectRefused([
      [() => tree.remove(handle + 1), new RangeError(`interval handle ${handle + 1} is not in this tree`)],
      [() => new SpanCursor64(wrong(other), 0, 1), new TypeError('tree must be an IntervalTree64')],
      [() => new HoleCursor64(wrong(undefined), 1), new TypeError('tree must be an IntervalTree64')],
    ])
    expect(tree.size).toBe(1)
    checkInvariants(tree)
  })
})

it('a bulk build names the position, and keeps the error of the interval as the cause', () => {
  for (const build of [
    () => IntervalTree.fromSorted([[1, 2], wrong([1.5, 2])]),
    () => IntervalTree64.fromSorted([[1, 2], wrong([1.5, 2])]),
  ]) {
    const said = 'start must be an integer number, not 1.5'
    expect(build).toThrow(new TypeError(`interval 1 of 2: ${said}`, { cause: new TypeError(said) }))
  }
})
