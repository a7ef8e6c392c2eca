/**
 * `pnpm bench:tables RUN`: the tables of the READMEs and of docs/PERFORMANCE.md, made from the data of a run, so that no figure in them is
 * written by hand. A test makes them anew from the data that is committed.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from './environment.ts'
import { type Judged, judge, shortName } from './judge.ts'
import { projectFolder } from './paths.ts'
import { ns } from './report.ts'
import type { Row } from './run.ts'
import { withoutSize } from './scale.ts'

export interface RunData {
  readonly environment: Environment
  readonly rows: readonly Row[]
}

/** The data lines of `pnpm bench --json`. */
export function parseRun(text: string): RunData {
  const [environment, ...rows] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Environment | Row)
  if (environment?.kind !== 'environment') throw new Error('the data of a run begins with its environment')
  return { environment, rows: rows as Row[] }
}

/** A table whose columns are as wide as their widest cell, as the formatter wants it. */
function markdownTable(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((cell, k) => Math.max(3, cell.length, ...body.map((row) => row[k]!.length)))
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, k) => cell.padEnd(widths[k]!)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

/** How many processes figures are the medians of, or nothing if there are none. */
function processes(rows: readonly Row[]): string {
  const rounds = rows.map((row) => row.rounds)
  const [fewest, most] = [Math.min(...rounds), Math.max(...rounds)]
  if (rows.length === 0) return ''
  return most === 1 ? 'one fresh process' : `medians of ${fewest === most ? most : `${fewest} to ${most}`} fresh processes`
}

/** Where the figures come from, in one sentence. */
function origin(environment: Environment, judged: readonly Judged[]): string {
  const ours = processes(judged.map(({ row }) => row))
  const peers = processes(judged.flatMap(({ bestPeer }) => bestPeer ?? []))
  const count = ours === peers || peers === '' ? `${ours} each` : `${ours} each (peers: ${peers})`
  return (
    `${environment.date.slice(0, 10)}, ${environment.cpu} (${environment.cores} cores), Node ${environment.node}, revision ${environment.revision}, ` +
    `${count}, CPU time`
  )
}

function fastestInBold(mine: string, peer: string, isOursFaster: boolean): [string, string] {
  return peer === '' ? [mine, peer] : isOursFaster ? [`**${mine}**`, peer] : [mine, `**${peer}**`]
}

function weight(bytes: number | undefined): string {
  return bytes === undefined || bytes === 0 ? '' : `${bytes >= 100 ? Math.round(bytes) : bytes.toFixed(1)}`
}

/** The two cells of a workload: ours, and the best peer with its name. */
function cellsOf(judged: Judged | undefined): [string, string] {
  if (judged === undefined) return ['', '']
  const { row, bestPeer: peer } = judged
  return fastestInBold(
    ns(row.nsPerOp),
    peer === undefined ? '' : `${ns(peer.nsPerOp)} ${shortName(peer.contender)}`,
    row.nsPerOp <= (peer?.nsPerOp ?? Infinity),
  )
}

/** Bytes an entry of ours and of the leanest peer. */
function weightCells(judged: Judged | undefined): [string, string] {
  if (judged === undefined || weight(judged.row.bytesPerEntry) === '') return ['', '']
  const leanest = judged.peers.filter((peer) => peer.bytesPerEntry).sort((a, b) => a.bytesPerEntry! - b.bytesPerEntry!)[0]
  const mine = judged.row.bytesPerEntry!
  const peer =
    judged.row.contender === 'ours' && leanest !== undefined ? `${weight(leanest.bytesPerEntry)} ${shortName(leanest.contender)}` : ''
  return fastestInBold(weight(mine), peer, mine <= (leanest?.bytesPerEntry ?? Infinity))
}

const sizeOf = (row: Row): string => (withoutSize(row.workload) === row.workload ? '' : /\b1e\d\b/.exec(row.workload)![0])

/** The table of one package: a line a workload, two columns a size. */
export function packageTable({ environment, rows }: RunData, packageName: string): string {
  const mine = judge(rows, environment.machineFactor).filter(({ row }) => row.package === packageName)
  if (mine.length === 0) throw new Error(`the run has no figures of ${packageName}`)
  const sizes = [...new Set(mine.map(({ row }) => sizeOf(row)))].sort()
  const nameOf = ({ row }: Judged): string => withoutSize(row.workload)
  const at = (name: string, size: string): Judged | undefined => mine.find((each) => nameOf(each) === name && sizeOf(each.row) === size)
  const names = [...new Set(mine.map(nameOf))]
  const hasPeers = mine.some(({ peers }) => peers.length > 0)
  const columns = (cells: readonly [string, string]): string[] => (hasPeers ? [...cells] : [cells[0]])
  const body = names.map((name) => [name.replace('.N', ''), ...sizes.flatMap((size) => columns(cellsOf(at(name, size))))])
  // Bytes do not depend on what is done with the structure: one line a scenario.
  const scenarioOf = (name: string): string => name.replace(/\/[^@]*/, '')
  for (const scenario of new Set(names.map(scenarioOf))) {
    const name = names.find((each) => scenarioOf(each) === scenario)!
    const cells = sizes.map((size) => weightCells(at(name, size)))
    if (cells.some(([own]) => own !== '')) body.push([`${scenario.replace('.N', '')}: bytes an entry`, ...cells.flatMap(columns)])
  }
  const head = sizes.flatMap((size) => columns([size === '' ? 'ours' : `${size} ours`, 'best peer']))
  return `Nanoseconds an operation${hasPeers ? ', the faster of the two in bold' : ''}. ${origin(environment, mine)}.\n\n${markdownTable(['workload', ...head], body)}`
}

/** The workloads that have a goal. */
function againstGoals(rows: readonly Row[], factor: number): Judged[] {
  return judge(rows, factor).filter(({ row }) => row.goal !== undefined)
}

const countMet = (judged: readonly Judged[]): number => judged.filter(({ missed }) => !missed).length

/**
 * Every workload that has a goal: the result against it. The medians decide. The calibration is the best of five, so the ratio of our best sample is the
 * one of like with like, and stands beside theirs.
 */
export function goalTable({ environment, rows }: RunData): string {
  const withGoal = againstGoals(rows, environment.machineFactor)
  const atBest = againstGoals(
    rows.map((row) => ({ ...row, nsPerOp: row.nsPerOpMin })),
    environment.machineFactor,
  )
  const body = withGoal.map(({ row, bestPeer, scaled, missed }, at) => [
    row.workload,
    ns(row.nsPerOp),
    bestPeer === undefined ? '' : `${ns(bestPeer.nsPerOp)} ${shortName(bestPeer.contender)}`,
    ns(row.cNs!),
    scaled!.toPrecision(2),
    atBest[at]!.scaled!.toPrecision(2),
    String(row.goal),
    missed ? `${(scaled! / row.goal!).toPrecision(2)} times the goal` : 'met',
  ])
  const { hashChainNs, randomReadNs, nearReadNs, sequentialReadNs } = environment.calibration
  return (
    `${countMet(withGoal)} of ${withGoal.length} goals met by the medians, ${countMet(atBest)} by the best sample, as the calibration is the best of five. ` +
    `${origin(environment, withGoal)}. Calibration: hashChain ${hashChainNs} ns, randomRead ${randomReadNs} ns ` +
    `(over 4 MiB: ${nearReadNs} ns), sequentialRead ${sequentialReadNs} ns; machine factor ${environment.machineFactor}. C was recorded on another machine.\n\n` +
    markdownTable(['case', 'ours, ns', 'best peer, ns', 'C, ns', 'scaled', 'at best', 'goal', 'verdict'], body)
  )
}

/** Every workload that is to be so many times faster than the fastest peer of its kind. The medians decide; the best samples of both stand beside them. */
export function kindTable({ environment, rows }: RunData): string {
  const withGoal = judge(rows, environment.machineFactor).filter(({ row }) => row.timesFaster !== undefined)
  const verdicts = withGoal.map(({ row, rival }) => {
    if (rival === undefined) return 'no other ended'
    const share = rival.nsPerOp / row.nsPerOp / row.timesFaster!
    return share < 1 ? `${share.toPrecision(2)} of the goal` : 'met'
  })
  const body = withGoal.map(({ row, rival }, at) => [
    row.workload,
    ns(row.nsPerOp),
    ...(rival === undefined
      ? ['', '', '']
      : [
          `${ns(rival.nsPerOp)} ${shortName(rival.contender)}`,
          (rival.nsPerOp / row.nsPerOp).toPrecision(2),
          (rival.nsPerOpMin / row.nsPerOpMin).toPrecision(2),
        ]),
    String(row.timesFaster),
    verdicts[at]!,
  ])
  const met = verdicts.filter((verdict) => verdict === 'met').length
  return (
    `Of the same run, beside the fastest of its kind from npm: ${met} of ${withGoal.length} goals met.\n\n` +
    markdownTable(['case', 'ours, ns', 'fastest of its kind, ns', 'times faster', 'at best', 'goal', 'verdict'], body)
  )
}

const begin = '<!-- figures: made by `pnpm bench:tables`, not by hand -->'
const end = '<!-- end of figures -->'

/** The text with what stands between the two marks replaced. */
export function replaceFigures(text: string, figures: string): string {
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from < 0 || to < from) throw new Error(`there is no '${begin}' with an '${end}' behind it`)
  return `${text.slice(0, from)}${begin}\n\n${figures}\n\n${text.slice(to)}`
}

/** Every file that holds figures of a run, as it should be. */
export function filesWithFigures(data: RunData): Map<string, string> {
  const files = new Map<string, string>()
  const put = (file: string, figures: (data: RunData) => string): void => {
    const text = readFileSync(join(projectFolder, file), 'utf8')
    if (text.includes(begin)) files.set(file, replaceFigures(text, figures(data)))
  }
  for (const name of readdirSync(join(projectFolder, 'packages'))) put(`packages/${name}/README.md`, (run) => packageTable(run, name))
  put('docs/PERFORMANCE.md', (run) => `${goalTable(run)}\n\n${kindTable(run)}`)
  return files
}

/** Writes them. */
export function writeTables(runFile: string): string[] {
  const files = filesWithFigures(parseRun(readFileSync(runFile, 'utf8')))
  for (const [file, text] of files) writeFileSync(join(projectFolder, file), text)
  return [...files.keys()]
}
