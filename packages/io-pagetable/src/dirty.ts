import { type DirtySink, type IommuDomain, IommuError } from '@iommukit/pfn-reader'
import { readRange } from './range.ts'
import type { TableState } from './state.ts'
import type { DirtyRead, DirtyReadResult } from './types.ts'
import { HI, joinU64, LO, splitU64, WordRange, words } from './u64.ts'
import { AreaWalk, forEachArea } from './walk.ts'

/**
 * Switches dirty tracking of a domain (spec B17). Enabling cleans every area first and flushes, also when it was on already.
 * EOPNOTSUPP: the domain cannot track; or what the domain throws, and then tracking is not switched.
 */
export function setDirtyTracking(state: TableState, domain: IommuDomain, on: boolean): void {
  checkAttached(state, domain)
  const { dirty } = domain
  if (dirty === undefined) throw new IommuError('EOPNOTSUPP', 'the domain cannot track dirty pages')
  if (on) {
    try {
      forEachArea(state.areas, (area) => {
        if (area.pages !== undefined) dirty.readAndClear(area.iova, area.length, false, undefined)
      })
    } finally {
      domain.flush()
    }
  }
  dirty.setTracking(on)
}

/**
 * Reports the dirty pages of a range to a sink and cleans them (spec B17). A gap in the areas or an error of the domain ends the walk there
 * and is no error; `scannedLast` says how far it came (K6). O(areas) plus what the domain does.
 */
export function readAndClearDirty(state: TableState, domain: IommuDomain, read: DirtyRead): DirtyReadResult {
  checkAttached(state, domain)
  const range = new WordRange()
  readRange(range, read.iova, read.length)
  checkDirtyAlignment(range, state.iovaAlignment, read.pageSize)
  const { dirty } = domain
  if (dirty === undefined) throw new IommuError('EOPNOTSUPP', 'the domain cannot track dirty pages')
  const sink = typeof read.sink === 'function' ? read.sink() : read.sink
  const scannedLast = scan(state, range, dirty.readAndClear.bind(dirty), read.noClear, sink)
  if (!read.noClear) domain.flush()
  return { scannedLast }
}

function checkAttached(state: TableState, domain: IommuDomain): void {
  if (!state.domains.includes(domain)) throw new RangeError('the domain is not attached to this table')
}

type ReadAndClear = (iova: bigint, length: bigint, noClear: boolean, sink: DirtySink | undefined) => void

function scan(
  state: TableState,
  range: WordRange,
  readAndClear: ReadAndClear,
  noClear: boolean,
  sink: DirtySink | undefined,
): bigint | undefined {
  let scannedLast: bigint | undefined
  const walk = new AreaWalk(state.areas, range)
  for (; walk.area !== undefined; walk.next()) {
    const iova = joinU64(walk.currentHi, walk.currentLo)
    const last = joinU64(walk.stepLastHi, walk.stepLastLo)
    try {
      readAndClear(iova, last - iova + 1n, noClear, sink)
    } catch (error) {
      // An operating error of the domain ends the walk silently, as in the kernel; anything else is a bug and must be seen.
      if (typeof (error as { code?: unknown }).code !== 'string') throw error
      break
    }
    scannedLast = last
  }
  return scannedLast
}

/** Steps 3 to 5 of the table in spec B17: masks, so that `last + 1` may be 2^64. */
function checkDirtyAlignment(range: WordRange, iovaAlignment: number, pageSize: bigint | number): void {
  const endLo = (range.lastLo + 1) >>> 0
  const endHi = endLo === 0 ? (range.lastHi + 1) >>> 0 : range.lastHi
  if (((range.firstLo | endLo) & (iovaAlignment - 1)) !== 0) throw misaligned(range, iovaAlignment)
  splitU64(pageSize, 'pageSize')
  const pageHi = words[HI]!
  const pageLo = words[LO]!
  if (pageHi === 0 && pageLo === 0) throw new IommuError('EINVAL', 'pageSize must be a power of two, got 0')
  const maskHi = pageLo === 0 ? pageHi - 1 : pageHi
  const maskLo = (pageLo - 1) >>> 0
  if (((range.firstLo | endLo) & maskLo) !== 0 || ((range.firstHi | endHi) & maskHi) !== 0) throw misaligned(range, pageSize)
  if ((pageHi & maskHi) !== 0 || (pageLo & maskLo) !== 0) {
    throw new IommuError('EINVAL', `pageSize must be a power of two, got ${pageSize}`)
  }
}

function misaligned(range: WordRange, alignment: bigint | number): IommuError {
  const iova = joinU64(range.firstHi, range.firstLo).toString(16)
  const last = joinU64(range.lastHi, range.lastLo).toString(16)
  return new IommuError('EINVAL', `the range 0x${iova}..0x${last} is not aligned to ${alignment} bytes`)
}
