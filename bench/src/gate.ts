/** `pnpm bench:gate <rev>`: instructions, bytes, exact counts and bundle sizes of base and head, measured in the same job. */
import { join } from 'node:path'
import { bundleBytes } from './bundle.ts'
import { type GateFigures, type GateFinding, judgeBundle, judgeWorkload } from './gate-rules.ts'
import { findValgrind, instructionsPerOp } from './instructions.ts'
import { allScenarios, findScenario } from './registry.ts'
import type { Phase, Scenario } from './scenario.ts'
import { observeFresh } from './spawn.ts'

/**
 * The hot paths that a pull request must not slow down; small sizes, since instructions do not depend on caches. With each the operations between its
 * short and its long run: about 600 million instructions. Two processes differ by 1 to 4 million for no reason, which is then far below the tolerance.
 */
const gated: Readonly<Record<string, number>> = {
  'itree.1e3.rand/insert': 260_000,
  'itree.1e3.rand/span': 4_600_000,
  'itree.1e3.rand/query_64': 320_000,
  'itree.1e3.rand/remove': 160_000,
  'xa.1e3.rand/store': 400_000,
  'xa.1e3.rand/find_all': 1_800_000,
  'dirty.set.64g.1p.rand/set': 6_000_000,
  'map.16m.scat.radix.d1/map': 540_000,
  'map.16m.scat.mock.d1/unmap': 340_000,
  'areas.1e3.radix.d1/map': 15_000,
  'alloc_iova.1e4/map': 40_000,
  'copy.16m.scat.radix/copy': 850_000,
}
/** For workloads that are gated by name only. */
const opsUsual = 400_000

export const gateWorkloads: readonly string[] = Object.keys(gated)

export const gatedBundles: readonly string[] = ['interval-tree-span', 'xarray', 'iova-bitmap']

function split(workload: string): [string, string] {
  const slash = workload.lastIndexOf('/')
  return [workload.slice(0, slash), workload.slice(slash + 1)]
}

async function figuresOf(workload: string, worker: string, valgrind: string | undefined): Promise<GateFigures> {
  const [scenarioName, phaseName] = split(workload)
  const scenario: Scenario = await findScenario(scenarioName)
  const phase: Phase | undefined = scenario.phases.find((p) => p.name === phaseName)
  if (phase === undefined) throw new RangeError(`there is no workload '${workload}'`)
  const more = Math.max(2, Math.ceil((gated[workload] ?? opsUsual) / phase.ops))
  // The short run is long enough for the compiler to be done with what the long one repeats.
  const short = Math.max(2, Math.ceil(more / 4))
  const instructions = valgrind && (await instructionsPerOp(valgrind, worker, scenarioName, phaseName, phase.ops, short, short + more))
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
