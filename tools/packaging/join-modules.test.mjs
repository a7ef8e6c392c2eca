// Kind 1 of docs/TESTING.md: the one module of a built package, and its entry points.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { root } from '../setup/steps.mjs'
import { functionsAsConstants, joinModules } from './join-modules.mjs'

describe('functions as constants', () => {
  it('keeps the lines, and leaves generators, asynchronous functions and nested ones as they are', () => {
    const text = [
      'function add(a, { b = (1) }) {',
      '    function inner() { }',
      '    return a + b;',
      '}',
      'async function wait() { }',
      'function* count() { }',
      'function none() { }',
    ].join('\n')
    expect(functionsAsConstants(text).split('\n')).toEqual([
      'const add = (a, { b = (1) }) => {',
      '    function inner() { }',
      '    return a + b;',
      '}',
      'async function wait() { }',
      'function* count() { }',
      'const none = () => { }',
    ])
  })

  it('leaves what is used while the module is loaded, where a constant further down is not there yet', () => {
    const text = [
      'const port = { refuse };',
      'class Kept { static of = make(); later() { return late(); } }',
      'function refuse() { }',
      'function make() { }',
      'function late() { }',
    ]
    expect(functionsAsConstants(text.join('\n')).split('\n')).toEqual([...text.slice(0, 4), 'const late = () => { }'])
  })
})

describe('joined modules', () => {
  const dist = mkdtempSync(join(tmpdir(), 'iommukit-join-'))
  afterAll(() => rmSync(dist, { recursive: true }))
  const write = (name, lines) => {
    const map = {
      version: 3,
      file: name,
      sources: [`../src/${name.replace('.js', '.ts')}`],
      names: [],
      mappings: lines.map(() => 'AAAA').join(';'),
    }
    writeFileSync(join(dist, name), lines.join('\n'))
    writeFileSync(join(dist, `${name}.map`), JSON.stringify(map))
  }

  it('are one, behind entry points that export what is theirs', async () => {
    write('state.js', ['let calls = 0;', 'export function call() {', '    return ++calls;', '}'])
    write('index.js', ['export { call } from "./state.js";'])
    write('check.js', [
      'import { basename } from "node:path";',
      'import { call } from "./state.js";',
      'export function check() {',
      "    return basename('/' + call());",
      '}',
    ])
    const files = await joinModules(dist, ['index.js', 'check.js'])
    expect([...files.keys()].sort()).toEqual(['all.js', 'all.js.map', 'check.js', 'index.js'])
    expect(files.get('index.js')).toBe("export { call } from './all.js'\n")
    expect(files.get('check.js')).toBe("export { check } from './all.js'\n")
    expect(JSON.parse(files.get('all.js.map')).sources.sort()).toEqual(['../src/check.ts', '../src/state.ts'])
    for (const [name, text] of files) writeFileSync(join(dist, name), text)
    const load = (name) => import(pathToFileURL(join(dist, name)).href)
    const [{ call }, { check }] = [await load('index.js'), await load('check.js')]
    expect([call(), check(), call()]).toEqual([1, '2', 3])
  })

  it('refuses what is not there', async () => {
    write('index.js', ['export { nothing } from "./state.js";'])
    await expect(joinModules(dist, ['index.js'])).rejects.toThrow(/nothing/)
  })
})

const joined = readdirSync(join(root, 'packages')).filter((name) =>
  readFileSync(join(root, 'packages', name, 'package.json'), 'utf8').includes('join-modules.mjs'),
)

it('seven packages are built so', () => {
  expect(joined).toEqual(['interval-tree-span', 'io-pagetable', 'iommufd', 'iova-bitmap', 'pfn-reader', 'simulated-iommu-hw', 'xarray'])
})

it.each(joined)('%s has one module, which imports nothing of its own, and its entry points export from it', (name) => {
  const folder = join(root, 'packages', name)
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const entries = Object.values(exports).flatMap((target) => (target.default === undefined ? [] : [basename(target.default)]))
  for (const entry of entries)
    expect(readFileSync(join(folder, 'dist', entry), 'utf8')).toMatch(/^export \{ [\w, ]+ \} from '\.\/all\.js'\n$/)
  const text = readFileSync(join(folder, 'dist/all.js'), 'utf8')
  expect(text).not.toMatch(/from ['"]\./)
  expect(text).toMatch(/^const \w+ = \(.*\) => \{$/m)
})
