// What XaCursor and XaCursor64 share. A cursor remembers the dense leaf under it, so that stepping costs no walk from the top.

import { advance, type Core, type Reserved, spot } from './core.ts'
import { content, drop, dropFromLeaf, put, putInLeaf } from './entry.ts'
import { isAfter, maskHi, maskLo } from './geometry.ts'
import { checkMark, checkNumber, halves } from './halves.ts'
import * as layout from './layout.ts'
import { peek } from './lookup.ts'
import { changeMark, marksOfIndex } from './marks.ts'
import { type Node, nextBit } from './node.ts'
import { getOrder, storeOrder } from './range.ts'
import { Run } from './run.ts'
import { passFound, seekUpTo } from './seek.ts'
import type { Mark, SparseArray } from './sparse-array.ts'
import { entryAt, hiAt, lengthOf, loAt } from './sparse-leaf.ts'

const { ANY, SLOT, SLOT_MASK } = layout
// V8 folds these, not imported names: see layout.ts. Workload xa: store_next 7.9 against 9.2 ns.
const putHere = putInLeaf
const dropHere = dropFromLeaf
const parsed = halves

/** Not walked: the next read or search begins at the index. The first two states are also how far a search goes on from it. */
const RESTART = 0
/** Stands on the index; a search goes on behind what is there. */
const AT = 1
/** A search reached the greatest index. */
const BOUNDS = 2

/** No version. A leaf that is never read spares the question whether there is one. */
const NEVER = -2
const NO_LEAF: Node = [undefined]

export abstract class ArrayCursor<T, I extends number | bigint> {
  declare private readonly core: Core
  /** Halves of the index, int32. */
  protected hi = 0
  protected lo = 0
  private state: number = RESTART
  /** The dense leaf of the index, while `since` is the version of the core: the tree has not changed, no error, not BOUNDS. */
  private leaf: Node = NO_LEAF
  private since: number = NEVER
  /** The sparse leaf in which a search found the current entry, and its position there. */
  private sparse: Node | undefined = undefined
  private pos = 0
  private version = 0
  /** The multi-index entry last seen under the cursor, to go on behind it. */
  private run: Run | undefined = undefined
  private order = 0
  private isSeekingConflicts = false
  private conflictHi = 0
  private conflictLo = 0
  private errorCode: string | undefined = undefined

  constructor(array: SparseArray<T, I>, index: number | I) {
    this.core = array.core
    this.set(index)
  }

  protected abstract parse(index: number | I, name: string): void
  /** Beyond max, or max is wrong: then the search says so. */
  protected abstract isPast(hi: number, lo: number, max: number | I): boolean
  protected abstract readonly maxHi: number
  protected abstract readonly maxOrder: number
  /** The index that the cursor stands on. After a search found nothing: one more than its `max`, or the greatest index. */
  abstract readonly index: I

  /** Aims at an index; nothing is walked. Order becomes 0. */
  set(index: number | I): void {
    let hi = 0
    let lo = 0
    if (typeof index === 'number' && index >>> 0 === index) lo = index | 0
    else {
      this.parse(index, 'index')
      hi = parsed.hi
      lo = parsed.lo
    }
    this.restart(hi, lo)
    this.order = 0
  }

  /** Aims at the 2^order aligned indexes around an index, for `store` and `findConflict`. */
  setOrder(index: number | I, order: number): void {
    checkNumber(order, 'the order', this.maxOrder)
    this.parse(index, 'index')
    this.restart(parsed.hi & ~maskHi(order), parsed.lo & ~maskLo(order))
    this.order = order
  }

  private restart(hi: number, lo: number): void {
    this.moveTo(hi, lo)
    this.state = RESTART
    this.run = undefined
    this.isSeekingConflicts = false
  }

  /** Changes the index, and forgets the leaf unless it holds the new one too. */
  private moveTo(hi: number, lo: number): void {
    if (hi !== this.hi || ((lo ^ this.lo) & ~SLOT_MASK) !== 0) this.since = NEVER
    this.hi = hi
    this.lo = lo
  }

  /** Clears error and position; keeps the index. */
  reset(): void {
    this.errorCode = undefined
    this.restart(this.hi, this.lo)
  }

  /** The caller's own error: while it is set, every operation returns nothing and changes nothing, until `reset`. */
  get error(): string | undefined {
    return this.errorCode
  }

  set error(code: string | undefined) {
    this.errorCode = code
    this.since = NEVER
    this.sparse = undefined
  }

  /** The leaf under the cursor, if it may be used. */
  private get current(): Node | undefined {
    return this.since === this.core.version ? this.leaf : undefined
  }

  /** Stands at (hi, lo), where the engine's last peek or search found `raw` and left its leaf in `spot`. */
  private stand(hi: number, lo: number, raw: unknown): T | Reserved | undefined {
    this.hi = hi
    this.lo = lo
    const { leaf } = spot
    const { version } = this.core
    this.since = leaf === undefined ? NEVER : version
    if (leaf !== undefined) this.leaf = leaf
    this.sparse = spot.sparse
    this.pos = spot.pos
    this.version = version
    return this.take(raw)
  }

  private take(raw: unknown): T | Reserved | undefined {
    this.state = AT
    if (raw instanceof Run) {
      this.run = raw
      return raw.value as T | Reserved
    }
    this.run = undefined
    return raw as T | Reserved | undefined
  }

  /** The entry at the index, RESERVED, or undefined. O(levels), O(1) in the leaf of the last step. Spec data-structures 2.10. */
  load(): T | Reserved | undefined {
    if (this.errorCode !== undefined) return undefined
    return this.readAt(this.hi, this.lo)
  }

  private readAt(hi: number, lo: number): T | Reserved | undefined {
    this.moveTo(hi, lo)
    const leaf = this.current
    return leaf !== undefined ? this.take(leaf[SLOT + (lo & SLOT_MASK)]) : this.stand(hi, lo, peek(this.core, hi, lo))
  }

  /**
   * Stores at the index, or at all indexes of the order given to `setOrder`, and stays. `undefined` erases, in every kind of array.
   * Returns what was there, RESERVED included (undefined for an order). O(1) in the leaf of the last step, else O(levels).
   */
  store(entry: T | undefined): T | Reserved | undefined {
    const { core, hi, lo, leaf } = this
    if (this.since === core.steady && this.order === 0) {
      this.state = AT
      return (entry === undefined ? dropHere(core, leaf, hi, lo) : putHere(core, leaf, hi, lo, entry)) as T | Reserved | undefined
    }
    if (this.errorCode !== undefined) return undefined
    let old: unknown
    if (this.order !== 0) storeOrder(core, hi, lo, this.order, entry)
    else old = entry === undefined ? drop(core, hi, lo) : put(core, hi, lo, entry)
    const { run } = this
    this.readAt(hi, lo)
    // A search or pause after erasing a run goes on behind the run: not by the short ways, which know of none.
    if (entry === undefined && run !== undefined) {
      this.run = run
      this.since = NEVER
    }
    return old as T | Reserved | undefined
  }

  /** Steps to the next index (from the greatest to 0) and returns what is there; the first call after aiming does not step. */
  next(): T | Reserved | undefined {
    const { leaf, state } = this
    const lo = (this.lo + state) | 0
    if (this.since === this.core.steady && (lo & SLOT_MASK) >= state) {
      this.lo = lo
      this.state = AT
      return leaf[SLOT + (lo & SLOT_MASK)] as T | Reserved | undefined
    }
    if (this.errorCode !== undefined) return undefined
    return this.state === RESTART ? this.readAt(this.hi, this.lo) : this.step(1)
  }

  /** Steps to the previous index (from 0 to the greatest); otherwise as `next`. */
  prev(): T | Reserved | undefined {
    if (this.errorCode !== undefined) return undefined
    return this.state === RESTART ? this.readAt(this.hi, this.lo) : this.step(-1)
  }

  private step(by: 1 | -1): T | Reserved | undefined {
    const { hi, maxHi } = this
    const lo = (this.lo + by) | 0
    if (by === 1) return this.readAt(lo !== 0 ? hi : hi === maxHi ? 0 : (hi + 1) | 0, lo)
    return this.readAt(lo !== -1 ? hi : hi === 0 ? maxHi : (hi - 1) | 0, lo)
  }

  /**
   * After aiming: the first entry (or RESERVED) at or after the index. Else: the first behind the current entry. Up to `max`, inclusive.
   * After finding nothing it goes on behind `max`. O(1) within a leaf, else O(levels). Spec data-structures 2.10.
   */
  find(max?: number | I): T | Reserved | undefined {
    const { core, leaf, state } = this
    const lo = (this.lo + state) | 0
    if (this.since === core.steady && (lo & SLOT_MASK) >= state) {
      const raw = leaf[SLOT + (lo & SLOT_MASK)]
      if (raw !== undefined && (max === undefined || !this.isPast(this.hi, lo, max))) {
        this.lo = lo
        this.state = AT
        return raw as T | Reserved
      }
    }
    return this.findBehindGap(max)
  }

  /** The rest of `find`, apart so that the short way stays small: workload xa: clear 10 against 12 ns. */
  private findBehindGap(max: number | I | undefined): T | Reserved | undefined {
    const { leaf } = this
    if (this.since === this.core.steady) {
      const slot = nextBit(leaf, 0, (this.lo & SLOT_MASK) + this.state, 0)
      const lo = (this.lo & ~SLOT_MASK) | slot
      if (slot >= 0 && (max === undefined || !this.isPast(this.hi, lo, max))) {
        this.lo = lo
        this.state = AT
        return leaf[SLOT + slot] as T | Reserved
      }
    }
    return this.stepInSparse(max) ? (entryAt(this.sparse!, this.pos) as T | Reserved) : this.search(max, ANY)
  }

  /** Moves to the next entry of the sparse leaf; false if none is up to `max`. The leaf may have changed: then another key is where the current one was. */
  private stepInSparse(max: number | I | undefined): boolean {
    const { core, pos, sparse, state } = this
    if (sparse === undefined || state !== AT || this.version !== core.version || core.runs !== 0 || pos + 1 >= lengthOf(sparse))
      return false
    if (loAt(sparse, pos) !== this.lo || hiAt(sparse, pos) !== this.hi) return false
    const hi = hiAt(sparse, pos + 1)
    const lo = loAt(sparse, pos + 1)
    if (max !== undefined && this.isPast(hi, lo, max)) return false
    this.hi = hi
    this.lo = lo
    this.pos = pos + 1
    return true
  }

  /** As `find`, for entries with the mark. */
  findMarked(max: number | I | undefined, mark: Mark): T | Reserved | undefined {
    checkMark(mark, this.core.allocates)
    return this.search(max, mark)
  }

  private search(max: number | I | undefined, mark: number): T | Reserved | undefined {
    if (this.errorCode !== undefined || this.state === BOUNDS) return undefined
    if (max !== undefined) this.parse(max, 'max')
    const maxHi = max === undefined ? this.maxHi : parsed.hi
    const maxLo = max === undefined ? -1 : parsed.lo
    this.pause()
    if ((this.state as number) === BOUNDS) return undefined
    const { hi, lo } = this
    if (seekUpTo(this.core, hi, lo, maxHi, maxLo, mark)) return this.stand(spot.hi, spot.lo, spot.raw)
    if (!isAfter(hi, lo, maxHi, maxLo)) this.goBehind(maxHi, maxLo)
    return undefined
  }

  /** Aims behind an index. */
  private goBehind(hi: number, lo: number): void {
    if (lo === -1 && hi === this.maxHi) {
      this.restart(hi, lo)
      this.state = BOUNDS
      this.since = NEVER
    } else {
      advance(hi, lo)
      this.restart(spot.hi, spot.lo)
    }
  }

  /** Leaves the tree: a search then goes on behind the entry that was current, whatever others do to the array meanwhile. */
  pause(): void {
    if (this.state !== AT || this.errorCode !== undefined) return
    const run = this.run
    if (run === undefined) this.goBehind(this.hi, this.lo)
    else this.goBehind(run.lastHi, run.lastLo)
  }

  /** Calls back for each entry (or RESERVED) up to `max`. The callback may store at the cursor; for other changes `pause` first. */
  forEach(max: number | I | undefined, callback: (entry: T | Reserved) => void): void {
    for (let entry = this.find(max); entry !== undefined; entry = this.find(max)) callback(entry)
  }

  /** Call repeatedly: each entry (or RESERVED) that overlaps the indexes given to `setOrder`, then undefined. The index stays. */
  findConflict(): T | Reserved | undefined {
    if (this.errorCode !== undefined) return undefined
    if (!this.isSeekingConflicts) {
      this.conflictHi = this.hi
      this.conflictLo = this.lo
    }
    const lastHi = this.hi | maskHi(this.order)
    const lastLo = this.lo | maskLo(this.order)
    this.isSeekingConflicts =
      !isAfter(this.hi, this.lo, this.conflictHi, this.conflictLo) &&
      seekUpTo(this.core, this.conflictHi, this.conflictLo, lastHi, lastLo, ANY)
    if (!this.isSeekingConflicts) return undefined
    // Behind the greatest index follows 0, which lies before the range.
    passFound()
    this.conflictHi = spot.hi
    this.conflictLo = spot.lo
    return content(spot.raw) as T | Reserved
  }

  /** The entry under the cursor has the mark; false unless the cursor stands on one. */
  getMark(mark: Mark): boolean {
    checkMark(mark, this.core.allocates)
    return this.isOnEntry() && (marksOfIndex(this.core, this.hi, this.lo) & (1 << mark)) !== 0
  }

  setMark(mark: Mark): void {
    checkMark(mark, this.core.allocates)
    this.changeMark(mark, true)
  }

  clearMark(mark: Mark): void {
    checkMark(mark, this.core.allocates)
    this.changeMark(mark, false)
  }

  /** Removes all marks of the entry under the cursor. */
  initMarks(): void {
    for (let mark = this.core.allocates ? 1 : 0; mark < 3; mark++) this.changeMark(mark, false)
  }

  private changeMark(mark: number, on: boolean): void {
    if (!this.isOnEntry()) return
    const { hi, lo } = this
    changeMark(this.core, hi, lo, peek(this.core, hi, lo), mark, on)
  }

  private isOnEntry(): boolean {
    return this.state === AT && this.errorCode === undefined && peek(this.core, this.hi, this.lo) !== undefined
  }

  /** Order of the entry under the cursor, as XArray.getOrder; 0 unless the cursor stands on one. */
  getOrder(): number {
    return this.isOnEntry() ? getOrder(this.core, this.hi, this.lo) : 0
  }
}
