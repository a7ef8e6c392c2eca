// Model-based: tables, domains, accesses and copies over several Pages, against a model that only knows who holds which page.
// Invariants I1 to I6 of spec pages-and-io-pagetable A15 after each step, I7, I8 and I10 by the fakes, I5 at the end of each sequence.
import { type Area, addAccess, type Pages, removeAccess, rwAccess } from '@iommukit/pfn-reader'
import { checkInvariants } from '@iommukit/pfn-reader/check'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { frames, limitBytes } from './arbitraries.ts'
import { areaOver, type FakeDomain, type FakeSource, PAGE, randoms, World } from './fakes.ts'
import { Table } from './table.ts'

const npages = 14
const granule = 2048

interface Held {
  readonly pages: number
  readonly first: number
  readonly last: number
  readonly area: Area
  readonly table: number
}

/** The system under test beside what must be true of it. */
class Scene {
  readonly world = new World()
  readonly tables: Table[] = []
  readonly all: { pages: Pages; source: FakeSource; pfns: readonly number[] }[] = []
  readonly accesses: Held[] = []
  readonly spare: FakeDomain[][] = []
  #iova = 0

  constructor(lists: readonly (readonly number[])[], short: number, seed: number, limit: number) {
    const random = randoms(seed)
    this.world.temp.limitBytes = limit
    for (const pfns of lists) this.all.push({ ...this.world.pages(pfns, npages, { shortPin: () => 1 + random(short) }), pfns })
    for (let at = 0; at < 2; at++) {
      this.tables.push(new Table())
      this.spare.push(['a', 'b', 'c'].map((name) => this.world.domain(`${name}${at}`, { granule })))
    }
  }

  /** IOVAs never used before: that areas do not overlap is not what is tested here. Odd multiples of the granule come up too. */
  nextIova(): bigint {
    this.#iova += 64 * PAGE + granule
    return BigInt(this.#iova)
  }

  /** A slice of a Pages, sub-page at its ends if asked. */
  area(which: number, first: number, last: number, front: boolean, back: boolean): Area {
    const cut = { front: front ? granule : 0, back: back && (last > first || !front) ? granule : 0 }
    return areaOver(this.all[which]!.pages, this.nextIova(), first, last, cut)
  }

  check(): void {
    const { world } = this
    let held = 0
    this.all.forEach(({ pages, source }, which) => {
      checkInvariants(pages, (pfn) => world.pinCount(pfn))
      const holds = new Set<number>()
      for (const table of this.tables) {
        for (const area of table.areas) {
          expect(area.storageDomain === undefined).toBe(table.domains.length === 0)
          if (area.storageDomain !== undefined) expect(table.domains).toContain(area.storageDomain)
          if (area.pages === pages && table.domains.length > 0)
            for (let index = area.firstIndex; index <= area.lastIndex; index++) holds.add(index)
        }
      }
      const accessed = new Set<number>()
      for (const access of this.accesses) {
        if (access.pages !== which) continue
        for (let index = access.first; index <= access.last; index++) accessed.add(index)
      }
      for (const index of accessed) holds.add(index)
      expect([...source.pins.values()].flat().toSorted((a, b) => a - b)).toEqual([...holds].toSorted((a, b) => a - b))
      expect(pages.pinnedPfns()).toEqual([...accessed].toSorted((a, b) => a - b).map((index) => [index, this.all[which]!.pfns[index]!]))
      expect(pages.npinned).toBe(holds.size)
      held += holds.size
    })
    expect([world.accounting.locked.user, world.accounting.pinnedPages]).toEqual([held, held])
    for (const table of this.tables)
      for (const area of table.areas) expect(area.numAccesses).toBe(this.accesses.filter((access) => access.area === area).length)
    for (const table of this.tables) this.#checkContents(table)
    for (const domains of this.spare) for (const domain of domains) expect(domain.isEmpty).toBe(true)
  }

  /** I4: each domain of a table maps each granule of each area to where its page lies, and nothing else. */
  #checkContents(table: Table): void {
    const wanted: { iova: bigint; last: bigint; phys: bigint }[] = []
    const inOrder = table.areas.toSorted((a, b) => (a.iova < b.iova ? -1 : 1))
    for (const area of inOrder) {
      const { pfns } = this.all.find(({ pages }) => pages === area.pages)!
      for (let iova = area.iova; iova <= area.lastIova; iova += BigInt(granule)) {
        const phys = BigInt(pfns[area.indexOf(iova)]!) * 4096n + (area.startByte(iova) % 4096n)
        const last = iova + BigInt(granule) - 1n
        const previous = wanted.at(-1)
        if (previous !== undefined && previous.last + 1n === iova && previous.phys + (iova - previous.iova) === phys) previous.last = last
        else wanted.push({ iova, last, phys })
      }
    }
    const texts = wanted.map(({ iova, last, phys }) => `0x${iova.toString(16)}..0x${last.toString(16)} -> 0x${phys.toString(16)} 3`)
    for (const domain of table.domains) expect(domain.contents()).toEqual(texts)
  }
}

const position = fc.nat(npages - 1)
const slice = fc.record({ pages: fc.nat(1), a: position, b: position, front: fc.boolean(), back: fc.boolean() })
const command = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: fc.constant('map' as const), table: fc.nat(1), slice, pick: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('unmap' as const), table: fc.nat(1), slice, pick: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('addDomain' as const), table: fc.nat(1), slice, pick: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('removeDomain' as const), table: fc.nat(1), slice, pick: fc.nat(9) }) },
  { weight: 5, arbitrary: fc.record({ op: fc.constant('pin' as const), table: fc.nat(1), slice, pick: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('unpin' as const), table: fc.nat(1), slice, pick: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('repin' as const), table: fc.nat(1), slice, pick: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('rw' as const), table: fc.nat(1), slice, pick: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('split' as const), table: fc.nat(1), slice, pick: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('fail' as const), table: fc.nat(1), slice, pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('limit' as const), table: fc.nat(1), slice, pick: fc.nat(5) }) },
)

type Command = typeof command extends fc.Arbitrary<infer T> ? T : never

/** Does one command to both. What an armed fault stops must leave everything as it was, which the check afterwards sees. */
function run(scene: Scene, { op, table: at, slice: { pages: which, a, b, front, back }, pick }: Command): void {
  const table = scene.tables[at]!
  const spare = scene.spare[at]!
  const [first, last] = [Math.min(a, b), Math.max(a, b)]
  const area = table.areas[pick % Math.max(1, table.areas.length)]
  if (op === 'map') table.map(scene.all[which]!.pages, scene.area(which, first, last, front, back))
  else if (op === 'unmap' && area !== undefined && area.numAccesses === 0) table.unmap(area)
  else if (op === 'addDomain' && spare.length > 0) {
    table.addDomain(spare.at(-1)!)
    spare.pop()
  } else if (op === 'removeDomain' && table.domains.length > 0) {
    const domain = table.domains[pick % table.domains.length]!
    table.removeDomain(domain)
    spare.push(domain)
  } else if (op === 'pin' && area !== undefined) {
    const [from, to] = [Math.max(first, area.firstIndex), Math.min(last, area.lastIndex)]
    if (from <= to) pin(scene, area, from, to, at)
  } else if (op === 'repin' && scene.accesses.length > 0) {
    const again = scene.accesses[pick % scene.accesses.length]!
    pin(scene, again.area, again.first, again.last, again.table)
  } else if (op === 'unpin' && scene.accesses.length > 0) {
    const position = pick % scene.accesses.length
    const access = scene.accesses[position]!
    removeAccess(access.area, access.first, access.last)
    scene.accesses.splice(position, 1)
  } else if (op === 'rw') rw(scene, which, first, last, front, back)
  else if (op === 'split' && area !== undefined && table.domains.length === 0 && area.numAccesses === 0 && area.lastIndex > area.firstIndex)
    table.split(area, area.firstIndex)
  else if (op === 'limit') scene.world.temp.limitBytes = [12, 16, 24, 32, 64, 65536][pick]!
}

function pin(scene: Scene, area: Area, first: number, last: number, table: number): void {
  const which = scene.all.findIndex(({ pages }) => pages === area.pages)
  const list = addAccess(area, first, last, false)
  scene.accesses.push({ pages: which, first, last, area, table })
  expect([...list]).toEqual(scene.all[which]!.pfns.slice(first, last + 1))
}

/** I12: the slow path gives the bytes of the pages, in both directions. */
function rw(scene: Scene, which: number, first: number, last: number, front: boolean, back: boolean): void {
  const { pages, pfns, source } = scene.all[which]!
  source.mayPinTwice = first === last
  const startByte = first * PAGE + (front ? 123 : 0)
  const past = (last + 1) * PAGE - (back ? 321 : 0)
  const byteAt = (byte: number): number => scene.world.frame(pfns[Math.floor(byte / PAGE)]!)[byte % PAGE]!
  const read = new Uint8Array(past - startByte)
  rwAccess(pages, startByte, read, { write: false, slow: true })
  for (let at = 0; at < read.length; at += 97) expect(read[at]).toBe(byteAt(startByte + at))
  const written = read.map((byte, at) => byte ^ (at & 0xff))
  rwAccess(pages, startByte, written, { write: true, slow: true })
  for (let at = 0; at < written.length; at += 89) expect(byteAt(startByte + at)).toBe(written[at])
  source.mayPinTwice = false
}

it('whatever is mapped, pinned, copied and taken down, every page is pinned exactly while something holds it', () => {
  const given = fc.record({
    first: frames(0, npages),
    second: frames(1 << 20, npages),
    short: fc.constantFrom(1, 2, 4, npages),
    seed: fc.integer({ min: 1 }),
    limit: limitBytes,
    commands: fc.array(command, { minLength: 1, maxLength: 40 }),
  })
  fc.assert(
    fc.property(given, ({ first, second, short, seed, limit, commands }) => {
      const scene = new Scene([first, second], short, seed, limit)
      for (const next of commands) {
        if (next.op === 'fail') scene.world.faults.arm(next.pick + 1)
        else {
          try {
            run(scene, next)
          } catch (error) {
            if (!scene.world.faults.fired || !String(error).includes('injected')) throw error
          }
          scene.world.faults.disarm()
        }
        scene.check()
      }
      // I5: when all is gone, so are the pins and the charges.
      while (scene.accesses.length > 0)
        run(scene, { op: 'unpin', table: 0, slice: { pages: 0, a: 0, b: 0, front: false, back: false }, pick: 0 })
      for (const table of scene.tables) while (table.areas.length > 0) table.unmap(table.areas[0]!)
      for (const { pages, source } of scene.all) {
        pages.release()
        expect([source.pinned, pages.npinned, pages.pinned, pages.areas, pages.accesses]).toEqual([0, 0, undefined, undefined, undefined])
      }
      expect([scene.world.accounting.locked.user, scene.world.accounting.pinnedPages]).toEqual([0, 0])
    }),
    { numRuns: 500 },
  )
})
