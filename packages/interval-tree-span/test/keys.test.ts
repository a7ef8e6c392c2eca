// Kinds 1 and 2 of docs/TESTING.md: the two parts of a key, around every power of two from which on doubles leave something out.
import { describe, expect, it } from 'vitest'
import {
  hiOf,
  isBefore,
  joinKey,
  keyAfter,
  keyBefore,
  keyOf,
  loOf,
  split,
  splitKey,
  splitTie,
  tieAfter,
  tieBefore,
  tieOf,
} from '../src/keys.ts'

const MAX = 2n ** 64n - 1n

/** Indexes on both sides of a power of two, and of what is that far from it that keys change. */
const around = (power: number): bigint[] =>
  [-4096n, -2048n, -1024n, 0n, 1024n, 2048n, 4096n]
    .flatMap((far) => Array.from({ length: 9 }, (_, k) => 2n ** BigInt(power) + far + BigInt(k) - 4n))
    .filter((index) => index >= 0n && index <= MAX)
    .sort((a, b) => (a < b ? -1 : 1))

const parts = (index: bigint): [number, number] => {
  split(index, 'index')
  return [splitKey(), splitTie()]
}

/** The least double above one that is greater than 0. */
function doubleAbove(key: number): bigint {
  const doubles = Float64Array.of(key)
  new BigUint64Array(doubles.buffer)[0]!++
  return BigInt(doubles[0]!)
}

describe.each([0, 11, 31, 32, 33, 52, 53, 54, 55, 60, 62, 63, 64])('around 2^%d', (power) => {
  const indexes = around(power)

  it('the key is the index rounded down to a double, and the tie the rest', () => {
    for (const index of indexes) {
      const [key, tie] = parts(index)
      expect(BigInt(key) + BigInt(tie)).toBe(index)
      if (index < 2n ** 53n) expect(tie).toBe(0)
      else expect(doubleAbove(key)).toBeGreaterThan(index)
      expect(joinKey(key, tie)).toBe(index)
    }
  })

  it('halves and back', () => {
    for (const index of indexes) {
      const [hi, lo] = [Number(index >> 32n), Number(index & 0xffff_ffffn)]
      expect([keyOf(hi, lo), tieOf(hi, lo)]).toEqual(parts(index))
      const [key, tie] = parts(index)
      expect([hiOf(key), loOf(key, tie)]).toEqual([hi, lo])
    }
  })

  it('the order of the parts is that of the indexes', () => {
    for (let k = 1; k < indexes.length; k++) {
      const [a, b] = [parts(indexes[k - 1]!), parts(indexes[k]!)]
      expect(isBefore(...a, ...b)).toBe(true)
      expect(isBefore(...b, ...a)).toBe(false)
      expect(isBefore(...b, ...b)).toBe(false)
    }
  })

  it('one more, and one less', () => {
    for (const index of indexes) {
      const [key, tie] = parts(index)
      if (index < MAX) expect([keyAfter(key, tie), tieAfter(key, tie)], String(index)).toEqual(parts(index + 1n))
      if (index > 0n) expect([keyBefore(key, tie), tieBefore(key, tie)], String(index)).toEqual(parts(index - 1n))
    }
  })
})

it('what follows 2^64 - 1 lies behind it', () => {
  const top = parts(MAX)
  expect(isBefore(...top, keyAfter(...top), tieAfter(...top))).toBe(true)
})
