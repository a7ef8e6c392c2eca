/**
 * The fresh process of one observation. Arguments as one JSON: {scenario, contender, phases?, mode, budgetMs, minSamples}.
 * Writes one JSON line. Modes: `time` samples; `memory` measures retained bytes; `alloc` allocated bytes; `loop` just runs a phase `repeats`
 * times (for instruction counts and profiles).
 */
import { bytesPerEntry, bytesPerOp, measurePhase, type PhaseResult } from './measure.ts'
import { findScenario } from './registry.ts'
import type { Phase, PhaseRun, Scenario, Subject } from './scenario.ts'

export interface Order {
  readonly scenario: string
  readonly contender: string
  readonly phases?: readonly string[]
  readonly mode: 'time' | 'memory' | 'alloc' | 'loop'
  readonly budgetMs?: number
  readonly minSamples?: number
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

export async function observe(order: Order): Promise<Observation> {
  const scenario = await findScenario(order.scenario)
  const contender = scenario.contenders.find((c) => c.name === order.contender)
  if (contender === undefined) throw new Error(`scenario ${order.scenario} has no contender '${order.contender}'`)
  const subject = await contender.load()
  if (order.mode === 'memory') return { bytesPerEntry: bytesPerEntry(subject) }
  const pairs = phasesOf(scenario, subject, order.phases)
  if (order.mode === 'alloc')
    return {
      bytesPerOp: Object.fromEntries(pairs.map(([phase, run]) => [phase.name, bytesPerOp(phase, run)])),
      counts: Object.fromEntries(pairs.map(([phase, run]) => [phase.name, run.counts?.() ?? {}])),
    }
  if (order.mode === 'loop') {
    for (const [, run] of pairs) {
      for (let k = 0; k < (order.repeats ?? 1); k++) {
        run.before?.()
        run.run()
      }
    }
    return {}
  }
  const phases: PhaseResult[] = []
  for (const [phase, run] of pairs) {
    phases.push(await measurePhase(`${scenario.name} ${contender.name}`, phase, run, order.budgetMs ?? 150, order.minSamples ?? 3))
  }
  return { phases }
}
