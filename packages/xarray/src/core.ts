// The state of one array, shared by the engine's free functions, and the place where a search leaves what it found.

import * as layout from './layout.ts'
import type { Node } from './node.ts'

const { CHUNK_SHIFT, SLOTS } = layout

/** What `load` of a cursor and `cmpxchg` show for an index that is reserved; never an entry. */
export const RESERVED: unique symbol = Symbol('reserved')
export type Reserved = typeof RESERVED
// V8 folds it, not an exported name: see layout.ts. Without that it calls a builtin to compare.
const reserved: unknown = RESERVED

/** Which ids an array allocates: none, from 0, or from 1. */
export type AllocMode = undefined | 0 | 1

type Leaves = (Node | undefined)[]

/** Of what a core without dense leaves at hand shows; never written. Not empty, so that all have the same map. */
const NONE: Leaves = [undefined]

export class Core {
  root: Node | undefined = undefined
  /** Shift of the root when it is a radix node, else 0. */
  shift = 0
  /** The root, when it is a radix node, covers the indexes below 2^bits; else 64. */
  bits = 64
  /** Entries, a multi-index one counted once, reservations not counted. */
  size = 0
  /** Reservations, a multi-index one counted once. */
  reserved = 0
  /** Multi-index entries: while there is none, no read looks for one. */
  runs = 0
  /** Dense leaves below 2^32 that walks met, by the number of the leaf: each stands in the tree. `met` of them. */
  leaves: Leaves = NONE
  met = 0
  /** The same while there are neither runs nor reservations, else nothing: the short way of load, store and erase. */
  near: Leaves = NONE
  /** Changes whenever a position (node and slot) that someone remembers may have gone stale; not negative. */
  version = 0
  /** The same while there are no runs, else -1: a cursor that stands in a dense leaf since then may step there without looking further. */
  steady = 0
  /** The last cyclic id was the greatest there is, so the next one comes after wrapping. */
  wrapped = false
  declare readonly allocates: boolean
  declare readonly allocMode: AllocMode
  constructor(allocMode: AllocMode) {
    this.allocMode = allocMode
    this.allocates = allocMode !== undefined
  }
}

/** To be called after the runs have changed, and with any other change of the nodes. */
export function renew(core: Core): void {
  core.version = (core.version + 1) & 0x3fffffff
  core.steady = core.runs === 0 ? core.version : -1
  settle(core)
}

/** To be called after the runs or the reservations have changed. */
function settle(core: Core): void {
  core.near = core.runs === 0 && core.reserved === 0 ? core.leaves : NONE
}

/** Notes a dense leaf that a walk met. The list stays within four words for each leaf in it, and a node more. Amortised O(1). */
export function remember(core: Core, hi: number, lo: number, leaf: Node): void {
  const at = lo >>> CHUNK_SHIFT
  let { leaves } = core
  if (hi !== 0 || at >= 4 * core.met + SLOTS || (at < leaves.length && leaves[at] === leaf)) return
  if (core.met++ === 0) core.leaves = leaves = [undefined]
  while (leaves.length <= at) leaves.push(undefined)
  leaves[at] = leaf
  settle(core)
}

/** A dense leaf leaves the tree. */
export function forget(core: Core, hi: number, lo: number): void {
  const { leaves } = core
  const at = lo >>> CHUNK_SHIFT
  if (hi !== 0 || at >= leaves.length || leaves[at] === undefined) return
  leaves[at] = undefined
  if (--core.met === 0) core.leaves = NONE
  settle(core)
}

/** Keeps the counts right when what stands at one place changes; `undefined` is nothing. */
export function recount(core: Core, old: unknown, entry: unknown): void {
  if (old === reserved) core.reserved--
  else if (old !== undefined) core.size--
  if (entry === reserved) core.reserved++
  else if (entry !== undefined) core.size++
  if (old === reserved || entry === reserved) settle(core)
}

/** Removes everything. */
export function empty(core: Core): void {
  core.root = undefined
  core.shift = 0
  core.bits = 64
  core.size = 0
  core.reserved = 0
  core.runs = 0
  core.wrapped = false
  core.leaves = NONE
  core.met = 0
  renew(core)
}

/** Result of a walk or a search: valid until the next engine call, one for all since no user code runs in between. */
class Spot {
  hi = 0
  lo = 0
  /** The entry, RESERVED, a Run, or undefined. */
  raw: unknown = undefined
  /** Of a walk: the shift of the node at which it ended. */
  shift = 0
  /** The dense leaf (shift 0) that holds the index, if it lies in one. */
  leaf: Node | undefined = undefined
  /** The sparse leaf in which a search found the entry, and its position there. */
  sparse: Node | undefined = undefined
  pos = 0
}

export const spot: Spot = new Spot()

/** Leaves the index after (hi, lo) in `spot`; false after the greatest, when that is 0. */
export function advance(hi: number, lo: number): boolean {
  spot.lo = (lo + 1) | 0
  spot.hi = spot.lo === 0 ? (hi + 1) | 0 : hi
  return (spot.hi | spot.lo) !== 0
}
