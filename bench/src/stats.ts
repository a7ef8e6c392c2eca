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

/** How far the interval of a row that compares a revision with itself reaches from zero. */
export function reachOf(aa: Interval): number {
  return Math.max(Math.abs(aa.low), Math.abs(aa.high))
}

/** The noise floor of a run: the median reach of its A/A rows, at least `floor`. */
export function noiseFloorOf(aa: readonly Interval[], floor = 0.01): number {
  return aa.length === 0 ? floor : Math.max(floor, median(aa.map(reachOf)))
}

/**
 * Judges log ratios head/base (negative: head is faster). `better` and `worse` need the whole interval beyond the noise, both that of this row
 * against itself and that of the run; `same` needs it within the floor of the run, so that a noisy row is not called the same; all else is `inconclusive`.
 */
export function verdictOf(logRatio: Interval, aa: Interval, noiseFloor: number): Verdict {
  const noise = Math.max(noiseFloor, reachOf(aa))
  if (logRatio.low > noise) return 'worse'
  if (logRatio.high < -noise) return 'better'
  if (logRatio.low >= -noiseFloor && logRatio.high <= noiseFloor) return 'same'
  return 'inconclusive'
}
