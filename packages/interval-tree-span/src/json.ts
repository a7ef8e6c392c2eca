import type { SortedInterval } from './bulk.ts'
import { lastKeyAt, lastTieAt, startKeyAt, startTieAt, tagAt } from './entries.ts'
import { describe } from './keys.ts'
import { firstReaching, nextReaching } from './search.ts'
import { payloadOf } from './slots.ts'
import type { IntervalStore } from './store.ts'

/** A tree as JSON: its intervals in order, equal starts in the order of insertion. Keys of u64 are decimal strings. */
export interface IntervalsJson<K, P> {
  readonly version: 1
  readonly intervals: readonly SortedInterval<K, P>[]
}

/** All intervals of a tree. `show` makes a key of its parts. O(n). */
export function toIntervals<K, P>(store: IntervalStore, show: (key: number, tie: number) => K): IntervalsJson<K, P> {
  const intervals: SortedInterval<K, P>[] = []
  for (let place = firstReaching(store, 0, 0); place !== 0; place = nextReaching(store, place, 0, 0)) {
    const start = show(startKeyAt(store, place), startTieAt(store, place))
    const last = show(lastKeyAt(store, place), lastTieAt(store, place))
    const payload = payloadOf(store, tagAt(store, place)) as P | undefined
    intervals.push(payload === undefined ? [start, last] : [start, last, payload])
  }
  return { version: 1, intervals }
}

/** The intervals of JSON of the right version; the bulk build looks at each. */
export function fromIntervals<P>(json: unknown): readonly SortedInterval<never, P>[] {
  const { version, intervals } = (json ?? {}) as Partial<IntervalsJson<never, P>>
  if (version !== 1) throw new TypeError(`version must be 1, not ${describe(version)}`)
  if (!Array.isArray(intervals)) throw new TypeError(`intervals must be an array, not ${describe(intervals)}`)
  return intervals
}
