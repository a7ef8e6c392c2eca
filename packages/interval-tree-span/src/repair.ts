import { noteChange } from './gaps.ts'
import * as layout from './layout.ts'
import { closeEntry, describeChild, entryOf, greatestLast, lastTie, openEntry, spread } from './nodes.ts'
import { allocateInner, forgetGaps, freeNode, type IntervalStore } from './store.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { COUNT, LAST, NOWHERE, PARENT, REACH, TAG, WIDTH, WIDTH_MERGED, WIDTH_MIN } = layout

// After a change of a leaf the nodes above are put right from below, up to the first one that says the truth already.

/** A root whose one child is the root so far. */
function growRoot(store: IntervalStore, child: number): number {
  const w = store.words
  const root = allocateInner(store, 0)
  w[(root << 1) + COUNT] = 1
  w[(root + TAG) << 1] = child
  w[(child << 1) + PARENT] = root
  store.root = root
  store.height++
  return root
}

/**
 * The same as `linkUp`, after a removal from the leaf `bottom`, which may be narrower than what is said of it (`mayNarrow`): a node that has too few entries
 * is merged with a neighbour under the same parent, or the two are evened out.
 */
export function refillUp(store: IntervalStore, bottom: number, mayNarrow: boolean): void {
  const w = store.words
  let node = bottom
  let narrowed = mayNarrow
  for (let level = 0; node !== store.root; level++) {
    const parent = w[(node << 1) + PARENT]!
    let entry = entryOf(store, parent, node)
    if (w[(node << 1) + COUNT]! < WIDTH_MIN) {
      if (entry === w[(parent << 1) + COUNT]! - 1) entry--
      const left = w[(parent + entry + TAG) << 1]!
      const right = w[(parent + entry + (TAG + 1)) << 1]!
      const both = w[(left << 1) + COUNT]! + w[(right << 1) + COUNT]!
      if (both > WIDTH_MERGED) {
        spread(store, left, right, both >> 1, level)
        describeChild(store, parent, entry + 1, right)
      } else {
        spread(store, left, right, both, level)
        closeEntry(store, parent, entry + 1)
        forgetGaps(store, parent)
        if (level === 0) noteChange(store, left, store.keys[right + REACH]!)
        freeNode(store, right, level)
      }
      describeChild(store, parent, entry, left)
    } else narrowed = describeChild(store, parent, entry, node)
    if (!narrowed && w[(parent << 1) + COUNT]! >= WIDTH_MIN) return
    node = parent
  }
  // A root without entries, or with one child, gives way.
  const { height } = store
  if (w[(node << 1) + COUNT]! <= (height > 0 ? 1 : 0)) {
    store.root = height > 0 ? w[(node + TAG) << 1]! : 0
    freeNode(store, node, height)
    if (height > 0) {
      store.height--
      w[(store.root << 1) + PARENT] = 0
    }
  }
  findMax(store)
}

/** Finds the greatest last of the tree anew. */
function findMax(store: IntervalStore): void {
  const { root } = store
  store.maxKey = -NOWHERE
  if (root === 0) return
  const best = greatestLast(store, root)
  store.maxKey = store.keys[root + best + LAST]!
  store.maxTie = lastTie(store, root, best)
}

/**
 * Makes the nodes above a leaf say what is true of it. `sibling`, unless it is 0, is a new leaf that follows it; nodes above that overflow keep
 * `keep` of their entries. Both together may be wider than what was said of the leaf (`widened`).
 */
export function linkUp(store: IntervalStore, bottom: number, sibling: number, keep: number, widened: boolean): void {
  const w = store.words
  let node = bottom
  let right = sibling
  for (let level = 1; ; level++) {
    let parent = w[(node << 1) + PARENT]!
    if (parent === 0) {
      if (right === 0) break
      parent = growRoot(store, node)
    }
    const above = parent
    let other = 0
    if (right !== 0 && w[(parent << 1) + COUNT] === WIDTH) {
      other = allocateInner(store, parent)
      spread(store, parent, other, Math.min(keep, WIDTH - 1), level)
      parent = w[(node << 1) + PARENT]!
    }
    const entry = entryOf(store, parent, node)
    let changed = describeChild(store, parent, entry, node)
    if (right !== 0) {
      openEntry(store, parent, entry + 1)
      forgetGaps(store, parent)
      w[(right << 1) + PARENT] = parent
      describeChild(store, parent, entry + 1, right)
      changed = widened
    }
    if (!changed && other === 0) return
    node = above
    right = other
  }
  findMax(store)
}
