import { keyBefore } from './keys.ts'
import * as layout from './layout.ts'
import { entryOf, lastTie, rankOf, rankOfTied, reaches, startTie } from './nodes.ts'
import { fetchNode, type IntervalStore } from './store.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { ASCENDS, COUNT, ENTRY_MASK, LAST, NEXT, PARENT, START, TAG, TIES, UNIT_MASK } = layout

// The searches ask for the first interval in order whose last reaches a key. Whoever has a window then looks at its start: an interval that
// reaches the window's first key and starts behind its last one is behind the window, and so is all that follows it.
// Within a node whose lasts ascend, the entry is found by its rank.

/** The first place in order whose last is at least (key, tie), 0 if there is none. O(log n): one node a level. */
export function firstReaching(store: IntervalStore, key: number, tie: number): number {
  if (key > store.maxKey || (key === store.maxKey && tie > store.maxTie)) return 0
  return descend(store, store.root, store.height, key, tie)
}

/** The first place below a node, which has one, whose last is at least (key, tie). Measured by itree.*.query_point. */
function descend(store: IntervalStore, top: number, levels: number, key: number, tie: number): number {
  const { keys, words } = store
  // These conversions tell V8 that what goes around the loop are machine numbers.
  const upTo = keyBefore(key, tie)
  let node = top & UNIT_MASK
  for (let level = levels | 0; level > 0; level--) {
    node = words[(node + entryReaching(store, keys, words, node, key, tie, upTo) + TAG) << 1]! & UNIT_MASK
    if (fetchNode(store, node)) return 0
  }
  return (node << 2) + entryReaching(store, keys, words, node, key, tie, upTo)
}

/** The first entry of a node, which has one, whose last is at least (key, tie). Entries in front of it are at most `upTo` if the tie is 0. */
export function entryReaching(
  store: IntervalStore,
  keys: Float64Array,
  words: Uint32Array,
  node: number,
  key: number,
  tie: number,
  upTo: number,
): number {
  if (tie === 0 && words[(node << 1) + ASCENDS] === 1) return rankOf(keys, node + LAST, upTo)
  return entryReachingSlowly(store, node, key, tie)
}

/** The same with a tie, or where the lasts do not ascend: apart from the loop above, which V8 then puts into its callers. */
function entryReachingSlowly(store: IntervalStore, node: number, key: number, tie: number): number {
  const { keys, words } = store
  if (words[(node << 1) + ASCENDS] === 1) return rankOfTied(keys, words, node + LAST, (node << 1) + TIES, 0, key, tie - 1)
  let entry = 0
  while (!endsFrom(store, node, entry, key, tie)) entry++
  return entry
}

/** The first place in order behind `place` whose last is at least (key, tie), 0 if there is none. O(log n); O(1) when it is near. */
export function nextReaching(store: IntervalStore, place: number, key: number, tie: number): number {
  const leaf = (place >> 4) << 2
  const entry = (place & ENTRY_MASK) + 1
  // Most often it is the next entry of the leaf.
  if (entry < store.words[(leaf << 1) + COUNT]! && endsFrom(store, leaf, entry, key, tie)) return place + 1
  return reachingFrom(store, leaf, entry, key, tie)
}

/** Whether an entry's last is at least (key, tie). */
function endsFrom(store: IntervalStore, node: number, entry: number, key: number, tie: number): boolean {
  const last = store.keys[node + entry + LAST]!
  return last > key || (last === key && lastTie(store, node, entry) >= tie)
}

/** The first place from an entry of a leaf on whose last is at least (key, tie), 0 if there is none. */
export function reachingFrom(store: IntervalStore, leaf: number, from: number, key: number, tie: number): number {
  const words = store.words
  const count = words[(leaf << 1) + COUNT]!
  for (let entry = from; entry < count; entry++) if (endsFrom(store, leaf, entry, key, tie)) return (leaf << 2) + entry
  const next = words[(leaf << 1) + NEXT]!
  if (next === 0) return 0
  if (endsFrom(store, next, 0, key, tie)) return next << 2
  return reaches(store, next, key, tie) ? descend(store, next, 0, key, tie) : climb(store, next, key, tie)
}

/** The first place that reaches (key, tie) behind a whole leaf: up to the first ancestor with such an entry to the right, and down again. */
function climb(store: IntervalStore, leaf: number, key: number, tie: number): number {
  const words = store.words
  let node = leaf
  for (let level = 0; ; level++) {
    const parent = words[(node << 1) + PARENT]!
    if (parent === 0) return 0
    const count = words[(parent << 1) + COUNT]!
    for (let entry = entryOf(store, parent, node) + 1; entry < count; entry++) {
      if (endsFrom(store, parent, entry, key, tie)) return descend(store, words[(parent + entry + TAG) << 1]!, level, key, tie)
    }
    node = parent
  }
}

/** The first place in order whose start is at least (key, tie), 0 if there is none. O(log n + equal starts). */
export function firstStarting(store: IntervalStore, key: number, tie: number): number {
  if (store.root === 0) return 0
  const { words } = store
  let node = store.root
  for (let level = store.height; ; level--) {
    const count = words[(node << 1) + COUNT]!
    // Of an inner node the first entry is taken whatever its start is.
    let entry = level > 0 ? 1 : 0
    while (entry < count && startsBefore(store, node, entry, key, tie)) entry++
    if (level === 0) return entry < count ? (node << 2) + entry : words[(node << 1) + NEXT]! << 2
    node = words[(node + entry + (TAG - 1)) << 1]!
  }
}

function startsBefore(store: IntervalStore, node: number, entry: number, key: number, tie: number): boolean {
  const start = store.keys[node + START + entry]!
  return start < key || (start === key && startTie(store, node, entry) < tie)
}
