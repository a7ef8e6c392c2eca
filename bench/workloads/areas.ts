/** `areas.*`: many one-page areas at random IOVAs; `alloc_iova.*`: the same, placed by the allocator. */
import type { IoPagetable } from '@iommukit/io-pagetable'
import { hs, shuffled, xorshift32 } from '../src/random.ts'
import { ours, type Phase, type Scenario, type Subject } from '../src/scenario.ts'
import { sizeName } from './data.ts'
import { arena, type DomainKind, makeDomains, pageBytes, readWrite, World } from './world.ts'

const userPages = 2 ** 20
const bytes = BigInt(pageBytes)
// Once: a bigint made a number in each operation is hundreds of instructions that are no part of the work.
const arenaAt = Number(arena)

/** Page numbers x+1 of distinct random 24-bit x. */
function distinctPages(n: number): Uint32Array {
  const rnd = xorshift32(0x12345678)
  const seen = new Set<number>()
  while (seen.size < n) seen.add((rnd() & 0xffffff) + 1)
  return Uint32Array.from(seen)
}

function areasSubject(n: number, kind: DomainKind | 'none'): Subject {
  const world = new World('scat', userPages)
  const iovas = distinctPages(n)
  const removal = shuffled(n, 0x9e3779b9)
  let domains = makeDomains(kind, 1)
  let table: IoPagetable | undefined
  const renew = (): void => {
    table?.unmapAll()
    domains = makeDomains(kind, 1)
    table = world.table(domains)
  }
  const map = (): void => {
    for (let k = 0; k < n; k++)
      table!.mapUserPages({
        address: arenaAt + (k % userPages) * pageBytes,
        length: pageBytes,
        iova: iovas[k]! * pageBytes,
        prot: readWrite,
        origin: world.origin,
      })
  }
  const hash = (): number => {
    let h = 0
    for (let k = 0; k < n && kind !== 'none'; k++) h = hs(h, Number(domains[0]!.iovaToPhys(BigInt(iovas[k]!) * bytes)! >> 12n))
    return h
  }
  const mapped = (): void => {
    renew()
    map()
  }
  return {
    memory: {
      entries: n,
      make() {
        mapped()
        return table
      },
    },
    phases: {
      map: {
        before: renew,
        run() {
          map()
          return 0
        },
        check: hash,
        counts: () => ({ 'pin calls a million areas': Math.round((world.physical.pinnedTotal / n) * 1e6) }),
      },
      unmap: {
        before: mapped,
        run() {
          let pages = 0
          for (let k = 0; k < n; k++) pages += Number(table!.unmapIova(iovas[removal[k]!]! * pageBytes, pageBytes)) / pageBytes
          return pages
        },
        check: () => world.physical.pinnedTotal,
      },
      unmap_all: { before: mapped, run: () => Number(table!.unmapAll() / bytes), check: () => world.physical.pinnedTotal },
    },
  }
}

const areaFacts: Readonly<Record<string, { readonly checksum?: number; readonly map: number; readonly unmap: number }>> = {
  '1e5.radix.d1': { checksum: 3129675018, map: 962, unmap: 942 },
  '1e6.radix.d1': { checksum: 1072769418, map: 1528, unmap: 1687 },
  '1e5.mock.d1': { checksum: 3129675018, map: Number.NaN, unmap: Number.NaN },
  '1e6.mock.d1': { checksum: 1072769418, map: Number.NaN, unmap: Number.NaN },
  '1e5.none': { map: 302, unmap: 383 },
  '1e6.none': { map: 963, unmap: 1227 },
}

function areasScenario(n: number, kind: DomainKind | 'none'): Scenario {
  const name = `${sizeName(n)}.${kind}${kind === 'none' ? '' : '.d1'}`
  const facts = areaFacts[name]
  const c = (cNs: number | undefined): object => (cNs === undefined || Number.isNaN(cNs) ? {} : { cNs, goal: 0.5 })
  const phases: Phase[] = [
    { name: 'map', unit: 'area', ops: n, ...(facts?.checksum === undefined ? {} : { checksum: facts.checksum }), ...c(facts?.map) },
    { name: 'unmap', unit: 'area', ops: n, checksum: 0, ...c(facts?.unmap) },
    { name: 'unmap_all', unit: 'area', ops: n, checksum: 0 },
  ]
  return {
    name: `areas.${name}`,
    package: 'io-pagetable',
    source: 'bench/workloads/areas.ts',
    n,
    smoke: n <= 1e3,
    phases,
    contenders: [{ name: ours, load: () => areasSubject(n, kind) }],
  }
}

function allocSubject(n: number): Subject {
  const world = new World('scat', userPages)
  let table: IoPagetable | undefined
  const given = new Float64Array(n)
  return {
    phases: {
      map: {
        before() {
          table?.unmapAll()
          table = world.table(makeDomains('radix', 1))
        },
        run() {
          for (let k = 0; k < n; k++)
            given[k] = Number(
              table!.mapUserPages({
                address: arenaAt + (k % userPages) * pageBytes,
                length: pageBytes,
                prot: readWrite,
                origin: world.origin,
              }),
            )
          return 0
        },
        check: () => given.reduce((h, iova) => hs(h, iova / pageBytes), 0),
      },
    },
  }
}

const allocFacts: Readonly<Record<number, { readonly checksum?: number; readonly cNs?: number }>> = {
  1e3: { checksum: 4167153761, cNs: 1884 },
  1e4: { checksum: 1354325111, cNs: 18285 },
}

function allocScenario(n: number): Scenario {
  const phases: Phase[] = [{ name: 'map', unit: 'area', ops: n, ...allocFacts[n] }]
  return {
    name: `alloc_iova.${sizeName(n)}`,
    package: 'io-pagetable',
    source: 'bench/workloads/areas.ts',
    n,
    smoke: n <= 1e4,
    phases,
    contenders: [{ name: ours, load: () => allocSubject(n) }],
  }
}

export const scenarios: readonly Scenario[] = [
  ...[1e3, 1e5, 1e6].flatMap((n) => (['none', 'radix', 'mock'] as const).map((kind) => areasScenario(n, kind))),
  ...[1e3, 1e4, 1e5, 1e6].map(allocScenario),
]
