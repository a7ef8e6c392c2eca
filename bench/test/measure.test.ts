// Examples (kind 1) of how a process measures: what comes before each run, wrong work refused, bytes an entry.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { bytesPerEntry, ChecksumError, measurePhase, type Patience } from '../src/measure.ts'
import { projectFolder } from '../src/paths.ts'

const patience: Patience = { warmUpMs: 5, budgetMs: 5, minSamples: 3, slowRunMs: 250, longRunMs: 500 }
const phase = { name: 'phase', unit: 'op', ops: 1000, checksum: 7 }

describe('measurePhase', () => {
  it('makes ready before each run, and never runs twice on what was made ready once', async () => {
    const calls: string[] = []
    const result = await measurePhase(
      'case',
      phase,
      {
        before: () => void calls.push('before'),
        run: () => calls.push('run'),
        check: () => 7,
        counts: () => ({ calls: calls.length }),
      },
      patience,
    )
    expect(calls.length).toBeGreaterThan(2 * 4)
    expect(calls).toEqual(Array.from(calls, (_, k) => (k % 2 === 0 ? 'before' : 'run')))
    expect([result.phase, result.ops, result.checksum]).toEqual(['phase', 1000, 7])
    expect(result.samples).toBeGreaterThanOrEqual(3)
    // The counts are those of the last sample: one more run checks that nothing has changed.
    expect(result.counts).toEqual({ calls: calls.length - 2 })
  })

  it('takes a run that is long enough for its own sample', async () => {
    const calls: string[] = []
    const run = (): number => {
      calls.push('run')
      return 7
    }
    const result = await measurePhase('case', phase, { run }, { ...patience, longRunMs: 0 })
    expect([calls.length, result.samples, result.checksum]).toEqual([1, 1, 7])
  })

  it.each([
    ['at once', () => 8, /case\/phase: checksum 8, expected 7/],
    ['after some runs', (run: number) => (run < 3 ? 7 : 9), /checksum 9, expected 7/],
  ])('refuses other work than expected %s', async (_, checksumOf, message) => {
    let runs = 0
    const measured = measurePhase('case', phase, { run: () => checksumOf(runs++) }, patience)
    await expect(measured).rejects.toThrow(message)
    await expect(measured).rejects.toBeInstanceOf(ChecksumError)
  })

  it('refuses work that changes, where no checksum is known', async () => {
    let runs = 0
    const unknown = { name: 'phase', unit: 'op', ops: 1000 }
    await expect(measurePhase('case', unknown, { run: () => runs++ }, patience)).rejects.toThrow(
      /checksum changed from 0 to \d+ between runs/,
    )
  })
})

describe('bytesPerEntry', () => {
  const { gc } = globalThis
  afterEach(() => void Object.assign(globalThis, { gc }))

  // In a process of its own, as it is used: in this one, what was compiled for other tests may be given up meanwhile.
  it.each([1000, 1e6])('is what %i numbers of 8 bytes take, and nothing of what was there before', (entries) => {
    const measure = join(projectFolder, 'bench/dist/src/measure.js')
    const script = `
      const { bytesPerEntry } = await import(${JSON.stringify(pathToFileURL(measure))})
      console.log(bytesPerEntry({ phases: {}, memory: { entries: ${entries}, make: () => new Float64Array(${entries}) } }))`
    const { stderr, stdout } = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(Number(stdout)).toBeGreaterThan(7.9)
    expect(Number(stdout)).toBeLessThan(8.5)
  })

  it('is unknown of what has none, and where nothing can be collected', () => {
    expect(bytesPerEntry({ phases: {} })).toBe(undefined)
    Object.assign(globalThis, { gc: undefined })
    expect(bytesPerEntry({ phases: {}, memory: { entries: 1, make: () => [] } })).toBe(undefined)
  })
})
