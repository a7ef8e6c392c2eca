// Kind 1 of docs/TESTING.md: the instruction counts of the gate, for real, at smoke size; base and head are the same build.
import { expect, it } from 'vitest'
import { judgeWorkload } from '../src/gate-rules.ts'
import { findValgrind, instructionsPerOp } from '../src/instructions.ts'
import { workerFile } from '../src/spawn.ts'

const count = (repeats: number): Promise<number> =>
  instructionsPerOp(findValgrind()!, workerFile, 'xa.1e3.rand', 'find_all', 20_000, repeats, repeats + 2)

it('counts the same instructions twice, which the gate lets pass, and finds 2 % more', { timeout: 180_000 }, async () => {
  const [base, head] = await Promise.all([count(3), count(3)])
  expect(base).toBeGreaterThan(5)
  const figures = (instructions: number) => ({ workload: 'xa.1e3.rand/find_all', instructions, bytes: 0, counts: {} })
  expect(judgeWorkload(figures(base), figures(head)).map((finding) => finding.ok)).toEqual([true, true])
  expect(judgeWorkload(figures(base), figures(head * 1.02))[0]!.ok).toBe(false)
})
