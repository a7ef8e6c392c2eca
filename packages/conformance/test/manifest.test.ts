// Recorded vectors (design section 7, kind 4): the data itself is what was recorded, nothing was edited.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { bundledRecordings, findRecordings } from '@iommukit/conformance'
import { describe, expect, it } from 'vitest'

interface Manifest {
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly lines: number; readonly replayed: boolean }>>
}

const manifest = JSON.parse(readFileSync(join(bundledRecordings, 'manifest.json'), 'utf8')) as Manifest

describe('the bundled recordings', () => {
  it.each(Object.entries(manifest.files))('%s has the hash and the number of lines of the manifest', (name, { sha256, lines }) => {
    const text = gunzipSync(readFileSync(join(bundledRecordings, `${name}.gz`)))
    expect(createHash('sha256').update(text).digest('hex')).toBe(sha256)
    expect(text.toString('latin1').split('\n').length - 1).toBe(lines)
  })

  it('are all in the manifest', () => {
    const present = readdirSync(bundledRecordings, { recursive: true }).filter((name) => String(name).endsWith('.gz'))
    expect(present.map((name) => String(name).replace(/\.gz$/, '')).sort()).toEqual(Object.keys(manifest.files).sort())
  })

  it('are 1982 scripts in 27 files, and 2 files that document hazards', () => {
    const { files, ignored } = findRecordings([bundledRecordings])
    expect(files).toHaveLength(27)
    expect(ignored.map((path) => path.slice(bundledRecordings.length + 1)).sort()).toEqual([
      join('iova-bitmap', 'hazards.jsonl.gz'),
      join('xarray', 'hazards.jsonl.gz'),
    ])
    const scripts = Object.values(manifest.files).filter((file) => file.replayed)
    expect(scripts.reduce((total, file) => total + file.lines, 0)).toBe(1982)
  })

  it('come with the description of their format', () => {
    expect(readFileSync(join(bundledRecordings, 'README.md'), 'utf8')).toContain('Recorded on Linux 6.12')
  })
})
