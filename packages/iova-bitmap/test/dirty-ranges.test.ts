// Examples (kind 1) of the cursor over dirty runs and of the harvest: spec data-structures 3.6, cursor rules of design section 6.
import { type DirtyRanges, IovaBitmap, IovaBitmapError } from '@iommukit/iova-bitmap'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { MAX, runsOf, TestSource } from './oracle.ts'

function over(npages: number, runs: [number, number][], pageSize = 4096): { bitmap: IovaBitmap; bytes: Uint8Array } {
  const bytes = new Uint8Array(Math.ceil(npages / 8))
  const bitmap = new IovaBitmap({ iova: 0, length: npages * pageSize, pageSize, buffer: bytes })
  for (const [first, last] of runs) bitmap.set(first * pageSize, (last - first + 1) * pageSize)
  return { bitmap, bytes }
}

function indexes(cursor: DirtyRanges): [number, number][] {
  const list: [number, number][] = []
  for (; !cursor.done; cursor.next()) list.push([cursor.index, cursor.lastIndex])
  return list
}

describe('ranges', () => {
  it('stands on the first run from the start, and stays done', () => {
    const { bitmap } = over(64, [
      [3, 5],
      [9, 9],
    ])
    const run = bitmap.ranges()
    expectTypeOf(run).toEqualTypeOf<DirtyRanges>()
    expect([run.done, run.index, run.lastIndex, run.npages]).toEqual([false, 3, 5, 3])
    expect([run.iova, run.last, run.length]).toEqual([3n * 4096n, 6n * 4096n - 1n, 3n * 4096n])
    run.next()
    expect([run.index, run.lastIndex]).toEqual([9, 9])
    run.next()
    expect(run.done).toBe(true)
    run.next()
    expect(run.done).toBe(true)
    expect(over(64, []).bitmap.ranges().done).toBe(true)
  })

  it.each([
    [[0, 0]],
    [[31, 32]],
    [[7, 8]],
    [[0, 199]],
    [[32, 63]],
    [[31, 63]],
    [[32, 64]],
    [[199, 199]],
    [[160, 199]],
    [
      [0, 31],
      [33, 63],
      [65, 65],
      [67, 127],
      [129, 198],
    ],
    [
      [0, 0],
      [2, 2],
      [4, 4],
      [31, 31],
      [33, 33],
    ],
  ] as [number, number][][])('finds maximal runs across byte and word edges: %j', (...runs) => {
    expect(indexes(over(200, runs).bitmap.ranges())).toEqual(runs)
    expect(indexes(over(200, runs).bitmap.harvest())).toEqual(runs)
  })

  it('merges across window edges, whatever the windows', () => {
    for (const windowBytesMax of [1, 2, 3, 8, 25]) {
      for (const pinBytesMax of [1, 3, 100]) {
        const { bytes } = over(200, [
          [3, 70],
          [72, 160],
          [199, 199],
        ])
        const source = new TestSource(bytes)
        source.pinBytesMax = pinBytesMax
        const bitmap = new IovaBitmap({ iova: 0, length: 200, pageSize: 1, source, windowBytesMax, dataOffset: 4090 })
        expect(indexes(bitmap.ranges())).toEqual([
          [3, 70],
          [72, 160],
          [199, 199],
        ])
        expect(indexes(bitmap.peek())).toEqual([
          [3, 70],
          [72, 160],
          [199, 199],
        ])
        expect(indexes(bitmap.harvest())).toEqual([
          [3, 70],
          [72, 160],
          [199, 199],
        ])
        expect(indexes(bitmap.harvest())).toEqual([])
        bitmap.free()
        expect(bytes.every((byte) => byte === 0)).toBe(true)
      }
    }
  })

  it('looks at the pages touched by a range, and cuts runs there', () => {
    const { bitmap } = over(64, [[3, 40]])
    expect(indexes(bitmap.ranges(5 * 4096, 4096))).toEqual([[5, 5]])
    expect(indexes(bitmap.ranges(5 * 4096 - 1, 4098))).toEqual([[4, 6]])
    expect(indexes(bitmap.ranges(38 * 4096))).toEqual([[38, 40]])
    expect(indexes(bitmap.ranges(41 * 4096))).toEqual([])
    expect(indexes(bitmap.ranges(0, 0))).toEqual([])
    expect(indexes(bitmap.ranges(64 * 4096, 1))).toEqual([])
    expect(indexes(bitmap.harvest(5 * 4096, 1))).toEqual([[5, 5]])
    expect(indexes(bitmap.ranges())).toEqual([
      [3, 4],
      [6, 40],
    ])
  })

  it('gives u32 halves and bigints of the same addresses, up to 2^64-1', () => {
    const bytes = Uint8Array.of(0b1110_0011)
    for (const iova of [0n, 0xffff_f000n, 0xffff_0000_0000n, MAX - 8n * 4096n + 1n]) {
      const bitmap = new IovaBitmap({ iova, length: 8 * 4096, pageSize: 4096, buffer: bytes })
      const seen: bigint[] = []
      for (const run = bitmap.ranges(); !run.done; run.next()) {
        expect((BigInt(run.iovaHi) << 32n) | BigInt(run.iovaLo)).toBe(run.iova)
        expect((BigInt(run.lastHi) << 32n) | BigInt(run.lastLo)).toBe(run.last)
        seen.push(run.iova, run.last)
      }
      expect(seen).toEqual([iova, iova + 8191n, iova + 5n * 4096n, iova + 8n * 4096n - 1n])
    }
    const whole = new IovaBitmap({ iova: 0, last: MAX, pageSize: 1n << 63n, buffer: Uint8Array.of(3) })
    expect([...whole.ranges()]).toEqual([{ iova: 0n, last: MAX, length: 1n << 64n }])
    const upper = new IovaBitmap({ iova: 0, last: MAX, pageSize: 1n << 63n, buffer: Uint8Array.of(2) })
    expect([upper.ranges().iovaHi, upper.ranges().iovaLo]).toEqual([0x8000_0000, 0])
  })

  it('reads the bitmap as it goes', () => {
    const { bitmap } = over(200, [
      [10, 10],
      [20, 20],
      [21, 21],
      [150, 160],
    ])
    const seen: [number, number][] = []
    for (const run = bitmap.ranges(); !run.done; run.next()) {
      seen.push([run.index, run.lastIndex])
      if (run.index === 10) {
        bitmap.clear(20 * 4096, 4096)
        bitmap.set(5 * 4096, 1)
        bitmap.set(23 * 4096, 1)
        bitmap.set(161 * 4096, 4096 * 20)
      }
    }
    expect(seen).toEqual([
      [10, 10],
      [21, 21],
      [23, 23],
      [150, 180],
    ])
  })
})

describe('iteration', () => {
  it('begins at the run the cursor stands on and ends for good', () => {
    const { bitmap } = over(64, [
      [1, 1],
      [3, 3],
      [5, 5],
    ])
    const run = bitmap.ranges()
    run.next()
    expect([...run]).toEqual([
      { iova: 3n * 4096n, last: 4n * 4096n - 1n, length: 4096n },
      { iova: 5n * 4096n, last: 6n * 4096n - 1n, length: 4096n },
    ])
    expect([...run]).toEqual([])
  })

  it('closes the cursor on break', () => {
    const run = over(64, [
      [1, 1],
      [3, 3],
    ]).bitmap.ranges()
    for (const range of run) {
      expect(range.iova).toBe(4096n)
      break
    }
    expect(run.done).toBe(true)
  })

  it('says that it has ended when it is returned', () => {
    const iterator = over(64, [[1, 1]])
      .bitmap.ranges()
      [Symbol.iterator]()
    expect(iterator.return?.()).toEqual({ done: true, value: undefined })
    expect(iterator.next()).toEqual({ done: true, value: undefined })
  })

  it('round trips through set and setBatch', () => {
    const { bitmap } = over(200, [
      [3, 70],
      [72, 160],
      [199, 199],
    ])
    const one = over(200, []).bitmap
    for (const { iova, length } of bitmap.ranges()) one.set(iova, length)
    expect(one.equals(bitmap)).toBe(true)
    const two = over(200, []).bitmap
    expect(two.setBatch(bitmap.ranges())).toBe(bitmap.count())
    expect(two.equals(bitmap)).toBe(true)
  })
})

describe('harvest', () => {
  it('clears each run when it steps on it, no sooner', () => {
    const { bitmap } = over(200, [
      [1, 1],
      [3, 100],
      [110, 120],
    ])
    const run = bitmap.harvest()
    expect(indexes(bitmap.ranges())).toEqual([
      [3, 100],
      [110, 120],
    ])
    run.next()
    expect(indexes(bitmap.ranges())).toEqual([[110, 120]])
    run.close()
    expect(run.done).toBe(true)
    expect(indexes(bitmap.ranges())).toEqual([[110, 120]])
    expect(indexes(bitmap.harvest())).toEqual([[110, 120]])
    expect(bitmap.count()).toBe(0)
  })

  it('takes nothing any more once it was closed', () => {
    const { bitmap } = over(200, [
      [1, 1],
      [3, 3],
    ])
    const run = bitmap.harvest()
    run.close()
    run.next()
    expect([run.done, ...indexes(bitmap.ranges())]).toEqual([true, [3, 3]])
  })

  it('throws what failed in the middle of a run also when the window has come to where it goes on meanwhile', () => {
    const source = new TestSource(new Uint8Array(16))
    source.bytes.fill(0xff, 0, 5)
    const bitmap = new IovaBitmap({ iova: 0, length: 128, pageSize: 1, source, windowBytesMax: 4 })
    source.failNext(2)
    const run = bitmap.harvest()
    expect([run.index, run.lastIndex]).toEqual([0, 31])
    bitmap.set(48, 1)
    bitmap.set(32, 1)
    expect(() => run.next()).toThrow(IovaBitmapError)
    run.next()
    expect([run.index, run.lastIndex]).toEqual([32, 39])
  })

  it('leaves with break what it has not reported', () => {
    const { bitmap } = over(200, [
      [1, 1],
      [3, 3],
      [5, 5],
    ])
    const seen: bigint[] = []
    for (const { iova } of bitmap.harvest()) {
      seen.push(iova)
      if (seen.length === 2) break
    }
    expect(seen).toEqual([4096n, 3n * 4096n])
    expect(indexes(bitmap.ranges())).toEqual([[5, 5]])
  })

  it('leaves alone what lies behind a run that ends with its window', () => {
    for (const windowBytesMax of [4, 8, 12, 16]) {
      const source = new TestSource(new Uint8Array(64))
      source.bytes.fill(0xff)
      const bitmap = new IovaBitmap({ iova: 0, length: 512, pageSize: 1, source, windowBytesMax })
      for (let edge = 0; edge < 512; edge += 32) bitmap.clear(edge, 1)
      const want: [number, number][] = []
      for (let edge = 0; edge < 512; edge += 32) want.push([edge + 1, edge + 31])
      expect(indexes(bitmap.ranges())).toEqual(want)
      expect(indexes(bitmap.harvest())).toEqual(want)
      expect(bitmap.count()).toBe(0)
    }
  })

  it('reports a page again only after a new set', () => {
    const { bitmap } = over(64, [[1, 3]])
    expect(runsOf(bitmap.harvest())).toHaveLength(1)
    expect(runsOf(bitmap.harvest())).toHaveLength(0)
    bitmap.set(2 * 4096, 1)
    expect(indexes(bitmap.harvest())).toEqual([[2, 2]])
  })

  it('loses nothing when the source fails in the middle of a run', () => {
    for (let failing = 1; failing < 40; failing++) {
      const { bytes } = over(200, [
        [3, 70],
        [72, 160],
        [199, 199],
      ])
      const source = new TestSource(bytes)
      const bitmap = new IovaBitmap({ iova: 0, length: 200, pageSize: 1, source, windowBytesMax: 2 })
      source.failingPin = failing
      const pages: number[] = []
      const collect = (cursor: DirtyRanges): void => {
        for (; !cursor.done; cursor.next()) for (let page = cursor.index; page <= cursor.lastIndex; page++) pages.push(page)
      }
      let failures = 0
      let cursor: DirtyRanges | undefined
      while (cursor?.done !== true) {
        try {
          // The run that the cursor stands on was reported before the error; the next step goes on behind it.
          if (cursor === undefined) cursor = bitmap.harvest()
          else cursor.next()
          collect(cursor)
        } catch (error) {
          expect(error).toBeInstanceOf(IovaBitmapError)
          failures += 1
        }
      }
      expect(failures).toBe(failing <= 13 ? 1 : 0)
      const want: number[] = []
      for (let page = 0; page < 200; page++) if ((page >= 3 && page <= 70) || (page >= 72 && page <= 160) || page === 199) want.push(page)
      expect(pages).toEqual(want)
      bitmap.free()
      expect(source.pinned).toBe(0)
      expect(bytes.every((byte) => byte === 0)).toBe(true)
    }
  })
})
