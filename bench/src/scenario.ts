/**
 * The vocabulary of the benchmarks. A scenario is one body of data (say, 1e5 intervals in random order); its phases are the workloads of
 * performance.md section 2 that use this data; its contenders are the programs that do the same work, each in a process of its own.
 */

/** One timed operation of a scenario. `${scenario.name}/${phase.name}` is the workload's name in all reports. */
export interface Phase {
  readonly name: string
  /** What one operation is: node, span, page, … */
  readonly unit: string
  /** Operations in one run; a run is one sample, so at least 1000. */
  readonly ops: number
  /** What the run must return, where the work defines it. */
  readonly checksum?: number | undefined
  /** Time of the C reference in ns an operation, recorded on another machine (performance.md), to be scaled by the calibration. */
  readonly cNs?: number | undefined
  /** Greatest scaled ratio to the C reference that is good enough. */
  readonly goal?: number | undefined
  /** Least times that ours is to be faster than the fastest of those of its kind. */
  readonly timesFaster?: number | undefined
}

/** One implementation of one phase. */
export interface PhaseRun {
  /** Untimed, before each run: what the run will consume. */
  before?(): void
  /** The timed work; returns its checksum, modulo 2^32, unless `check` computes it. */
  run(): number
  /** Untimed, after a run whose own result is not the checksum. */
  check?(): number
  /** Exact operation counts of the latest run (pins, map calls, …), gated exactly. */
  counts?(): Record<string, number>
}

/** A contender's phases over one body of data. A phase that it cannot do is absent. */
export interface Subject {
  readonly phases: Readonly<Record<string, PhaseRun>>
  /** Makes the filled structure whose retained bytes are divided by `entries`. */
  readonly memory?: { readonly entries: number; make(): unknown }
}

export interface Contender {
  /** `ours`, or `name@version` of a peer. */
  readonly name: string
  /** Keyed by u64: its workloads are twins, whose names end in `@u64`. */
  readonly u64?: boolean
  /** True: a peer that is of the same kind, and does not only serve for the same. */
  readonly ofItsKind?: boolean
  load(): Subject | Promise<Subject>
}

export interface Scenario {
  readonly name: string
  readonly package: string
  /** The file in bench/workloads that defines the work; the registry finds the line of each phase in it. */
  readonly source: string
  readonly n?: number
  readonly phases: readonly Phase[]
  readonly contenders: readonly Contender[]
  /** True: small enough for the tests, which run it with all contenders and compare the checksums. */
  readonly smoke?: boolean
  /** True: runs only when a filter names it. */
  readonly extra?: boolean
}

export const ours = 'ours'

const twin = '@u64'

/** Tells the contenders of a scenario apart. */
export function idOf(contender: Contender): string {
  return contender.u64 ? `${contender.name}${twin}` : contender.name
}

/** The name of the workload that a contender does in a phase. */
export function workloadOf(scenario: Scenario, phase: string, contender: Contender): string {
  return `${scenario.name}/${phase}${contender.u64 ? twin : ''}`
}

/** The name without the end that says that its keys are u64. */
export function withoutTwin(workload: string): string {
  return workload.endsWith(twin) ? workload.slice(0, -twin.length) : workload
}
