// Kind 1: examples on both sides of each boundary; and the work of the benchmark dirty.read at a small size.
import { RadixDomain } from '@iommukit/simulated-iommu-hw'
import { checkInvariants } from '@iommukit/simulated-iommu-hw/check'
import { describe, expect, it } from 'vitest'
import { DirtySet, thrownBy, xorshift32 } from './oracle.ts'

const K4 = 0x1000n
const M2 = 0x20_0000n
const G1 = 0x4000_0000n

function tracked(length = M2 + 64n * K4, phys = K4): RadixDomain {
  const domain = new RadixDomain()
  domain.map(0n, phys, length, 3)
  domain.dirty.setTracking(true)
  return domain
}

function read(domain: RadixDomain, iova: bigint, length: bigint, noClear = false): [bigint, bigint][] {
  const sink = new DirtySet()
  domain.dirty.readAndClear(iova, length, noClear, sink)
  checkInvariants(domain)
  return sink.ranges
}

describe('RadixDirty', () => {
  it('property 15: the leaves written since the last clear, as maximal runs; NO_CLEAR repeats; a second clear is empty', () => {
    const domain = tracked()
    for (const page of [0n, 1n, 31n, 32n, 511n, 512n, 575n]) expect(domain.markDirty(page * K4 + 7n)).toBe(true)
    expect(domain.markDirty(576n * K4)).toBe(false)
    const all: [bigint, bigint][] = [
      [0n, 2n * K4],
      [31n * K4, 2n * K4],
      [511n * K4, 2n * K4],
      [575n * K4, K4],
    ]
    expect(read(domain, 0n, G1, true)).toEqual(all)
    expect(read(domain, K4, 31n * K4)).toEqual([
      [K4, K4],
      [31n * K4, K4],
    ])
    expect(read(domain, 0n, G1)).toEqual([[0n, K4], [32n * K4, K4], ...all.slice(2)])
    expect(read(domain, 0n, G1)).toEqual([])
    expect(domain.dirty.isDirty(0n)).toBe(false)
  })

  it('item 17: a big leaf is dirty as a whole; a request for a part of it is clipped and does not lose the rest', () => {
    const domain = tracked(2n * G1, G1)
    domain.markDirty(G1 + 5n)
    expect([domain.dirty.isDirty(2n * G1 - 1n), domain.dirty.isDirty(G1 - 1n)]).toEqual([true, false])
    expect(read(domain, G1 + K4, 2n * K4)).toEqual([[G1 + K4, 2n * K4]])
    expect(read(domain, 0n, G1 + K4)).toEqual([[G1, K4]])
    expect(read(domain, 0n, 2n * G1)).toEqual([[G1, G1]])
    expect(read(domain, 0n, 2n * G1)).toEqual([])
  })

  it('bytes inside a page are clipped the same way', () => {
    const domain = tracked()
    domain.markDirty(0n)
    domain.markDirty(K4)
    expect(read(domain, 100n, K4)).toEqual([[100n, K4]])
    expect(read(domain, 0n, 2n * K4 - 1n)).toEqual([[0n, 2n * K4 - 1n]])
    expect(read(domain, 0n, 2n * K4)).toEqual([[K4, K4]])
    expect(read(domain, 0n, 0n)).toEqual([])
  })

  it('nothing is recorded while tracking is off; reading is then EINVAL, cleaning is not', () => {
    const domain = tracked()
    domain.markDirty(0n)
    domain.dirty.setTracking(false)
    domain.markDirty(K4)
    expect(thrownBy(() => domain.dirty.readAndClear(0n, K4, false, new DirtySet()))).toBe('EINVAL')
    expect([domain.dirty.isDirty(0n), domain.dirty.isDirty(K4)]).toEqual([true, false])
    domain.dirty.readAndClear(0n, M2, false, undefined)
    domain.dirty.setTracking(true)
    expect(read(domain, 0n, M2)).toEqual([])
  })

  it('unmapping forgets dirty bits: a mapping made anew is clean', () => {
    const domain = tracked()
    for (const page of [0n, 3n, 511n, 512n]) domain.markDirty(page * K4)
    domain.unmap(3n * K4, K4)
    domain.map(3n * K4, 0n, K4, 3)
    expect(read(domain, 0n, 511n * K4, true)).toEqual([[0n, K4]])
    domain.unmap(0n, M2 + 64n * K4)
    domain.map(0n, 0n, M2, 3)
    expect(read(domain, 0n, G1)).toEqual([])
    for (let page = 0n; page < 3n; page++) domain.map(M2 + page * K4, 0n, K4, 3)
    domain.markDirty(M2 + K4)
    domain.unmap(M2 + K4, K4)
    expect(read(domain, 0n, G1)).toEqual([])
  })

  it('the work of dirty.read at 16 MiB: as many bits as pages drawn', () => {
    const npages = 4096
    const domain = tracked(BigInt(npages) * K4)
    const rnd = xorshift32(0xd1127)
    const drawn = new Set<number>()
    for (let k = 0; k < Math.floor(npages / 100); k++) {
      const page = rnd() & (npages - 1)
      drawn.add(page)
      domain.markDirtyAt(0, page * 4096)
    }
    const sink = new DirtySet()
    domain.dirty.readAndClear(0n, BigInt(npages) * K4, false, sink)
    expect(sink.granules(K4)).toEqual([...drawn].sort((a, b) => a - b))
  })
})
