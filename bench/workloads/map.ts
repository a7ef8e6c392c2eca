/** `map.*`: one map of a large range with one or two domains attached, then one unmap. */
import type { IoPagetable } from '@iommukit/io-pagetable'
import { ours, type Phase, type Scenario, type Subject } from '../src/scenario.ts'
import { arena, type DomainKind, type Frames, hashOfDomains, iova0, makeDomains, pageBytes, readWrite, World } from './world.ts'

const pagesOf = { '16m': 4096, '1g': 262144, '16g': 4194304 } as const
type Size = keyof typeof pagesOf

interface Known {
  readonly checksum: number
  readonly map?: readonly [cNs: number, goal: number]
  readonly unmap?: readonly [cNs: number, goal: number]
}

/** The hash of a domain depends on frames only, so radix and mock have the same. */
const known: Readonly<Record<string, Known>> = {
  '1g.scat.radix.d1': { checksum: 966530179, map: [17.6, 1], unmap: [13.8, 1] },
  '1g.scat.radix.d2': { checksum: 4280476014, map: [28, 1], unmap: [14.4, 1] },
  '1g.contig.radix.d1': { checksum: 770016338, map: [2.4, 0.05], unmap: [4.2, 0.05] },
  '1g.thp.radix.d1': { checksum: 236582039, map: [3.3, 0.1], unmap: [5.7, 0.1] },
  '1g.scat.mock.d1': { checksum: 966530179, map: [59, 0.3], unmap: [75, 0.3] },
  '16g.scat.radix.d1': { checksum: 4201678268, map: [20.5, 1], unmap: [23.6, 1] },
}

function subject(size: Size, frames: Frames, kind: DomainKind, howMany: number): Subject {
  const np = pagesOf[size]
  const world = new World(frames, np)
  const length = BigInt(np) * BigInt(pageBytes)
  let domains = makeDomains(kind, howMany)
  let table: IoPagetable | undefined
  let pinCallsBefore = 0
  const renew = (): void => {
    if (table !== undefined && domains.length > 0) table.unmapAll()
    domains = makeDomains(kind, howMany)
    table = world.table(domains)
    pinCallsBefore = world.memory.pinCalls
  }
  const map = (): void => void table!.mapUserPages({ address: arena, length, iova: iova0, prot: readWrite, origin: world.origin })
  return {
    phases: {
      map: {
        before: renew,
        run() {
          map()
          return 0
        },
        check: () => hashOfDomains(domains, iova0, np),
        counts: () => ({ 'pin calls': world.memory.pinCalls - pinCallsBefore }),
      },
      unmap: {
        before() {
          renew()
          map()
        },
        run: () => Number(table!.unmapIova(iova0, length) / BigInt(pageBytes)),
        check: () => world.physical.pinnedTotal,
      },
    },
  }
}

function scenario(size: Size, frames: Frames, kind: DomainKind, howMany: number): Scenario {
  const name = `${size}.${frames}.${kind}.d${howMany}`
  const facts = known[name]
  const timed = (pair: readonly [number, number] | undefined): object => (pair === undefined ? {} : { cNs: pair[0], goal: pair[1] })
  const phases: Phase[] = [
    { name: 'map', unit: 'page', ops: pagesOf[size], ...(facts === undefined ? {} : { checksum: facts.checksum }), ...timed(facts?.map) },
    { name: 'unmap', unit: 'page', ops: pagesOf[size], checksum: 0, ...timed(facts?.unmap) },
  ]
  return {
    name: `map.${name}`,
    package: 'io-pagetable',
    source: 'bench/workloads/map.ts',
    smoke: size === '16m',
    // Of the sizes that take long, the one that has a reference runs unasked.
    extra: size === '16m' || (size === '16g' && facts === undefined),
    phases,
    contenders: [{ name: ours, load: () => subject(size, frames, kind, howMany) }],
  }
}

export const scenarios: readonly Scenario[] = (['16m', '1g', '16g'] as const).flatMap((size) =>
  (['scat', 'contig', 'thp'] as const).flatMap((frames) =>
    (['radix', 'mock'] as const).flatMap((kind) => [1, 2].map((howMany) => scenario(size, frames, kind, howMany))),
  ),
)
