// Kind 1 of docs/TESTING.md: the instruction counts of the gate, for real, at smoke size; base and head are the same build.
import { expect, it } from 'vitest'
import { countingProgram } from '../src/counting.ts'
import { judgeWorkload } from '../src/gate-rules.ts'
import { findValgrind, instructionsPerOp } from '../src/instructions.ts'
import { projectFolder } from '../src/paths.ts'

const count = async (phase: string): Promise<number> => {
  const program = await countingProgram(projectFolder, 'bench/workloads/interval-tree-span.ts')
  return instructionsPerOp(findValgrind()!, program, 'itree.1e3.rand', phase, { ops: 20_000, repeats: 3 })
}

it('counts the same instructions twice, which the gate lets pass, and finds 2 % more', { timeout: 600_000 }, async () => {
  const [base, head] = await Promise.all([count('insert'), count('insert')])
  expect(base).toBeGreaterThan(100)
  expect(Math.abs(head / base - 1)).toBeLessThan(0.001)
  const figures = (instructions: number) => ({ workload: 'itree.1e3.rand/insert', instructions, bytes: 0, counts: {} })
  expect(judgeWorkload(figures(base), figures(head)).map((finding) => finding.ok)).toEqual([true, true])
  expect(judgeWorkload(figures(base), figures(head * 1.02))[0]!.ok).toBe(false)
})

it('counts at most a tenth more for a removal and an insertion once the tree was asked for a hole', { timeout: 600_000 }, async () => {
  const [never, asked] = await Promise.all([count('change'), count('change_asked')])
  expect(never).toBeGreaterThan(100)
  expect(asked / never).toBeLessThan(1.1)
})
