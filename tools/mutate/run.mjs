// `pnpm mutate [PACKAGE[/FILE]…]`: Stryker breaks a package in every way it knows, in a copy of the project, and the package's tests must notice.
// It goes file by file and keeps what it found in node_modules/.cache/iommukit/mutate: an interrupted run continues, and only what changed
// since is tried again. `--force` starts afresh. MUTATE_AGAIN=REGEXP tries anew only what survived or ran out of time, of that whose line in the list it
// matches (`Survived`, `Timeout`, `.`). Exit code 1 when the score of a package is below 90.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { copyOfProject } from '../setup/copy.mjs'
import { root } from '../setup/steps.mjs'
import { mutated } from './packages.mjs'
import { scoreOf, summary } from './summary.mjs'

const SCORE_MIN = 90
const results = join(root, 'node_modules', '.cache', 'iommukit', 'mutate')

const again = process.env.MUTATE_AGAIN

/** What of a file is to be mutated: all of it or, if it is as it was, what is to be tried again. All else keeps its results. */
function patterns(name, file) {
  const path = `packages/${name}/src/${file}`
  const incremental = join(results, name, `${file}.incremental.json`)
  if (again === undefined || !existsSync(incremental)) return [path]
  const report = JSON.parse(readFileSync(incremental, 'utf8'))
  if (report.files[path]?.source !== readFileSync(join(root, path), 'utf8')) return [path]
  return summary(report)
    .doubtful.filter(({ line }) => new RegExp(again).test(line))
    .map(({ range }) => range)
}

function options(name, file) {
  return {
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'tools/mutate/vitest.config.mjs', related: false },
    inPlace: true,
    mutate: patterns(name, file),
    coverageAnalysis: 'perTest',
    ignoreStatic: true,
    concurrency: Number(process.env.MUTATE_CONCURRENCY ?? 2),
    // Endless loops are waited for that long: shorter times take what a busy machine holds up for one.
    timeoutMS: 5000,
    timeoutFactor: 3,
    force: again !== undefined,
    incremental: true,
    incrementalFile: join(results, name, `${file}.incremental.json`),
    reporters: ['json'],
    jsonReporter: { fileName: join(results, name, `${file}.json`) },
    disableTypeChecks: false,
    allowEmpty: true,
    fileLogLevel: 'off',
    logLevel: 'warn',
  }
}

function mutate(folder, name, file, args) {
  const report = join(results, name, `${file}.json`)
  mkdirSync(join(results, name), { recursive: true })
  rmSync(report, { force: true })
  writeFileSync(join(folder, 'stryker.config.json'), JSON.stringify(options(name, file)))
  const stryker = join(root, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js')
  const started = Date.now()
  const done = spawnSync(process.execPath, [stryker, 'run', ...args], {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, MUTATE_PACKAGE: name, FUZZ_SEED: '1', FUZZ_OPS: process.env.FUZZ_OPS ?? '1500' },
  })
  const seconds = ((Date.now() - started) / 1000).toFixed(0)
  if (!existsSync(report)) {
    console.log(`${name}/${file}: no report after ${seconds} s`)
    return { states: {}, survivors: [], code: 2 }
  }
  const { states, survivors } = summary(JSON.parse(readFileSync(report, 'utf8')))
  console.log(`${name}/${file}: ${scoreOf(states)} in ${seconds} s`)
  return { states, survivors, code: done.status ?? 2 }
}

/** All files of a package; returns the exit code. */
function mutatePackage(folder, name, wanted, args) {
  const sources = readdirSync(join(root, 'packages', name, 'src')).filter((file) => file.endsWith('.ts') && (wanted ?? file) === file)
  const states = {}
  const survivors = []
  let code = sources.length > 0 ? 0 : 2
  for (const file of sources) {
    const found = mutate(folder, name, file, args)
    for (const [state, n] of Object.entries(found.states)) states[state] = (states[state] ?? 0) + n
    survivors.push(...found.survivors)
    code = Math.max(code, found.code)
  }
  const list = join(results, `${name}.survivors.txt`)
  writeFileSync(list, `${survivors.join('\n')}\n`)
  if (code > 0) console.log(`${name}: not all files were tried to the end`)
  console.log(`${name}: ${scoreOf(states)}; the survivors are in ${relative(root, list)}`)
  return code > 0 ? 2 : Number(Number.parseFloat(scoreOf(states)) < SCORE_MIN)
}

const args = process.argv.slice(2)
const flags = args.filter((arg) => arg.startsWith('-'))
const wanted = args.filter((arg) => !arg.startsWith('-')).map((arg) => arg.split('/'))
const unknown = wanted.filter(([name]) => !(name in mutated))
if (unknown.length > 0) {
  console.error(`not among ${Object.keys(mutated).join(', ')}: ${unknown.join(', ')}`)
  process.exit(2)
}
const folder = copyOfProject('iommukit-mutate-')
try {
  const chosen = wanted.length > 0 ? wanted : Object.keys(mutated).map((name) => [name])
  process.exitCode = Math.max(...chosen.map(([name, file]) => mutatePackage(folder, name, file, flags)))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
