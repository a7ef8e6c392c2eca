/**
 * `dirty.read.*` and `dom.radix`: a radix page table by itself. The loops count in pages and make the halves of addresses of integers, as hardware would;
 * doubles and module constants in them took longer than a translation.
 */
import { IovaBitmap } from '@iommukit/iova-bitmap'
import { RadixDomain } from '@iommukit/simulated-iommu-hw'
import { hs, shuffled, xorshift32 } from '../src/random.ts'
import { ours, type Scenario, type Subject } from '../src/scenario.ts'
import { frameOf, iova0, pageBytes, readWrite } from './world.ts'

const source = 'bench/workloads/domains.ts'
const pagesOf = { '16m': 4096, '1g': 262144, '16g': 4194304 } as const
type Size = keyof typeof pagesOf

function hiLo(iova: number): [number, number] {
  return [Math.floor(iova / 2 ** 32), iova >>> 0]
}

const base = Number(iova0)
/** High half of `iova0`; the low one is 0. */
const baseHi = 0x10

function filled(np: number): RadixDomain {
  const domain = new RadixDomain()
  mapPages(domain, np)
  return domain
}

function mapPages(domain: RadixDomain, np: number): void {
  const frame = frameOf('scat', np)
  const bytes = pageBytes
  const prot = readWrite
  const hi = baseHi
  for (let v = 0; v < np; v++) domain.mapAt(hi + (v >>> 20), (v << 12) >>> 0, frame(v) * bytes, bytes, prot)
}

function dirtySubject(size: Size): Subject {
  const np = pagesOf[size]
  const domain = filled(np)
  domain.dirty.setTracking(true)
  const length = BigInt(np) * BigInt(pageBytes)
  const bitmap = new IovaBitmap({ iova: iova0, length, pageSize: BigInt(pageBytes), buffer: new Uint8Array(np / 8) })
  const dirtyPages = (): void => {
    const rnd = xorshift32(0xd1127)
    for (let k = 0; k < Math.floor(np / 100); k++) domain.markDirtyAt(...hiLo(base + (rnd() & (np - 1)) * pageBytes))
  }
  const clean = (): void => {
    domain.dirty.readAndClear(iova0, length, false, undefined)
    bitmap.clear()
  }
  const read = (): number => {
    domain.dirty.readAndClear(iova0, length, false, bitmap)
    return 0
  }
  return {
    phases: {
      read_clear: {
        before() {
          clean()
          dirtyPages()
        },
        run: read,
        check: () => Number(bitmap.count()),
      },
      read_clean: { before: clean, run: read, check: () => Number(bitmap.count()) },
    },
  }
}

function radixSubject(size: Size): Subject {
  const np = pagesOf[size]
  const full = filled(np)
  let domain = new RadixDomain()
  const order = shuffled(np, 0x7654321)
  const pagesAByte = 1 / pageBytes
  const walk = (pageAt: (k: number) => number): number => {
    const [domain, hi, scale] = [full, baseHi, pagesAByte]
    let h = 0
    for (let k = 0; k < np; k++) {
      const page = pageAt(k)
      h = hs(h, domain.iovaToPhysAt(hi + (page >>> 20), (page << 12) >>> 0) * scale)
    }
    return h
  }
  return {
    phases: {
      map4k_seq: {
        before() {
          domain = new RadixDomain()
        },
        run() {
          mapPages(domain, np)
          return np
        },
      },
      unmap4k_seq: {
        before() {
          domain = filled(np)
        },
        run() {
          let unmapped = 0
          const bytes = pageBytes
          const hi = baseHi
          for (let v = 0; v < np; v++) unmapped += domain.unmapAt(hi + (v >>> 20), (v << 12) >>> 0, bytes)
          return unmapped / bytes
        },
      },
      iova_to_phys_seq: { run: () => walk((k) => k) },
      iova_to_phys_rand: { run: () => walk((k) => order[k]!) },
    },
  }
}

function dirtyScenario(size: Size): Scenario {
  const ops = pagesOf[size]
  const big = size === '16g'
  return {
    name: `dirty.read.${size}.scat.radix`,
    package: 'simulated-iommu-hw',
    source,
    smoke: !big,
    extra: !big,
    phases: [
      { name: 'read_clear', unit: 'page', ops, ...(big ? { checksum: 41705, cNs: 1.38, goal: 1 } : {}) },
      { name: 'read_clean', unit: 'page', ops, checksum: 0, ...(big ? { cNs: 1.26, goal: 1 } : {}) },
    ],
    contenders: [{ name: ours, load: () => dirtySubject(size) }],
  }
}

function radixScenario(size: Size, name: string): Scenario {
  const ops = pagesOf[size]
  const big = size === '1g'
  return {
    name,
    package: 'simulated-iommu-hw',
    source,
    smoke: !big,
    extra: !big,
    phases: [
      { name: 'map4k_seq', unit: 'page', ops },
      { name: 'unmap4k_seq', unit: 'page', ops },
      { name: 'iova_to_phys_seq', unit: 'page', ops, ...(big ? { checksum: 2115053355, cNs: 2.7, goal: 1.2 } : {}) },
      { name: 'iova_to_phys_rand', unit: 'page', ops, ...(big ? { checksum: 4141742336, cNs: 4.5, goal: 1.2 } : {}) },
    ],
    contenders: [{ name: ours, load: () => radixSubject(size) }],
  }
}

export const scenarios: readonly Scenario[] = [
  dirtyScenario('16m'),
  dirtyScenario('16g'),
  radixScenario('16m', 'dom.radix.16m'),
  radixScenario('1g', 'dom.radix'),
]
