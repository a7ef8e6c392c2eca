import { isBefore, keyAfter, tieAfter } from './keys.ts'
import { CHAIN_END, CHANGED, COUNT, LAST, START, TAG, UNKNOWN, WIDTH } from './layout.ts'
import { lastTie, startTie } from './nodes.ts'
import { gapIndex, type IntervalStore } from './store.ts'

/** The first index that is not known to be held, and the longest gap in front of it, which is to grow. */
interface Sweep {
  key: number
  tie: number
  longest: number
}

/**
 * Says what is wrong with the table of gaps, if anything is: when it tells of all changes, each entry is right, or unknown as all above it are. O(n log n).
 */
export function gapFault(store: IntervalStore): string | undefined {
  if (store.changed !== CHAIN_END || store.gaps.length < store.rows * WIDTH || store.height === 0) return undefined
  return faultOf(store, store.root, store.height, false)
}

function faultOf(store: IntervalStore, node: number, level: number, isKnown: boolean): string | undefined {
  const sweep: Sweep = { key: 0, tie: 0, longest: 0 }
  for (let entry = 0; entry < store.words[node * 2 + COUNT]!; entry++) {
    const child = store.words[(node + entry + TAG) * 2]!
    const gap = store.gaps[gapIndex(store, node, entry)]!
    if (isKnown && gap === UNKNOWN) return `the gap of entry ${entry} of node ${node} is unknown, but that above it is not`
    if (level === 1 && store.words[child * 2 + CHANGED] !== 0) return `leaf ${child} is noted as changed, but not in the chain`
    const fault = level > 1 ? faultOf(store, child, level - 1, gap !== UNKNOWN) : undefined
    if (fault !== undefined) return fault
    skipTo(store, node, entry, sweep)
    sweep.longest = 0
    sweepBelow(store, child, level - 1, sweep)
    if (gap !== UNKNOWN && gap !== sweep.longest)
      return `the gap of entry ${entry} of node ${node} is ${sweep.longest}, but the table says ${gap}`
  }
  return undefined
}

/** Goes through all intervals below a node. */
function sweepBelow(store: IntervalStore, node: number, level: number, sweep: Sweep): void {
  for (let entry = 0; entry < store.words[node * 2 + COUNT]!; entry++) {
    if (level > 0) sweepBelow(store, store.words[(node + entry + TAG) * 2]!, level - 1, sweep)
    else {
      skipTo(store, node, entry, sweep)
      const last = store.keys[node + entry + LAST]!
      const lastTied = lastTie(store, node, entry)
      if (isBefore(last, lastTied, sweep.key, sweep.tie)) continue
      sweep.key = keyAfter(last, lastTied)
      sweep.tie = tieAfter(last, lastTied)
    }
  }
}

/** Goes to the start of an entry, if that is farther on, over a gap. */
function skipTo(store: IntervalStore, node: number, entry: number, sweep: Sweep): void {
  const start = store.keys[node + entry + START]!
  const startTied = startTie(store, node, entry)
  if (!isBefore(sweep.key, sweep.tie, start, startTied)) return
  sweep.longest = Math.max(sweep.longest, start - sweep.key + (startTied - sweep.tie))
  sweep.key = start
  sweep.tie = startTied
}
