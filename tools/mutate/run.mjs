// `pnpm mutate [PACKAGE…]`: Stryker breaks a package in every way it knows, in a copy of the project, and the package's tests must notice.
// An interrupted run continues where it was: results are kept in node_modules/.cache/iommukit/mutate. `--force` starts afresh.
// Exit code 1 when a score is below 90.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { root } from '../setup/steps.mjs'
import { mutated } from './packages.mjs'

const SCORE_MIN = 90
const leftOut = new Set(['.git', 'dist', 'coverage', 'reports', '.turbo'])
const results = join(root, 'node_modules', '.cache', 'iommukit', 'mutate')

function copyOfProject() {
  const folder = mkdtempSync(join(tmpdir(), 'iommukit-mutate-'))
  const wanted = (source) => {
    const parts = relative(root, source).split(sep)
    return !parts.some((part) => leftOut.has(part)) && parts[0] !== 'node_modules'
  }
  cpSync(root, folder, { recursive: true, filter: wanted, verbatimSymlinks: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

function options(name) {
  return {
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'tools/mutate/vitest.config.mjs', related: false },
    inPlace: true,
    mutate: [`packages/${name}/src/**/*.ts`],
    coverageAnalysis: 'perTest',
    ignoreStatic: true,
    disableBail: false,
    concurrency: Number(process.env.MUTATE_CONCURRENCY ?? 2),
    timeoutMS: 1500,
    timeoutFactor: 1.5,
    dryRunTimeoutMinutes: 10,
    incremental: true,
    incrementalFile: join(results, `${name}.incremental.json`),
    tempDirName: '.stryker-tmp',
    checkers: [],
    reporters: ['clear-text', 'json', 'progress-append-only'],
    jsonReporter: { fileName: join(results, `${name}.json`) },
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: false, reportScoreTable: true },
    thresholds: { high: SCORE_MIN, low: SCORE_MIN, break: SCORE_MIN },
    disableTypeChecks: false,
    allowEmpty: false,
  }
}

/** What became of the mutants, by state, and the survivors as lines of text. */
function summary(name) {
  const { files } = JSON.parse(readFileSync(join(results, `${name}.json`), 'utf8'))
  const states = {}
  const survivors = []
  for (const [path, { mutants, source }] of Object.entries(files)) {
    const lines = source.split('\n')
    for (const { status, location, mutatorName, replacement } of mutants) {
      states[status] = (states[status] ?? 0) + 1
      if (status !== 'Survived' && status !== 'NoCoverage') continue
      const { start, end } = location
      const from = lines[start.line - 1].slice(start.column - 1, start.line === end.line ? end.column - 1 : undefined)
      const to = replacement.replace(/\s+/g, ' ')
      survivors.push(`${path}:${start.line}:${start.column} ${status} ${mutatorName}: ${from} -> ${to}`)
    }
  }
  return { states, survivors }
}

function mutate(folder, name, args) {
  writeFileSync(join(folder, 'stryker.config.json'), JSON.stringify(options(name)))
  const stryker = join(root, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js')
  const done = spawnSync(process.execPath, [stryker, 'run', ...args], {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, MUTATE_PACKAGE: name, FUZZ_SEED: '1', FUZZ_OPS: process.env.FUZZ_OPS ?? '1500' },
  })
  if (!existsSync(join(results, `${name}.json`))) return 2
  const { states, survivors } = summary(name)
  writeFileSync(join(results, `${name}.survivors.txt`), `${survivors.join('\n')}\n`)
  console.log(`${name}: ${JSON.stringify(states)}; survivors in ${relative(root, join(results, `${name}.survivors.txt`))}`)
  return done.status ?? 2
}

const args = process.argv.slice(2)
const names = args.filter((arg) => !arg.startsWith('-'))
const unknown = names.filter((name) => !(name in mutated))
if (unknown.length > 0) {
  console.error(`not among ${Object.keys(mutated).join(', ')}: ${unknown.join(', ')}`)
  process.exit(2)
}
mkdirSync(results, { recursive: true })
const folder = copyOfProject()
try {
  const codes = (names.length > 0 ? names : Object.keys(mutated)).map((name) =>
    mutate(
      folder,
      name,
      args.filter((arg) => arg.startsWith('-')),
    ),
  )
  process.exitCode = Math.max(...codes)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
