// Kind 3: model-based with fast-check against a naive oracle, invariants and whole states compared after every step (spec B20).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { run } from './arbitraries.ts'
import { Rig } from './rig.ts'

const SEQUENCES = Number(process.env.IO_PAGETABLE_SEQUENCES ?? 500)
const SEED = Number(process.env.IO_PAGETABLE_SEED ?? 20240612)

describe('IoPagetable against the naive model', () => {
  it(`answers and stands like the model after each of up to 45 steps, in ${SEQUENCES} sequences, and leaves no pin (B20, I1-I6, J1-J8, P14)`, () => {
    let checked = 0
    fc.assert(
      fc.property(run, ({ aligned, first, steps }) => {
        const rig = new Rig(aligned)
        for (const command of first) rig.run(command)
        for (const { command, nth, kinds } of steps) {
          rig.run(command, nth, kinds)
          rig.check()
          checked++
        }
        rig.tearDown()
      }),
      { seed: SEED, numRuns: SEQUENCES, verbose: 0 },
    )
    expect(checked).toBeGreaterThan(SEQUENCES * 10)
  })
})
