/**
 * `pnpm bench:compare <rev>`: the same worker on base and head, fresh processes in ABBA order, and an A/A row that shows the noise of this
 * very run. The unit of evidence is a pair of neighbouring processes; the figure is the median log ratio with a seeded bootstrap interval.
 */
import type { Selection } from './run.ts'
import { observeFresh, workerFile } from './spawn.ts'
import { bootstrapMedian, type Interval, noiseFloorOf, type Verdict, verdictOf } from './stats.ts'

export interface Comparison {
  readonly kind: 'comparison'
  readonly workload: string
  readonly contender: string
  readonly baseNs: number
  readonly headNs: number
  /** log(head/base) of each pair, in the order they ran. */
  readonly pairs: readonly number[]
  readonly logRatio: Interval
  /** The same for base against itself. */
  readonly aaPairs: readonly number[]
  readonly aa: Interval
  /** The noise floor of the whole run. */
  readonly noiseFloor: number
  readonly verdict: Verdict
}

export interface CompareOptions {
  readonly base: string
  readonly head?: string
  readonly rounds: number
  readonly budgetMs: number
  readonly progress: (done: number, total: number, what: string) => void
}

type Side = 'base' | 'head' | 'again'
/** Base, head and base-again; reversed in every other round, so that each neighbours each equally often. */
const sides: readonly Side[] = ['base', 'head', 'again']

async function observeScenario(
  { scenario, phases }: Selection,
  options: CompareOptions,
  tick: (what: string) => void,
): Promise<Map<Side, Map<string, number[]>>> {
  const seen = new Map<Side, Map<string, number[]>>(sides.map((side) => [side, new Map()]))
  for (let round = 0; round < options.rounds; round++) {
    for (const side of round % 2 === 0 ? sides : [...sides].reverse()) {
      tick(`${scenario.name} ${side}`)
      const worker = side === 'head' ? (options.head ?? workerFile) : options.base
      const observation = await observeFresh(
        { scenario: scenario.name, contender: 'ours', phases, mode: 'time', budgetMs: options.budgetMs },
        { worker },
      )
      for (const phase of observation.phases ?? [])
        seen.get(side)!.set(phase.phase, [...(seen.get(side)!.get(phase.phase) ?? []), phase.nsPerOp])
    }
  }
  return seen
}

function logRatios(over: readonly number[], under: readonly number[]): number[] {
  return over.map((value, k) => Math.log(value / under[k]!))
}

function middleOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

/** Compares every phase of the selection, contender `ours` only. At least ten rounds make a verdict worth reading. */
export async function compareAll(selection: readonly Selection[], options: CompareOptions): Promise<Comparison[]> {
  const total = selection.length * options.rounds * sides.length
  let done = 0
  const raw: Omit<Comparison, 'noiseFloor' | 'verdict'>[] = []
  for (const selected of selection) {
    const seen = await observeScenario(selected, options, (what) => options.progress(done++, total, what))
    for (const phase of selected.phases) {
      const base = seen.get('base')!.get(phase)
      const head = seen.get('head')!.get(phase)
      const again = seen.get('again')!.get(phase)
      if (base === undefined || head === undefined || again === undefined) continue
      const pairs = logRatios(head, base)
      const aaPairs = logRatios(again, base)
      const common = { kind: 'comparison' as const, workload: `${selected.scenario.name}/${phase}`, contender: 'ours' }
      raw.push({
        ...common,
        baseNs: middleOf(base),
        headNs: middleOf(head),
        pairs,
        logRatio: bootstrapMedian(pairs),
        aaPairs,
        aa: bootstrapMedian(aaPairs),
      })
    }
  }
  const noiseFloor = noiseFloorOf(raw.map((row) => row.aa))
  return raw.map((row) => ({ ...row, noiseFloor, verdict: verdictOf(row.logRatio, row.aa, noiseFloor) }))
}

function percent(log: number): string {
  const value = (Math.exp(log) - 1) * 100
  return `${value >= 0 ? '+' : ''}${value.toFixed(1)}%`
}

/** The verdicts as a table that fits 100 columns, with the noise of the run in its last line. */
export function comparisonTable(rows: readonly Comparison[]): string {
  const lines = [
    `${'workload'.padEnd(40)} ${'base ns'.padStart(9)} ${'head ns'.padStart(9)} ${'change'.padStart(8)}  ${'95 % interval'.padEnd(18)} verdict`,
  ]
  for (const row of rows) {
    const interval = `[${percent(row.logRatio.low)}, ${percent(row.logRatio.high)}]`
    lines.push(
      `${row.workload.slice(0, 40).padEnd(40)} ${row.baseNs.toPrecision(4).padStart(9)} ${row.headNs.toPrecision(4).padStart(9)} ${percent(row.logRatio.middle).padStart(8)}  ${interval.padEnd(18)} ${row.verdict}`,
    )
  }
  if (rows.length > 0)
    lines.push(`noise floor of this run (base against itself): ±${((Math.exp(rows[0]!.noiseFloor) - 1) * 100).toFixed(1)} %`)
  return lines.join('\n')
}
