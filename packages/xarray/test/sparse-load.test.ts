// Examples and a model (kinds 1 and 2) of loads in sparse leaves below 2^32, which a walk of their own serves while there are neither runs nor reservations.
import { XArray, XArray64 } from '@iommukit/xarray'
import { checkInvariants } from '@iommukit/xarray/check'
import { describe, expect, it } from 'vitest'
import { isSame } from './calls.ts'
import { seeded } from './oracle.ts'
import { countedWalks } from './walks.ts'

/** Entries `step` apart, so many that the root is a node; those of one leaf are fewer than would make it dense. */
function spread(count: number, step: number): XArray<unknown> {
  const array = new XArray<unknown>()
  for (let k = 0; k < count; k++) array.store(k * step, k)
  checkInvariants(array)
  return array
}

describe('sparse leaves are read', () => {
  it.each([
    [1024, 32, 8],
    [2048, 2 ** 10, 16],
    [4096, 2 ** 12, 16],
    [1024, 2 ** 22, 24],
    [1025, 2 ** 22, 32],
    [2048, 2 ** 30, 40],
  ])('%i entries %i apart, under a root with shift %i', (count, step, shift) => {
    const array = spread(count, step)
    expect(array.core.shift).toBe(shift)
    const beyond = 2 ** (shift + 8)
    for (const k of [0, 1, count - 1]) expect(array.load(beyond + k * step)).toBe(undefined)
    for (let k = 0; k < count; k++)
      expect([array.load(k * step), array.load(k * step + 1), array.load(k * step + step - 1)]).toEqual([k, undefined, undefined])
    for (const high of [2 ** 45, 2 ** 52])
      for (const k of [0, 1, count - 1]) expect(array.load(high + ((k * step) % 2 ** 32))).toBe(undefined)
  })

  it('with keys at 2^31 and at both ends of the range', () => {
    const array = spread(1024, 2 ** 22 - 2)
    const keys = [1, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 2, 2 ** 32 - 1]
    for (const key of keys) expect([array.load(key), array.store(key, key), array.load(key)]).toEqual([undefined, undefined, key])
    expect([array.core.shift, array.load(0), array.load(2), array.load(2 ** 32 - 3), array.load(2 ** 32)]).toEqual([
      24,
      0,
      undefined,
      undefined,
      undefined,
    ])
    array.store(2 ** 32, -1)
    expect(array.core.shift).toBe(32)
    for (const key of keys) expect([array.load(key), array.load(key + 2 ** 32)]).toEqual([key, undefined])
    expect([array.load(0), array.load(2 ** 32), array.erase(2 ** 32), array.core.shift]).toEqual([0, -1, -1, 24])
    for (const key of keys) expect([array.load(key), array.load(key + 2 ** 32)]).toEqual([key, undefined])
    expect(array.load(2 ** 32)).toBe(undefined)
    checkInvariants(array)
  })

  it('full, with an entry less, and with none: what was erased is not seen', () => {
    const array = spread(1024, 2 ** 22 - 2)
    const base = 2 ** 24 * 100
    const first = array.findIndex(base)!
    for (const room of [4, 8, 16, 32]) {
      let last = first
      for (let k = 1; array.find(last)!.index === last && k <= room; k++) array.store((last = first + k), k)
      expect([array.load(last), array.load(last + 1), array.load(first - 1)]).toEqual([room, undefined, undefined])
      expect([array.erase(last), array.load(last), array.load(last - 1)]).toEqual([room, undefined, room - 1])
      expect([array.erase(first + 1), array.load(first + 1), array.load(first + 2)]).toEqual([1, undefined, 2])
      checkInvariants(array)
    }
    for (let index = array.findIndex(base)!; index < base + 2 ** 24; index = array.findIndex(index)!) array.erase(index)
    for (let index = first - 2; index < first + 40; index++) expect(array.load(index)).toBe(undefined)
    checkInvariants(array)
  })

  it('by one walk, whether the index is taken or not, as are dense leaves beside them', () => {
    const array = spread(1024, 2 ** 22 - 2)
    for (let k = 0; k < 40; k++) array.store(2 ** 31 + k, k)
    const walks = countedWalks(array)
    for (const index of [2 ** 22 - 2, 2 ** 22, 2 ** 31 + 39, 2 ** 31 + 40, 2 ** 32 - 1]) {
      array.load(index)
      expect(walks(), `to ${index}`).toBe(1)
    }
  })

  it('with marks, which are not seen at index 0 when nothing is there', () => {
    const array = spread(1024, 2 ** 22 - 2)
    array.store(7, 'seven')
    array.setMark(7, 1)
    expect([array.load(0), array.erase(0), array.load(0), array.load(7), array.getMark(7, 1)]).toEqual([0, 0, undefined, 'seven', true])
    checkInvariants(array)
  })

  it('with a multi-index entry or a reservation anywhere', () => {
    const array = spread(1024, 2 ** 22 - 2)
    const step = 2 ** 22 - 2
    array.storeRange(step + 16, step + 19, -1)
    expect([15, 16, 17, 19, 20].map((k) => array.load(step + k))).toEqual([undefined, -1, -1, -1, undefined])
    expect([array.load(step), array.erase(step + 17), array.load(step + 17), array.load(step)]).toEqual([1, -1, undefined, 1])
    array.reserve(step + 16)
    expect([array.load(step + 16), array.load(step), array.load(2 * step)]).toEqual([undefined, 1, 2])
    array.release(step + 16)
    expect([array.load(step + 16), array.load(step), array.load(2 * step)]).toEqual([undefined, 1, 2])
    checkInvariants(array)
  })

  it('beside dense leaves too far away to be listed, which are read by the same walk', () => {
    const array = spread(1024, 2 ** 22 - 2)
    const base = 2 ** 31 + 2 ** 20
    for (let k = 0; k < 600; k++) array.store(base + k, -k)
    expect(array.core.leaves.length).toBe(1)
    expect([-1, 0, 1, 255, 256, 599, 600].map((k) => array.load(base + k))).toEqual([undefined, -0, -1, -255, -256, -599, undefined])
    checkInvariants(array)
  })

  it('by bigints and numbers alike', () => {
    const array = new XArray64<number>()
    for (let k = 0n; k < 1024n; k++) array.store((k << 22n) - k, Number(k))
    for (let k = 0n; k < 1024n; k++) {
      const index = (k << 22n) - k
      expect([array.load(index), array.load(Number(index)), array.load(index + 1n), array.load(index + (1n << 32n))]).toEqual([
        Number(k),
        Number(k),
        undefined,
        undefined,
      ])
    }
    checkInvariants(array)
  })
})

it.each([12, 16, 20, 24, 28, 32, 36, 44])('agrees with a Map over random keys of %i bits', (bits) => {
  const below = seeded(bits)
  const array = new XArray<number>()
  const model = new Map<number, number>()
  const key = (): number => (bits <= 31 ? below(2 ** bits) : below(2 ** 31) * 2 ** (bits - 31) + below(2 ** (bits - 31)))
  const keys = Array.from({ length: 1500 }, key)
  const pick = (): number => keys[below(keys.length)]! + below(3)
  for (let n = 0; n < 9000; n++) {
    const index = pick()
    const other = pick()
    const entry = below(4) > 0 ? n : undefined
    const got = [
      entry === undefined ? array.erase(index) : array.store(index, entry),
      array.load(index),
      array.load(other),
      array.load(other + 2 ** 32 + 2 ** 46),
    ]
    const old = model.get(index)
    if (entry === undefined) model.delete(index)
    else model.set(index, entry)
    const want = [old, entry, model.get(other), undefined]
    // Comparing what differs alone spares two seconds.
    if (!isSame(got, want)) expect(got, `call ${n}`).toEqual(want)
    if (n % 1000 === 999) checkInvariants(array)
  }
})
