import { measureGaps } from './gaps.ts'
import type { HoleNeeds } from './hole-needs.ts'
import { isBefore } from './keys.ts'
import * as layout from './layout.ts'
import { lastTie, startTie } from './nodes.ts'
import { gapIndex, type IntervalStore } from './store.ts'
import type { Window64 } from './window64.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const { COUNT, LAST, START, TAG } = layout

/**
 * What `HoleCursor` and `HoleCursor64` have in common: the travel over those holes of a window that hold so many indexes from an aligned position
 * on, in ascending order: the answers of a scan of the spans, but it leaps over all that is too short.
 *
 * The fields mean nothing once `done`. Holes are cut to the window. Every move looks at the tree as it then is.
 */
export class HoleScan {
  /** @internal The hole, in the parts of a key (layout.ts). Begun with no small integer, so that V8 keeps the fields as doubles. */
  startKey: number = Number.NaN
  /** @internal */
  startTie = 0
  /** @internal */
  lastKey: number = Number.NaN
  /** @internal */
  lastTie = 0
  /** @internal The first index of the hole that is aligned. */
  positionKey: number = Number.NaN
  /** @internal */
  positionTie = 0
  /** Whether the window has no further such hole. */
  done = false
  declare private readonly store: IntervalStore
  private readonly endKey: number = Number.NaN
  declare private readonly endTie: number
  declare private readonly needs: HoleNeeds
  /** No gap of fewer indexes is looked into. */
  declare private readonly gapMin: number
  /** Everything of the window before this is passed. */
  private key: number = Number.NaN
  private tie = 0

  /** Internal. */
  constructor(store: IntervalStore, window: Window64, needs: HoleNeeds) {
    this.store = store
    this.endKey = window.lastKey
    this.endTie = window.lastTie
    this.needs = needs
    this.gapMin = needs.lengthKey * (store.tieMax + 1) + needs.lengthTie
    this.moveTo(window.firstKey, window.firstTie)
  }

  /** Moves to the next such hole, or becomes `done`. O(log n) for each hole that is long enough, but holds no aligned position. */
  next(): void {
    const tie = this.lastTie === this.store.tieMax ? 0 : this.lastTie + 1
    this.moveTo(tie === 0 ? this.lastKey + 1 : this.lastKey, tie)
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
    const { gaps, keys, words, tieMax } = this.store
    const count = words[(node << 1) + COUNT]!
    for (let entry = 0; entry < count; entry++) {
      const last = keys[node + entry + LAST]!
      const lastTied = lastTie(this.store, node, entry)
      if (isBefore(last, lastTied, this.key, this.tie)) continue
      const start = keys[node + entry + START]!
      const startTied = startTie(this.store, node, entry)
      if (isBefore(this.key, this.tie, start, startTied)) {
        if (this.fits(startTied === 0 ? start - 1 : start, startTied === 0 ? tieMax : startTied - 1)) return true
        this.key = start
        this.tie = startTied
      }
      if (level > 0 && gaps[gapIndex(this.store, node, entry)]! >= this.gapMin) {
        if (this.look(words[(node + entry + TAG) << 1]!, level - 1)) return true
      } else {
        this.tie = lastTied === tieMax ? 0 : lastTied + 1
        this.key = this.tie === 0 ? last + 1 : last
      }
      this.done = isBefore(this.endKey, this.endTie, this.key, this.tie)
      if (this.done) return true
    }
    return false
  }

  /** Whether the hole from the current index to (key, tie), or to the window's end, is long enough; if so, the cursor stands on it. */
  private fits(holeKey: number, holeTie: number): boolean {
    const { needs } = this
    const ties = this.store.tieMax + 1
    const cut = isBefore(this.endKey, this.endTie, holeKey, holeTie)
    const lastKey = cut ? this.endKey : holeKey
    const lastTied = cut ? this.endTie : holeTie
    // The first aligned index is `phase - index` modulo the alignment further on.
    let tie = this.tie + ((needs.phaseTie - this.tie) & needs.maskTie)
    const borrow = needs.phaseTie < this.tie ? 1 : 0
    let key = this.key + moduloOf(needs.phaseKey - this.key - borrow, needs.maskKey)
    if (tie >= ties) {
      tie -= ties
      key++
    }
    if (isBefore(lastKey, lastTied, key, tie)) return false
    const roomTie = lastTied - tie
    const room = lastKey - key - (roomTie < 0 ? 1 : 0)
    // The room counts the indexes behind the position: as many as the length, or one fewer.
    const needTie = needs.lengthTie === 0 ? this.store.tieMax : needs.lengthTie - 1
    const need = needs.lengthTie === 0 ? needs.lengthKey - 1 : needs.lengthKey
    if (isBefore(room, roomTie & this.store.tieMax, need, needTie)) return false
    this.startKey = this.key
    this.startTie = this.tie
    this.lastKey = lastKey
    this.lastTie = lastTied
    this.positionKey = key
    this.positionTie = tie
    return true
  }
}

/** `value` modulo `mask + 1`, a power of two; not negative. Exact, because |value| is at most 2^53. */
function moduloOf(value: number, mask: number): number {
  if (mask === 0) return 0
  const rest = value % (mask + 1)
  return rest < 0 ? rest + mask + 1 : rest
}
