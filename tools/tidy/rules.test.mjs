// Kind 1 of docs/TESTING.md: each rule of tidy finds what it is for, planted in a project of strings, and leaves the rest alone.
import { describe, expect, it } from 'vitest'
import { dead, entriesOf } from './dead.mjs'
import { layers } from './layers.mjs'
import { bigintLoops, pageLoops } from './loops.mjs'
import { packageShapes, testKinds } from './packages.mjs'
import { projectOf } from './project.mjs'
import { sizes } from './sizes.mjs'
import { words } from './words.mjs'

const manifest = (name, more = {}) =>
  JSON.stringify({ name, sideEffects: false, exports: { '.': { default: './dist/index.js' } }, ...more })

/** The packages of the project by name, with the given files in them. */
function workspace(files, allow) {
  const names = [
    'interval-tree-span',
    'xarray',
    'iova-bitmap',
    'pfn-reader',
    'io-pagetable',
    'iommufd',
    'simulated-iommu-hw',
    'machine',
    'conformance',
  ]
  const manifests = Object.fromEntries(names.map((name) => [`packages/${name}/package.json`, manifest(`@iommukit/${name}`)]))
  return projectOf(
    { ...manifests, 'apps/cli/package.json': manifest('iommukit'), 'bench/package.json': manifest('@iommukit/bench'), ...files },
    allow,
  )
}

describe('layers', () => {
  it.each([
    [
      'an arrow that is not there',
      'packages/pfn-reader/src/a.ts',
      "import { x } from '@iommukit/iova-bitmap'",
      'no arrow leads from pfn-reader to iova-bitmap',
    ],
    [
      'the device importing the hardware',
      'packages/iommufd/src/a.ts',
      "import type { x } from '@iommukit/simulated-iommu-hw'",
      'no arrow leads',
    ],
    ['the hardware importing the device', 'packages/simulated-iommu-hw/src/a.ts', "export * from '@iommukit/iommufd'", 'no arrow leads'],
    ['an arrow upwards by import()', 'packages/xarray/src/a.ts', "const x = await import('@iommukit/pfn-reader')", 'no arrow leads'],
    ['an arrow upwards by a type', 'packages/xarray/src/a.ts', "type X = import('@iommukit/pfn-reader').X", 'no arrow leads'],
    [
      'a file inside another package',
      'packages/iommufd/test/a.test.ts',
      "import { x } from '@iommukit/xarray/src/x.ts'",
      'is not a public entry',
    ],
    [
      'a relative path into another package',
      'packages/iommufd/test/a.test.ts',
      "import { x } from '../../xarray/src/x.ts'",
      'leaves the package',
    ],
    ['a source that leaves its package', 'packages/iommufd/src/a.ts', "import { x } from '../../../tools/x.mjs'", 'leaves the package'],
    ['an app importing another', 'bench/src/a.ts', "import { x } from 'iommukit'", 'is not a public entry'],
    [
      'a leaf importing a library',
      'packages/xarray/src/a.ts',
      "import { x } from 'lodash'",
      "a leaf package imports nothing, not 'lodash'",
    ],
    ['a leaf importing Node', 'packages/xarray/src/a.ts', "import { x } from 'node:fs'", 'a leaf package imports nothing'],
  ])('%s', (_, path, text, problem) => {
    const findings = layers(workspace({ [path]: `\n${text}\n` }))
    expect(findings).toEqual([expect.stringContaining(problem)])
    expect(findings[0]).toContain(`${path}:2: `)
  })

  it('a dependency of a leaf', () => {
    const findings = layers(
      workspace({ 'packages/xarray/package.json': manifest('@iommukit/xarray', { dependencies: { lodash: '1.0.0' } }) }),
    )
    expect(findings).toEqual(['packages/xarray/package.json: a leaf package has no dependency at run time, but has lodash'])
  })

  it('nothing in what is allowed', () => {
    const files = {
      'packages/iommufd/src/a.ts': "import { x } from '@iommukit/pfn-reader'\nimport { y } from './b.ts'\nimport 'node:fs'",
      'packages/io-pagetable/src/a.ts': "import { x } from '@iommukit/interval-tree-span/check'",
      'packages/pfn-reader/test/a.test.ts':
        "import { x } from '@iommukit/simulated-iommu-hw'\nimport { y } from '../src/b.ts'\nimport { z } from '../../../tools/x.mjs'",
      'packages/xarray/test/a.test.ts': "import { x } from '@iommukit/xarray'\nimport fc from 'fast-check'",
      'apps/cli/src/a.ts': "import { x } from '@iommukit/machine'\nimport { y } from 'commander'",
      'bench/workloads/a.ts': "import { x } from '@iommukit/xarray'",
    }
    expect(layers(workspace(files))).toEqual([])
  })
})

describe('sizes', () => {
  const long = (lines) => 'const x = 1\n'.repeat(lines)
  const body = (lines) => `export function work() {\n${'  step()\n'.repeat(lines - 2)}}\n`

  it('a file of 301 lines, a function of 71', () => {
    const files = {
      'packages/xarray/src/a.ts': long(301),
      'packages/xarray/src/b.ts': `\n${body(71)}`,
      'packages/xarray/src/c.ts': long(300),
      'packages/xarray/src/d.ts': body(70),
    }
    expect(sizes(workspace(files))).toEqual([
      'packages/xarray/src/a.ts: 301 lines, more than 300',
      'packages/xarray/src/b.ts:2: work has 71 lines, more than 70',
    ])
  })

  it('methods, constructors, accessors and arrow functions too', () => {
    const inner = '    step()\n'.repeat(70)
    const text = `class A {\n  constructor() {\n${inner}  }\n  get x() {\n${inner}  }\n}\nconst f = () => {\n${inner}}\n`
    expect(sizes(workspace({ 'packages/xarray/src/a.ts': text })).map((finding) => finding.replace(/ has.*/, ''))).toEqual([
      'packages/xarray/src/a.ts:2: constructor',
      'packages/xarray/src/a.ts:74: x',
      'packages/xarray/src/a.ts:147: f',
    ])
  })

  it('unless allow.json says why in a sentence, which must be needed', () => {
    const files = { 'packages/xarray/src/a.ts': long(301), 'packages/xarray/src/b.ts': 'const x = 1' }
    const why = 'It is one table, which nobody could read in two.'
    expect(sizes(workspace(files, { sizes: { 'packages/xarray/src/a.ts': why } }))).toEqual([])
    expect(sizes(workspace(files, { sizes: { 'packages/xarray/src/a.ts': 'big' } }))).toHaveLength(1)
    expect(
      sizes(workspace(files, { sizes: { 'packages/xarray/src/a.ts': why, 'packages/xarray/src/b.ts': why, 'gone.ts': why } })),
    ).toEqual([
      'tools/tidy/allow.json: packages/xarray/src/b.ts needs no leave for its size',
      'tools/tidy/allow.json: gone.ts needs no leave for its size',
    ])
  })
})

describe('dead code', () => {
  const dist = (name) => ({ '@iommukit/source': `./src/${name}.ts`, types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` })

  it('finds the sources of entries', () => {
    const exports = { '.': dist('index'), './check': dist('check'), './package.json': './package.json' }
    const each = {
      folder: 'packages/xarray',
      manifest: { exports, bin: { x: './dist/bin.js' }, scripts: { run: 'node dist/tool/run.js' } },
    }
    expect(entriesOf(each).sort()).toEqual(['bin', 'check', 'index', 'tool/run'].map((name) => `packages/xarray/src/${name}.ts`))
  })

  it('a file that nothing reaches, an export that nothing imports', () => {
    const files = {
      'packages/xarray/src/index.ts': "export { a } from './a.ts'\nnew Worker(new URL('./worker.ts', import.meta.url))",
      'packages/xarray/src/a.ts':
        "import { b } from './b.ts'\nimport * as all from './all.ts'\nexport const a = b\nexport function idle() {}\nexport interface Idle {}\nexport interface Used {}\nexport function g(x: Used) {}",
      'packages/xarray/src/b.ts': 'export const b = 1, c = 2\nexport class D {}\nconst e = 3\nexport { e }',
      'packages/xarray/src/all.ts': 'export const x = 1\nexport const y = 2',
      'packages/xarray/src/worker.ts': 'export const z = 3',
      'packages/xarray/src/alone.ts': "import { b } from './b.ts'",
      'packages/xarray/test/a.test.ts': "import { D } from '../src/b.ts'\nimport { g } from '../src/a.ts'",
    }
    expect(dead(workspace(files))).toEqual([
      'packages/xarray/src/alone.ts: no entry of the package reaches it',
      'packages/xarray/src/a.ts:4: nothing imports idle',
      'packages/xarray/src/a.ts:5: nothing imports Idle',
      'packages/xarray/src/b.ts:1: nothing imports c',
      'packages/xarray/src/b.ts:4: nothing imports e',
      'packages/xarray/src/worker.ts:1: nothing imports z',
    ])
  })

  it('nothing in a program that the tools start', () => {
    const files = {
      'apps/cli/src/index.ts': '',
      'apps/cli/src/start.ts': '',
      'tools/setup/start.mjs': "run(join(root, 'apps', 'cli', 'dist', 'start.js'))",
    }
    expect(dead(workspace(files))).toEqual([])
  })
})

describe('words', () => {
  it.each([
    ['packages/xarray/src/a.ts', '// TODO: later'],
    ['packages/xarray/src/a.ts', '// FIXME'],
    ['docs/STYLE.md', 'XXX what now'],
    ['README.md', 'this is a HACK.'],
    ['packages/xarray/test/a.test.ts', "it.skip('x', () => {})"],
    ['packages/xarray/test/a.test.ts', "describe.only('x', () => {})"],
    ['packages/xarray/test/a.test.ts', "it.concurrent.skip('x', () => {})"],
    ['packages/xarray/src/a.ts', '// @ts-ignore'],
    ['packages/xarray/src/a.ts', 'const x = y as any'],
    ['packages/xarray/src/a.ts', `const path = '/${'work'}/main/x'`],
    ['docs/STYLE.md', 'see /tmp/bash_jobs'],
    ['README.md', 'cd /home/somebody/iommukit'],
    ['packages/xarray/src/a.ts', 'enum Colour { Red }'],
    ['packages/xarray/src/a.ts', 'export default class A {}'],
    ['packages/xarray/src/a.ts', 'const a = 1\nexport default a'],
  ])('in %s: %s', (path, text) => {
    const findings = words(workspace({ [path]: text }))
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatch(new RegExp(`^${path}:[12]: '.*' does not belong here$`))
  })

  it('nothing in innocent text', () => {
    const files = {
      'packages/xarray/src/a.ts': `// An enum would be kept at run time. It skips what is not there; a homework/${'work'}/ path, XXXL.\nconst todo = cursor.skip(3)\nexport const x = y as unknown`,
      'vitest.config.ts': 'export default defineConfig({})',
      'docs/STYLE.md': `framework/${'work'}/x, /dev/iommu, /proc/self`,
    }
    expect(words(workspace(files))).toEqual([])
  })
})

describe('loops', () => {
  it('over pages in the device layer', () => {
    const text = [
      'for (let page = 0; page < npages; page++) touch(page)',
      'while (at < length) { at += PAGE_SIZE }',
      'for (const pfn of pfns) unpin(pfn)',
      'do { firstIndex += 1; use(lastPage) } while (true)',
      'for (const range of ranges) { const work = () => { add(pageIndex) } }',
      'for (const slice of slices) { const n: Npages = slice.nbytes; copy(slice, CHUNK_BYTES, pagesAreFine) }',
      'table.map(npages, PAGE_SIZE)',
    ].join('\n')
    const findings = pageLoops(workspace({ 'packages/iommufd/src/a.ts': text, 'packages/pfn-reader/src/a.ts': text }))
    expect(findings).toEqual([
      'packages/iommufd/src/a.ts:1: page in a loop',
      'packages/iommufd/src/a.ts:1: npages in a loop',
      'packages/iommufd/src/a.ts:2: PAGE_SIZE in a loop',
      'packages/iommufd/src/a.ts:3: pfn in a loop',
      'packages/iommufd/src/a.ts:3: pfns in a loop',
      'packages/iommufd/src/a.ts:4: lastPage in a loop',
      'packages/iommufd/src/a.ts:5: pageIndex in a loop',
    ])
  })

  it('with bigints in hot packages', () => {
    const text =
      'const one = 1n\nfor (const x of list) { sum += 2n }\nwhile (BigInt(n) < m) n++\nfor (const x of list) { const y: 5n | undefined = join(x) }\n'
    expect(bigintLoops(workspace({ 'packages/xarray/src/a.ts': text, 'packages/iommufd/src/a.ts': text }))).toEqual([
      'packages/xarray/src/a.ts:2: 2n in a loop',
      'packages/xarray/src/a.ts:3: BigInt( in a loop',
    ])
    const allow = { bigint: { 'packages/xarray/src/a.ts': 'The loop runs once an array, not once an entry.' } }
    expect(bigintLoops(workspace({ 'packages/xarray/src/a.ts': text }, allow))).toEqual([])
    expect(bigintLoops(workspace({ 'packages/xarray/src/a.ts': '' }, allow))).toEqual([
      'tools/tidy/allow.json: packages/xarray/src/a.ts has no bigint in a loop',
    ])
  })
})

describe('packages', () => {
  const whole = { 'packages/xarray/README.md': '# x', 'packages/xarray/LICENSE': 'MIT', 'packages/xarray/test/a.test.ts': '// Kind 1' }
  const checked = manifest('@iommukit/xarray', { exports: { '.': './dist/index.js', './check': './dist/check.js' } })

  it.each([
    ['README', { 'packages/xarray/README.md': ' \n' }, 'packages/xarray: no README.md'],
    ['LICENSE', { 'packages/xarray/LICENSE': '' }, 'packages/xarray: no LICENSE'],
    ['tests', { 'packages/xarray/test/a.test.ts': undefined }, 'packages/xarray: no tests'],
    [
      'sideEffects',
      { 'packages/xarray/package.json': checked.replace('"sideEffects":false,', '') },
      'packages/xarray/package.json: sideEffects is not false',
    ],
    [
      'an entry',
      { 'packages/xarray/package.json': manifest('@iommukit/xarray', { exports: { './check': './dist/check.js' } }) },
      "packages/xarray/package.json: no entry '.'",
    ],
    ['checks', { 'packages/xarray/package.json': manifest('@iommukit/xarray') }, "packages/xarray/package.json: no entry './check'"],
  ])('without %s', (_, change, finding) => {
    const files = { 'packages/xarray/package.json': checked, ...whole, ...change }
    for (const [path, text] of Object.entries(files)) if (text === undefined) delete files[path]
    expect(packageShapes(projectOf(files))).toEqual([finding])
  })

  it('nothing in a whole one', () => {
    expect(packageShapes(projectOf({ 'packages/xarray/package.json': checked, ...whole }))).toEqual([])
  })

  it('a test file that does not say its kind', () => {
    const files = {
      'packages/xarray/test/a.test.ts': '// Examples on both sides of each boundary.\n',
      'packages/xarray/test/b.test.ts': "import { it } from 'vitest'\n// Examples",
      'packages/xarray/test/c.test.ts': '// Some checks\n',
      'tools/x/d.test.mjs': '/** Kind 5: the n-th pin fails. */',
      'packages/xarray/test/oracle.ts': 'export const x = 1',
    }
    expect(testKinds(projectOf(files)).map((finding) => finding.slice(0, 32))).toEqual([
      'packages/xarray/test/b.test.ts:1',
      'packages/xarray/test/c.test.ts:1',
    ])
  })
})
