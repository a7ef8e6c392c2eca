/** The data lines of `pnpm bench --json`, `bench:compare --json` and the history file. */
import type { Comparison } from '../../src/compare.ts'
import type { Environment } from '../../src/environment.ts'
import type { Row } from '../../src/run.ts'

export type { Comparison, Environment, Row }

export interface HistoryEntry {
  readonly environment: Environment
  readonly rows: readonly Row[]
}

export interface PageData {
  readonly environment: Environment | undefined
  readonly rows: readonly Row[]
  readonly comparisons: readonly Comparison[]
  readonly history: readonly HistoryEntry[]
}

async function lines(file: string): Promise<unknown[]> {
  const response = await fetch(`data/${file}`)
  if (!response.ok) return []
  const text = await response.text()
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as unknown)
}

export async function loadData(): Promise<PageData> {
  const [run, comparisons, history] = await Promise.all([lines('run.ndjson'), lines('comparison.ndjson'), lines('history.ndjson')])
  const kinded = run as { kind: string }[]
  return {
    environment: kinded.find((line) => line.kind === 'environment') as Environment | undefined,
    rows: kinded.filter((line) => line.kind === 'result') as unknown as Row[],
    comparisons: comparisons as Comparison[],
    history: history as HistoryEntry[],
  }
}
