// Differential fuzz (kind 3): random calls on arrays of each kind and key type against the naive array. FUZZ_SEED and FUZZ_OPS choose the run.
import { checkInvariants, countNodes } from '@iommukit/xarray/check'
import { expect, it } from 'vitest'
import { compareAll, makeSubject, type Op, show, step } from './calls.ts'
import { KEYS, type Keys, KINDS, type Kind, NaiveArray, SAFE, seeded } from './oracle.ts'
import { isTooMuch, makeOp, makePlace } from './random-calls.ts'

const SEED = Number(process.env.FUZZ_SEED ?? 1)
const OPS = Number(process.env.FUZZ_OPS ?? 1_000_000)
/** One block for each kind of array and type of keys; together they make OPS calls. */
const BLOCKS = KINDS.flatMap((kind) => KEYS.map((keys): [Kind, Keys] => [kind, keys]))
const OPS_A_ROUND = 300

it.each(BLOCKS)(`agrees with the naive array: %s, %i bits (FUZZ_SEED=${SEED} FUZZ_OPS=${OPS})`, (kind, keys) => {
  const block = BLOCKS.findIndex((each) => each[0] === kind && each[1] === keys)
  let done = 0
  for (let round = block; done < OPS / BLOCKS.length; round += BLOCKS.length) {
    const below = seeded(SEED * 1_000_003 + round)
    const subject = makeSubject(kind, keys)
    const model = new NaiveArray(kind, keys)
    const place = makePlace(below, keys)
    const flavour = below(2)
    const fill = below(6) === 0 ? below(700) : 0
    const trace: Op[] = []
    try {
      for (let n = 0; n < OPS_A_ROUND + fill; n++) {
        const isFilling = n < fill && below(10) !== 0
        const filling: Op = kind === 'plain' ? { do: 'store', i: place(), v: n } : { do: 'alloc', v: n, i: 0n, max: SAFE }
        const op = isFilling ? filling : makeOp(below, place, kind, keys, flavour)
        if (isTooMuch(model, op)) continue
        trace.push(op)
        step(subject, model, op)
        done++
        if (n % 60 === 59) checkInvariants(subject.array)
      }
      compareAll(subject, model)
      checkInvariants(subject.array)
      for (const rec of [...model.recs]) step(subject, model, { do: 'erase', i: rec.last })
      checkInvariants(subject.array)
      expect([subject.array.isEmpty, countNodes(subject.array)]).toEqual([true, 0])
    } catch (error) {
      const said = `FUZZ_SEED=${SEED} FUZZ_OPS=${OPS}, round ${round} (${kind}, ${keys}), call ${trace.length}`
      throw new Error(`${said}: ${(error as Error).message}\n${trace.slice(-12).map(show).join('\n')}`, { cause: error })
    }
  }
  expect(done).toBeGreaterThanOrEqual(OPS / BLOCKS.length)
})
