import * as layout from './layout.ts'
import { fetchNode, grown, type IntervalStore } from './store.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { COUNT, ENTRY_MASK, SLOTS_MAX, SLOT_MASK, STAMP_MAX, TAG, WIDTH } = layout

// Slots and handles: the way from a handle to the place of its interval, and to its payload. Payloads are beside the tree, by slot, in an array that
// a tree without payloads does not have.

/** Stamps come from one counter for all trees, so that a handle of another tree is no handle of this one. */
let stampLast = 0

/** Makes sure that a slot is free. */
export function reserveSlot(store: IntervalStore): void {
  if (store.freeSlot !== SLOTS_MAX || store.slotsEnd < store.leafOf.length) return
  const have = store.leafOf.length
  if (have === SLOTS_MAX) throw new RangeError(`a tree holds at most ${SLOTS_MAX} intervals`)
  const leafOf = new Int32Array(Math.min(SLOTS_MAX, Math.max(WIDTH, grown(have))))
  leafOf.set(store.leafOf)
  store.leafOf = leafOf
}

export function takeSlot(store: IntervalStore): number {
  const slot = store.freeSlot
  if (slot === SLOTS_MAX) return store.slotsEnd++
  store.freeSlot = -1 - store.leafOf[slot]!
  return slot
}

export function freeSlot(store: IntervalStore, slot: number): void {
  store.leafOf[slot] = -1 - store.freeSlot
  store.freeSlot = slot
  if (store.payloads !== undefined) store.payloads[slot] = undefined
}

/** A handle for a slot. */
export function makeHandle(slot: number): number {
  stampLast = stampLast === STAMP_MAX ? 1 : stampLast + 1
  return stampLast * SLOTS_MAX + slot
}

/** The handle of the interval at `place`; remembers it as the one last found. O(1). */
export function handleAt(store: IntervalStore, place: number): number {
  const handle = store.keys[((place >> 4) << 2) + (place & ENTRY_MASK) + TAG]!
  store.foundHandle = handle
  store.foundPlace = place
  return handle
}

/** The place of the interval of a handle; throws if it is none of this tree's. O(1). */
export function placeOf(store: IntervalStore, handle: number): number {
  return handle === store.foundHandle ? store.foundPlace : lookUp(store, handle)
}

function lookUp(store: IntervalStore, handle: number): number {
  const place = findPlace(store, handle)
  if (place !== 0) return place
  if (typeof handle !== 'number') throw new TypeError(`an interval handle must be a number, not ${typeof handle}`)
  throw new RangeError(`interval handle ${handle} is not in this tree`)
}

/** The place of the interval of a handle, 0 if it is none of this tree's. O(1). */
export function findPlace(store: IntervalStore, handle: number): number {
  if (typeof handle !== 'number') return 0
  const leaf = store.leafOf[handle & SLOT_MASK]!
  // Neither where there is no such slot.
  if (!(leaf > 0)) return 0
  const { keys, words } = store
  if (fetchNode(store, leaf)) return 0
  const first = leaf + TAG
  const end = first + words[(leaf << 1) + COUNT]!
  let at = first
  while (at < end && keys[at] !== handle) at++
  if (at === end) return 0
  store.foundHandle = handle
  store.foundPlace = (leaf << 2) + at - first
  return store.foundPlace
}

/** Keeps a payload for an interval in the tree. */
export function setPayload(store: IntervalStore, handle: number, payload: unknown): void {
  store.payloads ??= []
  const { payloads } = store
  const slot = handle & SLOT_MASK
  while (payloads.length < slot) payloads.push(undefined)
  payloads[slot] = payload
}

/** The payload of an interval in the tree. */
export function payloadOf(store: IntervalStore, handle: number): unknown {
  return store.payloads?.[handle & SLOT_MASK]
}
