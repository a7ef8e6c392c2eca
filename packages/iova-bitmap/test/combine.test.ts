// Examples (kind 1) of or, andNot and equals, on the same grid and on different ones: spec data-structures 3.6.
import { IovaBitmap, SharedIovaBitmap } from '@iommukit/iova-bitmap'
import { describe, expect, it } from 'vitest'
import { guarded, MAX, runsOf, seeded, TestSource } from './oracle.ts'

const PAGES = 301

function make(
  iova: number,
  npages: number,
  pageSize: number,
  byteOffset = 0,
): { bitmap: IovaBitmap; bytes: Uint8Array; isIntact: () => boolean } {
  const { bytes, isIntact } = guarded(Math.ceil(npages / 8), byteOffset)
  return { bitmap: new IovaBitmap({ iova, length: npages * pageSize, pageSize, buffer: bytes }), bytes, isIntact }
}

/** A third of the pages, by a seed. */
function scatter(bitmap: IovaBitmap, seed: number): Set<number> {
  const below = seeded(seed)
  const pages = new Set<number>()
  for (let page = 0; page < bitmap.npages; page++) {
    if (below(3) > 0) continue
    pages.add(page)
    bitmap.set(bitmap.iova + BigInt(page) * bitmap.pageSize, 1)
  }
  return pages
}

function pagesOf(bitmap: IovaBitmap): number[] {
  const pages: number[] = []
  for (const run = bitmap.ranges(); !run.done; run.next()) for (let page = run.index; page <= run.lastIndex; page++) pages.push(page)
  return pages
}

describe('on the same grid', () => {
  it('or is the union and andNot the difference, at all alignments of both', () => {
    for (let offsetA = 0; offsetA < 5; offsetA++) {
      for (let offsetB = 0; offsetB < 5; offsetB++) {
        for (const npages of [PAGES, 300, 200, 31, 8, 7, 1]) {
          const a = make(0, PAGES, 4096, offsetA)
          const b = make(0, npages, 4096, offsetB)
          const inA = scatter(a.bitmap, 1 + offsetA)
          const inB = scatter(b.bitmap, 100 + offsetB)
          b.bytes[b.bytes.length - 1]! |= (0xff << (((npages - 1) & 7) + 1)) & 0xff // unused bits are not to be looked at
          a.bitmap.or(b.bitmap)
          expect(pagesOf(a.bitmap)).toEqual([...new Set([...inA, ...inB])].sort((x, y) => x - y))
          a.bitmap.andNot(b.bitmap)
          expect(pagesOf(a.bitmap)).toEqual([...inA].filter((page) => !inB.has(page)))
          expect(a.isIntact() && b.isIntact()).toBe(true)
          expect(a.bytes[a.bytes.length - 1]! >> 5).toBe(0)
          expect(pagesOf(b.bitmap)).toEqual([...inB])
        }
      }
    }
  })

  it('keeps unused bits of the target', () => {
    const a = make(0, 3, 1)
    const b = make(0, 3, 1)
    a.bytes[0] = 0b1010_1000
    b.bytes[0] = 0b0101_0111
    a.bitmap.or(b.bitmap)
    expect(a.bytes[0]).toBe(0b1010_1111)
    a.bitmap.andNot(b.bitmap)
    expect(a.bytes[0]).toBe(0b1010_1000)
  })

  it('works through windows of both', () => {
    for (const [windowA, windowB] of [
      [1, 2],
      [3, 7],
      [40, 5],
      [40, 40],
    ] as const) {
      const a = make(0, PAGES, 1)
      const b = make(0, PAGES, 1)
      const inA = scatter(a.bitmap, 5)
      const inB = scatter(b.bitmap, 6)
      const sourceA = new TestSource(a.bytes)
      const sourceB = new TestSource(b.bytes)
      const streamA = new IovaBitmap({ iova: 0, length: PAGES, pageSize: 1, source: sourceA, windowBytesMax: windowA })
      const streamB = new IovaBitmap({ iova: 0, length: PAGES, pageSize: 1, source: sourceB, windowBytesMax: windowB })
      expect(streamA.equals(streamB)).toBe(false)
      expect(streamA.equals(a.bitmap)).toBe(true)
      streamA.or(streamB)
      streamA.free()
      streamB.free()
      expect(pagesOf(a.bitmap)).toEqual([...new Set([...inA, ...inB])].sort((x, y) => x - y))
      expect(sourceB.dirtyUnpins.some((dirty) => dirty)).toBe(false)
    }
  })

  it('takes a last page that has a window of its own', () => {
    for (const npages of [9, 17]) {
      const a = make(0, npages, 1)
      const b = make(0, npages, 1)
      b.bitmap.set(npages - 1, 1)
      const stream = new IovaBitmap({ iova: 0, length: npages, pageSize: 1, source: new TestSource(a.bytes), windowBytesMax: 1 })
      expect(stream.equals(b.bitmap)).toBe(false)
      stream.or(b.bitmap)
      stream.free()
      expect(pagesOf(a.bitmap)).toEqual([npages - 1])
      const other = new IovaBitmap({ iova: 0, length: npages, pageSize: 1, source: new TestSource(b.bytes), windowBytesMax: 1 })
      a.bitmap.andNot(other)
      expect(a.bitmap.count()).toBe(0)
    }
  })

  it('with itself: or changes nothing, andNot clears all', () => {
    const { bitmap } = make(0, PAGES, 4096)
    const pages = scatter(bitmap, 9)
    bitmap.or(bitmap)
    expect(pagesOf(bitmap)).toEqual([...pages])
    expect(bitmap.equals(bitmap)).toBe(true)
    bitmap.andNot(bitmap)
    expect(bitmap.count()).toBe(0)
  })
})

describe('on different grids', () => {
  it('coarse into fine sets all fine pages, fine into coarse sets if any', () => {
    const coarse = make(0, 8, 16384)
    const fine = make(0, 32, 4096)
    coarse.bitmap.set(2 * 16384, 1)
    fine.bitmap.or(coarse.bitmap)
    expect(pagesOf(fine.bitmap)).toEqual([8, 9, 10, 11])
    fine.bitmap.clear()
    fine.bitmap.set(5 * 4096, 1)
    coarse.bitmap.or(fine.bitmap)
    expect(pagesOf(coarse.bitmap)).toEqual([1, 2])
  })

  it('andNot takes out only what is wholly covered', () => {
    const coarse = make(0, 8, 16384)
    const fine = make(0, 32, 4096)
    coarse.bitmap.set(0, MAX)
    fine.bitmap.set(4096, 16384 + 3 * 4096) // pages 1..7: the whole of coarse page 1, three quarters of 0
    coarse.bitmap.andNot(fine.bitmap)
    expect(pagesOf(coarse.bitmap)).toEqual([0, 2, 3, 4, 5, 6, 7])
  })

  it('shifts between bases, and drops what is outside', () => {
    const a = make(4096 * 10, 20, 4096)
    const b = make(4096 * 5 + 100, 20, 4096)
    b.bitmap.set(0, MAX)
    a.bitmap.or(b.bitmap)
    expect(pagesOf(a.bitmap)).toEqual(Array.from({ length: 16 }, (_, page) => page))
    a.bitmap.andNot(b.bitmap)
    expect(pagesOf(a.bitmap)).toEqual([15])
    const strict = new IovaBitmap({ iova: 4096, length: 4096 * 2, pageSize: 4096, buffer: new Uint8Array(1), strict: true })
    strict.or(b.bitmap)
    expect(strict.count()).toBe(0)
    strict.or(make(0, 2, 8192).bitmap)
    const all = make(0, 9, 4096)
    all.bitmap.set(0, MAX)
    strict.or(all.bitmap)
    expect(strict.count()).toBe(2)
  })

  it('goes up to 2^64-1', () => {
    const top = new IovaBitmap({ iova: MAX - 8191n, last: MAX, pageSize: 4096, buffer: new Uint8Array(1) })
    const halves = new IovaBitmap({ iova: 0, last: MAX, pageSize: 1n << 63n, buffer: Uint8Array.of(2) })
    top.or(halves)
    expect(runsOf(top.ranges())).toEqual([`${MAX - 8191n}-${MAX}`])
    halves.clear()
    halves.or(top)
    expect(runsOf(halves.ranges())).toEqual([`${1n << 63n}-${MAX}`])
    halves.andNot(top)
    expect(halves.count()).toBe(1)
    top.andNot(halves)
    expect(top.count()).toBe(0)
  })
})

describe('equals', () => {
  it('compares bits on the same grid and range, without the unused ones', () => {
    const a = make(0, 35, 4096, 1)
    const b = make(0, 35, 4096, 2)
    scatter(a.bitmap, 3)
    expect(a.bitmap.equals(b.bitmap)).toBe(false)
    scatter(b.bitmap, 3)
    a.bytes[4]! |= 0xf8
    expect(a.bitmap.equals(b.bitmap)).toBe(true)
    for (let page = 0; page < 35; page++) {
      const bit = 1 << (page & 7)
      b.bytes[page >> 3]! ^= bit
      expect(a.bitmap.equals(b.bitmap)).toBe(false)
      b.bytes[page >> 3]! ^= bit
    }
  })

  it('compares addresses otherwise', () => {
    const coarse = make(0, 4, 8192)
    const fine = make(0, 9, 4096)
    expect(coarse.bitmap.equals(fine.bitmap)).toBe(true)
    coarse.bitmap.set(8192, 1)
    expect(coarse.bitmap.equals(fine.bitmap)).toBe(false)
    fine.bitmap.set(8192, 8192)
    expect(coarse.bitmap.equals(fine.bitmap)).toBe(true)
    expect(fine.bitmap.equals(coarse.bitmap)).toBe(true)
    fine.bitmap.set(8 * 4096, 1)
    expect(coarse.bitmap.equals(fine.bitmap)).toBe(false)
    expect(fine.bitmap.equals(coarse.bitmap)).toBe(false)
    const longer = make(0, 10, 4096)
    longer.bitmap.or(fine.bitmap)
    expect(longer.bitmap.equals(fine.bitmap)).toBe(true)
    fine.bitmap.clear(2 * 4096, 4096)
    expect(coarse.bitmap.equals(fine.bitmap)).toBe(false)
  })
})

describe('with shared memory', () => {
  it('goes by pages on the same grid too, where the other ends inside a page', () => {
    const other = new IovaBitmap({ iova: 0, length: 4096 * 3 - 1, pageSize: 4096, buffer: Uint8Array.of(7) })
    const short = new IovaBitmap({ iova: 0, length: 4096 * 2, pageSize: 4096, buffer: new Uint8Array(1) })
    const shared = new SharedIovaBitmap({ iova: 0, length: 4096 * 4, pageSize: 4096, buffer: new SharedArrayBuffer(1) })
    const plain = make(0, 4, 4096).bitmap
    for (const bitmap of [shared, plain]) {
      bitmap.set(0, MAX)
      bitmap.andNot(other)
      expect(pagesOf(bitmap)).toEqual([3])
    }
    const sharedShort = new SharedIovaBitmap({ iova: 0, length: 4096 * 2, pageSize: 4096, buffer: new SharedArrayBuffer(1) })
    for (const bitmap of [short, sharedShort]) {
      bitmap.or(other)
      expect(pagesOf(bitmap)).toEqual([0, 1])
      bitmap.andNot(other)
      expect(bitmap.count()).toBe(0)
    }
    const beyond = new SharedIovaBitmap({ iova: 0, length: 4096, pageSize: 4096, buffer: new SharedArrayBuffer(1) })
    beyond.or(new IovaBitmap({ iova: 0, length: 4096 * 8, pageSize: 4096, buffer: Uint8Array.of(0b10) }))
    expect(beyond.count()).toBe(0)
    const words = new SharedIovaBitmap({ iova: 0, length: 4096 * 64, pageSize: 4096, buffer: new SharedArrayBuffer(8) })
    words.set(0, 4096 * 32)
    const long = make(0, 128, 4096)
    long.bitmap.set(4096 * 72, 4096)
    words.or(long.bitmap)
    expect(words.count()).toBe(32)
    words.andNot(long.bitmap)
    expect(words.count()).toBe(32)
  })

  it('has the same results', () => {
    const shared = new SharedIovaBitmap({ iova: 0, length: PAGES, pageSize: 1, buffer: new SharedArrayBuffer(38) })
    const plain = make(0, PAGES, 1)
    const other = make(0, PAGES, 1)
    scatter(shared, 11)
    scatter(plain.bitmap, 11)
    scatter(other.bitmap, 12)
    shared.or(other.bitmap)
    plain.bitmap.or(other.bitmap)
    expect(shared.equals(plain.bitmap)).toBe(true)
    scatter(other.bitmap, 13)
    shared.andNot(other.bitmap)
    plain.bitmap.andNot(other.bitmap)
    expect(plain.bitmap.equals(shared)).toBe(true)
    other.bitmap.or(shared)
    expect(other.bitmap.count()).toBeGreaterThan(shared.count())
  })
})
