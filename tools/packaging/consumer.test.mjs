// Kind 7 of docs/TESTING.md: the packages as a stranger gets them: packed, installed into an empty project, type-checked by two compilers, run by three Nodes.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../setup/steps.mjs'
import { examplesOf } from './examples.mjs'
import { packageNamed, structurePackages } from './packages.mjs'

const compilers = { 'TypeScript 5.4': 'typescript54', 'TypeScript 6': 'typescript6' }
const resolutions = { nodenext: ['nodenext', 'nodenext'], bundler: ['esnext', 'bundler'] }
const nodes = { 'Node 22': 'node22', 'Node 24': 'node24' }

let folder = ''
const compiled = new Map()

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'iommukit-consumer-'))
  const tarballs = structurePackages.map((short) => {
    const { folder: source } = packageNamed(short)
    execFileSync(join(root, 'node_modules', '.bin', 'pnpm'), ['pack', '--pack-destination', folder], { cwd: source, stdio: 'ignore' })
    return readdirSync(folder).find((name) => name.startsWith(`iommukit-${short}-`))
  })
  const dependencies = {
    typescript54: 'npm:typescript@5.4.5',
    typescript6: 'npm:typescript@6.0.3',
    node22: 'npm:node@22.23.3',
    node24: 'npm:node@24.9.0',
    '@types/node': '20.19.43',
    ...Object.fromEntries(tarballs.map((name, k) => [`@iommukit/${structurePackages[k]}`, `file:./${name}`])),
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }))
  const installed = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], {
    cwd: folder,
    encoding: 'utf8',
  })
  if (installed.status !== 0) throw new Error(`npm install failed in an empty project: ${installed.stderr}`)
  for (const short of structurePackages) {
    const examples = examplesOf(readFileSync(join(packageNamed(short).folder, 'README.md'), 'utf8'))
    const files = examples.map((text, k) => {
      const file = `${short}-${k}.ts`
      writeFileSync(join(folder, file), text.includes('import ') ? text : `export {}\n${text}`)
      return file
    })
    compiled.set(short, files)
  }
}, 600_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function compile(compiler, [module, moduleResolution], files, emit) {
  const args = [
    '--strict',
    '--skipLibCheck',
    'false',
    '--target',
    'es2022',
    '--lib',
    'es2022,esnext.disposable,dom',
    '--types',
    'node',
    '--module',
    module,
    '--moduleResolution',
    moduleResolution,
  ]
  return spawnSync(process.execPath, [join('node_modules', compiler, 'bin', 'tsc'), ...args, ...(emit ? [] : ['--noEmit']), ...files], {
    cwd: folder,
    encoding: 'utf8',
  })
}

describe.each(structurePackages)('%s in an empty project', (short) => {
  describe.each(Object.entries(compilers))('%s', (_, compiler) => {
    it.each(Object.entries(resolutions))('type-checks the README with %s resolution', (_name, resolution) => {
      const files = compiled.get(short)
      expect(files.length).toBeGreaterThan(0)
      const done = compile(compiler, resolution, files, false)
      expect(done.stdout).toBe('')
      expect(done.status).toBe(0)
    })
  })

  it('runs the README on this Node, and on 22 and 24', () => {
    const files = compiled.get(short)
    expect(compile('typescript6', resolutions.nodenext, files, true).stdout).toBe('')
    const binaries = [process.execPath, ...Object.values(nodes).map((name) => join(folder, 'node_modules', name, 'bin', 'node'))]
    for (const file of files) {
      const outputs = binaries.map((node) => {
        const done = spawnSync(node, [file.replace(/ts$/, 'js')], { cwd: folder, encoding: 'utf8' })
        expect(done.status, `${node} ${file}: ${done.stderr}`).toBe(0)
        return done.stdout
      })
      expect(new Set(outputs).size, `${file} prints the same everywhere`).toBe(1)
    }
  })
})
