import { COUNT, ENTRY_MASK, ID, LAST_HI, LAST_LO, MAX_HI, MAX_LO, NEXT, PARENT, START_HI, START_LO } from './layout.ts'
import type { IntervalStore } from './store.ts'

// Both searches ask for the first interval in order whose last reaches an index. Whoever has a window then looks at its start: an interval
// that reaches the window's first index and starts behind its last one is behind the window, and so is all that follows it.

/** The first place in order whose last is at least (hi, lo), 0 if there is none. O(log n): one node a level. */
export function firstReaching(store: IntervalStore, hi: number, lo: number): number {
  return store.root === 0 ? 0 : descend(store, store.root, store.height, hi, lo)
}

// Measured by itree.*.query_point.
function descend(store: IntervalStore, top: number, levels: number, hi: number, lo: number): number {
  const w = store.words
  let node = top
  for (let level = levels; ; level--) {
    const end = node + w[node + COUNT]!
    let at = node
    for (; at < end; at++) {
      const h = w[at + LAST_HI]!
      if (h > hi || (h === hi && w[at + LAST_LO]! >= lo)) break
    }
    if (at === end) return 0
    if (level === 0) return at
    node = w[at + ID]!
  }
}

/** The first place in order behind `place` whose last is at least (hi, lo), 0 if there is none. O(log n); O(1) when it is near. */
export function nextReaching(store: IntervalStore, place: number, hi: number, lo: number): number {
  const w = store.words
  let leaf = place & ~ENTRY_MASK
  const end = leaf + w[leaf + COUNT]!
  for (let at = place + 1; at < end; at++) {
    const h = w[at + LAST_HI]!
    if (h > hi || (h === hi && w[at + LAST_LO]! >= lo)) return at
  }
  leaf = w[leaf + NEXT]!
  if (leaf === 0) return 0
  const h = w[leaf + MAX_HI]!
  if (h > hi || (h === hi && w[leaf + MAX_LO]! >= lo)) return descend(store, leaf, 0, hi, lo)
  return climb(store, leaf, hi, lo)
}

/** The first place that reaches (hi, lo) behind a whole leaf: up to the first ancestor with such an entry to the right, and down again. */
function climb(store: IntervalStore, leaf: number, hi: number, lo: number): number {
  const w = store.words
  let node = leaf
  for (let level = 0; ; level++) {
    const parent = w[node + PARENT]!
    if (parent === 0) return 0
    const end = parent + w[parent + COUNT]!
    let at = entryOf(store, parent, node) + 1
    for (; at < end; at++) {
      const h = w[at + LAST_HI]!
      if (h > hi || (h === hi && w[at + LAST_LO]! >= lo)) return descend(store, w[at + ID]!, level, hi, lo)
    }
    node = parent
  }
}

/** The place in `parent` that leads to `node`. */
export function entryOf(store: IntervalStore, parent: number, node: number): number {
  const w = store.words
  let at = parent
  while (w[at + ID] !== node) at++
  return at
}

/** The first place in order whose start is at least (hi, lo), 0 if there is none. O(log n). */
export function firstStarting(store: IntervalStore, hi: number, lo: number): number {
  if (store.root === 0) return 0
  const w = store.words
  let node = store.root
  for (let level = store.height; level > 0; level--) {
    let at = node + w[node + COUNT]! - 1
    for (; at > node; at--) {
      const h = w[at + START_HI]!
      if (h < hi || (h === hi && w[at + START_LO]! < lo)) break
    }
    node = w[at + ID]!
  }
  const end = node + w[node + COUNT]!
  for (let at = node; at < end; at++) {
    const h = w[at + START_HI]!
    if (h > hi || (h === hi && w[at + START_LO]! >= lo)) return at
  }
  return w[node + NEXT]!
}

/** The place behind `place` in order, 0 if there is none. O(1). */
export function nextPlace(store: IntervalStore, place: number): number {
  const w = store.words
  const leaf = place & ~ENTRY_MASK
  return place + 1 < leaf + w[leaf + COUNT]! ? place + 1 : w[leaf + NEXT]!
}
