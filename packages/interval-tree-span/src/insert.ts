import { markChange, markUp, openGap } from './gaps.ts'
import { isBefore } from './keys.ts'
import * as layout from './layout.ts'
import { adopt, checkAscent, copyEntries, cutEntries, describeChild, entryOf, lastTie, shiftEntries, startTie } from './nodes.ts'
import { childFor, entriesUpTo } from './search.ts'
import { allocateInner, allocateLeaf, type IntervalStore, reserveNodes, reserveSlot, takeSlot, takeStamp, touch } from './store.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { ASCENDS, COUNT, LAST, NEXT, PARENT, PREV, START, TAG, TIES, WIDTH } = layout

/** Adds [start, last] behind all intervals of the same start; returns its place. O(log n). Measured by itree.*.insert. */
export function insertInterval(store: IntervalStore, start: number, startTied: number, last: number, lastTied: number): number {
  reserveSlot(store)
  reserveNodes(store)
  touch(store)
  store.size++
  if (store.root === 0) store.root = allocateLeaf(store)
  const { keys, words } = store
  let leaf = descendForInsert(store, start, startTied, last, lastTied)
  let full = 0
  if (words[leaf * 2 + COUNT] === WIDTH) {
    full = leaf
    leaf = splitLeaf(store, leaf, start, startTied)
  }
  const entry = entriesUpTo(store, leaf, start, startTied)
  shiftEntries(store, leaf, entry, 1)
  const slot = takeSlot(store)
  store.leafOf[slot] = leaf
  keys[leaf + entry + START] = start
  keys[leaf + entry + LAST] = last
  words[(leaf + entry + TAG) * 2] = slot
  words[(leaf + entry + TAG) * 2 + 1] = takeStamp()
  if (store.tieMax !== 0) words[leaf * 2 + TIES + entry] = (startTied << 16) | lastTied
  noteLast(store, leaf, entry)
  if (full !== 0) linkSplit(store, full, words[full * 2 + NEXT]!)
  if (store.gaps.length > 0) markChange(store, leaf, last, lastTied)
  return leaf * 4 + entry
}

/** The leaf that takes the interval. What the nodes on the way say of their children is made true for it as well. */
function descendForInsert(store: IntervalStore, start: number, startTied: number, last: number, lastTied: number): number {
  const { keys, words } = store
  let node = store.root
  for (let level = store.height; level > 0; level--) {
    const entry = childFor(store, node, start, startTied)
    const at = node + entry
    if (entry === 0 && isBefore(start, startTied, keys[at + START]!, startTie(store, node, 0))) {
      keys[at + START] = start
      if (store.tieMax !== 0) words[node * 2 + TIES] = (startTied << 16) | lastTie(store, node, 0)
    }
    if (isBefore(keys[at + LAST]!, lastTie(store, node, entry), last, lastTied)) {
      keys[at + LAST] = last
      if (store.tieMax !== 0) words[node * 2 + TIES + entry] = (startTie(store, node, entry) << 16) | lastTied
      noteLast(store, node, entry)
    }
    node = words[(at + TAG) * 2]!
  }
  return node
}

/** Looks whether the last of an entry, which came or grew, is out of line with its neighbours'. */
function noteLast(store: IntervalStore, node: number, entry: number): void {
  const { keys, words } = store
  const at = node + entry + LAST
  if (
    entry > 0 &&
    keys[at - 1]! >= keys[at]! &&
    (keys[at - 1]! > keys[at]! || lastTie(store, node, entry - 1) > lastTie(store, node, entry))
  ) {
    words[node * 2 + ASCENDS] = 0
  }
  if (entry + 1 < words[node * 2 + COUNT]! && keys[at + 1]! <= keys[at]!) {
    if (keys[at + 1]! < keys[at]! || lastTie(store, node, entry + 1) < lastTie(store, node, entry)) words[node * 2 + ASCENDS] = 0
  }
}

/**
 * Cuts a full leaf in two and returns the half that takes the start. At the outer edges of the tree the cut is at the edge, so that
 * ascending and descending insertion leave full leaves behind.
 */
function splitLeaf(store: IntervalStore, leaf: number, start: number, startTied: number): number {
  const right = allocateLeaf(store)
  const w = store.words
  const next = w[leaf * 2 + NEXT]!
  w[right * 2 + NEXT] = next
  w[right * 2 + PREV] = leaf
  w[leaf * 2 + NEXT] = right
  if (next !== 0) w[next * 2 + PREV] = right
  let keep = WIDTH / 2
  if (next === 0 && !startsAfter(store, leaf, WIDTH - 1, start, startTied)) keep = WIDTH
  else if (w[leaf * 2 + PREV] === 0 && startsAfter(store, leaf, 0, start, startTied)) keep = 1
  if (keep === WIDTH) return right
  splitEntries(store, leaf, right, keep, 0)
  return startsAfter(store, right, 0, start, startTied) ? leaf : right
}

/** Moves the entries of a full node from `keep` on to an empty one. */
function splitEntries(store: IntervalStore, node: number, right: number, keep: number, level: number): void {
  copyEntries(store, node, keep, right, 0, WIDTH - keep)
  store.words[right * 2 + COUNT] = WIDTH - keep
  cutEntries(store, node, keep)
  adopt(store, right, level, 0, WIDTH - keep)
  if (store.words[node * 2 + ASCENDS] === 1) return
  checkAscent(store, node)
  checkAscent(store, right)
}

function startsAfter(store: IntervalStore, node: number, entry: number, key: number, tie: number): boolean {
  return isBefore(key, tie, store.keys[node + START + entry]!, startTie(store, node, entry))
}

/**
 * Tells the nodes above that the leaf `left` was cut and that `right` follows it, upwards as long as nodes overflow. Nodes at the outer edges
 * of the tree are cut at the edge, like leaves.
 */
function linkSplit(store: IntervalStore, leftLeaf: number, rightLeaf: number): void {
  const w = store.words
  const keep = w[rightLeaf * 2 + NEXT] === 0 ? WIDTH - 1 : w[leftLeaf * 2 + PREV] === 0 ? 1 : WIDTH / 2
  let left = leftLeaf
  let right = rightLeaf
  for (let level = 1; ; level++) {
    const parent = w[left * 2 + PARENT]!
    if (parent === 0) {
      growRoot(store, left, right)
      return
    }
    if (w[parent * 2 + COUNT]! < WIDTH) {
      insertChild(store, left, right)
      if (store.gaps.length > 0) markUp(store, parent)
      return
    }
    const other = allocateInner(store)
    splitEntries(store, parent, other, keep, level)
    insertChild(store, left, right)
    left = parent
    right = other
  }
}

/** Puts `right` behind `left` in the node above, which is not full, and describes both anew. */
function insertChild(store: IntervalStore, left: number, right: number): void {
  const w = store.words
  const parent = w[left * 2 + PARENT]!
  const entry = entryOf(store, parent, left)
  shiftEntries(store, parent, entry + 1, 1)
  describeChild(store, parent, entry, left)
  describeChild(store, parent, entry + 1, right)
  w[right * 2 + PARENT] = parent
  checkAscent(store, parent)
  if (store.gaps.length > 0) openGap(store, parent, entry + 1)
}

function growRoot(store: IntervalStore, left: number, right: number): void {
  const root = allocateInner(store)
  const w = store.words
  w[root * 2 + COUNT] = 2
  describeChild(store, root, 0, left)
  describeChild(store, root, 1, right)
  w[left * 2 + PARENT] = root
  w[right * 2 + PARENT] = root
  checkAscent(store, root)
  store.root = root
  store.height++
}
