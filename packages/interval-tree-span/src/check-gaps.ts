import { gapBelow, gapIndex } from './gaps.ts'
import { isBefore } from './keys.ts'
import { COUNT, LAST, PARENT, STALE, START, TAG } from './layout.ts'
import { entryOf, lastTie, startTie } from './nodes.ts'
import type { IntervalStore } from './store.ts'

/** Says what is wrong with the table of gaps, if anything is: an entry is right, or marked, and then all above it are marked. O(n log n). */
export function gapFault(store: IntervalStore): string | undefined {
  return store.gaps.length === 0 || store.height === 0 ? undefined : faultOf(store, store.root, store.height, true)
}

/** A gap as the table has it; a row that the table does not have yet is marked. */
function tabled(store: IntervalStore, node: number, entry: number): number {
  return store.gaps[gapIndex(store, node, entry)] ?? -1
}

function faultOf(store: IntervalStore, node: number, level: number, markedAbove: boolean): string | undefined {
  const { keys, words } = store
  let key = 0
  let tie = 0
  for (let entry = 0; entry < words[node * 2 + COUNT]!; entry++) {
    const child = words[(node + entry + TAG) * 2]!
    const gap = tabled(store, node, entry)
    if (gap < 0 && !markedAbove) return `the gap of entry ${entry} of node ${node} is marked, but not the one above it`
    if (words[child * 2 + STALE] === 1 && !markedToRoot(store, child)) return `node ${child} says that it is marked, but the table does not`
    const below = level > 1 ? faultOf(store, child, level - 1, gap < 0) : undefined
    if (below !== undefined) return below
    if (gap >= 0) {
      const start = keys[node + entry + START]!
      const startTied = startTie(store, node, entry)
      const cut = isBefore(start, startTied, key, tie)
      const right = cut ? gapBelow(store, child, level - 1, key, tie) : gapBelow(store, child, level - 1, start, startTied)
      if (gap !== right) return `the gap of entry ${entry} of node ${node} is ${right}, but the table says ${gap}`
    }
    const last = keys[node + entry + LAST]!
    const lastTied = lastTie(store, node, entry)
    if (isBefore(last, lastTied, key, tie)) continue
    tie = lastTied === store.tieMax ? 0 : lastTied + 1
    key = tie === 0 ? last + 1 : last
  }
  return undefined
}

function markedToRoot(store: IntervalStore, from: number): boolean {
  let node = from
  for (let parent = store.words[node * 2 + PARENT]!; parent !== 0; parent = store.words[node * 2 + PARENT]!) {
    if (tabled(store, parent, entryOf(store, parent, node)) >= 0) return false
    node = parent
  }
  return true
}
