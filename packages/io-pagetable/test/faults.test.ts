// Kind 5: the n-th fallible call (pin, short pin, domain map, charge) of every operation fails, and nothing has changed (I11, P1).
import { describe, expect, it } from 'vitest'
import type { Fallible } from './fakes.ts'
import { type Command, Rig, type Spot } from './rig.ts'

const at = (unit: number, units: number, grain = 4096): Spot => ({ area: undefined, window: 1, unit, grain, units })
const area = (nth: number): Spot => ({ area: nth, window: 1, unit: 0, grain: 4096, units: 1 })
const map = (table: number, memory: number, unit: number, units: number, page = 0): Command => ({
  op: 'map',
  table,
  memory,
  page,
  shift: 0,
  spot: at(unit, units),
  auto: false,
  prot: 7,
})
const domain = (table: number, which: number): Command => ({ op: 'addDomain', table, domain: which })
const access: Command = { op: 'addAccess', table: 0, needsPin: true, patience: 0 }

/** Each operation with what makes it fallible. `failures`: how many fallible calls it makes at least, short pins and small memory apart. */
const OPERATIONS: readonly { name: string; before: Command[]; command: Command; failures: number }[] = [
  { name: 'map with one domain', before: [domain(0, 0)], command: map(0, 1, 4, 6), failures: 8 },
  { name: 'map with two domains', before: [domain(0, 0), domain(0, 1)], command: map(0, 2, 4, 20), failures: 20 },
  {
    name: 'map with large pages off',
    before: [domain(0, 0), { op: 'largePages', table: 0, enabled: false }],
    command: map(0, 0, 4, 5),
    failures: 7,
  },
  {
    name: 'map of a sub-page slice',
    before: [domain(0, 0)],
    command: { ...map(0, 1, 33, 9), shift: 512, spot: at(33, 20, 512) } as Command,
    failures: 5,
  },
  {
    name: 'automatic map',
    before: [domain(0, 1)],
    command: { ...map(0, 1, 0, 3), auto: true } as Command,
    failures: 5,
  },
  {
    name: 'copy of two areas from a table without domains',
    before: [map(0, 0, 4, 3), map(0, 1, 7, 3), domain(1, 0)],
    command: { op: 'copy', table: 1, source: 0, from: at(4, 6), to: at(20, 1), auto: false, prot: 7 },
    failures: 8,
  },
  {
    name: 'copy of pages that an access holds in part',
    before: [access, map(0, 1, 4, 6), { op: 'pin', table: 0, nth: 0, spot: at(6, 2), write: false }, domain(1, 0)],
    command: { op: 'copy', table: 1, source: 0, from: at(4, 6), to: at(20, 1), auto: false, prot: 7 },
    failures: 9,
  },
  {
    name: 'first domain over three areas',
    before: [map(0, 0, 4, 3), map(0, 1, 8, 3), map(0, 2, 20, 12)],
    command: domain(0, 0),
    failures: 14,
  },
  { name: 'second domain', before: [domain(0, 0), map(0, 0, 4, 3), map(0, 1, 8, 3)], command: domain(0, 1), failures: 4 },
  {
    name: 'first domain over areas that share pages with another table',
    before: [
      map(0, 1, 4, 6),
      { op: 'copy', table: 1, source: 0, from: at(5, 3), to: at(20, 1), auto: false, prot: 7 },
      domain(1, 0),
      map(0, 2, 12, 4),
    ],
    command: domain(0, 1),
    failures: 9,
  },
  {
    name: 'pin over three areas',
    before: [access, map(0, 0, 4, 3), map(0, 1, 7, 3), map(0, 2, 10, 9)],
    command: { op: 'pin', table: 0, nth: 0, spot: at(4, 15), write: true },
    failures: 6,
  },
  {
    name: 'pin over pages that a domain holds in part',
    before: [
      access,
      map(0, 1, 4, 8),
      { op: 'copy', table: 1, source: 0, from: at(6, 2), to: at(20, 1), auto: false, prot: 7 },
      domain(1, 0),
    ],
    command: { op: 'pin', table: 0, nth: 0, spot: at(4, 8), write: false },
    failures: 3,
  },
  {
    name: 'slow read',
    before: [map(0, 1, 4, 4), map(0, 2, 8, 4)],
    command: { op: 'rw', table: 0, spot: at(4, 8), write: false, slow: true, seed: 0 },
    failures: 2,
  },
]

/** Operations that make no fallible call: they cannot fail for lack of memory. */
const INFALLIBLE: readonly { name: string; before: Command[]; command: Command }[] = [
  { name: 'map without domains', before: [], command: map(0, 0, 4, 4) },
  { name: 'unmap', before: [domain(0, 0), map(0, 1, 4, 6)], command: { op: 'unmap', table: 0, spot: area(0), cut: false } },
  {
    name: 'unmap under an access',
    before: [access, domain(0, 0), map(0, 1, 4, 6), { op: 'pin', table: 0, nth: 0, spot: at(5, 2), write: false }],
    command: { op: 'unmapAll', table: 0 },
  },
  {
    name: 'removeDomain, others remain',
    before: [domain(0, 0), domain(0, 1), map(0, 1, 4, 6)],
    command: { op: 'removeDomain', table: 0, domain: 0 },
  },
  { name: 'removeDomain, the last one', before: [domain(0, 0), map(0, 1, 4, 6)], command: { op: 'removeDomain', table: 0, domain: 0 } },
  {
    name: 'unpin',
    before: [access, map(0, 1, 4, 6), { op: 'pin', table: 0, nth: 0, spot: at(5, 2), write: false }],
    command: { op: 'unpin', table: 0, nth: 0, item: 0 },
  },
  {
    name: 'pin again',
    before: [access, map(0, 1, 4, 6), { op: 'pin', table: 0, nth: 0, spot: at(5, 2), write: false }],
    command: { op: 'pin', table: 0, nth: 0, spot: at(5, 2), write: false },
  },
  {
    name: 'cut and unmap',
    before: [{ op: 'largePages', table: 0, enabled: false }, domain(0, 0), map(0, 1, 4, 6)],
    command: { op: 'unmap', table: 0, spot: at(6, 2), cut: true },
  },
  {
    name: 'removeAccess',
    before: [access, map(0, 1, 4, 6), { op: 'pin', table: 0, nth: 0, spot: at(5, 2), write: false }],
    command: { op: 'removeAccess', table: 0, nth: 0 },
  },
]

const SETTINGS: readonly { name: string; commands: Command[] }[] = [
  { name: 'whole pins', commands: [] },
  { name: 'pins of one page', commands: [0, 1, 2].map((memory) => ({ op: 'shortPins', memory, pages: 1 })) },
  { name: 'temporary memory of 12 bytes', commands: [{ op: 'setTemp', bytes: 12 }] },
  {
    name: 'temporary memory of 24 bytes and pins of two pages',
    commands: [{ op: 'setTemp', bytes: 24 }, ...[0, 1, 2].map((memory) => ({ op: 'shortPins' as const, memory, pages: 2 }))],
  },
]

function prepared(before: readonly Command[], settings: readonly Command[]): Rig {
  const rig = new Rig()
  for (const command of [...settings, ...before]) rig.run(command)
  rig.check()
  return rig
}

describe('the n-th fallible call fails', () => {
  for (const { name: setting, commands } of SETTINGS) {
    for (const { name, before, command, failures } of OPERATIONS) {
      it(`${name}, ${setting}: nothing has changed, for every n until it succeeds`, () => {
        for (const kinds of [['pin', 'map', 'charge'], ['pin'], ['map'], ['charge']] as Fallible[][]) {
          const rig = prepared(before, commands)
          let nth = 1
          while (rig.runWithFault(command, nth, kinds)) {
            rig.check()
            nth++
          }
          // The last run did it; whoever asks for memory must have been asked.
          rig.check()
          if (kinds.length === 3) expect(nth - 1).toBeGreaterThanOrEqual(failures)
          rig.tearDown()
        }
      })
    }
  }

  for (const { name, before, command } of INFALLIBLE) {
    it(`${name} makes no call that can fail`, () => {
      const rig = prepared(before, [{ op: 'setTemp', bytes: 12 }])
      expect(rig.runWithFault(command, 1)).toBe(false)
      rig.check()
      rig.tearDown()
    })
  }

  it('a real lack of pages or of permission in the middle leaves nothing either', () => {
    for (let page = 0; page < 12; page++) {
      for (const prot of ['none', 'r'] as const) {
        const rig = prepared([domain(0, 0), access, { op: 'protect', memory: 1, page, prot }], [{ op: 'setTemp', bytes: 24 }])
        rig.run(map(0, 1, 4, 12))
        rig.check()
        expect(rig.tables[0]!.areaCount).toBe(0)
        rig.tearDown()
      }
    }
  })

  it('a limit that is reached in the middle leaves nothing; equality with the limit is allowed', () => {
    for (let pages = 0; pages <= 12; pages++) {
      const rig = prepared([map(0, 0, 4, 4), map(0, 1, 8, 8)], [{ op: 'setLimit', pages }])
      rig.run(domain(0, 0))
      rig.check()
      expect(rig.tables[0]!.domains.length).toBe(pages < 12 ? 0 : 1)
      rig.tearDown()
    }
  })
})
