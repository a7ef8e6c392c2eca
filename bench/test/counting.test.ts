// Kind 1 of docs/TESTING.md: the program whose instructions the gate counts runs every workload of the gate, and fails where there is none.
import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { countingProgram } from '../src/counting.ts'
import { gateWorkloads } from '../src/gate.ts'
import { projectFolder } from '../src/paths.ts'
import { findScenario } from '../src/registry.ts'

async function run(workload: string, phase: string, repeats: number): Promise<void> {
  const scenario = await findScenario(workload)
  const program = await countingProgram(projectFolder, scenario.source)
  expect(program).toMatch(/[\\/][0-9a-f]{16}\.cjs$/)
  execFileSync(process.execPath, [program, workload, phase, String(repeats)], { stdio: 'pipe' })
}

it.each(gateWorkloads)('%s', { timeout: 60_000 }, async (workload) => {
  const slash = workload.lastIndexOf('/')
  await run(workload.slice(0, slash), workload.slice(slash + 1), 1)
})

it('fails for a phase that the scenario does not have', async () => {
  await expect(run('itree.1e3.rand', 'nothing', 1)).rejects.toThrow(/it\.before|undefined/)
})
