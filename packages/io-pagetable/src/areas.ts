import type { IntervalHandle } from '@iommukit/interval-tree-span'
import type { Area } from '@iommukit/pfn-reader'
import type { TableState } from './state.ts'
import type { AreaRecord } from './types.ts'
import { below, WORD_MAX } from './u64.ts'

/** A copy of what an area is now. */
function recordOf(area: Area): AreaRecord {
  const { firstIndex, lastIndex, pageOffset, prot, pages, storageDomain, numAccesses, preventAccess } = area
  const iova = area.iova
  const last = area.lastIova
  return { iova, last, length: area.length, prot, firstIndex, lastIndex, pageOffset, pages, storageDomain, numAccesses, preventAccess }
}

/** The areas by ascending IOVA. Each step looks up the next one behind the IOVAs seen, so the table may change in between. O(log k) a step. */
export function* areaRecords(state: TableState): Generator<AreaRecord, void, undefined> {
  let hi = 0
  let lo = 0
  for (;;) {
    const handle = state.areas.iterFirstAt(hi, lo, WORD_MAX, WORD_MAX)
    if (handle === undefined) return
    const area = state.areas.payload(handle)
    const { lastHi, lastLo } = area
    yield recordOf(area)
    if (!below(lastHi, lastLo, WORD_MAX, WORD_MAX)) return
    lo = (lastLo + 1) >>> 0
    hi = lo === 0 ? lastHi + 1 : lastHi
  }
}

/** Takes an area off the table; its IOVAs are free from now on. O(log k). */
export function removeArea(state: TableState, handle: IntervalHandle, area: Area): void {
  state.areas.remove(handle)
  state.floor.lower(area)
}
