/**
 * `pnpm bench`: every contender of every selected scenario in a fresh process, round after round over the whole selection, there and back, so that
 * what the machine does meanwhile hits all alike. The first round is always completed; others only as far as the time allows.
 */
import { isOurs } from './judge.ts'
import type { PhaseResult } from './measure.ts'
import { sourceLine } from './registry.ts'
import { type Contender, idOf, type Scenario, workloadOf } from './scenario.ts'
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
  /** The processes' medians, a round each. */
  readonly nsPerRound: readonly number[]
  /** (greatest - least) / median of the rounds' medians. */
  readonly spread: number
  readonly bytesPerOp: number | undefined
  readonly bytesPerEntry: number | undefined
  readonly checksum: number
  readonly counts: Record<string, number>
  readonly rounds: number
  readonly cNs: number | undefined
  readonly goal: number | undefined
  readonly timesFaster?: number | undefined
  readonly ofItsKind?: boolean | undefined
}

export interface RunOptions {
  readonly rounds: number
  readonly budgetMs: number
  /** No observation is begun that would not end within this time; the first round does not care. */
  readonly limitMs: number
  /** A peer whose process took longer gets no further round, so that ours and the quick ones get more; its rows show it by their number of rounds. */
  readonly peerRepeatMs: number
  readonly contenders?: readonly string[]
  readonly progress: (done: number, total: number, what: string, leftMs: number | undefined) => void
  /** After each round, with all rows so far. */
  readonly onRound?: (rows: readonly Row[]) => void
}

export interface Selection {
  readonly scenario: Scenario
  readonly phases: readonly string[]
}

/** One contender of one scenario, and what has been seen of it. */
interface Entrant {
  readonly selection: Selection
  readonly contender: Contender
  readonly times: Map<string, PhaseResult[]>
  bytesPerOp: Readonly<Record<string, number>>
  bytesPerEntry: number | undefined
  /** How long its latest timed process took. */
  tookMs: number
}

/** A B C, then C B A, and so on: drift of the machine hits all contenders alike. */
export function inRound<T>(items: readonly T[], round: number): readonly T[] {
  return round % 2 === 0 ? items : [...items].reverse()
}

function rowOf({ selection: { scenario }, contender, times, bytesPerOp, bytesPerEntry }: Entrant, phaseName: string): Row | undefined {
  const phase = scenario.phases.find((p) => p.name === phaseName)!
  const results = times.get(phaseName)
  if (results === undefined || results.length === 0) return undefined
  const medians = results.map((r) => r.nsPerOp)
  const middle = median(medians)
  return {
    kind: 'result',
    workload: workloadOf(scenario, phaseName, contender),
    contender: contender.name,
    package: scenario.package,
    unit: phase.unit,
    source: sourceLine(scenario, phaseName),
    n: scenario.n,
    ops: phase.ops,
    nsPerOp: middle,
    nsPerOpMin: Math.min(...results.map((r) => r.nsPerOpMin)),
    nsPerRound: medians,
    spread: middle === 0 ? 0 : (Math.max(...medians) - Math.min(...medians)) / middle,
    bytesPerOp: bytesPerOp[phaseName],
    bytesPerEntry,
    checksum: results[0]!.checksum,
    counts: results[0]!.counts,
    rounds: results.length,
    cNs: phase.cNs,
    goal: phase.goal,
    // Peers do what the twins by u64 do only by number.
    timesFaster: contender.u64 ? undefined : phase.timesFaster,
    ofItsKind: contender.ofItsKind,
  }
}

/** A peer is stopped after this time. Phases that it has not begun or not ended by then have no row. */
const peerLimitMs = 8000

function isRepeated(entrant: Entrant, peerRepeatMs: number): boolean {
  return isOurs(entrant.contender.name) || entrant.tookMs <= peerRepeatMs
}

async function time(entrant: Entrant, budgetMs: number): Promise<void> {
  const { selection, contender, times } = entrant
  const started = Date.now()
  const order = { scenario: selection.scenario.name, contender: idOf(contender), phases: selection.phases, mode: 'time', budgetMs } as const
  const seen = await observeFresh(order, isOurs(entrant.contender.name) ? {} : { deadlineMs: peerLimitMs })
  entrant.tookMs = Date.now() - started
  for (const result of seen.phases ?? []) times.set(result.phase, [...(times.get(result.phase) ?? []), result])
}

/** Bytes allocated per operation are the same for any number of operations: the sizes that run long are left out. */
const opsWeighed = 1e6

/** Retained and allocated bytes do not vary between processes: one look is enough. */
async function weigh(entrant: Entrant): Promise<void> {
  const { scenario, phases } = entrant.selection
  const order = { scenario: scenario.name, contender: idOf(entrant.contender), phases }
  if (scenario.n !== undefined && (isOurs(entrant.contender.name) || entrant.tookMs < peerLimitMs))
    entrant.bytesPerEntry = (await observeFresh({ ...order, mode: 'memory' })).bytesPerEntry
  if (!isOurs(entrant.contender.name) || (scenario.n ?? 0) > 1e4) return
  const short = scenario.phases.filter((phase) => phases.includes(phase.name) && phase.ops <= opsWeighed).map((phase) => phase.name)
  if (short.length > 0) entrant.bytesPerOp = (await observeFresh({ ...order, phases: short, mode: 'alloc' })).bytesPerOp ?? {}
}

function entrantsOf(selection: readonly Selection[], wanted: readonly string[] | undefined): Entrant[][] {
  return selection.map((selected) =>
    selected.scenario.contenders
      .filter((contender) => wanted === undefined || wanted.includes(contender.name) || wanted.includes(idOf(contender)))
      .map((contender) => ({
        selection: selected,
        contender,
        times: new Map(),
        bytesPerOp: {},
        bytesPerEntry: undefined,
        tookMs: 0,
      })),
  )
}

function rowsOf(fields: readonly (readonly Entrant[])[]): Row[] {
  return fields.flatMap((entrants) =>
    (entrants[0]?.selection.phases ?? []).flatMap((phase) => entrants.flatMap((entrant) => rowOf(entrant, phase) ?? [])),
  )
}

function expectedMs(entrants: readonly Entrant[]): number {
  return entrants.reduce((sum, entrant) => sum + entrant.tookMs, 0)
}

/** Runs the selection and returns a row a workload and contender, in the order of the selection. */
export async function runAll(selection: readonly Selection[], options: RunOptions): Promise<Row[]> {
  const started = Date.now()
  const fields = entrantsOf(selection, options.contenders)
  const all = fields.flat().length
  for (let round = 0; round < options.rounds; round++) {
    let done = 0
    let rounds = 0
    for (const field of inRound(fields, round)) {
      const entrants = inRound(field, round).filter((entrant) => round === 0 || isRepeated(entrant, options.peerRepeatMs))
      if (round > 0 && Date.now() - started + expectedMs(entrants) > options.limitMs) continue
      rounds++
      for (const entrant of entrants) {
        const what = `round ${round + 1} of ${options.rounds}: ${entrant.selection.scenario.name} ${idOf(entrant.contender)}`
        options.progress(done++, all, what, leftMs(fields, round, options, Date.now() - started))
        await time(entrant, options.budgetMs)
        if (round === 0) await weigh(entrant)
      }
    }
    if (rounds > 0) options.onRound?.(rowsOf(fields))
  }
  return rowsOf(fields)
}

/** An estimate: in the first round unknown, then what the rounds to come took before, at most what the limit leaves. */
function leftMs(fields: readonly (readonly Entrant[])[], round: number, options: RunOptions, elapsedMs: number): number | undefined {
  if (round === 0) return undefined
  const aRound = fields.reduce((sum, field) => sum + expectedMs(field.filter((entrant) => isRepeated(entrant, options.peerRepeatMs))), 0)
  return Math.min(aRound * (options.rounds - round), Math.max(0, options.limitMs - elapsedMs))
}
