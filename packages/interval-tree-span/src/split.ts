import { markUp, openGap } from './gaps.ts'
import { isBefore } from './keys.ts'
import * as layout from './layout.ts'
import { adopt, checkAscent, checkAscentAt, copyEntries, cutEntries, describeChild, entryOf, shiftEntries, startTie } from './nodes.ts'
import { allocateInner, allocateLeaf, type IntervalStore } from './store.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { ASCENDS, COUNT, NEXT, PARENT, PREV, START, WIDTH } = layout

/**
 * Cuts a full leaf in two and returns the half that takes the start. At the outer edges of the tree the cut is at the edge, so that
 * ascending and descending insertion leave full leaves behind.
 */
export function splitLeaf(store: IntervalStore, leaf: number, start: number, startTied: number): number {
  const right = allocateLeaf(store)
  const w = store.words
  const next = w[(leaf << 1) + NEXT]!
  w[(right << 1) + NEXT] = next
  w[(right << 1) + PREV] = leaf
  w[(leaf << 1) + NEXT] = right
  if (next !== 0) w[(next << 1) + PREV] = right
  let keep = WIDTH / 2
  if (next === 0 && !startsAfter(store, leaf, WIDTH - 1, start, startTied)) keep = WIDTH
  else if (w[(leaf << 1) + PREV] === 0 && startsAfter(store, leaf, 0, start, startTied)) keep = 1
  if (keep === WIDTH) return right
  splitEntries(store, leaf, right, keep, 0)
  return startsAfter(store, right, 0, start, startTied) ? leaf : right
}

/** Moves the entries of a full node from `keep` on to an empty one. */
function splitEntries(store: IntervalStore, node: number, right: number, keep: number, level: number): void {
  copyEntries(store, node, keep, right, 0, WIDTH - keep)
  store.words[(right << 1) + COUNT] = WIDTH - keep
  cutEntries(store, node, keep)
  adopt(store, right, level, 0, WIDTH - keep)
  if (store.words[(node << 1) + ASCENDS] === 1) return
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
export function linkSplit(store: IntervalStore, leftLeaf: number, rightLeaf: number): void {
  const w = store.words
  const keep = w[(rightLeaf << 1) + NEXT] === 0 ? WIDTH - 1 : w[(leftLeaf << 1) + PREV] === 0 ? 1 : WIDTH / 2
  let left = leftLeaf
  let right = rightLeaf
  for (let level = 1; ; level++) {
    const parent = w[(left << 1) + PARENT]!
    if (parent === 0) {
      growRoot(store, left, right)
      return
    }
    if (w[(parent << 1) + COUNT]! < WIDTH) {
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
  const parent = w[(left << 1) + PARENT]!
  const entry = entryOf(store, parent, left)
  shiftEntries(store, parent, entry + 1, 1)
  describeChild(store, parent, entry, left)
  describeChild(store, parent, entry + 1, right)
  w[(right << 1) + PARENT] = parent
  checkAscentAt(store, parent, entry)
  checkAscentAt(store, parent, entry + 1)
  if (store.gaps.length > 0) openGap(store, parent, entry + 1)
}

function growRoot(store: IntervalStore, left: number, right: number): void {
  const root = allocateInner(store)
  const w = store.words
  w[(root << 1) + COUNT] = 2
  describeChild(store, root, 0, left)
  describeChild(store, root, 1, right)
  w[(left << 1) + PARENT] = root
  w[(right << 1) + PARENT] = root
  checkAscent(store, root)
  store.root = root
  store.height++
}
