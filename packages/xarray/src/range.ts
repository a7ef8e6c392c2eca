// Multi-index entries: ranged and ordered stores, and splitting (spec data-structures 2.9).

import { advance, type Core, recount, spot } from './core.ts'
import { drop, put } from './entry.ts'
import { fits, isAfter, maskHi, maskLo } from './geometry.ts'
import * as layout from './layout.ts'
import { runAt } from './lookup.ts'
import { marksOfIndex } from './marks.ts'
import { place } from './place.ts'
import { cutPiece, Run, retreat } from './run.ts'
import { seekUpTo } from './seek.ts'

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
  retreat(hi, lo)
  placeEntry(core, run.firstHi, run.firstLo, spot.hi, spot.lo, run.value, set)
  placeEntry(core, hi, lo, run.lastHi, run.lastLo, run.value, set)
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

/** Makes one entry, or none, of a range; entries that stick out keep the part outside. */
function replaceRange(core: Core, firstHi: number, firstLo: number, lastHi: number, lastLo: number, entry: unknown): void {
  cutBefore(core, firstHi, firstLo)
  if (advance(lastHi, lastLo)) cutBefore(core, spot.hi, spot.lo)
  const set = clearRange(core, firstHi, firstLo, lastHi, lastLo)
  if (entry !== undefined) placeEntry(core, firstHi, firstLo, lastHi, lastLo, entry, set)
}

/** Every index of the range gets the entry, piece by piece. */
export function storeRange(core: Core, firstHi: number, firstLo: number, lastHi: number, lastLo: number, entry: unknown): void {
  for (;;) {
    spot.hi = lastHi
    spot.lo = lastLo
    if (entry !== undefined) cutPiece(firstHi, firstLo, lastHi, lastLo)
    const { hi, lo } = spot
    replaceRange(core, firstHi, firstLo, hi, lo, entry)
    if (hi === lastHi && lo === lastLo) return
    advance(hi, lo)
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
  const run = runAt(core, firstHi, firstLo)
  if (entry === undefined) clearRange(core, firstHi, firstLo, lastHi, lastLo)
  else if (run !== undefined && !isAfter(lastHi, lastLo, run.lastHi, run.lastLo)) put(core, firstHi, firstLo, entry)
  else replaceRange(core, firstHi, firstLo, lastHi, lastLo, entry)
}

/** Order of the entry that covers the index: the least k with 2^k at least its number of indexes; 0 when there is none. */
export function getOrder(core: Core, hi: number, lo: number): number {
  const run = runAt(core, hi, lo)
  if (run === undefined) return 0
  const spanLo = (run.lastLo >>> 0) - (run.firstLo >>> 0)
  const spanHi = (run.lastHi - run.firstHi - (spanLo < 0 ? 1 : 0)) | 0
  return spanHi !== 0 ? 64 - Math.clz32(spanHi) : 32 - Math.clz32(spanLo)
}

/** Exact order of the entry around the index, or -1 when its number of indexes is no power of two. */
export function exactOrder(core: Core, hi: number, lo: number): number {
  const run = runAt(core, hi, lo)
  const order = getOrder(core, hi, lo)
  return run === undefined || fits(run.firstHi, run.firstLo, run.lastHi, run.lastLo, order) ? order : -1
}

/** Makes the entry around the index into entries of `order`, all with its marks. Call only when its exact order is above that. */
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
  for (let k = exactOrder(core, hi, lo); k-- > order; ) {
    // In the middle of the entry of order k + 1 that the index lies in, then at the end of the half of order k.
    cutBefore(core, (hi | maskHi(k + 1)) & ~maskHi(k), (lo | maskLo(k + 1)) & ~maskLo(k))
  }
}
