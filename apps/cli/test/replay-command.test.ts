// Examples (design section 7, kind 1): what `iommukit replay` prints, writes and exits with.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { replayCommand } from '../src/replay-command.ts'
import { Capture, file, folder, run, script } from './harness.ts'

const wrong = { errno: 'OK', length: '0x2000' }

describe('replay', () => {
  it('of answers that are all the same: a line a family, the summary last, exit 0', async () => {
    const { code, out, err } = await run('replay', file([script(), script()], 'random-mine.jsonl'))
    expect(code).toBe(0)
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^family +scripts +operations +mismatches$/),
      expect.stringMatching(/^ioctl\/mine +2 +6 +0$/),
      '',
      'conformance: 2 scripts, 6 operations, 0 mismatches',
      '',
    ])
    expect(err).toMatch(
      /^replayed 50 %: 1 scripts, 3 operations, .*\nreplayed 100 %: 2 scripts, 6 operations, 0 mismatches in \d+\.\d s\n$/,
    )
  })

  it('of one that differs: script, operation, arguments, expected, got; one mismatch in the singular; exit 1', async () => {
    const path = file([script(), script(wrong, 'own/map/2')])
    const { code, out } = await run('replay', '--quiet', path)
    expect(code).toBe(1)
    expect(out.split('\n').slice(0, 6)).toEqual([
      'mismatch: script own/map/2, operation 3 (ioas_unmap), with contiguous and scattered frames',
      `  in         ${path}:2`,
      '  arguments  {"ioas":"$i","iova":"0x10000","length":"0x1000"}',
      '  expected   {"errno":"OK","length":"0x2000"}',
      '  got        {"errno":"OK","length":"0x1000"}',
      '  differs    length',
    ])
    expect(out.trimEnd().split('\n').at(-1)).toBe('conformance: 2 scripts, 6 operations, 1 mismatch')
  })

  it('prints at most as many mismatches as asked, and counts all', async () => {
    const path = file([script(wrong), script(wrong), script(wrong)])
    const two = await run('replay', '-q', '--show', '2', path)
    expect(two.out.match(/^mismatch: /gm)).toHaveLength(2)
    expect(two.out).toContain('… and 1 more mismatch (--json FILE writes all)')
    expect(two.out.trimEnd().split('\n').at(-1)).toBe('conformance: 3 scripts, 9 operations, 3 mismatches')
    expect((await run('replay', '-q', '--show', '0', path)).out).toMatch(/^… and 3 more mismatches/)
  })

  it('--json writes the same as data', async () => {
    const json = join(folder(), 'report.json')
    const path = file([script(), script(wrong)])
    const { code } = await run('replay', '-q', '--json', json, path)
    expect(code).toBe(1)
    expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual({
      summary: 'conformance: 2 scripts, 6 operations, 1 mismatch',
      scripts: 2,
      operations: 6,
      mismatches: 1,
      families: [{ kind: 'ioctl', name: 'own', scripts: 2, operations: 6, mismatches: 1 }],
      differences: [
        {
          kind: 'ioctl',
          file: path,
          line: 2,
          script: 'own/map/1',
          operation: 3,
          op: 'ioas_unmap',
          arguments: { ioas: '$i', iova: '0x10000', length: '0x1000' },
          expected: wrong,
          got: { errno: 'OK', length: '0x1000' },
          when: 'contiguous and scattered frames',
        },
      ],
      files: [path],
      ignored: [],
    })
  })

  it('says which hazards it did not replay', async () => {
    const top = folder()
    mkdirSync(join(top, 'sub'))
    writeFileSync(join(top, 'sub', 'hazards.jsonl'), 'not even JSON\n')
    writeFileSync(join(top, 'a.jsonl'), `${JSON.stringify(script())}\n`)
    const { code, err } = await run('replay', '-q', top)
    expect(code).toBe(0)
    expect(err).toBe(`not replayed: ${join(top, 'sub', 'hazards.jsonl')} (documents answers that are not to be matched)\n`)
  })

  it('tells where inside a long answer the difference is, and cuts what it prints', async () => {
    const bits = Array.from({ length: 200 }, (_, k) => [k * 2, k * 2])
    const scriptOf = { ...script(), ops: [{ op: 'page_pins', page: 0, count: 16, result: { errno: 'OK', pins: bits.map(([k]) => k) } }] }
    const { out } = await run('replay', '-q', file([scriptOf]))
    expect(out).toContain('  differs    pins[1]\n')
    expect(out).toMatch(/ {2}expected .* … \(\d+ characters; --json writes them all\)\n/)
  })
})

describe('refusals exit with 2', () => {
  it.each([
    ['a file that is not there', () => ['/nowhere/x.jsonl'], 'error: /nowhere/x.jsonl: no such file or folder\n'],
    ['a line that is not JSON', () => [file([script(), '{'], 'bad.jsonl')], /bad\.jsonl:2: not JSON: /],
    ['a line that misses something', () => [file([{ name: 'x', arena: {} }])], /own\.jsonl:1: the field "ops" is missing\n$/],
    ['a folder without recordings', () => [folder()], /the folder holds no recording/],
  ] as const)('%s', async (_what, paths, message) => {
    const { code, out, err } = await run('replay', '-q', ...paths())
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toMatch(message)
  })

  it('a report that cannot be written, before anything is replayed', async () => {
    for (const json of [join(folder(), 'no', 'where.json'), folder()]) {
      const { code, out, err } = await run('replay', '-q', '--json', json, file([script()]))
      expect([code, out]).toEqual([2, ''])
      expect(err).toContain(`error: cannot write ${json}: `)
    }
  })
})

describe('progress', () => {
  it('on a terminal is one line, drawn over and taken away, never wider than the terminal', async () => {
    const stdout = new Capture()
    const stderr = new Capture(true, 60)
    await replayCommand([file([script(), script()])], { show: 1, quiet: false }, { stdout, stderr })
    expect(stderr.text).not.toContain('\n')
    expect(stderr.text.endsWith('\r\x1b[2K')).toBe(true)
    for (const line of stderr.text.split('\r\x1b[2K')) expect(line.length).toBeLessThan(60)
  })

  it('is not written when quiet', async () => {
    expect((await run('replay', '-q', file([script()]))).err).toBe('')
  })
})
