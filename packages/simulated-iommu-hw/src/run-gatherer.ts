import { runAt } from './frames.ts'
import type { PhysicalMemory } from './physical-memory.ts'
import type { Segment, Segments } from './segments.ts'

/** Receives runs of consecutive frames; false: it does not fit, nothing was added. */
export interface RunSink {
  add(pfn: number, npfns: number): boolean
}

/** Gathers the frames of pages into maximal runs, across segments, and pins those that the sink has taken. One serves a whole address space. */
export class RunGatherer {
  /** Frames that the sink took in the last `gather`. */
  taken = 0
  /** Runs that it took. */
  runs = 0
  /** Whether it refused one. */
  full = false
  #pfn = 0
  #npfns = 0

  /** Offers up to `npages` pages from `page` on, as far as they are mapped and their protection is at least `need`. O(runs) or O(listed pages). */
  gather(segments: Segments, page: number, npages: number, need: number, into: RunSink): void {
    this.taken = 0
    this.runs = 0
    this.full = false
    this.#npfns = 0
    let next = page
    let left = npages
    for (let position = segments.position(page); left > 0 && !this.full; position++) {
      const segment = segments.at(position)
      if (segment === undefined || segment.firstPage > next || segment.level < need) break
      const npart = Math.min(left, segment.lastPage - next + 1)
      const from = segment.framesFrom + (next - segment.firstPage)
      if (segment.frames.list === undefined) this.#addRuns(segment, from, from + npart, into)
      else this.#addList(segment.frames.list, from, from + npart, into)
      next += npart
      left -= npart
    }
    if (!this.full && this.#npfns > 0) this.#offer(into)
  }

  /** Pins the pages that the last `gather` handed over; `page` as there. */
  pinTaken(segments: Segments, page: number, physical: PhysicalMemory): void {
    let next = page
    let left = this.taken
    for (let position = segments.position(page); left > 0; position++) {
      const segment = segments.at(position)!
      const npart = Math.min(left, segment.lastPage - next + 1)
      const from = segment.framesFrom + (next - segment.firstPage)
      if (segment.frames.list === undefined) eachRun(segment, from, from + npart, (pfn, npfns) => physical.pinKnown(pfn, npfns))
      else physical.pinListed(segment.frames.list, from, from + npart)
      next += npart
      left -= npart
    }
  }

  #addRuns(segment: Segment, from: number, past: number, into: RunSink): void {
    eachRun(segment, from, past, (pfn, npfns) => {
      if (this.full) return
      if (this.#npfns > 0 && pfn === this.#pfn + this.#npfns) {
        this.#npfns += npfns
        return
      }
      if (this.#npfns > 0) this.#offer(into)
      this.#pfn = pfn
      this.#npfns = npfns
    })
  }

  /** The hot loop of scattered memory: one array read and one call of the sink a page (workloads map.*.scat.*). */
  #addList(list: Uint32Array | Float64Array, from: number, past: number, into: RunSink): void {
    let pfn = this.#pfn
    let npfns = this.#npfns
    let taken = 0
    let runs = 0
    for (let page = from; page < past; page++) {
      const next = list[page]!
      if (npfns > 0) {
        if (next === pfn + npfns) {
          npfns++
          continue
        }
        if (!into.add(pfn, npfns)) {
          this.full = true
          break
        }
        taken += npfns
        runs++
      }
      pfn = next
      npfns = 1
    }
    this.#pfn = pfn
    this.#npfns = npfns
    this.taken += taken
    this.runs += runs
  }

  #offer(into: RunSink): void {
    if (!into.add(this.#pfn, this.#npfns)) {
      this.full = true
      return
    }
    this.taken += this.#npfns
    this.runs++
    this.#npfns = 0
  }
}

/** The runs of a segment that keeps its frames as runs, clipped to positions from..past-1 of its frames. */
function eachRun(segment: Segment, from: number, past: number, visit: (pfn: number, npfns: number) => void): void {
  const { runPages, runPfns } = segment.frames
  let page = from
  for (let run = runAt(segment.frames, from); page < past; run++) {
    const runPast = run + 1 < runPages.length ? Math.min(past, runPages[run + 1]!) : past
    visit(runPfns[run]! + (page - runPages[run]!), runPast - page)
    page = runPast
  }
}
