/** Statistics of the reports. Quantiles come from simple-statistics; the bootstrap is ours because it must be seeded. */
import { median, quantileSorted } from 'simple-statistics'
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
