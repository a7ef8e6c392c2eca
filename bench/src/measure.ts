/** What happens inside the fresh process of one observation: validate, warm up, sample, validate again. */
import { Bench } from 'tinybench'
import type { Phase, PhaseRun, Subject } from './scenario.ts'
import { median } from './stats.ts'

export interface PhaseResult {
  readonly phase: string
  readonly ops: number
  /** Median CPU time of the samples, and the least, in ns an operation. */
  readonly nsPerOp: number
  readonly nsPerOpMin: number
  readonly samples: number
  readonly checksum: number
  readonly counts: Record<string, number>
}

/** User plus system time of this process in milliseconds: what its garbage collector and compiler threads use counts too. */
function cpuMs(): number {
  const used = process.cpuUsage()
  return (used.user + used.system) / 1000
}

export class ChecksumError extends Error {}

/** Runs a phase once, with what makes it ready; its checksum as a u32. */
export function checksumOf(run: PhaseRun): number {
  run.before?.()
  const result = run.run()
  return (run.check ? run.check() : result) >>> 0
}

function runOnce(what: string, phase: Phase, run: PhaseRun): number {
  const checksum = checksumOf(run)
  if (phase.checksum !== undefined && checksum !== phase.checksum)
    throw new ChecksumError(`${what}/${phase.name}: checksum ${checksum}, expected ${phase.checksum}: this is not the same work`)
  return checksum
}

/** How long and how often one process samples a phase. */
export interface Patience {
  /** Runs that take less than this together are not yet compiled: they warm up, and are not samples. */
  readonly warmUpMs: number
  /** Time of the samples of one phase. */
  readonly budgetMs: number
  readonly minSamples: number
  /** Of runs as long as this, one sample behind the warm-up is enough: other processes give the others. */
  readonly slowRunMs: number
  /** A run as long as this is its own sample: it contains its warm-up many times over, and is not repeated. */
  readonly longRunMs: number
}

export const patienceWithOurs: Patience = { warmUpMs: 80, budgetMs: 60, minSamples: 3, slowRunMs: 250, longRunMs: 500 }
/** Peers are many, and some need minutes: what they do in a third of a second counts. */
export const patienceWithPeers: Patience = { warmUpMs: 40, budgetMs: 40, minSamples: 1, slowRunMs: 100, longRunMs: 250 }

/**
 * Samples one phase until the budget of its own time is used. The clock is CPU time, one sample is one run of at least 1000 operations, and the
 * checksum is compared before and after.
 */
export async function measurePhase(what: string, phase: Phase, run: PhaseRun, patience: Patience): Promise<PhaseResult> {
  const { warmUpMs, budgetMs, minSamples, slowRunMs, longRunMs } = patience
  let firstMs = 0
  const timed: PhaseRun = {
    ...run,
    run() {
      const started = cpuMs()
      const result = run.run()
      firstMs = cpuMs() - started
      return result
    },
  }
  const before = runOnce(what, phase, timed)
  if (firstMs >= longRunMs) {
    const nsPerOp = (firstMs * 1e6) / phase.ops
    return {
      phase: phase.name,
      ops: phase.ops,
      nsPerOp,
      nsPerOpMin: nsPerOp,
      samples: 1,
      checksum: before,
      counts: run.counts?.() ?? {},
    }
  }
  // What `before` takes is no warming up, but it is not to take for ever.
  const patientUntil = performance.now() + 4 * warmUpMs
  for (let warmMs = firstMs; warmMs < warmUpMs && performance.now() < patientUntil; warmMs += firstMs) runOnce(what, phase, timed)
  const bench = new Bench({
    now: cpuMs,
    time: budgetMs,
    iterations: firstMs >= slowRunMs ? 1 : minSamples,
    warmup: false,
    retainSamples: true,
    throws: true,
  })
  // Not told that it is not asynchronous, tinybench runs it once to find out, without `before`.
  bench.add(phase.name, () => void run.run(), { async: false, ...(run.before ? { beforeEach: () => run.before?.() } : {}) })
  await bench.run()
  const counts = run.counts?.() ?? {}
  const after = runOnce(what, phase, run)
  if (after !== before) throw new ChecksumError(`${what}/${phase.name}: checksum changed from ${before} to ${after} between runs`)
  const result = bench.tasks[0]?.result
  if (result === undefined || !('latency' in result)) throw new Error(`${what}/${phase.name}: tinybench gave no result (${result?.state})`)
  const perOp = 1e6 / phase.ops
  return {
    phase: phase.name,
    ops: phase.ops,
    nsPerOp: result.latency.p50 * perOp,
    nsPerOpMin: result.latency.min * perOp,
    samples: result.latency.samplesCount,
    checksum: before,
    counts,
  }
}

/** What is held once collecting frees nothing more: what an array buffer took is counted for a while after it is gone. */
function heldBytes(): number {
  for (let held = Infinity; ; ) {
    globalThis.gc?.()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    if (heapUsed + arrayBuffers >= held) return held
    held = heapUsed + arrayBuffers
  }
}

/**
 * Small structures are made as often as gives so many entries. What their code takes, some 200 KB, comes on top, so a fifth as many are made before:
 * with a fifth of the entries and one structure before, 9.4 bytes an entry were 11 to 14.
 */
const manyEntries = 5e5

/** V8 gives up the bytecode of what has not run for six collections: some 100 KB of what loaded the process, 0.2 bytes an entry if it went in between. */
const collectionsUntilFlushed = 8

/** Bytes retained per entry of the filled structure; needs `--expose-gc`. */
export function bytesPerEntry(subject: Subject): number | undefined {
  if (subject.memory === undefined || globalThis.gc === undefined) return undefined
  const { memory } = subject
  const copies = Math.ceil(manyEntries / memory.entries)
  for (let warm = Math.floor(copies / 5); warm > 0; warm--) memory.make()
  for (let k = 0; k < collectionsUntilFlushed; k++) globalThis.gc()
  const before = heldBytes()
  const held = Array.from({ length: copies }, () => memory.make())
  const after = heldBytes()
  keepAlive = held
  keepAlive = undefined
  return Math.max(0, (after - before) / (memory.entries * copies))
}

let keepAlive: unknown
export function kept(): unknown {
  return keepAlive
}

/**
 * Bytes allocated per operation: the median of some runs, since now and then the compiler allocates too. True only in a process whose new space is so
 * large that nothing is collected meanwhile.
 */
export function bytesPerOp(phase: Phase, run: PhaseRun): number {
  const isShort = phase.ops < 1e5
  const warmUps = isShort ? 3 : 1
  for (let warm = 0; warm < warmUps; warm++) {
    run.before?.()
    run.run()
  }
  const seen = Array.from({ length: isShort ? 5 : 1 }, () => {
    run.before?.()
    const before = process.memoryUsage()
    run.run()
    const after = process.memoryUsage()
    return after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers
  })
  // Typed arrays can make the collector run all the same; then there is less afterwards than before, which says nothing.
  const unspoilt = seen.filter((bytes) => bytes >= 0)
  return unspoilt.length === 0 ? 0 : median(unspoilt) / phase.ops
}
