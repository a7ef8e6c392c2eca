/** The commands of the benchmark app. Tables go to stdout, progress to stderr. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { type Comparison, compareAll, comparisonTable } from './compare.ts'
import { describeEnvironment, type Environment } from './environment.ts'
import { flamePage } from './flame.ts'
import { everyWorkload, gateWorkloads, runGate } from './gate.ts'
import { type GateFinding, gateTable } from './gate-rules.ts'
import { findValgrind, howToGetValgrind } from './instructions.ts'
import { buildPage, bundledData, servePage } from './page.ts'
import { projectFolder, workerOf } from './paths.ts'
import { profilePhase } from './profile.ts'
import { progressLine } from './progress.ts'
import { allScenarios, findScenario, selectScenarios, sourceLine } from './registry.ts'
import { environmentLine, legend, ndjson, pullRequestComment, tableOf } from './report.ts'
import { buildRevision, forgetRevisions } from './revisions.ts'
import { type Row, runAll } from './run.ts'
import { checkSizes, scalings, scalingTable } from './scale.ts'
import { writeTables } from './tables.ts'

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!Number.isInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}, got '${text}'`)
    return value
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function writeFile(file: string, text: string): void {
  mkdirSync(dirname(resolve(file)), { recursive: true })
  writeFileSync(file, text)
  process.stderr.write(`written: ${file}\n`)
}

/** The selection of the filters; exits with 2 when they match nothing, since a run of nothing proves nothing. */
async function select(filters: readonly string[]): Promise<Awaited<ReturnType<typeof selectScenarios>>> {
  const selection = await selectScenarios(filters)
  if (selection.length > 0) return selection
  process.stderr.write(`no workload matches ${filters.map((f) => `'${f}'`).join(', ')}; \`pnpm bench --list\` names them all\n`)
  process.exit(2)
}

interface RunFlags {
  readonly rounds: number
  readonly budget: number
  readonly minutes: number
  readonly peerSeconds: number
  readonly json?: string
  readonly contender?: string[]
}

async function measure(filters: readonly string[], flags: RunFlags): Promise<{ env: Environment; rows: Row[] }> {
  const selection = await select(filters)
  const env = describeEnvironment()
  print(environmentLine(env))
  const line = progressLine()
  const rows = await runAll(selection, {
    rounds: flags.rounds,
    budgetMs: flags.budget,
    limitMs: flags.minutes * 60_000,
    peerRepeatMs: flags.peerSeconds * 1000,
    progress: line.update,
    ...(flags.contender ? { contenders: flags.contender } : {}),
    // After each round, so that a run that is interrupted leaves what it has.
    onRound: (some) => {
      line.clear()
      if (flags.json !== undefined) writeFile(flags.json, ndjson(env, some))
    },
  })
  line.clear()
  return { env, rows }
}

async function list(): Promise<void> {
  for (const scenario of await allScenarios())
    for (const phase of scenario.phases)
      print(
        `${`${scenario.name}/${phase.name}`.padEnd(44)} ${phase.unit.padEnd(9)} ${scenario.package.padEnd(22)} ${sourceLine(scenario, phase.name)}${scenario.extra ? '  (only by filter)' : ''}`,
      )
}

async function benchCommand(filters: string[], flags: RunFlags & { list?: boolean }): Promise<void> {
  if (flags.list) return list()
  const { env, rows } = await measure(filters, flags)
  print(tableOf(rows, env.machineFactor, true))
  print(legend)
}

async function scaleCommand(filters: string[], flags: RunFlags): Promise<void> {
  checkSizes((await select(filters)).map(({ scenario }) => scenario.name))
  const { rows } = await measure(filters, flags)
  print(scalingTable(scalings(rows)))
}

async function compareCommand(rev: string, filters: string[], flags: Omit<RunFlags, 'minutes' | 'peerSeconds'>): Promise<void> {
  const selection = await select(filters.length > 0 ? filters : gateWorkloads)
  const base = workerOf(buildRevision(rev, (text) => process.stderr.write(`${text}\n`)))
  const line = progressLine()
  const rows: Comparison[] = await compareAll(selection, { base, rounds: flags.rounds, budgetMs: flags.budget, progress: line.update })
  line.clear()
  print(comparisonTable(rows))
  if (flags.json !== undefined) writeFile(flags.json, `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`)
}

async function gateCommand(rev: string, flags: { all?: boolean; only?: string[]; json?: string }): Promise<void> {
  const valgrind = findValgrind()
  if (valgrind === undefined) process.stderr.write(`${howToGetValgrind}\n`)
  const started = Date.now()
  const base = buildRevision(rev, (text) => process.stderr.write(`${text}\n`))
  const line = progressLine()
  const findings: GateFinding[] = await runGate({
    base,
    head: projectFolder,
    workloads: flags.only ?? (flags.all ? await everyWorkload() : gateWorkloads),
    progress: line.update,
  })
  line.clear()
  print(gateTable(findings))
  if (flags.json !== undefined) writeFile(flags.json, `${findings.map((f) => JSON.stringify(f)).join('\n')}\n`)
  const failed = findings.filter((f) => !f.ok).length
  const uncounted = valgrind === undefined && process.env.CI === 'true'
  print(
    `gate: ${findings.length} figures, ${failed} failed, in ${((Date.now() - started) / 1000).toFixed(0)} s${uncounted ? '; instructions were not counted, which fails in CI' : ''}`,
  )
  if (failed > 0 || uncounted) process.exitCode = 1
}

async function profileCommand(workload: string, flags: { out: string; repeats: number }): Promise<void> {
  const slash = workload.lastIndexOf('/')
  const scenario = await findScenario(workload.slice(0, slash))
  if (!scenario.phases.some((p) => p.name === workload.slice(slash + 1))) throw new RangeError(`there is no workload '${workload}'`)
  const summary = profilePhase(scenario.name, workload.slice(slash + 1), flags.repeats)
  for (const hot of summary.hottest.slice(0, 10))
    print(`${(hot.share * 100).toFixed(1).padStart(5)} %  ${hot.name.padEnd(32)} ${hot.place}`)
  print(`garbage collection ${(summary.gcShare * 100).toFixed(1)} %, deoptimisation lines ${summary.deopts.length}`)
  writeFile(flags.out, flamePage(workload, summary))
}

async function pageCommand(flags: { data: string; build?: string; port: number }): Promise<void> {
  if (flags.build !== undefined) {
    await buildPage(flags.data, flags.build)
    print(`built: ${flags.build}`)
    return
  }
  const { url } = await servePage(flags.data, flags.port)
  print(`the page is at ${url} (Ctrl-C ends it)`)
}

/** Appends one line for a merge to the history file: the environment and all rows. */
function recordCommand(dataFile: string, historyFile: string, lines: string[]): void {
  const [environment, ...rows] = lines.map((line) => JSON.parse(line) as Environment | Row)
  appendFileSync(historyFile, `${JSON.stringify({ environment, rows })}\n`)
  process.stderr.write(`appended ${rows.length} rows of ${dataFile} to ${historyFile}\n`)
}

function withRunFlags(command: Command, rounds: number): Command {
  return command
    .option('--rounds <n>', 'fresh processes a contender', wholeNumber(1, 1000), rounds)
    .option('--budget <ms>', 'time of the samples of one phase in one process', wholeNumber(1, 60_000), 60)
    .option('--json <file>', 'write the figures as NDJSON')
}

const timeLimit = [
  'begin no further round of a scenario that would end after this; the first round is always run',
  wholeNumber(0, 10_000),
  14,
] as const

const peerLimit = ['a peer whose process took longer gets no further round', wholeNumber(0, 1000), 2] as const

export function program(): Command {
  const root = new Command('bench')
    .description('Benchmarks of iommukit: the work of performance.md, proved by checksums, beside the peers.')
    .showHelpAfterError()
  withRunFlags(
    root.command('run', { isDefault: true }).argument('[filter...]', 'parts of workload names').option('--list', 'name every workload'),
    3,
  )
    .option('--contender <name...>', 'only these contenders')
    .option('--minutes <n>', ...timeLimit)
    .option('--peer-seconds <n>', ...peerLimit)
    .description('measure and print the table')
    .action(benchCommand)
  withRunFlags(root.command('scale').argument('[filter...]'), 3)
    .option('--contender <name...>', 'only these contenders')
    .option('--minutes <n>', ...timeLimit)
    .option('--peer-seconds <n>', ...peerLimit)
    .description('fit how the cost grows with n')
    .action(scaleCommand)
  withRunFlags(root.command('compare').argument('<rev>').argument('[filter...]'), 12)
    .description('this checkout against another revision; without a filter, the workloads of the gate')
    .action(compareCommand)
  root
    .command('gate')
    .argument('<rev>')
    .option('--all', 'every workload, not the named ten')
    .option('--only <workload...>', 'these workloads')
    .option('--json <file>')
    .description('fail when instructions, bytes, counts or bundles grew')
    .action(gateCommand)
  root
    .command('profile')
    .argument('<workload>')
    .option('--out <file>', 'the page', 'profile.html')
    .option('--repeats <n>', 'runs of the phase', wholeNumber(1, 1_000_000), 50)
    .description('flame graph of one workload')
    .action(profileCommand)
  root
    .command('record')
    .argument('<data>', 'NDJSON of a run')
    .argument('<history>', 'file to append to')
    .description('append a run to the history')
    .action((data: string, history: string) => recordCommand(data, history, readFileSync(data, 'utf8').trim().split('\n')))
  root
    .command('tables')
    .argument('<run>', 'NDJSON of a run')
    .description('write the tables of the READMEs and of docs/PERFORMANCE.md')
    .action((run: string) => print(`written: ${writeTables(run).join(', ')}`))
  root
    .command('page')
    .option('--data <folder>', 'folder with run.ndjson, comparison.ndjson, history.ndjson', bundledData)
    .option('--build <folder>', 'write static files instead of serving')
    .option('--port <n>', 'port to serve on', wholeNumber(1, 65535), 5178)
    .description('the figures as a page')
    .action(pageCommand)
  root
    .command('comment')
    .argument('<gate>', 'output of the gate')
    .argument('<compare>', 'output of the comparison')
    .description('the words for a pull request')
    .action((gate: string, compare: string) => print(pullRequestComment(readFileSync(gate, 'utf8'), readFileSync(compare, 'utf8'))))
  root.command('forget').description('remove the checked-out revisions').action(forgetRevisions)
  return root
}
