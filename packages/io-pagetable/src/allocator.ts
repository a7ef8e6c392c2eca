import { type HoleCursor64, type IntervalTree64, SpanCursor64 } from '@iommukit/interval-tree-span'
import { IommuError } from '@iommukit/pfn-reader'
import { setLast } from './range.ts'
import type { TableState } from './state.ts'
import { below, hexU64, joinU64, PAGE_SIZE, WORD_MAX, WordRange } from './u64.ts'

/** Lengths from floor((2^64-1)/2) on are refused (spec B4 step 1). */
const LENGTH_HI_LIMIT = 0x7fff_ffff

/** How many areas the quick search steps over before it leaps by holes. */
const STEPS_MAX = 3

/** The candidates: neither the first nor the last page of the space is ever chosen (spec B4 step 6). */
const FIRST_LO = PAGE_SIZE
const LAST_LO = WORD_MAX - PAGE_SIZE

/** What the fit rule needs to know about a request; one object, since no allocation runs inside another. */
const request = {
  alignment: 1,
  /** The address's offset in its page, or-ed into every candidate. */
  pageOffset: 0,
  /** length - 1, as words. */
  spanHi: 0,
  spanLo: 0,
}

/** The region being searched, and the hole found in it. */
const region: WordRange = new WordRange()
const hole: WordRange = new WordRange()

/**
 * Chooses where to map `target.length` bytes whose memory begins at an address: the lowest fit, as the kernel finds it (spec B4). Writes the
 * first and last IOVA into `target`. EOVERFLOW: 2^63-1 bytes or more; EINVAL: the address is less aligned than the table asks for; ENOSPC.
 * O(log k), and as much again for each hole that is long enough but does not fit; O(allowed ranges). Measured by alloc_iova.1e6/map: maps that
 * follow one another make no garbage and search nothing but their own place.
 */
export function allocIova(state: TableState, target: WordRange, addressHi: number, addressLo: number): void {
  const { lengthHi, lengthLo } = target
  if (lengthHi > LENGTH_HI_LIMIT || (lengthHi === LENGTH_HI_LIMIT && lengthLo === WORD_MAX) || (lengthHi | lengthLo) === 0) {
    throw new IommuError('EOVERFLOW', `automatic length must be in 1..2^63-2, got ${joinU64(lengthHi, lengthLo)}`)
  }
  const alignment = requestAlignment(lengthHi, lengthLo, addressLo, state.maxAlignment)
  if (alignment < state.iovaAlignment) {
    throw new IommuError(
      'EINVAL',
      `memory at ${hexU64(addressHi, addressLo)} allows ${alignment} bytes alignment, below ${state.iovaAlignment}`,
    )
  }
  request.alignment = alignment
  request.pageOffset = addressLo & (PAGE_SIZE - 1)
  request.spanLo = (lengthLo - 1) >>> 0
  request.spanHi = lengthLo === 0 ? lengthHi - 1 : lengthHi
  if (!search(state)) {
    throw new IommuError('ENOSPC', `no room for ${joinU64(lengthHi, lengthLo)} bytes aligned to ${alignment}`)
  }
  target.firstHi = hole.firstHi
  target.firstLo = hole.firstLo
  setLast(target)
}

/** Steps 2 and 3: as aligned as length and address are, up to the cap. */
function requestAlignment(lengthHi: number, lengthLo: number, addressLo: number, cap: number): number {
  // The cap is 2^30 at most, so the shift stays positive.
  let alignment = lengthHi > 0 || lengthLo > cap ? cap : 1 << (32 - Math.clz32(lengthLo - 1))
  const low = (addressLo & -addressLo) >>> 0
  if (low !== 0 && low < alignment) alignment = low
  // A low word of 0 is address 0, which counts as aligned to anything, or a multiple of 2^32, which is above the cap.
  return alignment
}

/** Steps 6 and 7: the regions by ascending IOVA, in each the first hole that fits. Leaves the fitted start in `hole.first`. */
function search(state: TableState): boolean {
  if (state.allowed.isEmpty) return searchEverywhere(state)
  // Allowed ranges that touch are one region: a used span.
  for (const span = new SpanCursor64(state.allowed, BigInt(FIRST_LO), joinU64(WORD_MAX, LAST_LO)); !span.done; span.next()) {
    if (span.isHole) continue
    region.firstHi = span.startHi
    region.firstLo = span.startLo
    region.lastHi = span.lastHi
    region.lastLo = span.lastLo
    if (searchRegion(state)) return true
  }
  return false
}

/** Without allowed ranges the whole space is one region. The usual case, a request without an offset in its page, begins at the floor. */
function searchEverywhere(state: TableState): boolean {
  const { floor } = state
  const { alignment, pageOffset, spanHi, spanLo } = request
  const known = pageOffset === 0 && floor.covers(alignment, spanHi, spanLo)
  region.firstHi = known ? floor.hi : 0
  region.firstLo = known ? floor.lo : FIRST_LO
  region.lastHi = WORD_MAX
  region.lastLo = LAST_LO
  if (pageOffset !== 0) return searchRegion(state)
  const found = searchQuickly(state) || searchRegion(state)
  if (found) floor.raise(alignment, spanHi, spanLo, hole.firstHi, hole.firstLo)
  return found
}

/**
 * Tries the first aligned place of the region, and then those behind the areas in the way, a few times: most maps follow one another. Gives up
 * with the region's start moved up to what has not been looked at. Only for requests without an offset in the page. O(log k).
 */
function searchQuickly(state: TableState): boolean {
  // One byte alone is never used, so two must be free.
  const reachLo = request.spanHi === 0 && request.spanLo === 0 ? 1 : request.spanLo
  for (let steps = 0; steps < STEPS_MAX; steps++) {
    hole.firstHi = region.firstHi
    hole.firstLo = region.firstLo
    hole.lastHi = region.lastHi
    hole.lastLo = region.lastLo
    if (!fit(hole)) return false
    const sum = hole.firstLo + reachLo
    const endHi = hole.firstHi + request.spanHi + (sum > WORD_MAX ? 1 : 0)
    const handle = state.areas.iterFirstAt(hole.firstHi, hole.firstLo, endHi, sum >>> 0)
    if (handle === undefined) {
      return state.reserved.isEmpty || state.reserved.iterFirstAt(hole.firstHi, hole.firstLo, endHi, sum >>> 0) === undefined
    }
    const area = state.areas.payload(handle)
    if (!below(area.lastHi, area.lastLo, region.lastHi, region.lastLo)) return false
    region.firstLo = (area.lastLo + 1) >>> 0
    region.firstHi = region.firstLo === 0 ? area.lastHi + 1 : area.lastHi
  }
  return false
}

function searchRegion(state: TableState): boolean {
  // The region must fit as a whole, and its start moves up to where it does, before its holes are looked at.
  if (!fit(region)) return false
  const areas = holesIn(state.areas)
  if (state.reserved.isEmpty) {
    for (; !areas.done; areas.next()) if (fitHole(areas, areas)) return true
    return false
  }
  const reserved = holesIn(state.reserved)
  while (!areas.done && !reserved.done) {
    // A hole of both begins where holes of both begin: each leaps over all that is too short or too early, until they agree.
    if (below(areas.startHi, areas.startLo, reserved.startHi, reserved.startLo)) areas.advanceAt(reserved.startHi, reserved.startLo)
    else if (below(reserved.startHi, reserved.startLo, areas.startHi, areas.startLo)) reserved.advanceAt(areas.startHi, areas.startLo)
    else {
      const shorter = below(areas.lastHi, areas.lastLo, reserved.lastHi, reserved.lastLo) ? areas : reserved
      if (fitHole(areas, shorter)) return true
      // The other hole goes on behind the shorter one; the next round cuts it at the next start.
      shorter.next()
    }
  }
  return false
}

/** The holes of a tree in the region that could fit: long enough from an aligned position on, though the page offset may still spoil it. */
function holesIn<P>(tree: IntervalTree64<P>): HoleCursor64 {
  const { spanHi, spanLo, alignment } = request
  const from = joinU64(region.firstHi, region.firstLo)
  return tree.holes(joinU64(spanHi, spanLo) + 1n, { from, last: joinU64(region.lastHi, region.lastLo), alignment })
}

/** The fit rule on the hole from the start of one cursor to the last of another. */
function fitHole(first: HoleCursor64, last: HoleCursor64): boolean {
  hole.firstHi = first.startHi
  hole.firstLo = first.startLo
  hole.lastHi = last.lastHi
  hole.lastLo = last.lastLo
  return fit(hole)
}

/** The fit rule of spec B4 on [range.first, range.last]; when it fits, the first IOVA moves up to the fitted start. */
function fit(range: WordRange): boolean {
  const mask = request.alignment - 1
  const sum = range.firstLo + mask
  const hi = sum > WORD_MAX ? range.firstHi + 1 : range.firstHi
  if (hi > WORD_MAX) return false
  const lo = ((sum & ~mask) | request.pageOffset) >>> 0
  const { lastHi, lastLo } = range
  // Strictly below: one byte alone is never used.
  if (!below(hi, lo, lastHi, lastLo)) return false
  const roomLo = (lastLo - lo) >>> 0
  const roomHi = lastHi - hi - (lastLo < lo ? 1 : 0)
  if (below(roomHi, roomLo, request.spanHi, request.spanLo)) return false
  range.firstHi = hi
  range.firstLo = lo
  return true
}
