import type { IntervalHandle } from '@iommukit/interval-tree-span'
import { type Area, IommuError, unfillDomains } from '@iommukit/pfn-reader'
import { notifyUnmap } from './accesses.ts'
import { removeArea } from './areas.ts'
import { rangeText } from './range.ts'
import type { TableState } from './state.ts'
import { below, joinU64, WORD_MAX } from './u64.ts'

/** An owner that still holds pages after this many notifications will not let go (spec B9 step 3). */
const TRIES_MAX = 100

/**
 * Removes every area of `range` and returns the bytes removed; nothing there is 0n (spec B9). Not atomic: an IommuError carries in `done` the
 * bytes that had been removed by then. ENOENT: an area lies across a border of the range; EBUSY: an area is being built; EDEADLOCK: an
 * access holds on. The range comes as words, since owners are called in the middle. O(areas removed * log k) plus the pages of each.
 */
export function unmapRange(state: TableState, startHi: number, startLo: number, lastHi: number, lastLo: number): bigint {
  const { areas } = state
  let firstHi = startHi
  let firstLo = startLo
  let bytesHi = 0
  let bytesLo = 0
  let tries = 0
  for (let handle = areas.iterFirstAt(firstHi, firstLo, lastHi, lastLo); handle !== undefined; ) {
    const area = areas.payload(handle)
    const refusal = refuse(area, firstHi, firstLo, lastHi, lastLo)
    if (refusal !== undefined) throw stopped(refusal, area, bytesHi, bytesLo)
    if (area.numAccesses > 0) {
      // The tries are counted anew for each place that the scan reaches, however the former one was emptied (K5).
      if (area.iovaHi !== firstHi || area.iovaLo !== firstLo) tries = 0
      firstHi = area.iovaHi
      firstLo = area.iovaLo
      area.preventAccess = true
      tries++
      notifyUnmap(state, area.iova, area.length)
      // After the last try nobody looks whether it helped (K8).
      if (tries > TRIES_MAX) throw stopped('EDEADLOCK', area, bytesHi, bytesLo)
      handle = areas.iterFirstAt(firstHi, firstLo, lastHi, lastLo)
      continue
    }
    const areaLastHi = area.lastHi
    const areaLastLo = area.lastLo
    bytesLo += ((areaLastLo - area.iovaLo) >>> 0) + 1
    bytesHi += areaLastHi - area.iovaHi - (areaLastLo < area.iovaLo ? 1 : 0)
    if (bytesLo > WORD_MAX) {
      bytesLo -= WORD_MAX + 1
      bytesHi++
    }
    let next: IntervalHandle | undefined
    if (below(areaLastHi, areaLastLo, lastHi, lastLo)) {
      // Ends below the end of the range, so there is a next IOVA: the scan never starts over.
      firstLo = (areaLastLo + 1) >>> 0
      firstHi = firstLo === 0 ? areaLastHi + 1 : areaLastHi
      // Asked from here, the next area is near; nothing but an owner's unmap can change what is there.
      next = areas.iterNextAt(handle, firstHi, firstLo, lastHi, lastLo)
    }
    takeDown(state, area)
    removeArea(state, handle, area)
    handle = next
    tries = 0
  }
  return joinU64(bytesHi, bytesLo)
}

/** Why the area cannot be removed by an unmap of [first, last], pinned or not; undefined when it can. */
function refuse(area: Area, firstHi: number, firstLo: number, lastHi: number, lastLo: number): 'EBUSY' | 'ENOENT' | undefined {
  if (area.pages === undefined) return 'EBUSY'
  return below(area.iovaHi, area.iovaLo, firstHi, firstLo) || below(lastHi, lastLo, area.lastHi, area.lastLo) ? 'ENOENT' : undefined
}

/** Empties the domains of the area and drops its pages; the area keeps its IOVAs until this has been done. */
function takeDown(state: TableState, area: Area): void {
  const pages = area.pages!
  area.pages = undefined
  if (state.domains.length > 0) unfillDomains(area, pages, state.domains)
  pages.release()
}

const REASONS = {
  EBUSY: 'is being built or taken down',
  ENOENT: 'is not wholly inside the range to unmap',
  EDEADLOCK: `is still held by an access after ${TRIES_MAX} notifications`,
} as const

function stopped(code: keyof typeof REASONS, area: Area, bytesHi: number, bytesLo: number): IommuError {
  const text = rangeText(area.iovaHi, area.iovaLo, area.lastHi, area.lastLo)
  return new IommuError(code, `the area ${text} ${REASONS[code]}`, joinU64(bytesHi, bytesLo))
}
