// Kind 1: checkInvariants sees each invariant when it is broken, and nothing when all is well.

import { IoPagetable } from '@iommukit/io-pagetable'
import { checkInvariants } from '@iommukit/io-pagetable/check'
import type { IommuDomain } from '@iommukit/pfn-reader'
import { Area } from '@iommukit/pfn-reader'
import { describe, expect, it } from 'vitest'
import { PAGE } from './fakes.ts'
import { CONTIG, Fixture, Owner, RW, SCATTERED } from './fixture.ts'

/** A table with two domains, three areas and an access. */
function busyTable(): Fixture {
  const fixture = new Fixture()
  fixture.table.addDomain(fixture.newDomain())
  fixture.table.addDomain(fixture.newDomain())
  fixture.map(0x1_0000, 0x4000)
  fixture.map(0x2_0000, 0x4000, SCATTERED)
  fixture.table.copyFrom(fixture.table, 0x1_1000, 0x1000, 0x3_0000, RW)
  const owner = new Owner(fixture.table)
  fixture.table.addAccess(owner)
  owner.pin(0x2_0000n, 0x1000n)
  return fixture
}

const areaAt = (fixture: Fixture, iova: number): Area => {
  const { areas } = fixture.table.internals
  return areas.payload(areas.iterFirst(iova, iova)!)
}

describe('checkInvariants', () => {
  it('finds nothing wrong with a sound table, alone and with the tables that share its pages', () => {
    const fixture = busyTable()
    const copy = fixture.newTable()
    copy.copyFrom(fixture.table, 0x1_0000, 0x4000, 0x1_0000, RW)
    checkInvariants(fixture.table)
    checkInvariants(fixture.table, [fixture.table, copy])
    checkInvariants(copy, [fixture.table, copy])
    checkInvariants(new IoPagetable({ temp: fixture.world.temp }))
  })

  const cases: Readonly<Record<string, [damage: (fixture: Fixture) => void, text: RegExp]>> = {
    J1: [
      (fixture) => {
        const area = new Area(0, 0x1_2000, 0, 0x1_2fff, 0, 0, 0, 7)
        fixture.table.internals.areas.insert(0x1_2000, 0x1_2fff, area)
      },
      /J1: area 0x10000\.\.0x13fff overlaps/,
    ],
    J2: [(fixture) => void fixture.table.internals.reserved.insert(0x1_3000, 0x1_ffff, 'x'), /J2: area 0x10000\.\.0x13fff/],
    J3: [
      (fixture) => {
        fixture.table.internals.allowed.insert(0x9_0000, 0x9_0fff)
        fixture.table.internals.reserved.insert(0x9_0fff, 0x9_ffff, 'x')
      },
      /J3: the allowed range/,
    ],
    J4: [
      (fixture) => {
        const area = Object.assign(new Area(0, 0x9_0000, 0, 0x9_07ff, 0, 0, 0x800, 7), { pages: areaAt(fixture, 0x1_0000).pages })
        fixture.table.internals.areas.insert(0x9_0000, 0x9_07ff, area)
      },
      /J4: area 0x90000\.\.0x907ff has page offset 2048/,
    ],
    J5: [(fixture) => void (fixture.table.internals.iovaAlignment = 2048), /J5: the alignment is 2048, but 4096/],
    'J5, the count of accesses': [(fixture) => void fixture.table.internals.pinningAccesses++, /1 accesses pin pages, but 2 are counted/],
    J6: [(fixture) => void (areaAt(fixture, 0x1_0000).pages = undefined), /J6: area 0x10000\.\.0x13fff is not built/],
    'J7, a page missing': [
      (fixture) => void (fixture.table.domains[1] as unknown as { entries: Map<bigint, bigint> }).entries.delete(0x11n),
      /J7: a domain does not map 0x11000/,
    ],
    'J7, another page': [
      (fixture) => void (fixture.table.domains[1] as unknown as { entries: Map<bigint, bigint> }).entries.set(0x11n, 0n),
      /J7: the domains disagree about 0x11000/,
    ],
    'I4, another offset': [
      (fixture) => {
        for (const domain of fixture.table.domains as unknown as { entries: Map<bigint, bigint> }[]) domain.entries.set(0x11n, 0x123n)
      },
      /I4: 0x11000 is mapped to 291, but lies 0 bytes into its page/,
    ],
    J8: [(fixture) => areaAt(fixture, 0x1_0000).pages!.addRef(), /J8: pages with 3 references belong to 2 areas/],
    'A11, no storage': [
      (fixture) => void (areaAt(fixture, 0x1_0000).storageDomain = undefined),
      /A11: area 0x10000\.\.0x13fff has storage, or has none/,
    ],
    'A11, foreign storage': [
      (fixture) => void (areaAt(fixture, 0x1_0000).storageDomain = fixture.newDomain() as IommuDomain),
      /A11: area 0x10000\.\.0x13fff is stored in a foreign domain/,
    ],
    'a domain twice': [
      (fixture) => void (fixture.table.domains as IommuDomain[]).push(fixture.table.domains[0]!),
      /a domain is attached twice/,
    ],
    'write to read-only pages': [
      (fixture) => {
        fixture.map(0x8_0000, PAGE, CONTIG, 5)
        ;(areaAt(fixture, 0x8_0000) as { prot: number }).prot = 7
      },
      /allows writes to read-only pages/,
    ],
    'the last page': [
      (fixture) => void ((areaAt(fixture, 0x1_0000) as { lastIndex: number }).lastIndex = 2),
      /ends in another page than 2/,
    ],
  }
  for (const [name, [damage, text]] of Object.entries(cases)) {
    it(`sees ${name}`, () => {
      const fixture = busyTable()
      checkInvariants(fixture.table, [fixture.table])
      damage(fixture)
      expect(() => checkInvariants(fixture.table, [fixture.table])).toThrow(text)
    })
  }

  it('with one table alone, more references than areas are allowed, fewer are not', () => {
    const fixture = busyTable()
    const pages = areaAt(fixture, 0x1_0000).pages!
    pages.addRef()
    checkInvariants(fixture.table)
    pages.release()
    pages.release()
    expect(() => checkInvariants(fixture.table)).toThrow(/J8: pages with 1 references belong to 2 areas/)
  })
})
