import { gapBelow, gapIndex } from './gaps.ts'
import { joinKey } from './keys.ts'
import { COUNT, ID, LAST_HI, LAST_LO, PARENT, STALE, START_HI, START_LO } from './layout.ts'
import { entryOf } from './search.ts'
import type { IntervalStore } from './store.ts'

/** Says what is wrong with the table of gaps, if anything is: an entry is right, or marked, and then all above it are marked. O(n log n). */
export function gapFault(store: IntervalStore): string | undefined {
  return store.gaps.length === 0 || store.height === 0 ? undefined : faultOf(store, store.root, store.height, true)
}

/** A gap as the table has it; a row that the table does not have yet is marked. */
function tabled(store: IntervalStore, node: number, at: number): number {
  return store.gaps[gapIndex(store.words, node, at)] ?? -1
}

function faultOf(store: IntervalStore, node: number, level: number, markedAbove: boolean): string | undefined {
  const w = store.words
  let next = 0n
  for (let at = node; at < node + w[node + COUNT]!; at++) {
    const child = w[at + ID]!
    const gap = tabled(store, node, at)
    if (gap < 0 && !markedAbove) return `the gap of entry ${at} is marked, but not the one above it`
    if (w[child + STALE] === 1 && !markedToRoot(store, child)) return `node ${child} says that it is marked, but the table does not`
    const below = level > 1 ? faultOf(store, child, level - 1, gap < 0) : undefined
    if (below !== undefined) return below
    if (gap >= 0) {
      const start = joinKey(w[at + START_HI]!, w[at + START_LO]!)
      const from = next > start ? next : start
      const right = from > 0xffff_ffff_ffff_ffffn ? 0 : gapBelow(store, child, level - 1, Number(from >> 32n), Number(from & 0xffff_ffffn))
      if (gap !== right) return `the gap of entry ${at} is ${right}, but the table says ${gap}`
    }
    const last = joinKey(w[at + LAST_HI]!, w[at + LAST_LO]!)
    if (last >= next) next = last + 1n
  }
  return undefined
}

function markedToRoot(store: IntervalStore, from: number): boolean {
  let node = from
  for (let parent = store.words[node + PARENT]!; parent !== 0; parent = store.words[node + PARENT]!) {
    if (tabled(store, parent, entryOf(store, parent, node)) >= 0) return false
    node = parent
  }
  return true
}
