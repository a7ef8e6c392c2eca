import type { Internals } from './internals.ts'
import type { U64 } from './u64.ts'

/** A range in bytes. */
export interface ByteRange {
  readonly iova: U64
  readonly length: U64
}

/**
 * Sets many ranges in ascending order, so that each window is pinned once (spec data-structures 3.5: a window begins where it is first needed).
 * All are read and checked before the first is set. Returns how many different pages they touch.
 */
export function setBatch({ geometry, window }: Internals, ranges: Iterable<ByteRange>): number {
  const firsts: number[] = []
  const lasts: number[] = []
  for (const { iova, length } of ranges) {
    if (!geometry.clip(iova, length)) continue
    firsts.push(geometry.first)
    lasts.push(geometry.last)
  }
  const order = firsts.map((_, at) => at).sort((a, b) => firsts[a]! - firsts[b]!)
  let total = 0
  for (let at = 0; at < order.length; ) {
    const first = firsts[order[at]!]!
    let last = lasts[order[at]!]!
    for (at += 1; at < order.length && firsts[order[at]!]! <= last + 1; at++) last = Math.max(last, lasts[order[at]!]!)
    total += window.setBits(first, last, true)
  }
  return total
}
