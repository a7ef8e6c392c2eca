// Examples (kind 1) of which calls take the short way and which the long one: both give the same bits, so that only counting calls tells them apart.
import { AsyncIovaBitmap, IovaBitmap, SharedIovaBitmap } from '@iommukit/iova-bitmap'
import { afterEach, describe, expect, it } from 'vitest'
import { AtomicSegment } from '../src/atomic-segment.ts'
import { RunCursor } from '../src/dirty-ranges.ts'
import { FastPath } from '../src/fast-path.ts'
import { Geometry } from '../src/geometry.ts'
import { BitSegment } from '../src/segment.ts'
import { runsOf, TestSource } from './oracle.ts'

const GIB = 2 ** 30

function fastPath(shift: number, iova = 0n, strict = false, first = 0, last = 1023): { fast: FastPath; words: Int32Array } {
  const fast = new FastPath(Number(iova >> 32n), Number(iova & 0xffff_ffffn), shift, strict)
  const words = new Int32Array(32)
  fast.aim(words, first, last)
  return { fast, words }
}

const undo: (() => void)[] = []
afterEach(() => {
  for (const each of undo.splice(0)) each()
})

/** Counts the calls of a method until the test has ended. */
function counted<T extends object>(owner: T, name: keyof T & string): () => number {
  const original = owner[name] as unknown as (...values: unknown[]) => unknown
  let calls = 0
  const counting = function (this: unknown, ...values: unknown[]): unknown {
    calls += 1
    return original.apply(this, values)
  }
  Object.assign(owner, { [name]: counting })
  undo.push(() => Object.assign(owner, { [name]: original }))
  return () => calls
}

describe('FastPath', () => {
  it.each([
    [0, -1],
    [1, 1],
    [12, 1],
    [30, 1],
    [31, -1],
    [32, -1],
    [63, -1],
  ])('serves pages of 2^%d bytes: %d', (shift, answer) => {
    const { fast, words } = fastPath(shift)
    expect(fast.setAt(0, 0, 1)).toBe(answer)
    expect(words[0]).toBe(answer === 1 ? 1 : 0)
    expect(fast.written).toBe(answer === 1)
  })

  it('serves no strict bitmap, and none whose grid is off the multiples of the page size', () => {
    expect(fastPath(12, 0n, true).fast.setAt(0, 0, 1)).toBe(-1)
    expect(fastPath(12, 1n).fast.setAt(0, 4096, 1)).toBe(-1)
    expect(fastPath(12, 2048n).fast.setAt(0, 4096, 1)).toBe(-1)
    expect(fastPath(12, 8192n).fast.setAt(0, 8192, 1)).toBe(1)
  })

  it('takes lengths from 1 byte to less than 2 GiB', () => {
    const { fast } = fastPath(21)
    for (const [length, pages] of [
      [0, -1],
      [1, 1],
      [GIB - 1, 512],
      [GIB, 512],
      [GIB + 1, 513],
      [2 * GIB - 1, 1024],
      [2 * GIB, -1],
      [2 * GIB + 1, -1],
      [4 * GIB - 1, -1],
      [4 * GIB, -1],
      [0.5, -1],
      [-1, -1],
      [-2 * GIB, -1],
      [-2 * GIB + 1, -1],
    ])
      expect(fast.setAt(0, 0, length!), `${length}`).toBe(pages)
  })

  it('takes halves that are u32 only', () => {
    const { fast, words } = fastPath(12)
    for (const bad of [-1, 0.5, 2 ** 32, Number.NaN]) {
      expect(fast.setAt(bad, 0, 1)).toBe(-1)
      expect(fast.setAt(0, bad, 1)).toBe(-1)
    }
    expect([...words].every((word) => word === 0)).toBe(true)
  })

  it.each([1, 12, 21, 30])('takes bits below 2^31 only, with pages of 2^%d bytes', (shift) => {
    const { fast } = fastPath(shift, 5n << 32n)
    const highs = 2 ** (shift - 1)
    expect(fast.setAt(5, 0, 1)).toBe(1)
    expect(fast.setAt(4, 0, 1)).toBe(-1)
    expect(fast.setAt(5 + highs, 0, 1)).toBe(-1)
    expect(fast.setAt(5 + 2 * highs, 0, 1)).toBe(-1)
    expect(fast.setAt(0xffff_ffff, 0, 1)).toBe(-1)
  })

  it('takes no range whose last bit does not fit 31 bits', () => {
    const { fast } = fastPath(1)
    expect(fast.setAt(0, 0xffff_fffe, 2 * GIB - 1)).toBe(-1)
    expect(fast.setAt(0, 0xffff_fffe, 4)).toBe(-1)
  })

  it('takes what is wholly in the words, to the last bit on both sides', () => {
    const { fast, words } = fastPath(12, 0n, false, 64, 127)
    const page = (k: number): number => k * 4096
    expect(fast.setAt(0, page(63), 4096)).toBe(-1)
    expect(fast.setAt(0, page(63), 8192)).toBe(-1)
    expect(fast.setAt(0, page(128), 4096)).toBe(-1)
    expect(fast.setAt(0, page(127), 8192)).toBe(-1)
    expect(fast.written).toBe(false)
    expect(fast.setAt(0, page(64), 4096)).toBe(1)
    expect(fast.setAt(0, page(127), 4096)).toBe(1)
    expect([words[0], words[1]]).toEqual([1, -(2 ** 31)])
    expect(fast.setAt(0, page(64), 64 * 4096)).toBe(64)
    expect([words[0], words[1], words[2]]).toEqual([-1, -1, 0])
  })

  it('takes the one page of the smallest words there can be, in pages of 2 bytes', () => {
    const { fast, words } = fastPath(1, 0n, false, 0, 0)
    expect(fast.setAt(0, 0, 1)).toBe(1)
    expect(fast.setAt(0, 2, 1)).toBe(-1)
    expect(words[0]).toBe(1)
  })

  it('takes nothing when nothing can be written', () => {
    const { fast } = fastPath(12, 0n, false, 64, 63)
    expect(fast.setAt(0, 64 * 4096, 1)).toBe(-1)
    fast.aim(new Int32Array(0), 0, -1)
    expect(fast.setAt(0, 0, 1)).toBe(-1)
  })

  it('takes bits of a window beyond 2^31 the long way', () => {
    const { fast } = fastPath(12, 0n, false, 2 ** 31, 2 ** 31 + 31)
    expect(fast.setAt(2 ** 11, 0, 1)).toBe(-1)
    expect(fast.setAt(0, 0, 1)).toBe(-1)
  })
})

describe('calls of the long way', () => {
  it('a set, recordAt or setAt inside the words makes none', () => {
    const clip = counted(Geometry.prototype, 'clip')
    const clipAt = counted(Geometry.prototype, 'clipAt')
    const bitmap = new IovaBitmap({ iova: 0x10_0000_0000, length: 256 * 4096, pageSize: 4096, buffer: new Uint8Array(32) })
    expect(bitmap.set(0x10_0000_1000, 4096)).toBe(1)
    expect(bitmap.setAt(0x10, 0x3000, 4096)).toBe(1)
    bitmap.recordAt(0x10, 0x5000, 4096)
    expect([clip(), clipAt()]).toEqual([0, 0])
    expect(bitmap.set(0x10_0000_7000n, 4096)).toBe(1)
    expect(bitmap.set(0x10_0000_9000, 4096n)).toBe(1)
    expect([clip(), clipAt()]).toEqual([2, 1]) // a numeric length goes on through clipAt
    expect(bitmap.setAt(0x10, 0xb000, 0)).toBe(0)
    bitmap.recordAt(0x10, 0xb000, 0)
    expect([clip(), clipAt()]).toEqual([2, 3])
    expect(runsOf(bitmap.ranges())).toEqual(
      [1n, 3n, 5n, 7n, 9n].map((page) => `${0x10_0000_0000n + page * 4096n}-${0x10_0000_0fffn + page * 4096n}`),
    )
  })

  it('or, andNot and equals on one grid go by bytes, whatever the number of runs; on shared memory by runs', () => {
    const sets = counted(BitSegment.prototype, 'set')
    const clears = counted(BitSegment.prototype, 'clear')
    const steps = counted(RunCursor.prototype, 'next')
    const atomicSets = counted(AtomicSegment.prototype, 'set')
    const given = { iova: 0, length: 64 * 4096, pageSize: 4096 }
    const make = (content: number): IovaBitmap => new IovaBitmap({ ...given, buffer: new Uint8Array(8).fill(content) })
    const a = make(0x55)
    a.or(make(0x11))
    a.andNot(make(0x44))
    expect(a.equals(make(0x11))).toBe(true)
    expect([sets(), clears(), steps()]).toEqual([0, 0, 0])
    const shared = new SharedIovaBitmap({ ...given, buffer: new SharedArrayBuffer(8) })
    shared.or(a)
    expect(shared.count()).toBe(16)
    expect(atomicSets()).toBe(16)
    const longer = new IovaBitmap({ iova: 0, length: 128 * 4096, pageSize: 4096, buffer: new Uint8Array(16).fill(0x11) })
    shared.clear()
    shared.or(longer)
    shared.or(longer)
    expect([shared.count(), atomicSets()]).toEqual([16, 48])
  })
})

describe('atomic words', () => {
  function shared(npages: number, byteOffset = 0): { bitmap: SharedIovaBitmap; bytes: Uint8Array } {
    const bytes = new Uint8Array(new SharedArrayBuffer(byteOffset + Math.ceil(npages / 8)), byteOffset)
    return { bitmap: new SharedIovaBitmap({ iova: 0, length: npages, pageSize: 1, buffer: bytes }), bytes }
  }

  it.each([0, 1, 3])('close puts back what was taken ahead, at byte offset %d, and once only', (byteOffset) => {
    const { bitmap, bytes } = shared(100, byteOffset)
    for (const page of [33, 35, 37, 38, 63, 70]) bitmap.set(page, 1)
    const run = bitmap.harvest()
    expect([run.index, run.lastIndex]).toEqual([33, 33])
    run.close()
    expect(runsOf(bitmap.ranges())).toEqual(['35-35', '37-38', '63-63', '70-70'])
    run.next()
    expect(runsOf(bitmap.ranges())).toEqual(['35-35', '37-38', '63-63', '70-70'])
    bytes.fill(0)
    run.close()
    expect(bitmap.count()).toBe(0)
    run.next()
    expect([run.done, bitmap.count()]).toEqual([true, 0])
  })

  it.each([1, 2, 3])('memory at byte offset %d that holds no whole word is harvested by bytes', (byteOffset) => {
    for (const npages of [8, 32, 40, 48]) {
      const { bitmap } = shared(npages, byteOffset)
      for (const page of [5, npages - 15, npages - 1]) if (page >= 0) bitmap.set(page, 1)
      const pages = runsOf(bitmap.ranges())
      expect(runsOf(bitmap.harvest())).toEqual(pages)
      expect(bitmap.count()).toBe(0)
    }
  })

  it.each([0, 1, 2, 3])('a harvest that begins in the midst of a word leaves what is in front, at byte offset %d', (byteOffset) => {
    const { bitmap } = shared(200, byteOffset)
    for (let first = 1; first < 100; first++) {
      bitmap.clear()
      bitmap.set(first - 1, 1)
      bitmap.set(first + 9, 2)
      expect(runsOf(bitmap.harvest(first, 60)), `${first}`).toEqual([`${first + 9}-${first + 10}`])
      expect(runsOf(bitmap.ranges())).toEqual([`${first - 1}-${first - 1}`])
    }
  })

  it('a harvest that has ended takes no more, and break puts back', () => {
    const { bitmap } = shared(64)
    bitmap.set(3, 1)
    const run = bitmap.harvest()
    run.next()
    expect(run.done).toBe(true)
    bitmap.set(5, 1)
    bitmap.set(7, 1)
    run.next()
    run.close()
    expect(bitmap.count()).toBe(2)
    for (const { iova } of bitmap.harvest()) {
      expect(iova).toBe(5n)
      break
    }
    expect(runsOf(bitmap.ranges())).toEqual(['7-7'])
  })

  it('passes over words without a bit by one look at each, and takes a word in one step', () => {
    const { bitmap } = shared(32 * 10)
    bitmap.set(32 * 8 + 5, 3)
    const { load, exchange, and } = Atomics
    const seen = { load: 0, exchange: 0, and: 0 }
    const noted =
      <T extends unknown[], R>(name: keyof typeof seen, original: (...values: T) => R) =>
      (...values: T): R => {
        seen[name] += 1
        return original(...values)
      }
    Object.assign(Atomics, { load: noted('load', load), exchange: noted('exchange', exchange), and: noted('and', and) })
    try {
      expect(runsOf(bitmap.harvest())).toEqual(['261-263'])
    } finally {
      Object.assign(Atomics, { load, exchange, and })
    }
    expect(seen).toEqual({ load: 11, exchange: 1, and: 0 })
  })
})

describe('names in errors', () => {
  const bitmap = new IovaBitmap({ iova: 0, length: 64, pageSize: 1, buffer: new Uint8Array(8) })

  it.each(['or', 'andNot', 'equals'] as const)('%s names itself or the other', (method) => {
    expect(() => (IovaBitmap.prototype[method] as (other: IovaBitmap) => unknown).call({}, bitmap)).toThrow('this must be an IovaBitmap')
    expect(() => bitmap[method]({} as IovaBitmap)).toThrow('other must be an IovaBitmap')
    expect(() => bitmap[method](null as unknown as IovaBitmap)).toThrow('other must be an IovaBitmap')
  })

  it('set, test, count and clear name what is bad', () => {
    expect(() => bitmap.set(0n, (1n << 64n) + 1n)).toThrow(/^length is /)
    expect(() => bitmap.set(-1n, 1n)).toThrow(/^iova is /)
    expect(() => bitmap.test(-1n)).toThrow(/^iova is /)
    expect(() => bitmap.count(-1n)).toThrow(/^iova is /)
    expect(() => bitmap.clear(-1n)).toThrow(/^iova is /)
    expect(() => bitmap.clear(0, -1n)).toThrow(/^length is /)
  })

  it('a range that leaves a strict bitmap is shown with what is covered', () => {
    const strict = new IovaBitmap({
      iova: 0x2_0000_0000n,
      length: 0x1_0000_0000n,
      pageSize: 2 ** 21,
      buffer: new Uint8Array(256),
      strict: true,
    })
    const said = /^strict: the range from iova 0x1ffffffff is not inside the covered 0x200000000\.\.0x2ffffffff$/
    expect(() => strict.set(0x1_ffff_ffffn, 1n)).toThrow(said)
    for (const [iova, length] of [
      [0x1_0000_0000n, 1n],
      [0x1_8000_0000n, 0x1_0000_0000n],
      [0x3_0000_0000n, 1n],
      [0x3_0000_0000n, 0n],
      [0x5_8000_0000n, 1n],
      [0x2_0000_0000n, 0x1_0000_0001n],
    ] as const)
      if (length > 0n) expect(() => strict.set(iova, length), `${iova}`).toThrow(RangeError)
    expect(() => strict.count(0x3_0000_0000n)).toThrow(RangeError)
    expect(() => strict.ranges(0x3_8000_0000n)).toThrow(RangeError)
    expect(strict.set(0x2_0000_0000n, 0x1_0000_0000n)).toBe(2048)
    expect(strict.set(0x2_ffff_ffffn, 1n)).toBe(1)
  })

  it('an async bitmap needs both methods of its source', () => {
    const given = { iova: 0, length: 64, pageSize: 1 }
    const pin = async (): Promise<Uint8Array> => new Uint8Array(8)
    for (const source of [{ pin }, { unpin: () => undefined }, {}, undefined, null])
      expect(() => new AsyncIovaBitmap({ ...given, source: source as never })).toThrow('source must have the methods pin and unpin')
  })
})

describe('pins that a call does without', () => {
  it('or pins the other for reading only, and a walk of windows pins for writing', () => {
    const given = { iova: 0, length: 64, pageSize: 1 }
    const source = new TestSource(new Uint8Array(8).fill(3))
    const other = new IovaBitmap({ ...given, source })
    new IovaBitmap({ ...given, buffer: new Uint8Array(8) }).or(other)
    expect(source.calls).toEqual([{ byteOffset: 0, byteLength: 8, write: false }])
    other.forEachWindow(() => undefined)
    expect(source.calls.map(({ write }) => write)).toEqual([false, true])
    other.free()
    expect(source.dirtyUnpins).toEqual([false, false])
  })

  it('equals writes nothing back', () => {
    const given = { iova: 0, length: 64, pageSize: 1 }
    const source = new TestSource(new Uint8Array(8).fill(3))
    const bitmap = new IovaBitmap({ ...given, source })
    expect(bitmap.equals(new IovaBitmap({ ...given, buffer: new Uint8Array(8).fill(3) }))).toBe(true)
    bitmap.free()
    expect(source.dirtyUnpins).toEqual([false])
  })

  it('setBatch joins ranges that touch, in one set each', () => {
    const source = new TestSource(new Uint8Array(8))
    const bitmap = new IovaBitmap({ iova: 0, length: 64, pageSize: 1, source, windowBytesMax: 1 })
    const ranges = [9, 8, 10, 11].map((iova) => ({ iova, length: 1 }))
    expect(bitmap.setBatch(ranges)).toBe(4)
    expect(source.calls).toHaveLength(1)
  })
})

it('equals tells last addresses apart on different grids, and ends at the shorter list of runs', () => {
  const make = (last: number, pages: number[]): IovaBitmap => {
    const bitmap = new IovaBitmap({ iova: 0, last, pageSize: 4096, buffer: new Uint8Array(8) })
    for (const page of pages) bitmap.set(page * 4096, 1)
    return bitmap
  }
  expect(make(8191, [1]).equals(make(8190, [1]))).toBe(false)
  expect(make(8191, [0]).equals(make(8190, [0]))).toBe(true)
  expect(make(12287, [0, 2]).equals(make(8191, [0]))).toBe(false)
  expect(make(8191, [0]).equals(make(12287, [0, 2]))).toBe(false)
  expect(make(12287, []).equals(make(8191, []))).toBe(true)
})

describe('what a window is pinned for, and how far it goes', () => {
  const given = { iova: 0, length: 64 * 8, pageSize: 1 }

  function over(windowBytesMax = 64): { bitmap: IovaBitmap; source: TestSource } {
    const source = new TestSource(new Uint8Array(64))
    return { bitmap: new IovaBitmap({ ...given, source, windowBytesMax }), source }
  }

  it('a set after a look pins anew, for writing; so does a clear; looks after that do not', () => {
    for (const write of [
      (bitmap: IovaBitmap) => bitmap.set(40, 1),
      (bitmap: IovaBitmap) => bitmap.set(0, 41),
      (bitmap: IovaBitmap) => bitmap.setAt(0, 40, 1),
      (bitmap: IovaBitmap) => bitmap.recordAt(0, 40, 1),
      (bitmap: IovaBitmap) => bitmap.clear(40, 1),
      (bitmap: IovaBitmap) => void bitmap.harvest(),
    ]) {
      const { bitmap, source } = over()
      for (const look of [() => bitmap.count(), () => bitmap.test(3), () => bitmap.testRange(0, 9), () => bitmap.testRange(0, 9, 'all')])
        look()
      for (const run = bitmap.ranges(); !run.done; ) run.next()
      expect(source.calls.map((call) => call.write)).toEqual([false])
      write(bitmap)
      bitmap.count(40, 8)
      expect(source.calls.map((call) => call.write)).toEqual([false, true])
    }
  })

  it.each<[string, (bitmap: IovaBitmap, page: number) => unknown]>([
    ['set', (bitmap, page) => bitmap.set(page * 4096, 1)],
    ['setAt', (bitmap, page) => bitmap.setAt(0, page * 4096, 1)],
    ['setAt of three pages', (bitmap, page) => bitmap.setAt(0, page * 4096, 3 * 4096)],
    ['recordAt', (bitmap, page) => bitmap.recordAt(0, page * 4096, 1)],
  ])('%s of pages that have a short way: no word of a window for reading is written, and one that is goes back dirty', (_, write) => {
    for (const page of [0, 1, 2, 40]) {
      const source = new TestSource(new Uint8Array(64))
      const bitmap = new IovaBitmap({ iova: 0, length: 512 * 4096, pageSize: 4096, source })
      bitmap.count()
      write(bitmap, page)
      expect(source.calls.map((call) => call.write)).toEqual([false, true])
      bitmap.forEachWindow((window) => void write(window, page))
      bitmap.free()
      expect(source.dirtyUnpins).toEqual([false, true, true])
      expect(source.calls).toHaveLength(3)
      const shared = new SharedIovaBitmap({ iova: 0, length: 512 * 4096, pageSize: 4096, buffer: new SharedArrayBuffer(64) })
      const atomicSets = counted(AtomicSegment.prototype, 'set')
      write(shared, page)
      expect(atomicSets()).toBe(1)
      expect(shared.test(page * 4096)).toBe(true)
      for (const each of undo.splice(0)) each()
    }
  })

  it('a look at its first and last page leaves the window where it is', () => {
    const { bitmap, source } = over(8)
    expect(bitmap.test(64)).toBe(false)
    for (const page of [64, 127]) {
      expect(bitmap.test(page)).toBe(false)
      expect(bitmap.count(page, 1)).toBe(0)
      expect(bitmap.testRange(page, 1)).toBe(false)
    }
    expect(source.calls.map(({ byteOffset }) => byteOffset)).toEqual([8])
  })

  it('a look begins with the first page when nothing is pinned yet', () => {
    const { bitmap, source } = over()
    source.bytes[0] = 0b101
    const run = bitmap.ranges()
    expect([run.done, run.index, run.lastIndex]).toEqual([false, 0, 0])
  })

  it('a harvest begins with the first page, whether nothing is pinned yet or a window for reading only', () => {
    for (const look of [() => undefined, (bitmap: IovaBitmap) => void bitmap.count()]) {
      const { bitmap, source } = over()
      source.bytes[0] = 0b101
      look(bitmap)
      const run = bitmap.harvest()
      expect([run.done, run.index, run.lastIndex]).toEqual([false, 0, 0])
      run.next()
      expect([run.done, run.index, run.lastIndex, source.bytes[0]]).toEqual([false, 2, 2, 0])
    }
  })

  it('a batch begins in the window that is pinned, if that holds its first page', () => {
    for (const [iova, length, offsets] of [
      [0, 100, [0, 8]],
      [63, 10, [0, 8]],
      [64, 10, [0, 8]],
    ] as const) {
      const { bitmap, source } = over(8)
      bitmap.set(3, 1)
      expect(bitmap.setBatch([{ iova, length }])).toBe(length)
      expect(source.calls.map(({ byteOffset }) => byteOffset)).toEqual(offsets)
    }
  })

  it('what is only looked at goes back clean, also when a harvest found nothing', () => {
    const { bitmap, source } = over()
    bitmap.count()
    for (const run = bitmap.harvest(); !run.done; ) run.next()
    bitmap.free()
    expect(source.dirtyUnpins).toEqual([false, false])
    const cleared = over()
    cleared.source.bytes[8] = 4
    cleared.bitmap.forEachWindow((window) => void window.harvest())
    cleared.bitmap.free()
    expect([cleared.source.dirtyUnpins, cleared.source.bytes[8]]).toEqual([[true], 0])
    const written = over()
    written.bitmap.setAt(0, 7, 1)
    written.bitmap.free()
    expect(written.source.dirtyUnpins).toEqual([true])
    const harvested = over()
    harvested.source.bytes[8] = 4
    for (const run = harvested.bitmap.harvest(); !run.done; ) run.next()
    harvested.bitmap.free()
    expect([harvested.source.dirtyUnpins, harvested.source.bytes[8]]).toEqual([[true], 0])
  })

  it('an error says how many pages were dealt with, from the beginning of the call', () => {
    for (const call of [
      (bitmap: IovaBitmap) => bitmap.count(16, 48),
      (bitmap: IovaBitmap) => bitmap.clear(16, 48),
      (bitmap: IovaBitmap) => bitmap.set(16, 48),
      (bitmap: IovaBitmap) => bitmap.testRange(16, 48),
    ]) {
      const { bitmap, source } = over(2)
      source.failNext(3)
      expect(() => call(bitmap)).toThrow(expect.objectContaining({ code: 'EFAULT', done: 32, iova: 48n, last: 63n }))
    }
  })

  it('a window begins at its byte and ends with the 512th base page', () => {
    for (const [dataOffset, byte, length] of [
      [0, 100, 2 ** 21 - 100],
      [4095, 100, 2 ** 21 - 99],
      [4095, 1, 2 ** 21],
      [10, 4096 * 3 + 1, 2 ** 21 - 11],
      [10, 2 ** 22 - 20, 20],
    ] as const) {
      const lengths: number[] = []
      const source = {
        pin(_byteOffset: number, byteLength: number): Uint8Array {
          lengths.push(byteLength)
          return new Uint8Array(byteLength)
        },
        unpin: () => undefined,
      }
      const bitmap = new IovaBitmap({ iova: 0, length: 2 ** 25, pageSize: 1, source, dataOffset })
      bitmap.set(byte * 8, 1)
      expect(lengths, `${dataOffset} ${byte}`).toEqual([length])
    }
  })

  it('shared memory is set by atomic operations also in the short way', () => {
    const bitmap = new SharedIovaBitmap({ ...given, buffer: new SharedArrayBuffer(64) })
    const { or } = Atomics
    let ors = 0
    Object.assign(Atomics, {
      or: (...values: Parameters<typeof or>) => {
        ors += 1
        return or(...values)
      },
    })
    try {
      bitmap.setAt(0, 0, 1)
      bitmap.setAt(0, 3, 1)
      bitmap.set(1, 1)
      bitmap.set(5, 1)
      bitmap.recordAt(0, 40, 1)
    } finally {
      Object.assign(Atomics, { or })
    }
    expect(ors).toBe(5)
  })
})

it('what is negative or infinite is named, at construction too', () => {
  const good = { iova: 0n, length: 64n, pageSize: 1n, buffer: new Uint8Array(8) }
  expect(() => new IovaBitmap({ ...good, iova: -1n })).toThrow(/^iova is -1, outside/)
  expect(() => new IovaBitmap({ ...good, length: -1n })).toThrow(/^length is -1, outside/)
  expect(() => new IovaBitmap({ ...good, pageSize: -1n })).toThrow(/^pageSize is -1, outside/)
  const bitmap = new IovaBitmap(good)
  expect(() => bitmap.test(-Infinity)).toThrow(/^iova is -Infinity, outside/)
  expect(() => bitmap.set(0, -Infinity)).toThrow(/^length is -Infinity, outside/)
})

describe('runs at the edges of words and ranges', () => {
  it.each([0, 1, 2, 3])('every run of up to 70 pages at byte offset %d, looked for from every page near it', (byteOffset) => {
    const bytes = new Uint8Array(new ArrayBuffer(32), byteOffset, 20)
    const bitmap = new IovaBitmap({ iova: 0, length: 160, pageSize: 1, buffer: bytes })
    for (const first of [0, 7, 8, 23, 24, 31, 32, 33, 55, 56, 63, 64]) {
      for (const last of [first, first + 1, first + 7, first + 31, first + 32, first + 63, first + 69]) {
        bytes.fill(0)
        bitmap.set(first, last - first + 1)
        for (const from of [0, first, first + 1, last]) {
          for (const to of [first, last - 1, last, last + 1, 159]) {
            if (from > to) continue
            const begin = Math.max(from, first)
            const end = Math.min(to, last)
            const want = begin <= end ? [begin, end] : []
            const run = bitmap.ranges(from, to - from + 1)
            const got = run.done ? [] : [run.index, run.lastIndex]
            run.next()
            if (got.join() !== want.join() || !run.done) expect.unreachable(`${first}..${last} from ${from} to ${to}: ${got.join()}`)
          }
        }
        const harvest = bitmap.harvest(first, 1)
        expect([harvest.index, harvest.lastIndex, bitmap.count()]).toEqual([first, first, last - first])
        harvest.next()
        expect(harvest.done).toBe(true)
      }
    }
  })
})

it.each([2 ** 31 - 64, 2 ** 31, 2 ** 32 + 4096, 2 ** 40])('cursors and sets in a window that begins near bit %d', (base) => {
  const memory = new Uint8Array(64)
  const writes: boolean[] = []
  const source = {
    pin(byteOffset: number, _byteLength: number, write: boolean): Uint8Array {
      writes.push(write)
      const at = byteOffset - base / 8
      return at >= 0 && at < 64 ? memory.subarray(at) : new Uint8Array(8)
    },
    unpin: () => undefined,
  }
  const bitmap = new IovaBitmap({ iova: 0, length: 2 ** 41, pageSize: 1, source })
  expect(bitmap.count(base, 512)).toBe(0)
  memory[9] = 0x5a
  const list = (cursor: ReturnType<IovaBitmap['ranges']>): number[] => {
    const pages: number[] = []
    for (; !cursor.done; cursor.next()) pages.push(cursor.index - base, cursor.lastIndex - base)
    return pages
  }
  expect(list(bitmap.ranges(base, 512))).toEqual([73, 73, 75, 76, 78, 78])
  expect(writes).toEqual([false])
  expect(list(bitmap.harvest(base, 512))).toEqual([73, 73, 75, 76, 78, 78])
  expect([writes, memory[9]]).toEqual([[false, true], 0])
  expect(bitmap.set(base + 100, 3)).toBe(3)
  expect(list(bitmap.harvest(base, 512))).toEqual([100, 102])
  expect(writes).toHaveLength(2)
})
