import { noteChange } from './gaps.ts'
import { isBefore } from './keys.ts'
import * as layout from './layout.ts'
import { noteLast, openEntry, rankOf, rankOfTied, spread, startTie } from './nodes.ts'
import { linkUp } from './repair.ts'
import { makeHandle, reserveSlot, setPayload, takeSlot } from './slots.ts'
import { allocateLeaf, fetchNode, type IntervalStore, reserveNodes, touch } from './store.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { COUNT, LAST, NEXT, START, TAG, TIES, UNIT_MASK, WIDTH } = layout

/**
 * Adds [start, last] with its payload, unless that is undefined, behind all intervals of the same start; returns its handle. O(log n). Measured by
 * itree.*.insert.
 */
export function insertInterval(
  store: IntervalStore,
  start: number,
  startTied: number,
  last: number,
  lastTied: number,
  payload: unknown,
): number {
  reserveSlot(store)
  touch(store)
  if (store.root === 0) {
    reserveNodes(store)
    store.root = allocateLeaf(store, 0)
  }
  if ((startTied | lastTied) !== 0) store.hasTies = 1
  const above = descendForInsert(store, start, startTied)
  let leaf = (above === 0 ? store.root : store.words[(above + TAG) << 1]!) & UNIT_MASK
  // Perhaps it starts before, or ends behind all that the entry above says is below it: linkUp knows.
  const widened = above === 0 || start <= store.keys[above + START]! || last >= store.keys[above + LAST]!
  const left = leaf
  let right = 0
  let keep = 0
  if (store.words[(leaf << 1) + COUNT] === WIDTH) {
    reserveNodes(store)
    right = allocateLeaf(store, left)
    keep = keepOf(store, left, right, start, startTied)
    spread(store, left, right, keep, 0)
    if (keep === WIDTH || !startsAfter(store, right, 0, start, startTied)) leaf = right
  }
  const slot = takeSlot(store)
  const handle = makeHandle(slot)
  const entry = putEntry(store, leaf, start, startTied, last, lastTied, handle)
  store.leafOf[slot] = leaf
  store.size++
  store.foundHandle = handle
  store.foundPlace = (leaf << 2) + entry
  if (store.gaps.length > 0) noteChange(store, leaf, last)
  if (widened || right !== 0) linkUp(store, left, right, keep, widened)
  if (payload !== undefined) setPayload(store, handle, payload)
  return handle
}

/** The unit of the entry above the leaf that takes the start; 0 if the root is a leaf. */
function descendForInsert(store: IntervalStore, begin: number, startTied: number): number {
  const { hasTies, keys, words } = store
  // These conversions tell V8 that what goes around the loop are machine numbers.
  const start = +begin
  let node = store.root & UNIT_MASK
  let unit = 0
  for (let level = store.height | 0; level > 0; level--) {
    // The last entry whose start is not greater, else the first.
    const base = node + (START + 1)
    const ties = (node << 1) + (TIES + 1)
    unit = node + (hasTies === 0 ? rankOf(keys, base, start) : rankOfTied(keys, words, base, ties, 16, start, startTied))
    node = words[(unit + TAG) << 1]! & UNIT_MASK
    if (fetchNode(store, node)) return 0
  }
  return unit
}

/**
 * How many entries of a full leaf stay in it. At the outer edges of the tree the cut is at the edge, so that ascending and descending insertion
 * leave full leaves behind.
 */
function keepOf(store: IntervalStore, leaf: number, right: number, start: number, startTied: number): number {
  if (store.words[(right << 1) + NEXT] === 0 && !startsAfter(store, leaf, WIDTH - 1, start, startTied)) return WIDTH
  // Only what starts before all others comes to a leaf that begins behind it.
  return startsAfter(store, leaf, 0, start, startTied) ? 1 : WIDTH / 2
}

function startsAfter(store: IntervalStore, node: number, entry: number, key: number, tie: number): boolean {
  return isBefore(key, tie, store.keys[node + START + entry]!, startTie(store, node, entry))
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
  const { hasTies, keys, words } = store
  const node = leaf & UNIT_MASK
  const ties = (node << 1) + TIES
  const entry = hasTies === 0 ? rankOf(keys, node + START, start) : rankOfTied(keys, words, node + START, ties, 16, start, startTied)
  const unit = node + entry
  openEntry(store, node, entry)
  keys[unit + START] = start
  keys[unit + LAST] = last
  keys[unit + TAG] = handle
  if (hasTies !== 0) words[ties + entry] = (startTied << 16) | lastTied
  noteLast(store, node, entry)
  return entry
}
