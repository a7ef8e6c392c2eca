import type { AtomicSegment } from './atomic-segment.ts'
import { RunCursor } from './dirty-ranges.ts'
import type { Geometry } from './geometry.ts'
import type { BitWindow } from './window.ts'
import { lowestBit } from './words.ts'

/**
 * Harvest of memory that others set bits in meanwhile. Words are taken one by one, each in one atomic step, so that a set that completes before its word is
 * taken is in this harvest and one after it in the next; several harvests at a time share the bits among them. To know where a run ends, the word behind
 * it must have been taken: what is taken ahead of the run is kept here, and `close` puts it back.
 */
export class SharedHarvest extends RunCursor {
  readonly #segment: AtomicSegment
  readonly #owner: BitWindow
  /** Bits taken and not yet reported: bit k is page `#base + k`, of `#width` pages. */
  #bits = 0
  #base = 0
  #width = 0

  constructor(geometry: Geometry, window: BitWindow, first: number, last: number, segment: AtomicSegment) {
    super(geometry, window, first, last, true)
    this.#segment = segment
    this.#owner = window
  }

  /** Steps on the next run. Cost: a load for each 32 pages without a set bit, an exchange for each other. */
  override next(): void {
    if (this.done) return
    this.#owner.checkAlive()
    while (this.#bits === 0) {
      this.position = this.#segment.skipZeros(this.position, this.limit)
      if (this.position > this.limit) {
        this.done = true
        return
      }
      this.#take()
    }
    const from = lowestBit(this.#bits)
    let end = from + onesOf(this.#bits >>> from)
    this.index = this.#base + from
    while (end === this.#width && this.position <= this.limit) {
      this.#take()
      end = onesOf(this.#bits)
    }
    this.lastIndex = this.#base + end - 1
    this.#bits = end === 32 ? 0 : this.#bits & (-1 << end)
  }

  override close(): void {
    this.#putBack()
    super.close()
  }

  #take(): void {
    this.#base = this.position
    this.#bits = this.#segment.take(this.position, this.limit)
    this.#width = this.#segment.takenBits
    this.position += this.#width
  }

  #putBack(): void {
    while (this.#bits !== 0) {
      const bit = lowestBit(this.#bits)
      this.#segment.set(this.#base + bit, this.#base + bit)
      this.#bits &= this.#bits - 1
    }
  }
}

/** Set bits at the low end of a word. */
function onesOf(word: number): number {
  return ~word === 0 ? 32 : lowestBit(~word)
}
