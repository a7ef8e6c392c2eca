/** The table for people (100 columns) and the data lines for programs (NDJSON). */
import type { Environment } from './environment.ts'
import { judge, shortName } from './judge.ts'
import type { Row } from './run.ts'

/** ns with three significant digits. */
export function ns(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)}m`
  if (value >= 999.5) return `${Math.round(value)}`
  return value.toPrecision(3)
}

/** Operations a second, with a metric prefix. */
export function opsPerSecond(nsPerOp: number): string {
  const perSecond = 1e9 / nsPerOp
  for (const [unit, factor] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const)
    if (perSecond >= factor) return `${(perSecond / factor).toPrecision(3)}${unit}`
  return perSecond.toPrecision(3)
}

function bytes(value: number | undefined): string {
  if (value === undefined) return '·'
  return value >= 100 ? `${Math.round(value)}` : value.toFixed(1)
}

const nameWidth = 53
const columns = [
  ['ns/op', 7],
  ['ops/s', 6],
  ['B/op', 5],
  ['B/ent', 5],
  ['xpeer', 6],
  ['xC', 6],
  ['+-%', 4],
] as const

function line(name: string, cells: readonly string[]): string {
  return `${name.slice(0, nameWidth).padEnd(nameWidth)} ${columns.map(([, width], k) => cells[k]!.slice(0, width).padStart(width)).join(' ')}`
}

/** Rows as a table of at most 98 columns; `xpeer` and `xC` are our time over theirs: below 1 we are faster. */
export function tableOf(rows: readonly Row[], factor: number, withHead: boolean): string {
  const lines = withHead
    ? [
        line(
          'workload',
          columns.map(([name]) => name),
        ),
      ]
    : []
  const judged = new Map(judge(rows, factor).map((each) => [each.row, each]))
  for (const row of rows) {
    const { bestPeer: peer, scaled: ratio, missed } = judged.get(row) ?? {}
    lines.push(
      line(`${row.workload.padEnd(34)} ${shortName(row.contender)}`, [
        ns(row.nsPerOp),
        opsPerSecond(row.nsPerOp),
        bytes(row.bytesPerOp),
        bytes(row.bytesPerEntry),
        peer ? (row.nsPerOp / peer.nsPerOp).toPrecision(2) : '',
        ratio === undefined ? '' : `${ratio.toPrecision(2)}${missed ? '!' : ''}`,
        (row.spread * 100).toFixed(0),
      ]).trimEnd(),
    )
  }
  return lines.join('\n')
}

export const legend: string = [
  'xpeer: ours / best peer. xC: ours / C reference recorded on another machine, scaled by the',
  'calibration of this run; ! misses the goal. Times are CPU time; +-% is the spread of the rounds’',
  'medians. A peer without a row could not do the work in 8 s, or not at all.',
].join('\n')

export function environmentLine(env: Environment): string {
  const c = env.calibration
  return (
    `${env.cpu}, ${env.cores} cores, Node ${env.node}, V8 ${env.v8}, load ${env.load}, revision ${env.revision}${env.dirty ? ' (changed)' : ''}\n` +
    `calibration: hashChain ${c.hashChainNs} ns, randomRead ${c.randomReadNs} ns (4 MiB: ${c.nearReadNs} ns), sequentialRead ${c.sequentialReadNs} ns;\n` +
    `machine factor ${env.machineFactor}`
  )
}

/** First the environment, then a line a row. */
export function ndjson(env: Environment, rows: readonly Row[]): string {
  return `${[env, ...rows].map((item) => JSON.stringify(item)).join('\n')}\n`
}

/** The comment on a pull request: the gate decides, the comparison is evidence. */
export function pullRequestComment(gate: string, comparison: string): string {
  const verdict = /, 0 failed,/.test(gate) ? 'The gate passes.' : '**The gate fails.**'
  const fenced = (text: string): string => `\`\`\`\n${text.trim()}\n\`\`\``
  return `## Performance\n\n${verdict}\n\n${fenced(gate)}\n\n<details><summary>Paired comparison of times (evidence, no gate)</summary>\n\n${fenced(comparison)}\n\n</details>\n`
}
