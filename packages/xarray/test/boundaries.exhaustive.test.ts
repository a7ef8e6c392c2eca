// Both sides of each boundary (kinds 1 and 2): every call at every one, in arrays of each kind and filling.
import { checkInvariants } from '@iommukit/xarray/check'
import { describe, it } from 'vitest'
import { compareAll, makeSubject, type Op, step } from './calls.ts'
import { KEYS, KINDS, MAX, NaiveArray, SAFE } from './oracle.ts'

const BOUNDARIES = [0n, 63n, 64n, 255n, 256n, 65535n, 65536n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 53n - 1n]
const BEYOND = [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 63n + 1n, MAX]

/** Every kind of call at the index and around it. */
function tour(i: bigint, top: bigint): Op[] {
  const below = i === 0n ? 0n : i - 1n
  const above = i === top ? top : i + 1n
  const ops: Op[] = [
    { do: 'insert', i, v: 0 },
    { do: 'insert', i, v: 1 },
    { do: 'cmpxchg', i, old: 0, v: '' },
    { do: 'cmpxchg', i, old: 0, v: 2 },
    { do: 'setMark', i, m: 1 },
    { do: 'find', i: below, max: undefined, m: 1 },
    { do: 'find', i: above, max: undefined, m: undefined },
    { do: 'findAfter', i, max: undefined, m: undefined },
    { do: 'findAfter', i: below, max: above, m: undefined },
    { do: 'extract', i: 0n, max: top, n: 3, m: undefined },
    { do: 'store', i, v: null },
    { do: 'getMark', i, m: 1 },
    { do: 'clearMark', i, m: 1 },
    { do: 'store', i: above, v: false },
    { do: 'erase', i },
    { do: 'reserve', i },
    { do: 'load', i },
    { do: 'release', i },
    { do: 'release', i: above },
    { do: 'alloc', v: 'id', i, max: i },
    { do: 'alloc', v: 'id', i, max: i },
    { do: 'allocCyclic', v: 'id', i: below, max: above, next: above },
    { do: 'storeRange', i: below, last: above, v: 'range' },
    { do: 'walk', i: below, max: above, m: undefined, pauses: true, v: 'seen', keeps: true },
    { do: 'step', i, moves: 0b01_00_00_10_01_01_11, v: undefined },
  ]
  for (const k of [1, 6, 8, 9, 16, 32, 33, 53]) {
    ops.push(
      { do: 'storeOrder', i, k, v: k },
      { do: 'getOrder', i },
      { do: 'splitAround', i, k: k >> 1 },
      { do: 'conflicts', i: below, last: above },
    )
    ops.push({ do: 'storeRange', i: below, last: i, v: undefined })
  }
  ops.push({ do: 'storeOrder', i, k: 7, v: 'x' }, { do: 'split', i, k: 3, v: 'y' }, { do: 'trySplit', i, k: 0, v: undefined })
  ops.push({ do: 'storeRange', i: 0n, last: top, v: undefined }, { do: 'clear' })
  return ops
}

describe.each(KEYS)('keys of %i bits', (keys) => {
  const top = keys === 53 ? SAFE : MAX
  const indexes = keys === 53 ? BOUNDARIES : [...BOUNDARIES, ...BEYOND]

  it.each(KINDS)('every call at every boundary (%s)', (kind) => {
    for (const filling of [0, 40, 600]) {
      for (const i of indexes) {
        const subject = makeSubject(kind, keys)
        const model = new NaiveArray(kind, keys)
        for (let n = 0; n < filling; n++) step(subject, model, { do: 'store', i: 1000n + BigInt(n), v: n })
        for (const op of tour(i, top)) {
          step(subject, model, op)
          checkInvariants(subject.array)
        }
        compareAll(subject, model)
      }
    }
  })
})
