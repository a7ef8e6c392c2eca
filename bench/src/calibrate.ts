/**
 * Calibration loops: how fast is this machine, now, compared with the one where the C reference was measured? The three of performance.md, and
 * one for which the reference has no figure. Nanoseconds an operation, best of five after one warm-up round.
 */
export interface Calibration {
  /** A dependent chain of multiplications: the processor's speed. */
  readonly hashChainNs: number
  /** Dependent reads over 64 MiB: the memory's latency. */
  readonly randomReadNs: number
  /** Independent reads over 64 MiB: the memory's throughput. */
  readonly sequentialReadNs: number
}

export interface MachineCalibration extends Calibration {
  /** Dependent reads over 4 MiB: where they are as slow as those over 64 MiB, this machine has no cache left for data of a few MiB. */
  readonly nearReadNs: number
}

/** The reference machine's figures; randomRead was seen between 97 and 137, performance.md scales by 105. */
export const reference: Calibration = { hashChainNs: 1.39, randomReadNs: 105, sequentialReadNs: 0.29 }

const words = 1 << 24

function cycle(words: number): Uint32Array {
  const a = new Uint32Array(words)
  let x = 0x9e3779b9
  for (let i = words - 1; i >= 0; i--) a[i] = i
  for (let i = words - 1; i > 0; i--) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    const j = (x >>> 0) % i
    const kept = a[i]!
    a[i] = a[j]!
    a[j] = kept
  }
  return a
}

function hashChain(n: number): number {
  let h = 0
  for (let i = 0; i < n; i++) {
    const t = Math.imul(h ^ i, 0x9e3779b1) >>> 0
    h = (t ^ (t >>> 15)) >>> 0
  }
  return h
}

function randomRead(a: Uint32Array, n: number): number {
  let i = 0
  for (let k = 0; k < n; k++) i = a[i]!
  return i
}

function sequentialRead(a: Uint32Array, n: number): number {
  let s = 0
  for (let i = 0; i < n; i++) s = (s + a[i]!) | 0
  return s
}

function bestOf(n: number, loop: (n: number) => number): number {
  let best = Number.POSITIVE_INFINITY
  let sink = 0
  for (let round = 0; round < 6; round++) {
    const started = process.hrtime.bigint()
    sink ^= loop(n)
    const ns = Number(process.hrtime.bigint() - started) / n
    if (round > 0 && ns < best) best = ns
  }
  if (sink === 0.5) throw new Error('unreachable; keeps the loops alive')
  return Number(best.toFixed(3))
}

/** Takes about four seconds and 64 MiB. */
export function calibrate(): MachineCalibration {
  const a = cycle(words)
  const near = cycle(words >> 4)
  return {
    hashChainNs: bestOf(1e8, hashChain),
    randomReadNs: bestOf(4e6, (n) => randomRead(a, n)),
    nearReadNs: bestOf(4e6, (n) => randomRead(near, n)),
    sequentialReadNs: bestOf(words, (n) => sequentialRead(a, n)),
  }
}

/** How much slower this machine is than the reference: the geometric mean of the first two ratios. */
export function machineFactor(here: Calibration): number {
  return Math.sqrt((here.hashChainNs / reference.hashChainNs) * (here.randomReadNs / reference.randomReadNs))
}
