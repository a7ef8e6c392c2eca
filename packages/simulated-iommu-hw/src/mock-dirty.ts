import type { DirtyRecorder, DirtyTracking } from './domain-options.ts'
import { HardwareError } from './errors.ts'
import { type MockWords, WORD_DIRTY, WORD_HUGE } from './mock-words.ts'
import { hex, hiOf, loOf, TWO_32, toU64, U64_MAX } from './numbers.ts'
import { LEAF_MASK, LEAF_WORDS } from './sparse-words.ts'

/** Mock pages of a huge mock page. */
const HUGE_UNITS = 512

/** Dirty tracking of the mock (spec simulated-iommu-hw 1.1): bits are set by injection only, since no DMA runs through it. */
export class MockDirty implements DirtyTracking {
  #enabled = false
  readonly #table: MockWords
  readonly #ioPageSize: number

  constructor(table: MockWords, ioPageSize: number) {
    this.#table = table
    this.#ioPageSize = ioPageSize
  }

  get enabled(): boolean {
    return this.#enabled
  }

  setTracking(enabled: boolean): void {
    if (typeof enabled !== 'boolean') throw new TypeError(`enabled must be a boolean, got ${String(enabled)}`)
    this.#enabled = enabled
  }

  /**
   * Walks the mapped mock pages of the range; a dirty one is recorded, and cleaned unless `noClear`. A huge page is recorded with its full length from the
   * position reached on, which may pass the end of the range, and cleaned as a whole. Throws EINVAL when tracking is off and there is a sink.
   * O(mock pages in tables that exist).
   */
  readAndClear(iova: bigint, length: bigint, noClear: boolean, sink: DirtyRecorder | undefined): void {
    const start = toU64(iova, 'iova')
    const bytes = toU64(length, 'length')
    if (bytes !== 0n && start + bytes - 1n > U64_MAX) throw new RangeError(`range ${hex(start)}+${hex(bytes)} passes 2^64-1`)
    if (!this.#enabled && sink !== undefined) throw new HardwareError('EINVAL', 'dirty tracking is off')
    const unit = this.#ioPageSize
    const startHi = hiOf(start)
    const startLo = loOf(start)
    const inUnit = startLo % unit
    const first = (startHi * TWO_32) / unit + (startLo - inUnit) / unit
    // At least one step, also for an empty range, as in the original.
    const past = first + Math.max(1, Math.ceil(Number(bytes) / unit))
    const words = this.#table.words
    for (let key = words.nextKey(first); key < past; key = words.nextKey(key)) key = this.#walkLeaf(key, past, inUnit, noClear, sink)
  }

  /** Walks one leaf from `key` on; returns the next key to look at. */
  #walkLeaf(from: number, past: number, inUnit: number, noClear: boolean, sink: DirtyRecorder | undefined): number {
    const halves = this.#table.words.makeLeaf(from).halves
    const unit = this.#ioPageSize
    const leafPast = Math.min(past, from + LEAF_WORDS - (from & LEAF_MASK))
    let key = from
    while (key < leafPast) {
      const at = 2 * (key & LEAF_MASK) + 1
      const hi = halves[at]!
      if ((hi & WORD_HUGE) !== 0) {
        const head = key - (key % HUGE_UNITS)
        if (this.#table.takeFlags(head, HUGE_UNITS, WORD_DIRTY, noClear)) recordAt(sink, key, unit, inUnit, HUGE_UNITS)
        key += HUGE_UNITS
        continue
      }
      if ((hi & WORD_DIRTY) !== 0) {
        if (!noClear) halves[at] = (hi & ~WORD_DIRTY) >>> 0
        recordAt(sink, key, unit, inUnit, 1)
      }
      key++
    }
    return key
  }
}

function recordAt(sink: DirtyRecorder | undefined, key: number, unit: number, inUnit: number, nunits: number): void {
  if (sink === undefined) return
  const keysAHigh = TWO_32 / unit
  sink.recordAt(Math.floor(key / keysAHigh), (key % keysAHigh) * unit + inUnit, nunits * unit)
}
