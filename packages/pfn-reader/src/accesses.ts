import type { Area } from './area.ts'
import { IommuError } from './errors.ts'
import { fastList, fillPinnedMap, unfillPinnedMap } from './fill-pinned.ts'
import { addHolder, firstHolder, holderOf, holderWith, isFollowed, removeHolder } from './held.ts'
import { begin, end, pagesOf } from './operation.ts'
import type { Pages } from './pages.ts'
import { PagesAccess } from './pages-access.ts'
import { checkInteger, describe } from './u64.ts'

/**
 * Pins pages firstIndex..lastIndex of an area for an access and returns their PFNs (spec pages-and-io-pagetable A13). The same range again
 * only counts one more user and cannot fail for want of pages. O(pages), and O(log n + records that hold the first page).
 * @throws EPERM: `write`, and the pages are read-only; whatever pinning throws, ENOMEM from accounting; then nothing has changed.
 * {RangeError} the pages are not all in the area.
 */
export function addAccess(area: Area, firstIndex: number, lastIndex: number, write: boolean): Float64Array {
  const pages = pagesOf(area)
  checkRange(area, firstIndex, lastIndex)
  if (typeof write !== 'boolean') throw new TypeError(`write must be a boolean, got ${describe(write)}`)
  if (write && !pages.writable) throw new IommuError('EPERM', 'the pages are read-only')
  begin()
  try {
    return hold(area, pages, firstIndex, lastIndex)
  } finally {
    end()
  }
}

/**
 * Undoes one `addAccess` of exactly these bounds (spec pages-and-io-pagetable A13). Records belong to the pages, so any area over them that
 * has pinned something may do it. O(log n), and O(pages) when the last user of the range goes.
 * @throws {RangeError} no such range is held through this area; nothing has changed.
 */
export function removeAccess(area: Area, firstIndex: number, lastIndex: number): void {
  const pages = pagesOf(area)
  checkRange(area, firstIndex, lastIndex)
  // Usually the first record that holds the first page is the one; then only those behind it can hold pages of it too.
  const front = holderOf(pages.accesses, firstIndex)
  const record = isExactly(front, firstIndex, lastIndex) ? front : holderWith(pages.accesses, firstIndex, lastIndex)
  if (record === undefined || area.numAccesses === 0) throw new RangeError(`no access holds exactly pages ${firstIndex}..${lastIndex}`)
  begin()
  try {
    area.numAccesses--
    if (--record.users > 0) return
    const shared = record !== front || isFollowed(pages.accesses, record)
    pages.accesses = removeHolder(pages.accesses, record)
    unfillPinnedMap(pages, firstIndex, lastIndex, shared)
  } finally {
    end()
  }
}

function hold(area: Area, pages: Pages, firstIndex: number, lastIndex: number): Float64Array {
  const front = firstHolder(pages.accesses, firstIndex, lastIndex)
  const shared = front !== undefined
  const record = !shared || isExactly(front, firstIndex, lastIndex) ? front : holderWith(pages.accesses, firstIndex, lastIndex)
  let list: Float64Array
  if (record !== undefined) {
    list = fastList(pages, firstIndex, lastIndex)
    record.users++
  } else {
    list = fillPinnedMap(pages, firstIndex, lastIndex, shared)
    try {
      pages.accesses = addHolder(pages.accesses, new PagesAccess(firstIndex, lastIndex))
    } catch (error) {
      unfillPinnedMap(pages, firstIndex, lastIndex, shared)
      throw error
    }
  }
  area.numAccesses++
  return list
}

function isExactly(record: PagesAccess | undefined, firstIndex: number, lastIndex: number): boolean {
  return record !== undefined && record.firstIndex === firstIndex && record.lastIndex === lastIndex
}

function checkRange(area: Area, firstIndex: number, lastIndex: number): void {
  checkInteger(lastIndex, 'lastIndex', area.firstIndex, area.lastIndex)
  checkInteger(firstIndex, 'firstIndex', area.firstIndex, lastIndex)
}
