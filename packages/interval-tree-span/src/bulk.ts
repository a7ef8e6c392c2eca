import { startKeyAt, startTieAt } from './entries.ts'
import { insertInterval } from './insert.ts'
import { describe, isBefore, joinKey } from './keys.ts'
import * as layout from './layout.ts'
import { linkUp } from './repair.ts'
import { allocateLeaf, growNodes, type IntervalStore } from './store.ts'
import type { Window64 } from './window64.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { NEXT, SLOTS_MAX, WIDTH } = layout

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
  const first = store.nodesEnd
  let index = 0
  try {
    for (; index < n; index++) {
      const entry: SortedInterval<K, unknown> = lasts === undefined ? list[index]! : [list[index]!, lasts[index]!, payloads?.[index]]
      if (!Array.isArray(entry) || entry.length < 2 || entry.length > 3)
        throw new TypeError(`not [start, last, payload?]: ${describe(entry)}`)
      const interval = check(entry[0], entry[1])
      if (index > 0) checkNext(store, interval)
      if (index % WIDTH === 0) store.root = allocateLeaf(store, store.root)
      insertInterval(store, interval.firstKey, interval.firstTie, interval.lastKey, interval.lastTie, entry[2])
    }
  } catch (error) {
    const Kind = error instanceof RangeError ? RangeError : TypeError
    throw new Kind(`interval ${index} of ${n}: ${(error as Error).message}`, { cause: error })
  }
  raise(store, first)
}

/** Refuses an interval that starts before the one that was inserted last. */
function checkNext(store: IntervalStore, { firstKey, firstTie }: Window64): void {
  const key = startKeyAt(store, store.foundPlace)
  const tie = startTieAt(store, store.foundPlace)
  if (!isBefore(firstKey, firstTie, key, tie)) return
  throw new RangeError(`start ${joinKey(firstKey, firstTie)} is less than the ${joinKey(key, tie)} before it`)
}

/** Memory for n intervals, and no more: inner nodes have one child fewer than leaves have entries. */
function reserveAll(store: IntervalStore, n: number): void {
  let nodes = 0
  for (let level = Math.ceil(n / WIDTH); ; level = Math.ceil((level - 1) / (WIDTH - 1))) {
    nodes += level
    if (level === 1) break
  }
  growNodes(store, nodes)
  store.leafOf = new Int32Array(Math.min(n, SLOTS_MAX))
}

/** Builds the inner nodes above the chain of leaves: each leaf is linked as if the one before it had been cut. */
function raise(store: IntervalStore, first: number): void {
  const w = store.words
  store.root = first
  for (let left = first, right = w[(first << 1) + NEXT]!; right !== 0; left = right, right = w[(left << 1) + NEXT]!) {
    linkUp(store, left, right, WIDTH - 1, true)
  }
}
