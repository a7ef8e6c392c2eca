// Reading one index. Workloads xa: load, cursor next.

import { type Core, remember, spot } from './core.ts'
import { isBeyond, slotOf } from './geometry.ts'
import * as layout from './layout.ts'
import { isNode, type Node } from './node.ts'
import { Run } from './run.ts'
import { entryAt, positionOf } from './sparse-leaf.ts'

const { CHUNK_SHIFT, SLOT, SLOT_MASK } = layout

/** The lowest node on the way to an index, or its sparse leaf, and its shift in `spot`; undefined where no node reaches. O(levels). */
export function reach(core: Core, hi: number, lo: number): Node | undefined {
  let node = core.root
  let shift = core.shift
  if (node === undefined || isBeyond(hi, lo, core.bits)) return undefined
  while (shift > 0) {
    const below: unknown = node[SLOT + slotOf(hi, lo, shift)]
    if (below === undefined || (core.runs !== 0 && below instanceof Run)) break
    node = below as Node
    shift -= CHUNK_SHIFT
    if ((node.length & 1) === 0) break
  }
  spot.shift = shift
  if (shift === 0 && (node.length & 1) !== 0) remember(core, hi, lo, node)
  return node
}

/** The dense leaf of an index, if it can be told without a walk; then no content is a Run or RESERVED. */
export function leafNear(core: Core, index: unknown): Node | undefined {
  if (typeof index !== 'number' || index >>> 0 !== index) return undefined
  const { near } = core
  const at = index >>> CHUNK_SHIFT
  return at < near.length ? near[at] : undefined
}

/** The leaf of an index, dense or sparse, where the root is a node below 2^32 and there is neither a run nor a reservation. O(levels). */
export function lowLeaf(core: Core, hi: number, lo: number): Node | undefined {
  let node = core.root
  let { shift } = core
  // Without a root there are 64 bits.
  if ((core.runs | core.reserved) !== 0 || core.bits > 32 || isBeyond(hi, lo, core.bits)) return undefined
  while (shift > 0) {
    node = node![SLOT + ((lo >>> shift) & SLOT_MASK)] as Node | undefined
    if (!isNode(node)) return node
    shift -= CHUNK_SHIFT
  }
  remember(core, hi, lo, node!)
  return node
}

/** What holds the index: an entry, RESERVED, a Run, or undefined. Leaves the dense leaf of the index, if any, in `spot`. O(levels). */
export function peek(core: Core, hi: number, lo: number): unknown {
  spot.leaf = undefined
  spot.sparse = undefined
  const node = reach(core, hi, lo)
  if (node === undefined) return undefined
  if (!isNode(node)) return peekSparse(node, hi, lo)
  if (spot.shift === 0) spot.leaf = node
  return node[SLOT + slotOf(hi, lo, spot.shift)]
}

function peekSparse(leaf: Node, hi: number, lo: number): unknown {
  const pos = positionOf(leaf, hi, lo)
  return pos < 0 ? undefined : entryAt(leaf, pos)
}

/** The multi-index entry around an index, or undefined. O(levels). */
export function runAt(core: Core, hi: number, lo: number): Run | undefined {
  if (core.runs === 0) return undefined
  const raw = peek(core, hi, lo)
  return raw instanceof Run ? raw : undefined
}
