import { isBefore } from './keys.ts'
import * as layout from './layout.ts'
import { forgetGaps, gapIndex, type IntervalStore } from './store.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { ASCENDS, COUNT, LAST, NOWHERE, PARENT, SLOT_MASK, START, TAG, TIES, TIE_MAX, UNIT_MASK, UNKNOWN, WIDTH } = layout

// Entries within and between nodes. An entry is named by its node and its number in it.

/** The tie of an entry's start. */
export function startTie(store: IntervalStore, node: number, entry: number): number {
  return store.hasTies === 0 ? 0 : store.words[(node << 1) + TIES + entry]! >>> 16
}

/** The tie of an entry's last. */
export function lastTie(store: IntervalStore, node: number, entry: number): number {
  return store.hasTies === 0 ? 0 : store.words[(node << 1) + TIES + entry]! & 0xffff
}

// An entry is found by counting the entries in front of it: two rounds of three comparisons, the results added as numbers, without a branch
// that could be mispredicted. That halves the time of a descent. Small functions, so that V8 puts them into their callers.

/** How many of 15 keys that ascend, from a unit on, are at most `key`. */
export function rankOf(keys: Float64Array, unit: number, key: number): number {
  const rank = (+(keys[unit + 3]! <= key) + +(keys[unit + 7]! <= key) + +(keys[unit + 11]! <= key)) << 2
  const at = unit + rank
  return rank + +(keys[at]! <= key) + +(keys[at + 1]! <= key) + +(keys[at + 2]! <= key)
}

/**
 * The same of keys with ties, which are in the words from `ties` on, above `shift`. It looks at ties only where keys are equal, as those of neighbours
 * far above 2^53 are: when each comparison included the tie, a point query with unequal keys took half as many instructions more.
 */
export function rankOfTied(
  keys: Float64Array,
  words: Uint32Array,
  unit: number,
  ties: number,
  shift: number,
  key: number,
  tie: number,
): number {
  let rank = rankOf(keys, unit, key)
  while (rank > 0 && keys[unit + rank - 1] === key && ((words[ties + rank - 1]! >>> shift) & TIE_MAX) > tie) rank--
  return rank
}

/** Removes an entry. */
export function closeEntry(store: IntervalStore, node: number, entry: number): void {
  const { keys, words } = store
  const count = words[(node << 1) + COUNT]! - 1
  const end = (node + count) & UNIT_MASK
  for (let i = (node + entry) & UNIT_MASK; i < end; i++) {
    keys[i + START] = keys[i + (START + 1)]!
    keys[i + LAST] = keys[i + (LAST + 1)]!
    keys[i + TAG] = keys[i + (TAG + 1)]!
  }
  words[(node << 1) + COUNT] = count
  keys[end + START] = NOWHERE
  keys[end + LAST] = NOWHERE
  if (store.hasTies === 0) return
  for (let i = (node << 1) + TIES + entry; i < (node << 1) + TIES + count; i++) words[i] = words[i + 1]!
}

/** Copies entries to another node, or within one to lower entries. */
function copyEntries(store: IntervalStore, from: number, entry: number, to: number, target: number, howMany: number): void {
  const { keys, words } = store
  const hasTies = store.hasTies !== 0
  const by = to + target - from - entry
  const end = from + entry + howMany
  for (let i = from + entry; i < end; i++) {
    keys[i + by + START] = keys[i + START]!
    keys[i + by + LAST] = keys[i + LAST]!
    keys[i + by + TAG] = keys[i + TAG]!
    if (hasTies) words[i + by + to + TIES] = words[i + from + TIES]!
  }
}

/** Moves the entries of a node from `entry` on to the right, counts in the one that is to come, and leaves it as it is. */
export function openEntry(store: IntervalStore, node: number, entry: number): void {
  const { keys, words } = store
  const count = words[(node << 1) + COUNT]!
  for (let i = (node + count) & UNIT_MASK; i > node + entry; i--) {
    keys[i + START] = keys[i + (START - 1)]!
    keys[i + LAST] = keys[i + (LAST - 1)]!
    keys[i + TAG] = keys[i + (TAG - 1)]!
  }
  words[(node << 1) + COUNT] = count + 1
  if (store.hasTies === 0) return
  for (let i = (node << 1) + TIES + count; i > (node << 1) + TIES + entry; i--) words[i] = words[i - 1]!
}

/** Moves entries between neighbours, of which either may be empty, until the left one has `keep` of them. */
export function spread(store: IntervalStore, left: number, right: number, keep: number, level: number): void {
  const count = store.words[(left << 1) + COUNT]!
  const more = count - keep
  const have = store.words[(right << 1) + COUNT]!
  const ascend = store.words[(left << 1) + ASCENDS]! + store.words[(right << 1) + ASCENDS]!
  if (more > 0) {
    for (let i = have > 0 ? more : 0; i > 0; i--) openEntry(store, right, 0)
    store.words[(right << 1) + COUNT] = have + more
    copyEntries(store, left, keep, right, 0, more)
    cutEntries(store, left, keep)
    adopt(store, right, level, 0, more)
    noteLast(store, right, more - 1)
  } else {
    copyEntries(store, right, 0, left, count, -more)
    store.words[(left << 1) + COUNT] = keep
    copyEntries(store, right, -more, right, 0, have + more)
    cutEntries(store, right, have + more)
    adopt(store, left, level, count, keep)
    noteLast(store, left, count)
  }
  // If both ascended, only where entries now meet can they be out of line.
  if (ascend < 2) {
    checkAscent(store, left)
    checkAscent(store, right)
  }
  if (level > 0) {
    forgetGaps(store, left)
    forgetGaps(store, right)
  }
}

/** The entry of `parent` that leads to `node`. */
export function entryOf(store: IntervalStore, parent: number, node: number): number {
  const w = store.words
  // From the end, where nodes come in when intervals ascend.
  let entry = w[(parent << 1) + COUNT]! - 1
  while (w[(parent + entry + TAG) << 1] !== node) entry--
  return entry
}

/** Drops the entries of a node from `count` on. */
function cutEntries(store: IntervalStore, node: number, count: number): void {
  const { keys, words } = store
  for (let i = node + words[(node << 1) + COUNT]! - 1; i >= node + count; i--) {
    keys[i + START] = NOWHERE
    keys[i + LAST] = NOWHERE
  }
  words[(node << 1) + COUNT] = count
}

/** Finds out whether the lasts of a node ascend. */
export function checkAscent(store: IntervalStore, node: number): void {
  const words = store.words
  const count = words[(node << 1) + COUNT]!
  words[(node << 1) + ASCENDS] = 1
  for (let entry = 1; entry < count && words[(node << 1) + ASCENDS] === 1; entry += 2) noteLast(store, node, entry)
}

/** Whether one entry of a node ends before another one. */
function endsBefore(store: IntervalStore, node: number, a: number, b: number): boolean {
  const { keys } = store
  return isBefore(keys[node + a + LAST]!, lastTie(store, node, a), keys[node + b + LAST]!, lastTie(store, node, b))
}

/** Looks whether the last of an entry, which came or grew, is out of line with its neighbours'. */
export function noteLast(store: IntervalStore, node: number, entry: number): void {
  if ((entry > 0 && endsBefore(store, node, entry, entry - 1)) || (entry + 1 < WIDTH && endsBefore(store, node, entry + 1, entry))) {
    store.words[(node << 1) + ASCENDS] = 0
  }
}

/** The entry of a node that has the greatest last. */
export function greatestLast(store: IntervalStore, node: number): number {
  const { words } = store
  const count = words[(node << 1) + COUNT]!
  if (words[(node << 1) + ASCENDS] === 1) return count - 1
  let best = 0
  for (let i = 1; i < count; i++) {
    if (endsBefore(store, node, best, i)) best = i
  }
  return best
}

/** Whether some entry of a node has a last of at least (key, tie). */
export function reaches(store: IntervalStore, node: number, key: number, tie: number): boolean {
  const best = greatestLast(store, node)
  return !isBefore(store.keys[node + LAST + best]!, lastTie(store, node, best), key, tie)
}

/** Makes an entry of an inner node tell the truth about the node below it, whose gap is to be measured. Says whether anything else changed. */
export function describeChild(store: IntervalStore, node: number, entry: number, child: number): boolean {
  const { keys, words } = store
  const unit = node + entry
  const best = greatestLast(store, child)
  const start = keys[child + START]!
  const last = keys[child + LAST + best]!
  const ties = (startTie(store, child, 0) << 16) | lastTie(store, child, best)
  const hasTies = store.hasTies !== 0
  if (store.gaps.length > 0) store.gaps[gapIndex(store, node, entry)] = UNKNOWN
  const isSame = words[(unit + TAG) << 1] === child && keys[unit + START] === start && keys[unit + LAST] === last
  if (isSame && (!hasTies || words[unit + node + TIES] === ties)) return false
  keys[unit + START] = start
  keys[unit + LAST] = last
  words[(unit + TAG) << 1] = child
  if (hasTies) words[unit + node + TIES] = ties
  if (words[(node << 1) + ASCENDS] === 1) noteLast(store, node, entry)
  else checkAscent(store, node)
  return true
}

/** Tells what is below the entries from `entry` to before `end` of a node where it now is. */
function adopt(store: IntervalStore, node: number, level: number, entry: number, end: number): void {
  const w = store.words
  for (let i = entry; i < end; i++) {
    if (level === 0) store.leafOf[store.keys[node + i + TAG]! & SLOT_MASK] = node
    else w[(w[(node + i + TAG) << 1]! << 1) + PARENT] = node
  }
}
