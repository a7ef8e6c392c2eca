import { HUGE_PAGE_FRAMES } from './huge.ts'
import { MAX_PFN, toInteger } from './numbers.ts'
import type { PhysicalMemory } from './physical-memory.ts'

/**
 * Where the frames of a mapping lie: in one run, no two of them adjacent, or wherever the caller's function says for page 0, 1, 2, … of the mapping.
 */
export type Placement = 'contiguous' | 'scattered' | ((page: number) => number)

/**
 * The frames behind a mapping, page by page. Long runs are kept as runs, so that pinning contiguous memory costs O(runs);
 * everything else is a flat list, so that pinning scattered memory costs one array read a page.
 */
export interface Frames {
  /** Frame of each page, when the frames are kept as a list. */
  readonly list: Uint32Array | Float64Array | undefined
  /** First page of each run, ascending, when the frames are kept as runs. */
  readonly runPages: Float64Array
  /** First frame of each run. */
  readonly runPfns: Float64Array
}

const NONE = new Float64Array(0)

/** Fewer pages a run than this, and a list is the better form. */
const PAGES_A_RUN_MIN = 16

/** Frames for `npages` pages by a placement; asks the allocator unless the placement is a function. O(npages) unless contiguous. */
export function makeFrames(physical: PhysicalMemory, npages: number, placement: Placement, huge: boolean): Frames {
  if (typeof placement === 'function') return chosenFrames(npages, placement, huge)
  if (placement === 'contiguous') return oneRun(physical.allocate(npages, huge ? HUGE_PAGE_FRAMES : 1))
  if (placement !== 'scattered') throw new TypeError(`placement must be contiguous, scattered or a function, got ${String(placement)}`)
  return huge ? scatteredHugePages(physical, npages) : scatteredPages(physical, npages)
}

/** Frame of one page. O(1) in a list, O(log runs) in runs. */
export function frameAt(frames: Frames, page: number): number {
  if (frames.list !== undefined) return frames.list[page]!
  const run = runAt(frames, page)
  return frames.runPfns[run]! + (page - frames.runPages[run]!)
}

/** The run that holds a page. O(log runs). */
export function runAt(frames: Frames, page: number): number {
  const pages = frames.runPages
  let low = 0
  let high = pages.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (pages[middle]! <= page) low = middle
    else high = middle - 1
  }
  return low
}

function oneRun(pfn: number): Frames {
  return { list: undefined, runPages: Float64Array.of(0), runPfns: Float64Array.of(pfn) }
}

/** Slot of a page among a power of two of slots: multiplying by an odd number permutes them. */
function slotOf(page: number, slots: number): number {
  return (Math.imul(page, 0x9e3779b1) & (slots - 1)) >>> 0
}

/** Every slot is two frames wide, so that no two pages are ever adjacent. */
function scatteredPages(physical: PhysicalMemory, npages: number): Frames {
  const slots = 2 ** Math.ceil(Math.log2(npages))
  const base = physical.allocate(slots * 2)
  const list = base + slots * 2 <= 2 ** 32 ? new Uint32Array(npages) : new Float64Array(npages)
  for (let page = 0; page < npages; page++) list[page] = base + 2 * slotOf(page, slots)
  return { list, runPages: NONE, runPfns: NONE }
}

/** The same with slots two huge pages wide. */
function scatteredHugePages(physical: PhysicalMemory, npages: number): Frames {
  const nblocks = npages / HUGE_PAGE_FRAMES
  const slots = 2 ** Math.ceil(Math.log2(nblocks))
  const base = physical.allocate(slots * 2 * HUGE_PAGE_FRAMES, HUGE_PAGE_FRAMES)
  const runPages = Float64Array.from({ length: nblocks }, (_, block) => block * HUGE_PAGE_FRAMES)
  const runPfns = Float64Array.from({ length: nblocks }, (_, block) => base + 2 * slotOf(block, slots) * HUGE_PAGE_FRAMES)
  return { list: undefined, runPages, runPfns }
}

function chosenFrames(npages: number, place: (page: number) => number, huge: boolean): Frames {
  const list = new Float64Array(npages)
  let nruns = 0
  let highest = 0
  for (let page = 0; page < npages; page++) {
    const pfn = toInteger(place(page), 'a frame chosen by placement', 0, MAX_PFN)
    list[page] = pfn
    if (page === 0 || pfn !== list[page - 1]! + 1) nruns++
    if (pfn > highest) highest = pfn
    if (huge && (page % HUGE_PAGE_FRAMES === 0 ? pfn % HUGE_PAGE_FRAMES !== 0 : pfn !== list[page - 1]! + 1))
      throw new RangeError(
        `frame ${pfn} of page ${page} does not lie in an aligned run of ${HUGE_PAGE_FRAMES} frames, as a huge page needs`,
      )
  }
  if (nruns * PAGES_A_RUN_MIN <= npages || nruns === 1) return runsOf(list, nruns)
  return { list: highest < 2 ** 32 ? Uint32Array.from(list) : list, runPages: NONE, runPfns: NONE }
}

function runsOf(list: Float64Array, nruns: number): Frames {
  const runPages = new Float64Array(nruns)
  const runPfns = new Float64Array(nruns)
  let run = -1
  for (let page = 0; page < list.length; page++) {
    if (page !== 0 && list[page]! === list[page - 1]! + 1) continue
    run++
    runPages[run] = page
    runPfns[run] = list[page]!
  }
  return { list: undefined, runPages, runPfns }
}
