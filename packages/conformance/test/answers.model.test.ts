// Model-based (design section 7, kind 3): the small functions that turn memory into answers, against naive ones.

import type { AnswerValue, BitRange } from '@iommukit/conformance'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sameAnswer } from '../src/answer.ts'
import { bitRanges, setBits } from '../src/bits.ts'
import { fnv1a64 } from '../src/fnv.ts'

function naiveFnv(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash
}

describe('fnv1a64', () => {
  it.each([
    ['', 0xcbf29ce484222325n],
    ['a', 0xaf63dc4c8601ec8cn],
    ['foobar', 0x85944171f73967e8n],
  ])('of %j is the published value', (text, digest) => {
    expect(fnv1a64(new TextEncoder().encode(text))).toBe(digest)
  })

  it('equals the same in bigint', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => fnv1a64(bytes) === naiveFnv(bytes)))
  })
})

describe('bits', () => {
  const naiveRanges = (bits: ReadonlySet<number>, nbits: number): BitRange[] => {
    const ranges: BitRange[] = []
    for (let first = 0; first < nbits; first++) {
      if (!bits.has(first) || bits.has(first - 1)) continue
      let last = first
      while (last + 1 < nbits && bits.has(last + 1)) last++
      ranges.push([first, last])
    }
    return ranges
  }

  it('ranges are those of a set of numbers, and setting them makes the same bytes', () => {
    const rangeOf = fc.tuple(fc.nat(90), fc.nat(20)).map(([first, more]): BitRange => [first, first + more])
    fc.assert(
      fc.property(fc.array(rangeOf, { maxLength: 6 }), (wanted) => {
        const bytes = new Uint8Array(12)
        setBits(bytes, wanted)
        const bits = new Set(wanted.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, k) => first + k)))
        expect(bitRanges(bytes)).toEqual(naiveRanges(bits, 96))
      }),
    )
  })
})

describe('sameAnswer', () => {
  const value: fc.Arbitrary<AnswerValue> = fc.letrec<{ value: AnswerValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('OK', '0x0', 0, 1, -1, true, false, null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('errno', 'id', 'iova'), tie('value'), { maxKeys: 3 }),
    ),
  })).value

  it('holds exactly for equal JSON, whatever the order of fields', () => {
    const sorted = (x: AnswerValue): unknown =>
      Array.isArray(x)
        ? x.map(sorted)
        : typeof x === 'object' && x !== null
          ? Object.entries(x)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([k, v]) => [k, sorted(v as AnswerValue)])
              .concat([['{}', '{}']])
          : x
    fc.assert(fc.property(value, value, (a, b) => sameAnswer(a, b) === (JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)))))
    fc.assert(fc.property(value, (a) => sameAnswer(a, structuredClone(a))))
  })
})
