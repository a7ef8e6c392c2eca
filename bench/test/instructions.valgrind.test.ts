// Kind 1 of docs/TESTING.md: the instruction counts of the gate, for real, at smoke size; base and head are the same build.
import { expect, it } from 'vitest'
import { judgeWorkload } from '../src/gate-rules.ts'
import { findValgrind, instructionsPerOp } from '../src/instructions.ts'
import { workerFile } from '../src/spawn.ts'

// 260,000 insertions more in the long run: about 600 million instructions, beside which the noise of a process is small.
const count = (): Promise<number> => instructionsPerOp(findValgrind()!, workerFile, 'itree.1e3.rand', 'insert', 20_000, 3, 16)

it('counts the same instructions twice, which the gate lets pass, and finds 2 % more', { timeout: 600_000 }, async () => {
  const [base, head] = await Promise.all([count(), count()])
  expect(base).toBeGreaterThan(100)
  const figures = (instructions: number) => ({ workload: 'itree.1e3.rand/insert', instructions, bytes: 0, counts: {} })
  expect(judgeWorkload(figures(base), figures(head)).map((finding) => finding.ok)).toEqual([true, true])
  expect(judgeWorkload(figures(base), figures(head * 1.02))[0]!.ok).toBe(false)
})
