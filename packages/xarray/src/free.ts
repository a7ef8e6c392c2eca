// The lowest index that nothing holds, for id allocation.

import { advance, type Core, spot } from './core.ts'
import { isBeyond, maskHi, maskLo, slotHi, slotLo, slotOf } from './geometry.ts'
import * as layout from './layout.ts'
import { isNode, type Node, nextOpen } from './node.ts'
import { toLast } from './run.ts'
import { entryAt, positionOf } from './sparse-leaf.ts'

const { CHUNK_SHIFT, SLOT } = layout

/**
 * Finds the lowest free index at or after the given one and leaves it in `spot`; false when all up to 2^64 - 1 are taken. O(levels):
 * full bits let it pass subtrees, and a sparse leaf is passed entry by entry. A root with few slots has clear bits for those that it lacks: what
 * lies there is beyond it, and free.
 */
export function findFree(core: Core, hi: number, lo: number): boolean {
  let node = core.root
  let shift = core.shift
  while (node !== undefined && !isBeyond(hi, lo, core.bits)) {
    let passedBits = 0
    if (isNode(node)) {
      const slot = slotOf(hi, lo, shift)
      const next = nextOpen(node, shift, slot)
      if (next >= 0) {
        if (next !== slot) {
          hi = slotHi(hi, next, shift)
          lo = slotLo(lo, next, shift)
        }
        node = node[SLOT + next] as Node | undefined
        shift -= CHUNK_SHIFT
        continue
      }
      passedBits = shift + CHUNK_SHIFT
    } else {
      const pos = positionOf(node, hi, lo)
      if (pos < 0) break
      toLast(entryAt(node, pos), hi, lo)
      ;({ hi, lo } = spot)
    }
    if (!advance(hi | maskHi(passedBits), lo | maskLo(passedBits))) return false
    ;({ hi, lo } = spot)
    node = core.root
    shift = core.shift
  }
  spot.hi = hi
  spot.lo = lo
  return true
}
