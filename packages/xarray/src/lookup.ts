// Reading one index. Workloads xa: load, cursor next.

import { type Core, spot } from './core.ts'
import { CHUNK_SHIFT, isBeyond, SLOT_MASK, slotOf } from './geometry.ts'
import { NODE_LENGTH, type Node, SLOT } from './node.ts'
import { Run } from './run.ts'
import { entryAt, positionOf } from './sparse-leaf.ts'

/** What holds the index: an entry, RESERVED, a Run, or undefined. O(levels). */
export function peek(core: Core, hi: number, lo: number): unknown {
  let node = core.root
  if (node === undefined) return undefined
  let shift = core.shift
  if (node.length === NODE_LENGTH && isBeyond(hi, lo, shift)) return undefined
  if (hi !== 0 || shift > 30 || core.runs !== 0) return peekWide(core, hi, lo)
  while (node.length === NODE_LENGTH) {
    if (shift === 0) return node[SLOT + (lo & SLOT_MASK)]
    node = node[SLOT + ((lo >>> shift) & SLOT_MASK)] as Node | undefined
    if (node === undefined) return undefined
    shift -= CHUNK_SHIFT
  }
  return peekSparse(node, hi, lo)
}

function peekSparse(leaf: Node, hi: number, lo: number): unknown {
  const pos = positionOf(leaf, hi, lo)
  return pos < 0 ? undefined : entryAt(leaf, pos)
}

/** The same for any index and with runs about. */
function peekWide(core: Core, hi: number, lo: number): unknown {
  let node = core.root!
  let shift = core.shift
  while (node.length === NODE_LENGTH) {
    const below = node[SLOT + slotOf(hi, lo, shift)]
    if (shift === 0 || below === undefined || below instanceof Run) return below
    node = below as Node
    shift -= CHUNK_SHIFT
  }
  return peekSparse(node, hi, lo)
}

/** As peek, and leaves the dense leaf that holds the index, if any, in `spot.leaf`. */
export function walk(core: Core, hi: number, lo: number): unknown {
  spot.leaf = undefined
  let node = core.root
  if (node === undefined) return undefined
  let shift = core.shift
  if (node.length === NODE_LENGTH && isBeyond(hi, lo, shift)) return undefined
  while (node.length === NODE_LENGTH) {
    const below: unknown = node[SLOT + slotOf(hi, lo, shift)]
    if (shift === 0) {
      spot.leaf = node
      return below
    }
    if (below === undefined || below instanceof Run) return below
    node = below as Node
    shift -= CHUNK_SHIFT
  }
  return peekSparse(node, hi, lo)
}

/** The multi-index entry around an index, or undefined. O(levels). */
export function runAt(core: Core, hi: number, lo: number): Run | undefined {
  if (core.runs === 0) return undefined
  const raw = peek(core, hi, lo)
  return raw instanceof Run ? raw : undefined
}
