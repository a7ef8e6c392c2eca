// Kind 3: the properties P1 to P13 of spec B20 on states that random commands have made. P10 is in unmap.test.ts, P14 is every tearDown.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { command, run } from './arbitraries.ts'
import { codeOf, type FakeDomain, FakeSink, PAGE, U64_MAX } from './fakes.ts'
import { type Command, Rig } from './rig.ts'

const SEED = Number(process.env.IO_PAGETABLE_SEED ?? 7)
const RUNS = { seed: SEED, numRuns: 120 }

/** A state that random commands have made, in which nothing is short any more. */
const state: fc.Arbitrary<{ aligned: boolean; commands: Command[] }> = run.map(({ aligned, first, steps }) => ({
  aligned,
  commands: [...first, ...steps.slice(0, 15).map((one) => one.command)],
}))

function rigOf({ aligned, commands }: { aligned: boolean; commands: readonly Command[] }): Rig {
  const rig = new Rig(aligned)
  for (const one of commands) rig.run(one)
  rig.run({ op: 'setLimit', pages: 1_000_000 })
  for (let memory = 0; memory < 3; memory++) for (let page = 0; page < 24; page++) rig.run({ op: 'protect', memory, page, prot: 'rw' })
  return rig
}

/** All that is visible of a rig: tables, pins, charges, contents of the domains. */
function snapshot(rig: Rig, but: { storage?: true; domains?: true; bytes?: true } = {}): unknown {
  return {
    tables: rig.tables.map((table) => ({
      areas: [...table.areas()].map((area) => (but.storage === true ? { ...area, storageDomain: undefined } : area)),
      ranges: table.ranges(),
      domains: but.domains === true ? new Set(table.domains) : [...table.domains],
      alignment: table.iovaAlignment,
      accesses: table.accessCount,
      refs: [...table.areas()].map(({ pages }) => [pages!.refs, pages!.npinned, pages!.accessRanges(), pages!.storageRanges()]),
    })),
    pins: new Map([...rig.world.pins].sort((a, b) => a[0] - b[0])),
    charged: [rig.accounting.chargedPages, rig.accounting.statisticPages],
    maps: rig.domains.map((domain) => new Map([...domain.entries].sort((a, b) => (a[0] < b[0] ? -1 : 1)))),
  }
}

describe('properties', () => {
  it('P1: a command that fails changes nothing, but for what spec lists (unmap, rw, cut, enforce)', () => {
    let failures = 0
    fc.assert(
      fc.property(state, command, (made, tried) => {
        const rig = rigOf(made)
        const before = snapshot(rig)
        rig.lastCode = 'OK'
        rig.run(tried)
        if (rig.lastCode === 'OK' || ['unmap', 'unmapAll', 'rw', 'cut', 'enforce'].includes(tried.op)) return
        // A pin may have registered an access first.
        if (tried.op === 'pin') return
        failures++
        expect(snapshot(rig)).toEqual(before)
      }),
      { ...RUNS, numRuns: 150 },
    )
    expect(failures).toBeGreaterThan(25)
  })

  it('P2: a map, or a copy, and the unmap of the same range restore the exact state before', () => {
    let done = 0
    fc.assert(
      fc.property(
        state,
        fc.nat({ max: 1 }),
        fc.nat({ max: 23 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        (made, k, page, npages, copy) => {
          const rig = rigOf(made)
          const table = rig.tables[k]!
          const before = snapshot(rig)
          const memory = rig.modelMemories[1]!
          const length = BigInt(npages) * BigInt(PAGE)
          const [area] = [...rig.tables[1 - k]!.areas()]
          let iova = 0n
          const code = codeOf(() => {
            if (copy && area !== undefined) iova = table.copyFrom(rig.tables[1 - k]!, area.iova, area.length, undefined, 5)
            else {
              const address = memory.address + BigInt(page % (25 - npages)) * BigInt(PAGE)
              iova = table.mapUserPages({ address, length, prot: 7, origin: rig.memories[1]!.origin(rig.accounting, 'user') })
            }
          })
          if (code === 'OK') {
            done++
            expect(snapshot(rig)).not.toEqual(before)
            table.unmapIova(iova, copy && area !== undefined ? area.length : length)
          }
          expect(snapshot(rig)).toEqual(before)
        },
      ),
      RUNS,
    )
    expect(done).toBeGreaterThan(RUNS.numRuns / 4)
  })

  it('P3: addDomain and removeDomain restore the exact state before, but for the storage and the places of the domains', () => {
    let done = 0
    fc.assert(
      fc.property(state, fc.nat({ max: 1 }), (made, k) => {
        const rig = rigOf(made)
        const table = rig.tables[k]!
        const domain = rig.domains.find((one) => !rig.tables.some((any) => any.domains.includes(one)))
        fc.pre(domain !== undefined)
        const but = { storage: true, domains: true } as const
        const before = snapshot(rig, but)
        if (codeOf(() => table.addDomain(domain!)) === 'OK') {
          done++
          table.removeDomain(domain!)
        }
        expect(snapshot(rig, but)).toEqual(before)
      }),
      RUNS,
    )
    expect(done).toBeGreaterThan(RUNS.numRuns / 8)
  })

  it('P4: the contents of the domains do not depend on whether they come before or after the maps', () => {
    fc.assert(
      fc.property(fc.array(command, { minLength: 10, maxLength: 40, size: 'max' }), (commands) => {
        const only = commands.filter(({ op }) => ['map', 'copy', 'unmap', 'unmapAll'].includes(op))
        // The coarsest domain on both sides, so that both tables have the same alignment and accept the same maps.
        const early = new Rig(true)
        early.run({ op: 'addDomain', table: 0, domain: 0 })
        for (const one of only) early.run(one)
        const late = new Rig(true)
        for (const one of only) late.run(one)
        // Memory that does not exist is refused early and mapped late: compare only where both accepted the same.
        fc.pre(isDeepEqual(areasOf(early), areasOf(late)))
        late.run({ op: 'addDomain', table: 0, domain: 0 })
        expect(late.domains[0]!.entries.size).toBe(early.domains[0]!.entries.size)
        for (const [granule, phys] of early.domains[0]!.entries) expect(late.domains[0]!.entries.get(granule)).toBe(phys)
      }),
      { ...RUNS, numRuns: 60 },
    )
  })

  it('P5: a copy of pages that are held pins nothing, and they stay pinned when the source is unmapped', () => {
    let done = 0
    fc.assert(
      fc.property(state, fc.nat({ max: 1 }), fc.nat({ max: 9 }), (made, k, nth) => {
        const rig = rigOf({ ...made, aligned: true })
        const source = rig.tables[k]!
        const target = rig.tables[1 - k]!
        const areas = [...source.areas()]
        const area = areas[nth % Math.max(1, areas.length)]
        for (const [table, which] of [
          [k, 0],
          [1 - k, 1],
        ] as const) {
          if (rig.tables[table]!.domains.length === 0) rig.run({ op: 'addDomain', table, domain: which })
        }
        if (area === undefined || source.domains.length === 0 || target.domains.length === 0 || area.numAccesses > 0) return
        const { pin } = rig.world.calls
        const pins = rig.world.pinnedTotal
        if (codeOf(() => target.copyFrom(source, area.iova, area.length, undefined, 5)) !== 'OK') return
        done++
        expect([rig.world.calls.pin, rig.world.pinnedTotal]).toEqual([pin, pins])
        source.unmapIova(area.iova, area.length)
        expect([rig.world.calls.pin, rig.world.pinnedTotal]).toEqual([pin, pins])
      }),
      { ...RUNS, numRuns: 240 },
    )
    expect(done).toBeGreaterThan(5)
  })

  it('P7: the alignment is what domains, accesses and the large-page option ask for', () => {
    fc.assert(
      fc.property(state, (made) => {
        const rig = rigOf(made)
        for (const [k, table] of rig.tables.entries()) {
          const asked = [table.largePages ? 1 : PAGE, ...(table.domains as readonly FakeDomain[]).map(({ granule }) => Number(granule))]
          for (const owner of rig.owners[k]!.values()) asked.push(owner.needsPin ? PAGE : 1)
          expect(table.iovaAlignment).toBe(Math.max(...asked))
        }
      }),
      { ...RUNS, numRuns: 60 },
    )
  })

  it('P8: ranges() is the exact complement of what is reserved: ascending, disjoint, not touching', () => {
    fc.assert(
      fc.property(state, (made) => {
        const rig = rigOf(made)
        for (const [k, table] of rig.tables.entries()) {
          const ranges = table.ranges()
          const { reserved } = rig.model.tables[k]!
          for (const [i, { start, last }] of ranges.entries()) {
            expect(start <= last).toBe(true)
            if (i > 0) expect(start > ranges[i - 1]!.last + 1n).toBe(true)
          }
          const free = (x: bigint): boolean => ranges.some(({ start, last }) => start <= x && x <= last)
          const edges = [0n, U64_MAX, ...reserved.flatMap(({ start, last }) => [start, last, start - 1n, last + 1n])]
          for (const x of edges.filter((one) => one >= 0n && one <= U64_MAX)) {
            expect(free(x)).toBe(!reserved.some(({ start, last }) => start <= x && x <= last))
          }
        }
      }),
      { ...RUNS, numRuns: 60 },
    )
  })

  it('P9: the bytes that an unmap returns, or an error says are done, are those of the areas that went', () => {
    const bytesOf = (rig: Rig, k: number): bigint => [...rig.tables[k]!.areas()].reduce((sum, { length }) => sum + length, 0n)
    fc.assert(
      fc.property(
        state,
        fc.nat({ max: 1 }),
        fc.bigInt({ min: 0n, max: 80n }),
        fc.bigInt({ min: 1n, max: 90n }),
        (made, k, page, npages) => {
          const rig = rigOf(made)
          const before = bytesOf(rig, k)
          let bytes: bigint
          try {
            bytes = rig.tables[k]!.unmapIova(page * BigInt(PAGE), npages * BigInt(PAGE))
          } catch (error) {
            bytes = (error as { done: bigint }).done
          }
          expect(before - bytesOf(rig, k)).toBe(bytes)
        },
      ),
      RUNS,
    )
  })

  it('P12: a second dirty read without writes in between reports nothing; with noClear it reports the same', () => {
    fc.assert(
      fc.property(state, fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 20 }), (made, writes) => {
        const rig = rigOf(made)
        const table = rig.tables.find((one) => (one.domains[0] as FakeDomain | undefined)?.dirty !== undefined && one.areaCount > 0)
        fc.pre(table !== undefined)
        const domain = table!.domains[0] as FakeDomain
        table!.setDirtyTracking(domain, true)
        const granules = [...domain.entries.keys()]
        for (const write of writes) domain.deviceWrite(granules[write % granules.length]! * domain.granule)
        for (const { iova, length } of table!.areas()) {
          const read = (noClear: boolean): unknown => {
            const sink = new FakeSink()
            table!.readAndClearDirty(domain, { iova, length, pageSize: 1, noClear, sink })
            return sink.ranges
          }
          if ((Number(iova | length) & (table!.iovaAlignment - 1)) !== 0) continue
          const first = read(true)
          expect(read(true)).toEqual(first)
          expect(read(false)).toEqual(first)
          expect(read(false)).toEqual([])
          expect(read(true)).toEqual([])
        }
        expect(domain.dirtyGranules.size).toBe(0)
      }),
      { ...RUNS, numRuns: 60 },
    )
  })

  it('P13: a cut and an unmap of a part remove exactly the bytes of the part', () => {
    let done = 0
    const held = (rig: Rig, k: number, page: bigint): boolean => {
      const x = page * BigInt(PAGE)
      return [...rig.tables[k]!.areas()].some(({ iova, last }) => iova <= x && x <= last)
    }
    fc.assert(
      fc.property(state, fc.nat({ max: 1 }), fc.bigInt({ min: 0n, max: 63n }), fc.bigInt({ min: 1n, max: 6n }), (made, k, page, npages) => {
        const rig = rigOf({ ...made, aligned: true })
        const table = rig.tables[k]!
        const iova = page * BigInt(PAGE)
        const length = npages * BigInt(PAGE)
        const before = Array.from({ length: 80 }, (_, at) => held(rig, k, BigInt(at)))
        const points = iova === 0n ? [iova + length - 1n] : [iova + length - 1n, iova - 1n]
        if (codeOf(() => table.cutIova(points)) !== 'OK') return
        done++
        let removed = 0n
        if (codeOf(() => (removed = table.unmapIova(iova, length))) !== 'OK') return
        const after = before.map((was, at) => was && !(BigInt(at) >= page && BigInt(at) < page + npages))
        expect(Array.from({ length: 80 }, (_, at) => held(rig, k, BigInt(at)))).toEqual(after)
        expect(removed).toBe(BigInt(before.filter(Boolean).length - after.filter(Boolean).length) * BigInt(PAGE))
      }),
      RUNS,
    )
    expect(done).toBeGreaterThan(RUNS.numRuns / 8)
  })
})

function areasOf(rig: Rig): unknown {
  return rig.tables.map((table) => [...table.areas()].map(({ iova, last, firstIndex }) => [iova, last, firstIndex]))
}

function isDeepEqual(a: unknown, b: unknown): boolean {
  try {
    expect(a).toEqual(b)
    return true
  } catch {
    return false
  }
}
