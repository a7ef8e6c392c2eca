import { markChange } from './gaps.ts'
import { isBefore } from './keys.ts'
import * as layout from './layout.ts'
import { lastTie, noteLast, rankOf, rankOfTied, startTie } from './nodes.ts'
import { linkSplit, splitLeaf } from './split.ts'
import { allocateLeaf, type IntervalStore, makeHandle, reserveNodes, reserveSlot, takeSlot } from './store.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { COUNT, LAST, NEXT, START, TAG, TIES, WIDTH } = layout

/** Adds [start, last] behind all intervals of the same start; returns its handle. O(log n). Measured by itree.*.insert. */
export function insertInterval(store: IntervalStore, start: number, startTied: number, last: number, lastTied: number): number {
  reserveSlot(store)
  reserveNodes(store)
  if (store.root === 0) store.root = allocateLeaf(store)
  if (isBefore(store.maxKey, store.maxTie, last, lastTied)) {
    store.maxKey = last
    store.maxTie = lastTied
  }
  const words = store.words
  let leaf = descendForInsert(store, start, startTied, last, lastTied)
  let full = 0
  if (words[(leaf << 1) + COUNT] === WIDTH) {
    full = leaf
    leaf = splitLeaf(store, leaf, start, startTied)
  }
  const slot = takeSlot(store)
  const handle = makeHandle(slot)
  const entry = putEntry(store, leaf, start, startTied, last, lastTied, handle)
  store.leafOf[slot] = leaf
  store.size++
  store.version = (store.version + 1) | 0
  store.foundHandle = handle
  store.foundPlace = (leaf << 2) + entry
  if (full !== 0) linkSplit(store, full, words[(full << 1) + NEXT]!)
  if (store.gaps.length > 0) markChange(store, leaf, last, lastTied)
  return handle
}

/** The leaf that takes the interval. What the nodes on the way say of their children is made true for it as well. */
function descendForInsert(store: IntervalStore, begin: number, startTied: number, end: number, lastTied: number): number {
  const { keys, words } = store
  const isWide = store.tieMax !== 0
  // These conversions tell V8 that what goes around the loop are machine numbers.
  const start = +begin
  const last = +end
  let node = store.root | 0
  for (let level = store.height | 0; level > 0; level--) {
    // The last entry whose start is not greater, else the first.
    const base = node + START + 1
    const ties = (node << 1) + TIES + 1
    const entry = isWide ? rankOfTied(keys, words, base, ties, 16, start, startTied) : rankOf(keys, base, start)
    const unit = node + entry
    if (entry === 0 && keys[unit + START]! >= start) lowerStart(store, node, start, startTied)
    if (keys[unit + LAST]! < last || (isWide && keys[unit + LAST] === last)) raiseLast(store, node, entry, last, lastTied)
    node = words[(unit + TAG) << 1]! | 0
  }
  return node
}

/** Puts an entry in a leaf that is not full, behind all entries whose start is not greater; returns its number. */
function putEntry(
  store: IntervalStore,
  leaf: number,
  start: number,
  startTied: number,
  last: number,
  lastTied: number,
  handle: number,
): number {
  const { keys, words } = store
  const isWide = store.tieMax !== 0
  const ties = (leaf << 1) + TIES
  const entry = isWide ? rankOfTied(keys, words, leaf + START, ties, 16, start, startTied) : rankOf(keys, leaf + START, start)
  const count = words[(leaf << 1) + COUNT]!
  const unit = leaf + entry
  for (let i = leaf + count; i > unit; i--) {
    keys[i + START] = keys[i + START - 1]!
    keys[i + LAST] = keys[i + LAST - 1]!
    keys[i + TAG] = keys[i + TAG - 1]!
  }
  words[(leaf << 1) + COUNT] = count + 1
  keys[unit + START] = start
  keys[unit + LAST] = last
  keys[unit + TAG] = handle
  if (isWide) {
    for (let i = ties + count; i > ties + entry; i--) words[i] = words[i - 1]!
    words[ties + entry] = (startTied << 16) | lastTied
  }
  noteLast(store, leaf, entry)
  return entry
}

/** Makes a start the first one of an inner node if it is less than what is there. */
function lowerStart(store: IntervalStore, node: number, start: number, startTied: number): void {
  if (!isBefore(start, startTied, store.keys[node + START]!, startTie(store, node, 0))) return
  store.keys[node + START] = start
  if (store.tieMax !== 0) store.words[(node << 1) + TIES] = (startTied << 16) | lastTie(store, node, 0)
}

/** Makes a last the greatest one below an entry of an inner node if it is greater than what is there. */
function raiseLast(store: IntervalStore, node: number, entry: number, last: number, lastTied: number): void {
  if (!isBefore(store.keys[node + entry + LAST]!, lastTie(store, node, entry), last, lastTied)) return
  store.keys[node + entry + LAST] = last
  if (store.tieMax !== 0) store.words[(node << 1) + TIES + entry] = (startTie(store, node, entry) << 16) | lastTied
  noteLast(store, node, entry)
}
