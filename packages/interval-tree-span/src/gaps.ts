import { isBefore, keyAfter, tieAfter } from './keys.ts'
import * as layout from './layout.ts'
import { entryOf, lastTie, startTie } from './nodes.ts'
import { gapIndex, grown, type IntervalStore } from './store.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { CHAIN_END, CHANGED, COUNT, LAST, PARENT, REACH, START, TAG, UNKNOWN, WIDTH } = layout

// The table of gaps: for each entry of each inner node the longest run of indexes, between starts below that entry, that neither an interval
// below it nor one below its left neighbours in the same node holds. What lies in front of the entry's first start is not counted: that can
// be read off the node. A first fit thus knows below which entries it has to look (hole-scan.ts).
//
// A change of the tree only notes the leaf, and how far the interval reaches. The next search for a hole makes unknown what is said of the leaves
// that changed and of all that the intervals reach into, and measures what it comes to. Above an unknown entry all are unknown, so that nothing
// but what changed is measured again. A tree that is never asked for holes has no table and pays one comparison.
// Lengths of 2^53 and more are rounded: a search looks into gaps that are, by rounding, a little too short.

/** Notes that intervals that end at a key or before it came into a leaf or left it. O(1). */
export function noteChange(store: IntervalStore, leaf: number, key: number): void {
  const { keys, words } = store
  if (words[(leaf << 1) + CHANGED] === 0) {
    words[(leaf << 1) + CHANGED] = store.changed
    store.changed = leaf
    keys[leaf + REACH] = key
  } else keys[leaf + REACH] = Math.max(keys[leaf + REACH]!, key)
}

/** Makes unknown what changed since this was last called. O(log n) a changed leaf. */
export function markChanges(store: IntervalStore): void {
  const { keys, words } = store
  const wanted = store.rows * WIDTH
  if (store.gaps.length < wanted) {
    const gaps = new Float64Array(grown(wanted)).fill(UNKNOWN)
    gaps.set(store.gaps)
    store.gaps = gaps
  }
  while (store.changed !== CHAIN_END) {
    const leaf = store.changed
    store.changed = words[(leaf << 1) + CHANGED]!
    words[(leaf << 1) + CHANGED] = 0
    const reach = keys[leaf + REACH]!
    // A leaf without entries was freed.
    let node = words[(leaf << 1) + COUNT]! > 0 ? leaf : store.root
    while (node !== store.root) {
      const parent = words[(node << 1) + PARENT]!
      let entry = entryOf(store, parent, node)
      // What reaches farther holds all that the changes could have held behind it.
      do store.gaps[gapIndex(store, parent, entry)] = UNKNOWN
      while (keys[parent + entry + LAST]! <= reach && ++entry < WIDTH && keys[parent + entry + START]! <= reach)
      node = parent
    }
  }
}

/**
 * Measures the gap of an entry of an inner node, and what is unknown below it. Amortised O(log n) nodes a change of the tree, O(log² n) where intervals
 * overlap those of other nodes; O(n) the first time.
 */
export function measureGap(store: IntervalStore, node: number, entry: number, level: number): number {
  const { keys, words } = store
  const child = words[(node + entry + TAG) << 1]!
  let key = keys[node + entry + START]!
  let tie = startTie(store, node, entry)
  let gap = gapBelow(store, child, level - 1, key, tie)
  for (let left = 0; left < entry; left++) {
    const last = keys[node + left + LAST]!
    const lastTied = lastTie(store, node, left)
    if (isBefore(last, lastTied, key, tie)) continue
    key = keyAfter(last, lastTied)
    tie = tieAfter(last, lastTied)
    gap = UNKNOWN
  }
  if (gap === UNKNOWN) gap = gapBelow(store, child, level - 1, key, tie)
  store.gaps[gapIndex(store, node, entry)] = gap
  return gap
}

/** The longest gap below a node when all in front of (fromKey, fromTie) is held: its first start, or a key behind it once all gaps below are known. */
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
    let gap = level > 0 ? gaps[gapIndex(store, node, entry)]! : 0
    if (gap === UNKNOWN) gap = +measureGap(store, node, entry, level)
    if (isBefore(last, lastTied, key, tie)) continue
    const ahead = keys[node + entry + START]! - key + (startTie(store, node, entry) - tie)
    tableHolds ||= ahead >= 0
    if (level > 0 && !tableHolds) gap = +gapBelow(store, words[(node + entry + TAG) << 1]!, level - 1, key, tie)
    longest = Math.max(longest, ahead, gap)
    tableHolds = true
    key = keyAfter(last, lastTied)
    tie = tieAfter(last, lastTied)
  }
  return longest
}
