// Kind 1 of docs/TESTING.md: who gets how many rounds of a run.
import { describe, expect, it } from 'vitest'
import { selectScenarios } from '../src/registry.ts'
import { type RunOptions, runAll } from '../src/run.ts'

const options: RunOptions = { rounds: 2, budgetMs: 1, limitMs: 60_000, peerRepeatMs: 60_000, progress: () => undefined }

async function roundsOf(over: Partial<RunOptions>): Promise<Record<string, number>> {
  const rows = await runAll(await selectScenarios(['xa.1e3.seq/load']), {
    ...options,
    contenders: ['ours', `Array@${process.version}`],
    ...over,
  })
  return Object.fromEntries(rows.map((row) => [`${row.contender.split('@')[0]} ${row.workload}`, row.rounds]))
}

describe('a run', { timeout: 60_000 }, () => {
  it('gives peers as many rounds as ours, but for those that took longer than they may', async () => {
    expect(await roundsOf({})).toMatchObject({ 'ours xa.1e3.seq/load': 2, 'Array xa.1e3.seq/load': 2 })
    expect(await roundsOf({ peerRepeatMs: 0 })).toMatchObject({ 'ours xa.1e3.seq/load': 2, 'Array xa.1e3.seq/load': 1 })
  })

  it('completes the first round whatever the time, and begins no other that does not fit', async () => {
    expect(await roundsOf({ limitMs: 0 })).toMatchObject({ 'ours xa.1e3.seq/load': 1, 'Array xa.1e3.seq/load': 1 })
  })
})
