// Kind 1 of docs/TESTING.md: examples with answers known from elsewhere, and the statistics' own false-alarm and detection rates.
import { describe, expect, it } from 'vitest'
import { fitGrowth } from '../src/growth.ts'
import { hs, shuffled, xorshift32 } from '../src/random.ts'
import { bootstrapMedian, noiseFloorOf, verdictOf } from '../src/stats.ts'

/** Standard normal by Box and Muller over the seeded generator. */
function normals(seed: number, howMany: number): number[] {
  const rnd = xorshift32(seed)
  const unit = (): number => (rnd() + 0.5) / 2 ** 32
  return Array.from({ length: howMany }, () => Math.sqrt(-2 * Math.log(unit())) * Math.cos(2 * Math.PI * unit()))
}

describe('generators of performance.md section 1', () => {
  it('xorshift32 from 1 gives the published first values', () => {
    const rnd = xorshift32(1)
    expect([rnd(), rnd(), rnd()]).toEqual([270369, 67634689, 2647435461])
  })

  it('shuffled is a permutation and depends on the seed', () => {
    expect([...shuffled(100, 7)].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, k) => k))
    expect(shuffled(100, 7)).not.toEqual(shuffled(100, 8))
  })

  it('HS gives the bits of the u32 as a signed word, and depends on the order', () => {
    expect(hs(hs(0, 1), 2)).not.toBe(hs(hs(0, 2), 1))
    for (const [h, x] of [
      [0, 1],
      [0xffffffff, 0],
      [-1, 0],
      [0x80000000, 0xffffffff],
    ] as const) {
      const t = Number((BigInt((h ^ x) >>> 0) * 0x9e3779b1n) & 0xffffffffn)
      expect(hs(h, x)).toBe((t ^ (t >>> 15)) | 0)
    }
  })
})

describe('bootstrapMedian', () => {
  it('is exact for equal values, and for one value', () => {
    expect(bootstrapMedian([3, 3, 3])).toEqual({ low: 3, middle: 3, high: 3 })
    expect(bootstrapMedian([5])).toEqual({ low: 5, middle: 5, high: 5 })
  })

  it('gives the same interval for the same seed, and another for another', () => {
    const values = normals(11, 20)
    expect(bootstrapMedian(values, 0.95, 500, 1)).toEqual(bootstrapMedian(values, 0.95, 500, 1))
    expect(bootstrapMedian(values, 0.95, 500, 1)).not.toEqual(bootstrapMedian(values, 0.95, 500, 2))
  })

  it('covers the true median in about 95 of 100 samples', () => {
    let covered = 0
    for (let k = 0; k < 200; k++) {
      const { low, high } = bootstrapMedian(normals(1000 + k, 25), 0.95, 400, k + 1)
      if (low <= 0 && high >= 0) covered++
    }
    expect(covered).toBeGreaterThanOrEqual(180)
    expect(covered).toBeLessThan(200)
  })

  it('refuses an empty list, naming it', () => {
    expect(() => bootstrapMedian([])).toThrow(/at least one value/)
  })
})

describe('verdicts', () => {
  const interval = (low: number, high: number) => ({ low, middle: (low + high) / 2, high })

  const quiet = interval(-0.002, 0.001)

  it('needs the whole interval outside the noise for better and worse, and inside the floor for same', () => {
    expect(verdictOf(interval(0.011, 0.03), quiet, 0.01)).toBe('worse')
    expect(verdictOf(interval(-0.03, -0.011), quiet, 0.01)).toBe('better')
    expect(verdictOf(interval(-0.01, 0.01), quiet, 0.01)).toBe('same')
    expect(verdictOf(interval(0.005, 0.02), quiet, 0.01)).toBe('inconclusive')
    expect(verdictOf(interval(0.01, 0.02), quiet, 0.01)).toBe('inconclusive')
  })

  it('asks more of a row that is noisy against itself, and does not call it the same for that', () => {
    expect(verdictOf(interval(0.04, 0.06), interval(-0.02, 0.04), 0.01)).toBe('inconclusive')
    expect(verdictOf(interval(0.041, 0.06), interval(-0.02, 0.04), 0.01)).toBe('worse')
    expect(verdictOf(interval(-0.02, 0.02), interval(-0.05, 0.05), 0.01)).toBe('inconclusive')
  })

  it('takes the floor from the middle of the A/A rows, at least 1 %', () => {
    expect(noiseFloorOf([interval(-0.02, 0.005), interval(0, 0.015), interval(-0.3, 0.1)])).toBe(0.02)
    expect(noiseFloorOf([interval(-0.002, 0.001)])).toBe(0.01)
    expect(noiseFloorOf([])).toBe(0.01)
  })

  it('never says worse or better of A/A pairs with 1 % noise, and always says worse of a planted 5 %', () => {
    for (let k = 0; k < 50; k++) {
      const aa = normals(50 + k, 12).map((z) => z * 0.01)
      const again = normals(500 + k, 12).map((z) => z * 0.01)
      const against = bootstrapMedian(again, 0.95, 400)
      expect(['same', 'inconclusive']).toContain(verdictOf(bootstrapMedian(aa, 0.95, 400), against, 0.015))
      expect(
        verdictOf(
          bootstrapMedian(
            aa.map((ratio) => ratio + 0.05),
            0.95,
            400,
          ),
          against,
          0.015,
        ),
      ).toBe('worse')
    }
  })
})

describe('fitGrowth', () => {
  const sizes = [1e3, 1e4, 1e5, 1e6]
  const shape = (cost: (n: number) => number) => fitGrowth(sizes.map((n) => ({ n, ns: cost(n) })))

  it('recognises the shapes and their exponents', () => {
    expect(shape(() => 7)).toEqual({ exponent: 0, growth: 'constant' })
    expect(shape((n) => 3 * Math.log2(n)).growth).toBe('log n')
    expect(shape((n) => 2 * n)).toMatchObject({ growth: 'n' })
    expect(shape((n) => 2 * n).exponent).toBeCloseTo(1, 6)
    expect(shape((n) => n * Math.log2(n)).growth).toBe('n log n')
    expect(shape((n) => n * n).growth).toBe('steeper')
  })

  it('refuses a single size', () => {
    expect(() => fitGrowth([{ n: 10, ns: 1 }])).toThrow(/two sizes/)
  })
})
