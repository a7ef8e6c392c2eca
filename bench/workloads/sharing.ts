/** `copy.*`, `attach.*`, `pin.*`, `pin4k.*`, `rw.*`: pages that are shared instead of pinned again. */
import type { IoPagetable } from '@iommukit/io-pagetable'
import { hs, xorshift32 } from '../src/random.ts'
import { ours, type Phase, type PhaseRun, type Scenario, type Subject } from '../src/scenario.ts'
import { arena, type Frames, hashOfDomain, iova0, makeDomain, pageBytes, readWrite, World } from './world.ts'

const source = 'bench/workloads/sharing.ts'
const pagesOf = { '16m': 4096, '1g': 262144 } as const
type Size = keyof typeof pagesOf
const bytesOf = (np: number): bigint => BigInt(np) * BigInt(pageBytes)
// Once: a bigint made a number in each access is hundreds of instructions that are no part of the work.
const iovaAt = Number(iova0)
const pinning = { needsPin: true, unmap(): void {} }

function mapped(world: World, table: IoPagetable, np: number): IoPagetable {
  table.mapUserPages({ address: arena, length: bytesOf(np), iova: iova0, prot: readWrite, origin: world.origin })
  return table
}

function copySubject(size: Size, frames: Frames, held: 'xarray' | 'radix'): Subject {
  const np = pagesOf[size]
  const world = new World(frames, np)
  const from = mapped(world, world.table(held === 'radix' ? [makeDomain('radix')] : []), np)
  if (held === 'xarray') {
    from.addAccess(pinning)
    from.pinPages(iova0, bytesOf(np), true)
  }
  let domain = makeDomain('radix')
  let into: IoPagetable | undefined
  let pinsBefore = 0
  return {
    phases: {
      copy: {
        before() {
          into?.unmapAll()
          domain = makeDomain('radix')
          into = world.table([domain])
          pinsBefore = world.memory.pinCalls
        },
        run() {
          into!.copyFrom(from, iova0, bytesOf(np), iova0, readWrite)
          return 0
        },
        check: () => hashOfDomain(domain, iova0, np),
        counts: () => ({ 'pin calls': world.memory.pinCalls - pinsBefore }),
      },
    },
  }
}

function attachSubject(size: Size): Subject {
  const np = pagesOf[size]
  const world = new World('scat', np)
  const table = mapped(world, world.table([makeDomain('radix')]), np)
  let second = makeDomain('radix')
  let attached = false
  const detach = (): void => {
    if (attached) table.removeDomain(second)
    attached = false
  }
  const attach = (): void => {
    table.addDomain(second)
    attached = true
  }
  return {
    phases: {
      attach: {
        before() {
          detach()
          second = makeDomain('radix')
        },
        run() {
          attach()
          return 0
        },
        check: () => hashOfDomain(second, iova0, np),
      },
      detach: {
        before() {
          if (!attached) {
            second = makeDomain('radix')
            attach()
          }
        },
        run() {
          detach()
          return 0
        },
        check: () => world.physical.pinnedTotal - np,
      },
    },
  }
}

function hashOfPins(pfns: Float64Array): number {
  let h = 0
  for (let k = 0; k < pfns.length; k++) h = hs(h, pfns[k]!)
  return h
}

function pinSubject(size: Size): Subject {
  const np = pagesOf[size]
  const world = new World('scat', np)
  const table = mapped(world, world.table([]), np)
  table.addAccess(pinning)
  let held = 0
  const unpin = (): void => {
    table.unpinPages(iova0, bytesOf(np))
    held--
  }
  let pfns: Float64Array | undefined
  const pin = (): number => {
    pfns = table.pinPages(iova0, bytesOf(np), true)
    held++
    return 0
  }
  const hold = (pins: number): void => {
    while (held > pins) unpin()
    while (held < pins) pin()
  }
  const check = (): number => hashOfPins(pfns!)
  return {
    phases: {
      pin: { before: () => hold(0), run: pin, check },
      repin: { before: () => hold(1), run: pin, check },
      unpin: {
        before: () => hold(1),
        run() {
          unpin()
          return 0
        },
        check: () => world.physical.pinnedTotal,
      },
    },
  }
}

const pins4k = 1e5

function pin4kSubject(): Subject {
  const world = new World('scat', pagesOf['1g'])
  const table = mapped(world, world.table([]), pagesOf['1g'])
  table.addAccess(pinning)
  const rnd = xorshift32(0xc0ffee)
  const iovas = Array.from({ length: pins4k }, () => iovaAt + (rnd() & 0x3ffff) * pageBytes)
  const pfns = new Float64Array(pins4k)
  let held = false
  const unpin = (): void => {
    for (let k = 0; k < pins4k; k++) table.unpinPages(iovas[k]!, pageBytes)
    held = false
  }
  const pin = (): void => {
    for (let k = 0; k < pins4k; k++) pfns[k] = table.pinPages(iovas[k]!, pageBytes, true)[0]!
    held = true
  }
  const run = (work: () => void): (() => number) => {
    return () => {
      work()
      return 0
    }
  }
  return {
    phases: {
      pin: {
        before: () => held && unpin(),
        run: run(pin),
        check: () => hashOfPins(pfns),
        counts: () => ({ 'distinct pages': world.physical.pinnedTotal }),
      },
      unpin: { before: () => held || pin(), run: run(unpin), check: () => world.physical.pinnedTotal },
    },
  }
}

const accesses = 1e5

function rwSubject(): Subject {
  const np = pagesOf['1g']
  const world = new World('scat', np)
  const page = new Uint8Array(pageBytes)
  for (let v = 0; v < np; v++) {
    for (let i = 0; i < pageBytes; i++) {
      const o = v * pageBytes + i
      page[i] = (o ^ (o >>> 8) ^ (o >>> 16)) & 0xff
    }
    world.memory.write(arena + bytesOf(v), page)
  }
  const table = mapped(world, world.table([]), np)
  table.addAccess({ needsPin: false })
  const read: PhaseRun = {
    run() {
      const rnd = xorshift32(0xbadc0de)
      let h = 0
      for (let k = 0; k < accesses; k++) {
        table.rw(iovaAt + (rnd() & 0x3ffff) * pageBytes, page, { write: false })
        h = hs(h, page[0]! + page[pageBytes - 1]!)
      }
      return h
    },
  }
  return { phases: { read } }
}

const copyFacts: Readonly<Record<Frames, { readonly checksum: number; readonly cNs: number; readonly goal: number }>> = {
  scat: { checksum: 2115053355, cNs: 15, goal: 1 },
  contig: { checksum: 2145113705, cNs: 3.3, goal: 0.05 },
  thp: { checksum: 2163521508, cNs: 3.2, goal: 0.1 },
}

function one(name: string, phases: readonly Phase[], load: () => Subject, small = false): Scenario {
  return { name, package: 'io-pagetable', source, smoke: small, extra: small, phases, contenders: [{ name: ours, load }] }
}

function copyScenarios(size: Size): Scenario[] {
  return (['scat', 'contig', 'thp'] as const).flatMap((frames) =>
    (['xarray', 'radix'] as const).map((held) => {
      const phase: Phase = { name: 'copy', unit: 'page', ops: pagesOf[size], ...(size === '1g' ? copyFacts[frames] : {}) }
      return one(`copy.${size}.${frames}.${held}`, [phase], () => copySubject(size, frames, held), size === '16m')
    }),
  )
}

function sizedScenarios(size: Size): Scenario[] {
  const ops = pagesOf[size]
  const page = { unit: 'page', ops }
  const big = size === '1g'
  const sum = big ? { checksum: 2115053355 } : {}
  return [
    one(
      `attach.${size}.scat.radix2radix`,
      [
        { name: 'attach', ...page, ...sum, ...(big ? { cNs: 14.2, goal: 1 } : {}) },
        { name: 'detach', ...page, checksum: 0 },
      ],
      () => attachSubject(size),
      !big,
    ),
    one(
      `pin.${size}.scat.mm`,
      [
        { name: 'pin', ...page, ...sum, ...(big ? { cNs: 14.5, goal: 0.7 } : {}) },
        { name: 'repin', ...page, ...sum, ...(big ? { cNs: 3.2, goal: 0.7 } : {}) },
        { name: 'unpin', ...page, checksum: 0, ...(big ? { cNs: 26, goal: 0.7 } : {}) },
      ],
      () => pinSubject(size),
      !big,
    ),
  ]
}

export const scenarios: readonly Scenario[] = [
  ...copyScenarios('16m'),
  ...copyScenarios('1g'),
  ...sizedScenarios('16m'),
  ...sizedScenarios('1g'),
  one(
    'pin4k.1e5.mm',
    [
      { name: 'pin', unit: 'pin', ops: pins4k, checksum: 603333120, cNs: 422, goal: 0.7 },
      { name: 'unpin', unit: 'pin', ops: pins4k, checksum: 0, cNs: 380, goal: 0.7 },
    ],
    pin4kSubject,
  ),
  one('rw.1e5.same_mm.aligned.r', [{ name: 'read', unit: 'access', ops: accesses, checksum: 3122891997, cNs: 314, goal: 1 }], rwSubject),
]
