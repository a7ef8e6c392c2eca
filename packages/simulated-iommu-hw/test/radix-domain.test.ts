// Kind 1: examples on both sides of each boundary; kind 5: the n-th table allocation fails.
import { RadixDomain } from '@iommukit/simulated-iommu-hw'
import { checkInvariants } from '@iommukit/simulated-iommu-hw/check'
import { describe, expect, it } from 'vitest'
import { Runs, thrownBy } from './oracle.ts'

const K4 = 0x1000n
const M2 = 0x20_0000n
const G1 = 0x4000_0000n
const TOP = 2n ** 48n

/** Bytes of the leaves from an IOVA on, in order. */
function leaves(domain: RadixDomain, iova: bigint, length: bigint): number[] {
  const list: number[] = []
  for (let at = iova; at < iova + length; at += BigInt(list.at(-1)!)) list.push(domain.leafLengthAt(at) ?? expect.fail(`hole at ${at}`))
  return list
}

describe('RadixDomain: map', () => {
  it('maps the first and the last page of its 48 bits, and nothing beyond', () => {
    const domain = new RadixDomain()
    domain.map(0n, 2n ** 52n - K4, K4, 3)
    domain.map(TOP - K4, 0n, K4, 1)
    expect([domain.iovaToPhys(5n), domain.iovaToPhys(TOP - 1n)]).toEqual([2n ** 52n - K4 + 5n, 4095n])
    expect([domain.iovaToPhys(K4), domain.iovaToPhys(TOP), domain.iovaToPhys(2n ** 64n - 1n)]).toEqual([undefined, undefined, undefined])
    expect([domain.protAt(0n), domain.protAt(TOP - 1n), domain.protAt(TOP)]).toEqual([3, 1, undefined])
    expect(thrownBy(() => domain.map(TOP, 0n, K4, 3))).toBe('RangeError')
    expect(thrownBy(() => domain.map(TOP - K4, 0n, 2n * K4, 3))).toBe('RangeError')
    expect(thrownBy(() => domain.map(2n ** 64n - K4, 0n, K4, 3))).toBe('RangeError')
    expect(thrownBy(() => domain.map(K4, 2n ** 52n, K4, 3))).toBe('RangeError')
    expect([domain.unmap(TOP, K4), domain.unmap(TOP - K4, 2n * K4)]).toEqual([0n, K4])
    checkInvariants(domain)
  })

  it('property 7: uses the largest leaves that both alignments allow', () => {
    const domain = new RadixDomain()
    domain.map(0n, G1, G1, 3)
    expect([domain.tableCount, leaves(domain, 0n, G1)]).toEqual([2, [Number(G1)]])
    domain.map(2n * G1 - M2 - K4, 4n * G1 - M2 - K4, M2 + K4 + G1 + 3n * K4, 3)
    expect(leaves(domain, 2n * G1 - M2 - K4, M2 + K4 + G1 + 3n * K4)).toEqual([4096, 0x20_0000, 0x4000_0000, 4096, 4096, 4096])
    domain.map(8n * G1, 16n * G1 + M2, G1, 3)
    expect(new Set(leaves(domain, 8n * G1, G1))).toEqual(new Set([0x20_0000]))
    domain.map(16n * G1, K4, 2n * M2, 3)
    expect(new Set(leaves(domain, 16n * G1, 2n * M2))).toEqual(new Set([4096]))
    checkInvariants(domain)
  })

  it('property 9: page by page there are only leaves of 4 KiB', () => {
    const domain = new RadixDomain()
    for (let at = 0n; at < M2; at += K4) domain.map(at, at, K4, 3)
    expect(new Set(leaves(domain, 0n, M2))).toEqual(new Set([4096]))
  })

  it('refuses what is not multiples of 4 KiB, and what is mapped, changing nothing', () => {
    const domain = new RadixDomain()
    domain.map(M2, 0n, M2, 3)
    domain.map(0n, K4, K4, 3)
    const tableCount = domain.tableCount
    for (const [iova, phys, length] of [
      [1n, 0n, K4],
      [0n, 1n, K4],
      [0n, 0n, 5n],
      [0n, 0n, K4 + 1n],
    ] as const)
      expect(thrownBy(() => domain.map(8n * M2 + iova, phys, length, 3))).toBe('EINVAL')
    for (const [iova, length] of [
      [0n, K4],
      [K4, M2],
      [M2 + K4, K4],
      [M2, M2],
      [0n, G1],
      [M2 - K4, 2n * K4],
      [2n * M2 - K4, M2],
    ] as const)
      expect(thrownBy(() => domain.map(iova, 0n, length, 3))).toBe('EADDRINUSE')
    domain.map(4n * M2, 0n, 0n, 3)
    expect([domain.tableCount, domain.iovaToPhys(K4), domain.iovaToPhys(M2 - K4)]).toEqual([tableCount, undefined, undefined])
    checkInvariants(domain)
  })

  it('item 8: addresses with high bits set are not signed', () => {
    const domain = new RadixDomain()
    domain.map(0xffff_8000_0000n, 0xf_ffff_8000_0000n, M2, 3)
    expect(domain.iovaToPhys(0xffff_801f_ffffn)).toBe(0xf_ffff_801f_ffffn)
    domain.map(0x8000_0000n, 0x8000_1000n, K4, 3)
    expect(domain.iovaToPhys(0x8000_0fffn)).toBe(0x8000_1fffn)
    domain.map(0x9000_0000n, 0xffff_f000n, 3n * K4, 3)
    expect([0n, K4, 2n * K4].map((at) => domain.iovaToPhys(0x9000_0000n + at))).toEqual([0xffff_f000n, 0x1_0000_0000n, 0x1_0000_1000n])
    const sink = new Runs()
    expect(domain.readRuns(0x8000_0000n, 1, sink)).toBe(1)
    expect(domain.readRuns(0x9000_0000n, 3, sink)).toBe(3)
    expect(sink.runs).toEqual([
      [0x80001, 1],
      [0xfffff, 3],
    ])
  })

  it('property 6: a failing table allocation leaves the tables as they were', () => {
    for (let nth = 1; nth < 20; nth++) {
      const domain = new RadixDomain()
      domain.map(G1 - K4, 0n, K4, 3)
      const before = domain.tableCount
      domain.tables.fault.failAt(nth)
      const code = thrownBy(() => domain.map(G1, 3n * M2 + K4, 3n * M2, 3))
      if (code === undefined) {
        expect(nth).toBe(5)
        return
      }
      expect([code, domain.tableCount, domain.iovaToPhys(G1)]).toEqual(['ENOMEM', before, undefined])
      checkInvariants(domain)
      domain.tables.fault.disarm()
    }
    expect.fail('the map never succeeded')
  })
})

describe('RadixDomain: unmap', () => {
  it('property 5: map then unmap gives all tables back', () => {
    const domain = new RadixDomain()
    for (const [iova, phys, length] of [
      [0n, 0n, G1],
      [TOP - G1, K4, M2],
      [K4 * 7n + 2n * G1, 0n, 5n * M2],
    ] as const) {
      domain.map(iova, phys, length, 3)
      expect(domain.unmap(iova, length)).toBe(length)
      expect(domain.tableCount).toBe(1)
      checkInvariants(domain)
    }
  })

  it('item 12: returns what was removed: less at a hole, more where a leaf reaches out, nothing inside a leaf', () => {
    const domain = new RadixDomain()
    domain.map(0n, 0n, M2, 3)
    domain.map(M2, K4, 4n * K4, 3)
    expect(domain.unmap(K4, M2)).toBe(0n)
    expect(domain.unmap(M2 - K4, 2n * K4)).toBe(0n)
    expect(domain.unmap(M2 + 2n * K4, 4n * K4)).toBe(2n * K4)
    expect(domain.unmap(1n, K4)).toBe(0n)
    expect(domain.unmap(0n, K4)).toBe(M2)
    expect(domain.unmap(0n, K4)).toBe(0n)
    expect(domain.unmap(M2, 2n * K4)).toBe(2n * K4)
    expect(domain.tableCount).toBe(1)
  })

  it('nothing is remembered of tables that were freed and used again elsewhere', () => {
    const domain = new RadixDomain()
    for (let round = 0n; round < 8n; round++) {
      const [here, there] = [round * G1, (round + 1n) * G1 + 5n * M2]
      domain.map(here, K4, K4, 3)
      expect(domain.iovaToPhys(here)).toBe(K4)
      expect(domain.unmap(here, K4)).toBe(K4)
      domain.map(there, 2n * K4, K4, 3)
      expect([domain.iovaToPhys(here), domain.iovaToPhys(there)]).toEqual([undefined, 2n * K4])
      expect(domain.unmap(there, K4)).toBe(K4)
      domain.map(there + K4, 3n * K4, K4, 3)
      expect([domain.iovaToPhys(there), domain.iovaToPhys(there + K4)]).toEqual([undefined, 3n * K4])
      expect(domain.unmap(there + K4, K4)).toBe(K4)
    }
    // Tables come back from the free list in another order, so that a stale number would name a table of another level.
    domain.map(0n, 0n, 3n * K4, 3)
    domain.iovaToPhys(0n)
    domain.unmap(0n, 3n * K4)
    domain.map(300n * G1, 0n, M2, 3)
    domain.map(300n * G1 + 5n * M2, K4, 3n * K4, 3)
    domain.map(301n * G1, K4, 3n * K4, 3)
    for (let at = 0n; at < G1; at += M2) if (domain.iovaToPhys(at) !== undefined) expect.fail(`a stale translation at ${at}`)
    checkInvariants(domain)
  })

  it('reads back runs across leaves of all sizes, from inside a leaf too', () => {
    const domain = new RadixDomain()
    const start = 2n * G1 - M2 - K4
    const npages = Number((M2 + K4 + G1) / K4) + 3
    domain.map(start, 4n * G1 - M2 - K4, BigInt(npages) * K4, 3)
    const sink = new Runs()
    expect(domain.readRuns(start, npages, sink)).toBe(npages)
    expect(sink.runs).toEqual([[0x100000 - 513, npages]])
    const inside = new Runs()
    expect(domain.readRuns(start + 9n * K4 + 5n, 3, inside)).toBe(3)
    expect(inside.runs).toEqual([[0x100000 - 504, 3]])
    expect(domain.readRuns(start, npages + 5, new Runs())).toBe(npages)
    expect(domain.readRuns(start, npages, new Runs(0))).toBe(0)
    for (const page of [0n, 1n, 2n, 3n, 4n]) domain.map(page * K4, (page / 2n) * K4 * 9n + (page % 2n) * K4, K4, 3)
    const full = new Runs(1)
    expect(domain.readRuns(0n, 5, full)).toBe(2)
    expect(full.runs).toEqual([[0, 2]])
    expect(domain.readRuns(TOP, 1, new Runs())).toBe(0)
  })
})

describe('a page beside one that is mapped', () => {
  it.each([-4096, -(2 ** 40), 2 ** 52, 2 ** 63, 2 ** 64, 2 ** 84, 4096.5, 2 ** 40 + 0.5, Number.NaN, Infinity])(
    'refuses the physical address %d as the first one does',
    (phys) => {
      const domain = new RadixDomain()
      expect(() => domain.mapAt(0, 0, phys, 4096, 3)).toThrow()
      domain.mapAt(0, 0, 0x5000, 4096, 3)
      expect(() => domain.mapAt(0, 4096, phys, 4096, 3)).toThrow()
      expect([domain.iovaToPhysAt(0, 4095), domain.iovaToPhysAt(0, 4096)]).toEqual([0x5fff, -1])
      domain.mapAt(0, 4096, 2 ** 52 - 4096, 4096, 3)
      expect(domain.iovaToPhysAt(0, 4097)).toBe(2 ** 52 - 4095)
    },
  )
})
