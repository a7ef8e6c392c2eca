// Ordered search: the first entry at or after an index, with or without a mark. Workloads xa: find_all, find_rand.

import { advance, type Core, spot } from './core.ts'
import { isAfter, isBeyond, maskHi, maskLo, slotHi, slotLo, slotOf } from './geometry.ts'
import * as layout from './layout.ts'
import { type Node, nextSlot } from './node.ts'
import { Run, toLast } from './run.ts'
import { entryAt, entryMarksAt, hiAt, holderBefore, lengthOf, loAt, positionAfter } from './sparse-leaf.ts'

const { ANY, CHUNK_SHIFT, SLOT } = layout

/**
 * Finds the first entry (reserved ones included) that covers or follows the index and has the mark; leaves it in `spot`, with the index
 * asked for when the entry covers it, else the entry's first. O(levels): a subtree with nothing behind the index sends it to the next
 * slot, and no subtree is empty there.
 */
export function seek(core: Core, hi: number, lo: number, mark: number): boolean {
  let node = core.root
  if (node === undefined) return false
  if ((node.length & 1) === 0) return seekSparse(node, hi, lo, mark)
  let shift = core.shift
  while (!isBeyond(hi, lo, core.bits)) {
    const slot = slotOf(hi, lo, shift)
    // Looking at the slot first spares the presence words, which lie elsewhere, when it is taken.
    const next = mark === ANY && node[SLOT + slot] !== undefined ? slot : nextSlot(node, mark, slot)
    let passedBits = shift + CHUNK_SHIFT
    if (next >= 0) {
      if (next !== slot) {
        hi = slotHi(hi, next, shift)
        lo = slotLo(lo, next, shift)
      }
      const below: unknown = node[SLOT + next]
      if (shift === 0 || (core.runs !== 0 && below instanceof Run))
        return found(hi, lo, below, shift === 0 ? node : undefined, undefined, 0)
      node = below as Node
      shift -= CHUNK_SHIFT
      if ((node.length & 1) !== 0) continue
      if (seekSparse(node, hi, lo, mark)) return true
      passedBits = shift + CHUNK_SHIFT
    }
    if (!advance(hi | maskHi(passedBits), lo | maskLo(passedBits))) return false
    ;({ hi, lo } = spot)
    node = core.root!
    shift = core.shift
  }
  return false
}

/** As `seek`, for ANY or a mark, when it is to find nothing above `last`. */
export function seekUpTo(core: Core, hi: number, lo: number, lastHi: number, lastLo: number, mark: number): boolean {
  return seek(core, hi, lo, mark) && !isAfter(spot.hi, spot.lo, lastHi, lastLo)
}

/** Moves `spot` from what a search found to the index behind it; false if that was the greatest. */
export function passFound(): boolean {
  toLast(spot.raw, spot.hi, spot.lo)
  return advance(spot.hi, spot.lo)
}

/** As `seekUpTo`, from behind what was found last. */
export function seekOn(core: Core, lastHi: number, lastLo: number, mark: number): boolean {
  return passFound() && seekUpTo(core, spot.hi, spot.lo, lastHi, lastLo, mark)
}

function found(hi: number, lo: number, raw: unknown, leaf: Node | undefined, sparse: Node | undefined, pos: number): boolean {
  spot.hi = hi
  spot.lo = lo
  spot.raw = raw
  spot.leaf = leaf
  spot.sparse = sparse
  spot.pos = pos
  return true
}

function seekSparse(leaf: Node, hi: number, lo: number, mark: number): boolean {
  const length = lengthOf(leaf)
  let pos = positionAfter(leaf, hi, lo)
  const holder = holderBefore(leaf, pos, hi, lo)
  if (holder >= 0 && isWanted(leaf, holder, mark)) return found(hi, lo, entryAt(leaf, holder), undefined, leaf, holder)
  while (pos < length && !isWanted(leaf, pos, mark)) pos++
  return pos < length && found(hiAt(leaf, pos), loAt(leaf, pos), entryAt(leaf, pos), undefined, leaf, pos)
}

function isWanted(leaf: Node, pos: number, mark: number): boolean {
  return mark === ANY || (entryMarksAt(leaf, pos) & (1 << mark)) !== 0
}
