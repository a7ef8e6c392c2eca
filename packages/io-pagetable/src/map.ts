import type { IntervalHandle } from '@iommukit/interval-tree-span'
import { Area, fillDomains, IommuError, Pages, unfillDomains } from '@iommukit/pfn-reader'
import { allocIova } from './allocator.ts'
import { removeArea } from './areas.ts'
import { fits, overflow, rangeText, setLast } from './range.ts'
import type { Slice } from './slice.ts'
import type { TableState } from './state.ts'
import { PROT_CACHE, PROT_READ, PROT_WRITE, type U64, type UserMapping } from './types.ts'
import { describe, HI, hexU64, joinU64, LO, PAGE_SIZE, splitU64, WORD, WordRange, words } from './u64.ts'

const PROT_ALL = PROT_READ | PROT_WRITE | PROT_CACHE
const PAGES_PER_WORD = 2 ** 20

/** Where the present map goes. One object is enough: no map runs inside another, since ports may not call back. */
const target: WordRange = new WordRange()

/** Maps user memory (spec B6.1) and returns its IOVA. Measured by areas.1e5.radix.d1/map: no garbage but the area and its pages. */
export function mapUser(state: TableState, mapping: UserMapping): bigint {
  const { address, iova, prot, origin } = mapping
  checkProt(prot)
  splitU64(address, 'address')
  const addressHi = words[HI]!
  const addressLo = words[LO]!
  readTarget(mapping.length, iova)
  const pages = new Pages(address, mapping.length, (prot & PROT_WRITE) !== 0, origin, state.temp)
  try {
    place(state, iova !== undefined, addressHi, addressLo)
    mapOne(state, pages, 0, addressLo & (PAGE_SIZE - 1), prot)
  } catch (error) {
    pages.release()
    throw error
  }
  return typeof iova === 'bigint' ? iova : joinU64(target.firstHi, target.firstLo)
}

/** Maps slices one behind the other (spec B6) and returns the first IOVA. Their references move into the areas; on error they stay with the caller. */
export function mapSlices(state: TableState, slices: readonly Slice[], length: U64, iova: U64 | undefined, prot: number): bigint {
  checkProt(prot)
  readTarget(length, iova)
  checkSum(slices)
  const [first] = slices
  if (first === undefined) throw new IommuError('EINVAL', 'length must be at least 1, got 0')
  splitU64(BigInt.asUintN(64, first.pages.base + first.startByte), 'address')
  place(state, iova !== undefined, words[HI]!, words[LO]!)
  if (slices.length === 1) mapOne(state, first.pages, first.firstIndex, first.pageOffset, prot)
  else mapMany(state, slices, prot)
  return joinU64(target.firstHi, target.firstLo)
}

function checkProt(prot: number): void {
  if (typeof prot !== 'number') throw new TypeError(`prot must be a number, got ${describe(prot)}`)
  if ((prot & PROT_ALL) !== prot) throw new RangeError(`prot must be a combination of read 1, write 2 and cache 4, got ${prot}`)
}

/** Reads length and, if fixed, IOVA into the target. */
function readTarget(length: U64, iova: U64 | undefined): void {
  splitU64(length, 'length')
  target.lengthHi = words[HI]!
  target.lengthLo = words[LO]!
  if (iova === undefined) return
  splitU64(iova, 'iova')
  target.firstHi = words[HI]!
  target.firstLo = words[LO]!
}

function checkSum(slices: readonly Slice[]): void {
  let sum = 0n
  for (const slice of slices) {
    if (slice.length === 0n) throw new RangeError('a slice must hold at least 1 byte, got 0')
    sum += slice.length
  }
  const length = joinU64(target.lengthHi, target.lengthLo)
  if (sum !== length) throw new RangeError(`the slices hold ${sum} bytes, but length is ${length}`)
}

/** Steps 2 and 3 of spec B5: the length, then where. Leaves first and last IOVA in the target. */
function place(state: TableState, fixed: boolean, addressHi: number, addressLo: number): void {
  const { lengthHi, lengthLo } = target
  if ((lengthHi | lengthLo) === 0 || (lengthLo & (state.iovaAlignment - 1)) !== 0) {
    throw new IommuError('EINVAL', `length must be a multiple of ${state.iovaAlignment}, at least 1, got ${joinU64(lengthHi, lengthLo)}`)
  }
  if (fixed) checkIova(state)
  else allocIova(state, target, addressHi, addressLo)
}

/** The order of these tests decides which error a caller sees (spec B3). Allowed ranges have no say here. O(log k). */
function checkIova(state: TableState): void {
  const { firstHi, firstLo, lengthHi, lengthLo } = target
  if ((firstLo & (state.iovaAlignment - 1)) !== 0) {
    throw new IommuError('EINVAL', `iova must be a multiple of ${state.iovaAlignment}, got ${hexU64(firstHi, firstLo)}`)
  }
  if (!fits(firstHi, firstLo, lengthHi, lengthLo)) throw overflow(firstHi, firstLo, lengthHi, lengthLo)
  setLast(target)
  const { lastHi, lastLo } = target
  if (state.reserved.iterFirstAt(firstHi, firstLo, lastHi, lastLo) !== undefined) {
    throw new IommuError('EINVAL', `${rangeText(firstHi, firstLo, lastHi, lastLo)} intersects a reserved range`)
  }
  if (state.areas.iterFirstAt(firstHi, firstLo, lastHi, lastLo) !== undefined) {
    throw new IommuError('EEXIST', `${rangeText(firstHi, firstLo, lastHi, lastLo)} intersects an area`)
  }
}

/** Insert, fill, publish for the usual case of one slice, which is the whole target. */
function mapOne(state: TableState, pages: Pages, firstIndex: number, pageOffset: number, prot: number): void {
  const { firstHi, firstLo, lengthHi, lengthLo } = target
  const area = createArea(state, pages, firstIndex, pageOffset, lengthHi, lengthLo, firstHi, firstLo, prot)
  const handle = state.areas.insertAt(firstHi, firstLo, area.lastHi, area.lastLo, area)
  if (state.domains.length > 0) {
    try {
      fillDomains(area, pages, state.domains, state.largePages)
    } catch (error) {
      removeArea(state, handle, area)
      throw error
    }
  }
  area.pages = pages
}

/** The same for several slices, all of them or none: areas appear only when every domain holds them all (spec B6 step 3). */
function mapMany(state: TableState, slices: readonly Slice[], prot: number): void {
  const areas: Area[] = []
  const handles: IntervalHandle[] = []
  let filled = 0
  try {
    insertAreas(state, slices, prot, areas, handles)
    if (state.domains.length > 0) {
      for (const area of areas) {
        fillDomains(area, slices[filled]!.pages, state.domains, state.largePages)
        filled++
      }
    }
  } catch (error) {
    for (let k = 0; k < filled; k++) unfillDomains(areas[k]!, slices[k]!.pages, state.domains)
    for (const [k, handle] of handles.entries()) removeArea(state, handle, areas[k]!)
    throw error
  }
  for (let k = 0; k < areas.length; k++) areas[k]!.pages = slices[k]!.pages
}

/** Step 4 of spec B5: one area a slice, at the running IOVA. */
function insertAreas(state: TableState, slices: readonly Slice[], prot: number, areas: Area[], handles: IntervalHandle[]): void {
  let { firstHi, firstLo } = target
  for (const { pages, firstIndex, pageOffset, lengthHi, lengthLo } of slices) {
    const area = createArea(state, pages, firstIndex, pageOffset, lengthHi, lengthLo, firstHi, firstLo, prot)
    areas.push(area)
    handles.push(state.areas.insertAt(firstHi, firstLo, area.lastHi, area.lastLo, area))
    firstLo = (area.lastLo + 1) >>> 0
    firstHi = firstLo === 0 ? area.lastHi + 1 : area.lastHi
  }
}

/** The checks of one slice, in the order of spec B5 step 4, and its area, not built yet. */
function createArea(
  state: TableState,
  pages: Pages,
  firstIndex: number,
  pageOffset: number,
  lengthHi: number,
  lengthLo: number,
  iovaHi: number,
  iovaLo: number,
  prot: number,
): Area {
  if ((prot & PROT_WRITE) !== 0 && !pages.writable) throw new IommuError('EPERM', 'the pages were mapped read-only and cannot be written')
  if ((pageOffset & (state.iovaAlignment - 1)) !== 0) {
    throw new IommuError('EINVAL', `the offset in the page must be a multiple of ${state.iovaAlignment}, got ${pageOffset}`)
  }
  if (!fits(iovaHi, iovaLo, lengthHi, lengthLo)) throw overflow(iovaHi, iovaLo, lengthHi, lengthLo)
  const lastIndex = firstIndex + lengthHi * PAGES_PER_WORD + Math.floor((lengthLo - 1 + pageOffset) / PAGE_SIZE)
  if (lastIndex >= pages.npages) {
    throw new IommuError('EOVERFLOW', `the slice ends in page ${lastIndex}, but there are ${pages.npages} pages`)
  }
  const low = iovaLo + lengthLo - 1
  const lastHi = iovaHi + lengthHi + Math.floor(low / WORD)
  return new Area(iovaHi, iovaLo, lastHi, low >>> 0, firstIndex, lastIndex, pageOffset, prot)
}
