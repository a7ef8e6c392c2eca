// Kind 3: model-based against a map from frame to count, invariants after each step.
import { PhysicalMemory } from '@iommukit/simulated-iommu-hw'
import { checkInvariants } from '@iommukit/simulated-iommu-hw/check'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { thrownBy } from './oracle.ts'

const BASE = 2 ** 21 - 1200

it('pins and unpins of random runs over two regions equal the model', { timeout: 60_000 }, () => {
  const step = fc.record({
    pin: fc.boolean(),
    first: fc.oneof(fc.integer({ min: 0, max: 2400 }), fc.constantFrom(0, 176, 688, 1200, 1712)),
    npfns: fc.oneof(fc.integer({ min: 1, max: 1500 }), fc.constantFrom(1, 2, 511, 512, 513, 1024)),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const physical = new PhysicalMemory()
      const model = new Int32Array(4000)
      for (const { pin, first, npfns } of steps) {
        const window = model.subarray(first, first + npfns)
        if (pin || window.every((pins) => pins > 0)) {
          for (let k = 0; k < npfns; k++) window[k]! += pin ? 1 : -1
          if (pin) physical.pin(BASE + first, npfns)
          else physical.unpin(BASE + first, npfns)
        } else expect(thrownBy(() => physical.unpin(BASE + first, npfns))).toBe('HardwareInvariantError')
        for (const k of [first - 1, first, first + npfns - 1, first + npfns]) expect(physical.pinCount(BASE + k)).toBe(k < 0 ? 0 : model[k])
        expect(physical.pinnedTotal).toBe(model.reduce((sum, pins) => sum + pins, 0))
      }
      for (let k = 0; k < model.length; k++) if (physical.pinCount(BASE + k) !== model[k]) expect.fail(`frame ${k}`)
    }),
    { numRuns: 300 },
  )
  checkInvariants(new PhysicalMemory())
})
