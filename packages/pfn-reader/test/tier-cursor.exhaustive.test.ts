// Exhaustive over a small universe: the tiers of spec pages-and-io-pagetable A4, all layouts of up to two accesses and two areas over 6 pages.
import { Area, type IommuDomain, type Pages, PagesAccess, TierCursor } from '@iommukit/pfn-reader'
import { describe, expect, it } from 'vitest'
import { addHolder, type Held, type Holder } from '../src/held.ts'
import { World } from './fakes.ts'

type Range = readonly [first: number, last: number]

const domain = {} as IommuDomain

function pagesWith(accesses: readonly Range[], areas: readonly Range[], npages: number): Pages {
  const { pages } = new World().pages((index) => index, npages)
  for (const [first, last] of accesses) pages.accesses = addHolder(pages.accesses, new PagesAccess(first, last))
  for (const [first, last] of areas) {
    const area = Area.at({ iova: 0n, length: (last - first + 1) * 4096, startByte: first * 4096, prot: 3 })
    area.storageDomain = domain
    pages.areas = addHolder(pages.areas, area)
  }
  return pages
}

function spans(pages: Pages, first: number, last: number): string[] {
  const found: string[] = []
  for (const tiers = new TierCursor(pages, first, last); !tiers.done; tiers.next())
    found.push(`${tiers.tier} ${tiers.start}..${tiers.last}`)
  return found
}

function expected(accesses: readonly Range[], areas: readonly Range[], first: number, last: number): string[] {
  const holds = (ranges: readonly Range[], index: number): boolean => ranges.some(([from, to]) => from <= index && index <= to)
  const found: { tier: string; start: number; last: number }[] = []
  for (let index = first; index <= last; index++) {
    const tier = holds(accesses, index) ? 'access' : holds(areas, index) ? 'domain' : 'origin'
    const previous = found.at(-1)
    if (previous?.tier === tier) previous.last = index
    else found.push({ tier, start: index, last: index })
  }
  return found.map((span) => `${span.tier} ${span.start}..${span.last}`)
}

it('A4: the example', () => {
  const pages = pagesWith(
    [[2, 4]],
    [
      [4, 7],
      [6, 9],
    ],
    12,
  )
  expect(spans(pages, 0, 11)).toEqual(['origin 0..1', 'access 2..4', 'domain 5..9', 'origin 10..11'])
})

describe('A4: spans ascend, cover the window exactly, and never repeat a tier', () => {
  const npages = 6
  const ranges: Range[] = []
  for (let first = 0; first < npages; first++) for (let last = first; last < npages; last++) ranges.push([first, last])
  const sets: Range[][] = [[], ...ranges.map((range) => [range]), ...ranges.flatMap((a, at) => ranges.slice(at).map((b) => [a, b]))]
  it(`${sets.length} x ${sets.length} layouts`, () => {
    for (const accesses of sets) {
      for (const areas of sets) {
        const pages = pagesWith(accesses, areas, npages)
        const found = [spans(pages, 0, 5), spans(pages, 1, 4), spans(pages, 3, 3)]
        const wanted = [expected(accesses, areas, 0, 5), expected(accesses, areas, 1, 4), expected(accesses, areas, 3, 3)]
        if (String(found) !== String(wanted)) expect({ accesses, areas, found }).toEqual({ accesses, areas, found: wanted })
      }
    }
  })
})

it('a holder at the far end of a large Pages is seen', () => {
  const npages = 2 ** 52 - 512
  const held: Held<Holder> = addHolder(undefined, new PagesAccess(2 ** 51, npages - 1))
  const { pages } = new World().pages((index) => index, npages)
  pages.accesses = held as PagesAccess
  expect(spans(pages, 0, npages - 1)).toEqual([`origin 0..${2 ** 51 - 1}`, `access ${2 ** 51}..${npages - 1}`])
})
