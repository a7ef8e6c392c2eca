import { COUNT, ID, LAST_HI, LAST_LO, MAX_HI, MAX_LO, PARENT, STAMP, START_HI, START_LO } from './layout.ts'
import type { IntervalStore } from './store.ts'

// Moves of entries within and between nodes. A leaf's entry has six columns, an inner node's five: the stamp stays behind.

/** Copies `howMany` entries from one place to another, in the order that overlapping places need. */
export function moveEntries(w: Uint32Array, from: number, to: number, howMany: number): void {
  for (let column = START_HI; column <= STAMP; column += START_LO - START_HI) {
    const source = from + column
    const target = to + column
    if (to > from) for (let i = howMany - 1; i >= 0; i--) w[target + i] = w[source + i]!
    else for (let i = 0; i < howMany; i++) w[target + i] = w[source + i]!
  }
}

/** The place of the entry of a node that holds the greatest last. */
export function greatestLast(w: Uint32Array, node: number): number {
  const end = node + w[node + COUNT]!
  let best = node
  let hi = w[node + LAST_HI]!
  let lo = w[node + LAST_LO]!
  for (let at = node + 1; at < end; at++) {
    const h = w[at + LAST_HI]!
    const l = w[at + LAST_LO]!
    if (h > hi || (h === hi && l > lo)) {
      best = at
      hi = h
      lo = l
    }
  }
  return best
}

/** Sets a leaf's greatest last from its entries. */
export function setLeafMax(w: Uint32Array, leaf: number): void {
  const best = greatestLast(w, leaf)
  w[leaf + MAX_HI] = w[best + LAST_HI]!
  w[leaf + MAX_LO] = w[best + LAST_LO]!
}

/** Makes the entry at `at` of an inner node tell the truth about the node below it. */
export function describeChild(w: Uint32Array, at: number, child: number): void {
  const best = greatestLast(w, child)
  w[at + START_HI] = w[child + START_HI]!
  w[at + START_LO] = w[child + START_LO]!
  w[at + LAST_HI] = w[best + LAST_HI]!
  w[at + LAST_LO] = w[best + LAST_LO]!
  w[at + ID] = child
}

/** Tells the things below the entries from `from` to before `end` of a node where they now are. */
export function adopt(store: IntervalStore, node: number, level: number, from: number, end: number): void {
  const w = store.words
  if (level === 0) for (let at = from; at < end; at++) store.leafOf[w[at + ID]!] = node
  else for (let at = from; at < end; at++) w[w[at + ID]! + PARENT] = node
}
