import * as layout from './layout.ts'
import { lastTie, startTie } from './nodes.ts'
import type { IntervalStore } from './store.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { ENTRY_MASK, LAST, START, TAG } = layout

// What is at a place. The hot loops read the columns themselves.

/** The unit of a place's node plus its entry: add a column to it. */
function unitOf(place: number): number {
  return ((place >> 4) << 2) + (place & ENTRY_MASK)
}

export function startKeyAt(store: IntervalStore, place: number): number {
  return store.keys[unitOf(place) + START]!
}

export function lastKeyAt(store: IntervalStore, place: number): number {
  return store.keys[unitOf(place) + LAST]!
}

export function startTieAt(store: IntervalStore, place: number): number {
  return startTie(store, (place >> 4) << 2, place & ENTRY_MASK)
}

export function lastTieAt(store: IntervalStore, place: number): number {
  return lastTie(store, (place >> 4) << 2, place & ENTRY_MASK)
}

/** The handle of a leaf's entry. */
export function tagAt(store: IntervalStore, place: number): number {
  return store.keys[unitOf(place) + TAG]!
}
