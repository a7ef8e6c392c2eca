/** `pnpm bench:scale`: how the cost of one operation grows with n, fitted over the sizes that the scenarios offer. */

import { type Fit, fitGrowth } from './growth.ts'
import type { Row } from './run.ts'

export interface Scaling extends Fit {
  readonly workload: string
  readonly contender: string
  readonly points: readonly { readonly n: number; readonly ns: number }[]
}

/** `itree.1e5.rand/insert` -> `itree.N.rand/insert`. */
export function withoutSize(workload: string): string {
  return workload.replace(/\b1e[3-7]\b/, 'N')
}

/** Throws when no two of the scenarios differ in their size alone: measuring them would tell nothing of growth. */
export function checkSizes(scenarios: readonly string[]): void {
  if (new Set(scenarios.map(withoutSize)).size < scenarios.length) return
  throw new RangeError(
    `growth needs two sizes of a workload; selected: ${scenarios.join(', ')} (a filter without a size selects all, as itree)`,
  )
}

/** Groups rows that differ only in n and fits each group with two sizes or more. */
export function scalings(rows: readonly Row[]): Scaling[] {
  const groups = new Map<string, { workload: string; contender: string; points: { n: number; ns: number }[] }>()
  for (const row of rows) {
    if (row.n === undefined) continue
    const workload = withoutSize(row.workload)
    const key = `${workload} ${row.contender}`
    const group = groups.get(key) ?? { workload, contender: row.contender, points: [] }
    group.points.push({ n: row.n, ns: row.nsPerOp })
    groups.set(key, group)
  }
  return [...groups.values()]
    .filter((group) => group.points.length >= 2)
    .map((group) => ({ ...group, points: group.points.sort((a, b) => a.n - b.n), ...fitGrowth(group.points) }))
}

export function scalingTable(fits: readonly Scaling[]): string {
  const lines = [`${'workload'.padEnd(34)} ${'contender'.padEnd(26)} ${'exponent'.padStart(8)}  growth per op   points (n: ns)`]
  for (const fit of fits) {
    const points = fit.points.map((p) => `${p.n.toExponential(0)}: ${p.ns.toPrecision(3)}`).join(', ')
    lines.push(
      `${fit.workload.slice(0, 34).padEnd(34)} ${fit.contender.slice(0, 26).padEnd(26)} ${fit.exponent.toFixed(2).padStart(8)}  ${fit.growth.padEnd(14)}  ${points}`,
    )
  }
  return lines.join('\n')
}
