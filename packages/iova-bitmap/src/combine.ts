import { RunCursor } from './dirty-ranges.ts'
import type { Internals } from './internals.ts'
import { andNotInto, eachAligned, isSame, orInto, type PairWork } from './pairs.ts'

export type Combination = 'or' | 'andNot'

/**
 * Joins the dirty pages of `other` into `target`, or takes them out (spec data-structures 3.6). On the same grid byte by byte; on different ones by runs:
 * `or` rounds outward and `andNot` inward, so that no dirty byte is lost. Memory shared with other threads is written by runs too, by its atomic way.
 */
export function combine(target: Internals, other: Internals, what: Combination): void {
  target.window.checkAlive()
  other.window.checkAlive()
  if (target.geometry.hasGridOf(other.geometry) && !target.window.segment.isAtomic)
    eachPair(target, other, true, what === 'or' ? orInto : andNotInto)
  else combineRuns(target, other, what)
}

/** Whether the same addresses are dirty in both. */
export function isEqual(a: Internals, b: Internals): boolean {
  a.window.checkAlive()
  b.window.checkAlive()
  if (a.geometry.hasGridOf(b.geometry) && a.geometry.lastIova === b.geometry.lastIova) return eachPair(a, b, false, isSame)
  const runA = runsOf(a)
  const runB = runsOf(b)
  while (!runA.done && !runB.done) {
    if (runA.iova !== runB.iova || runA.last !== runB.last) return false
    runA.next()
    runB.next()
  }
  return runA.done && runB.done
}

function runsOf({ geometry, window }: Internals): RunCursor {
  const runs = new RunCursor(geometry, window, 0, geometry.npages - 1, false)
  runs.next()
  return runs
}

function combineRuns(target: Internals, other: Internals, what: Combination): void {
  const { geometry, window } = target
  const isGrid = geometry.hasGridOf(other.geometry)
  for (const run = runsOf(other); !run.done; run.next()) {
    let first = run.index
    let last = Math.min(run.lastIndex, geometry.npages - 1)
    if (!isGrid) {
      if (!geometry.clipSpan(run.iovaHi, run.iovaLo, run.lastHi, run.lastLo)) continue
      if (what === 'andNot' && !geometry.shrinkTo(run.iova, run.last)) continue
      first = geometry.first
      last = geometry.last
    }
    if (first > last) return
    if (what === 'or') window.setBits(first, last, true)
    else window.clearBits(first, last)
  }
}

/** Works on both bitmaps in pieces that lie in one window of each. Windows begin at bytes, so pieces do. Stops when `work` says false. */
function eachPair(a: Internals, b: Internals, write: boolean, work: PairWork): boolean {
  const last = Math.min(a.geometry.npages, b.geometry.npages) - 1
  for (let bit = 0; bit <= last; ) {
    b.window.reach(bit, false, last, bit)
    a.window.reach(bit, write, last, bit)
    const end = Math.min(a.window.last, b.window.last, last)
    if (write) a.window.fast.written = true
    const bytesA = a.window.segment.bytes.subarray((bit - a.window.first) / 8)
    const bytesB = b.window.segment.bytes.subarray((bit - b.window.first) / 8)
    if (!eachAligned(bytesA, bytesB, end - bit + 1, write, work)) return false
    bit = end + 1
  }
  return true
}
