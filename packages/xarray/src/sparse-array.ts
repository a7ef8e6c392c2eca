// What XArray and XArray64 share: the whole public surface, over an index type that the two make concrete.

import { type AllocMode, advance, Core, empty, RESERVED, type Reserved, spot } from './core.ts'
import { content, drop, dropFromLeaf, hide, put, putInLeaf, visible } from './entry.ts'
import { XArrayError } from './errors.ts'
import { findFree } from './free.ts'
import { isAfter } from './geometry.ts'
import { checkMark, checkNumber, halves, optionsOf } from './halves.ts'
import * as layout from './layout.ts'
import { leafNear, lowLeaf, peek } from './lookup.ts'
import { changeMark, marksBelow, marksOfIndex } from './marks.ts'
import { isNode } from './node.ts'
import { exactOrder, getOrder, split, splitAround, storeOrder, storeRange } from './range.ts'
import { needsOneNode, Run } from './run.ts'
import { passFound, seekOn, seekUpTo } from './seek.ts'
import { lowEntry } from './sparse-leaf.ts'

const { ANY, SLOT, SLOT_MASK } = layout
// V8 folds these, not imported names: see layout.ts.
const putHere = putInLeaf
const dropHere = dropFromLeaf
const nearHere = leafNear
const lowHere = lowLeaf

export type Mark = 0 | 1 | 2

export interface XArrayOptions {
  /** Allocate ids: from 0 or from 1. Absent: a plain array, in which `alloc` is refused. */
  readonly alloc?: AllocMode
}

/** An entry that a search found: the index (the one asked for if the entry covers it), and the entry's own closed range. */
export interface Found<T, I> {
  readonly index: I
  readonly entry: T
  readonly first: I
  readonly last: I
}

/** Inclusive bounds of ids; by default 0..2^32 - 1. */
export interface Limits<I> {
  readonly min?: I
  readonly max?: I
}

/** The caller's state of a cyclic allocation. */
export interface CyclicIds<I> {
  next: I
}

/** A window of indexes, both ends inclusive, and the mark that entries must have. */
export interface Window<I> {
  readonly first?: I
  readonly last?: I
  readonly mark?: Mark
}

/** More pieces than this would exhaust any engine's memory long before the loop ends. */
const SPLIT_PIECES_MAX_ORDER = 26

export abstract class SparseArray<T, I extends number | bigint> {
  /** The engine's state: for this package's cursors and checks alone. Declared, since a field that is defined first is never constant. */
  declare readonly core: Core

  constructor(options?: XArrayOptions) {
    const { alloc } = optionsOf(options, 'options')
    if (alloc !== undefined && alloc !== 0 && alloc !== 1) throw new RangeError(`alloc is ${String(alloc)}: 0 or 1 is needed`)
    this.core = new Core(alloc)
  }

  /** Leaves the halves of an index in `halves`, or throws. */
  protected abstract parse(index: number | I, name: string): void
  protected abstract join(hi: number, lo: number): I
  protected abstract readonly maxHi: number
  protected abstract readonly maxOrder: number

  // ---- one index

  /** The entry that covers the index; undefined when absent or reserved. O(levels). Spec data-structures 2.5. */
  load(index: number | I): T | undefined {
    const { core } = this
    const leaf = nearHere(core, index)
    if (leaf !== undefined) return leaf[SLOT + ((index as number) & SLOT_MASK)] as T | undefined
    this.parse(index, 'index')
    const { hi, lo } = halves
    const low = lowHere(core, hi, lo)
    if (low === undefined) return visible(peek(core, hi, lo)) as T | undefined
    return (isNode(low) ? low[SLOT + (lo & SLOT_MASK)] : lowEntry(low, lo)) as T | undefined
  }

  /**
   * Replaces what covers the index (a multi-index entry whole) and keeps its marks; returns the old entry. `undefined` erases, but in an
   * array that allocates it reserves. O(levels). Spec data-structures 2.5.
   */
  store(index: number | I, entry: T | undefined): T | undefined {
    const { core } = this
    const leaf = entry === undefined ? undefined : nearHere(core, index)
    if (leaf !== undefined) return putHere(core, leaf, 0, (index as number) | 0, entry) as T | undefined
    this.parse(index, 'index')
    const { hi, lo } = halves
    if (entry !== undefined) return hide<T>(put(core, hi, lo, entry))
    return hide<T>(core.allocates ? put(core, hi, lo, RESERVED) : drop(core, hi, lo))
  }

  /** Makes the index absent, a multi-index entry whole, and frees the id; returns the old entry. O(levels). Spec data-structures 2.5. */
  erase(index: number | I): T | undefined {
    const { core } = this
    const leaf = nearHere(core, index)
    if (leaf !== undefined) return dropHere(core, leaf, 0, (index as number) | 0) as T | undefined
    this.parse(index, 'index')
    return hide<T>(drop(core, halves.hi, halves.lo))
  }

  /** Stores where nothing is; false when an entry or a reservation is there. `undefined` reserves. O(levels). */
  insert(index: number | I, entry: T | undefined): boolean {
    this.parse(index, 'index')
    const { hi, lo } = halves
    if (peek(this.core, hi, lo) !== undefined) return false
    put(this.core, hi, lo, entry === undefined ? RESERVED : entry)
    return true
  }

  /**
   * Stores `entry` if `Object.is(current, old)`; `undefined` as `old` matches an absent index only, RESERVED a reservation.
   * `undefined` as `entry` erases. O(levels). Spec data-structures 2.5.
   */
  cmpxchg(index: number | I, old: T | Reserved | undefined, entry: T | undefined): { ok: boolean; current: T | Reserved | undefined } {
    this.parse(index, 'index')
    const { hi, lo } = halves
    const current = content(peek(this.core, hi, lo)) as T | Reserved | undefined
    const ok = Object.is(current, old)
    if (ok && entry !== undefined) put(this.core, hi, lo, entry)
    else if (ok) drop(this.core, hi, lo)
    return { ok, current }
  }

  /** Takes the index without an entry, if it is absent; else does nothing. O(levels). */
  reserve(index: number | I): void {
    this.insert(index, undefined)
  }

  /** Gives a reservation back; does nothing to an entry. O(levels). */
  release(index: number | I): void {
    this.parse(index, 'index')
    const { hi, lo } = halves
    if (content(peek(this.core, hi, lo)) === RESERVED) drop(this.core, hi, lo)
  }

  /** No entry and no reservation. O(1). */
  get isEmpty(): boolean {
    return this.core.root === undefined
  }

  /** Entries, a multi-index one counted once; reservations are not counted. O(1). */
  get size(): number {
    return this.core.size
  }

  /** Removes everything; the array is as new. O(1). */
  clear(): void {
    empty(this.core)
  }

  /** The kernel's name of `clear`. */
  destroy(): void {
    this.clear()
  }

  // ---- marks

  /** Any entry has the mark. O(1), but O(entries) of the one leaf while the array is small. Throws RangeError for mark 0 of an array that allocates, as all methods with a mark do. */
  marked(mark: Mark): boolean {
    checkMark(mark, this.core.allocates)
    const { root, allocates } = this.core
    return root !== undefined && (marksBelow(root, allocates) & (1 << mark)) !== 0
  }

  /** The entry that covers the index has the mark; false when absent. O(levels). Spec data-structures 2.7. */
  getMark(index: number | I, mark: Mark): boolean {
    checkMark(mark, this.core.allocates)
    this.parse(index, 'index')
    return (marksOfIndex(this.core, halves.hi, halves.lo) & (1 << mark)) !== 0
  }

  /** Marks the entry (or reservation) that covers the index, if there is one. O(levels). */
  setMark(index: number | I, mark: Mark): void {
    this.changeMark(index, mark, true)
  }

  /** Removes a mark from the entry that covers the index, if there is one. O(levels). */
  clearMark(index: number | I, mark: Mark): void {
    this.changeMark(index, mark, false)
  }

  private changeMark(index: number | I, mark: Mark, on: boolean): void {
    checkMark(mark, this.core.allocates)
    this.parse(index, 'index')
    const { hi, lo } = halves
    const entry = peek(this.core, hi, lo)
    if (entry !== undefined) changeMark(this.core, hi, lo, entry, mark, on)
  }

  // ---- search

  /** Seeks from (hi, lo) over reservations; leaves the result in `spot`. */
  private seekVisible(hi: number, lo: number, maxHi: number, maxLo: number, mark: number): boolean {
    let isFound = seekUpTo(this.core, hi, lo, maxHi, maxLo, mark)
    while (isFound && visible(spot.raw) === undefined) isFound = seekOn(this.core, maxHi, maxLo, mark)
    return isFound
  }

  private found(): Found<T, I> {
    const { hi, lo, raw } = spot
    const index = this.join(hi, lo)
    if (!(raw instanceof Run)) return { index, entry: raw as T, first: index, last: index }
    return { index, entry: raw.value as T, first: this.join(raw.firstHi, raw.firstLo), last: this.join(raw.lastHi, raw.lastLo) }
  }

  /**
   * The first entry that covers or follows `index`, up to `max` (inclusive, by default the greatest index), with the mark if one is given.
   * O(levels). Spec data-structures 2.5, 2.6.
   */
  find(index: number | I, max?: number | I, mark?: Mark): Found<T, I> | undefined {
    return this.seekFrom(index, max, mark, false) ? this.found() : undefined
  }

  /** The index alone that `find` would give: nothing is allocated. O(levels). */
  findIndex(index: number | I, max?: number | I, mark?: Mark): I | undefined {
    return this.seekFrom(index, max, mark, false) ? this.join(spot.hi, spot.lo) : undefined
  }

  /** The first entry whose own first index is above `index`; otherwise as `find`. O(levels). */
  findAfter(index: number | I, max?: number | I, mark?: Mark): Found<T, I> | undefined {
    return this.seekFrom(index, max, mark, true) ? this.found() : undefined
  }

  private seekFrom(index: number | I, max: number | I | undefined, mark: Mark | undefined, isAfterwards: boolean): boolean {
    if (mark !== undefined) checkMark(mark, this.core.allocates)
    this.parse(index, 'index')
    let { hi, lo } = halves
    this.parseMax(max)
    if (isAfterwards) {
      spot.raw = peek(this.core, hi, lo)
      spot.hi = hi
      spot.lo = lo
      if (!passFound()) return false
      ;({ hi, lo } = spot)
    }
    return this.seekVisible(hi, lo, halves.hi, halves.lo, mark ?? ANY)
  }

  private parseMax(max: number | I | undefined): void {
    if (max !== undefined) this.parse(max, 'max')
    else {
      halves.hi = this.maxHi
      halves.lo = -1
    }
  }

  /** Up to `limit` entries from `first` to `max`, in order. O(limit · levels). */
  extract(first: number | I, max: number | I, limit: number, mark?: Mark): T[] {
    checkNumber(limit, 'limit')
    const list: T[] = []
    for (let at = this.find(first, max, mark); at !== undefined && list.length < limit; at = this.findAfter(at.last, max, mark))
      list.push(at.entry)
    return list
  }

  /** Calls back for each entry of the window in order; the callback may change the array at will. O(levels) a step. */
  forEach(callback: (entry: T, index: I) => void, window?: Window<I>): void {
    for (const [index, entry] of this.entries(window)) callback(entry, index)
  }

  /** [index, entry] pairs in order, each a fresh search for what follows the last one, so any change on the way is seen. */
  *entries(window?: Window<I>): Generator<[I, T], undefined, undefined> {
    const { first = 0, last, mark } = optionsOf(window, 'window')
    let at = this.find(first, last, mark)
    while (at !== undefined) {
      yield [at.index, at.entry]
      at = this.findAfter(at.last, last, mark)
    }
  }

  *keys(window?: Window<I>): Generator<I, undefined, undefined> {
    for (const [index] of this.entries(window)) yield index
  }

  *values(window?: Window<I>): Generator<T, undefined, undefined> {
    for (const [, entry] of this.entries(window)) yield entry
  }

  [Symbol.iterator](): Generator<[I, T], undefined, undefined> {
    return this.entries()
  }

  // ---- ids

  /** Takes the lowest free id of the limits, and leaves it in `spot`. */
  private allocIn(min: number | I, max: number | I, entry: T | undefined): boolean {
    this.parse(min, 'min')
    let { hi, lo } = halves
    if (hi === 0 && lo === 0 && this.core.allocMode === 1) lo = 1
    this.parse(max, 'max')
    if (!findFree(this.core, hi, lo) || isAfter(spot.hi, spot.lo, halves.hi, halves.lo)) return false
    ;({ hi, lo } = spot)
    put(this.core, hi, lo, entry === undefined ? RESERVED : entry)
    spot.hi = hi
    spot.lo = lo
    return true
  }

  private checkAllocates(): void {
    if (!this.core.allocates) throw new XArrayError('EINVAL', 'this array does not allocate ids')
  }

  /**
   * Stores at the lowest free index of the limits and returns it; undefined when all are taken. `undefined` reserves the id.
   * O(levels). Throws XArrayError EINVAL in a plain array. Spec data-structures 2.8.
   */
  alloc(entry: T | undefined, limits?: Limits<number | I>): I | undefined {
    this.checkAllocates()
    const { min = 0, max = 0xffffffff } = optionsOf(limits, 'limits')
    return this.allocIn(min, max, entry) ? this.join(spot.hi, spot.lo) : undefined
  }

  /**
   * As `alloc`, beginning at `ids.next` and, when nothing is free up to the greatest, again at the least. Sets `ids.next` to one more
   * than the id, modulo 2^32 while the limits are below that. O(levels). Spec data-structures 2.8.
   */
  allocCyclic(entry: T | undefined, limits: Limits<number | I> | undefined, ids: CyclicIds<I>): { id: I; wrapped: boolean } | undefined {
    this.checkAllocates()
    const core = this.core
    const { min = 0, max = 0xffffffff } = optionsOf(limits, 'limits')
    const { next } = optionsOf(ids, 'ids')
    this.parse(min, 'min')
    this.parse(next!, 'next')
    this.parse(max, 'max')
    const isAbove = next! > min
    let wrapped = false
    if (this.allocIn(isAbove ? next! : min, max, entry)) {
      wrapped = core.wrapped
      core.wrapped = false
    } else {
      if (!isAbove || !this.allocIn(min, max, entry)) return undefined
      wrapped = true
    }
    const { hi, lo } = spot
    advance(hi, lo)
    ids.next = this.join(max > 0xffffffff ? spot.hi & this.maxHi : 0, spot.lo)
    if (Number(ids.next) === 0) core.wrapped = true
    return { id: this.join(hi, lo), wrapped }
  }

  // ---- multi-index entries

  /** Order of the entry that covers the index: the least k with 2^k at least its number of indexes; 0 when absent. O(levels). */
  getOrder(index: number | I): number {
    this.parse(index, 'index')
    return getOrder(this.core, halves.hi, halves.lo)
  }

  /**
   * Stores at every index of the closed range; `undefined` clears it. The range becomes as few aligned pieces as the spec's rule allows,
   * each an entry of its own with the union of the marks it replaces; entries that stick out keep their part outside.
   * Throws XArrayError EINVAL if last < first. O(pieces · levels + entries replaced). Spec data-structures 2.9.
   */
  storeRange(first: number | I, last: number | I, entry: T | undefined): void {
    this.parse(first, 'first')
    const { hi, lo } = halves
    this.parse(last, 'last')
    if (isAfter(hi, lo, halves.hi, halves.lo)) throw new XArrayError('EINVAL', `first ${first} is above last ${last}`)
    storeRange(this.core, hi, lo, halves.hi, halves.lo, entry)
  }

  /**
   * Makes one entry of the 2^order aligned indexes around `index`, with the union of the marks of what it replaces. If one present entry
   * holds all of them, that one is changed whole instead. `undefined` erases every entry that it meets, whole. Spec data-structures 2.9.
   */
  storeOrder(index: number | I, order: number, entry: T | undefined): void {
    this.parse(index, 'index')
    checkNumber(order, 'the order', this.maxOrder)
    storeOrder(this.core, halves.hi, halves.lo, order, entry)
  }

  /** The entries (and RESERVED) that overlap a closed range, each once, in order. O(entries · levels). */
  conflicts(first: number | I, last: number | I): (T | Reserved)[] {
    this.parse(first, 'first')
    const { hi, lo } = halves
    this.parse(last, 'last')
    if (isAfter(hi, lo, halves.hi, halves.lo)) throw new RangeError(`first ${first} is above last ${last}`)
    const list: (T | Reserved)[] = []
    for (
      let isFound = seekUpTo(this.core, hi, lo, halves.hi, halves.lo, ANY);
      isFound;
      isFound = seekOn(this.core, halves.hi, halves.lo, ANY)
    )
      list.push(content(spot.raw) as T | Reserved)
    return list
  }

  private checkSplit(index: number | I, order: number, isSmall: boolean): void {
    this.parse(index, 'index')
    checkNumber(order, 'the order', this.maxOrder)
    const from = exactOrder(this.core, halves.hi, halves.lo)
    const isLarge = from - order > SPLIT_PIECES_MAX_ORDER
    let why: string | undefined
    if (from < 0) why = 'the entry does not cover a power of two of indexes'
    else if (order >= from) why = `an entry of order ${from} cannot be split into order ${order}`
    else if (isLarge) why = `2^${from - order} pieces`
    else if (isSmall && !needsOneNode(from, order)) why = 'more than one node'
    if (why !== undefined) throw new XArrayError(isLarge ? 'ENOMEM' : 'EINVAL', `split at ${index}: ${why}`)
  }

  /**
   * Makes the entry of order K around `index` into 2^(K - order) entries, each with all its marks and its value or `entry`.
   * Throws XArrayError EINVAL unless order < K, ENOMEM above 2^26 pieces. O(pieces · levels). Spec data-structures 2.9.
   */
  split(index: number | I, order: number, entry?: T): void {
    this.checkSplit(index, order, false)
    split(this.core, halves.hi, halves.lo, order, entry)
  }

  /** As `split`, but refuses (EINVAL) what would need more than one new node of 64 slots. */
  trySplit(index: number | I, order: number, entry?: T): void {
    this.checkSplit(index, order, true)
    split(this.core, halves.hi, halves.lo, order, entry)
  }

  /** Leaves an entry of `order` around `index` and one of each order from there up to below the old one. O(orders · levels). */
  splitAround(index: number | I, order: number): void {
    this.checkSplit(index, order, false)
    splitAround(this.core, halves.hi, halves.lo, order)
  }

  // ---- as a Map

  get(index: number | I): T | undefined {
    return this.load(index)
  }

  set(index: number | I, entry: T): this {
    this.store(index, entry)
    return this
  }

  has(index: number | I): boolean {
    return this.load(index) !== undefined
  }

  /** Erases; true if there was an entry. */
  delete(index: number | I): boolean {
    return this.erase(index) !== undefined
  }
}
