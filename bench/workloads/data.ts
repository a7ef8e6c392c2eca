/** The bodies of data that several workloads share. */
import { shuffled } from '../src/random.ts'

export type Order = 'seq' | 'rand'

/** Slots 0..n-1 in order, or shuffled: the order in which intervals are inserted. */
export function slotsOf(n: number, order: Order): Uint32Array {
  return order === 'rand' ? shuffled(n, 0xa5a5a5a5) : Uint32Array.from({ length: n }, (_, slot) => slot)
}

/** Interval A of slot k is [16k, 16k+7]. */
export const intervalStep = 16
export const intervalSpan = 7

/** Small sizes are repeated within a run, so that a run is long enough for the clock. */
export function copiesOf(n: number, least = 20_000): number {
  return Math.max(1, Math.ceil(least / n))
}

/** Random queries a run: a million as performance.md says, fewer on the smoke size, which has no recorded checksum. */
export function queriesOf(n: number): number {
  return n < 1e5 ? 20_000 : 1_000_000
}

/** Random searches for a hole a run: so few that a tree that walks from interval to interval ends. */
export const searches = 20_000

/** Random intervals a run that are removed and inserted again. */
export const changes = 20_000

export function sizeName(n: number): string {
  return `1e${Math.round(Math.log10(n))}`
}
