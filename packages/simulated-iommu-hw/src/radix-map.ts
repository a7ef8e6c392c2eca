import { HardwareError } from './errors.ts'
import { hex, TWO_32 } from './numbers.ts'
import {
  ENTRY_LEAF,
  ENTRY_PRESENT,
  ENTRY_PROT_SHIFT,
  entryAt,
  LEVEL_PAGES,
  PAGES_ALL,
  PROT_MASK,
  type RadixTables,
  slotOf,
  TABLE_ENTRIES,
} from './radix-tables.ts'

const PHYS_LIMIT: number = 2 ** 52

/** Maps a range, all or nothing; see `RadixDomain.map`. O(leaves), one walk a table. */
export function mapRange(tables: RadixTables, iovaHi: number, iovaLo: number, phys: number, length: number, prot: number): void {
  if ((iovaLo & 4095) !== 0 || phys % 4096 !== 0 || length % 4096 !== 0)
    throw new HardwareError('EINVAL', `map of ${hex(iovaHi * TWO_32 + iovaLo)}+${hex(length)} to ${hex(phys)}: not multiples of 4096`)
  const page = iovaHi * 1048576 + (iovaLo >>> 12)
  const npages = length / 4096
  if (page + npages > PAGES_ALL || !(phys >= 0 && phys + length <= PHYS_LIMIT))
    throw new RangeError(`map of ${hex(page * 4096)}+${hex(length)} to ${hex(phys)} passes 2^48-1 or the 52 bits of an address`)
  let done = 0
  try {
    while (done < npages) done += mapPart(tables, page + done, phys / 4096 + done, npages - done, prot)
  } catch (error) {
    unmapPages(tables, page, done)
    prune(tables, page + done)
    throw error
  }
}

/** Removes leaves up to the first page that is not mapped; returns the pages removed, which may be more than asked; see `RadixDomain.unmap`. */
export function unmapPages(tables: RadixTables, page: number, npages: number): number {
  let done = 0
  while (done < npages) {
    const removed = unmapPart(tables, page + done, npages - done)
    if (removed === 0) break
    done += removed
  }
  return done
}

/** Maps what fits into one table with the largest leaves possible; returns the pages mapped. */
function mapPart(tables: RadixTables, page: number, pfn: number, npages: number, prot: number): number {
  const level = levelFor(page, pfn, npages)
  const span = LEVEL_PAGES[level]!
  const table = descend(tables, page, level)
  const slot = slotOf(page, level)
  const nslots = Math.min(Math.floor(npages / span), TABLE_ENTRIES - slot)
  checkEmpty(tables, table, slot, nslots, page, span)
  const words = tables.words
  const step = span * 4096
  const flags = ((prot & PROT_MASK) << ENTRY_PROT_SHIFT) | ENTRY_PRESENT | ENTRY_LEAF
  let lo = (pfn % 1048576) * 4096
  let hi = Math.floor(pfn / 1048576)
  const first = entryAt(table, slot)
  for (let at = first; at < first + 2 * nslots; at += 2) {
    words[at] = (lo | flags) >>> 0
    words[at + 1] = hi
    lo += step
    if (lo >= TWO_32) {
      lo -= TWO_32
      hi++
    }
  }
  tables.used[table]! += nslots
  if (level === 0) tables.rememberLeaf(page, table)
  return nslots * span
}

/** The largest leaf that fits: 2 for 1 GiB, 1 for 2 MiB, 0 for 4 KiB. A table ends where a bigger leaf may begin, so that rounds end there too (spec 4.1). */
function levelFor(page: number, pfn: number, npages: number): number {
  for (let level = 2; level > 0; level--) {
    const span = LEVEL_PAGES[level]!
    if (npages >= span && page % span === 0 && pfn % span === 0) return level
  }
  return 0
}

function checkEmpty(tables: RadixTables, table: number, slot: number, nslots: number, page: number, span: number): void {
  if (tables.used[table] === 0) return
  const first = entryAt(table, slot)
  for (let at = first; at < first + 2 * nslots; at += 2) if (tables.words[at] !== 0) throw occupied(page + ((at - first) / 2) * span)
}

/** The table of a level (0: of 4 KiB leaves) for a page; tables on the way are made. Throws EADDRINUSE at a leaf on the way, ENOMEM without a table. */
function descend(tables: RadixTables, page: number, level: number): number {
  let table = 0
  for (let above = 3; above > level; above--) {
    const slot = slotOf(page, above)
    let below = tables.child(table, slot)
    if (below < 0) {
      if (tables.words[entryAt(table, slot)] !== 0) throw occupied(page)
      below = tables.allocate()
      tables.link(table, slot, below)
    }
    table = below
  }
  return table
}

/** Removes the leaves of one table from `page` on; returns the pages removed, 0 at a hole or inside a leaf. */
function unmapPart(tables: RadixTables, page: number, npages: number): number {
  if (page >= PAGES_ALL) return 0
  let table = 0
  let level = 3
  for (; level > 0; level--) {
    const below = tables.child(table, slotOf(page, level))
    if (below < 0) break
    table = below
  }
  const span = LEVEL_PAGES[level]!
  if (level === 0) tables.rememberLeaf(page, table)
  else if (page % span !== 0) return 0
  const slot = slotOf(page, level)
  const first = entryAt(table, slot)
  const past = first + 2 * Math.min(Math.ceil(npages / span), TABLE_ENTRIES - slot)
  let at = first
  while (at < past && (tables.words[at]! & ENTRY_LEAF) !== 0) at += 2
  const nslots = (at - first) / 2
  if (nslots === 0) return 0
  tables.clear(table, slot, nslots)
  if (tables.used[table] === 0) prune(tables, page)
  return nslots * span
}

/** Frees the empty tables on the way to a page. */
function prune(tables: RadixTables, page: number): void {
  if (page >= PAGES_ALL) return
  const path = [0]
  for (let level = 3; level > 0; level--) {
    const below = tables.child(path[3 - level]!, slotOf(page, level))
    if (below < 0) break
    path.push(below)
  }
  for (let depth = path.length - 1; depth > 0 && tables.used[path[depth]!] === 0; depth--) {
    tables.clear(path[depth - 1]!, slotOf(page, 4 - depth), 1)
    tables.release(path[depth]!)
  }
}

function occupied(page: number): HardwareError {
  return new HardwareError('EADDRINUSE', `${hex(page * 4096)} is mapped already`)
}
