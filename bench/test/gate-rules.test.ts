// Kind 1 of docs/TESTING.md: both sides of each tolerance of the gate; a planted regression is caught, identical runs pass.
import { describe, expect, it } from 'vitest'
import { type GateFigures, gateTable, judgeBundle, judgeWorkload } from '../src/gate-rules.ts'
import { xorshift32 } from '../src/random.ts'

const base: GateFigures = { workload: 'itree.1e3.rand/insert', instructions: 1000, bytes: 8, counts: { 'pin calls': 3 } }
const failed = (head: Partial<GateFigures>): string[] =>
  judgeWorkload(base, { ...base, ...head })
    .filter((finding) => !finding.ok)
    .map((finding) => finding.what)

describe('the gate', () => {
  it('lets +1 % instructions pass and stops at more', () => {
    expect(failed({ instructions: 1010 })).toEqual([])
    expect(failed({ instructions: 1010.1 })).toEqual(['instructions/op'])
  })

  it('catches a planted +2 % and passes ten A/A runs with the spread seen on real ones (0.03 %)', () => {
    const rnd = xorshift32(0xa11)
    const jitter = (): number => 1 + ((rnd() % 1000) / 1000 - 0.5) * 0.0006
    for (let run = 0; run < 10; run++) {
      expect(failed({ instructions: 1000 * jitter() })).toEqual([])
      expect(failed({ instructions: 1020 * jitter() })).toEqual(['instructions/op'])
    }
  })

  it('lets half a byte an operation pass and stops at more', () => {
    expect(failed({ bytes: 8.5 })).toEqual([])
    expect(failed({ bytes: 8.51 })).toEqual(['bytes/op'])
  })

  it('compares counts exactly: fewer is fine, one more, a new one or a lost one is not', () => {
    expect(failed({ counts: { 'pin calls': 2 } })).toEqual([])
    expect(failed({ counts: { 'pin calls': 4 } })).toEqual(['pin calls'])
    expect(failed({ counts: {} })).toEqual(['pin calls'])
    expect(failed({ counts: { 'pin calls': 3, 'map calls': 1 } })).toEqual(['map calls'])
  })

  it('leaves out only the instructions where they were not counted', () => {
    const findings = judgeWorkload({ ...base, instructions: undefined }, { ...base, bytes: 9 })
    expect(findings.map((finding) => finding.what)).toEqual(['bytes/op', 'pin calls'])
    expect(findings[0]!.ok).toBe(false)
  })

  it('lets a workload pass that the base does not have, and says so', () => {
    const findings = judgeWorkload(undefined, base)
    expect(findings).toEqual([{ workload: base.workload, what: 'new', base: Number.NaN, head: 1000, ok: true }])
    expect(gateTable(findings)).toMatch(/new .* NaN +1000\.00 +new$/)
  })

  it('lets a bundle grow by 1 %', () => {
    expect(judgeBundle('xarray', 5000, 5050).ok).toBe(true)
    expect(judgeBundle('xarray', 5000, 5051).ok).toBe(false)
  })

  it('prints what failed first', () => {
    const table = gateTable([judgeBundle('fine', 100, 100), judgeBundle('grown', 100, 120)]).split('\n')
    expect(table[1]).toContain('grown')
    expect(table[1]).toContain('FAIL')
    expect(table[2]).not.toContain('FAIL')
  })
})
