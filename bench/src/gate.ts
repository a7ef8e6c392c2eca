/** `pnpm bench:gate <rev>`: instructions, bytes, exact counts and bundle sizes of base and head, measured in the same job. */
import { join } from 'node:path'
import { bundleBytes } from './bundle.ts'
import { type GateFigures, type GateFinding, judgeBundle, judgeWorkload } from './gate-rules.ts'
import { findValgrind, instructionsPerOp } from './instructions.ts'
import { allScenarios, findScenario } from './registry.ts'
import type { Phase, Scenario } from './scenario.ts'
import { observeFresh } from './spawn.ts'

/** The hot paths that a pull request must not slow down; small sizes, since instructions do not depend on caches. */
export const gateWorkloads: readonly string[] = [
  'itree.1e3.rand/insert',
  'itree.1e3.rand/span',
  'itree.1e3.rand/query_64',
  'itree.1e3.rand/remove',
  'xa.1e3.rand/store',
  'xa.1e3.rand/find_all',
  'dirty.set.64g.1p.rand/set',
  'map.16m.scat.radix.d1/map',
  'map.16m.scat.mock.d1/unmap',
  'areas.1e3.radix.d1/map',
  'alloc_iova.1e3/map',
  'copy.16m.scat.radix/copy',
]

export const gatedBundles: readonly string[] = ['interval-tree-span', 'xarray', 'iova-bitmap']

/** Operations between the short and the long run: enough that the 1 % tolerance is far above rounding. */
const shortOps = 60_000
const longOps = 180_000

function split(workload: string): [string, string] {
  const slash = workload.lastIndexOf('/')
  return [workload.slice(0, slash), workload.slice(slash + 1)]
}

async function figuresOf(workload: string, worker: string, valgrind: string | undefined): Promise<GateFigures> {
  const [scenarioName, phaseName] = split(workload)
  const scenario: Scenario = await findScenario(scenarioName)
  const phase: Phase | undefined = scenario.phases.find((p) => p.name === phaseName)
  if (phase === undefined) throw new RangeError(`there is no workload '${workload}'`)
  const repeats = (ops: number): number => Math.max(2, Math.ceil(ops / phase.ops))
  const instructions =
    valgrind &&
    (await instructionsPerOp(
      valgrind,
      worker,
      scenarioName,
      phaseName,
      phase.ops,
      repeats(shortOps),
      repeats(shortOps) + repeats(longOps - shortOps),
    ))
  const seen = await observeFresh({ scenario: scenarioName, contender: 'ours', phases: [phaseName], mode: 'alloc' }, { worker })
  return {
    workload,
    instructions: instructions || undefined,
    bytes: seen.bytesPerOp?.[phaseName] ?? 0,
    counts: seen.counts?.[phaseName] ?? {},
  }
}

export interface GateOptions {
  readonly baseWorker: string
  readonly headWorker: string
  readonly workloads: readonly string[]
  readonly progress: (done: number, total: number, what: string) => void
}

/** Two measurements at a time: base and head of one workload side by side. */
export async function runGate(options: GateOptions): Promise<GateFinding[]> {
  const valgrind = findValgrind()
  const findings: GateFinding[] = []
  let done = 0
  for (const workload of options.workloads) {
    options.progress(done++, options.workloads.length, workload)
    const [base, head] = await Promise.all([
      figuresOf(workload, options.baseWorker, valgrind),
      figuresOf(workload, options.headWorker, valgrind),
    ])
    findings.push(...judgeWorkload(base, head))
  }
  for (const name of gatedBundles) {
    const [base, head] = await Promise.all(
      [options.baseWorker, options.headWorker].map((worker) =>
        bundleBytes(join(worker, '..', '..', '..', '..', 'packages', name, 'dist', 'index.js')),
      ),
    )
    findings.push(judgeBundle(name, base!, head!))
  }
  return findings
}

/** Every workload that has no size beyond the gate's patience. */
export async function everyWorkload(): Promise<string[]> {
  return (await allScenarios()).filter((s) => s.smoke).flatMap((s) => s.phases.map((p) => `${s.name}/${p.name}`))
}
