/** What the gate lets through. Pure, so that its tests can plant regressions. */

/** The figures of one workload on one revision. `instructions` is absent where valgrind is. */
export interface GateFigures {
  readonly workload: string
  readonly instructions: number | undefined
  readonly bytes: number
  readonly counts: Readonly<Record<string, number>>
}

export interface GateFinding {
  readonly workload: string
  readonly what: string
  readonly base: number
  readonly head: number
  readonly ok: boolean
}

/** Instructions per operation may grow by 1 %: the spread seen between identical runs is far below that. */
export const instructionsTolerance = 0.01
/** Bytes allocated per operation may grow by half a byte. */
export const bytesTolerance = 0.5
/** A bundle may grow by 1 %; more needs a word in the pull request and a new base. */
export const bundleTolerance = 0.01

function grown(base: number, head: number, relative: number, absolute = 0): boolean {
  return head > base * (1 + relative) + absolute
}

/**
 * Compares base and head of one workload. Exact counts must be equal or lower; a count that is new or gone is a finding. A workload that the base
 * does not have passes: there is nothing to compare it with.
 */
export function judgeWorkload(base: GateFigures | undefined, head: GateFigures): GateFinding[] {
  const { workload } = head
  if (base === undefined) return [{ workload, what: 'new', base: Number.NaN, head: head.instructions ?? Number.NaN, ok: true }]
  const findings: GateFinding[] = []
  if (base.instructions !== undefined && head.instructions !== undefined)
    findings.push({
      workload,
      what: 'instructions/op',
      base: base.instructions,
      head: head.instructions,
      ok: !grown(base.instructions, head.instructions, instructionsTolerance),
    })
  findings.push({ workload, what: 'bytes/op', base: base.bytes, head: head.bytes, ok: !grown(base.bytes, head.bytes, 0, bytesTolerance) })
  for (const name of new Set([...Object.keys(base.counts), ...Object.keys(head.counts)])) {
    const before = base.counts[name] ?? Number.NaN
    const after = head.counts[name] ?? Number.NaN
    findings.push({ workload, what: name, base: before, head: after, ok: after <= before })
  }
  return findings
}

export function judgeBundle(name: string, base: number, head: number): GateFinding {
  return { workload: name, what: 'bundle bytes', base, head, ok: !grown(base, head, bundleTolerance) }
}

/** The findings as a table; failed ones first. */
export function gateTable(findings: readonly GateFinding[]): string {
  const lines = [`${'workload'.padEnd(36)} ${'what'.padEnd(16)} ${'base'.padStart(12)} ${'head'.padStart(12)} ${'change'.padStart(8)}`]
  for (const f of [...findings].sort((a, b) => Number(a.ok) - Number(b.ok))) {
    const change = f.base === f.head ? '0' : Number.isNaN(f.base) ? 'new' : `${(((f.head - f.base) / f.base) * 100).toFixed(2)}%`
    lines.push(
      `${f.workload.slice(0, 36).padEnd(36)} ${f.what.slice(0, 16).padEnd(16)} ${f.base.toFixed(2).padStart(12)} ${f.head.toFixed(2).padStart(12)} ${change.padStart(8)}${f.ok ? '' : '  FAIL'}`,
    )
  }
  return lines.join('\n')
}
