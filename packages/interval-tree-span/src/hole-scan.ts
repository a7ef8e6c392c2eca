import { markChanges, measureGap } from './gaps.ts'
import type { HoleNeeds } from './hole-needs.ts'
import { isBefore, joinKey, keyAfter, keyBefore, split, splitKey, splitTie, tieAfter, tieBefore } from './keys.ts'
import * as layout from './layout.ts'
import { lastTie, startTie } from './nodes.ts'
import { entryReaching } from './search.ts'
import { gapIndex, type IntervalStore } from './store.ts'
import type { Window64 } from './window64.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { COUNT, LAST, NOWHERE, START, TAG, TIES_FROM, UNKNOWN } = layout

/**
 * What `HoleCursor` and `HoleCursor64` have in common: the travel over those holes of a window that hold so many indexes from an aligned position
 * on, in ascending order: the answers of a scan of the spans, but it leaps over all that is too short.
 *
 * The fields mean nothing once `done`. Holes are cut to the window. Every move looks at the tree as it then is.
 */
export class HoleScan {
  /** @internal The hole, in the parts of a key (layout.ts). Begun with no small integer, so that V8 keeps the fields as doubles. */
  startKey: number = NOWHERE
  /** @internal */
  startTie = 0
  /** @internal */
  lastKey: number = NOWHERE
  /** @internal */
  lastTie = 0
  /** @internal The first index of the hole that is aligned. */
  positionKey: number = NOWHERE
  /** @internal */
  positionTie = 0
  /** Whether the window has no further such hole. */
  done = false
  declare private readonly store: IntervalStore
  private readonly endKey: number = NOWHERE
  declare private readonly endTie: number
  declare private readonly needs: HoleNeeds
  /** No gap of fewer indexes is looked into. */
  private readonly gapMin: number = NOWHERE

  /** Internal. */
  constructor(store: IntervalStore, window: Window64, needs: HoleNeeds) {
    this.store = store
    this.endKey = window.lastKey
    this.endTie = window.lastTie
    this.needs = needs
    // Lengths from 2^53 on are rounded, here and in the table of gaps, by less than this.
    this.gapMin = (needs.lengthKey + needs.lengthTie) * (1 - 1e-15)
    this.moveTo(window.firstKey, window.firstTie)
  }

  /** Moves to the next such hole, or becomes `done`. O(log n) for each hole that is long enough, but holds no aligned position. */
  next(): void {
    this.moveTo(keyAfter(this.lastKey, this.lastTie), tieAfter(this.lastKey, this.lastTie))
  }

  /** @internal To the first hole that fits from a checked index on. */
  moveTo(key: number, tie: number): void {
    if (this.done) return
    const { endKey, endTie, store } = this
    const { maxKey, maxTie } = store
    markChanges(store)
    if (isBefore(maxKey, maxTie, key, tie)) this.done = isBefore(endKey, endTie, key, tie) || !this.fits(key, tie, endKey, endTie)
    else if (!this.look(store.root, store.height, key, tie))
      this.done = !this.fits(keyAfter(maxKey, maxTie), tieAfter(maxKey, maxTie), endKey, endTie)
  }

  /** Looks for a hole from an index on below a node that reaches it. False means that none is there, and that the window goes on behind it. */
  private look(node: number, level: number, fromKey: number, fromTie: number): boolean {
    const { endKey, endTie, gapMin, store } = this
    const { gaps, keys, words } = store
    const count = words[(node << 1) + COUNT]!
    // Everything of the window before this is passed. These conversions tell V8 that what goes around the loop are machine numbers.
    let key = +fromKey
    let tie = fromTie | 0
    for (let entry = entryReaching(store, keys, words, node, key, tie, keyBefore(key, tie)); entry < count; entry++) {
      const last = keys[node + entry + LAST]!
      const lastTied = lastTie(store, node, entry)
      if (isBefore(last, lastTied, key, tie)) continue
      const start = keys[node + entry + START]!
      const startTied = startTie(store, node, entry)
      // Most gaps are too short: then neither the end of one nor a position is asked for.
      if (start - key + (startTied - tie) >= gapMin && this.fits(key, tie, keyBefore(start, startTied), tieBefore(start, startTied)))
        return true
      if (
        level > 0 &&
        gaps[gapIndex(store, node, entry)]! >= gapMin &&
        (gaps[gapIndex(store, node, entry)]! !== UNKNOWN || measureGap(store, node, entry, level) >= gapMin) &&
        this.look(words[(node + entry + TAG) << 1]!, level - 1, key, tie)
      )
        return true
      key = keyAfter(last, lastTied)
      tie = tieAfter(last, lastTied)
      if (isBefore(endKey, endTie, key, tie)) {
        this.done = true
        return true
      }
    }
    return false
  }

  /**
   * Whether the hole from one index to another one, or to the window's end, holds the length from its first aligned index on. The cursor then
   * stands on it; if not, it does until the next one is looked at.
   */
  private fits(key: number, tie: number, holeKey: number, holeTie: number): boolean {
    const { endKey, endTie } = this
    const { alignmentKey, lengthKey, lengthTie, phaseKey, phaseTie } = this.needs
    const cut = isBefore(endKey, endTie, holeKey, holeTie)
    this.startKey = key
    this.startTie = tie
    this.lastKey = cut ? endKey : holeKey
    this.lastTie = cut ? endTie : holeTie
    // It is `phase - index` modulo the alignment further on. Below 2^53 the doubles are exact.
    const ahead = phaseKey - key
    this.positionKey = key + (ahead - Math.floor(ahead / alignmentKey) * alignmentKey)
    this.positionTie = 0
    const end = this.positionKey + lengthKey
    if (end < TIES_FROM) return end - 1 <= this.lastKey
    const index = joinKey(key, tie)
    const position = index + ((joinKey(phaseKey, phaseTie) - index) & (joinKey(alignmentKey, 0) - 1n))
    if (position + joinKey(lengthKey, lengthTie) - 1n > joinKey(this.lastKey, this.lastTie)) return false
    split(position, 'position')
    this.positionKey = splitKey()
    this.positionTie = splitTie()
    return true
  }
}
