import { isBefore, joinKey } from './keys.ts'
import * as layout from './layout.ts'
import { checkAscent, describeChild } from './nodes.ts'
import { setPayload } from './payloads.ts'
import { allocateInner, allocateLeaf, growNodes, type IntervalStore, makeHandle, touch } from './store.ts'
import type { Window64 } from './window64.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { COUNT, ENTRY_MASK, LAST, NEXT, PARENT, PREV, SLOTS_MAX, START, TAG, TIES, WIDTH } = layout

/** An interval of a bulk build: start and last, both inclusive, and what is to be kept with it. */
export type SortedInterval<K, P> = readonly [start: K, last: K, payload?: P | undefined]

/** Intervals in order of their starts: entries, or the column of the starts. */
export type SortedIntervals<K, P> = Iterable<SortedInterval<K, P>> | ArrayLike<K>

/**
 * Fills an empty store, which is of no use if this throws, with intervals sorted by start: leaf behind leaf, each full, then the nodes above
 * them, level by level. `items` are entries if there are no `lasts`, else starts. `check` checks two bounds and takes them apart. O(n).
 */
export function buildSorted<K>(
  store: IntervalStore,
  items: SortedIntervals<K, unknown>,
  lasts: ArrayLike<K> | undefined,
  payloads: ArrayLike<unknown> | undefined,
  check: (start: K, last: K) => Window64,
): void {
  const list = (lasts !== undefined || Array.isArray(items) ? items : [...(items as Iterable<unknown>)]) as ArrayLike<never>
  const n = list.length
  for (const column of [lasts, payloads]) {
    if (column !== undefined && column.length !== n) throw new RangeError(`${n} starts do not go with a column of ${column.length}`)
  }
  if (n === 0) return
  reserveAll(store, n)
  const leaves: number[] = []
  let index = 0
  try {
    for (; index < n; index++) {
      const entry: SortedInterval<K, unknown> = lasts === undefined ? list[index]! : [list[index]!, lasts[index]!, payloads?.[index]]
      const handle = append(store, leaves, index, check(entry?.[0], entry?.[1]))
      if (entry[2] !== undefined) setPayload(store, handle, entry[2])
    }
  } catch (error) {
    const Kind = error instanceof RangeError ? RangeError : TypeError
    throw new Kind(`interval ${index} of ${n}: ${(error as Error).message}`, { cause: error })
  }
  for (const leaf of leaves) checkAscent(store, leaf)
  store.size = n
  store.slotsEnd = n
  raise(store, leaves)
  touch(store)
}

/** Memory for n intervals, and no more. */
function reserveAll(store: IntervalStore, n: number): void {
  if (n > SLOTS_MAX) throw new RangeError(`a tree holds at most ${SLOTS_MAX} intervals, not ${n}`)
  let nodes = 0
  for (let level = n; level > 1 || nodes === 0; nodes += level) level = Math.ceil(level / WIDTH)
  growNodes(store, nodes)
  store.leafOf = new Int32Array(n)
}

/** Puts an interval behind all others; returns its handle. The lasts of the leaf are still to be checked for their ascent. */
function append(store: IntervalStore, leaves: number[], index: number, interval: Window64): number {
  const { keys, words } = store
  const { firstKey, firstTie, lastKey, lastTie } = interval
  const entry = index & ENTRY_MASK
  let leaf = leaves.at(-1) ?? 0
  if (index > 0) {
    const before = (index - 1) & ENTRY_MASK
    const key = keys[leaf + before + START]!
    const tie = store.tieMax === 0 ? 0 : words[(leaf << 1) + TIES + before]! >>> 16
    if (isBefore(firstKey, firstTie, key, tie)) {
      const [start, startBefore] = store.tieMax === 0 ? [firstKey, key] : [joinKey(firstKey, firstTie), joinKey(key, tie)]
      throw new RangeError(`start ${start} is less than ${startBefore}, the start before it`)
    }
  }
  if (entry === 0) {
    const next = allocateLeaf(store)
    if (leaf !== 0) words[(leaf << 1) + NEXT] = next
    words[(next << 1) + PREV] = leaf
    leaf = next
    leaves.push(leaf)
  }
  if (isBefore(store.maxKey, store.maxTie, lastKey, lastTie)) {
    store.maxKey = lastKey
    store.maxTie = lastTie
  }
  const handle = makeHandle(index)
  keys[leaf + entry + START] = firstKey
  keys[leaf + entry + LAST] = lastKey
  keys[leaf + entry + TAG] = handle
  if (store.tieMax !== 0) words[(leaf << 1) + TIES + entry] = (firstTie << 16) | lastTie
  words[(leaf << 1) + COUNT] = entry + 1
  store.leafOf[index] = leaf
  return handle
}

/** Builds the inner nodes above a level of nodes, up to the root. */
function raise(store: IntervalStore, leaves: number[]): void {
  const { words } = store
  let below = leaves
  for (; below.length > 1; store.height++) {
    const level: number[] = []
    for (let at = 0; at < below.length; ) {
      const node = allocateInner(store)
      const rest = below.length - at
      // No inner node has but one child.
      const count = rest === WIDTH + 1 ? WIDTH - 1 : Math.min(rest, WIDTH)
      words[(node << 1) + COUNT] = count
      for (let entry = 0; entry < count; entry++, at++) {
        describeChild(store, node, entry, below[at]!)
        words[(below[at]! << 1) + PARENT] = node
      }
      checkAscent(store, node)
      level.push(node)
    }
    below = level
  }
  store.root = below[0]!
}
