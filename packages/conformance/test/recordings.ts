// Small valid scripts of each kind, for tests to break, and files to put them in.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach } from 'vitest'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** An empty folder that is removed after the test. */
export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'iommukit-'))
  folders.push(made)
  return made
}

/** Writes lines to a new file: objects as JSON, strings as they are. Compressed when the name says so. */
export function file(lines: readonly unknown[], name = 'script.jsonl'): string {
  const path = join(folder(), name)
  const text = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('')
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text)
  return path
}

export const ioctlScript = {
  name: 'own/map/1',
  seed: 1,
  arena: { kind: 'shared', pages: 16 },
  ops: [
    { op: 'ioas_alloc', out: 'i', result: { errno: 'OK', id: 1 } },
    { op: 'ioas_map', ioas: '$i', iova: '0x10000', length: '0x1000', uptr: '@0x0', flags: 7, result: { errno: 'OK', iova: '0x10000' } },
    { op: 'ioas_unmap', ioas: '$i', iova: '0x10000', length: '0x1000', result: { errno: 'OK', length: '0x1000' } },
    { op: 'ioas_unmap', ioas: '$i', iova: '0x10000', length: '0x1000', result: { errno: 'ENOENT' } },
  ],
}

export const treeScript = {
  name: 'own/span',
  seed: null,
  build: [
    ['add', '0x2', '0x3'],
    ['add', '0x9', '0x9'],
    ['del', 1],
  ],
  queries: [
    { q: 'nodes', first: '0x0', last: '0xf', result: [0] },
    {
      q: 'span',
      first: '0x0',
      last: '0xf',
      result: [
        ['hole', '0x0', '0x1'],
        ['used', '0x2', '0x3'],
        ['hole', '0x4', '0xf'],
      ],
    },
    { q: 'walk', first: '0x2', last: '0xf', steps: ['0x5', 'n'], result: [['used', '0x2', '0x3'], ['hole', '0x5', '0xf'], ['done']] },
  ],
}

export const doubleTreeScript = {
  name: 'own/double',
  build: [
    ['add', 0, '0x2', '0x3'],
    ['add', 1, '0x3', '0x4'],
  ],
  queries: [
    {
      q: 'dspan',
      first: '0x0',
      last: '0x5',
      result: [
        [0, '0x0', '0x1'],
        [1, '0x2', '0x3'],
        [2, '0x4', '0x4'],
        [0, '0x5', '0x5'],
      ],
    },
  ],
}

export const xarrayScript = {
  name: 'own/xarray',
  seed: 3,
  ops: [
    { op: 'new', args: ['a'], result: {} },
    { op: 'alloc', args: [0, 5, 77], result: { rc: 'OK', id: 0 } },
    { op: 'load', args: ['0x0'], result: { entry: 77 } },
  ],
}

export const bitmapScript = {
  name: 'own/bitmap',
  seed: 4,
  iova: '0x0',
  length: '0x10000',
  page_size: '0x1000',
  offset: 0,
  pages: 1,
  set: [['0x3000', '0x2000']],
  result: { for_each: ['0x0', '0x10000'], bits: [[3, 4]], fnv1a64: '0xec84d0f317c1633d', pins: 1 },
}
