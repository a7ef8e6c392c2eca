// A small universe, all of it (kind 2): every sequence of three calls, every pair of ranges, every pair of orders.
import { checkInvariants, countNodes } from '@iommukit/xarray/check'
import { describe, expect, it } from 'vitest'
import { compareAll, makeSubject, type Op, type Subject, step } from './calls.ts'
import { KEYS, type Keys, KINDS, type Kind, MAX, NaiveArray, pieces } from './oracle.ts'

function pair(kind: Kind, keys: Keys, prefill = 0): [Subject, NaiveArray] {
  const subject = makeSubject(kind, keys)
  const model = new NaiveArray(kind, keys)
  for (let n = 0; n < prefill; n++) step(subject, model, { do: 'store', i: BigInt(100 + n), v: n })
  return [subject, model]
}

function alphabet(top: bigint): Op[] {
  const ops: Op[] = []
  for (const i of [0n, top]) {
    ops.push({ do: 'store', i, v: 0 }, { do: 'store', i, v: undefined }, { do: 'erase', i }, { do: 'reserve', i })
    ops.push({ do: 'insert', i, v: '' }, { do: 'setMark', i, m: 1 }, { do: 'cmpxchg', i, old: 0, v: undefined })
  }
  ops.push(
    { do: 'storeRange', i: 0n, last: 2n, v: false },
    { do: 'storeOrder', i: 0n, k: 1, v: null },
    { do: 'storeOrder', i: top, k: 2, v: 7 },
  )
  ops.push(
    { do: 'storeRange', i: 1n, last: top, v: undefined },
    { do: 'split', i: 0n, k: 0, v: undefined },
    { do: 'alloc', v: 1, i: 0n, max: top },
  )
  return ops
}

describe.each(KEYS)('keys of %i bits', (keys) => {
  it.each(KINDS)('every sequence of three calls (%s)', (kind) => {
    for (const prefill of kind === 1 && keys === 53 ? [0, 40] : [0]) {
      const ops = alphabet(keys === 53 ? 3n : MAX)
      for (const a of ops) {
        for (const b of ops) {
          for (const c of ops) {
            const [subject, model] = pair(kind, keys, prefill)
            for (const op of [a, b, c]) step(subject, model, op)
            compareAll(subject, model)
            checkInvariants(subject.array)
          }
        }
      }
    }
  })

  it.each(KINDS)('every range over every marked range of nine indexes (%s)', (kind) => {
    for (const base of [0n, 60n, 252n, 2n ** 32n - 4n]) {
      for (let a = 0n; a < 45n * 45n; a++) {
        const [subject, model] = pair(kind, keys)
        for (const [n, which] of [a % 45n, a / 45n].entries()) {
          const [first, last] = rangeOf(Number(which))
          step(subject, model, { do: 'storeRange', i: base + first, last: base + last, v: n })
          if (n === 0) step(subject, model, { do: 'setMark', i: base + first, m: 2 })
        }
        compareAll(subject, model)
        checkInvariants(subject.array)
      }
    }
  })
})

/** The n-th of the 45 ranges within 0..8. */
function rangeOf(n: number): [bigint, bigint] {
  let first = 0
  for (; n >= 9 - first; first++) n -= 9 - first
  return [BigInt(first), BigInt(first + n)]
}

describe('data-structures 2.13', () => {
  it.each([0n, 128n, 4095n, 4096n, 123456n, 2n ** 24n, MAX - 127n])('property 9: storeRange of all pairs 0..127, from %i on', (shift) => {
    const { array } = makeSubject('plain', 64)
    for (let first = shift; first <= shift + 127n; first++) {
      for (let last = first; last <= shift + 127n; last++) {
        array.storeRange(first, last, 'x')
        const found: [bigint, bigint][] = []
        for (let at = array.find(0); at !== undefined; at = array.findAfter(at.last)) found.push([at.first, at.last])
        const want = pieces(first, last)
        if (found.length !== want.length || found.some(([a, b], n) => a !== want[n]![0] || b !== want[n]![1])) {
          throw new Error(`${first}..${last}: ${found.join(' ')}`)
        }
        if (array.load(first) !== 'x' || array.load(last) !== 'x') throw new Error(`${first}..${last} does not load`)
        array.storeRange(first, last, undefined)
        if (!array.isEmpty || countNodes(array) !== 0) throw new Error(`${first}..${last} is not empty again`)
      }
    }
    checkInvariants(array)
  })

  it('property 10: orders over each other at 0 cover the greater one, for both key types', () => {
    for (const keys of KEYS) {
      for (let i = 0; i <= (keys === 53 ? 53 : 63); i++) {
        for (let j = 0; j <= (keys === 53 ? 53 : 63); j++) {
          const [subject, model] = pair('plain', keys)
          step(subject, model, { do: 'storeOrder', i: 0n, k: i, v: 'i' })
          step(subject, model, { do: 'setMark', i: 0n, m: 0 })
          step(subject, model, { do: 'storeOrder', i: 0n, k: j, v: 'j' })
          compareAll(subject, model)
          const most = Math.max(i, j)
          expect(subject.array.getOrder(0)).toBe(most)
          const last = subject.key((1n << BigInt(most)) - 1n)
          expect([subject.array.load(last), subject.array.getMark(last, 0), subject.array.size]).toEqual(['j', true, 1])
          checkInvariants(subject.array)
        }
      }
    }
  })
})
