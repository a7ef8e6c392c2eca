import { TWO_32 } from './keys.ts'
import { COUNT, ID, LAST_HI, LAST_LO, MAX_HI, MAX_LO, PARENT, ROW, STALE, START_HI, START_LO, WIDTH } from './layout.ts'
import { entryOf } from './search.ts'
import type { IntervalStore } from './store.ts'

// The table of gaps: for each entry of each inner node the longest run of indexes, between starts below that entry, that neither an interval
// below it nor one below its left neighbours in the same node holds. What lies in front of the entry's first start is not counted: that can
// be read off the node. A first fit thus knows below which entries it has to look (hole-cursor64.ts).
//
// A change of the tree only marks entries as unknown, upwards until it meets one that is marked; the next search for a hole measures anew what
// is marked. A tree that is never asked for holes has no table and pays one comparison. Every marked entry has marked entries above it.

/** The value of an entry that has to be measured. */
export const UNKNOWN = -1

/** 1 + 2^-52: rounds a length of 2^53 and more up, so that the table never says less than the truth. */
const ROUND_UP = 1.0000000000000002

/** The number of indexes from (fromHi, fromLo) to before (toHi, toLo), rounded up above 2^53. */
function distance(toHi: number, toLo: number, fromHi: number, fromLo: number): number {
  const d = (toHi - fromHi) * TWO_32 + (toLo - fromLo)
  return d > Number.MAX_SAFE_INTEGER ? d * ROUND_UP : d
}

/** The index in the table of an entry. */
export function gapIndex(w: Uint32Array, node: number, at: number): number {
  return w[node + ROW]! * WIDTH + (at - node)
}

/** To be called when an interval that ends at (hi, lo) came into a leaf or left it. O(log n) once, then O(1) until the next search. */
export function markChange(store: IntervalStore, leaf: number, hi: number, lo: number): void {
  const w = store.words
  let node = leaf
  let parent = w[node + PARENT]!
  // Neighbours to the right are concerned only if what ended at (hi, lo) ended behind all that was in front of them.
  let reachesOut = !isBefore(hi, lo, w[leaf + MAX_HI]!, w[leaf + MAX_LO]!)
  while (parent !== 0 && (reachesOut || w[node + STALE] === 0)) {
    const at = entryOf(store, parent, node)
    store.gaps[gapIndex(w, parent, at)] = UNKNOWN
    w[node + STALE] = 1
    if (reachesOut) reachesOut = markFollowers(store, parent, at, hi, lo)
    node = parent
    parent = w[node + PARENT]!
  }
}

/** Marks the entries behind `at` that (hi, lo) reaches into. Says whether (hi, lo) lies behind all other entries of the node. */
function markFollowers(store: IntervalStore, node: number, at: number, hi: number, lo: number): boolean {
  const w = store.words
  const end = node + w[node + COUNT]!
  for (let other = node; other < at; other++) if (!isBefore(w[other + LAST_HI]!, w[other + LAST_LO]!, hi, lo)) return false
  for (let other = at + 1; other < end; other++) {
    if (isBefore(hi, lo, w[other + START_HI]!, w[other + START_LO]!)) return false
    store.gaps[gapIndex(w, node, other)] = UNKNOWN
    if (!isBefore(w[other + LAST_HI]!, w[other + LAST_LO]!, hi, lo)) return false
  }
  return true
}

/** Marks a node, and those above it. */
export function markUp(store: IntervalStore, from: number): void {
  const w = store.words
  let node = from
  for (let parent = w[node + PARENT]!; parent !== 0; parent = w[node + PARENT]!) {
    store.gaps[gapIndex(w, parent, entryOf(store, parent, node))] = UNKNOWN
    w[node + STALE] = 1
    node = parent
  }
}

/** Marks all entries of an inner node and of those above it. */
export function markRowsUp(store: IntervalStore, from: number): void {
  for (let node = from; node !== 0; node = store.words[node + PARENT]!) markRow(store, node)
}

/** Marks two neighbours, between which entries are about to move. What is above them is marked already, because one of them changed. */
export function markPair(store: IntervalStore, parent: number, at: number, level: number): void {
  const w = store.words
  const index = gapIndex(w, parent, at)
  store.gaps[index] = UNKNOWN
  store.gaps[index + 1] = UNKNOWN
  if (level === 0) return
  markRow(store, w[at + ID]!)
  markRow(store, w[at + 1 + ID]!)
}

/** Marks all entries of an inner node, of which the caller knows that what is above it is marked. */
export function markRow(store: IntervalStore, node: number): void {
  const row = store.words[node + ROW]! * WIDTH
  store.gaps.fill(UNKNOWN, row, row + WIDTH)
}

/** Makes room in a node's row for an entry at `at`, marks it and the one before it, which it was cut from. */
export function openGap(store: IntervalStore, node: number, at: number): void {
  const index = gapIndex(store.words, node, at)
  store.gaps.copyWithin(index + 1, index, index - (at - node) + WIDTH - 1)
  store.gaps[index - 1] = UNKNOWN
  store.gaps[index] = UNKNOWN
}

/** Takes the entry at `at` out of a node's row. */
export function closeGap(store: IntervalStore, node: number, at: number): void {
  const index = gapIndex(store.words, node, at)
  store.gaps.copyWithin(index, index + 1, index - (at - node) + WIDTH)
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
  const w = store.words
  const gaps = store.gaps
  const end = node + w[node + COUNT]!
  let index = gapIndex(w, node, node)
  // (hi, lo) is the first index behind all entries so far; overflow: there is none.
  let hi = 0
  let lo = 0
  let overflow = false
  for (let at = node; at < end; at++, index++) {
    if (gaps[index]! < 0) {
      const child = w[at + ID]!
      if (level > 1) measureNode(store, child, level - 1)
      w[child + STALE] = 0
      const startHi = w[at + START_HI]!
      const startLo = w[at + START_LO]!
      if (overflow) gaps[index] = 0
      else if (isBefore(startHi, startLo, hi, lo)) gaps[index] = gapBelow(store, child, level - 1, hi, lo)
      else gaps[index] = gapBelow(store, child, level - 1, startHi, startLo)
    }
    const lastHi = w[at + LAST_HI]!
    const lastLo = w[at + LAST_LO]!
    if (overflow || isBefore(lastHi, lastLo, hi, lo)) continue
    lo = (lastLo + 1) >>> 0
    hi = lo === 0 ? lastHi + 1 : lastHi
    overflow = hi === TWO_32
  }
}

/** The longest gap below a measured node when all in front of (fromHi, fromLo), which is not before the node's first start, is held. */
export function gapBelow(store: IntervalStore, node: number, level: number, fromHi: number, fromLo: number): number {
  const w = store.words
  const end = node + w[node + COUNT]!
  let hi = fromHi
  let lo = fromLo
  let longest = 0
  // Once (hi, lo) comes from an entry of this node, the table holds for all that follow.
  let tableHolds = false
  for (let at = node; at < end; at++) {
    const lastHi = w[at + LAST_HI]!
    const lastLo = w[at + LAST_LO]!
    if (isBefore(lastHi, lastLo, hi, lo)) continue
    const startHi = w[at + START_HI]!
    const startLo = w[at + START_LO]!
    if (isBefore(hi, lo, startHi, startLo)) {
      const gap = distance(startHi, startLo, hi, lo)
      if (gap > longest) longest = gap
      hi = startHi
      lo = startLo
    }
    if (level > 0) {
      const holds = tableHolds || (hi === startHi && lo === startLo)
      const gap = holds ? store.gaps[gapIndex(w, node, at)]! : gapBelow(store, w[at + ID]!, level - 1, hi, lo)
      if (gap > longest) longest = gap
    }
    tableHolds = true
    lo = (lastLo + 1) >>> 0
    hi = lo === 0 ? lastHi + 1 : lastHi
    if (hi === TWO_32) break
  }
  return longest
}

/** Whether (aHi, aLo) < (bHi, bLo). */
export function isBefore(aHi: number, aLo: number, bHi: number, bLo: number): boolean {
  return aHi < bHi || (aHi === bHi && aLo < bLo)
}
