// Model-based (kind 3): the properties of spec data-structures 3.7, each cited, with fast-check against the naive bitmap; invariants after each step.
import { IovaBitmap } from '@iommukit/iova-bitmap'
import { checkInvariants } from '@iommukit/iova-bitmap/check'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guarded, MAX, NaiveBitmap, runsOf, TestSource } from './oracle.ts'

/** A covered range of few pages anywhere in the address space, any page size, any end of the last page. */
const shape = fc
  .record({
    shift: fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constantFrom(0, 12, 31, 32, 62, 63)),
    npages: fc.integer({ min: 1, max: 120 }),
    cut: fc.bigInt({ min: 0n, max: MAX }),
    place: fc.oneof(fc.constantFrom(0n, MAX), fc.bigInt({ min: 0n, max: MAX })),
  })
  .map(({ shift, npages, cut, place }) => {
    const pageSize = 1n << BigInt(shift)
    const fitting = (MAX >> BigInt(shift)) + 1n
    const pages = BigInt(npages) > fitting ? fitting : BigInt(npages)
    const length = pages * pageSize - (cut % pageSize)
    const unaligned = place % (MAX - length + 2n)
    const iova = cut % 2n === 0n ? unaligned : unaligned - (unaligned % pageSize)
    return { iova, last: iova + length - 1n, pageSize }
  })

/** Where a call points: relative to the covered range, in 1024ths of it, so that calls overlap, stick out and miss. */
const spot = fc.record({
  from: fc.integer({ min: -200, max: 1200 }),
  part: fc.integer({ min: 0, max: 1500 }),
  nudge: fc.integer({ min: -2, max: 2 }),
  exact: fc.integer({ min: 0, max: 3 }),
})

type Shape = { iova: bigint; last: bigint; pageSize: bigint }
type Spot = { from: number; part: number; nudge: number; exact: number }

function place({ iova, last }: Shape, { from, part, nudge, exact }: Spot): [bigint, bigint] {
  const length = last - iova + 1n
  let at = iova + (length * BigInt(from)) / 1024n + BigInt(nudge)
  if (at < 0n) at = 0n
  if (at > MAX) at = MAX
  const long = (length * BigInt(part)) / 1024n
  return [at, exact === 0 ? BigInt(part % 4) : long > MAX + 1n ? MAX + 1n : long]
}

function memory(given: Shape, byteOffset: number): { bitmap: IovaBitmap; bytes: Uint8Array; isIntact: () => boolean } {
  const { bytes, isIntact } = guarded(IovaBitmap.bytesNeeded(given), byteOffset)
  return { bitmap: new IovaBitmap({ ...given, buffer: bytes }), bytes, isIntact }
}

/** Runs a property; a failure prints its seed and path. */
function property<T extends unknown[]>(arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> }, predicate: (...values: T) => void): void {
  fc.assert(
    fc.property(fc.tuple<T>(...arbitraries), (values) => predicate(...values)),
    { numRuns: 300 },
  )
}

describe('data-structures 3.7', () => {
  it('1, 3: bit b is set iff some clipped range meets page b; bytes around and unused bits never change', () => {
    property(
      [shape, fc.array(spot, { maxLength: 8 }), fc.oneof(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 4088, max: 4104 }))],
      (given, spots, byteOffset) => {
        const model = new NaiveBitmap(given.iova, given.last, given.pageSize)
        const { bitmap, bytes, isIntact } = memory(given, byteOffset)
        const unused = (0xff << (((bitmap.npages - 1) & 7) + 1)) & 0xff
        bytes[bytes.length - 1] = unused
        for (const one of spots) {
          const [iova, length] = place(given, one)
          expect(bitmap.set(iova, length)).toBe(model.set(iova, length))
          checkInvariants(bitmap)
        }
        const want = model.bytes()
        want[want.length - 1]! |= unused
        expect(bytes).toEqual(want)
        expect(isIntact()).toBe(true)
      },
    )
  })

  it('2: order does not matter, twice is once, and a set may be split anywhere', () => {
    property([shape, fc.array(spot, { minLength: 1, maxLength: 6 }), fc.integer({ min: 0, max: 1024 })], (given, spots, split) => {
      const [forwards, backwards, parts] = [memory(given, 0), memory(given, 1), memory(given, 2)]
      const calls = spots.map((one) => place(given, one))
      for (const [iova, length] of calls) forwards.bitmap.set(iova, length)
      for (const [iova, length] of [...calls].reverse()) {
        backwards.bitmap.set(iova, length)
        backwards.bitmap.set(iova, length)
        const first = (length * BigInt(split)) / 1024n
        parts.bitmap.set(iova, first)
        if (iova + first <= MAX) parts.bitmap.set(iova + first, length - first)
      }
      expect(backwards.bytes).toEqual(forwards.bytes)
      expect(parts.bytes).toEqual(forwards.bytes)
      expect(forwards.bitmap.equals(parts.bitmap)).toBe(true)
    })
  })

  it('4: the result does not depend on windows, alignment, short pins or the form of forEach', () => {
    const windows = fc.record({
      windowBytesMax: fc.constantFrom(1, 2, 8, 4096, 2097152),
      pinBytesMax: fc.integer({ min: 1, max: 20 }),
      dataOffset: fc.oneof(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 4080, max: 4095 })),
      copies: fc.boolean(),
      form: fc.constantFrom('set', 'forEach', 'forEachWindow', 'setBatch', 'record'),
    })
    property(
      [shape, fc.array(spot, { maxLength: 6 }), windows],
      (given, spots, { windowBytesMax, pinBytesMax, dataOffset, copies, form }) => {
        const plain = memory(given, 0)
        const source = new TestSource(new Uint8Array(plain.bytes.length))
        source.pinBytesMax = pinBytesMax
        source.copies = copies
        const bitmap = new IovaBitmap({ ...given, source, windowBytesMax, dataOffset })
        const calls = spots.map((one) => place(given, one))
        const setAll = (): undefined => {
          for (const [iova, length] of calls) bitmap.set(iova, length)
        }
        for (const [iova, length] of calls) plain.bitmap.set(iova, length)
        if (form === 'set') setAll()
        else if (form === 'forEach') bitmap.forEach(setAll)
        else if (form === 'forEachWindow') bitmap.forEachWindow(setAll)
        else if (form === 'setBatch') expect(bitmap.setBatch(calls.map(([iova, length]) => ({ iova, length })))).toBe(plain.bitmap.count())
        else for (const [iova, length] of calls) bitmap.record(iova, length)
        checkInvariants(bitmap)
        expect(bitmap.count()).toBe(plain.bitmap.count())
        expect(runsOf(bitmap.ranges())).toEqual(runsOf(plain.bitmap.ranges()))
        bitmap.free()
        expect(source.bytes).toEqual(plain.bytes)
        expect(source.pinned).toBe(0)
        expect(source.dirtyUnpins).toHaveLength(source.calls.length)
      },
    )
  })

  it('5: windows cover the range exactly, ascending, disjoint, each a multiple of 8 pages from the base', () => {
    property(
      [shape, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 4095 }), fc.integer({ min: 1, max: 9 })],
      (given, windowBytesMax, dataOffset, pinBytesMax) => {
        const source = new TestSource(new Uint8Array(IovaBitmap.bytesNeeded(given)))
        source.pinBytesMax = pinBytesMax
        for (const options of [{ source }, { buffer: source.bytes }]) {
          const bitmap = new IovaBitmap({ ...given, ...options, windowBytesMax, dataOffset })
          let next = given.iova
          bitmap.forEachWindow((_bitmap, iova, length) => {
            expect(iova).toBe(next)
            expect((iova - given.iova) % (8n * given.pageSize)).toBe(0n)
            expect(length).toBeGreaterThan(0n)
            next = iova + length
            return undefined
          })
          expect(next).toBe(given.last + 1n)
        }
      },
    )
  })

  it('6: the runs make the same bitmap again, are maximal, and count is the sum of their pages', () => {
    property([shape, fc.array(spot, { maxLength: 8 })], (given, spots) => {
      const model = new NaiveBitmap(given.iova, given.last, given.pageSize)
      const { bitmap, bytes } = memory(given, 3)
      for (const one of spots) {
        const [iova, length] = place(given, one)
        bitmap.set(iova, length)
        model.set(iova, length)
      }
      const again = memory(given, 0)
      let pages = 0
      for (const run = bitmap.ranges(); !run.done; run.next()) {
        pages += run.npages
        again.bitmap.set(run.iova, run.length)
      }
      expect(again.bytes).toEqual(bytes)
      expect(pages).toBe(bitmap.count())
      expect(runsOf(bitmap.ranges())).toEqual(model.ranges())
    })
  })

  it('7: clear rounds inward, or outward when told; after clear() nothing is left', () => {
    property([shape, fc.array(fc.record({ spot, op: fc.constantFrom('set', 'in', 'out') }), { maxLength: 10 })], (given, steps) => {
      const model = new NaiveBitmap(given.iova, given.last, given.pageSize)
      const { bitmap, bytes } = memory(given, 1)
      for (const step of steps) {
        const [iova, length] = place(given, step.spot)
        if (step.op === 'set') expect(bitmap.set(iova, length)).toBe(model.set(iova, length))
        else expect(bitmap.clear(iova, length, { outward: step.op === 'out' })).toBe(model.clear(iova, length, step.op === 'out'))
        expect(bytes).toEqual(model.bytes())
        expect(bitmap.count(iova, length)).toBe(model.count(iova, length))
      }
      expect(bitmap.clear()).toBe(bitmap.npages)
      expect(bitmap.count()).toBe(0)
    })
  })

  it('8: or is the union, andNot takes out what is wholly covered, also with other page sizes and bases', () => {
    const pair = fc.record({
      shiftA: fc.integer({ min: 0, max: 4 }),
      shiftB: fc.integer({ min: 0, max: 4 }),
      baseA: fc.integer({ min: 0, max: 9 }),
      baseB: fc.integer({ min: 0, max: 9 }),
      top: fc.boolean(),
    })
    property(
      [pair, fc.array(spot, { maxLength: 5 }), fc.array(spot, { maxLength: 5 })],
      ({ shiftA, shiftB, baseA, baseB, top }, spotsA, spotsB) => {
        const shapeOf = (shift: number, base: number): Shape => {
          const iova = top ? MAX - 400n + BigInt(base) : BigInt(base)
          return { iova, last: top ? MAX : iova + 399n, pageSize: 1n << BigInt(shift) }
        }
        const [givenA, givenB] = [shapeOf(shiftA, baseA), shapeOf(shiftB, baseB)]
        const [a, b] = [memory(givenA, 1), memory(givenB, 2)]
        const [modelA, modelB] = [
          new NaiveBitmap(givenA.iova, givenA.last, givenA.pageSize),
          new NaiveBitmap(givenB.iova, givenB.last, givenB.pageSize),
        ]
        for (const one of spotsA) modelA.set(...place(givenA, one))
        for (const one of spotsB) modelB.set(...place(givenB, one))
        a.bytes.set(modelA.bytes())
        b.bytes.set(modelB.bytes())
        const runs = modelB.ranges().map((run) => run.split('-').map(BigInt) as [bigint, bigint])
        expect(a.bitmap.equals(b.bitmap)).toBe(modelA.ranges().join() === modelB.ranges().join())
        a.bitmap.or(b.bitmap)
        for (const [first, last] of runs) modelA.set(first, last - first + 1n)
        expect(a.bytes).toEqual(modelA.bytes())
        a.bitmap.andNot(b.bitmap)
        if (givenA.iova === givenB.iova && givenA.pageSize === givenB.pageSize) for (const page of modelB.pages) modelA.pages.delete(page)
        else for (const [first, last] of runs) modelA.clear(first, last - first + 1n, false)
        expect(a.bytes).toEqual(modelA.bytes())
        expect(b.bytes).toEqual(modelB.bytes())
      },
    )
  })

  it('10: pins and unpins balance when any pin fails, and the failed set done again gives the full result', () => {
    property(
      [shape, spot, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 3 }), fc.constantFrom('throws', 'empty' as const)],
      (given, one, failing, windowBytesMax, failure) => {
        const [iova, length] = place(given, one)
        const plain = memory(given, 0)
        const source = new TestSource(new Uint8Array(plain.bytes.length))
        source.failingPin = failing
        source.failure = failure as 'throws' | 'empty'
        const bitmap = new IovaBitmap({ ...given, source, windowBytesMax })
        const npages = plain.bitmap.set(iova, length)
        try {
          bitmap.set(iova, length)
        } catch (error) {
          expect(error).toMatchObject({ code: 'EFAULT' })
          expect(source.pinned).toBe(0)
          checkInvariants(bitmap)
        }
        source.failingPin = 0
        expect(bitmap.set(iova, length)).toBe(npages)
        bitmap.free()
        expect(source.bytes).toEqual(plain.bytes)
        expect(source.pinned).toBe(0)
      },
    )
  })

  it('11: corners of arithmetic: the range [0, MAX] with pages of 2^63 has 2 bits, and every size works at the very top', () => {
    property(
      [fc.integer({ min: 0, max: 63 }), fc.bigInt({ min: 0n, max: MAX }), fc.bigInt({ min: 0n, max: 1n << 64n })],
      (shift, iova, length) => {
        const pageSize = 1n << BigInt(shift)
        const npages = 8n > MAX / pageSize + 1n ? MAX / pageSize + 1n : 8n
        const given = { iova: MAX - npages * pageSize + 1n, last: MAX, pageSize }
        const model = new NaiveBitmap(given.iova, given.last, pageSize)
        const { bitmap, bytes } = memory(given, 5)
        expect(bitmap.npages).toBe(Number(npages))
        for (const [at, n] of [
          [iova, length],
          [MAX - (iova % pageSize), length % pageSize],
        ] as const) {
          expect(bitmap.set(at, n)).toBe(model.set(at, n))
          expect(bitmap.test(at)).toBe(model.count(at, 1n) === 1)
        }
        expect(bytes).toEqual(model.bytes())
      },
    )
    expect(new IovaBitmap({ iova: 0, last: MAX, pageSize: 1n << 63n, buffer: new Uint8Array(1) }).npages).toBe(2)
  })

  it('12: on a little-endian host bit b is bit b & 63 of word b >> 6', () => {
    property([fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 200 })), { maxLength: 6 })], (sets) => {
      const words = new BigUint64Array(5)
      const bitmap = new IovaBitmap({ iova: 0, length: 320, pageSize: 1, buffer: words })
      const want = new BigUint64Array(5)
      for (const [first, length] of sets) {
        bitmap.set(first, length)
        for (let bit = first; bit < Math.min(320, first + length); bit++) want[bit >> 6]! |= 1n << BigInt(bit & 63)
      }
      expect(words).toEqual(want)
    })
  })
})
