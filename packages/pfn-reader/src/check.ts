import { IntervalTree } from '@iommukit/interval-tree-span'
import { checkInvariants as checkTree } from '@iommukit/interval-tree-span/check'
import type { Area } from './area.ts'
import { type Held, type Holder, holderOf, holdersIn } from './held.ts'
import type { Pages } from './pages.ts'
import { PAGE_SIZE } from './units.ts'

/**
 * Throws an Error that says what is wrong unless a Pages at rest keeps the invariants I2, I3, I4 (for its storage) and I6 of spec
 * pages-and-io-pagetable A15, as far as they can be seen from inside. `pinCount`, if given, counts pins of a frame: then every page held
 * must have one. O(pages held).
 */
export function checkInvariants(pages: Pages, pinCount?: (pfn: number) => number): void {
  const areas = holdersIn(pages.areas)
  const accesses = holdersIn(pages.accesses)
  checkHeld(pages.areas)
  checkHeld(pages.accesses)
  for (const { firstIndex, lastIndex } of [...areas, ...accesses]) {
    assert(
      0 <= firstIndex && firstIndex <= lastIndex && lastIndex < pages.npages,
      `pages ${firstIndex}..${lastIndex} of ${pages.npages} are held`,
    )
  }
  const bounds = new Set<string>()
  for (const { firstIndex, lastIndex, users } of accesses) {
    assert(users >= 1, `a record of pages ${firstIndex}..${lastIndex} has ${users} users`)
    assert(!bounds.has(`${firstIndex} ${lastIndex}`), `two records hold exactly pages ${firstIndex}..${lastIndex}`)
    bounds.add(`${firstIndex} ${lastIndex}`)
  }
  for (const area of areas)
    assert(area.storageDomain !== undefined, `an area without storage is kept for pages ${area.firstIndex}..${area.lastIndex}`)
  const held = union([...areas, ...accesses])
  const npages = held.reduce((sum, [first, last]) => sum + last - first + 1, 0)
  assert(pages.npinned === npages, `${pages.npinned} pages are pinned, but ${npages} are held`)
  assert(pages.lastNpinned === pages.npinned, `${pages.npinned} pages are pinned, but ${pages.lastNpinned} are accounted for`)
  assert(pages.refs >= 0, `there are ${pages.refs} references`)
  checkPinned(pages, union(accesses))
  checkStorage(areas)
  if (pinCount !== undefined) checkPins(pages, held, pinCount)
}

function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`pages: ${message}`)
}

function checkHeld<H extends Holder>(held: Held<H>): void {
  if (!(held instanceof IntervalTree)) return
  checkTree(held)
  assert(!held.isEmpty, 'an empty tree is kept')
  for (const holder of holdersIn<H>(held)) {
    const { firstIndex, lastIndex, storageHandle } = holder
    assert(
      held.has(storageHandle) && held.payload(storageHandle) === holder,
      `the holder of pages ${firstIndex}..${lastIndex} is not where it says`,
    )
    assert(
      held.start(storageHandle) === firstIndex && held.last(storageHandle) === lastIndex,
      `pages ${firstIndex}..${lastIndex} are kept under other bounds`,
    )
  }
}

/** The pages that holders hold, as ascending ranges that do not touch. */
function union(holders: readonly Holder[]): [first: number, last: number][] {
  const ranges: [number, number][] = []
  for (const { firstIndex, lastIndex } of [...holders].sort((a, b) => a.firstIndex - b.firstIndex)) {
    const previous = ranges.at(-1)
    if (previous !== undefined && firstIndex <= previous[1] + 1) previous[1] = Math.max(previous[1], lastIndex)
    else ranges.push([firstIndex, lastIndex])
  }
  return ranges
}

/** I3: the pinned map knows exactly the pages that accesses hold, and says of each what any storage domain says. */
function checkPinned(pages: Pages, held: readonly [first: number, last: number][]): void {
  const pinned = pages.pinnedPfns()
  assert((pages.pinned === undefined) === (pinned.length === 0), 'an empty pinned map is kept')
  let at = 0
  for (const [first, last] of held) {
    for (let index = first; index <= last; index++) {
      const entry = pinned[at++]
      assert(entry !== undefined && entry[0] === index, `accesses hold page ${index}, the pinned map has page ${entry?.[0]} there`)
      const area = holderOf(pages.areas, index)
      const pfn = area === undefined ? entry[1] : pfnIn(area, index)
      assert(pfn === entry[1], `page ${index} is frame ${entry[1]} in the pinned map, but frame ${pfn} in a domain`)
    }
  }
  assert(at === pinned.length, `the pinned map has page ${pinned[at]?.[0]}, which no access holds`)
}

/** I4 for storage domains: each page of an area is found there, and areas over the same page agree on its frame. */
function checkStorage(areas: readonly Area[]): void {
  const frames = new Map<number, number>()
  for (const area of areas) {
    for (let index = area.firstIndex; index <= area.lastIndex; index++) {
      const pfn = pfnIn(area, index)
      assert(pfn !== undefined, `the storage domain of an area does not know its page ${index}`)
      assert((frames.get(index) ?? pfn) === pfn, `page ${index} is frame ${frames.get(index)} for one area and frame ${pfn} for another`)
      frames.set(index, pfn)
    }
  }
}

function pfnIn(area: Area, index: number): number | undefined {
  const phys = area.storageDomain?.iovaToPhys(area.iovaOf(index))
  return phys === undefined ? undefined : Math.floor(Number(phys) / PAGE_SIZE)
}

/** I1, the half that can be seen by frames: what is held is pinned, and frames that lie behind several pages have a pin for each. */
function checkPins(pages: Pages, held: readonly [first: number, last: number][], pinCount: (pfn: number) => number): void {
  const wanted = new Map<number, number>()
  for (const [first, last] of held) {
    for (let index = first; index <= last; index++) {
      const area = holderOf(pages.areas, index)
      const pfn = pages.pinned?.get(index) ?? (area === undefined ? undefined : pfnIn(area, index))
      assert(pfn !== undefined, `page ${index} is held, but its frame is not known`)
      wanted.set(pfn, (wanted.get(pfn) ?? 0) + 1)
    }
  }
  for (const [pfn, pins] of wanted) assert(pinCount(pfn) >= pins, `frame ${pfn} has ${pinCount(pfn)} pins, but ${pins} pages need it`)
}
