// Kind 2: every request in a small space, over random layouts, against a search byte by byte (P6).
import { IoPagetable } from '@iommukit/io-pagetable'
import { checkInvariants } from '@iommukit/io-pagetable/check'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codeOf, FakeMemory, PAGE, U64_MAX, World } from './fakes.ts'

/** The space is NBYTES from its base on; everything else is reserved. One lies at the bottom, one across 2^32, where words carry. */
const NBYTES = 512
const BASES: readonly number[] = [0x1000, 2 ** 32 - 0x100]

interface Layout {
  readonly areas: readonly (readonly [number, number])[]
  readonly reserved: readonly (readonly [number, number])[]
  readonly allowed: readonly (readonly [number, number])[]
}

/** Ranges are counted from the base. */
const range = fc.tuple(fc.nat({ max: NBYTES - 1 }), fc.integer({ min: 1, max: 90 })).map(([start, length]) => {
  return [start, Math.min(NBYTES - 1, start + length - 1)] as const
})
const base = fc.constantFrom(...BASES)
const layout: fc.Arbitrary<Layout> = fc.record({
  areas: fc.array(range, { maxLength: 8, size: 'max' }),
  reserved: fc.array(range, { maxLength: 4, size: 'max' }),
  allowed: fc.oneof(fc.constant([]), fc.array(range, { minLength: 1, maxLength: 4, size: 'max' })),
})

/** Spec B4 read as an instruction for a search byte by byte. */
function search(from: number, free: Uint8Array, allowed: Uint8Array | undefined, address: number, length: number): number | undefined {
  let alignment = 1
  while (alignment < length) alignment *= 2
  while (address !== 0 && address % alignment !== 0) alignment /= 2
  const fit = (start: number, last: number): number | undefined => {
    let a = start
    while (a % alignment !== 0) a++
    const inPage = a % PAGE
    a += (inPage | (address % PAGE)) - inPage
    return a < last && last - a >= length - 1 ? a : undefined
  }
  for (let at = 0; at < NBYTES; ) {
    // One region: a maximal run of allowed bytes. Without allowed ranges it is all but the first page of the whole space.
    if (allowed !== undefined && allowed[at] === 0) {
      at++
      continue
    }
    let last = at
    while (last + 1 < NBYTES && (allowed === undefined || allowed[last + 1] === 1)) last++
    const start = allowed === undefined ? Math.max(from, fit(PAGE, Number.MAX_SAFE_INTEGER)!) : fit(from + at, from + last)
    for (let byte = start === undefined ? last + 1 : start - from; byte <= last; ) {
      if (free[byte] === 0) {
        byte++
        continue
      }
      let end = byte
      while (end + 1 <= last && free[end + 1] === 1) end++
      const found = fit(from + byte, from + end)
      if (found !== undefined) return found
      byte = end + 1
    }
    at = last + 1
  }
  return undefined
}

interface Built {
  readonly table: IoPagetable
  /** 1: nothing is there. By bytes from the base. */
  readonly free: Uint8Array
  readonly allowedBytes: Uint8Array | undefined
  map(address: number, length: number): bigint
}

function build(from: number, { areas, reserved, allowed }: Layout): Built {
  const world = new World()
  const origin = new FakeMemory(world).origin({ charge: () => {}, uncharge: () => {} }, 'none')
  const table = new IoPagetable({ temp: world.temp })
  const free = new Uint8Array(NBYTES).fill(1)
  table.reserve(from + NBYTES, U64_MAX, 'top')
  table.reserve(0, from - 1, 'bottom')
  for (const [start, last] of areas) {
    const mapping = { address: 0x10_0000, length: last - start + 1, iova: from + start, prot: 7, origin }
    if (codeOf(() => table.mapUserPages(mapping)) === 'OK') free.fill(0, start, last + 1)
  }
  for (const [start, last] of reserved) {
    if (codeOf(() => table.reserve(from + start, from + last, 'r')) === 'OK') free.fill(0, start, last + 1)
  }
  let allowedBytes: Uint8Array | undefined
  for (const [start, last] of allowed) {
    const next = allowedBytes?.slice() ?? new Uint8Array(NBYTES)
    next.fill(1, start, last + 1)
    const ranges = runsOf(next).map((run) => ({ start: from + run.start, last: from + run.last }))
    if (codeOf(() => table.setAllowed(ranges)) === 'OK') allowedBytes = next
  }
  return { table, free, allowedBytes, map: (address, length) => table.mapUserPages({ address, length, prot: 7, origin }) }
}

function runsOf(bytes: Uint8Array): { start: number; last: number }[] {
  const runs = []
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === 0) continue
    const start = at
    while (bytes[at + 1] === 1) at++
    runs.push({ start, last: at })
  }
  return runs
}

describe('automatic IOVA', () => {
  it('P6: is the lowest fit of a search byte by byte, for 40 layouts and every length and address of a small space', () => {
    let found = 0
    let refused = 0
    fc.assert(
      fc.property(base, layout, fc.nat({ max: 7 }), (from, made, phase) => {
        const { table, free, allowedBytes, map } = build(from, made)
        for (let length = 1; length <= 40; length += 1 + (length >> 3)) {
          for (let address = 0x1000 + phase; address < 0x1000 + 128; address += 3) {
            const expected = search(from, free, allowedBytes, address, length)
            let actual: number | undefined
            const code = codeOf(() => {
              actual = Number(map(address, length))
            })
            expect([address, length, actual, code]).toEqual([address, length, expected, expected === undefined ? 'ENOSPC' : 'OK'])
            if (expected === undefined) refused++
            else {
              found++
              table.unmapIova(expected, length)
            }
          }
        }
        checkInvariants(table)
      }),
      { seed: 11, numRuns: 40 },
    )
    expect(Math.min(found, refused)).toBeGreaterThan(500)
  })

  it('P6: the same at the top of the space, where rounding up must not wrap', () => {
    const world = new World()
    const memory = new FakeMemory(world)
    const origin = memory.origin({ charge: () => {}, uncharge: () => {} }, 'none')
    const table = new IoPagetable({ temp: world.temp })
    const last = U64_MAX - BigInt(PAGE)
    table.reserve(0, last - 0x3000n, 'low')
    expect(codeOf(() => table.mapUserPages({ address: 0x20_0000, length: 0x4000, prot: 7, origin }))).toBe('ENOSPC')
    expect(codeOf(() => table.mapUserPages({ address: 0x20_0000, length: 0x20_0000, prot: 7, origin }))).toBe('ENOSPC')
    expect(table.mapUserPages({ address: 0x20_0000, length: 0x2000, prot: 7, origin })).toBe(0xffff_ffff_ffff_c000n)
    expect(table.mapUserPages({ address: 0x20_0000, length: 0x1000, prot: 7, origin })).toBe(0xffff_ffff_ffff_e000n)
    expect(codeOf(() => table.mapUserPages({ address: 0x20_0000, length: 1, prot: 7, origin }))).toBe('ENOSPC')
  })

  it('fills a space to the last byte that may be used, and finds each hole again after it was freed', () => {
    let found = 0
    let refused = 0
    fc.assert(
      fc.property(
        base,
        fc.infiniteStream(fc.nat({ max: 10_000 })),
        fc.subarray([...REQUESTS], { minLength: 1, maxLength: 4 }),
        (from, random, requests) => {
          const { table, free, map } = build(from, { areas: [], reserved: [], allowed: [] })
          const draw = (below: number): number => (random.next().value ?? 0) % below
          for (let step = 0; step < 250; step++) {
            if (draw(5) < 2) {
              const area = [...table.areas()][draw(Math.max(1, table.areaCount))]
              if (area === undefined) continue
              table.unmapIova(area.iova, area.length)
              free.fill(1, Number(area.iova) - from, Number(area.last) + 1 - from)
            } else {
              const [address, length] = requests[draw(requests.length)]!
              const expected = search(from, free, undefined, address, length)
              let actual: number | undefined
              codeOf(() => {
                actual = Number(map(address, length))
              })
              expect([address, length, actual]).toEqual([address, length, expected])
              if (expected === undefined) refused++
              else {
                found++
                free.fill(0, expected - from, expected - from + length)
              }
            }
          }
        },
      ),
      { seed: 12, numRuns: 80 },
    )
    expect(Math.min(found, refused)).toBeGreaterThan(500)
  })

  it('whole pages go to the lowest aligned place with enough free pages, whatever was mapped, freed and reserved before', () => {
    const NPAGES = 80
    let found = 0
    fc.assert(
      fc.property(
        fc.constantFrom(0, 2 ** 20 - 40),
        fc.infiniteStream(fc.nat({ max: 10_000 })),
        fc.boolean(),
        (from, random, withReserved) => {
          const world = new World()
          const origin = new FakeMemory(world).origin({ charge: () => {}, uncharge: () => {} }, 'none')
          const table = new IoPagetable({ temp: world.temp, maxAlignment: 4 * PAGE })
          // The first page of the whole space is never chosen.
          const lowest = from === 0 ? 1 : 0
          const free = new Uint8Array(NPAGES).fill(1, lowest)
          table.reserve((from + NPAGES) * PAGE, U64_MAX, 'top')
          if (from > 0) table.reserve(0, from * PAGE - 1, 'bottom')
          const draw = (below: number): number => (random.next().value ?? 0) % below
          for (let step = 0; step < 250; step++) {
            const kind = draw(20)
            if (kind < 8) {
              const area = [...table.areas()][draw(Math.max(1, table.areaCount))]
              if (area === undefined) continue
              table.unmapIova(area.iova, area.length)
              free.fill(1, Math.max(lowest, Number(area.iova) / PAGE - from), (Number(area.last) + 1) / PAGE - from)
            } else if (kind === 8 && withReserved) {
              const page = 1 + draw(NPAGES - 4)
              if (codeOf(() => table.reserve((from + page) * PAGE, (from + page + 2) * PAGE - 1, 'r')) === 'OK')
                free.fill(0, page, page + 2)
            } else if (kind === 9 && withReserved) {
              table.removeReserved('r')
              free.fill(1, lowest)
              for (const { iova, last } of table.areas()) free.fill(0, Number(iova) / PAGE - from, (Number(last) + 1) / PAGE - from)
            } else if (kind === 10) {
              const page = draw(NPAGES)
              if (codeOf(() => table.mapUserPages({ address: 0, length: PAGE, iova: (from + page) * PAGE, prot: 7, origin })) === 'OK')
                free[page] = 0
            } else {
              const npages = [1, 1, 2, 3, 4, 6, 9][draw(7)]!
              const addressPage = [1, 2, 3, 4, 8][draw(5)]!
              const alignment = Math.min(4, 2 ** Math.ceil(Math.log2(npages)), addressPage & -addressPage)
              const fits = (page: number): boolean => page + npages <= NPAGES && free.subarray(page, page + npages).every(Boolean)
              let expected: number | undefined
              for (let page = 0; page < NPAGES && expected === undefined; page += alignment) if (fits(page)) expected = page
              let actual: number | undefined
              codeOf(() => {
                actual = Number(table.mapUserPages({ address: addressPage * PAGE, length: npages * PAGE, prot: 7, origin })) / PAGE - from
              })
              expect([step, npages, alignment, actual]).toEqual([step, npages, alignment, expected])
              if (expected !== undefined) {
                found++
                free.fill(0, expected, expected + npages)
              }
            }
          }
        },
      ),
      { seed: 13, numRuns: 120 },
    )
    expect(found).toBeGreaterThan(5000)
  })
})

/** Address and length of requests: without an offset in the page and with one, aligned to their length and not, of one byte and more. */
const REQUESTS: readonly (readonly [number, number])[] = [
  [0x1000, 1],
  [0x1000, 2],
  [0x1000, 16],
  [0x1000, 24],
  [0x1000, 64],
  [0x1002, 3],
  [0x1001, 5],
  [0x1010, 33],
]
