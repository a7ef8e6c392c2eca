// The state of one array, shared by the engine's free functions, and the place where a search leaves what it found.

import type { Node } from './node.ts'

/** What `load` of a cursor and `cmpxchg` show for an index that is reserved; never an entry. */
export const RESERVED: unique symbol = Symbol('reserved')
export type Reserved = typeof RESERVED

/** Which ids an array allocates: none, from 0, or from 1. */
export type AllocMode = undefined | 0 | 1

export class Core {
  root: Node | undefined = undefined
  /** Shift of the root when it is a radix node, else 0. */
  shift = 0
  /** Entries, a multi-index one counted once, reservations not counted. */
  size = 0
  /** Multi-index entries: while there is none, no read looks for one. */
  runs = 0
  /** Changes whenever a position (node and slot) that someone remembers may have gone stale. */
  version = 0
  /** The last cyclic id was the greatest there is, so the next one comes after wrapping. */
  wrapped = false
  readonly allocates: boolean
  readonly allocMode: AllocMode
  constructor(allocMode: AllocMode) {
    this.allocMode = allocMode
    this.allocates = allocMode !== undefined
  }
}

/** Result of a walk or a search: valid until the next engine call, one for all since no user code runs in between. */
export class Spot {
  hi = 0
  lo = 0
  /** The entry, RESERVED, a Run, or undefined. */
  raw: unknown = undefined
  /** The dense leaf (shift 0) that holds the index, if it lies in one. */
  leaf: Node | undefined = undefined
}

export const spot: Spot = new Spot()
