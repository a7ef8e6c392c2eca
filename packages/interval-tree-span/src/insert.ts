import { markChange, markUp, openGap } from './gaps.ts'
import { COUNT, ID, LAST_HI, LAST_LO, MAX_HI, MAX_LO, NEXT, PARENT, PREV, STAMP, START_HI, START_LO, WIDTH } from './layout.ts'
import { adopt, describeChild, moveEntries, setLeafMax } from './nodes.ts'
import { entryOf } from './search.ts'
import { allocateInner, allocateLeaf, type IntervalStore, reserveNodes, reserveSlot, takeSlot, takeStamp, touch } from './store.ts'

/** Adds [start, last] behind all intervals of the same start; returns its place. O(log n). Measured by itree.*.insert. */
export function insertInterval(store: IntervalStore, startHi: number, startLo: number, lastHi: number, lastLo: number): number {
  reserveSlot(store)
  reserveNodes(store)
  touch(store)
  store.size++
  if (store.root === 0) store.root = allocateLeaf(store)
  let leaf = descendForInsert(store, startHi, startLo, lastHi, lastLo)
  const w = store.words
  let full = 0
  if (w[leaf + COUNT] === WIDTH) {
    full = leaf
    leaf = splitLeaf(store, leaf, startHi, startLo)
  }
  const slot = takeSlot(store)
  store.leafOf[slot] = leaf
  const at = openEntry(w, leaf, startHi, startLo)
  w[at + START_HI] = startHi
  w[at + START_LO] = startLo
  w[at + LAST_HI] = lastHi
  w[at + LAST_LO] = lastLo
  w[at + ID] = slot
  w[at + STAMP] = takeStamp()
  const h = w[leaf + MAX_HI]!
  if (h < lastHi || (h === lastHi && w[leaf + MAX_LO]! < lastLo)) {
    w[leaf + MAX_HI] = lastHi
    w[leaf + MAX_LO] = lastLo
  }
  if (full !== 0) linkSplit(store, full, w[full + NEXT]!)
  if (store.gaps.length > 0) markChange(store, leaf, lastHi, lastLo)
  return at
}

/** The leaf that takes the interval. What the nodes on the way say of their children is made true for it as well. */
function descendForInsert(store: IntervalStore, startHi: number, startLo: number, lastHi: number, lastLo: number): number {
  const w = store.words
  let node = store.root
  for (let level = store.height; level > 0; level--) {
    let at = node + w[node + COUNT]! - 1
    for (; at > node; at--) {
      const h = w[at + START_HI]!
      if (h < startHi || (h === startHi && w[at + START_LO]! <= startLo)) break
    }
    if (at === node) {
      const h = w[at + START_HI]!
      if (h > startHi || (h === startHi && w[at + START_LO]! > startLo)) {
        w[at + START_HI] = startHi
        w[at + START_LO] = startLo
      }
    }
    const h = w[at + LAST_HI]!
    if (h < lastHi || (h === lastHi && w[at + LAST_LO]! < lastLo)) {
      w[at + LAST_HI] = lastHi
      w[at + LAST_LO] = lastLo
    }
    node = w[at + ID]!
  }
  return node
}

/** Makes room in a leaf that is not full, behind all entries whose start is not greater. Search and shift are one pass from the right. */
function openEntry(w: Uint32Array, leaf: number, startHi: number, startLo: number): number {
  const count = w[leaf + COUNT]!
  w[leaf + COUNT] = count + 1
  let at = leaf + count
  while (at > leaf) {
    const h = w[at + START_HI - 1]!
    const l = w[at + START_LO - 1]!
    if (h < startHi || (h === startHi && l <= startLo)) break
    w[at + START_HI] = h
    w[at + START_LO] = l
    w[at + LAST_HI] = w[at + LAST_HI - 1]!
    w[at + LAST_LO] = w[at + LAST_LO - 1]!
    w[at + ID] = w[at + ID - 1]!
    w[at + STAMP] = w[at + STAMP - 1]!
    at--
  }
  return at
}

/**
 * Cuts a full leaf in two and returns the half that takes the start. At the outer edges of the tree the cut is at the edge, so that
 * ascending and descending insertion leave full leaves behind.
 */
function splitLeaf(store: IntervalStore, leaf: number, startHi: number, startLo: number): number {
  const right = allocateLeaf(store)
  const w = store.words
  const next = w[leaf + NEXT]!
  w[right + NEXT] = next
  w[right + PREV] = leaf
  w[leaf + NEXT] = right
  if (next !== 0) w[next + PREV] = right
  let keep = WIDTH / 2
  if (next === 0 && !startsAfter(w, leaf + WIDTH - 1, startHi, startLo)) keep = WIDTH
  else if (w[leaf + PREV] === 0 && startsAfter(w, leaf, startHi, startLo)) keep = 1
  if (keep === WIDTH) return right
  moveEntries(w, leaf + keep, right, WIDTH - keep)
  w[leaf + COUNT] = keep
  w[right + COUNT] = WIDTH - keep
  adopt(store, right, 0, right, right + WIDTH - keep)
  setLeafMax(w, leaf)
  setLeafMax(w, right)
  return startsAfter(w, right, startHi, startLo) ? leaf : right
}

function startsAfter(w: Uint32Array, at: number, hi: number, lo: number): boolean {
  const h = w[at + START_HI]!
  return h > hi || (h === hi && w[at + START_LO]! > lo)
}

/**
 * Tells the nodes above that the leaf `left` was cut and that `right` follows it, upwards as long as nodes overflow. Nodes at the outer edges
 * of the tree are cut at the edge, like leaves.
 */
function linkSplit(store: IntervalStore, leftLeaf: number, rightLeaf: number): void {
  const w = store.words
  const keep = w[rightLeaf + NEXT] === 0 ? WIDTH - 1 : w[leftLeaf + PREV] === 0 ? 1 : WIDTH / 2
  let left = leftLeaf
  let right = rightLeaf
  for (let level = 1; ; level++) {
    const parent = w[left + PARENT]!
    if (parent === 0) {
      growRoot(store, left, right)
      return
    }
    describeChild(w, entryOf(store, parent, left), left)
    if (w[parent + COUNT]! < WIDTH) {
      insertChild(store, left, right)
      if (store.gaps.length > 0) markUp(store, parent)
      return
    }
    const other = allocateInner(store)
    moveEntries(w, parent + keep, other, WIDTH - keep)
    w[parent + COUNT] = keep
    w[other + COUNT] = WIDTH - keep
    adopt(store, other, level, other, other + WIDTH - keep)
    insertChild(store, left, right)
    left = parent
    right = other
  }
}

/** Puts `right` behind `left` in the node above, which is not full. */
function insertChild(store: IntervalStore, left: number, right: number): void {
  const w = store.words
  const parent = w[left + PARENT]!
  const count = w[parent + COUNT]!
  const at = entryOf(store, parent, left) + 1
  moveEntries(w, at, at + 1, parent + count - at)
  w[parent + COUNT] = count + 1
  w[right + PARENT] = parent
  describeChild(w, at, right)
  if (store.gaps.length > 0) openGap(store, parent, at)
}

function growRoot(store: IntervalStore, left: number, right: number): void {
  const root = allocateInner(store)
  const w = store.words
  w[root + COUNT] = 2
  describeChild(w, root, left)
  describeChild(w, root + 1, right)
  w[left + PARENT] = root
  w[right + PARENT] = root
  store.root = root
  store.height++
}
