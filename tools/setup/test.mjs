// `npm test [FILTER…]`: sets up what is missing, runs every suite, and ends with the plain line 'N passed, N failed'.
// With a filter only the test files whose path contains it run, and nothing else.
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, setUp, systemTool } from './steps.mjs'

const filters = process.argv.slice(2)
const inCi = process.env.CI === 'true'
const bin = (name) => join(root, 'node_modules', '.bin', name)
const totals = { passed: 0, failed: 0 }

function count(name, ok) {
  totals[ok ? 'passed' : 'failed']++
  console.log(`${ok ? 'pass' : 'FAIL'}  ${name}`)
}

/** A check that is one program: it passes when the program exits with 0. */
function check(name, program, args) {
  console.log(`\n── ${name}`)
  count(name, run(program, args) === 0)
}

/** A vitest run; each of its tests counts. A run that ends without a report, or without a test, is a failure. */
function vitest(name, args, env = {}) {
  console.log(`\n── ${name}`)
  const folder = join(root, 'node_modules', '.cache', 'iommukit')
  const report = join(folder, 'vitest.json')
  mkdirSync(folder, { recursive: true })
  rmSync(report, { force: true })
  const code = run(bin('vitest'), ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args], {
    env: { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --expose-gc`.trim(), ...env },
  })
  try {
    const { numPassedTests, numFailedTests, numTotalTests } = JSON.parse(readFileSync(report, 'utf8'))
    totals.passed += numPassedTests
    totals.failed += numTotalTests - numPassedTests
    if (numTotalTests === 0 || (code !== 0 && numFailedTests === 0))
      count(`${name}: the run itself (exit code ${code}, ${numTotalTests} tests)`, false)
  } catch {
    count(`${name}: no report was written (exit code ${code})`, false)
  }
}

/** A suite that needs a program npm cannot bring: not run is said, and is a failure in CI. */
function tool(suite, names, debianPackage) {
  const path = systemTool(names, debianPackage)
  if (path === undefined) {
    console.log(`not run: ${suite} (needs ${names[0]}: sudo apt-get install ${debianPackage})`)
    if (inCi) count(`${suite}: not run`, false)
  }
  return path
}

const started = Date.now()
setUp()
if (filters.length > 0) {
  vitest(`tests matching ${filters.join(' ')}`, filters)
} else {
  check('types (tsc)', bin('tsc'), ['-p', 'tsconfig.json'])
  check('format and lint (biome)', bin('biome'), ['check', '.'])
  const chromium = tool('browser tests', ['chromium', 'chromium-browser', 'google-chrome'], 'chromium')
  const valgrind = tool('instruction counts', ['valgrind'], 'valgrind')
  vitest('tests', [], { IOMMUKIT_CHROMIUM: chromium ?? '', IOMMUKIT_VALGRIND: valgrind ?? '' })
}
console.log(`\nin ${((Date.now() - started) / 1000).toFixed(0)} s`)
console.log(`${totals.passed} passed, ${totals.failed} failed`)
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1
