import { type Area, addAccess, IommuError, removeAccess, rwAccessAt } from '@iommukit/pfn-reader'
import { rangeText } from './range.ts'
import type { TableState } from './state.ts'
import { PROT_READ, PROT_WRITE, type RwOptions } from './types.ts'
import { PAGE_SIZE, type WordRange } from './u64.ts'
import { AreaWalk, soleArea } from './walk.ts'

/**
 * Pins the pages under a range and returns their PFNs, one for every page touched (spec B16). All or nothing. Per area, in this order:
 * EINVAL: an unmap waits for it, or the range does not begin on a page of it, or goes on behind an area that ends inside a page;
 * EPERM: the area does not allow the direction; then what pinning throws. ENOENT: an IOVA that no area holds was reached.
 */
export function pinPages(state: TableState, range: WordRange, write: boolean): Float64Array {
  const sole = soleArea(state.areas, range)
  if (sole !== undefined) {
    const firstIndex = checkPinStep(sole, range.firstHi, range.firstLo, false, write)
    return addAccess(sole, firstIndex, sole.indexAt(range.lastHi, range.lastLo), write)
  }
  const walk = new AreaWalk(state.areas, range)
  let first: Float64Array | undefined
  let rest: Float64Array[] | undefined
  try {
    for (; walk.area !== undefined; walk.next()) {
      const { area } = walk
      const firstIndex = checkPinStep(area, walk.currentHi, walk.currentLo, walk.continues, write)
      const part = addAccess(area, firstIndex, area.indexAt(walk.stepLastHi, walk.stepLastLo), write)
      if (first === undefined) first = part
      else (rest ??= []).push(part)
    }
    if (!walk.done) throw uncovered(range, walk)
  } catch (error) {
    unpinBefore(state, range, walk)
    throw error
  }
  return join(first!, rest)
}

/** The checks of one step, in the order that decides which error wins; returns the first page index of the step, which begins at hi:lo. */
function checkPinStep(area: Area, hi: number, lo: number, continues: boolean, write: boolean): number {
  checkPrevented(area)
  if (area.offsetAt(lo) !== 0) throw new IommuError('EINVAL', `the range does not begin on a page of ${textOf(area)}`)
  if (continues && area.offsetAt(area.lastLo) !== PAGE_SIZE - 1) {
    throw new IommuError('EINVAL', `the range goes on behind ${textOf(area)}, which ends inside a page`)
  }
  checkProt(area, write)
  return area.indexAt(hi, lo)
}

/** Undoes the steps in front of the one that failed. */
function unpinBefore(state: TableState, range: WordRange, failed: AreaWalk): void {
  const { currentHi, currentLo } = failed
  if (currentHi === range.firstHi && currentLo === range.firstLo) return
  range.lastLo = (currentLo - 1) >>> 0
  range.lastHi = currentLo === 0 ? currentHi - 1 : currentHi
  unpinWalk(state, range)
}

/** Releases one earlier `pinPages` of exactly this range. RangeError, changing nothing: it is not pinned. */
export function unpinPages(state: TableState, range: WordRange): void {
  const sole = soleArea(state.areas, range)
  if (sole !== undefined) {
    // Inside one area the release itself is all or nothing.
    removeAccess(sole, sole.indexAt(range.firstHi, range.firstLo), sole.indexAt(range.lastHi, range.lastLo))
    return
  }
  if (!isPinned(new AreaWalk(state.areas, range))) {
    throw new RangeError(`unpinPages: ${rangeText(range.firstHi, range.firstLo, range.lastHi, range.lastLo)} is not pinned`)
  }
  unpinWalk(state, range)
}

/** Whether each step of a started walk is pinned with its bounds. O(records of the pages) a step. */
function isPinned(walk: AreaWalk): boolean {
  for (; walk.area !== undefined; walk.next()) {
    const { area } = walk
    const firstIndex = area.indexAt(walk.currentHi, walk.currentLo)
    const lastIndex = area.indexAt(walk.stepLastHi, walk.stepLastLo)
    const records = area.numAccesses === 0 ? [] : area.pages!.accessRanges()
    if (!records.some((record) => record.firstIndex === firstIndex && record.lastIndex === lastIndex)) return false
  }
  return walk.done
}

function unpinWalk(state: TableState, range: WordRange): void {
  const walk = new AreaWalk(state.areas, range)
  for (; walk.area !== undefined; walk.next()) {
    const { area } = walk
    removeAccess(area, area.indexAt(walk.currentHi, walk.currentLo), area.indexAt(walk.stepLastHi, walk.stepLastLo))
  }
}

/**
 * Copies between `data` and the pages under a range (spec B16). Not atomic: when a later area fails, the earlier ones are done. No alignment
 * is asked for. Per area: EINVAL: an unmap waits for it; EPERM: the direction; EFAULT: the memory. ENOENT: a gap was reached.
 */
export function rw(state: TableState, range: WordRange, data: Uint8Array, options: RwOptions): void {
  const sole = soleArea(state.areas, range)
  if (sole !== undefined) {
    rwStep(sole, range.firstHi, range.firstLo, data, options)
    return
  }
  const walk = new AreaWalk(state.areas, range)
  let done = 0
  for (; walk.area !== undefined; walk.next()) {
    const { area } = walk
    // At most data.length, so the difference of the low words says it.
    const length = ((walk.stepLastLo - walk.currentLo) >>> 0) + 1
    const part = length === data.length ? data : data.subarray(done, done + length)
    rwStep(area, walk.currentHi, walk.currentLo, part, options)
    done += length
  }
  if (!walk.done) throw uncovered(range, walk)
}

/** Copies from or to hi:lo of one area. */
function rwStep(area: Area, hi: number, lo: number, data: Uint8Array, options: RwOptions): void {
  checkPrevented(area)
  checkProt(area, options.write)
  rwAccessAt(area.pages!, area.indexAt(hi, lo), area.offsetAt(lo), data, options)
}

function checkPrevented(area: Area): void {
  if (area.preventAccess) throw new IommuError('EINVAL', `an unmap is waiting for accesses to leave ${textOf(area)}`)
}

function checkProt(area: Area, write: boolean): void {
  if ((area.prot & (write ? PROT_WRITE : PROT_READ)) === 0) {
    throw new IommuError('EPERM', `${textOf(area)} is mapped without ${write ? 'write' : 'read'} permission`)
  }
}

function uncovered(range: WordRange, walk: AreaWalk): IommuError {
  const text = rangeText(range.firstHi, range.firstLo, range.lastHi, range.lastLo)
  return new IommuError('ENOENT', `no area holds ${rangeText(walk.currentHi, walk.currentLo, range.lastHi, range.lastLo)} of ${text}`)
}

function textOf(area: Area): string {
  return `the area ${rangeText(area.iovaHi, area.iovaLo, area.lastHi, area.lastLo)}`
}

/** The parts in one list; a range inside one area, the usual case, is handed on as it is. */
function join(first: Float64Array, rest: readonly Float64Array[] | undefined): Float64Array {
  if (rest === undefined) return first
  let npages = first.length
  for (const part of rest) npages += part.length
  const whole = new Float64Array(npages)
  whole.set(first)
  let index = first.length
  for (const part of rest) {
    whole.set(part, index)
    index += part.length
  }
  return whole
}
