// Kind 3: model-based, properties 4, 5, 6, 15, 21 and 22: mock, huge mock and radix against a naive table, invariants after each step.
import { type DirtyTracking, MockDomain, RadixDomain, StrictDomain } from '@iommukit/simulated-iommu-hw'
import { checkInvariants } from '@iommukit/simulated-iommu-hw/check'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DirtySet, NaiveTable, Runs, runsOf, thrownBy } from './oracle.ts'

const PAGE = 4096n
const BASE = 0x1ff_f000n
const NPAGES = 1100

type Kind = 'mock' | 'huge' | 'radix'
type Subject = MockDomain | RadixDomain

function make(kind: Kind): Subject {
  return kind === 'radix' ? new RadixDomain() : new MockDomain({ hugePages: kind === 'huge', dirtyTracking: true, strict: true })
}

interface Mapping {
  page: number
  npages: number
}

/** One domain of each kind, driven alike: only whole map calls are unmapped, as the layers above do. */
class World {
  readonly domains: Subject[]
  readonly strict: StrictDomain[]
  readonly naive = new NaiveTable(PAGE)
  readonly mappings: Mapping[] = []

  constructor(kinds: Kind[]) {
    this.domains = kinds.map(make)
    this.strict = this.domains.map((domain) => new StrictDomain(domain))
  }

  map(page: number, npages: number, frame: number, fail: boolean): void {
    const [iova, phys, length] = [BASE + BigInt(page) * PAGE, BigInt(frame) * PAGE, BigInt(npages) * PAGE]
    if (!this.naive.isFree(iova, length)) {
      for (const domain of this.domains)
        expect(thrownBy(() => domain.map(iova, phys, length, 3))).toBe(
          domain instanceof RadixDomain ? 'EADDRINUSE' : 'HardwareInvariantError',
        )
      return
    }
    let failed = false
    for (const [k, domain] of this.domains.entries()) {
      if (fail) (domain instanceof RadixDomain ? domain.tables.fault : domain.mapFault).failAt(1 + (frame % 3))
      const code = thrownBy(() => this.strict[k]!.map(iova, phys, length, 3))
      if (domain instanceof RadixDomain) domain.tables.fault.disarm()
      else domain.mapFault.disarm()
      if (code === undefined && failed) this.strict[k]!.unmap(iova, length)
      if (code !== undefined) {
        expect(code).toBe(domain instanceof RadixDomain ? 'ENOMEM' : 'ENOENT')
        if (!failed) for (const before of this.strict.slice(0, k)) before.unmap(iova, length)
        failed = true
      }
    }
    if (failed) return
    this.naive.map(iova, phys, length)
    this.mappings.push({ page, npages })
  }

  unmap(which: number): void {
    const mapping = this.mappings.splice(which % Math.max(1, this.mappings.length), 1)[0]
    if (mapping === undefined) return
    const [iova, length] = [BASE + BigInt(mapping.page) * PAGE, BigInt(mapping.npages) * PAGE]
    for (const domain of this.strict) expect(domain.unmap(iova, length)).toBe(length)
    this.naive.unmap(iova, length)
  }

  check(probe: number): void {
    for (const domain of this.domains) {
      checkInvariants(domain)
      for (const page of [probe, probe + 1, probe + 511, NPAGES - probe]) {
        const iova = BASE + BigInt(page) * PAGE
        expect(domain.iovaToPhys(iova + 2048n)).toBe(this.naive.iovaToPhys(iova + 2048n))
      }
    }
    for (const { page, npages } of this.mappings) {
      const iova = BASE + BigInt(page) * PAGE
      const pfns = Array.from({ length: npages }, (_, k) => Number(this.naive.iovaToPhys(iova + BigInt(k) * PAGE)! / PAGE))
      for (const domain of this.domains) {
        const sink = new Runs()
        expect(domain.readRuns(iova, npages, sink)).toBe(npages)
        expect(sink.runs).toEqual(runsOf(pfns))
      }
    }
  }

  end(): void {
    while (this.mappings.length > 0) this.unmap(0)
    for (const domain of this.domains) {
      if (domain instanceof RadixDomain) expect(domain.tableCount).toBe(1)
      else {
        domain.free()
        expect(domain.warnings.filter(({ kind }) => kind === 'cut-point')).toEqual([])
      }
      checkInvariants(domain)
    }
  }
}

const step = fc.record({
  map: fc.boolean(),
  page: fc.oneof(fc.integer({ min: 0, max: NPAGES }), fc.constantFrom(1, 257, 513)),
  npages: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.constantFrom(256, 511, 512, 513, 600)),
  frame: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constantFrom(0, 512, 513, 1024, 256, 2 ** 32, 2 ** 39)),
  fail: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
})

it('properties 4, 5, 6, 21, 22: all domains answer as the naive table does', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
      const world = new World(['mock', 'huge', 'radix'])
      for (const { map, page, npages, frame, fail } of steps) {
        if (map) world.map(page, npages, frame, fail)
        else world.unmap(page)
        world.check(page % 500)
      }
      world.end()
    }),
    { numRuns: 200 },
  )
})

it('property 15: dirty reads equal the set of pages written', { timeout: 60_000 }, () => {
  const dirtyStep = fc.record({
    writes: fc.array(fc.integer({ min: 0, max: NPAGES - 1 }), { maxLength: 12 }),
    first: fc.integer({ min: 0, max: NPAGES - 1 }),
    npages: fc.integer({ min: 1, max: NPAGES }),
    noClear: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(dirtyStep, { maxLength: 8 }), (steps) => {
      // Frames that are not aligned with the IOVAs, so that every leaf is one page.
      const domains = (['mock', 'radix'] as const).map(make)
      for (const domain of domains) {
        domain.map(BASE, PAGE, BigInt(NPAGES) * PAGE, 3)
        domain.dirty!.setTracking(true)
      }
      const dirty = new Set<number>()
      for (const { writes, first, npages, noClear } of steps) {
        for (const page of writes) {
          dirty.add(page)
          for (const domain of domains) {
            const iova = BASE + BigInt(page) * PAGE
            if (domain instanceof RadixDomain) domain.markDirty(iova)
            else domain.markDirtyKey(Number(iova / 2048n) + (page & 1))
          }
        }
        const past = Math.min(NPAGES, first + npages)
        const expected = [...dirty].filter((page) => page >= first && page < past).sort((a, b) => a - b)
        for (const domain of domains) {
          const sink = new DirtySet()
          const tracking: DirtyTracking = domain.dirty!
          tracking.readAndClear(BASE + BigInt(first) * PAGE, BigInt(past - first) * PAGE, noClear, sink)
          expect(sink.granules(PAGE).map((page) => page - Number(BASE / PAGE))).toEqual(expected)
          checkInvariants(domain)
        }
        if (!noClear) for (const page of expected) dirty.delete(page)
      }
    }),
    { numRuns: 200 },
  )
})
