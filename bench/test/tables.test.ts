// Kind 1 of docs/TESTING.md: the tables made from a run: who is faster, what is missed, where they go.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Environment } from '../src/environment.ts'
import { bundledData } from '../src/page.ts'
import { projectFolder } from '../src/paths.ts'
import type { Row } from '../src/run.ts'
import { filesWithFigures, goalTable, kindTable, packageTable, parseRun, type RunData, replaceFigures } from '../src/tables.ts'

const environment = {
  kind: 'environment',
  date: '2026-01-02T03:04:05.000Z',
  cpu: 'Test CPU',
  cores: 2,
  node: 'v20.19.0',
  revision: 'abcdef012345',
  calibration: { hashChainNs: 1.39, randomReadNs: 105, sequentialReadNs: 0.29, nearReadNs: 12 },
  machineFactor: 2,
} as Environment

const row = (workload: string, contender: string, nsPerOp: number, over: Partial<Row> = {}): Row =>
  ({
    kind: 'result',
    workload,
    contender,
    package: 'tree',
    n: 1e3,
    nsPerOp,
    nsPerOpMin: nsPerOp * 0.7,
    rounds: 3,
    bytesPerEntry: 50,
    ...over,
  }) as Row

const rows = [
  row('itree.1e3.rand/insert', 'ours', 100, { cNs: 100, goal: 0.4 }),
  row('itree.1e3.rand/insert', '@a/peer-tree@1.0.0', 300, { bytesPerEntry: 40 }),
  row('itree.1e3.rand/insert', 'slow@1.0.0', 900),
  row('itree.1e3.rand/remove', 'ours', 80, { cNs: 100, goal: 0.4, rounds: 2 }),
  row('itree.1e3.rand/remove', 'peer-tree@1.0.0', 70),
  row('itree.1e6.rand/insert', 'ours', 200),
  row('itree.1e6.rand/insert@u64', 'ours', 250),
  row('other.1g/map', 'ours', 5, { package: 'other', n: undefined, bytesPerEntry: undefined }),
]
const data: RunData = { environment, rows }

describe('the table of a package', () => {
  it('has a line a workload, two columns a size, the faster in bold, bytes once a scenario, and says where it comes from', () => {
    expect(packageTable(data, 'tree').split('\n')).toEqual([
      'Nanoseconds an operation, the faster of the two in bold. 2026-01-02, Test CPU (2 cores), Node v20.19.0, revision abcdef012345, medians of 2 to 3 fresh processes each (peers: medians of 3 fresh processes), CPU time.',
      '',
      '| workload                       | 1e3 ours | best peer          | 1e6 ours | best peer |',
      '| ------------------------------ | -------- | ------------------ | -------- | --------- |',
      '| itree.rand/insert              | **100**  | 300 peer-tree      | 200      |           |',
      '| itree.rand/remove              | 80.0     | **70.0 peer-tree** |          |           |',
      '| itree.rand/insert@u64          |          |                    | 250      |           |',
      '| itree.rand: bytes an entry     | 50.0     | **40.0 peer-tree** | 50.0     |           |',
      '| itree.rand@u64: bytes an entry |          |                    | 50.0     |           |',
    ])
  })

  it('has one column where there are no peers and no sizes, and refuses a package without figures', () => {
    expect(packageTable(data, 'other')).toMatch(/\| workload +\| ours \|\n.*\n\| other\.1g\/map \| 5\.00 \|$/)
    expect(() => packageTable(data, 'nobody')).toThrow('no figures of nobody')
  })
})

describe('the table of goals', () => {
  it('says what is met by the medians and by how much the others miss, and what the best samples come to', () => {
    const table = goalTable(data)
    expect(table).toContain('1 of 2 goals met by the medians, 2 by the best sample, as the calibration is the best of five.')
    expect(table).toMatch(/insert +\| 100 +\| 300 peer-tree +\| 100 +\| 0\.50 +\| 0\.35 +\| 0\.4 +\| 1\.3 times the goal/)
    expect(table).toMatch(/remove +\| 80\.0 +\| 70\.0 peer-tree +\| 100 +\| 0\.40 +\| 0\.28 +\| 0\.4 +\| met/)
  })
})

describe('the table beside peers of its kind', () => {
  const kin = [
    row('itree.1e5.rand/insert', 'ours', 100, { timesFaster: 5 }),
    row('itree.1e5.rand/insert', 'map@1.0.0', 90),
    row('itree.1e5.rand/insert', 'tree@1.0.0', 450, { ofItsKind: true, nsPerOpMin: 420 }),
    row('itree.1e5.rand/insert', 'slow-tree@1.0.0', 900, { ofItsKind: true }),
    row('itree.1e5.rand/span', 'ours', 10, { timesFaster: 40 }),
    row('itree.1e5.rand/span', 'tree@1.0.0', 400, { ofItsKind: true }),
    row('itree.1e5.rand/remove', 'ours', 10, { timesFaster: 20 }),
    row('itree.1e5.rand/remove', 'map@1.0.0', 20),
    row('itree.1e5.rand/iter_all', 'ours', 10),
  ]

  it('takes the fastest that is of its kind, says by how much a goal is missed, and where none ended', () => {
    const lines = kindTable({ environment, rows: kin }).split('\n')
    expect(lines[0]).toBe('Of the same run, beside the fastest of its kind from npm: 1 of 3 goals met.')
    expect(
      lines.slice(4).map((line) =>
        line
          .split('|')
          .map((cell) => cell.trim())
          .join('|'),
      ),
    ).toEqual([
      '|itree.1e5.rand/insert|100|450 tree|4.5|6.0|5|0.90 of the goal|',
      '|itree.1e5.rand/span|10.0|400 tree|40|40|40|met|',
      '|itree.1e5.rand/remove|10.0||||20|no other ended|',
    ])
  })
})

describe('the place of the figures', () => {
  it('is between two marks; all else stays', () => {
    const text = 'a\n<!-- figures: made by `pnpm bench:tables`, not by hand -->\nold\n<!-- end of figures -->\nb'
    const once = replaceFigures(text, 'new')
    expect(once).toBe('a\n<!-- figures: made by `pnpm bench:tables`, not by hand -->\n\nnew\n\n<!-- end of figures -->\nb')
    expect(replaceFigures(once, 'new')).toBe(once)
    expect(() => replaceFigures('nothing', 'new')).toThrow('there is no')
  })

  it('takes data that begins with its environment', () => {
    expect(parseRun(`${JSON.stringify(environment)}\n${JSON.stringify(rows[0])}\n`).rows).toHaveLength(1)
    expect(() => parseRun(`${JSON.stringify(rows[0])}\n`)).toThrow('begins with its environment')
  })
})

describe('the figures in the documents', () => {
  const files = filesWithFigures(parseRun(readFileSync(join(bundledData, 'run.ndjson'), 'utf8')))

  it('stand in the READMEs of the packages that have workloads, and in docs/PERFORMANCE.md', () => {
    const packages = ['interval-tree-span', 'io-pagetable', 'iova-bitmap', 'simulated-iommu-hw', 'xarray']
    expect([...files.keys()].sort()).toEqual(['docs/PERFORMANCE.md', ...packages.map((name) => `packages/${name}/README.md`)])
  })

  it.each([...files])('%s holds those of the committed run', (file, text) => {
    expect(readFileSync(join(projectFolder, file), 'utf8')).toBe(text)
  })
})
