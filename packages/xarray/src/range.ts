// Multi-index entries: ranged and ordered stores, and splitting (spec data-structures 2.9).

import { advance, type Core, recount, spot } from './core.ts'
import { content, drop, put } from './entry.ts'
import { isAfter, isWhole, maskHi, maskLo, orderOf } from './geometry.ts'
import * as layout from './layout.ts'
import { runAt } from './lookup.ts'
import { marksOfIndex } from './marks.ts'
import { place } from './place.ts'
import { cutPiece, needsOneNode, pieceEnd, Run } from './run.ts'
import { passFound, seekUpTo } from './seek.ts'

const { ANY } = layout

/** Gives an empty range to one entry. */
function placeEntry(core: Core, hi: number, lo: number, lastHi: number, lastLo: number, value: unknown, set: number): void {
  const isSingle = hi === lastHi && lo === lastLo
  place(core, hi, lo, isSingle ? value : new Run(value, hi, lo, lastHi, lastLo), set)
  recount(core, undefined, value)
}

/** Cuts a multi-index entry that begins before the index and covers it in two, each with the value and the marks. */
function cutBefore(core: Core, hi: number, lo: number): void {
  const run = runAt(core, hi, lo)
  if (run === undefined || (run.firstHi === hi && run.firstLo === lo)) return
  const set = marksOfIndex(core, hi, lo)
  drop(core, hi, lo)
  placeEntry(core, run.firstHi, run.firstLo, lo === 0 ? (hi - 1) | 0 : hi, (lo - 1) | 0, run.value, set)
  placeEntry(core, hi, lo, run.lastHi, run.lastLo, run.value, set)
}

function cutAfter(core: Core, hi: number, lo: number): void {
  if (advance(hi, lo)) cutBefore(core, spot.hi, spot.lo)
}

/** Removes all entries that lie in a range, and returns the union of their marks. O(entries · levels). */
function clearRange(core: Core, firstHi: number, firstLo: number, lastHi: number, lastLo: number): number {
  let set = 0
  while (seekUpTo(core, firstHi, firstLo, lastHi, lastLo, ANY)) {
    const hi = spot.hi
    const lo = spot.lo
    set |= marksOfIndex(core, hi, lo)
    drop(core, hi, lo)
  }
  return set
}

/** Every index of the range gets the entry; entries that stick out keep the part outside. */
export function storeRange(core: Core, firstHi: number, firstLo: number, lastHi: number, lastLo: number, entry: unknown): void {
  cutBefore(core, firstHi, firstLo)
  if (entry === undefined) {
    cutAfter(core, lastHi, lastLo)
    clearRange(core, firstHi, firstLo, lastHi, lastLo)
    return
  }
  for (;;) {
    cutPiece(firstHi, firstLo, lastHi, lastLo)
    const { hi: toHi, lo: toLo } = pieceEnd
    cutAfter(core, toHi, toLo)
    const set = clearRange(core, firstHi, firstLo, toHi, toLo)
    placeEntry(core, firstHi, firstLo, toHi, toLo, entry, set)
    if (toHi === lastHi && toLo === lastLo) return
    advance(toHi, toLo)
    firstHi = spot.hi
    firstLo = spot.lo
  }
}

/** One entry of 2^order indexes around the index; see the spec for what becomes of entries that it meets. */
export function storeOrder(core: Core, hi: number, lo: number, order: number, entry: unknown): void {
  const firstHi = hi & ~maskHi(order)
  const firstLo = lo & ~maskLo(order)
  const lastHi = hi | maskHi(order)
  const lastLo = lo | maskLo(order)
  if (entry === undefined) {
    clearRange(core, firstHi, firstLo, lastHi, lastLo)
    return
  }
  const run = runAt(core, firstHi, firstLo)
  const isInside = run !== undefined && !isAfter(lastHi, lastLo, run.lastHi, run.lastLo)
  if (order === 0 || isInside) {
    put(core, firstHi, firstLo, entry)
    return
  }
  cutBefore(core, firstHi, firstLo)
  cutAfter(core, lastHi, lastLo)
  const set = clearRange(core, firstHi, firstLo, lastHi, lastLo)
  placeEntry(core, firstHi, firstLo, lastHi, lastLo, entry, set)
}

/** Order of the entry that covers the index: the least k with 2^k at least its number of indexes; 0 when there is none. */
export function getOrder(core: Core, hi: number, lo: number): number {
  const run = runAt(core, hi, lo)
  if (run === undefined) return 0
  const spanLo = ((run.lastLo >>> 0) - (run.firstLo >>> 0)) | 0
  const borrow = run.lastLo >>> 0 < run.firstLo >>> 0 ? 1 : 0
  return orderOf((run.lastHi - run.firstHi - borrow) | 0, spanLo)
}

/** Exact order of the entry around the index, or -1 when its number of indexes is no power of two. */
function exactOrder(core: Core, hi: number, lo: number): number {
  const run = runAt(core, hi, lo)
  if (run === undefined) return 0
  const order = getOrder(core, hi, lo)
  return isWhole(run.firstHi, run.firstLo, run.lastHi, run.lastLo, order) ? order : -1
}

/** More pieces than this would exhaust any engine's memory long before the loop ends. */
const SPLIT_PIECES_MAX_ORDER = 26

/** Why an entry cannot be split, or undefined when it can. */
export function splitRefusal(core: Core, hi: number, lo: number, order: number): { code: string; message: string } | undefined {
  const from = exactOrder(core, hi, lo)
  if (from < 0) return { code: 'EINVAL', message: 'the entry does not cover a power of two of indexes' }
  if (order >= from) return { code: 'EINVAL', message: `an entry of order ${from} cannot be split into order ${order}` }
  if (from - order > SPLIT_PIECES_MAX_ORDER) return { code: 'ENOMEM', message: `2^${from - order} pieces` }
  return undefined
}

/** Whether a split that splitRefusal allows fits one new node: spec data-structures 2.9, trySplit. */
export function isSmallSplit(core: Core, hi: number, lo: number, order: number): boolean {
  return needsOneNode(exactOrder(core, hi, lo), order)
}

/** Makes the entry around the index into entries of `order`, all with its marks. Call only when splitRefusal finds nothing. */
export function split(core: Core, hi: number, lo: number, order: number, entry: unknown): void {
  const run = runAt(core, hi, lo)!
  const value = entry === undefined ? run.value : entry
  const set = marksOfIndex(core, hi, lo)
  drop(core, hi, lo)
  let firstHi = run.firstHi
  let firstLo = run.firstLo
  for (;;) {
    const lastHi = firstHi | maskHi(order)
    const lastLo = firstLo | maskLo(order)
    placeEntry(core, firstHi, firstLo, lastHi, lastLo, value, set)
    if (lastHi === run.lastHi && lastLo === run.lastLo) return
    advance(lastHi, lastLo)
    firstHi = spot.hi
    firstLo = spot.lo
  }
}

/** Leaves one entry of `order` at the index and one of each order from there up to the old one: what a buddy allocator would. */
export function splitAround(core: Core, hi: number, lo: number, order: number): void {
  const run = runAt(core, hi, lo)!
  const from = exactOrder(core, hi, lo)
  const set = marksOfIndex(core, hi, lo)
  drop(core, hi, lo)
  for (let k = from - 1; k >= order; k--) {
    // The half of order k that does not hold the index: the index with bit k flipped.
    const baseHi = (k >= 32 ? hi ^ (1 << (k - 32)) : hi) & ~maskHi(k)
    const baseLo = (k < 32 ? lo ^ (1 << k) : lo) & ~maskLo(k)
    placeEntry(core, baseHi, baseLo, baseHi | maskHi(k), baseLo | maskLo(k), run.value, set)
  }
  const baseHi = hi & ~maskHi(order)
  const baseLo = lo & ~maskLo(order)
  placeEntry(core, baseHi, baseLo, baseHi | maskHi(order), baseLo | maskLo(order), run.value, set)
}

/** The entries and reservations that overlap a range, each once, in order. */
export function conflicts(core: Core, firstHi: number, firstLo: number, lastHi: number, lastLo: number): unknown[] {
  const list: unknown[] = []
  let hi = firstHi
  let lo = firstLo
  while (seekUpTo(core, hi, lo, lastHi, lastLo, ANY)) {
    list.push(content(spot.raw))
    if (!passFound()) break
    hi = spot.hi
    lo = spot.lo
  }
  return list
}
