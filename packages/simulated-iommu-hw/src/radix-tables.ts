import { HardwareError } from './errors.ts'
import { FaultPoint } from './fault-point.ts'

/** Entries of a table. */
export const TABLE_ENTRIES = 512
/** u32 words of a table: each entry is a low and a high word. */
export const TABLE_WORDS = 1024
/** u32 words of a table's dirty bits. */
export const DIRTY_WORDS = 16
/** Flag in an entry's low word: the entry is there. An absent entry is 0 in both words. */
export const ENTRY_PRESENT = 1
/** Flag in an entry's low word: a page, not a table. The address is bits 51:12; a table's number is the high word. */
export const ENTRY_LEAF = 2
/** Where the protection bits lie in an entry's low word. */
export const ENTRY_PROT_SHIFT = 2

/** Bits of protection that are kept. */
export const PROT_MASK = 0x3f
/** Pages of the whole address space of 48 bits. */
export const PAGES_ALL: number = 2 ** 36
/** Pages that one entry of a table covers, by level; level 0 holds 4 KiB leaves. A table of powers, since `**` calls a slow pow. */
export const LEVEL_PAGES: readonly number[] = [1, 512, 262144, 134217728]

const FIRST_TABLES = 8
/** So many that the position of any entry is a positive 32-bit integer: 4 TiB in pages of 4 KiB. */
const TABLES_MAX = 2097152

/**
 * The tables of one radix page table in one growing pool, with a free list. Table 0 is the root. Free tables are all zero.
 * Each table has a count of present entries and one dirty bit an entry: "this page, or something below, was written".
 */
export class RadixTables {
  /** Entries of all tables; replaced when it grows, so that callers read it again after `allocate`. */
  words: Uint32Array = new Uint32Array(FIRST_TABLES * TABLE_WORDS)
  /** Present entries of each table. */
  used: Uint16Array = new Uint16Array(FIRST_TABLES)
  /** Dirty bits of each table. */
  dirty: Uint32Array = new Uint32Array(FIRST_TABLES * DIRTY_WORDS)
  /** Makes the n-th table allocation fail. */
  readonly fault: FaultPoint = new FaultPoint('page-table allocation', 'ENOMEM')
  // Two remembered tables, so that neighbouring accesses do not walk from the root. Freeing any table forgets them. The addresses below a table are told by
  // halves, which are compared as they come: one number for both would be a product, and V8 looks at each for overflow and for -0.
  /** High half of the addresses below the remembered table of 4 KiB leaves; -1: none. */
  leafHi = -1
  /** Bits 31:21 of their low half. */
  leafLo = 0
  leafTable = 0
  /** High half of the addresses below the remembered table of 2 MiB entries; -1: none. */
  gibHi = -1
  /** Bits 31:30 of their low half. */
  gibLo = 0
  gibTable = 0
  #next = 1
  readonly #free: number[] = []

  /** Tables in use, the root included. */
  get tableCount(): number {
    return this.#next - this.#free.length
  }

  /** Takes an empty table. Amortised O(1). Throws the injected error, having changed nothing. */
  allocate(): number {
    this.fault.pass()
    const table = this.#free.pop()
    if (table !== undefined) return table
    if (this.#next === this.used.length) this.#grow()
    return this.#next++
  }

  /** Gives an all-zero table back. */
  release(table: number): void {
    this.leafHi = -1
    this.gibHi = -1
    this.#free.push(table)
  }

  /** Table behind a slot, or -1 when the slot is empty or holds a page. */
  child(table: number, slot: number): number {
    const at = table * TABLE_WORDS + 2 * slot
    return (this.words[at]! & (ENTRY_PRESENT | ENTRY_LEAF)) === ENTRY_PRESENT ? this.words[at + 1]! : -1
  }

  /** Remembers the table of 2 MiB entries for a page that has one. */
  rememberGib(page: number): void {
    this.gibTable = this.child(this.child(0, slotOf(page, 3)), slotOf(page, 2))
    this.gibHi = Math.floor(page / 1048576)
    this.gibLo = slotOf(page, 2) & 3
  }

  /** Remembers the table of 4 KiB leaves for a page. */
  rememberLeaf(page: number, table: number): void {
    this.leafTable = table
    this.leafHi = Math.floor(page / 1048576)
    this.leafLo = slotOf(page, 1) | ((slotOf(page, 2) & 3) << 9)
  }

  /** Puts a table behind an empty slot. */
  link(table: number, slot: number, below: number): void {
    const at = table * TABLE_WORDS + 2 * slot
    this.words[at] = ENTRY_PRESENT
    this.words[at + 1] = below
    this.used[table]!++
  }

  /** Empties `nslots` present slots and their dirty bits. */
  clear(table: number, slot: number, nslots: number): void {
    const at = table * TABLE_WORDS + 2 * slot
    if (nslots === 1) {
      this.words[at] = 0
      this.words[at + 1] = 0
    } else this.words.fill(0, at, at + 2 * nslots)
    this.used[table]! -= nslots
    this.clean(table, slot, nslots)
  }

  /** Clears the dirty bits of `nslots` slots. */
  clean(table: number, slot: number, nslots: number): void {
    const dirty = this.dirty
    const base = table * DIRTY_WORDS
    const last = slot + nslots - 1
    for (let word = slot >>> 5; word <= last >>> 5; word++) {
      if (dirty[base + word] === 0) continue
      const from = word === slot >>> 5 ? slot & 31 : 0
      const to = word === last >>> 5 ? last & 31 : 31
      dirty[base + word]! &= ~bitsBetween(from, to)
    }
  }

  /** Sets the dirty bit of a slot. */
  soil(table: number, slot: number): void {
    this.dirty[table * DIRTY_WORDS + (slot >>> 5)]! |= 1 << (slot & 31)
  }

  /** Whether any slot of a table is dirty. */
  anyDirty(table: number): boolean {
    const base = table * DIRTY_WORDS
    for (let word = base; word < base + DIRTY_WORDS; word++) if (this.dirty[word] !== 0) return true
    return false
  }

  #grow(): void {
    const tables = this.used.length * 2
    if (tables > TABLES_MAX) throw new HardwareError('ENOMEM', `a page table of more than ${TABLES_MAX} tables`)
    const words = new Uint32Array(tables * TABLE_WORDS)
    words.set(this.words)
    const used = new Uint16Array(tables)
    used.set(this.used)
    const dirty = new Uint32Array(tables * DIRTY_WORDS)
    dirty.set(this.dirty)
    this.words = words
    this.used = used
    this.dirty = dirty
  }
}

/** Position of an entry's low word. Shifts, not products: a product of u32 becomes a double, and a walk is a chain of them. */
export function entryAt(table: number, slot: number): number {
  return (table << 10) | (slot << 1)
}

/** Slot of a page in its table of a level. */
export function slotOf(page: number, level: number): number {
  if (level === 0) return page & 511
  return level === 1 ? Math.floor(page / 512) & 511 : Math.floor(page / LEVEL_PAGES[level]!) & 511
}

/** The bits from..to of a word, both inclusive. */
export function bitsBetween(from: number, to: number): number {
  return ((0xffff_ffff << from) & (0xffff_ffff >>> (31 - to))) >>> 0
}
