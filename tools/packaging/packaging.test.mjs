// Kind 1 of docs/TESTING.md: what npm would get: valid, typed for every resolver, small, without dependencies, its public API as last reviewed.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { describe, expect, it } from 'vitest'
import { bundleBytes } from '../../bench/src/bundle.ts'
import { root } from '../setup/steps.mjs'
import { apiReport, reportFile } from './api-report.mjs'
import { libraryPackages, packageNamed, publishedPackages, structurePackages } from './packages.mjs'

const published = publishedPackages()

async function bundled(contents, resolveDir) {
  const result = await build({
    stdin: { contents, resolveDir, sourcefile: 'entry.js' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    write: false,
    logLevel: 'silent',
  })
  return result.outputFiles[0].contents
}

it('finds the packages', () => {
  expect(published.map((each) => each.name)).toEqual(
    expect.arrayContaining(['@iommukit/interval-tree-span', '@iommukit/xarray', '@iommukit/iova-bitmap', '@iommukit/iommufd', 'iommukit']),
  )
})

describe.each(published)('$name', (each) => {
  it('is clean for publint', async () => {
    const { messages } = await publint({ pkgDir: each.folder, pack: 'npm' })
    expect(messages.map((message) => formatMessage(message, each.manifest))).toEqual([])
  })
})

describe.each(libraryPackages())('$name', (each) => {
  it('has types for bundlers and nodenext (attw, esm-only)', () => {
    const done = spawnSync(join(root, 'node_modules', '.bin', 'attw'), ['--pack', '.', '--profile', 'esm-only', '--format', 'json'], {
      cwd: each.folder,
      encoding: 'utf8',
    })
    expect(done.status, done.stdout.slice(-2000) + done.stderr.slice(-2000)).toBe(0)
  })

  it('has the public API that etc/*.api.md shows (node tools/packaging/api-report.mjs writes it anew)', () => {
    expect(existsSync(reportFile(each)), `${reportFile(each)} is missing`).toBe(true)
    expect(apiReport(each)).toBe(readFileSync(reportFile(each), 'utf8'))
  })
})

it('the structure packages are as small as .size-limit.json wants them (npx size-limit), and the gate measures them alike', async () => {
  const done = spawnSync(join(root, 'node_modules', '.bin', 'size-limit'), ['--json'], { cwd: root, encoding: 'utf8' })
  const seen = JSON.parse(done.stdout)
  const sizes = await Promise.all(structurePackages.map((short) => bundleBytes(join(packageNamed(short).folder, 'dist', 'index.js'))))
  expect(seen).toEqual(structurePackages.map((name, k) => ({ name, passed: true, size: sizes[k], sizeLimit: 8000 })))
  for (const size of sizes) expect(size).toBeGreaterThan(500)
  expect(done.status, done.stderr).toBe(0)
})

describe.each(structurePackages)('%s stands alone', (short) => {
  const each = packageNamed(short)
  const entry = join(each.folder, 'dist', 'index.js')

  it('has no dependencies', () => {
    expect(each.manifest.dependencies).toBeUndefined()
    expect(each.manifest.peerDependencies).toBeUndefined()
  })

  it('leaves nothing behind when nothing of it is used', async () => {
    expect((await bundled(`import * as unused from ${JSON.stringify(entry)}`, root)).length).toBeLessThan(20)
  })
})
