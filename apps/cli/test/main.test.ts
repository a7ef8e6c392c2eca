// Examples (design section 7, kind 1): help and errors of the command line, and the built program.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { file, run, script } from './harness.ts'

describe('the command line', () => {
  it('--help lists the commands', async () => {
    const { code, out } = await run('--help')
    expect(code).toBe(0)
    expect(out).toContain('Usage: iommukit')
    expect(out).toContain('replay [options] [PATH...]')
    expect(out).toContain('show [options] [SCRIPT]')
  })

  it('replay --help needs no manual: what it does, what it prints, how it exits, examples', async () => {
    const { code, out } = await run('replay', '--help')
    expect(code).toBe(0)
    for (const part of ['--json <FILE>', 'hazards.jsonl', 'conformance: S scripts, O operations, M mismatches', 'Exit code:', 'Examples:'])
      expect(out).toContain(part)
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
  })

  it.each([
    [['replya'], "error: unknown command 'replya'\n(Did you mean replay?)"],
    [['replay', '--jsno', 'x'], "error: unknown option '--jsno'\n(Did you mean --json?)"],
    [['replay', '--json'], "error: option '--json <FILE>' argument missing"],
    [['replay', '--show', 'many'], "error: option '--show <N>' argument 'many' is invalid. It must be a whole number of 0 or more."],
    [['show', 'a', 'b'], "error: too many arguments for 'show'"],
    [['show', 'no/such/script'], 'error: no ioctl script is called no/such/script in the bundled recordings'],
  ])('%j is refused with a clear error and exit 2', async (argv, message) => {
    const { code, out, err } = await run(...argv)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(message)
  })

  it('without a command prints the help as an error', async () => {
    const { code, out, err } = await run()
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('Usage: iommukit')
  })
})

const built = fileURLToPath(new URL('../dist/bin.js', import.meta.url))

describe('the built program (npm test builds it first)', () => {
  it('replays a file', () => {
    const { status, stdout } = spawnSync(process.execPath, [built, 'replay', '-q', file([script()])], { encoding: 'utf8' })
    expect(status).toBe(0)
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('conformance: 1 scripts, 3 operations, 0 mismatches')
  })

  it('ends quietly when nobody reads any more', () => {
    const command = `"${process.execPath}" "${built}" replay --help | head -1`
    const { status, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  })
})
