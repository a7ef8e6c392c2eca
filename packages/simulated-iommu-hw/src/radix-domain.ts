import type { IovaRange } from './domain-options.ts'
import { hiOf, loOf, pageOf, TWO_32, toU64 } from './numbers.ts'
import { RadixDirty } from './radix-dirty.ts'
import { mapRange, unmapPages } from './radix-map.ts'
import { readRadixRuns } from './radix-read.ts'
import {
  ENTRY_LEAF,
  ENTRY_PRESENT,
  ENTRY_PROT_SHIFT,
  entryAt,
  LEVEL_PAGES,
  PAGES_ALL,
  PROT_MASK,
  RadixTables,
  slotOf,
} from './radix-tables.ts'
import { keepResident } from './resident.ts'
import type { RunSink } from './run-gatherer.ts'

// Constants of this module are folded into its code; imported ones are loaded and checked on each use, which costs a translation a fifth of its time.
const PRESENT = ENTRY_PRESENT
const LEAF = ENTRY_LEAF
const LEAF_FLAGS: number = ENTRY_PRESENT | ENTRY_LEAF
const PROT_SHIFT = ENTRY_PROT_SHIFT
const PROT = PROT_MASK
const WORD = TWO_32
/** Address bits of an entry's low word. */
const ADDRESS_LO = -4096

/**
 * A page table of 4 levels of 512 entries over IOVAs 0 .. 2^48-1 with leaves of 4 KiB, 2 MiB and 1 GiB, as large as alignment allows (spec
 * simulated-iommu-hw 4.1). Fits the port `IommuDomain`. Tables live in one pool; emptied ones are freed. `prot` (6 bits) is kept in the leaves.
 */
export class RadixDomain {
  readonly pgsizeBitmap: bigint = 0x4020_1000n
  readonly aperture: IovaRange = { start: 0n, last: 2n ** 48n - 1n }
  // Declared, so that it never holds undefined: V8 would look at what it holds at each use.
  declare readonly dirty: RadixDirty
  mapCalls = 0
  unmapCalls = 0
  flushes = 0
  /** Internal: read by the walkers of this package and the checker. */
  readonly tables: RadixTables = new RadixTables()

  constructor() {
    this.dirty = new RadixDirty(this.tables)
  }

  /** Page tables in use, the root included: 1 when nothing is mapped. */
  get tableCount(): number {
    return this.tables.tableCount
  }

  /**
   * Maps an unmapped range; all or nothing. EINVAL unless iova, phys and length are multiples of 4096, EADDRINUSE when a page of it is mapped;
   * RangeError past 2^48-1. Length 0 maps nothing. O(leaves), one walk a table.
   */
  map(iova: bigint, phys: bigint, length: bigint, prot: number): void {
    toU64(iova, 'iova')
    this.mapAt(hiOf(iova), loOf(iova), Number(toU64(phys, 'phys')), Number(toU64(length, 'length')), prot)
  }

  /** As {@link map}, the IOVA as two u32, `phys` and `length` safe integers. */
  mapAt(iovaHi: number, iovaLo: number, phys: number, length: number, prot: number): void {
    this.mapCalls++
    // Small enough to be inlined by its callers: a physical address is a double, and passing one to a call that is not costs an allocation.
    if (length !== 4096 || !this.#mapOne(iovaHi, iovaLo, phys, prot)) mapRange(this.tables, iovaHi, iovaLo, phys, length, prot)
  }

  /**
   * Removes the leaves of a range, up to the first page that is not mapped, and returns the bytes removed: 0 when iova or length is not a multiple of 4096 or
   * the range begins inside a leaf; more than asked when it ends inside one. O(leaves).
   */
  unmap(iova: bigint, length: bigint): bigint {
    toU64(iova, 'iova')
    return BigInt(this.unmapAt(hiOf(iova), loOf(iova), Number(toU64(length, 'length'))))
  }

  /** As {@link unmap}, the IOVA as two u32. */
  unmapAt(iovaHi: number, iovaLo: number, length: number): number {
    this.unmapCalls++
    if (length === 4096 && this.#unmapOne(iovaHi, iovaLo)) return 4096
    if ((iovaLo & 4095) !== 0 || length % 4096 !== 0) return 0
    return unmapPages(this.tables, iovaHi * 1048576 + (iovaLo >>> 12), length / 4096) * 4096
  }

  /** Physical address of the byte at `iova`; undefined when it is not mapped. O(1): at most four reads. */
  iovaToPhys(iova: bigint): bigint | undefined {
    toU64(iova, 'iova')
    const phys = this.iovaToPhysAt(hiOf(iova), loOf(iova))
    return phys < 0 ? undefined : BigInt(phys)
  }

  /** As {@link iovaToPhys}, the IOVA as two u32; -1 when it is not mapped (workloads dom.radix/iova_to_phys_*). */
  iovaToPhysAt(iovaHi: number, iovaLo: number): number {
    const tables = this.tables
    if (iovaHi === tables.gibHi && iovaLo >>> 30 === tables.gibLo) {
      const words = tables.words
      const upper = (tables.gibTable << 10) | ((iovaLo >>> 20) & 1022)
      if ((words[upper]! & (PRESENT | LEAF)) === PRESENT) {
        // Positions of entries are even: `| 1` is one more, and cannot overflow.
        const at = (words[upper | 1]! << 10) | ((iovaLo >>> 11) & 1022)
        const entry = words[at]!
        return entry === 0 ? -1 : words[at | 1]! * WORD + (((entry & ADDRESS_LO) | (iovaLo & 4095)) >>> 0)
      }
    }
    return this.#walk(iovaHi, iovaLo)
  }

  /** Protection given when the byte at `iova` was mapped; undefined when it is not mapped. */
  protAt(iova: bigint | number): number | undefined {
    const leaf = this.#leafOf(pageOf(toU64(iova, 'iova')))
    return leaf === undefined ? undefined : (this.tables.words[entryAt(leaf.table, leaf.slot)]! >>> PROT_SHIFT) & PROT
  }

  /** Bytes of the leaf that maps `iova` (4 KiB, 2 MiB or 1 GiB); undefined when it is not mapped. */
  leafLengthAt(iova: bigint | number): number | undefined {
    const leaf = this.#leafOf(pageOf(toU64(iova, 'iova')))
    return leaf === undefined ? undefined : 4096 * LEVEL_PAGES[leaf.level]!
  }

  /** Reads `npages` frames back as maximal runs, see {@link readRunsAt}. */
  readRuns(iova: bigint, npages: number, into: RunSink): number {
    toU64(iova, 'iova')
    return this.readRunsAt(hiOf(iova), loOf(iova), npages, into)
  }

  /** Reads the frames of `npages` pages back as maximal runs; stops when `into` refuses, or at a page that is not mapped. Returns the frames added. O(leaves). */
  readRunsAt(iovaHi: number, iovaLo: number, npages: number, into: RunSink): number {
    return readRadixRuns(this.tables, iovaHi * 1048576 + (iovaLo >>> 12), npages, into)
  }

  /** Counted; whoever caches translations of this domain invalidates them now. */
  flush(): void {
    this.flushes++
  }

  /** A device writes to the page at an IOVA: its leaf becomes dirty if tracking is on. False when it is not mapped. O(1). */
  markDirty(iova: bigint | number): boolean {
    const at = toU64(iova, 'iova')
    return this.markDirtyAt(hiOf(at), loOf(at))
  }

  /** As {@link markDirty}, the IOVA as two u32. */
  markDirtyAt(iovaHi: number, iovaLo: number): boolean {
    return iovaHi <= 0xffff && this.dirty.mark(iovaHi * 1048576 + (iovaLo >>> 12))
  }

  /** The long way of `iovaToPhysAt`, from the root; remembers the table of the 1 GiB for the next time. */
  #walk(iovaHi: number, iovaLo: number): number {
    const page = iovaHi * 1048576 + (iovaLo >>> 12)
    const leaf = this.#leafOf(page)
    if (leaf === undefined) return -1
    if (leaf.level < 2) this.tables.rememberGib(page)
    const { words } = this.tables
    const at = entryAt(leaf.table, leaf.slot)
    return words[at + 1]! * WORD + ((words[at]! & ADDRESS_LO) >>> 0) + (page % LEVEL_PAGES[leaf.level]!) * 4096 + (iovaLo & 4095)
  }

  /** The hot case, a page in the table of the page before (workloads map.*.scat.radix.*). False: take the long way, which also finds what is wrong. */
  #mapOne(iovaHi: number, iovaLo: number, phys: number, prot: number): boolean {
    const tables = this.tables
    if (iovaHi !== tables.leafHi || iovaLo >>> 21 !== tables.leafLo) return false
    const words = tables.words
    const at = (tables.leafTable << 10) | ((iovaLo >>> 11) & 1022)
    const hi = (phys / WORD) | 0
    const lo = phys >>> 0
    // The last comparison finds whatever is negative, a fraction or beyond 2^63, where `| 0` takes the high half by 2^32.
    if (((iovaLo | lo) & 4095) !== 0 || words[at] !== 0 || hi >>> 20 !== 0 || hi * WORD + lo !== phys) return false
    words[at] = (lo | ((prot & PROT) << PROT_SHIFT) | LEAF_FLAGS) >>> 0
    words[at | 1] = hi
    tables.used[tables.leafTable]!++
    return true
  }

  /** The hot case, a page in the table of the page before, which is not its last one. False: take the long way. */
  #unmapOne(iovaHi: number, iovaLo: number): boolean {
    const tables = this.tables
    if (iovaHi !== tables.leafHi || iovaLo >>> 21 !== tables.leafLo || (iovaLo & 4095) !== 0) return false
    const { words, used, dirty, leafTable: table } = tables
    const slot = (iovaLo >>> 12) & 511
    const at = (table << 10) | (slot << 1)
    if (words[at] === 0 || used[table] === 1) return false
    words[at] = 0
    words[at | 1] = 0
    used[table]!--
    const word = (table << 4) | (slot >>> 5)
    if (dirty[word] !== 0) dirty[word]! &= ~(1 << (slot & 31))
    return true
  }

  #leafOf(page: number): { table: number; slot: number; level: number } | undefined {
    if (page >= PAGES_ALL) return undefined
    let table = 0
    for (let level = 3; level >= 0; level--) {
      const slot = slotOf(page, level)
      const at = entryAt(table, slot)
      const entry = this.tables.words[at]!
      if (entry === 0) return undefined
      if ((entry & LEAF) !== 0) return { table, slot, level }
      table = this.tables.words[at + 1]!
    }
    return undefined
  }
}

keepResident(new RadixDomain())
