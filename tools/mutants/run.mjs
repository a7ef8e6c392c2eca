// `pnpm mutants [FILTER…]`: breaks the code by one line at a time, in a copy of the project, and shows that the tests notice each break.
// Exit code 1 when a mutant survives, 2 when one cannot be applied or the tests fail without any.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { copyOfProject } from '../setup/copy.mjs'
import { root, setUp } from '../setup/steps.mjs'
import { mutants } from './mutants.mjs'

/** Runs the test files that a mutant names; true when they pass. Stops at the first failure. */
function testsPass(folder, tests) {
  const done = spawnSync(
    process.execPath,
    [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--bail=1', '--reporter=dot', ...tests],
    {
      cwd: folder,
      encoding: 'utf8',
      timeout: 240_000,
      env: { ...process.env, CI: 'true', FUZZ_SEED: '1' },
    },
  )
  const ran = /Tests\s+.*\d+/.test(done.stdout ?? '')
  return { pass: done.status === 0, ran, output: `${done.stdout}${done.stderr}` }
}

function mutate(folder, { file, from, to }) {
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  const places = text.split(from).length - 1
  if (places !== 1) throw new Error(`${file}: the line to change occurs ${places} times, not once: ${from}`)
  writeFileSync(
    path,
    text.replace(from, () => to),
  )
  return () => writeFileSync(path, text)
}

setUp()
const filters = process.argv.slice(2)
const chosen = mutants.filter(
  (mutant) => filters.length === 0 || filters.some((filter) => mutant.file.includes(filter) || mutant.name.includes(filter)),
)
const folder = copyOfProject('iommukit-mutants-')
let survived = 0
try {
  const baseline = testsPass(folder, [...new Set(chosen.flatMap((mutant) => mutant.tests))])
  if (!baseline.pass) {
    console.error(`the tests fail without any mutant:\n${baseline.output.slice(-3000)}`)
    process.exit(2)
  }
  for (const [k, mutant] of chosen.entries()) {
    const restore = mutate(folder, mutant)
    const started = Date.now()
    const { pass } = testsPass(folder, mutant.tests)
    restore()
    if (pass) survived++
    console.log(
      `${pass ? 'SURVIVED' : 'killed  '} ${k + 1}/${chosen.length} ${mutant.name} (${mutant.file}, ${((Date.now() - started) / 1000).toFixed(0)} s)`,
    )
  }
} catch (error) {
  console.error(error.message)
  process.exitCode = 2
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (process.exitCode !== 2) {
  console.log(`${chosen.length - survived} of ${chosen.length} mutants killed`)
  process.exitCode = survived === 0 && chosen.length > 0 ? 0 : 1
}
