// Bad input at every public edge (kind 1): a clear error that names the value, and nothing changed.
import { AsyncIovaBitmap, IovaBitmap, type IovaBitmapOptions, SharedIovaBitmap } from '@iommukit/iova-bitmap'
import { checkInvariants } from '@iommukit/iova-bitmap/check'
import { describe, expect, it } from 'vitest'

/** A value that the types forbid. */
function wrong<T>(value: unknown): T {
  return value as T
}

const ADDRESSES: [string, unknown, typeof TypeError | typeof RangeError, RegExp][] = [
  ['a string', '4096', TypeError, /must be a bigint or a number, got string/],
  ['null', null, TypeError, /got null/],
  ['undefined', undefined, TypeError, /got undefined/],
  ['an object', {}, TypeError, /got object/],
  ['a fraction', 1.5, TypeError, /must be an integer, got 1.5/],
  ['NaN', Number.NaN, TypeError, /must be an integer, got NaN/],
  ['a negative number', -1, RangeError, /is -1, outside 0\.\.0x1fffffffffffff/],
  ['a negative bigint', -1n, RangeError, /is -1, outside 0\.\.0x(f{16}|10{16})/],
  ['an unsafe number', 2 ** 53, RangeError, /is 9007199254740992, outside/],
  ['infinity', Number.POSITIVE_INFINITY, RangeError, /is Infinity, outside/],
  ['a huge number', 1e300, RangeError, /outside/],
  ['2^64 + 1', (1n << 64n) + 1n, RangeError, /is 18446744073709551617, outside/],
]

describe.each(ADDRESSES)('%s', (_, value, type, message) => {
  const bytes = new Uint8Array(8)
  const bitmap = new IovaBitmap({ iova: 0, length: 64 * 4096, pageSize: 4096, buffer: bytes })
  const bad = wrong<bigint>(value)

  it('as an iova or a length of a call', () => {
    const calls: (() => unknown)[] = [
      () => bitmap.set(bad, 1),
      () => bitmap.set(bad, 1n),
      () => bitmap.set(0, bad),
      () => bitmap.set(0n, bad),
      () => bitmap.record(bad, 1),
      () => bitmap.record(1, bad),
      () => bitmap.test(bad),
      () => bitmap.testRange(bad, 1),
      () => bitmap.testRange(0, bad),
      () =>
        bitmap.setBatch([
          { iova: 0, length: 1 },
          { iova: bad, length: 1 },
        ]),
      () =>
        bitmap.setBatch([
          { iova: 0, length: 1 },
          { iova: 0, length: bad },
        ]),
    ]
    if (value !== undefined) {
      calls.push(
        () => bitmap.count(bad, 1),
        () => bitmap.count(bad),
        () => bitmap.count(0, bad),
        () => bitmap.clear(bad, 1),
        () => bitmap.clear(0, bad),
        () => bitmap.ranges(bad, 1),
        () => bitmap.harvest(0, bad),
        () => bitmap.peek(bad),
      )
    }
    for (const call of calls) {
      expect(call, String(call)).toThrow(type)
      expect(call, String(call)).toThrow(message)
    }
    expect(bytes.some((byte) => byte !== 0)).toBe(false)
    checkInvariants(bitmap)
  })

  it('as an option', () => {
    const good = { iova: 0, length: 4096, pageSize: 4096, buffer: bytes }
    expect(() => new IovaBitmap({ ...good, iova: bad })).toThrow(type)
    expect(() => new IovaBitmap({ ...good, pageSize: bad })).toThrow(type)
    expect(() => new IovaBitmap({ ...good, length: bad })).toThrow(value === undefined ? TypeError : type)
    expect(() => new IovaBitmap({ iova: 0, pageSize: 4096, buffer: bytes, last: bad })).toThrow(type)
  })
})

it('2^64 is a length, and not an address', () => {
  const bitmap = new IovaBitmap({ iova: 0, length: 1n << 64n, pageSize: 1n << 62n, buffer: new Uint8Array(1) })
  expect(bitmap.npages).toBe(4)
  expect(bitmap.set(0, 1n << 64n)).toBe(4)
  expect(() => bitmap.set(1n << 64n, 1)).toThrow(/iova is 18446744073709551616, outside/)
})

describe('halves', () => {
  it.each([
    [-1, 0, 1, RangeError, /iovaHi is -1/],
    [0, -1, 1, RangeError, /iovaLo is -1/],
    [2 ** 32, 0, 1, RangeError, /iovaHi is 4294967296, outside 0\.\.0xffffffff/],
    [0, 2 ** 32, 1, RangeError, /iovaLo is 4294967296/],
    [0.5, 0, 1, TypeError, /iovaHi must be an integer/],
    [0, Number.NaN, 1, TypeError, /iovaLo must be an integer/],
    [0, 0, -1, RangeError, /length is -1/],
    [0, 0, 2 ** 53, RangeError, /length is 9007199254740992/],
    [0, 0, 0.5, TypeError, /length must be an integer/],
    ['0', 0, 1, TypeError, /iovaHi must be a bigint or a number, got string/],
    [0, 0, 1n, TypeError, /length must be a bigint or a number, got bigint|Cannot mix/],
  ])('setAt(%s, %s, %s)', (hi, lo, length, type, message) => {
    const bytes = new Uint8Array(8)
    const bitmap = new IovaBitmap({ iova: 0, length: 64 * 4096, pageSize: 4096, buffer: bytes })
    expect(() => bitmap.setAt(wrong(hi), wrong(lo), wrong(length))).toThrow(type)
    expect(() => bitmap.setAt(wrong(hi), wrong(lo), wrong(length))).toThrow(message)
    expect(() => bitmap.recordAt(wrong(hi), wrong(lo), wrong(length))).toThrow(type)
    expect(bytes.some((byte) => byte !== 0)).toBe(false)
  })
})

describe('options', () => {
  const good: IovaBitmapOptions = { iova: 0, length: 8 * 4096, pageSize: 4096, buffer: new Uint8Array(1) }
  const { buffer: _, ...bare } = good
  const source = { pin: () => new Uint8Array(1), unpin: () => {} }

  it.each([
    ['page size 0', { ...good, pageSize: 0 }, RangeError, /pageSize is 0, not a power of two/],
    ['page size 0x3000', { ...good, pageSize: 0x3000 }, RangeError, /pageSize is 12288, not a power of two/],
    ['page size 2^64', { ...good, pageSize: 1n << 64n }, RangeError, /pageSize is 18446744073709551616/],
    ['length 0', { ...good, length: 0 }, RangeError, /length is 0/],
    ['length 2^64 + 1', { ...good, length: (1n << 64n) + 1n }, RangeError, /length/],
    ['a range past 2^64-1', { ...good, iova: 1, length: 1n << 64n }, RangeError, /passes 2\^64-1/],
    ['last below iova', { ...bare, iova: 5, length: undefined, last: 4, buffer: good.buffer }, RangeError, /last 0x4 is below iova 0x5/],
    ['length and last', { ...good, last: 8 * 4096 - 1 }, TypeError, /either length or last/],
    ['neither', { iova: 0, pageSize: 1, buffer: good.buffer }, TypeError, /either length or last/],
    ['buffer and source', { ...good, source }, TypeError, /either buffer or source/],
    ['neither buffer nor source', bare, TypeError, /either buffer or source/],
    ['a short buffer', { ...good, length: 9 * 4096 }, RangeError, /buffer has 1 bytes, the bitmap needs 2/],
    ['a buffer that is an array', { ...bare, buffer: wrong<Uint8Array>([0, 0]) }, TypeError, /got Array/],
    ['a buffer that is a number', { ...bare, buffer: wrong<Uint8Array>(16) }, TypeError, /got Number/],
    ['a source without pin', { ...bare, source: wrong<typeof source>({ unpin: () => {} }) }, TypeError, /pin and unpin/],
    ['a source without unpin', { ...bare, source: wrong<typeof source>({ pin: () => {} }) }, TypeError, /pin and unpin/],
    ['a source that is null', { ...bare, source: wrong<typeof source>(null) }, TypeError, /pin and unpin/],
    ['dataOffset 4096', { ...bare, source, dataOffset: 4096 }, RangeError, /dataOffset is 4096, outside 0\.\.4095/],
    ['dataOffset -1', { ...bare, source, dataOffset: -1 }, RangeError, /dataOffset is -1/],
    ['windowBytesMax 0', { ...bare, source, windowBytesMax: 0 }, RangeError, /windowBytesMax is 0, outside 1\.\.2097152/],
    ['windowBytesMax 2 MiB + 1', { ...bare, source, windowBytesMax: 2097153 }, RangeError, /windowBytesMax is 2097153/],
    [
      'more than 2^53 pages',
      { ...bare, source, length: undefined, last: 0xffff_ffff_ffff_ffffn, pageSize: 1024 },
      RangeError,
      /more than 2\^53/,
    ],
  ] as [string, IovaBitmapOptions, typeof TypeError | typeof RangeError, RegExp][])('%s', (_name, options, type, message) => {
    expect(() => new IovaBitmap(options)).toThrow(type)
    expect(() => new IovaBitmap(options)).toThrow(message)
  })

  it('a source that pins something else', () => {
    const bitmap = new IovaBitmap({ ...bare, source: wrong<typeof source>({ pin: () => [1], unpin: () => {} }) })
    expect(() => bitmap.set(0, 1)).toThrow(/must return a Uint8Array/)
    expect(bitmap.stats.pins).toBe(0)
  })

  it('shared: memory that is not shared, a source', () => {
    expect(() => new SharedIovaBitmap(good)).toThrow(/needs a SharedArrayBuffer/)
    expect(() => new SharedIovaBitmap({ ...bare, source })).toThrow(/needs a SharedArrayBuffer/)
  })

  it('async: no source', () => {
    expect(() => new AsyncIovaBitmap(wrong({ ...bare }))).toThrow(/pin and unpin/)
  })
})

describe('other arguments', () => {
  const bitmap = new IovaBitmap({ iova: 0, length: 8 * 4096, pageSize: 4096, buffer: new Uint8Array(1) })

  it('something that is not a bitmap', () => {
    for (const other of [undefined, null, 5, {}, new Uint8Array(1), []]) {
      expect(() => bitmap.or(wrong(other))).toThrow('other must be an IovaBitmap')
      expect(() => bitmap.andNot(wrong(other))).toThrow(TypeError)
      expect(() => bitmap.equals(wrong(other))).toThrow(TypeError)
      expect(() => checkInvariants(wrong(other))).toThrow('bitmap must be an IovaBitmap')
    }
  })

  it('a length without an iova, another word than any and all', () => {
    expect(() => bitmap.count(undefined, 5)).toThrow('a length without an iova')
    expect(() => bitmap.clear(undefined, 5)).toThrow(TypeError)
    expect(() => bitmap.testRange(0, 1, wrong('some'))).toThrow("which must be 'any' or 'all', got some")
  })
})
