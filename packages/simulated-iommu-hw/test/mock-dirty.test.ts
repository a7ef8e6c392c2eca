// Kind 1: examples on both sides of each boundary.
import { MockDomain, MockDriver, PhysicalMemory } from '@iommukit/simulated-iommu-hw'
import { describe, expect, it } from 'vitest'
import { DirtySet, thrownBy } from './oracle.ts'

const M = 2048n
const H = 0x10_0000n
const IOVA = 0x100_0000n

function tracked(hugePages = false): MockDomain {
  const domain = new MockDomain({ dirtyTracking: true, hugePages, strict: true })
  domain.map(IOVA, 0x4000_0000n, 4n * H, 3)
  domain.dirty!.setTracking(true)
  return domain
}

function soil(domain: MockDomain, ...units: number[]): void {
  for (const unit of units) domain.markDirtyKey(Number(IOVA / M) + unit)
}

function read(domain: MockDomain, from: bigint, length: bigint, noClear = false): number[] {
  const sink = new DirtySet()
  domain.dirty!.readAndClear(IOVA + from, length, noClear, sink)
  return sink.granules(M).map((unit) => unit - Number(IOVA / M))
}

describe('dirty tracking of the mock (simulated-iommu-hw 1.1)', () => {
  it('a domain made without dirty operations has none', () => {
    expect(new MockDomain().dirty).toBeUndefined()
  })

  it('property 15: what was written since the last clear, clipped to the request; NO_CLEAR repeats; a second clear is empty', () => {
    const domain = tracked()
    soil(domain, 0, 1, 7, 2047)
    expect(read(domain, 0n, 8n * M, true)).toEqual([0, 1, 7])
    expect(read(domain, M, 7n * M)).toEqual([1, 7])
    expect(read(domain, 0n, 4n * H)).toEqual([0, 2047])
    expect(read(domain, 0n, 4n * H)).toEqual([])
    soil(domain, 7)
    expect(read(domain, 0n, 4n * H)).toEqual([7])
  })

  it('an empty range is still one step', () => {
    const domain = tracked()
    soil(domain, 0, 1)
    expect(read(domain, 0n, 0n)).toEqual([0])
  })

  it('skips what is not mapped', () => {
    const domain = tracked()
    domain.map(IOVA + 16n * H, 0n, M, 3)
    soil(domain, 0, 16 * 512)
    expect(read(domain, 0n, 32n * H)).toEqual([0, 16 * 512])
  })

  it('observed 3: a huge page is recorded with its full length from the position reached, behind the end of the request too, and cleaned as a whole', () => {
    const domain = tracked(true)
    soil(domain, 600)
    const sink = new DirtySet()
    domain.dirty!.readAndClear(IOVA + H + 5n * M, M, true, sink)
    expect(sink.ranges).toEqual([[IOVA + H + 5n * M, H]])
    expect(read(domain, 0n, 4n * H)).toEqual(Array.from({ length: 512 }, (_, k) => 512 + k))
    expect(read(domain, 0n, 4n * H)).toEqual([])
  })

  it('observed 3: a request that begins inside a huge page sees what was written in front of it', () => {
    const domain = tracked(true)
    soil(domain, 514)
    const sink = new DirtySet()
    domain.dirty!.readAndClear(IOVA + H + 5n * M, M, false, sink)
    expect(sink.ranges).toEqual([[IOVA + H + 5n * M, H]])
    expect(read(domain, 0n, 4n * H)).toEqual([])
  })

  it('item 17: one written byte makes the whole huge page dirty, wherever it lies in it', () => {
    for (const unit of [512, 700, 1023]) {
      const domain = tracked(true)
      soil(domain, unit)
      expect(read(domain, H, H)).toHaveLength(512)
      const other = tracked(true)
      soil(other, unit)
      expect(read(other, 0n, H)).toEqual([])
    }
  })

  it('tracking off: EINVAL with a sink, cleaning without one works', () => {
    const domain = tracked()
    soil(domain, 3)
    domain.dirty!.setTracking(false)
    expect(thrownBy(() => domain.dirty!.readAndClear(IOVA, H, false, new DirtySet()))).toBe('EINVAL')
    expect(domain.entryAt(IOVA + 3n * M)?.dirty).toBe(true)
    domain.dirty!.readAndClear(IOVA, H, false, undefined)
    expect(domain.entryAt(IOVA + 3n * M)?.dirty).toBe(false)
    domain.dirty!.setTracking(true)
    expect([domain.dirty!.enabled, read(domain, 0n, H)]).toEqual([true, []])
  })

  it('a mapping made anew is clean', () => {
    const domain = tracked()
    soil(domain, 0)
    domain.unmap(IOVA, 4n * H)
    domain.map(IOVA, 0n, H, 3)
    expect(read(domain, 0n, H)).toEqual([])
  })

  it('reads a range of the whole address space in the time of what is mapped', () => {
    const domain = new MockDomain({ dirtyTracking: true, aperture: { start: 0n, last: 2n ** 64n - 1n } })
    domain.map(2n ** 64n - M, 0n, M, 3)
    domain.map(2n ** 40n, 0n, M, 3)
    domain.dirty!.setTracking(true)
    for (const iova of [2n ** 64n - M, 2n ** 40n]) expect(domain.markDirtyKey(Number(iova / M))).toBe(true)
    const sink = new DirtySet()
    domain.dirty!.readAndClear(0n, 2n ** 64n - 1n, false, sink)
    expect(sink.ranges).toEqual([
      [2n ** 40n, M],
      [2n ** 64n - M, M],
    ])
    expect(domain.unmap(0n, 2n ** 64n - M * 2n)).toBe(2n ** 64n - M * 2n)
    expect(domain.mappedIoPages).toBe(1)
  })
})

describe('dirty injection (uapi 10.2 op 13)', () => {
  const driver = new MockDriver({ physical: new PhysicalMemory() })
  const bitmap = Uint8Array.of(0b1000_0001, 0b0000_0011)

  it('marks the entries named by the set bits and counts those that exist', () => {
    const domain = tracked()
    expect(driver.test.markDirty(domain, IOVA, M, 10, bitmap)).toBe(4)
    expect(read(domain, 0n, 4n * H)).toEqual([0, 7, 8, 9])
    expect(driver.test.markDirty(domain, IOVA, M, 9, bitmap)).toBe(3)
    expect(driver.test.markDirty(domain, IOVA + 4n * H - M, M, 10, bitmap)).toBe(1)
    expect(driver.test.markDirty(domain, 2n ** 64n - M, M, 10, bitmap)).toBe(0)
  })

  it('observed 4: entries are numbered by the page size asked for, so that another one marks other pages or none', () => {
    const domain = tracked()
    expect(driver.test.markDirty(domain, IOVA, 4096n, 10, bitmap)).toBe(0)
    expect(driver.test.markDirty(domain, 2n * IOVA, 4096n, 10, bitmap)).toBe(4)
    expect(read(domain, 0n, 4n * H)).toEqual([0, 7, 8, 9])
  })

  it('needs tracking to be on, and a mock domain', () => {
    const domain = new MockDomain({ dirtyTracking: true })
    expect(driver.test.trackingEnabled(domain)).toBe(false)
    expect(thrownBy(() => driver.test.markDirty(domain, IOVA, M, 10, bitmap))).toBe('EINVAL')
    expect(driver.test.trackingEnabled(new MockDomain())).toBe(false)
    expect(thrownBy(() => driver.test.trackingEnabled({}))).toBe('EINVAL')
  })
})
