/** `pnpm bench:gate <rev>`: instructions, bytes, exact counts and bundle sizes of base and head, measured in the same job. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundleBytes } from './bundle.ts'
import { countingProgram } from './counting.ts'
import { type GateFigures, type GateFinding, judgeBundle, judgeWorkload } from './gate-rules.ts'
import { findValgrind, instructionsPerOp } from './instructions.ts'
import { workerOf, workloadsOf } from './paths.ts'
import { allScenarios, findScenario } from './registry.ts'
import type { Scenario } from './scenario.ts'
import { observeFresh } from './spawn.ts'

/**
 * The hot paths that a pull request must not slow down; small sizes, since instructions do not depend on caches. With each the operations that are
 * counted: about 150 million instructions, beside which what the compiler does now and then is small. Ten of them: each takes 25 seconds, nearly all for
 * the start of four processes under valgrind. `alloc_iova` makes areas as `areas` does, and copies end in the same maps.
 */
const gated: Readonly<Record<string, number>> = {
  'itree.1e3.rand/insert': 70_000,
  'itree.1e3.rand/span': 1_000_000,
  'itree.1e3.rand/query_64': 90_000,
  'itree.1e3.rand/remove': 40_000,
  'xa.1e3.rand/store': 100_000,
  'xa.1e3.rand/find_all': 900_000,
  'dirty.set.64g.1p.rand/set': 1_500_000,
  'map.16m.scat.radix.d1/map': 135_000,
  'map.16m.scat.mock.d1/unmap': 85_000,
  'alloc_iova.1e4/map': 10_000,
}
/** For workloads that are gated by name only. */
const opsUsual = 400_000

export const gateWorkloads: readonly string[] = Object.keys(gated)

export const gatedBundles: readonly string[] = ['interval-tree-span', 'xarray', 'iova-bitmap']

function split(workload: string): [string, string] {
  const slash = workload.lastIndexOf('/')
  return [workload.slice(0, slash), workload.slice(slash + 1)]
}

/** The scenario of that name in a checkout; undefined where the checkout does not have it yet. */
async function scenarioIn(checkout: string, { name, source }: Scenario): Promise<Scenario | undefined> {
  const file = workloadsOf(checkout, source)
  if (!existsSync(file)) return undefined
  const { scenarios } = (await import(pathToFileURL(file).href)) as { readonly scenarios: readonly Scenario[] }
  return scenarios.find((each) => each.name === name)
}

async function figuresOf(workload: string, checkout: string, valgrind: string | undefined): Promise<GateFigures | undefined> {
  const [scenarioName, phaseName] = split(workload)
  const scenario = await scenarioIn(checkout, await findScenario(scenarioName))
  const phase = scenario?.phases.find((p) => p.name === phaseName)
  if (scenario === undefined || phase === undefined) return undefined
  const { ops } = phase
  const repeats = Math.max(2, Math.ceil((gated[workload] ?? opsUsual) / ops))
  const count = async (by: string): Promise<number> =>
    instructionsPerOp(by, await countingProgram(checkout, scenario.source), scenarioName, phaseName, { ops, repeats })
  const instructions = valgrind === undefined ? undefined : await count(valgrind)
  const order = { scenario: scenarioName, contender: 'ours', phases: [phaseName], mode: 'alloc' as const }
  const seen = await observeFresh(order, { worker: workerOf(checkout) })
  return {
    workload,
    instructions,
    bytes: seen.bytesPerOp?.[phaseName] ?? 0,
    counts: seen.counts?.[phaseName] ?? {},
  }
}

export interface GateOptions {
  /** Folders of the two checkouts, both built. */
  readonly base: string
  readonly head: string
  readonly workloads: readonly string[]
  readonly progress: (done: number, total: number, what: string) => void
}

/** Two measurements at a time: base and head of one workload side by side. */
export async function runGate({ base, head, workloads, progress }: GateOptions): Promise<GateFinding[]> {
  const valgrind = findValgrind()
  const findings: GateFinding[] = []
  let done = 0
  for (const workload of workloads) {
    progress(done++, workloads.length, workload)
    const [before, after] = await Promise.all([base, head].map((checkout) => figuresOf(workload, checkout, valgrind)))
    if (after === undefined) throw new RangeError(`there is no workload '${workload}'`)
    findings.push(...judgeWorkload(before, after))
  }
  for (const name of gatedBundles) {
    const [before, after] = await Promise.all(
      [base, head].map((checkout) => bundleBytes(join(checkout, 'packages', name, 'dist', 'index.js'))),
    )
    findings.push(judgeBundle(name, before!, after!))
  }
  return findings
}

/** Every workload that has no size beyond the gate's patience. */
export async function everyWorkload(): Promise<string[]> {
  return (await allScenarios()).filter((s) => s.smoke).flatMap((s) => s.phases.map((p) => `${s.name}/${p.name}`))
}
