/** `pnpm bench`: every contender of every selected scenario in fresh processes, rounds interleaved back and forth. */

import type { PhaseResult } from './measure.ts'
import type { Scenario } from './scenario.ts'
import { observeFresh } from './spawn.ts'
import { median } from './stats.ts'

/** One line of the data: a workload done by a contender. Times are CPU time. */
export interface Row {
  readonly kind: 'result'
  readonly workload: string
  readonly contender: string
  readonly package: string
  readonly unit: string
  readonly source: string
  readonly n: number | undefined
  readonly ops: number
  /** Median over the rounds (one fresh process each) of the process's median. */
  readonly nsPerOp: number
  readonly nsPerOpMin: number
  /** (greatest - least) / median of the rounds' medians. */
  readonly spread: number
  readonly bytesPerOp: number | undefined
  readonly bytesPerEntry: number | undefined
  readonly checksum: number
  readonly counts: Record<string, number>
  readonly rounds: number
  readonly cNs: number | undefined
  readonly goal: number | undefined
}

export interface RunOptions {
  readonly rounds: number
  readonly budgetMs: number
  readonly contenders?: readonly string[]
  readonly progress: (done: number, total: number, what: string) => void
}

export interface Selection {
  readonly scenario: Scenario
  readonly phases: readonly string[]
}

interface Gathered {
  readonly times: Map<string, PhaseResult[]>
  bytesPerOp: Record<string, number>
  bytesPerEntry: number | undefined
}

/** A B C, then C B A, and so on: drift of the machine hits all contenders alike. */
export function interleaved<T>(items: readonly T[], rounds: number): T[] {
  const order: T[] = []
  for (let round = 0; round < rounds; round++) order.push(...(round % 2 === 0 ? items : [...items].reverse()))
  return order
}

function rowOf(scenario: Scenario, contender: string, phaseName: string, gathered: Gathered): Row | undefined {
  const phase = scenario.phases.find((p) => p.name === phaseName)!
  const results = gathered.times.get(phaseName)
  if (results === undefined || results.length === 0) return undefined
  const medians = results.map((r) => r.nsPerOp)
  const middle = median(medians)
  return {
    kind: 'result',
    workload: `${scenario.name}/${phaseName}`,
    contender,
    package: scenario.package,
    unit: phase.unit,
    source: scenario.source,
    n: scenario.n,
    ops: phase.ops,
    nsPerOp: middle,
    nsPerOpMin: Math.min(...results.map((r) => r.nsPerOpMin)),
    spread: middle === 0 ? 0 : (Math.max(...medians) - Math.min(...medians)) / middle,
    bytesPerOp: gathered.bytesPerOp[phaseName],
    bytesPerEntry: gathered.bytesPerEntry,
    checksum: results[0]!.checksum,
    counts: results[0]!.counts,
    rounds: results.length,
    cNs: phase.cNs,
    goal: phase.goal,
  }
}

/** Rounds a contender gets: a peer whose first round was slow gets no second one, and its row says so by its number of rounds. */
const slowRoundMs = 8000

async function runScenario({ scenario, phases }: Selection, options: RunOptions, tick: (what: string) => void): Promise<Row[]> {
  const contenders = scenario.contenders.filter((c) => options.contenders === undefined || options.contenders.includes(c.name))
  const gathered = new Map<string, Gathered>(
    contenders.map((c) => [c.name, { times: new Map(), bytesPerOp: {}, bytesPerEntry: undefined }]),
  )
  const slow = new Set<string>()
  for (const contender of interleaved(contenders, options.rounds)) {
    tick(`${scenario.name} ${contender.name}`)
    if (slow.has(contender.name)) continue
    const started = Date.now()
    const seen = await observeFresh({
      scenario: scenario.name,
      contender: contender.name,
      phases,
      mode: 'time',
      budgetMs: options.budgetMs,
    })
    if (Date.now() - started > slowRoundMs && !contender.name.startsWith('ours')) slow.add(contender.name)
    const into = gathered.get(contender.name)!
    for (const result of seen.phases ?? []) into.times.set(result.phase, [...(into.times.get(result.phase) ?? []), result])
  }
  for (const contender of contenders) {
    tick(`${scenario.name} ${contender.name}: bytes`)
    const into = gathered.get(contender.name)!
    const order = { scenario: scenario.name, contender: contender.name, phases }
    into.bytesPerEntry = (await observeFresh({ ...order, mode: 'memory' })).bytesPerEntry
    if (contender.name.startsWith('ours') && (scenario.n ?? 0) <= 1e5)
      into.bytesPerOp = (await observeFresh({ ...order, mode: 'alloc' })).bytesPerOp ?? {}
  }
  return phases.flatMap((phase) => contenders.flatMap((c) => rowOf(scenario, c.name, phase, gathered.get(c.name)!) ?? []))
}

/** Observations that a run will make, for the progress line. */
function observations(selection: readonly Selection[], options: RunOptions): number {
  return selection.reduce((sum, { scenario }) => {
    const contenders = scenario.contenders.filter((c) => options.contenders === undefined || options.contenders.includes(c.name)).length
    return sum + contenders * (options.rounds + 1)
  }, 0)
}

/** Runs the selection; calls `onRows` with each scenario's rows as they are complete. */
export async function runAll(selection: readonly Selection[], options: RunOptions, onRows: (rows: readonly Row[]) => void): Promise<Row[]> {
  const total = observations(selection, options)
  let done = 0
  const tick = (what: string): void => options.progress(done++, total, what)
  const all: Row[] = []
  for (const selected of selection) {
    const rows = await runScenario(selected, options, tick)
    onRows(rows)
    all.push(...rows)
  }
  return all
}
