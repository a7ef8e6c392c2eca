// The short way of a set and where it ends (kind 1): page sizes, halves and lengths on both sides of each of its limits.
import { IovaBitmap } from '@iommukit/iova-bitmap'
import { describe, expect, it } from 'vitest'
import { runsOf } from './oracle.ts'

describe('numbers at the edge', () => {
  it('refuses an address that is no safe integer, also where the bitmap covers it', () => {
    const bitmap = new IovaBitmap({ iova: 2n ** 53n - 4096n, length: 32 * 4096, pageSize: 4096, buffer: new Uint8Array(4) })
    expect(bitmap.set(Number.MAX_SAFE_INTEGER, 1)).toBe(1)
    expect(() => bitmap.set(2 ** 53, 1)).toThrow(RangeError)
    expect(() => bitmap.set(2 ** 53 + 4096, 4096)).toThrow(RangeError)
    expect(runsOf(bitmap.ranges())).toEqual(runsOf(bitmap.peek()))
    expect(bitmap.count()).toBe(1)
  })

  it.each([-1, 0.5, Number.NaN, -Infinity, Infinity, -(2 ** 32)])('refuses %d as an address and as a length', (value) => {
    const bitmap = new IovaBitmap({ iova: 0, length: 8 * 4096, pageSize: 4096, buffer: new Uint8Array(1) })
    expect(() => bitmap.set(value, 4096)).toThrow()
    expect(() => bitmap.set(0, value)).toThrow()
    expect(() => bitmap.setAt(0, value, 4096)).toThrow()
    expect(() => bitmap.setAt(value, 0, 4096)).toThrow()
    expect(() => bitmap.setAt(0, 0, value)).toThrow()
    expect(bitmap.count()).toBe(0)
  })
})

describe('sets of every length across words', () => {
  it.each([0, 1, 31, 32, 33])('from bit %d: the bits of the range and no other', (first) => {
    for (const length of [
      1, 2, 31, 32, 33, 63, 64, 65, 256, 257, 288, 289, 290, 320, 511, 512, 513, 544, 545, 1535, 1536, 1600, 1632, 2000,
    ]) {
      const bytes = new Uint8Array(260)
      const bitmap = new IovaBitmap({ iova: 0, length: bytes.length * 8 * 4096, pageSize: 4096, buffer: bytes })
      expect(bitmap.setAt(0, first * 4096, length * 4096)).toBe(length)
      expect([bitmap.count(), ...runsOf(bitmap.ranges())]).toEqual([length, ...runsOf(bitmap.ranges(first * 4096, length * 4096))])
      expect(bitmap.ranges().index).toBe(first)
      expect(bitmap.ranges().lastIndex).toBe(first + length - 1)
    }
  })
})

describe.each([0, 1, 12, 21, 30, 31, 32])('pages of 2^%d bytes', (shift) => {
  const pageSize = 2n ** BigInt(shift)

  it.each([0n, 2n ** 31n * pageSize, 2n ** 62n])('from page boundary %d: halves, the last page, and one behind', (iova) => {
    const base = iova - (iova % pageSize)
    const bytes = new Uint8Array(16)
    const bitmap = new IovaBitmap({ iova: base, length: 100n * pageSize, pageSize, buffer: bytes })
    const set = (page: bigint, length: number): number => {
      const at = base + page * pageSize
      return bitmap.setAt(Number(at >> 32n), Number(at & 0xffff_ffffn), length)
    }
    expect(set(0n, 1)).toBe(1)
    expect(set(99n, 1)).toBe(1)
    expect(set(100n, 1)).toBe(0)
    expect(set(98n, Number(3n * pageSize))).toBe(2)
    if (base + 2n ** 31n * pageSize < 2n ** 64n) expect(set(2n ** 31n, 1)).toBe(0)
    expect(bitmap.count()).toBe(3)
    const far = base + (1n << 63n)
    expect(bitmap.setAt(Number((far >> 32n) & 0xffff_ffffn), Number(far & 0xffff_ffffn), 1)).toBe(0)
    expect(bitmap.count()).toBe(3)
  })
})

describe('the longest length of the short way', () => {
  it.each([2 ** 30 - 1, 2 ** 30, 2 ** 30 + 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 33])('%d bytes', (length) => {
    const bitmap = new IovaBitmap({ iova: 0, length: 2 ** 34, pageSize: 2 ** 21, buffer: new Uint8Array(1024) })
    expect(bitmap.setAt(0, 2 ** 21, length)).toBe(Math.ceil(length / 2 ** 21))
    expect(bitmap.count()).toBe(Math.ceil(length / 2 ** 21))
    expect(bitmap.ranges().index).toBe(1)
  })
})
