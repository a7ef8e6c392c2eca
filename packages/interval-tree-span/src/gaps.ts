import { isBefore, keyAfter, tieAfter } from './keys.ts'
import * as layout from './layout.ts'
import { entryOf, lastTie, startTie } from './nodes.ts'
import { endsFrom } from './search.ts'
import { gapIndex, grown, type IntervalStore } from './store.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { COUNT, LAST, PARENT, START, TAG, UNKNOWN, WIDTH } = layout

// The table of gaps: for each entry of each inner node the longest run of indexes, between starts below that entry, that neither an interval
// below it nor one below its left neighbours in the same node holds. What lies in front of the entry's first start is not counted: that can
// be read off the node. A first fit thus knows below which entries it has to look (hole-scan.ts).
//
// A change of the tree marks as unknown the entries above it, and those that it reaches into; the next search for a hole measures what it needs.
// A tree that is never asked for holes has no table and pays one comparison.
// Lengths of 2^53 and more are rounded: a search looks into gaps that are, by rounding, a little too short.

/** To be called when an interval that ends at (key, tie) came into a leaf, or is about to leave it. O(log n). */
export function markChange(store: IntervalStore, leaf: number, key: number, tie: number): void {
  const w = store.words
  let node = leaf
  let reachesOut = true
  while (node !== store.root) {
    const parent = w[(node << 1) + PARENT]!
    const entry = entryOf(store, parent, node)
    store.gaps[gapIndex(store, parent, entry)] = UNKNOWN
    if (reachesOut) reachesOut = markFollowers(store, parent, entry, key, tie)
    node = parent
  }
}

/** Marks the entries behind one that (key, tie) reaches into. Says whether (key, tie) lies behind all other entries of the node. */
function markFollowers(store: IntervalStore, node: number, own: number, key: number, tie: number): boolean {
  const { keys, words } = store
  const count = words[(node << 1) + COUNT]!
  for (let entry = 0; entry < own; entry++) if (endsFrom(store, node, entry, key, tie)) return false
  for (let entry = own + 1; entry < count; entry++) {
    if (isBefore(key, tie, keys[node + entry + START]!, startTie(store, node, entry))) return false
    store.gaps[gapIndex(store, node, entry)] = UNKNOWN
    if (endsFrom(store, node, entry, key, tie)) return false
  }
  return true
}

/** Measures what a search needs and is marked. Amortised O(1) entries a change of the tree, O(n) the first time. */
export function measureGaps(store: IntervalStore): void {
  if (store.height === 0 || store.gapsKnown !== 0) return
  const wanted = store.rows * WIDTH
  if (store.gaps.length < wanted) {
    const gaps = new Float64Array(grown(wanted)).fill(UNKNOWN)
    gaps.set(store.gaps)
    store.gaps = gaps
  }
  gapBelow(store, store.root, store.height, 0, 0)
  store.gapsKnown = 1
}

/** The longest gap below a node when all in front of (fromKey, fromTie), which is not before the node's first start, is held. */
function gapBelow(store: IntervalStore, node: number, level: number, fromKey: number, fromTie: number): number {
  const { gaps, keys, words } = store
  const count = words[(node << 1) + COUNT]!
  // These conversions tell V8 that what goes around the loop are machine numbers.
  let key = +fromKey
  let tie = fromTie | 0
  let longest = 0
  // Once (key, tie) comes from an entry of this node, the table holds for all that follow.
  let tableHolds = false
  for (let entry = 0; entry < count; entry++) {
    const last = keys[node + entry + LAST]!
    const lastTied = lastTie(store, node, entry)
    if (isBefore(last, lastTied, key, tie)) continue
    const start = keys[node + entry + START]!
    const startTied = startTie(store, node, entry)
    const ahead = start - key + (startTied - tie)
    if (ahead > 0) {
      longest = Math.max(longest, ahead)
      key = start
      tie = startTied
    }
    if (level > 0) {
      const index = gapIndex(store, node, entry)
      tableHolds ||= ahead >= 0
      let gap = tableHolds ? gaps[index]! : UNKNOWN
      if (gap === UNKNOWN) gap = +gapBelow(store, words[(node + entry + TAG) << 1]!, level - 1, key, tie)
      if (tableHolds) gaps[index] = gap
      longest = Math.max(longest, gap)
    }
    tableHolds = true
    key = keyAfter(last, lastTied)
    tie = tieAfter(last, lastTied)
  }
  return longest
}
