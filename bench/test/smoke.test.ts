// Kinds 1 and 4 of docs/TESTING.md: every workload runs at smoke size with every contender, and all agree on its checksum.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bytesPerOp, ChecksumError, checksumOf, measurePhase, patienceWithOurs } from '../src/measure.ts'
import { projectFolder } from '../src/paths.ts'
import { allScenarios, findScenario, selectScenarios, sourceLine } from '../src/registry.ts'
import { idOf, type Phase, type PhaseRun, workloadOf } from '../src/scenario.ts'

const smoke = (await allScenarios()).filter((scenario) => scenario.smoke)

describe('every family of workloads has a smoke size', () => {
  it('covers all first words of the names', async () => {
    const families = (scenarios: readonly { name: string }[]): Set<string> =>
      new Set(
        scenarios.map((s) =>
          s.name
            .split('.')
            .slice(0, s.name.startsWith('dirty') ? 2 : 1)
            .join('.'),
        ),
      )
    const missing = [...families(await allScenarios())].filter((family) => !families(smoke).has(family))
    expect(missing.sort()).toEqual(['pin4k', 'rw'])
  })
})

describe('the registry', () => {
  it('finds each scenario by its name, alone', async () => {
    for (const scenario of await allScenarios()) expect(await findScenario(scenario.name)).toBe(scenario)
    await expect(findScenario('itree.1e9.rand')).rejects.toThrow("no scenario 'itree.1e9.rand'")
    await expect(findScenario('no.such')).rejects.toThrow("no scenario 'no.such'")
  })

  it('points each workload at a line of its file that names it', async () => {
    for (const scenario of await allScenarios())
      for (const phase of scenario.phases) {
        const [file, line] = sourceLine(scenario, phase.name).split(':')
        expect(readFileSync(join(projectFolder, file!), 'utf8').split('\n')[Number(line) - 1], `${scenario.name}/${phase.name}`).toContain(
          phase.name,
        )
      }
    const scenario = await findScenario('itree.1e3.rand')
    expect(() => sourceLine(scenario, 'no_such_phase')).toThrow("does not name the phase 'no_such_phase'")
  })
})

describe.each(smoke.map((scenario) => ({ name: scenario.name, scenario })))('$name', ({ scenario }) => {
  it('gives the recorded checksum, the same for every contender', async () => {
    for (const phase of scenario.phases) {
      const seen = new Map<string, number>()
      for (const contender of scenario.contenders) {
        const subject = await contender.load()
        const run = subject.phases[phase.name]
        if (run !== undefined) seen.set(idOf(contender), checksumOf(run))
      }
      expect(seen.has('ours'), `${phase.name}: ours does the work`).toBe(true)
      expect(new Set(seen.values()).size, `${phase.name}: ${JSON.stringify([...seen])}`).toBe(1)
      if (phase.checksum !== undefined) expect(seen.get('ours')).toBe(phase.checksum)
    }
  })
})

describe.each(['pin4k.1e5.mm', 'rw.1e5.same_mm.aligned.r'])('%s at its only size', { timeout: 600_000 }, (name) => {
  it('gives the recorded checksums', async () => {
    const scenario = await findScenario(name)
    const subject = await scenario.contenders[0]!.load()
    for (const phase of scenario.phases) expect(checksumOf(subject.phases[phase.name]!), phase.name).toBe(phase.checksum)
  })
})

describe('measuring', () => {
  const patience = { ...patienceWithOurs, budgetMs: 5 }
  const phase: Phase = { name: 'add', unit: 'addition', ops: 1000, checksum: 499500 }
  const adding = (start: number): PhaseRun => ({
    run() {
      let sum = start
      for (let k = 0; k < 1000; k++) sum += k
      return sum
    },
  })

  it('reports the median CPU time of validated runs', async () => {
    const result = await measurePhase('test', phase, adding(0), patience)
    expect(result).toMatchObject({ phase: 'add', ops: 1000, checksum: 499500 })
    expect(result.samples).toBeGreaterThanOrEqual(3)
    expect(result.nsPerOp).toBeGreaterThanOrEqual(result.nsPerOpMin)
  })

  it('refuses work with another checksum, naming both', async () => {
    await expect(measurePhase('test', phase, adding(1), patience)).rejects.toThrow(/checksum 499501, expected 499500/)
    await expect(measurePhase('test', phase, adding(1), patience)).rejects.toBeInstanceOf(ChecksumError)
  })

  it('refuses work whose checksum changes between runs', async () => {
    let calls = 0
    const drifting: PhaseRun = { run: () => calls++ }
    await expect(measurePhase('test', { name: 'drift', unit: 'x', ops: 1000 }, drifting, patience)).rejects.toThrow(/changed from 0/)
  })

  it('takes a long run as its only sample, validated all the same', async () => {
    let runs = 0
    const slow: PhaseRun = {
      run() {
        runs++
        for (const until = process.cpuUsage().user + 550_000; process.cpuUsage().user < until; );
        return 499500
      },
    }
    expect(await measurePhase('test', phase, slow, patience)).toMatchObject({ samples: 1, checksum: 499500 })
    expect(runs).toBe(1)
    await expect(measurePhase('test', { ...phase, checksum: 1 }, slow, patience)).rejects.toThrow(/checksum 499500, expected 1/)
  })

  it('counts allocated bytes', () => {
    const held: unknown[] = []
    const allocating: PhaseRun = {
      run() {
        held.push(new Uint8Array(1_000_000))
        return 0
      },
    }
    expect(bytesPerOp({ ...phase, ops: 1000 }, allocating)).toBeGreaterThanOrEqual(1000)
  })
})

describe('selection', () => {
  it('matches any part of a workload’s name, and leaves extras out unless named', async () => {
    expect((await selectScenarios(['itree.1e3.rand/span'])).map((s) => [s.scenario.name, s.phases])).toEqual([['itree.1e3.rand', ['span']]])
    expect((await selectScenarios([])).some((s) => s.scenario.extra)).toBe(false)
    expect((await selectScenarios(['.16m.'])).length).toBeGreaterThan(0)
    expect(await selectScenarios(['no such workload'])).toEqual([])
  })

  it('names the twins keyed by u64, and finds them by their name', async () => {
    const [selected] = await selectScenarios(['itree.1e3.rand/insert@u64'])
    const { scenario } = selected!
    const [byNumber, byU64] = scenario.contenders
    expect([idOf(byNumber!), idOf(byU64!)]).toEqual(['ours', 'ours@u64'])
    expect(workloadOf(scenario, 'insert', byNumber!)).toBe('itree.1e3.rand/insert')
    expect(workloadOf(scenario, 'insert', byU64!)).toBe('itree.1e3.rand/insert@u64')
    expect(selected!.phases).toEqual(['insert'])
  })
})
