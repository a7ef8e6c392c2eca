import { measureGaps } from './gaps.ts'
import type { HoleNeeds } from './hole-needs.ts'
import { isBefore, joinKey, keyAfter, keyBefore, split, splitKey, splitTie, tieAfter, tieBefore } from './keys.ts'
import * as layout from './layout.ts'
import { lastTie, startTie } from './nodes.ts'
import { gapIndex, type IntervalStore } from './store.ts'
import type { Window64 } from './window64.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { COUNT, LAST, NOWHERE, START, TAG, TIES_FROM } = layout

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
  declare private readonly gapMin: number
  /** Everything of the window before this is passed. */
  private key: number = NOWHERE
  private tie = 0

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
    this.key = key
    this.tie = tie
    this.done = isBefore(this.endKey, this.endTie, key, tie)
    if (this.done) return
    const store = this.store
    measureGaps(store)
    if (store.root === 0 || !this.look(store.root, store.height)) this.done = !this.fits(this.endKey, this.endTie)
  }

  /** Looks for a hole below a node. False means that none is there, and that (key, tie) is behind all of it, but not behind the window. */
  private look(node: number, level: number): boolean {
    const { gaps, keys, words } = this.store
    const count = words[(node << 1) + COUNT]!
    for (let entry = 0; entry < count; entry++) {
      const last = keys[node + entry + LAST]!
      const lastTied = lastTie(this.store, node, entry)
      if (isBefore(last, lastTied, this.key, this.tie)) continue
      const start = keys[node + entry + START]!
      const startTied = startTie(this.store, node, entry)
      if (isBefore(this.key, this.tie, start, startTied)) {
        if (this.fits(keyBefore(start, startTied), tieBefore(start, startTied))) return true
        this.key = start
        this.tie = startTied
      }
      if (level > 0 && gaps[gapIndex(this.store, node, entry)]! >= this.gapMin) {
        if (this.look(words[(node + entry + TAG) << 1]!, level - 1)) return true
      } else {
        this.key = keyAfter(last, lastTied)
        this.tie = tieAfter(last, lastTied)
      }
      this.done = isBefore(this.endKey, this.endTie, this.key, this.tie)
      if (this.done) return true
    }
    return false
  }

  /** Whether the hole from the current index to (key, tie), or to the window's end, is long enough; if so, the cursor stands on it. */
  private fits(holeKey: number, holeTie: number): boolean {
    const cut = isBefore(this.endKey, this.endTie, holeKey, holeTie)
    const lastKey = cut ? this.endKey : holeKey
    const lastTied = cut ? this.endTie : holeTie
    if (!this.place(lastKey, lastTied)) return false
    this.startKey = this.key
    this.startTie = this.tie
    this.lastKey = lastKey
    this.lastTie = lastTied
    return true
  }

  /** Takes the first aligned index from the current one on for the position, unless from there to (lastKey, lastTied) it is too short. */
  private place(lastKey: number, lastTied: number): boolean {
    const { key, tie } = this
    const { alignmentKey, lengthKey, lengthTie, phaseKey, phaseTie } = this.needs
    // It is `phase - index` modulo the alignment further on. Below 2^53 the doubles are exact.
    const ahead = (phaseKey - key) % alignmentKey
    this.positionKey = key + (ahead < 0 ? ahead + alignmentKey : ahead)
    this.positionTie = 0
    const end = this.positionKey + lengthKey
    if (end < TIES_FROM) return end - 1 <= lastKey
    const index = joinKey(key, tie)
    const position = index + ((joinKey(phaseKey, phaseTie) - index) & (joinKey(alignmentKey, 0) - 1n))
    if (position + joinKey(lengthKey, lengthTie) - 1n > joinKey(lastKey, lastTied)) return false
    split(position, 'position')
    this.positionKey = splitKey()
    this.positionTie = splitTie()
    return true
  }
}
