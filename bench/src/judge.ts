/** What a measured row of ours is compared with: its peers, the C reference, the goal. */
import type { Row } from './run.ts'
import { ours } from './scenario.ts'

export interface Judged {
  readonly row: Row
  /** The others that did the same work, the fastest first. */
  readonly peers: readonly Row[]
  readonly bestPeer: Row | undefined
  /** The fastest peer of the same kind. */
  readonly rival: Row | undefined
  /** Our time divided by the C reference's, the difference of the machines taken out. */
  readonly scaled: number | undefined
  readonly missed: boolean
}

export function isOurs(contender: string): boolean {
  return contender === ours
}

/** A peer's name without scope and version, so that the line stays short; the data has the whole name. */
export function shortName(contender: string): string {
  return isOurs(contender) ? contender : contender.replace(/^@[^/]+\//, '').replace(/@[^@]*$/, '')
}

/** The rows of ours, each with what it is compared to. `factor` is the machine factor of the run. */
export function judge(rows: readonly Row[], factor: number): Judged[] {
  const peersOf = new Map<string, Row[]>()
  for (const row of rows) if (!isOurs(row.contender)) peersOf.set(row.workload, [...(peersOf.get(row.workload) ?? []), row])
  for (const peers of peersOf.values()) peers.sort((a, b) => a.nsPerOp - b.nsPerOp)
  return rows
    .filter((row) => isOurs(row.contender))
    .map((row) => {
      const peers = peersOf.get(row.workload) ?? []
      const scaled = row.cNs === undefined ? undefined : row.nsPerOp / (row.cNs * factor)
      const missed = scaled !== undefined && row.goal !== undefined && scaled > row.goal
      return { row, peers, bestPeer: peers[0], rival: peers.find((peer) => peer.ofItsKind), scaled, missed }
    })
}
