// Reading one index. Workloads xa: load, cursor next.

import { type Core, spot } from './core.ts'
import { CHUNK_SHIFT, isBeyond, slotOf } from './geometry.ts'
import { NODE_LENGTH, type Node, SLOT } from './node.ts'
import { Run } from './run.ts'
import { entryAt, positionOf } from './sparse-leaf.ts'

/** What holds the index: an entry, RESERVED, a Run, or undefined. Leaves the dense leaf of the index, if any, in `spot`. O(levels). */
export function peek(core: Core, hi: number, lo: number): unknown {
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
    if (below === undefined || (core.runs !== 0 && below instanceof Run)) return below
    node = below as Node
    shift -= CHUNK_SHIFT
  }
  const pos = positionOf(node, hi, lo)
  return pos < 0 ? undefined : entryAt(node, pos)
}

/** The multi-index entry around an index, or undefined. O(levels). */
export function runAt(core: Core, hi: number, lo: number): Run | undefined {
  if (core.runs === 0) return undefined
  const raw = peek(core, hi, lo)
  return raw instanceof Run ? raw : undefined
}
