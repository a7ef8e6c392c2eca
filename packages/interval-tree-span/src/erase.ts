import { closeGap, markChange, markPair, markRowsUp } from './gaps.ts'
import * as layout from './layout.ts'
import {
  adopt,
  checkAscent,
  checkAscentAt,
  closeEntries,
  copyEntries,
  cutEntries,
  describeChild,
  entryOf,
  greatestLast,
  lastTie,
  noteLast,
  reaches,
  shiftEntries,
  startTie,
} from './nodes.ts'
import { freeInnerNode, freeLeafNode, freeSlot, type IntervalStore, touch } from './store.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { ASCENDS, COUNT, ENTRY_MASK, LAST, PARENT, SLOT_MASK, START, TAG, TIES, WIDTH_MERGED, WIDTH_MIN } = layout

/** Removes the interval at a place. O(log n); begins at the leaf and stops at the first node that it does not change. Measured by itree.*.remove. */
export function eraseInterval(store: IntervalStore, place: number): void {
  const { keys, words } = store
  const leaf = (place >> 4) << 2
  const entry = place & ENTRY_MASK
  const key = keys[leaf + entry + LAST]!
  const tie = lastTie(store, leaf, entry)
  touch(store)
  store.size--
  freeSlot(store, keys[leaf + entry + TAG]! & SLOT_MASK)
  const count = closeEntry(store, leaf, entry)
  if (count === 0) dropEmpty(store, leaf, key, tie)
  else {
    let shrank = entry === count && isAscending(store, leaf)
    if (!isAscending(store, leaf)) {
      checkAscent(store, leaf)
      shrank = true
    }
    if (words[(leaf << 1) + PARENT] !== 0) {
      if (shrank) shrank = !reaches(store, leaf, key, tie)
      if (shrank || entry === 0) repair(store, leaf, entry === 0, shrank, key, tie)
      if (store.gaps.length > 0) markChange(store, leaf, key, tie)
      if (count < WIDTH_MIN) refill(store, leaf, 0)
    }
  }
  if (key === store.maxKey) findMax(store)
}

function isAscending(store: IntervalStore, node: number): boolean {
  return store.words[(node << 1) + ASCENDS] === 1
}

/** Removes an entry of a leaf; returns how many are left. */
function closeEntry(store: IntervalStore, leaf: number, entry: number): number {
  const { keys, words } = store
  const count = words[(leaf << 1) + COUNT]! - 1
  words[(leaf << 1) + COUNT] = count
  const end = leaf + count
  for (let i = leaf + entry; i < end; i++) {
    keys[i + START] = keys[i + START + 1]!
    keys[i + LAST] = keys[i + LAST + 1]!
    keys[i + TAG] = keys[i + TAG + 1]!
  }
  keys[end + START] = Number.POSITIVE_INFINITY
  keys[end + LAST] = Number.POSITIVE_INFINITY
  if (store.tieMax !== 0) {
    const ties = (leaf << 1) + TIES
    for (let i = ties + entry; i < ties + count; i++) words[i] = words[i + 1]!
  }
  return count
}

/** Finds the greatest last of the tree anew. */
function findMax(store: IntervalStore): void {
  const root = store.root
  if (root === 0) {
    store.maxKey = Number.NEGATIVE_INFINITY
    return
  }
  const best = greatestLast(store, root)
  store.maxKey = store.keys[root + best + LAST]!
  store.maxTie = lastTie(store, root, best)
}

/**
 * Makes the nodes above say what is true of `child`, whose first start changed (`startMoved`), or whose greatest last was (key, tie) and
 * shrank (`lastShrank`). Stops at the first node of which neither is true any more.
 */
function repair(store: IntervalStore, child: number, startMoved: boolean, lastShrank: boolean, key: number, tie: number): void {
  const { keys, words } = store
  let node = child
  let parent = words[(node << 1) + PARENT]!
  while (parent !== 0 && (startMoved || lastShrank)) {
    const entry = entryOf(store, parent, node)
    if (startMoved) {
      keys[parent + entry + START] = keys[node + START]!
      if (store.tieMax !== 0) words[(parent << 1) + TIES + entry] = (startTie(store, node, 0) << 16) | lastTie(store, parent, entry)
      startMoved = entry === 0
    }
    if (lastShrank) {
      const best = greatestLast(store, node)
      keys[parent + entry + LAST] = keys[node + best + LAST]!
      if (store.tieMax !== 0) words[(parent << 1) + TIES + entry] = (startTie(store, parent, entry) << 16) | lastTie(store, node, best)
      checkAscentAt(store, parent, entry)
      lastShrank = !reaches(store, parent, key, tie)
    }
    node = parent
    parent = words[(node << 1) + PARENT]!
  }
}

/** Takes out a leaf without entries: the root, or a leaf at an outer edge, whose parent has another child. */
function dropEmpty(store: IntervalStore, leaf: number, key: number, tie: number): void {
  const w = store.words
  const parent = w[(leaf << 1) + PARENT]!
  freeLeafNode(store, leaf)
  if (parent === 0) {
    store.root = 0
    return
  }
  const entry = entryOf(store, parent, leaf)
  removeChild(store, parent, entry)
  if (store.gaps.length > 0) markRowsUp(store, parent)
  repair(store, parent, entry === 0, !reaches(store, parent, key, tie), key, tie)
  if (w[(parent << 1) + COUNT]! < WIDTH_MIN) refill(store, parent, 1)
}

function removeChild(store: IntervalStore, parent: number, entry: number): void {
  closeEntries(store, parent, entry, 1)
  if (!isAscending(store, parent)) checkAscent(store, parent)
  if (store.gaps.length > 0) closeGap(store, parent, entry)
}

/** Merges a node that has too few entries with a neighbour under the same parent, or evens the two out; upwards as long as needed. */
function refill(store: IntervalStore, poor: number, poorLevel: number): void {
  const w = store.words
  let node = poor
  for (let level = poorLevel; ; level++) {
    const parent = w[(node << 1) + PARENT]!
    if (parent === 0) {
      lowerRoot(store)
      return
    }
    const own = entryOf(store, parent, node)
    const entry = own === w[(parent << 1) + COUNT]! - 1 ? own - 1 : own
    const left = w[(parent + entry + TAG) << 1]!
    const right = w[(parent + entry + 1 + TAG) << 1]!
    if (store.gaps.length > 0) markPair(store, parent, entry, level)
    const merges = w[(left << 1) + COUNT]! + w[(right << 1) + COUNT]! <= WIDTH_MERGED
    if (merges) merge(store, left, right, level)
    else even(store, left, right, level)
    describeChild(store, parent, entry, left)
    if (merges) removeChild(store, parent, entry + 1)
    else {
      describeChild(store, parent, entry + 1, right)
      checkAscent(store, parent)
    }
    if (w[(parent << 1) + COUNT]! >= WIDTH_MIN) return
    node = parent
  }
}

/** A root with one child gives way to it. */
function lowerRoot(store: IntervalStore): void {
  const w = store.words
  while (store.height > 0 && w[(store.root << 1) + COUNT] === 1) {
    const child = w[(store.root + TAG) << 1]!
    freeInnerNode(store, store.root)
    store.root = child
    store.height--
    w[(child << 1) + PARENT] = 0
  }
}

/** Moves entries between neighbours until both have the same number, give or take one. */
function even(store: IntervalStore, left: number, right: number, level: number): void {
  const w = store.words
  const a = w[(left << 1) + COUNT]!
  const b = w[(right << 1) + COUNT]!
  const keep = (a + b) >> 1
  if (a > keep) {
    shiftEntries(store, right, 0, a - keep)
    copyEntries(store, left, keep, right, 0, a - keep)
    cutEntries(store, left, keep)
    adopt(store, right, level, 0, a - keep)
  } else {
    copyEntries(store, right, 0, left, a, keep - a)
    w[(left << 1) + COUNT] = keep
    closeEntries(store, right, 0, keep - a)
    adopt(store, left, level, a, keep)
  }
  checkAscent(store, left)
  checkAscent(store, right)
}

/** Moves all entries of `right` to the end of `left` and frees `right`. */
function merge(store: IntervalStore, left: number, right: number, level: number): void {
  const w = store.words
  const a = w[(left << 1) + COUNT]!
  const b = w[(right << 1) + COUNT]!
  const ascend = isAscending(store, left) && isAscending(store, right)
  copyEntries(store, right, 0, left, a, b)
  w[(left << 1) + COUNT] = a + b
  adopt(store, left, level, a, a + b)
  if (ascend) noteLast(store, left, a)
  else checkAscent(store, left)
  if (level === 0) freeLeafNode(store, right)
  else freeInnerNode(store, right)
}
