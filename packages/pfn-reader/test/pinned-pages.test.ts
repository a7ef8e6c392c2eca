// Kind 1 of docs/TESTING.md: pages that accesses hold, where the short ways end: records that share pages, and lists longer than a batch has room for.
import { type Area, addAccess, PfnReader, removeAccess } from '@iommukit/pfn-reader'
import { checkInvariants } from '@iommukit/pfn-reader/check'
import { expect, it } from 'vitest'
import { areaOver, World } from './fakes.ts'

/** Pairs of consecutive frames, no two pairs adjacent. */
const pairs = (index: number): number => 5000 + 3 * Math.floor(index / 2) + (index % 2)

function built(npages: number): { world: World; area: Area } {
  const world = new World()
  const { pages } = world.pages(pairs, npages)
  const area = areaOver(pages, 0x10000n, 0, npages - 1)
  area.pages = pages
  return { world, area }
}

it('A6: frames that accesses hold fill batches of every size alike', () => {
  const npages = 1300
  const { world, area } = built(npages)
  addAccess(area, 0, npages - 1, true)
  for (const nruns of [1, 2, 31, 32, 33, 64, 127, 128, 129, 512, 649, 650, 651]) {
    world.temp.limitBytes = 12 * nruns
    const read: number[] = []
    const reader = new PfnReader(area.pages!, 0, npages - 1)
    for (; !reader.done; reader.next()) {
      expect(reader.batch.nruns).toBeLessThanOrEqual(nruns)
      for (const { pfn, npfns } of reader.batch.runs()) {
        // No pair is torn apart, so no run that a domain would see depends on the limit.
        expect([npfns, read.length % 2]).toEqual([2, 0])
        read.push(pfn, pfn + 1)
      }
    }
    reader.destroy()
    expect(read).toEqual(Array.from({ length: npages }, (_, index) => pairs(index)))
  }
})

it('A13: a page goes with the last of the records that hold it, whichever of them goes first', () => {
  const ranges = [
    [2, 6],
    [2, 4],
    [2, 9],
    [4, 5],
    [5, 5],
    [0, 3],
    [8, 12],
  ] as const
  for (let seed = 0; seed < 60; seed++) {
    const { area } = built(16)
    const order = [...ranges].sort(
      (a, b) => (((a[0] * 7 + a[1] * 13 + 1) * (seed + 3)) % 11) - (((b[0] * 7 + b[1] * 13 + 1) * (seed + 3)) % 11),
    )
    for (const [first, last] of order) addAccess(area, first, last, true)
    for (const [k, [first, last]] of [...order].reverse().entries()) {
      if (seed % 2 === 0) removeAccess(area, first, last)
      else removeAccess(area, order[k]![0], order[k]![1])
      checkInvariants(area.pages!)
    }
    expect([area.pages!.npinned, area.numAccesses]).toEqual([0, 0])
  }
})
