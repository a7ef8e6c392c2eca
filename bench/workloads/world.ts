/** The small computer in which `map`, `areas`, `copy` … run: user memory with chosen frames, tables, and domains. */
import { IoPagetable } from '@iommukit/io-pagetable'
import type { IommuDomain, Origin } from '@iommukit/pfn-reader'
import { LockedMemory, MockDomain, PhysicalMemory, RadixDomain, UserAddressSpace } from '@iommukit/simulated-iommu-hw'
import { hs } from '../src/random.ts'

export type Frames = 'scat' | 'contig' | 'thp'
export type DomainKind = 'radix' | 'mock'

export const pageBytes = 4096
export const iova0 = 0x10_0000_0000n
export const arena = 0x100_0000_0000n
const frameBase = 0x100000
export const readWrite = 3

/** The frame of user page v, as performance.md section 1 defines it; `np` is a power of two. */
export function frameOf(kind: Frames, np: number): (v: number) => number {
  if (kind === 'contig') return (v) => frameBase + v
  if (kind === 'scat') return (v) => frameBase + ((Math.imul(v, 0x9e3779b1) & (np - 1)) >>> 0)
  return (v) => frameBase + (((Math.imul(v >>> 9, 0x9e3779b1) & (np / 512 - 1)) >>> 0) << 9) + (v & 511)
}

/** User memory of `np` pages at the arena, and what tables need to map it. */
export class World {
  readonly physical: PhysicalMemory = new PhysicalMemory()
  readonly memory: UserAddressSpace
  readonly origin: Origin
  readonly temp: { limitBytes: number } = { limitBytes: 65536 }

  constructor(kind: Frames, np: number) {
    this.memory = new UserAddressSpace(this.physical)
    this.memory.mmap(arena, BigInt(np) * BigInt(pageBytes), { placement: frameOf(kind, np) })
    this.origin = {
      source: (base, npages) => this.memory.pageSource(base, npages),
      frames: this.physical,
      accounting: new LockedMemory(),
      accountMode: 'none',
    }
  }

  table(domains: readonly IommuDomain[]): IoPagetable {
    const table = new IoPagetable({ temp: this.temp })
    for (const domain of domains) table.addDomain(domain)
    return table
  }
}

const mockAperture = { start: 0n, last: (1n << 48n) - 1n }

export function makeDomain(kind: DomainKind): RadixDomain | MockDomain {
  return kind === 'radix' ? new RadixDomain() : new MockDomain({ aperture: mockAperture })
}

export function makeDomains(kind: DomainKind | 'none', howMany: number): (RadixDomain | MockDomain)[] {
  return kind === 'none' ? [] : Array.from({ length: howMany }, () => makeDomain(kind))
}

/** HS over the frames of `npages` pages from `iova` on, in IOVA order, read back by runs. */
export function hashOfDomain(domain: IommuDomain, iova: bigint, npages: number): number {
  let h = 0
  domain.readRuns(iova, npages, {
    add(pfn, npfns) {
      for (let k = 0; k < npfns; k++) h = hs(h, pfn + k)
      return true
    },
  })
  return h
}

/** HS over domains of their hashes. */
export function hashOfDomains(domains: readonly IommuDomain[], iova: bigint, npages: number): number {
  return domains.reduce((h, domain) => hs(h, hashOfDomain(domain, iova, npages)), 0)
}
