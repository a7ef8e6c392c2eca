import type { DirtyRecorder, DirtyTracking } from './domain-options.ts'
import { HardwareError } from './errors.ts'
import { hex, TWO_32, toU64 } from './numbers.ts'
import { bitsBetween, DIRTY_WORDS, ENTRY_LEAF, LEVEL_PAGES, type RadixTables, slotOf, TABLE_ENTRIES, TABLE_WORDS } from './radix-tables.ts'

const BYTES_ALL: bigint = 2n ** 48n

/**
 * Dirty tracking of a radix page table. The bit of an upper entry says that something below is dirty: a read costs O(dirty tables + dirty runs), nothing for
 * clean tables (workloads dirty.read.*).
 */
export class RadixDirty implements DirtyTracking {
  readonly #tables: RadixTables
  #enabled = false
  // Of the read in progress: window in bytes, pages wholly inside it, and the run of dirty pages not yet recorded.
  #start = 0
  #past = 0
  #firstWhole = 0
  #pastWhole = 0
  #keep = false
  #sink: DirtyRecorder | undefined
  #runFirst = 0
  #runPast = -1

  constructor(tables: RadixTables) {
    this.#tables = tables
  }

  get enabled(): boolean {
    return this.#enabled
  }

  setTracking(enabled: boolean): void {
    if (typeof enabled !== 'boolean') throw new TypeError(`enabled must be a boolean, got ${String(enabled)}`)
    this.#enabled = enabled
  }

  /** Internal: a write to a page. False when it is not mapped. */
  mark(page: number): boolean {
    const tables = this.#tables
    const path = [0, 0, 0, 0]
    let level = 3
    for (; level >= 0; level--) {
      const slot = slotOf(page, level)
      const at = path[level]! * TABLE_WORDS + 2 * slot
      if (tables.words[at] === 0) return false
      if ((tables.words[at]! & ENTRY_LEAF) !== 0) break
      path[level - 1] = tables.words[at + 1]!
    }
    if (!this.#enabled) return true
    for (let above = 3; above >= level; above--) tables.soil(path[above]!, slotOf(page, above))
    return true
  }

  /** Whether the leaf that maps a byte is dirty; false when it is not mapped. */
  isDirty(iova: bigint | number): boolean {
    const page = Number(toU64(iova, 'iova') >> 12n)
    let table = 0
    for (let level = 3; level >= 0; level--) {
      const slot = slotOf(page, level)
      const at = table * TABLE_WORDS + 2 * slot
      if ((this.#tables.dirty[table * DIRTY_WORDS + (slot >>> 5)]! & (1 << (slot & 31))) === 0) return false
      if ((this.#tables.words[at]! & ENTRY_LEAF) !== 0) return true
      table = this.#tables.words[at + 1]!
    }
    return false
  }

  /**
   * Records the dirty leaves of [iova, iova+length-1], clipped to it, as maximal runs, and unless `noClear` cleans those that lie wholly inside: a leaf that
   * reaches out of the window stays dirty, or the rest of it would be lost. Throws EINVAL when tracking is off and there is a sink.
   */
  readAndClear(iova: bigint, length: bigint, noClear: boolean, sink: DirtyRecorder | undefined): void {
    const start = toU64(iova, 'iova')
    const past = start + toU64(length, 'length')
    if (past > BYTES_ALL) throw new RangeError(`range ${hex(start)}+${hex(length)} passes 2^48-1`)
    if (!this.#enabled && sink !== undefined) throw new HardwareError('EINVAL', 'dirty tracking is off')
    if (past === start) return
    this.#start = Number(start)
    this.#past = Number(past)
    this.#firstWhole = Math.ceil(this.#start / 4096)
    this.#pastWhole = Math.floor(this.#past / 4096)
    this.#keep = noClear
    this.#sink = sink
    this.#runPast = -1
    this.#visit(0, 3, 0)
    this.#flush()
    this.#sink = undefined
  }

  /** Visits the dirty slots of a table whose first entry is for page `base`. */
  #visit(table: number, level: number, base: number): void {
    const span = LEVEL_PAGES[level]!
    const dirty = this.#tables.dirty
    const firstSlot = Math.max(0, Math.floor((Math.floor(this.#start / 4096) - base) / span))
    const lastSlot = Math.min(TABLE_ENTRIES - 1, Math.floor((Math.floor((this.#past - 1) / 4096) - base) / span))
    for (let word = firstSlot >>> 5; word <= lastSlot >>> 5; word++) {
      let bits = dirty[table * DIRTY_WORDS + word]!
      if (bits === 0) continue
      bits &= bitsBetween(word === firstSlot >>> 5 ? firstSlot & 31 : 0, word === lastSlot >>> 5 ? lastSlot & 31 : 31)
      while (bits !== 0) {
        const bit = 31 - Math.clz32(bits & -bits)
        // Length of the run of set bits from `bit` on; tables are visited one by one.
        const zeros = ~(bits >>> bit)
        const ones = level > 0 ? 1 : zeros === 0 ? 32 : 31 - Math.clz32(zeros & -zeros)
        bits &= ~bitsBetween(bit, bit + ones - 1)
        const slot = word * 32 + bit
        this.#visitSlots(table, level, slot, ones, base + slot * span)
      }
    }
  }

  #visitSlots(table: number, level: number, slot: number, nslots: number, page: number): void {
    const below = level === 0 ? -1 : this.#tables.child(table, slot)
    if (below >= 0) {
      this.#visit(below, level - 1, page)
      if (!this.#keep && !this.#tables.anyDirty(below)) this.#tables.clean(table, slot, 1)
      return
    }
    const past = page + nslots * LEVEL_PAGES[level]!
    this.#add(page, past)
    if (this.#keep) return
    if (level > 0) {
      if (page >= this.#firstWhole && past <= this.#pastWhole) this.#tables.clean(table, slot, 1)
      return
    }
    const from = Math.max(page, this.#firstWhole)
    const to = Math.min(past, this.#pastWhole)
    if (from < to) this.#tables.clean(table, slot + (from - page), to - from)
  }

  #add(page: number, past: number): void {
    if (page === this.#runPast) {
      this.#runPast = past
      return
    }
    this.#flush()
    this.#runFirst = page
    this.#runPast = past
  }

  #flush(): void {
    if (this.#runPast < 0) return
    const from = Math.max(this.#runFirst * 4096, this.#start)
    const past = Math.min(this.#runPast * 4096, this.#past)
    this.#sink?.recordAt(Math.floor(from / TWO_32), from % TWO_32, past - from)
    this.#runPast = -1
  }
}
