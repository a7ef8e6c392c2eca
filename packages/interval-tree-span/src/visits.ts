import { startKeyAt, startTieAt } from './entries.ts'
import { insertInterval } from './insert.ts'
import { isBefore } from './keys.ts'
import { setPayload } from './payloads.ts'
import { firstReaching, nextReaching } from './search.ts'
import { handleAt, type IntervalStore, placeOf } from './store.ts'

// What the trees of either kind do with checked keys.

export function add(store: IntervalStore, key: number, tie: number, lastKey: number, lastTie: number, payload: unknown): number {
  const handle = insertInterval(store, key, tie, lastKey, lastTie)
  if (payload !== undefined) setPayload(store, handle, payload)
  return handle
}

export function firstIn(store: IntervalStore, key: number, tie: number, lastKey: number, lastTie: number): number | undefined {
  return handleWithin(store, firstReaching(store, key, tie), lastKey, lastTie)
}

export function nextIn(
  store: IntervalStore,
  handle: number,
  key: number,
  tie: number,
  lastKey: number,
  lastTie: number,
): number | undefined {
  return handleWithin(store, nextReaching(store, placeOf(store, handle), key, tie), lastKey, lastTie)
}

/** The handle of the interval at a place, if there is one and it does not start behind (lastKey, lastTie). */
function handleWithin(store: IntervalStore, place: number, lastKey: number, lastTie: number): number | undefined {
  if (place === 0 || isBefore(lastKey, lastTie, startKeyAt(store, place), startTieAt(store, place))) return undefined
  return handleAt(store, place)
}
