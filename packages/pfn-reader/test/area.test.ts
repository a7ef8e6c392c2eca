// Examples on both sides of each boundary: the geometry of an area (spec pages-and-io-pagetable A1), 0 and 2^64-1 included; then a model.
import { Area } from '@iommukit/pfn-reader'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { U64_MAX } from './fakes.ts'

describe('geometry', () => {
  it('A1: the example', () => {
    const area = Area.at({ iova: 0x10800, length: 0x1000, startByte: 0x800, prot: 3 })
    expect([area.pageOffset, area.firstIndex, area.lastIndex]).toEqual([0x800, 0, 1])
    expect([area.iovaOf(0), area.iovaLastOf(0)]).toEqual([0x10800n, 0x10fffn])
    expect([area.iovaOf(1), area.iovaLastOf(1)]).toEqual([0x11000n, 0x117ffn])
  })

  it('A1: iova - pageOffset may be negative in between', () => {
    const area = Area.at({ iova: 0n, length: 0x2000n, startByte: 0x800, prot: 1 })
    expect([area.firstIndex, area.lastIndex]).toEqual([0, 2])
    expect([area.iovaOf(0), area.iovaOf(1), area.iovaOf(2)]).toEqual([0n, 0x800n, 0x1800n])
    expect([area.iovaLastOf(0), area.iovaLastOf(1), area.iovaLastOf(2)]).toEqual([0x7ffn, 0x17ffn, 0x1fffn])
  })

  it('an area may end at 2^64-1', () => {
    const area = Area.at({ iova: U64_MAX - 0x17ffn, length: 0x1800n, startByte: 0x5800n, prot: 3 })
    expect([area.lastIova, area.length]).toEqual([U64_MAX, 0x1800n])
    expect([area.firstIndex, area.lastIndex]).toEqual([5, 6])
    expect(area.iovaOf(6)).toBe(U64_MAX - 0xfffn)
    expect(area.iovaLastOf(6)).toBe(U64_MAX)
    expect(area.indexOf(U64_MAX)).toBe(6)
  })

  it('an area may be the whole space of 2^64 bytes', () => {
    const area = Area.at({ iova: 0n, length: U64_MAX + 1n, startByte: 0n, prot: 3 })
    expect([area.length, area.lastIndex]).toEqual([2n ** 64n, 2 ** 52 - 1])
    expect(area.iovaOf(2 ** 52 - 1)).toBe(U64_MAX - 4095n)
    expect(area.iovaOf(2 ** 20)).toBe(2n ** 32n)
  })

  it('a byte of one page', () => {
    const area = Area.at({ iova: 7, length: 1, startByte: 4095, prot: 2 })
    expect([area.firstIndex, area.lastIndex, area.iovaOf(0), area.iovaLastOf(0)]).toEqual([0, 0, 7n, 7n])
  })
})

it('model: the words agree with the formulas of A1 in bigint', () => {
  const u64 = fc.oneof(
    fc.bigInt(0n, U64_MAX),
    fc.bigInt(0n, 20_000n),
    fc.bigInt(U64_MAX - 20_000n, U64_MAX),
    fc.bigInt(2n ** 32n - 9000n, 2n ** 32n + 9000n),
  )
  const sizes = fc.oneof(fc.bigInt(1n, 20_000n), fc.bigInt(1n, 2n ** 40n), fc.bigInt(2n ** 32n - 9000n, 2n ** 32n + 9000n))
  fc.assert(
    fc.property(u64, sizes, fc.oneof(fc.bigInt(0n, 20_000n), fc.bigInt(0n, 2n ** 50n)), fc.nat(7), (from, length, startByte, prot) => {
      const iova = from + length - 1n > U64_MAX ? U64_MAX - length + 1n : from
      const area = Area.at({ iova, length, startByte, prot })
      const last = iova + length - 1n
      const offset = startByte % 4096n
      expect([area.iova, area.lastIova, area.length, BigInt(area.pageOffset)]).toEqual([iova, last, length, offset])
      expect(BigInt(area.firstIndex)).toBe(startByte / 4096n)
      expect(BigInt(area.lastIndex)).toBe((startByte + length - 1n) / 4096n)
      for (const x of [iova, last, iova + length / 2n, iova + length / 3n]) {
        const byte = x - iova + offset + BigInt(area.firstIndex) * 4096n
        expect(area.startByte(x)).toBe(byte)
        const index = Number(byte / 4096n)
        expect(area.indexOf(x)).toBe(index)
        const [hi, lo] = [Number(x >> 32n), Number(x & 0xffff_ffffn)]
        expect([area.indexAt(hi, lo), area.offsetAt(lo)]).toEqual([index, Number(byte % 4096n)])
        const step = BigInt(index - area.firstIndex) * 4096n
        expect(area.iovaOf(index)).toBe(index === area.firstIndex ? iova : iova - offset + step)
        expect(area.iovaLastOf(index)).toBe(index === area.lastIndex ? last : iova - offset + step + 4095n)
      }
    }),
    { numRuns: 2000 },
  )
})

describe('bad input', () => {
  const good = { iova: 0x1000n, length: 0x1000n, startByte: 0n, prot: 3 }
  it.each([
    ['no object', undefined, TypeError],
    ['a fractional iova', { ...good, iova: 0.5 }, TypeError],
    ['a text as iova', { ...good, iova: '0' }, TypeError],
    ['a negative iova', { ...good, iova: -1n }, RangeError],
    ['an iova above 2^64-1', { ...good, iova: 2n ** 64n }, RangeError],
    ['an unsafe iova', { ...good, iova: 2 ** 53 }, RangeError],
    ['no length', { ...good, length: 0n }, RangeError],
    ['length 0 as number', { ...good, length: 0 }, RangeError],
    ['a fractional length', { ...good, length: 1.5 }, TypeError],
    ['a length that passes 2^64', { ...good, iova: 1n, length: U64_MAX + 1n }, RangeError],
    ['a negative startByte', { ...good, startByte: -1 }, RangeError],
    ['a slice that passes the last page there is', { ...good, startByte: U64_MAX - 5n }, RangeError],
    ['prot 8', { ...good, prot: 8 }, RangeError],
    ['prot 1.5', { ...good, prot: 1.5 }, TypeError],
    ['prot as text', { ...good, prot: '1' }, TypeError],
  ])('%s is refused', (_, place, type) => {
    expect(() => Area.at(place as typeof good)).toThrow(type as ErrorConstructor)
  })

  it.each([
    ['words out of range', [2 ** 32, 0, 0, 0xfff, 0, 0, 0, 3], RangeError],
    ['an inverted range', [0, 0x1000, 0, 0xfff, 0, 0, 0, 3], RangeError],
    ['an inverted range of the high word', [1, 0, 0, 0xfff, 0, 0, 0, 3], RangeError],
    ['a slice of another length', [0, 0, 0, 0xfff, 0, 1, 0, 3], RangeError],
    ['an offset that is none', [0, 0, 0, 0xfff, 0, 0, 4096, 3], RangeError],
    ['an index that is none', [0, 0, 0, 0xfff, -1, -1, 0, 3], RangeError],
    ['an index above 2^52', [0, 0, 0, 0xfff, 2 ** 52, 2 ** 52, 0, 3], RangeError],
    ['a fraction', [0, 0.5, 0, 0xfff, 0, 0, 0, 3], TypeError],
    ['a bigint', [0, 0n, 0, 0xfff, 0, 0, 0, 3], TypeError],
  ])('from words: %s is refused', (_, args, type) => {
    expect(() => new Area(...(args as [number, number, number, number, number, number, number, number]))).toThrow(type as ErrorConstructor)
  })

  it('what is not in the area is refused, with its bounds', () => {
    const area = Area.at({ iova: 0x1800n, length: 0x1000n, startByte: 0x800, prot: 1 })
    expect(() => area.startByte(0x17ffn)).toThrow(/6144..10239, got 6143/)
    expect(() => area.indexOf(0x2800n)).toThrow(RangeError)
    expect(() => area.startByte(5 as unknown as bigint)).toThrow(TypeError)
    expect(() => area.iovaOf(2)).toThrow(/0..1, got 2/)
    expect(() => area.iovaLastOf(-1)).toThrow(RangeError)
    expect(() => area.iovaOf(0.5)).toThrow(TypeError)
  })
})
