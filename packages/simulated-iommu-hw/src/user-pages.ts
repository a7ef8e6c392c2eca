import { HardwareError, HardwareInvariantError } from './errors.ts'
import { runAt } from './frames.ts'
import { hex, toInteger } from './numbers.ts'
import type { PhysicalMemory } from './physical-memory.ts'
import { PROTECTION_LEVEL, type Segment } from './segments.ts'
import type { UserAddressSpace } from './user-address-space.ts'

/** Receives runs of consecutive frames; false: it does not fit, nothing was added. */
export interface RunSink {
  add(pfn: number, npfns: number): boolean
}

/** Straight copies through the address space; `byteOffset` counts from byte 0 of page 0. Throws EFAULT at the first bad page, having copied all before it. */
export interface DirectCopies {
  read(byteOffset: number, out: Uint8Array): void
  write(byteOffset: number, data: Uint8Array): void
}

/** A window of user memory, seen as pages 0, 1, 2, …, to be pinned. Fits the port `PageSource` (spec pages-and-io-pagetable 4.1). */
export class UserPages {
  readonly direct: DirectCopies
  readonly #space: UserAddressSpace
  readonly #basePage: number
  readonly #npages: number
  readonly #pinner: Pinner

  /** Made by `UserAddressSpace.pageSource`, which has checked the numbers. */
  constructor(space: UserAddressSpace, physical: PhysicalMemory, basePage: number, npages: number) {
    this.#space = space
    this.#basePage = basePage
    this.#npages = npages
    this.#pinner = new Pinner(physical)
    this.direct = {
      read: (byteOffset, out) => space.readPages(basePage, byteOffset, out),
      write: (byteOffset, data) => space.writePages(basePage, byteOffset, data),
    }
  }

  /**
   * Pins up to `npages` pages from `firstIndex` on and adds their frames as maximal runs. Returns how many were pinned, 1..npages; fewer when the
   * sink refuses, at the first page that is not accessible, or when a short pin was injected. Throws EFAULT (or the injected errno) with nothing
   * pinned when not even the first page is accessible. O(runs) where frames are kept as runs, else O(pages).
   */
  pin(firstIndex: number, npages: number, write: boolean, into: RunSink): number {
    toInteger(firstIndex, 'firstIndex', 0, this.#npages - 1)
    toInteger(npages, 'npages', 1, this.#npages - firstIndex)
    const space = this.#space
    const page = this.#basePage + firstIndex
    space.pinFault.pass()
    const wanted = space.shortened(npages)
    const pinner = this.#pinner
    pinner.begin(into)
    const segments = space.segments
    const need = write ? PROTECTION_LEVEL.rw : PROTECTION_LEVEL.r
    let left = wanted
    let next = page
    for (let position = segments.position(page); left > 0; position++) {
      const segment = segments.at(position)
      if (segment === undefined || segment.firstPage > next || segment.level < need) break
      const npart = Math.min(left, segment.lastPage - next + 1)
      if (!pinner.addSegment(segment, segment.framesFrom + (next - segment.firstPage), npart)) break
      next += npart
      left -= npart
    }
    const full = !pinner.finish()
    space.counts.pinnedPages += pinner.pinned
    space.counts.pinRuns += pinner.runs
    if (pinner.pinned > 0) return pinner.pinned
    if (full) throw new HardwareInvariantError('a pin was asked for with a sink that has no room for one run')
    throw new HardwareError('EFAULT', `page ${hex(page)} is not mapped or not accessible for ${write ? 'write' : 'read'}`)
  }

  /** Releases one pin on each of `npfns` frames; `dirty`: they may have been written. Throws {@link HardwareInvariantError} when one has no pin. */
  unpin(pfn: number, npfns: number, dirty: boolean): void {
    this.#pinner.physical.unpin(pfn, npfns)
    const counts = this.#space.counts
    counts.unpinCalls++
    counts.unpinnedPages += npfns
    if (dirty) counts.dirtiedPages += npfns
  }
}

/** Gathers frames into maximal runs across segments, and pins each run that the sink has taken. */
class Pinner {
  readonly physical: PhysicalMemory
  pinned = 0
  runs = 0
  #into: RunSink | undefined
  #pfn = 0
  #npfns = 0
  #full = false

  constructor(physical: PhysicalMemory) {
    this.physical = physical
  }

  begin(into: RunSink): void {
    this.#into = into
    this.pinned = 0
    this.runs = 0
    this.#npfns = 0
    this.#full = false
  }

  /** Adds `npages` pages of a segment from position `from` of its frames on; false once the sink is full. */
  addSegment(segment: Segment, from: number, npages: number): boolean {
    const frames = segment.frames
    if (frames.list !== undefined) return this.#addList(frames.list, from, from + npages)
    const past = from + npages
    let page = from
    for (let run = runAt(frames, from); page < past; run++) {
      const runPast = run + 1 < frames.runPages.length ? Math.min(past, frames.runPages[run + 1]!) : past
      if (!this.#addRun(frames.runPfns[run]! + (page - frames.runPages[run]!), runPast - page)) return false
      page = runPast
    }
    return true
  }

  /** Hands over the last run. False when the sink refused a run. */
  finish(): boolean {
    if (!this.#full && this.#npfns > 0) this.#flush()
    this.#into = undefined
    return !this.#full
  }

  #addRun(pfn: number, npfns: number): boolean {
    if (this.#npfns > 0) {
      if (pfn === this.#pfn + this.#npfns) {
        this.#npfns += npfns
        return true
      }
      if (!this.#flush()) return false
    }
    this.#pfn = pfn
    this.#npfns = npfns
    return true
  }

  /** The hot loop of scattered memory: one array read, one call of the sink and one pin a page (workloads map.*.scat.*). */
  #addList(list: Uint32Array | Float64Array, from: number, past: number): boolean {
    let runPfn = this.#pfn
    let npfns = this.#npfns
    for (let page = from; page < past; page++) {
      const pfn = list[page]!
      if (npfns > 0) {
        if (pfn === runPfn + npfns) {
          npfns++
          continue
        }
        this.#pfn = runPfn
        this.#npfns = npfns
        if (!this.#flush()) return false
      }
      runPfn = pfn
      npfns = 1
    }
    this.#pfn = runPfn
    this.#npfns = npfns
    return true
  }

  #flush(): boolean {
    if (!this.#into!.add(this.#pfn, this.#npfns)) {
      this.#full = true
      return false
    }
    this.physical.pin(this.#pfn, this.#npfns)
    this.pinned += this.#npfns
    this.runs++
    this.#npfns = 0
    return true
  }
}
