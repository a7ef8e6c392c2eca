// fast-check arbitraries for the commands of the rig.
import type { DeviceRegion } from '@iommukit/io-pagetable'
import fc from 'fast-check'
import type { Command, Spot } from './rig.ts'

const table = fc.nat({ max: 1 })
const prot = fc.constantFrom(3, 7, 7, 7, 1, 5, 2, 4)
const grain = fc.constantFrom(512, 2048, 4096, 4096, 4096)
const owner = fc.constantFrom('a', 'b', undefined)
const memory = fc.nat({ max: 2 })

/** Anywhere in the universe, now and then of length 0. */
const anywhere: fc.Arbitrary<Spot> = fc.record({
  area: fc.constant(undefined),
  window: fc.nat({ max: 2 }),
  unit: fc.nat({ max: 511 }),
  grain,
  units: fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 1, max: 12 }) }, { weight: 1, arbitrary: fc.constantFrom(0, 40, 200) }),
})

/** In an area, when there is one: all of it, or a part. */
const inArea: fc.Arbitrary<Spot> = fc.record({
  area: fc.nat({ max: 7 }),
  window: fc.nat({ max: 2 }),
  unit: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 24 }) }),
  grain,
  units: fc.integer({ min: 1, max: 8 }),
})

const spot: fc.Arbitrary<Spot> = fc.oneof({ weight: 3, arbitrary: inArea }, { weight: 1, arbitrary: anywhere })

const map: fc.Arbitrary<Command> = fc.record({
  op: fc.constant('map' as const),
  table,
  memory,
  page: fc.nat({ max: 23 }),
  shift: fc.constantFrom(0, 0, 0, 0, 512, 2048, 1),
  spot: anywhere,
  auto: fc.boolean(),
  prot,
})

const regionType: fc.Arbitrary<DeviceRegion['type']> = fc.constantFrom('direct', 'direct-relaxable', 'reserved', 'msi', 'sw-msi')

/** Commands that map, unmap and share. */
const mapping: fc.WeightedArbitrary<Command>[] = [
  { weight: 14, arbitrary: map },
  {
    weight: 8,
    arbitrary: fc.record({ op: fc.constant('copy' as const), table, source: table, from: spot, to: anywhere, auto: fc.boolean(), prot }),
  },
  { weight: 7, arbitrary: fc.record({ op: fc.constant('unmap' as const), table, spot, cut: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('unmapAll' as const), table }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('cut' as const), table, spots: fc.array(spot, { minLength: 1, maxLength: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('largePages' as const), table, enabled: fc.boolean() }) },
]

/** Commands about who uses the map. */
const users: fc.WeightedArbitrary<Command>[] = [
  { weight: 7, arbitrary: fc.record({ op: fc.constant('addDomain' as const), table, domain: fc.nat({ max: 2 }) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('removeDomain' as const), table, domain: fc.nat({ max: 2 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('addAccess' as const),
      table,
      needsPin: fc.constantFrom(true, true, false),
      patience: fc.constantFrom(0, 0, 0, 2, 99, 100, 150),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('removeAccess' as const), table, nth: fc.nat({ max: 2 }) }) },
  {
    weight: 9,
    arbitrary: fc.record({ op: fc.constant('pin' as const), table, nth: fc.nat({ max: 2 }), spot: inArea, write: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('unpin' as const), table, nth: fc.nat({ max: 2 }), item: fc.nat({ max: 5 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant('rw' as const),
      table,
      spot,
      write: fc.boolean(),
      slow: fc.boolean(),
      seed: fc.nat({ max: 255 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('track' as const), table, on: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('deviceWrite' as const), table, spot: inArea }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('readDirty' as const),
      table,
      spot,
      pageSize: fc.constantFrom(1, 512, 2048, 4096, 8192),
      noClear: fc.boolean(),
    }),
  },
]

/** Commands about where maps may go. */
const limits: fc.WeightedArbitrary<Command>[] = [
  { weight: 2, arbitrary: fc.record({ op: fc.constant('reserve' as const), table, spot: anywhere, owner }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('removeReserved' as const), table, owner }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('setAllowed' as const), table, spots: fc.array(anywhere, { maxLength: 3 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('enforce' as const),
      table,
      owner: fc.constantFrom('a', 'b'),
      regions: fc.array(fc.record({ spot: anywhere, type: regionType }), { maxLength: 3 }),
      wantSwMsi: fc.boolean(),
    }),
  },
]

/** Commands about the world around. */
const world: fc.WeightedArbitrary<Command>[] = [
  { weight: 1, arbitrary: fc.record({ op: fc.constant('setLimit' as const), pages: fc.constantFrom(0, 3, 8, 20, 1000) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('setTemp' as const), bytes: fc.constantFrom(12, 16, 24, 32, 65536) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('shortPins' as const), memory, pages: fc.constantFrom(1, 2, 3, 1000) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('direct' as const), memory, on: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('protect' as const),
      memory,
      page: fc.nat({ max: 23 }),
      prot: fc.constantFrom('rw' as const, 'rw' as const, 'r' as const, 'none' as const),
    }),
  },
]

/** Any command. */
export const command: fc.Arbitrary<Command> = fc.oneof(...mapping, ...users, ...limits, ...world)

/** A command, in one of four cases with the n-th of some kind of fallible call failing. */
export const step: fc.Arbitrary<{ command: Command; nth: number; kinds: ('pin' | 'map' | 'charge')[] }> = fc.record({
  command,
  nth: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(1, 1, 2, 3, 5) }),
  kinds: fc.constantFrom(['pin'], ['map'], ['charge'], ['pin', 'map', 'charge']) as fc.Arbitrary<('pin' | 'map' | 'charge')[]>,
})

/** A whole run: some maps first, so that the rest finds something. */
export const run: fc.Arbitrary<{ aligned: boolean; first: Command[]; steps: (typeof step extends fc.Arbitrary<infer T> ? T : never)[] }> =
  fc.record({
    aligned: fc.boolean(),
    first: fc.array(map, { minLength: 2, maxLength: 6, size: 'max' }),
    steps: fc.array(step, { minLength: 10, maxLength: 45, size: 'max' }),
  })
