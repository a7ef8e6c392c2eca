import { checkInvariants as checkTree } from '@iommukit/interval-tree-span/check'
import type { Area, IommuDomain, Pages } from '@iommukit/pfn-reader'
import { checkInvariants as checkPages } from '@iommukit/pfn-reader/check'
import { computeAlignment } from './alignment.ts'
import type { IoPagetable } from './io-pagetable.ts'
import { rangeText } from './range.ts'
import type { TableState } from './state.ts'
import { below, joinU64, PAGE_SIZE, U64_MAX } from './u64.ts'
import { forEachArea } from './walk.ts'

/**
 * Throws an Error that names the first broken invariant of a table between operations: J1 to J8 of spec pages-and-io-pagetable B1, the storage
 * rule of A11, and the invariants of every Pages it uses. `tables` are all tables that share pages with it, itself included: with them the
 * reference counts are compared exactly, without them they must only be large enough. O(pages mapped * domains).
 */
export function checkInvariants(table: IoPagetable, tables?: readonly IoPagetable[]): void {
  const state = table.internals
  checkTree(state.areas)
  checkTree(state.reserved)
  checkTree(state.allowed)
  const areas = listOf(state)
  checkRanges(state, areas)
  checkAlignment(state)
  for (const area of areas) checkArea(state, area)
  checkReferences(
    areas,
    tables?.map((one) => one.internals),
  )
}

function listOf(state: TableState): Area[] {
  const areas: Area[] = []
  forEachArea(state.areas, (area) => areas.push(area))
  return areas
}

function textOf(area: Area): string {
  return `area ${rangeText(area.iovaHi, area.iovaLo, area.lastHi, area.lastLo)}`
}

function assert(condition: boolean, message: string): void {
  if (!condition) throw new Error(`io-pagetable invariant: ${message}`)
}

/** J1 to J3: what may not overlap does not. */
function checkRanges(state: TableState, areas: readonly Area[]): void {
  for (const [k, area] of areas.entries()) {
    assert(!below(area.lastHi, area.lastLo, area.iovaHi, area.iovaLo), `J1: ${textOf(area)} is inverted`)
    const next = areas[k + 1]
    assert(next === undefined || below(area.lastHi, area.lastLo, next.iovaHi, next.iovaLo), `J1: ${textOf(area)} overlaps the next one`)
    const reserved = state.reserved.iterFirstAt(area.iovaHi, area.iovaLo, area.lastHi, area.lastLo)
    assert(reserved === undefined, `J2: ${textOf(area)} intersects a reserved range`)
  }
  for (const handle of state.allowed.overlaps(0n, U64_MAX)) {
    const reserved = state.reserved.iterFirst(state.allowed.start(handle), state.allowed.last(handle))
    assert(reserved === undefined, `J3: the allowed range at ${state.allowed.start(handle)} intersects a reserved range`)
  }
}

/** J5, and what alignment is computed from. */
function checkAlignment(state: TableState): void {
  let pinning = 0
  for (let found = state.accesses.find(0); found !== undefined; found = state.accesses.find(found.index + 1)) {
    if (found.entry.pins) pinning++
  }
  assert(pinning === state.pinningAccesses, `${pinning} accesses pin pages, but ${state.pinningAccesses} are counted`)
  const alignment = computeAlignment(state)
  assert(state.iovaAlignment === alignment, `J5: the alignment is ${state.iovaAlignment}, but ${alignment} is asked for`)
  assert(new Set(state.domains).size === state.domains.length, 'a domain is attached twice')
}

/** J4, J6, J7 and the storage rule for one area. */
function checkArea(state: TableState, area: Area): void {
  const { pages } = area
  if (pages === undefined) throw new Error(`io-pagetable invariant: J6: ${textOf(area)} is not built`)
  assert((area.pageOffset & (state.iovaAlignment - 1)) === 0, `J4: ${textOf(area)} has page offset ${area.pageOffset}`)
  assert(area.lastIndex === area.indexAt(area.lastHi, area.lastLo), `${textOf(area)} ends in another page than ${area.lastIndex}`)
  assert(area.lastIndex < pages.npages, `I6: ${textOf(area)} uses page ${area.lastIndex} of ${pages.npages}`)
  assert((area.prot & 2) === 0 || pages.writable, `${textOf(area)} allows writes to read-only pages`)
  const { storageDomain } = area
  assert((storageDomain !== undefined) === state.domains.length > 0, `A11: ${textOf(area)} has storage, or has none, against the domains`)
  assert(storageDomain === undefined || state.domains.includes(storageDomain), `A11: ${textOf(area)} is stored in a foreign domain`)
  if (storageDomain === undefined) return
  for (const domain of state.domains) checkTranslations(area, storageDomain, domain)
}

/** J7 by pages: every domain translates like the storage domain, and keeps the offset in the page. */
function checkTranslations(area: Area, storage: IommuDomain, domain: IommuDomain): void {
  const last = area.lastIova
  const page = BigInt(PAGE_SIZE)
  for (let x = joinU64(area.iovaHi, area.iovaLo); x <= last; ) {
    const phys = domain.iovaToPhys(x)
    const offset = BigInt(area.offsetAt(Number(x & 0xffff_ffffn)))
    if (phys === undefined) throw new Error(`io-pagetable invariant: J7: a domain does not map 0x${x.toString(16)} of ${textOf(area)}`)
    assert(phys === storage.iovaToPhys(x), `J7: the domains disagree about 0x${x.toString(16)}`)
    assert(phys % page === offset, `I4: 0x${x.toString(16)} is mapped to ${phys}, but lies ${offset} bytes into its page`)
    x += page - offset
  }
}

/** J8 and the invariants of the pages themselves. */
function checkReferences(areas: readonly Area[], tables: readonly TableState[] | undefined): void {
  const counts = new Map<Pages, number>()
  const count = (area: Area): void => {
    if (area.pages !== undefined) counts.set(area.pages, (counts.get(area.pages) ?? 0) + 1)
  }
  if (tables === undefined) for (const area of areas) count(area)
  else for (const state of tables) forEachArea(state.areas, count)
  for (const pages of new Set(areas.map((area) => area.pages!))) {
    const areasOf = counts.get(pages)!
    assert(
      tables === undefined ? pages.refs >= areasOf : pages.refs === areasOf,
      `J8: pages with ${pages.refs} references belong to ${areasOf} areas`,
    )
    checkPages(pages)
  }
}
