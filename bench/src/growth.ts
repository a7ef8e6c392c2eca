/** How a cost grows with n, fitted; used by `bench:scale` and by the page, so it imports nothing of Node. */
import { linearRegression } from 'simple-statistics'

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
