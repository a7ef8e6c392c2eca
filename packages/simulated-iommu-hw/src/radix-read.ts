import { ENTRY_LEAF, PAGES_ALL, type RadixTables, TABLE_ENTRIES, TABLE_WORDS } from './radix-tables.ts'
import type { RunSink } from './run-gatherer.ts'

// Folded into the loop, which an imported constant is not.
const LEAF = ENTRY_LEAF
const WORDS = TABLE_WORDS
const ENTRIES = TABLE_ENTRIES

/** Reads frames back as maximal runs, one walk a table; big leaves cost O(1). See `RadixDomain.readRunsAt`. */
export function readRadixRuns(tables: RadixTables, firstPage: number, npages: number, into: RunSink): number {
  const words = tables.words
  const past = Math.min(firstPage + npages, PAGES_ALL)
  let added = 0
  let runPfn = 0
  let npfns = 0
  for (let page = firstPage; page < past; ) {
    // From the root down to the entry of this page.
    let table = 0
    let span = 134217728
    let at = 2 * Math.floor(page / span)
    while (span > 1 && words[at] !== 0 && (words[at]! & LEAF) === 0) {
      table = words[at + 1]!
      span /= ENTRIES
      at = table * WORDS + 2 * (Math.floor(page / span) % ENTRIES)
    }
    // Then along its table, as far as there are leaves.
    const tablePast = (table + 1) * WORDS
    let entry = words[at]!
    if ((entry & LEAF) === 0) break
    for (; page < past && at < tablePast && ((entry = words[at]!) & LEAF) !== 0; at += 2) {
      const inLeaf = span === 1 ? 0 : page % span
      const pfn = words[at + 1]! * 1048576 + (entry >>> 12) + inLeaf
      const here = Math.min(span - inLeaf, past - page)
      if (npfns !== 0 && pfn === runPfn + npfns) npfns += here
      else {
        if (npfns !== 0) {
          if (!into.add(runPfn, npfns)) return added
          added += npfns
        }
        runPfn = pfn
        npfns = here
      }
      page += here
    }
  }
  return npfns !== 0 && into.add(runPfn, npfns) ? added + npfns : added
}
