// Kind 1 of docs/TESTING.md: what the table, the data lines, the scaling fits and the profile pages say.
import { describe, expect, it } from 'vitest'
import { machineFactor, reference } from '../src/calibrate.ts'
import { comparisonTable } from '../src/compare.ts'
import type { Environment } from '../src/environment.ts'
import { flamePage } from '../src/flame.ts'
import { judge } from '../src/judge.ts'
import { summarise } from '../src/profile.ts'
import { duration } from '../src/progress.ts'
import { ndjson, ns, opsPerSecond, pullRequestComment, tableOf } from '../src/report.ts'
import { inRound, type Row } from '../src/run.ts'
import { checkSizes, scalings, withoutSize } from '../src/scale.ts'
import { joinParts, observeFresh } from '../src/spawn.ts'

const row = (over: Partial<Row>): Row => ({
  kind: 'result',
  workload: 'itree.1e5.rand/insert',
  contender: 'ours',
  package: 'interval-tree-span',
  unit: 'node',
  source: 'bench/workloads/interval-tree-span.ts',
  n: 1e5,
  ops: 1e5,
  nsPerOp: 100,
  nsPerOpMin: 95,
  nsPerRound: [95, 100, 105],
  spread: 0.05,
  bytesPerOp: 0,
  bytesPerEntry: 55,
  checksum: 1,
  counts: {},
  rounds: 3,
  cNs: 127,
  goal: 0.6,
  ...over,
})

describe('the table', () => {
  it('fits 100 columns, gives ratios to the best peer and to the scaled C time, and marks a missed goal', () => {
    const rows = [row({}), row({ contender: 'slow-peer@1.0.0', nsPerOp: 500 }), row({ contender: '@scope/fast-peer@1.0.0', nsPerOp: 200 })]
    const lines = tableOf(rows, 1, true).split('\n')
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100)
    expect(lines[1]).toMatch(/0\.50 +0\.79! +5$/)
    expect(lines[3]).toContain('fast-peer')
    expect(tableOf([row({ nsPerOp: 60 })], 1, false)).not.toContain('!')
  })

  it('scales by the machine factor, which is 1 on the reference machine', () => {
    expect(machineFactor(reference)).toBeCloseTo(1, 12)
    expect(machineFactor({ ...reference, hashChainNs: 2.78, randomReadNs: 210 })).toBeCloseTo(2, 12)
    expect(judge([row({ nsPerOp: 254 })], 2)[0]!.scaled).toBeCloseTo(1, 12)
    expect(judge([row({ cNs: undefined })], 2)[0]).toMatchObject({ scaled: undefined, missed: false })
  })

  it('writes numbers that a person can read', () => {
    expect([ns(1.2345), ns(999.4), ns(999.5), ns(12345.6), ns(2.5e6)]).toEqual(['1.23', '999', '1000', '12346', '2.50m'])
    expect([opsPerSecond(1), opsPerSecond(100), opsPerSecond(5e9)]).toEqual(['1.00G', '10.0M', '0.200'])
    expect([duration(1400), duration(61_000)]).toEqual(['1 s', '1 min 1 s'])
  })

  it('writes the environment first, then a line a row', () => {
    const lines = ndjson({ kind: 'environment' } as Environment, [row({})])
      .trim()
      .split('\n')
    expect(JSON.parse(lines[0]!)).toEqual({ kind: 'environment' })
    expect(JSON.parse(lines[1]!)).toMatchObject({ workload: 'itree.1e5.rand/insert', contender: 'ours', nsPerOp: 100 })
  })
})

describe('the pull request comment', () => {
  it('leads with the verdict of the gate', () => {
    expect(pullRequestComment('gate: 30 figures, 0 failed, in 9 s', 'table')).toContain('The gate passes.')
    expect(pullRequestComment('gate: 30 figures, 1 failed, in 9 s', 'table')).toContain('**The gate fails.**')
  })
})

describe('the observation process', () => {
  it('writes its parts as lines, of which one that was cut off does not count', () => {
    const parts = '{"phases":[{"phase":"a"}]}\n{"phases":[{"phase":"b"}]}\n{"pha'
    expect(joinParts(parts).phases).toEqual([{ phase: 'a' }, { phase: 'b' }])
    expect(joinParts('{"bytesPerEntry":8}\n')).toEqual({ bytesPerEntry: 8, phases: [] })
    expect(joinParts('')).toEqual({ phases: [] })
  })

  it('keeps what a stopped process had measured', async () => {
    const order = { scenario: 'xa.1e3.seq', contender: 'ours', phases: ['store'], mode: 'time', budgetMs: 1 } as const
    expect((await observeFresh(order)).phases?.map((p) => p.phase)).toEqual(['store'])
    expect((await observeFresh(order, { deadlineMs: 1 })).phases).toEqual([])
    await expect(observeFresh({ ...order, contender: 'nobody' })).rejects.toThrow("no contender 'nobody'")
  })
})

describe('rounds', () => {
  it('go back and forth', () => {
    expect([0, 1, 2].map((round) => inRound(['a', 'b', 'c'], round).join(''))).toEqual(['abc', 'cba', 'abc'])
  })
})

describe('scaling', () => {
  it('needs two sizes of a workload', () => {
    expect(() => checkSizes(['itree.1e3.seq', 'itree.1e3.rand'])).toThrow('selected: itree.1e3.seq, itree.1e3.rand')
    expect(() => checkSizes(['itree.1e3.seq', 'itree.1e3.rand', 'itree.1e6.rand'])).not.toThrow()
  })

  it('joins the sizes of one workload', () => {
    expect(withoutSize('areas.1e5.radix.d1/map')).toBe('areas.N.radix.d1/map')
    const fits = scalings([row({}), row({ workload: 'itree.1e6.rand/insert', n: 1e6, nsPerOp: 120 }), row({ contender: 'alone' })])
    expect(fits).toHaveLength(1)
    expect(fits[0]).toMatchObject({ workload: 'itree.N.rand/insert', growth: 'log n' })
  })
})

describe('comparison', () => {
  it('shows the verdict and the noise', () => {
    const interval = { low: Math.log(1.04), middle: Math.log(1.05), high: Math.log(1.06) }
    const text = comparisonTable([
      {
        kind: 'comparison',
        workload: 'w',
        contender: 'ours',
        baseNs: 100,
        headNs: 105,
        pairs: [],
        logRatio: interval,
        aaPairs: [],
        aa: interval,
        noiseFloor: Math.log(1.02),
        verdict: 'worse',
      },
    ])
    expect(text).toContain('+5.0%')
    expect(text).toContain('worse')
    expect(text).toContain('±2.0 %')
  })
})

describe('profiles', () => {
  const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 9 })
  const summary = summarise(
    {
      nodes: [
        { id: 1, callFrame: frame('(root)'), children: [2, 3] },
        { id: 2, callFrame: frame('insert', 'file:///x/packages/interval-tree-span/dist/insert.js') },
        { id: 3, callFrame: frame('(garbage collector)') },
      ],
      samples: [2, 2, 3],
      timeDeltas: [600, 200, 200],
    },
    ['bailout <insert>'],
  )

  it('ranks functions by their own time, with source lines and the share of garbage collection', () => {
    expect(summary.hottest[0]).toMatchObject({ name: 'insert', place: 'packages/interval-tree-span/dist/insert.js:10', share: 0.8 })
    expect(summary.gcShare).toBeCloseTo(0.2, 12)
    expect(summary.root.totalUs).toBe(1000)
  })

  it('makes one self-contained page with everything escaped', () => {
    const page = flamePage('a<b', summary)
    expect(page).toContain('a&lt;b')
    expect(page).toContain('bailout &lt;insert&gt;')
    expect(page).not.toMatch(/<script|https?:\/\//)
  })
})
