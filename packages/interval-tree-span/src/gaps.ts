import { isBefore } from './keys.ts'
import * as layout from './layout.ts'
import { entryOf, lastTie, reaches, startTie } from './nodes.ts'
import type { IntervalStore } from './store.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { COUNT, LAST, PARENT, ROW, STALE, START, TAG, WIDTH } = layout

// The table of gaps: for each entry of each inner node the longest run of indexes, between starts below that entry, that neither an interval
// below it nor one below its left neighbours in the same node holds. What lies in front of the entry's first start is not counted: that can
// be read off the node. A first fit thus knows below which entries it has to look (hole-cursor64.ts).
//
// A change of the tree only marks entries as unknown, upwards until it meets one that is marked; the next search for a hole measures anew what
// is marked. A tree that is never asked for holes has no table and pays one comparison. Every marked entry has marked entries above it.

/** The value of an entry that has to be measured. */
const UNKNOWN = -1

/** 1 + 2^-52: rounds a length of 2^53 and more up, so that the table never says less than the truth. */
const ROUND_UP = 1.0000000000000002

/** The index in the table of an entry. */
export function gapIndex(store: IntervalStore, node: number, entry: number): number {
  return store.words[(node << 1) + ROW]! * WIDTH + entry
}

/** To be called when an interval that ends at (key, tie) came into a leaf or left it. O(log n) once, then O(1) until the next search. */
export function markChange(store: IntervalStore, leaf: number, key: number, tie: number): void {
  const w = store.words
  let node = leaf
  let parent = w[(node << 1) + PARENT]!
  // Neighbours to the right are concerned only if what ended at (key, tie) ended behind all that was in front of them.
  let reachesOut = parent !== 0 && !reachesBeyond(store, leaf, key, tie)
  while (parent !== 0 && (reachesOut || w[(node << 1) + STALE] === 0)) {
    const entry = entryOf(store, parent, node)
    store.gaps[gapIndex(store, parent, entry)] = UNKNOWN
    w[(node << 1) + STALE] = 1
    if (reachesOut) reachesOut = markFollowers(store, parent, entry, key, tie)
    node = parent
    parent = w[(node << 1) + PARENT]!
  }
}

/** Whether an entry of a node ends behind (key, tie). */
function reachesBeyond(store: IntervalStore, node: number, key: number, tie: number): boolean {
  return tie === store.tieMax ? reaches(store, node, key + 1, 0) : reaches(store, node, key, tie + 1)
}

/** Marks the entries behind one that (key, tie) reaches into. Says whether (key, tie) lies behind all other entries of the node. */
function markFollowers(store: IntervalStore, node: number, own: number, key: number, tie: number): boolean {
  const { keys, words } = store
  const count = words[(node << 1) + COUNT]!
  for (let entry = 0; entry < own; entry++) if (!isBefore(keys[node + entry + LAST]!, lastTie(store, node, entry), key, tie)) return false
  for (let entry = own + 1; entry < count; entry++) {
    if (isBefore(key, tie, keys[node + entry + START]!, startTie(store, node, entry))) return false
    store.gaps[gapIndex(store, node, entry)] = UNKNOWN
    if (!isBefore(keys[node + entry + LAST]!, lastTie(store, node, entry), key, tie)) return false
  }
  return true
}

/** Marks a node, and those above it. */
export function markUp(store: IntervalStore, from: number): void {
  const w = store.words
  let node = from
  for (let parent = w[(node << 1) + PARENT]!; parent !== 0; parent = w[(node << 1) + PARENT]!) {
    store.gaps[gapIndex(store, parent, entryOf(store, parent, node))] = UNKNOWN
    w[(node << 1) + STALE] = 1
    node = parent
  }
}

/** Marks all entries of an inner node and of those above it. */
export function markRowsUp(store: IntervalStore, from: number): void {
  for (let node = from; node !== 0; node = store.words[(node << 1) + PARENT]!) markRow(store, node)
}

/** Marks two neighbours, between which entries are about to move. What is above them is marked already, because one of them changed. */
export function markPair(store: IntervalStore, parent: number, entry: number, level: number): void {
  const w = store.words
  const index = gapIndex(store, parent, entry)
  store.gaps[index] = UNKNOWN
  store.gaps[index + 1] = UNKNOWN
  if (level === 0) return
  markRow(store, w[(parent + entry + TAG) << 1]!)
  markRow(store, w[(parent + entry + 1 + TAG) << 1]!)
}

/** Marks all entries of an inner node, of which the caller knows that what is above it is marked. */
function markRow(store: IntervalStore, node: number): void {
  const row = gapIndex(store, node, 0)
  store.gaps.fill(UNKNOWN, row, row + WIDTH)
}

/** Makes room in a node's row for an entry, marks it and the one before it, which it was cut from. */
export function openGap(store: IntervalStore, node: number, entry: number): void {
  const row = gapIndex(store, node, 0)
  store.gaps.copyWithin(row + entry + 1, row + entry, row + WIDTH - 1)
  store.gaps.fill(UNKNOWN, row + entry - 1, row + entry + 1)
}

/** Takes an entry out of a node's row. */
export function closeGap(store: IntervalStore, node: number, entry: number): void {
  const row = gapIndex(store, node, 0)
  store.gaps.copyWithin(row + entry, row + entry + 1, row + WIDTH)
}

/** Measures all that is marked. Amortised O(1) entries a change of the tree, O(n) the first time. */
export function measureGaps(store: IntervalStore): void {
  if (store.height === 0) return
  const wanted = store.rows * WIDTH
  if (store.gaps.length < wanted) {
    const gaps = new Float64Array(Math.max(wanted, store.gaps.length + (store.gaps.length >> 1))).fill(UNKNOWN)
    gaps.set(store.gaps)
    store.gaps = gaps
  }
  measureNode(store, store.root, store.height)
}

function measureNode(store: IntervalStore, node: number, level: number): void {
  const { gaps, keys, words } = store
  const count = words[(node << 1) + COUNT]!
  const row = gapIndex(store, node, 0)
  // (key, tie) is the first index behind all entries so far; at first there is none, and (0, 0) will do.
  let key = 0
  let tie = 0
  for (let entry = 0; entry < count; entry++) {
    if (gaps[row + entry]! < 0) {
      const child = words[(node + entry + TAG) << 1]!
      if (level > 1) measureNode(store, child, level - 1)
      words[(child << 1) + STALE] = 0
      const start = keys[node + entry + START]!
      const startTied = startTie(store, node, entry)
      const cut = isBefore(start, startTied, key, tie)
      gaps[row + entry] = cut ? gapBelow(store, child, level - 1, key, tie) : gapBelow(store, child, level - 1, start, startTied)
    }
    const last = keys[node + entry + LAST]!
    const lastTied = lastTie(store, node, entry)
    if (isBefore(last, lastTied, key, tie)) continue
    tie = lastTied === store.tieMax ? 0 : lastTied + 1
    key = tie === 0 ? last + 1 : last
  }
}

/** The longest gap below a measured node when all in front of (fromKey, fromTie), which is not before the node's first start, is held. */
export function gapBelow(store: IntervalStore, node: number, level: number, fromKey: number, fromTie: number): number {
  const { keys, words, tieMax } = store
  const count = words[(node << 1) + COUNT]!
  let key = fromKey
  let tie = fromTie
  let longest = 0
  // Once (key, tie) comes from an entry of this node, the table holds for all that follow.
  let tableHolds = false
  for (let entry = 0; entry < count; entry++) {
    const last = keys[node + entry + LAST]!
    const lastTied = lastTie(store, node, entry)
    if (isBefore(last, lastTied, key, tie)) continue
    const start = keys[node + entry + START]!
    const startTied = startTie(store, node, entry)
    if (isBefore(key, tie, start, startTied)) {
      const gap = (start - key) * (tieMax + 1) + (startTied - tie)
      if (gap > longest) longest = gap
      key = start
      tie = startTied
    }
    if (level > 0) {
      const holds = tableHolds || (key === start && tie === startTied)
      const gap = holds
        ? store.gaps[gapIndex(store, node, entry)]!
        : gapBelow(store, words[(node + entry + TAG) << 1]!, level - 1, key, tie)
      if (gap > longest) longest = gap
    }
    tableHolds = true
    tie = lastTied === tieMax ? 0 : lastTied + 1
    key = tie === 0 ? last + 1 : last
  }
  return longest > Number.MAX_SAFE_INTEGER ? longest * ROUND_UP : longest
}
