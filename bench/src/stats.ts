/** Statistics of the reports. Quantiles and regression come from simple-statistics; the bootstrap is ours because it must be seeded. */
import { linearRegression, median, quantileSorted } from 'simple-statistics'
import { xorshift32 } from './random.ts'

export { median }

export interface Interval {
  readonly low: number
  readonly middle: number
  readonly high: number
}

/** Percentile bootstrap interval of the median; deterministic for a seed. `confidence` between 0 and 1. O(resamples · n log n). */
export function bootstrapMedian(values: readonly number[], confidence = 0.95, resamples = 2000, seed = 0x5eed): Interval {
  if (values.length === 0) throw new RangeError('bootstrapMedian needs at least one value, got none')
  const rnd = xorshift32(seed)
  const medians = new Float64Array(resamples)
  const drawn = new Array<number>(values.length)
  for (let r = 0; r < resamples; r++) {
    for (let i = 0; i < drawn.length; i++) drawn[i] = values[rnd() % values.length]!
    medians[r] = median(drawn)
  }
  const sorted = [...medians].sort((a, b) => a - b)
  const tail = (1 - confidence) / 2
  return { low: quantileSorted(sorted, tail), middle: median([...values]), high: quantileSorted(sorted, 1 - tail) }
}

export type Verdict = 'better' | 'same' | 'worse' | 'inconclusive'

/**
 * Judges log ratios head/base (negative: head is faster) against the noise seen in this very run. `same` needs the whole interval within the noise
 * band; `better` and `worse` need it wholly outside; all else is `inconclusive`.
 */
export function verdictOf(logRatio: Interval, noise: number): Verdict {
  if (logRatio.low > noise) return 'worse'
  if (logRatio.high < -noise) return 'better'
  if (logRatio.low >= -noise && logRatio.high <= noise) return 'same'
  return 'inconclusive'
}

/** Half-width of the noise band: the greatest bound of the A/A rows' intervals, at least `floor`. */
export function noiseBand(aa: readonly Interval[], floor = 0.01): number {
  return Math.max(floor, ...aa.map((row) => Math.max(Math.abs(row.low), Math.abs(row.high))))
}

export type Growth = 'constant' | 'log n' | 'n' | 'n log n' | 'steeper'

export interface Fit {
  /** e of the fitted cost ~ n^e per operation. */
  readonly exponent: number
  readonly growth: Growth
}

const shapes: readonly { readonly growth: Growth; readonly cost: (n: number) => number }[] = [
  { growth: 'constant', cost: () => 1 },
  { growth: 'log n', cost: (n) => Math.log2(n) },
  { growth: 'n', cost: (n) => n },
  { growth: 'n log n', cost: (n) => n * Math.log2(n) },
]

/** Fits cost per operation against n on log scales: the exponent, and the shape with the least squared error. Needs two sizes or more. */
export function fitGrowth(points: readonly { readonly n: number; readonly ns: number }[]): Fit {
  if (new Set(points.map((p) => p.n)).size < 2) throw new RangeError('fitGrowth needs two sizes or more')
  const exponent = linearRegression(points.map((p) => [Math.log(p.n), Math.log(p.ns)])).m
  if (exponent > 1.4) return { exponent, growth: 'steeper' }
  let best: { growth: Growth; error: number } = { growth: 'constant', error: Number.POSITIVE_INFINITY }
  for (const { growth, cost } of shapes) {
    const residuals = points.map((p) => Math.log(p.ns) - Math.log(cost(p.n)))
    const middle = residuals.reduce((a, b) => a + b, 0) / residuals.length
    const error = residuals.reduce((sum, r) => sum + (r - middle) ** 2, 0)
    if (error < best.error) best = { growth, error }
  }
  return { exponent, growth: best.growth }
}
