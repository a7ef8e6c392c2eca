import * as layout from './layout.ts'
import { entryOf, lastTie, reaches, startTie } from './nodes.ts'
import type { IntervalStore } from './store.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { ASCENDS, COUNT, ENTRY_MASK, LAST, NEXT, PARENT, START, TAG, TIES } = layout

// The searches ask for the first interval in order whose last reaches a key. Whoever has a window then looks at its start: an interval that
// reaches the window's first key and starts behind its last one is behind the window, and so is all that follows it.
//
// Within a node whose lasts ascend, the entry is found by counting the entries in front of it: two rounds of three comparisons, the results
// added as numbers, without a branch that could be mispredicted. That halves the time of a descent.

/** The first place in order whose last is at least (key, tie), 0 if there is none. O(log n): one node a level. */
export function firstReaching(store: IntervalStore, key: number, tie: number): number {
  if (key > store.maxKey || (key === store.maxKey && tie > store.maxTie)) return 0
  return descend(store, store.root, store.height, key, tie)
}

/** The first place below a node, which has one, whose last is at least (key, tie). Measured by itree.*.query_point. */
function descend(store: IntervalStore, top: number, levels: number, key: number, tie: number): number {
  const { keys, words } = store
  let node = top
  for (let level = levels; ; level--) {
    const base = node + LAST
    let entry = 0
    if (words[(node << 1) + ASCENDS] === 1) {
      entry = (+(keys[base + 3]! < key) + +(keys[base + 7]! < key) + +(keys[base + 11]! < key)) << 2
      const at = base + entry
      entry += +(keys[at]! < key) + +(keys[at + 1]! < key) + +(keys[at + 2]! < key)
    } else while (keys[base + entry]! < key) entry++
    if (tie !== 0) entry = skipTies(store, node, entry, key, tie)
    if (level === 0) return (node << 2) + entry
    node = words[(node + entry + TAG) << 1]! | 0
  }
}

/** `descend` within a node from an entry on, for keys that have ties. */
function skipTies(store: IntervalStore, node: number, from: number, key: number, tie: number): number {
  const { keys, words } = store
  const base = node + LAST
  let entry = from
  while (keys[base + entry]! < key || (keys[base + entry] === key && (words[(node << 1) + TIES + entry]! & 0xffff) < tie)) entry++
  return entry
}

/** The first place in order behind `place` whose last is at least (key, tie), 0 if there is none. O(log n); O(1) when it is near. */
export function nextReaching(store: IntervalStore, place: number, key: number, tie: number): number {
  const { keys, words } = store
  const leaf = (place >> 4) << 2
  const end = leaf + LAST + words[(leaf << 1) + COUNT]!
  for (let at = leaf + LAST + (place & ENTRY_MASK) + 1; at < end; at++) {
    if (keys[at]! > key || (keys[at] === key && lastTie(store, leaf, at - leaf - LAST) >= tie)) return (leaf << 2) + at - leaf - LAST
  }
  const next = words[(leaf << 1) + NEXT]!
  if (next === 0) return 0
  if (keys[next + LAST]! > key) return next << 2
  return reaches(store, next, key, tie) ? descend(store, next, 0, key, tie) : climb(store, next, key, tie)
}

/** The first place that reaches (key, tie) behind a whole leaf: up to the first ancestor with such an entry to the right, and down again. */
function climb(store: IntervalStore, leaf: number, key: number, tie: number): number {
  const { keys, words } = store
  let node = leaf
  for (let level = 0; ; level++) {
    const parent = words[(node << 1) + PARENT]!
    if (parent === 0) return 0
    const count = words[(parent << 1) + COUNT]!
    for (let entry = entryOf(store, parent, node) + 1; entry < count; entry++) {
      const last = keys[parent + LAST + entry]!
      if (last > key || (last === key && lastTie(store, parent, entry) >= tie)) {
        return descend(store, words[(parent + entry + TAG) << 1]!, level, key, tie)
      }
    }
    node = parent
  }
}

/** The first place in order whose start is at least (key, tie), 0 if there is none. O(log n + equal starts). */
export function firstStarting(store: IntervalStore, key: number, tie: number): number {
  if (store.root === 0) return 0
  const { words } = store
  let node = store.root
  for (let level = store.height; level > 0; level--) {
    let entry = words[(node << 1) + COUNT]! - 1
    while (entry > 0 && !startsBefore(store, node, entry, key, tie)) entry--
    node = words[(node + entry + TAG) << 1]!
  }
  const count = words[(node << 1) + COUNT]!
  for (let entry = 0; entry < count; entry++) {
    if (!startsBefore(store, node, entry, key, tie)) return (node << 2) + entry
  }
  return words[(node << 1) + NEXT]! << 2
}

function startsBefore(store: IntervalStore, node: number, entry: number, key: number, tie: number): boolean {
  const start = store.keys[node + START + entry]!
  return start < key || (start === key && startTie(store, node, entry) < tie)
}

/** The place behind `place` in order, 0 if there is none. O(1). */
export function nextPlace(store: IntervalStore, place: number): number {
  const leaf = (place >> 4) << 2
  return (place & ENTRY_MASK) + 1 < store.words[(leaf << 1) + COUNT]! ? place + 1 : store.words[(leaf << 1) + NEXT]! << 2
}
