/**
 * The fresh process of one observation. Arguments as one JSON: {scenario, contender, phases?, mode, budgetMs?, repeats?}.
 * Writes a JSON line for each part of the observation. Modes: `time` samples; `memory` measures retained bytes; `alloc` allocated bytes; `loop` just runs a phase `repeats`
 * times (for instruction counts and profiles).
 */
import { isOurs } from './judge.ts'
import { bytesPerEntry, bytesPerOp, measurePhase, type PhaseResult, patienceWithOurs, patienceWithPeers } from './measure.ts'
import { findScenario } from './registry.ts'
import { idOf, type Phase, type PhaseRun, type Scenario, type Subject } from './scenario.ts'

export interface Order {
  readonly scenario: string
  readonly contender: string
  readonly phases?: readonly string[]
  readonly mode: 'time' | 'memory' | 'alloc' | 'loop'
  readonly budgetMs?: number
  readonly repeats?: number
}

export interface Observation {
  readonly phases?: readonly PhaseResult[]
  readonly bytesPerEntry?: number | undefined
  readonly bytesPerOp?: Record<string, number>
  /** Exact operation counts of one run, by phase. */
  readonly counts?: Record<string, Record<string, number>>
}

export function phasesOf(scenario: Scenario, subject: Subject, wanted: readonly string[] | undefined): [Phase, PhaseRun][] {
  const pairs: [Phase, PhaseRun][] = []
  for (const phase of scenario.phases) {
    const run = subject.phases[phase.name]
    if (run !== undefined && (wanted === undefined || wanted.includes(phase.name))) pairs.push([phase, run])
  }
  return pairs
}

/** The parts of one observation, as they become known: what a slow contender did before it is stopped is not lost. */
export async function* observe(order: Order): AsyncGenerator<Observation> {
  const scenario = await findScenario(order.scenario)
  const contender = scenario.contenders.find((c) => idOf(c) === order.contender)
  if (contender === undefined) throw new Error(`scenario ${order.scenario} has no contender '${order.contender}'`)
  const subject = await contender.load()
  if (order.mode === 'memory') {
    yield { bytesPerEntry: bytesPerEntry(subject) }
    return
  }
  const pairs = phasesOf(scenario, subject, order.phases)
  // A peer that is stopped for its time shall have shown as much as it can.
  if (!isOurs(contender.name)) pairs.sort(([a], [b]) => a.ops - b.ops)
  if (order.mode === 'alloc') {
    yield {
      bytesPerOp: Object.fromEntries(pairs.map(([phase, run]) => [phase.name, bytesPerOp(phase, run)])),
      counts: Object.fromEntries(pairs.map(([phase, run]) => [phase.name, run.counts?.() ?? {}])),
    }
    return
  }
  const usual = isOurs(contender.name) ? patienceWithOurs : patienceWithPeers
  const patience = { ...usual, ...(order.budgetMs === undefined ? {} : { budgetMs: order.budgetMs }) }
  for (const [phase, run] of pairs) {
    if (order.mode === 'time') {
      const what = `${scenario.name} ${order.contender}`
      yield { phases: [await measurePhase(what, phase, run, patience)] }
      continue
    }
    for (let k = 0; k < (order.repeats ?? 1); k++) {
      run.before?.()
      run.run()
    }
  }
}
