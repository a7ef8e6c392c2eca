import type { Area } from './area.ts'
import { InvariantError } from './errors.ts'
import type { IommuDomain } from './ports.ts'
import { joinU64 } from './u64.ts'
import { PAGE_SIZE, WORD } from './units.ts'

/** Pages above which the length of a range is not said as a number any more: the limit keeps it a safe integer. */
const NUMBERED_PAGES_MAX: number = 2 ** 40

/**
 * Bytes from hi:lo, which is in an area, to its end. Within 4 GiB they are a difference of low words, which V8 keeps as a small integer; the sum
 * of both words is a double, and a domain that has met both kinds of length is compiled for neither.
 */
export function bytesToEnd(area: Area, hi: number, lo: number): number {
  const { lastHi, lastLo } = area
  return lastHi === hi ? lastLo - lo + 1 : (lastHi - hi) * WORD + (lastLo - lo) + 1
}

/** Unmaps pages first..last of an area from a domain in one call; a domain that removes anything else is broken (spec pages-and-io-pagetable A10.5). O(1). */
export function unmapPages(domain: IommuDomain, area: Area, first: number, last: number): void {
  const low = area.lowOf(first)
  const hi = area.highOf(first, low)
  const lo = low >>> 0
  const npages = last - first + 1
  if (npages > NUMBERED_PAGES_MAX) {
    unmapBytes(domain, joinU64(hi, lo), area.iovaLastOf(last) - joinU64(hi, lo) + 1n)
    return
  }
  const offsetInPage = first === area.firstIndex ? area.pageOffset : 0
  const length = last === area.lastIndex ? bytesToEnd(area, hi, lo) : npages * PAGE_SIZE - offsetInPage
  const removed = domain.unmapAt(hi, lo, length)
  if (removed !== length) throw new InvariantError(`a domain removed ${removed} of ${length} bytes`)
}

/** The same for a range of any length. */
export function unmapBytes(domain: IommuDomain, iova: bigint, length: bigint): void {
  const removed = domain.unmap(iova, length)
  if (removed !== length) throw new InvariantError(`a domain removed ${removed} of ${length} bytes`)
}
