import { closeGap, markChange, markPair, markRowsUp } from './gaps.ts'
import {
  COUNT,
  ENTRY_MASK,
  ID,
  LAST_HI,
  LAST_LO,
  MAX_HI,
  MAX_LO,
  PARENT,
  STAMP,
  START_HI,
  START_LO,
  WIDTH_MERGED,
  WIDTH_MIN,
} from './layout.ts'
import { adopt, describeChild, greatestLast, moveEntries, setLeafMax } from './nodes.ts'
import { entryOf } from './search.ts'
import { freeInnerNode, freeLeafNode, freeSlot, type IntervalStore, touch } from './store.ts'

/** Removes the interval at a place. O(log n); begins at the leaf and stops at the first node that it does not change. Measured by itree.*.remove. */
export function eraseInterval(store: IntervalStore, place: number): void {
  touch(store)
  store.size--
  const w = store.words
  const leaf = place & ~ENTRY_MASK
  const hi = w[place + LAST_HI]!
  const lo = w[place + LAST_LO]!
  freeSlot(store, w[place + ID]!)
  const count = closeEntry(w, leaf, place)
  if (count === 0) {
    dropEmpty(store, leaf, hi, lo)
    return
  }
  const lastShrank = hi === w[leaf + MAX_HI] && lo === w[leaf + MAX_LO] && shrinkLeafMax(w, leaf)
  if (w[leaf + PARENT] === 0) return
  if (lastShrank || place === leaf) repair(store, leaf, place === leaf, lastShrank, hi, lo)
  if (store.gaps.length > 0) markChange(store, leaf, hi, lo)
  if (count < WIDTH_MIN) refill(store, leaf, 0)
}

/** Closes the gap of a removed entry in a leaf; returns how many are left. */
function closeEntry(w: Uint32Array, leaf: number, place: number): number {
  const count = w[leaf + COUNT]! - 1
  w[leaf + COUNT] = count
  const end = leaf + count
  for (let at = place; at < end; at++) {
    w[at + START_HI] = w[at + START_HI + 1]!
    w[at + START_LO] = w[at + START_LO + 1]!
    w[at + LAST_HI] = w[at + LAST_HI + 1]!
    w[at + LAST_LO] = w[at + LAST_LO + 1]!
    w[at + ID] = w[at + ID + 1]!
    w[at + STAMP] = w[at + STAMP + 1]!
  }
  return count
}

/** Finds the greatest last of a leaf anew; says whether it shrank. */
function shrinkLeafMax(w: Uint32Array, leaf: number): boolean {
  const hi = w[leaf + MAX_HI]!
  const lo = w[leaf + MAX_LO]!
  setLeafMax(w, leaf)
  return w[leaf + MAX_LO] !== lo || w[leaf + MAX_HI] !== hi
}

/**
 * Makes the nodes above say what is true of `child`, whose first start changed (`startMoved`), or whose greatest last was (hi, lo) and
 * shrank (`lastShrank`). Stops at the first node of which neither is true any more.
 */
function repair(store: IntervalStore, child: number, startMoved: boolean, lastShrank: boolean, hi: number, lo: number): void {
  const w = store.words
  let node = child
  let parent = w[node + PARENT]!
  while (parent !== 0 && (startMoved || lastShrank)) {
    const at = entryOf(store, parent, node)
    if (startMoved) {
      w[at + START_HI] = w[node + START_HI]!
      w[at + START_LO] = w[node + START_LO]!
      startMoved = at === parent
    }
    if (lastShrank) {
      const best = greatestLast(w, node)
      w[at + LAST_HI] = w[best + LAST_HI]!
      w[at + LAST_LO] = w[best + LAST_LO]!
      lastShrank = !reaches(w, parent, hi, lo)
    }
    node = parent
    parent = w[node + PARENT]!
  }
}

/** Whether some entry of a node has a last of at least (hi, lo). */
function reaches(w: Uint32Array, node: number, hi: number, lo: number): boolean {
  const end = node + w[node + COUNT]!
  for (let at = node; at < end; at++) {
    const h = w[at + LAST_HI]!
    if (h > hi || (h === hi && w[at + LAST_LO]! >= lo)) return true
  }
  return false
}

/** Takes out a leaf without entries: the root, or a leaf at an outer edge, whose parent has another child. */
function dropEmpty(store: IntervalStore, leaf: number, hi: number, lo: number): void {
  const w = store.words
  const parent = w[leaf + PARENT]!
  freeLeafNode(store, leaf)
  if (parent === 0) {
    store.root = 0
    return
  }
  const at = entryOf(store, parent, leaf)
  removeChild(store, parent, at)
  if (store.gaps.length > 0) markRowsUp(store, parent)
  repair(store, parent, at === parent, !reaches(w, parent, hi, lo), hi, lo)
  if (w[parent + COUNT]! < WIDTH_MIN) refill(store, parent, 1)
}

function removeChild(store: IntervalStore, parent: number, at: number): void {
  const w = store.words
  const count = w[parent + COUNT]! - 1
  w[parent + COUNT] = count
  moveEntries(w, at + 1, at, parent + count - at)
  if (store.gaps.length > 0) closeGap(store, parent, at)
}

/** Merges a node that has too few entries with a neighbour under the same parent, or evens the two out; upwards as long as needed. */
function refill(store: IntervalStore, poor: number, poorLevel: number): void {
  const w = store.words
  let node = poor
  for (let level = poorLevel; ; level++) {
    const parent = w[node + PARENT]!
    if (parent === 0) {
      lowerRoot(store)
      return
    }
    const entry = entryOf(store, parent, node)
    const at = entry === parent + w[parent + COUNT]! - 1 ? entry - 1 : entry
    const left = w[at + ID]!
    const right = w[at + 1 + ID]!
    if (store.gaps.length > 0) markPair(store, parent, at, level)
    if (w[left + COUNT]! + w[right + COUNT]! > WIDTH_MERGED) {
      even(store, left, right, level)
      describeChild(w, at, left)
      describeChild(w, at + 1, right)
      return
    }
    merge(store, left, right, level)
    describeChild(w, at, left)
    removeChild(store, parent, at + 1)
    if (w[parent + COUNT]! >= WIDTH_MIN) return
    node = parent
  }
}

/** A root with one child gives way to it. */
function lowerRoot(store: IntervalStore): void {
  const w = store.words
  while (store.height > 0 && w[store.root + COUNT] === 1) {
    const child = w[store.root + ID]!
    freeInnerNode(store, store.root)
    store.root = child
    store.height--
    w[child + PARENT] = 0
  }
}

/** Moves entries between neighbours until both have the same number, give or take one. */
function even(store: IntervalStore, left: number, right: number, level: number): void {
  const w = store.words
  const a = w[left + COUNT]!
  const b = w[right + COUNT]!
  const keep = (a + b) >> 1
  if (a > keep) {
    const moved = a - keep
    moveEntries(w, right, right + moved, b)
    moveEntries(w, left + keep, right, moved)
    adopt(store, right, level, right, right + moved)
  } else {
    const moved = keep - a
    moveEntries(w, right, left + a, moved)
    moveEntries(w, right + moved, right, b - moved)
    adopt(store, left, level, left + a, left + keep)
  }
  w[left + COUNT] = keep
  w[right + COUNT] = a + b - keep
  if (level === 0) {
    setLeafMax(w, left)
    setLeafMax(w, right)
  }
}

/** Moves all entries of `right` to the end of `left` and frees `right`. */
function merge(store: IntervalStore, left: number, right: number, level: number): void {
  const w = store.words
  const a = w[left + COUNT]!
  const b = w[right + COUNT]!
  moveEntries(w, right, left + a, b)
  w[left + COUNT] = a + b
  adopt(store, left, level, left + a, left + a + b)
  if (level === 0) {
    setLeafMax(w, left)
    freeLeafNode(store, right)
  } else freeInnerNode(store, right)
}
