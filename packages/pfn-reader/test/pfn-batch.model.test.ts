// Model: the batch against a list of frames with the same rules, one frame at a time (spec pages-and-io-pagetable A2).
import { PfnBatch } from '@iommukit/pfn-reader'
import fc from 'fast-check'
import { expect, it } from 'vitest'

interface Run {
  pfn: number
  npfns: number
}

/** A list of runs that takes runs frame by frame, and gives back what it took when one frame does not fit. */
class Model {
  runs: Run[] = []
  readonly capacity: number

  constructor(capacity: number) {
    this.capacity = capacity
  }

  get frames(): number[] {
    return this.runs.flatMap(({ pfn, npfns }) => Array.from({ length: npfns }, (_, k) => pfn + k))
  }

  add(pfn: number, npfns: number): boolean {
    const before = this.runs.map((run) => ({ ...run }))
    for (let k = 0; k < npfns; k++) {
      const last = this.runs.at(-1)
      if (last !== undefined && last.pfn + last.npfns === pfn + k) last.npfns++
      else if (this.runs.length < this.capacity) this.runs.push({ pfn: pfn + k, npfns: 1 })
      else {
        this.runs = before
        return false
      }
    }
    return true
  }
}

const command = fc.oneof(
  { weight: 8, arbitrary: fc.record({ op: fc.constant('add' as const), pfn: fc.nat(12), npfns: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('follow' as const), pfn: fc.constant(0), npfns: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('clear' as const), pfn: fc.constant(0), npfns: fc.constant(0) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('clearCarry' as const), pfn: fc.nat(6), npfns: fc.constant(0) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('skipCarry' as const), pfn: fc.nat(6), npfns: fc.constant(0) }) },
)

it('a batch holds the frames that the model holds, in the same runs, after each step', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(command, { maxLength: 40 }), (capacity, commands) => {
      const batch = new PfnBatch(1000, capacity * 12 + 11)
      const model = new Model(capacity)
      for (const { op, pfn, npfns } of commands) {
        const last = model.runs.at(-1)
        if (op === 'add') expect(batch.add(pfn, npfns)).toBe(model.add(pfn, npfns))
        else if (op === 'follow') {
          const next = last === undefined ? 3 : last.pfn + last.npfns
          expect(batch.add(next, npfns)).toBe(model.add(next, npfns))
        } else if (op === 'clear') {
          batch.clear()
          model.runs = []
        } else if (op === 'clearCarry') {
          const keep = Math.min(pfn, last?.npfns ?? 0)
          batch.clearCarry(keep)
          model.runs = keep === 0 ? [] : [{ pfn: last!.pfn + last!.npfns - keep, npfns: keep }]
        } else if (model.runs.length <= 1) {
          batch.skipCarry(pfn)
          const left = (last?.npfns ?? 0) - pfn
          model.runs = left <= 0 ? [] : [{ pfn: last!.pfn + pfn, npfns: left }]
        }
        expect(batch.runs()).toEqual(model.runs)
        expect(batch.total).toBe(model.frames.length)
        for (const run of batch.runs()) expect(run.npfns).toBeGreaterThan(0)
      }
    }),
    { numRuns: 2000 },
  )
})

it('whatever the list, taking it batch by batch gives the list, and every batch ends where frames are not consecutive', () => {
  fc.assert(
    fc.property(fc.integer({ min: 12, max: 60 }), fc.array(fc.nat(9), { minLength: 1, maxLength: 60 }), (limitBytes, list) => {
      const batch = new PfnBatch(list.length, limitBytes)
      const taken: number[] = []
      for (let at = 0; at < list.length; ) {
        batch.clear()
        while (at < list.length && batch.add(list[at]!)) at++
        taken.push(...batch.runs().flatMap(({ pfn, npfns }) => Array.from({ length: npfns }, (_, k) => pfn + k)))
        if (at < list.length) expect(list[at]).not.toBe(list[at - 1]! + 1)
      }
      expect(taken).toEqual(list)
    }),
    { numRuns: 1000 },
  )
})
