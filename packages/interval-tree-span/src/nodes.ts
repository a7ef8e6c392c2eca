import { isBefore } from './keys.ts'
import * as layout from './layout.ts'
import type { IntervalStore } from './store.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { ASCENDS, COUNT, LAST, PARENT, SLOT_MASK, START, TAG, TIE_MAX, TIES, WIDTH } = layout

// Entries within and between nodes. An entry is named by its node and its number in it.

/** The tie of an entry's start, 0 in trees of numbers. */
export function startTie(store: IntervalStore, node: number, entry: number): number {
  return store.tieMax === 0 ? 0 : store.words[(node << 1) + TIES + entry]! >>> 16
}

/** The tie of an entry's last, 0 in trees of numbers. */
export function lastTie(store: IntervalStore, node: number, entry: number): number {
  return store.tieMax === 0 ? 0 : store.words[(node << 1) + TIES + entry]! & 0xffff
}

// An entry is found by counting the entries in front of it: two rounds of three comparisons, the results added as numbers, without a branch
// that could be mispredicted. That halves the time of a descent. Small functions, so that V8 puts them into their callers.

/** How many of 15 keys that ascend, from a unit on, are at most `key`. */
export function rankOf(keys: Float64Array, unit: number, key: number): number {
  const rank = (+(keys[unit + 3]! <= key) + +(keys[unit + 7]! <= key) + +(keys[unit + 11]! <= key)) << 2
  const at = unit + rank
  return rank + +(keys[at]! <= key) + +(keys[at + 1]! <= key) + +(keys[at + 2]! <= key)
}

/** The same of keys with ties, which are in the words from `ties` on, above `shift`. */
export function rankOfTied(
  keys: Float64Array,
  words: Uint32Array,
  unit: number,
  ties: number,
  shift: number,
  key: number,
  tie: number,
): number {
  let rank = isUpTo(keys, words, unit + 3, ties + 3, shift, key, tie) + isUpTo(keys, words, unit + 7, ties + 7, shift, key, tie)
  rank = (rank + isUpTo(keys, words, unit + 11, ties + 11, shift, key, tie)) << 2
  const at = unit + rank
  const tiesAt = ties + rank
  rank += isUpTo(keys, words, at, tiesAt, shift, key, tie) + isUpTo(keys, words, at + 1, tiesAt + 1, shift, key, tie)
  return rank + isUpTo(keys, words, at + 2, tiesAt + 2, shift, key, tie)
}

function isUpTo(keys: Float64Array, words: Uint32Array, unit: number, ties: number, shift: number, key: number, tie: number): number {
  return +(keys[unit]! < key) | (+(keys[unit] === key) & +(((words[ties]! >>> shift) & TIE_MAX) <= tie))
}

/** Copies entries to another node, or within one to lower entries. */
export function copyEntries(store: IntervalStore, from: number, entry: number, to: number, target: number, howMany: number): void {
  const { keys, words } = store
  for (let i = 0; i < howMany; i++) {
    const source = from + entry + i
    const aim = to + target + i
    keys[aim + START] = keys[source + START]!
    keys[aim + LAST] = keys[source + LAST]!
    keys[aim + TAG] = keys[source + TAG]!
  }
  if (store.tieMax === 0) return
  for (let i = 0; i < howMany; i++) words[(to << 1) + TIES + target + i] = words[(from << 1) + TIES + entry + i]!
}

/** Moves the entries of a node from `entry` on by `by` to the right, counts them in, and leaves the gap as it is. */
export function shiftEntries(store: IntervalStore, node: number, entry: number, by: number): void {
  const { keys, words } = store
  const count = words[(node << 1) + COUNT]!
  for (let i = count - 1; i >= entry; i--) {
    const at = node + i
    keys[at + by + START] = keys[at + START]!
    keys[at + by + LAST] = keys[at + LAST]!
    keys[at + by + TAG] = keys[at + TAG]!
  }
  words[(node << 1) + COUNT] = count + by
  if (store.tieMax === 0) return
  for (let i = count - 1; i >= entry; i--) words[(node << 1) + TIES + i + by] = words[(node << 1) + TIES + i]!
}

/** Removes entries from `entry` on, moving those behind them up. */
export function closeEntries(store: IntervalStore, node: number, entry: number, howMany: number): void {
  const count = store.words[(node << 1) + COUNT]!
  copyEntries(store, node, entry + howMany, node, entry, count - entry - howMany)
  cutEntries(store, node, count - howMany)
}

/** Drops the entries of a node from `count` on. */
export function cutEntries(store: IntervalStore, node: number, count: number): void {
  const { keys, words } = store
  for (let i = words[(node << 1) + COUNT]! - 1; i >= count; i--) {
    keys[node + i + START] = Number.POSITIVE_INFINITY
    keys[node + i + LAST] = Number.POSITIVE_INFINITY
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

/** The same where only the last of one entry changed since it was last known. */
export function checkAscentAt(store: IntervalStore, node: number, entry: number): void {
  if (store.words[(node << 1) + ASCENDS] === 1) noteLast(store, node, entry)
  else checkAscent(store, node)
}

/** Looks whether the last of an entry, which came or grew, is out of line with its neighbours'. */
export function noteLast(store: IntervalStore, node: number, entry: number): void {
  const keys = store.keys
  const at = node + entry + LAST
  const last = keys[at]!
  if (entry > 0 && keys[at - 1]! >= last && (keys[at - 1]! > last || lastTie(store, node, entry - 1) > lastTie(store, node, entry))) {
    store.words[(node << 1) + ASCENDS] = 0
  } else if (entry + 1 < WIDTH && keys[at + 1]! <= last) {
    if (keys[at + 1]! < last || lastTie(store, node, entry + 1) < lastTie(store, node, entry)) store.words[(node << 1) + ASCENDS] = 0
  }
}

/** The entry of a node that has the greatest last. */
export function greatestLast(store: IntervalStore, node: number): number {
  const { keys, words } = store
  const count = words[(node << 1) + COUNT]!
  if (words[(node << 1) + ASCENDS] === 1) return count - 1
  let best = 0
  for (let i = 1; i < count; i++) {
    if (isBefore(keys[node + LAST + best]!, lastTie(store, node, best), keys[node + LAST + i]!, lastTie(store, node, i))) best = i
  }
  return best
}

/** Whether some entry of a node has a last of at least (key, tie). */
export function reaches(store: IntervalStore, node: number, key: number, tie: number): boolean {
  const best = greatestLast(store, node)
  return !isBefore(store.keys[node + LAST + best]!, lastTie(store, node, best), key, tie)
}

/** Makes an entry of an inner node tell the truth about the node below it. The caller checks the ascent of `node`. */
export function describeChild(store: IntervalStore, node: number, entry: number, child: number): void {
  const { keys, words } = store
  const best = greatestLast(store, child)
  keys[node + entry + START] = keys[child + START]!
  keys[node + entry + LAST] = keys[child + LAST + best]!
  words[(node + entry + TAG) << 1] = child
  if (store.tieMax !== 0) words[(node << 1) + TIES + entry] = (startTie(store, child, 0) << 16) | lastTie(store, child, best)
}

/** Tells what is below the entries from `entry` to before `end` of a node where it now is. */
export function adopt(store: IntervalStore, node: number, level: number, entry: number, end: number): void {
  const w = store.words
  for (let i = entry; i < end; i++) {
    if (level === 0) store.leafOf[store.keys[node + i + TAG]! & SLOT_MASK] = node
    else w[(w[(node + i + TAG) << 1]! << 1) + PARENT] = node
  }
}

/** The entry of `parent` that leads to `node`. */
export function entryOf(store: IntervalStore, parent: number, node: number): number {
  const w = store.words
  let at = (parent + TAG) << 1
  while (w[at] !== node) at += 2
  return (at >> 1) - parent - TAG
}
