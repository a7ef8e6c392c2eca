import { noteChange } from './gaps.ts'
import * as layout from './layout.ts'
import { checkAscent, closeEntry, lastTie, reaches } from './nodes.ts'
import { refillUp } from './repair.ts'
import { freeSlot } from './slots.ts'
import { type IntervalStore, touch } from './store.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { ASCENDS, COUNT, ENTRY_MASK, LAST, SLOT_MASK, TAG, WIDTH_MIN } = layout

/** Removes the interval at a place. O(log n); begins at the leaf and stops at the first node that it does not change. Measured by itree.*.remove. */
export function eraseInterval(store: IntervalStore, place: number): void {
  const { keys, words } = store
  const leaf = (place >> 4) << 2
  const entry = place & ENTRY_MASK
  const key = keys[leaf + entry + LAST]!
  const tie = lastTie(store, leaf, entry)
  if (store.gaps.length > 0) noteChange(store, leaf, key)
  touch(store)
  store.size--
  freeSlot(store, keys[leaf + entry + TAG]! & SLOT_MASK)
  closeEntry(store, leaf, entry)
  if (words[(leaf << 1) + ASCENDS] === 0) checkAscent(store, leaf)
  const poor = words[(leaf << 1) + COUNT]! < WIDTH_MIN
  const narrowed = entry === 0 || !reaches(store, leaf, key, tie)
  if (poor || narrowed) refillUp(store, leaf, narrowed)
}
