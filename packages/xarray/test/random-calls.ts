// Test helper: random calls as data.
import type { Op } from './calls.ts'
import { type Keys, MAX, type NaiveArray, SAFE, VALUES } from './oracle.ts'

export type Below = (below: number) => number

/** Where a round plays: a window at a boundary, or all over the place. */
export function makePlace(below: Below, keys: Keys): () => bigint {
  const top = keys === 53 ? SAFE : MAX
  const width = [12, 80, 300, 700, 5000, 100_000][below(6)]!
  const bases = [0n, 0n, 60n, 250n, 4090n, 65_500n, 2n ** 18n - 3n, 2n ** 32n - 40n, 2n ** 53n - 1n, 2n ** 63n - 9n, top]
  let base = bases[below(bases.length)]!
  if (base + BigInt(width) > top) base = top - BigInt(width)
  const mode = below(4)
  const bits = keys === 53 ? 53 : 64
  return () => {
    if (mode === 0 && below(3) === 0) {
      const i = (1n << BigInt(below(bits + 1))) + BigInt(below(3) - 1)
      return i > top ? top - BigInt(below(3)) : i
    }
    if (below(200) === 0) return below(2) === 0 ? 0n : top
    return base + BigInt(below(width + 1))
  }
}

export function makeOp(below: Below, place: () => bigint, kind: unknown, keys: Keys, flavour: number): Op {
  const i = place()
  const v = below(9) === 0 ? undefined : VALUES[below(VALUES.length)]
  const other = place()
  const [low, high] = i < other ? [i, other] : [other, i]
  const m = kind === 'plain' ? below(3) : 1 + below(2)
  const maybe = below(2) === 0 ? undefined : m
  const maxOrder = keys === 53 ? 53 : 63
  const k = below(12) === 0 ? below(maxOrder + 1) : below(11)
  const upTo = below(3) === 0 ? undefined : other
  // Flavours without multi-index entries keep to the quick paths, which one such entry switches off.
  const roll = below(flavour === 0 ? 70 : 100)
  if (roll < 18) return { do: 'store', i, v }
  if (roll < 24) return { do: below(2) === 0 ? 'erase' : 'delete', i }
  if (roll < 28) return { do: below(4) === 0 ? 'has' : 'load', i }
  if (roll < 31) return { do: 'insert', i, v: flavour === 0 ? (v ?? 1) : v }
  if (roll < 34) return { do: 'cmpxchg', i, old: below(2) === 0 ? undefined : VALUES[below(VALUES.length)], v }
  if (roll < 36) return { do: flavour === 0 || below(2) === 0 ? 'release' : 'reserve', i }
  if (roll < 42) return { do: 'setMark', i, m }
  if (roll < 45) return { do: 'clearMark', i, m }
  if (roll < 47) return { do: 'getMark', i, m }
  if (roll < 51) return { do: 'find', i, max: upTo, m: maybe }
  if (roll < 54) return { do: 'findAfter', i, max: upTo, m: maybe }
  if (roll < 56) return { do: 'extract', i, max: other, n: below(6), m: maybe }
  if (roll < 65 && kind === 'plain' && below(50) !== 0) return { do: 'store', i, v }
  if (roll < 62) return { do: 'alloc', v: flavour === 0 ? (v ?? 1) : v, i: below(2) === 0 ? low : 0n, max: high }
  if (roll < 65) return { do: 'allocCyclic', v: flavour === 0 ? (v ?? 1) : v, i: low, max: high, next: place() }
  if (roll < 67) return makeWalk(below, i, other, maybe, v)
  if (roll < 70) return { do: 'step', i, moves: below(2 ** 16), v }
  if (roll < 79) return { do: 'storeRange', i: low, last: high, v: below(3) === 0 ? undefined : v }
  if (roll < 88) return { do: 'storeOrder', i, k, v }
  if (roll < 91) return { do: 'getOrder', i }
  if (roll < 93) return { do: 'conflicts', i: low, last: high }
  if (roll < 98) return makeSplit(below, i, v)
  return below(10) !== 0 ? { do: 'load', i } : below(3) === 0 ? { do: 'clear' } : { do: 'storeRange', i: high, last: low, v }
}

export function makeWalk(below: Below, i: bigint, max: bigint, m: number | undefined, v: unknown): Op {
  return { do: 'walk', i, max, m, pauses: below(2) === 0, v: below(3) === 0 ? undefined : v, keeps: below(4) !== 0 }
}

function makeSplit(below: Below, i: bigint, v: unknown): Op {
  const k = below(9)
  const kind = below(3)
  return kind === 0 ? { do: 'splitAround', i, k } : { do: kind === 1 ? 'split' : 'trySplit', i, k, v: below(2) === 0 ? undefined : v }
}

/** Splits of large orders would make more pieces than a round should hold. */
export function isTooMuch(model: NaiveArray, op: Op): boolean {
  return (op.do === 'split' || op.do === 'trySplit') && model.getOrder(op.i) - op.k > 8
}
