// Differential fuzz (kind 3) of arrays that hold nearly every index of some leaves: these are not reached by few random calls on an empty array.
import { checkInvariants, countNodes } from '@iommukit/xarray/check'
import { describe, expect, it } from 'vitest'
import { compareAll, makeSubject, type Op, show, step } from './calls.ts'
import { KEYS, KINDS, NaiveArray, SAFE, seeded } from './oracle.ts'
import { type Below, isTooMuch, makeOp, makeWalk } from './random-calls.ts'

const SEED = Number(process.env.FUZZ_SEED ?? 1)
const WIDTH = 700
const CALLS = 250

/** Everywhere near the beginning, at a change of the upper half, and at the end. */
function baseOf(round: number, max: bigint): bigint {
  return [0n, 2n ** 32n - 300n, max - BigInt(WIDTH), 512n][round % 4]!
}

/** Mostly what a cursor does, in windows of a few entries that may begin and end anywhere. */
function makeDenseOp(below: Below, place: () => bigint, top: bigint, kind: unknown, keys: 53 | 64, flavour: number): Op {
  const roll = below(10)
  const i = place()
  const mark = below(3) === 0 ? 1 + below(2) : undefined
  if (roll < 2) return { do: 'step', i, moves: below(2 ** 16), v: below(3) === 0 ? undefined : below(99) }
  if (roll > 4) return makeOp(below, place, kind, keys, flavour)
  const last = i + BigInt(below(40))
  return makeWalk(below, i, last < top ? last : top, mark, below(99))
}

describe.each(KINDS)('%s', (kind) => {
  it.each(KEYS.flatMap((keys) => [0, 1, 2, 3].map((round) => [keys, round] as const)))(
    `%i bits, round %i, agrees with the naive array (FUZZ_SEED=${SEED})`,
    (keys, round) => {
      const below = seeded(SEED * 7919 + round)
      const subject = makeSubject(kind, keys)
      const model = new NaiveArray(kind, keys)
      const base = baseOf(round, keys === 53 ? SAFE : model.max)
      const place = (): bigint => base + BigInt(below(WIDTH + 1))
      for (let k = 0; k <= WIDTH; k++) if (below(12) > 0) step(subject, model, { do: 'store', i: base + BigInt(k), v: k })
      const trace: Op[] = []
      try {
        for (let n = 0; n < CALLS; n++) {
          const op = makeDenseOp(below, place, base + BigInt(WIDTH), kind, keys, round % 2)
          if (isTooMuch(model, op) || op.do === 'clear') continue
          trace.push(op)
          step(subject, model, op)
          if (n % 50 === 49) checkInvariants(subject.array)
        }
        compareAll(subject, model)
        for (const rec of [...model.recs]) step(subject, model, { do: 'erase', i: rec.first })
        expect([subject.array.isEmpty, countNodes(subject.array)]).toEqual([true, 0])
      } catch (error) {
        throw new Error(`call ${trace.length}: ${(error as Error).message}\n${trace.slice(-12).map(show).join('\n')}`, { cause: error })
      }
    },
  )
})
