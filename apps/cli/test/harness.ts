// Streams that keep what is written, and files that go away after the test.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { main } from '../src/main.ts'

const folders: string[] = []

afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true })
})

export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'iommukit-'))
  folders.push(made)
  return made
}

/** A file of lines: objects as JSON, strings as they are. */
export function file(lines: readonly unknown[], name = 'own.jsonl'): string {
  const path = join(folder(), name)
  writeFileSync(path, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  return path
}

export class Capture {
  text = ''
  readonly isTTY: boolean
  readonly columns: number
  readonly rows = 40

  constructor(isTTY = false, columns = 100) {
    this.isTTY = isTTY
    this.columns = columns
  }

  write(text: string): void {
    this.text += text
  }
}

export interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs the command line as the program would. */
export async function run(...argv: string[]): Promise<Run> {
  const stdout = new Capture()
  const stderr = new Capture()
  const code = await main(argv, { stdout, stderr })
  return { code, out: stdout.text, err: stderr.text }
}

const unmapped = { errno: 'OK', length: '0x1000' }

/** An ioctl script whose last answer is `last`; a real one is `unmapped`. */
export function script(last: object = unmapped, name = 'own/map/1'): object {
  return {
    name,
    seed: 1,
    arena: { kind: 'shared', pages: 16 },
    ops: [
      { op: 'ioas_alloc', out: 'i', result: { errno: 'OK', id: 1 } },
      { op: 'ioas_map', ioas: '$i', iova: '0x10000', length: '0x1000', uptr: '@0x0', flags: 7, result: { errno: 'OK', iova: '0x10000' } },
      { op: 'ioas_unmap', ioas: '$i', iova: '0x10000', length: '0x1000', result: last },
    ],
  }
}
