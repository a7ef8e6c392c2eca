// Examples on both sides of each boundary (kind 1): construction, set, test, count, clear; the tables of spec data-structures 3.3 to 3.6.
import { IovaBitmap } from '@iommukit/iova-bitmap'
import { checkInvariants } from '@iommukit/iova-bitmap/check'
import { describe, expect, it } from 'vitest'
import { MAX, runsOf } from './oracle.ts'

const BASE = 0x1000_0000n

/** 64 pages of 4 KiB from BASE. */
function sixtyFour(): { bitmap: IovaBitmap; bytes: Uint8Array } {
  const bytes = new Uint8Array(8)
  return { bitmap: new IovaBitmap({ iova: BASE, length: 64 * 4096, pageSize: 4096, buffer: bytes }), bytes }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

describe('set, by the bit examples of spec 3.5', () => {
  it.each([
    [0x1000_0000, 0x1000, '0100000000000000', 1],
    [0x1000_0fff, 2, '0300000000000000', 2],
    [0x1000_7000, 0x2000, '8001000000000000', 2],
    [0x1003_f000, 0x1000, '0000000000000080', 1],
    [0x0fff_f000, 0x2000, '0100000000000000', 1],
    [0x1003_f000, 0x5000, '0000000000000080', 1],
  ])('set(%i, %i)', (iova, length, hex, npages) => {
    for (const call of ['number', 'bigint', 'halves', 'record'] as const) {
      const { bitmap, bytes } = sixtyFour()
      if (call === 'number') expect(bitmap.set(iova, length)).toBe(npages)
      else if (call === 'bigint') expect(bitmap.set(BigInt(iova), BigInt(length))).toBe(npages)
      else if (call === 'halves') expect(bitmap.setAt(0, iova, length)).toBe(npages)
      else bitmap.record(iova, length)
      expect(hexOf(bytes)).toBe(hex)
      checkInvariants(bitmap)
    }
  })

  it('sets bit 15 for the last byte of the address space', () => {
    const bytes = new Uint8Array(2)
    const bitmap = new IovaBitmap({ iova: 0xffff_ffff_ffff_0000n, length: 0x10000, pageSize: 4096, buffer: bytes })
    expect(bitmap.npages).toBe(16)
    expect(bitmap.set(MAX, 1)).toBe(1)
    expect(hexOf(bytes)).toBe('0080')
    expect(bitmap.setAt(0xffff_ffff, 0xffff_0000, 1)).toBe(1)
    expect(hexOf(bytes)).toBe('0180')
    expect(runsOf(bitmap.ranges())).toEqual([`${0xffff_ffff_ffff_0000n}-${0xffff_ffff_ffff_0fffn}`, `${MAX - 0xfffn}-${MAX}`])
  })
})

describe('set, by the table of spec 3.4', () => {
  it('does nothing for length 0, aligned or not', () => {
    const { bitmap, bytes } = sixtyFour()
    expect(bitmap.set(BASE, 0)).toBe(0)
    expect(bitmap.set(BASE + 5n, 0n)).toBe(0)
    expect(bitmap.setAt(0, 0x1000_0001, 0)).toBe(0)
    expect(hexOf(bytes)).toBe('0000000000000000')
  })

  it('clips at both ends and ignores what is outside', () => {
    const { bitmap, bytes } = sixtyFour()
    expect(bitmap.set(0, BASE)).toBe(0)
    expect(bitmap.set(BASE + 64n * 4096n, MAX)).toBe(0)
    expect(hexOf(bytes)).toBe('0000000000000000')
    expect(bitmap.set(BASE - 1n, 2)).toBe(1)
    expect(bitmap.set(BASE + 64n * 4096n - 1n, 2)).toBe(1)
    expect(hexOf(bytes)).toBe('0100000000000080')
    expect(bitmap.set(0, MAX)).toBe(64)
    expect(hexOf(bytes)).toBe('ffffffffffffffff')
  })

  it('clips at 2^64-1 where iova + length - 1 would pass it', () => {
    const bytes = new Uint8Array(1)
    const bitmap = new IovaBitmap({ iova: MAX - 0x1fffn, last: MAX, pageSize: 4096, buffer: bytes })
    expect(bitmap.set(MAX, MAX)).toBe(1)
    expect(bitmap.setAt(0xffff_ffff, 0xffff_ffff, Number.MAX_SAFE_INTEGER)).toBe(1)
    expect(bytes[0]).toBe(2)
    expect(bitmap.set(0n, 1n << 64n)).toBe(2)
    expect(bytes[0]).toBe(3)
  })

  it('sets exact bits on both sides of word and byte edges', () => {
    for (const first of [0, 1, 7, 8, 9, 31, 32, 33, 62, 63]) {
      for (let last = first; last < 64; last++) {
        const { bitmap, bytes } = sixtyFour()
        expect(bitmap.set(BASE + BigInt(first) * 4096n, (last - first + 1) * 4096)).toBe(last - first + 1)
        let want = ''
        for (let bit = 0; bit < 64; bit++) want += bit >= first && bit <= last ? '1' : '0'
        expect([...bytes].map((byte) => byte.toString(2).padStart(8, '0').split('').reverse().join('')).join('')).toBe(want)
      }
    }
  })
})

describe('construction', () => {
  const buffer = new Uint8Array(8)

  it('takes length or last, bigint or number, and tells its shape', () => {
    const byLength = new IovaBitmap({ iova: 4096, length: 5 * 4096 + 1, pageSize: 4096n, buffer })
    const byLast = new IovaBitmap({ iova: 4096n, last: 6n * 4096n, pageSize: 4096, buffer })
    for (const bitmap of [byLength, byLast]) {
      expect(bitmap).toMatchObject({ iova: 4096n, last: 6n * 4096n, length: 5n * 4096n + 1n, pageSize: 4096n, npages: 6, byteLength: 1 })
      checkInvariants(bitmap)
    }
  })

  it.each([
    [0n, MAX, 1n << 63n, 2],
    [0n, MAX, 1n << 62n, 4],
    [0n, MAX, 1n << 32n, 2 ** 32],
    [0n, MAX, 4096n, 2 ** 52],
    [0n, MAX, 2048n, 2 ** 53],
    [MAX, MAX, 1n, 1],
    [MAX, MAX, 1n << 63n, 1],
    [1n, MAX, 1n << 63n, 2],
    [0n, 1n << 63n, 1n << 63n, 2],
    [0n, (1n << 63n) - 1n, 1n << 63n, 1],
  ])('has the bits of [%i, %i] in pages of %i: %i', (iova, last, pageSize, npages) => {
    const source = { pin: () => new Uint8Array(8), unpin: () => {} }
    const bitmap = new IovaBitmap({ iova, last, pageSize, source })
    expect(bitmap.npages).toBe(npages)
    expect(bitmap.length).toBe(last - iova + 1n)
    expect(IovaBitmap.bytesNeeded({ iova, last, pageSize })).toBe(Math.ceil(npages / 8))
    checkInvariants(bitmap)
  })

  it('needs ceil(bits / 8) bytes and no more', () => {
    for (let npages = 1; npages <= 33; npages++) {
      const nbytes = Math.ceil(npages / 8)
      expect(IovaBitmap.bytesNeeded({ iova: 0, length: npages * 4096, pageSize: 4096 })).toBe(nbytes)
      new IovaBitmap({ iova: 0, length: npages * 4096, pageSize: 4096, buffer: new Uint8Array(nbytes) })
      expect(() => new IovaBitmap({ iova: 0, length: npages * 4096, pageSize: 4096, buffer: new Uint8Array(nbytes - 1) })).toThrow(
        RangeError,
      )
    }
  })

  it('keeps what is in the buffer', () => {
    const bytes = Uint8Array.of(0b101, 0xf0)
    const bitmap = new IovaBitmap({ iova: 0, length: 12 * 4096, pageSize: 4096, buffer: bytes })
    expect(bitmap.test(0)).toBe(true)
    expect(bitmap.test(4096)).toBe(false)
    expect(bitmap.count()).toBe(2)
  })

  it.each([
    ['ArrayBuffer', (): ArrayBuffer => new ArrayBuffer(8)],
    ['SharedArrayBuffer', (): SharedArrayBuffer => new SharedArrayBuffer(8)],
    ['BigUint64Array', (): BigUint64Array => new BigUint64Array(1)],
    ['DataView', (): DataView => new DataView(new ArrayBuffer(16), 3, 8)],
    ['Buffer', (): Buffer => Buffer.alloc(9)],
  ])('works in place on a %s', (_, make) => {
    const memory = make()
    const bitmap = new IovaBitmap({ iova: 0, length: 64 * 4096, pageSize: 4096, buffer: memory })
    bitmap.set(9 * 4096, 1)
    const bytes = ArrayBuffer.isView(memory) ? new Uint8Array(memory.buffer, memory.byteOffset, 8) : new Uint8Array(memory)
    expect(hexOf(bytes)).toBe('0002000000000000')
  })
})

describe('page sizes', () => {
  it.each([0, 1, 11, 12, 21, 30, 31, 32, 33, 52, 53, 61, 62, 63])('addresses pages of 2^%i at both ends of the space', (shift) => {
    const pageSize = 1n << BigInt(shift)
    const npages = shift === 63 ? 2n : 3n
    for (const iova of [0n, MAX - npages * pageSize + 1n]) {
      const bytes = new Uint8Array(1)
      const bitmap = new IovaBitmap({ iova, length: npages * pageSize, pageSize, buffer: bytes })
      for (let page = 0n; page < npages; page++) {
        bytes[0] = 0
        expect(bitmap.set(iova + page * pageSize, 1)).toBe(1)
        expect(bytes[0]).toBe(1 << Number(page))
        expect(bitmap.set(iova + (page + 1n) * pageSize - 1n, 1n)).toBe(1)
        expect(bytes[0]).toBe(1 << Number(page))
        expect(bitmap.test(iova + page * pageSize)).toBe(true)
        expect(runsOf(bitmap.ranges())).toEqual([`${iova + page * pageSize}-${iova + (page + 1n) * pageSize - 1n}`])
      }
      expect(bitmap.set(iova, npages * pageSize)).toBe(Number(npages))
      expect(bitmap.count()).toBe(Number(npages))
    }
  })

  it('starts its grid at an unaligned iova', () => {
    const bytes = new Uint8Array(1)
    const bitmap = new IovaBitmap({ iova: 0x1234, length: 3 * 4096, pageSize: 4096, buffer: bytes })
    bitmap.set(0x2233, 1)
    expect(bytes[0]).toBe(1)
    bitmap.set(0x2234, 1)
    expect(bytes[0]).toBe(3)
  })

  it('cuts the last page at the end of the range', () => {
    const bitmap = new IovaBitmap({ iova: 0, length: 4097, pageSize: 4096, buffer: new Uint8Array(1) })
    bitmap.set(4096, 1)
    expect(runsOf(bitmap.ranges())).toEqual(['4096-4096'])
    expect(bitmap.test(4097)).toBe(false)
  })
})

describe('addresses that agree in their low bits', () => {
  it.each(Array.from({ length: 32 }, (_, shift) => shift))('are told apart with pages of 2^%i', (shift) => {
    const pageSize = 1n << BigInt(shift)
    const bytes = new Uint8Array(16)
    for (const iova of [0n, pageSize * 5n, MAX + 1n - pageSize * 128n, 0x1234_0000_0000n, 0x1234_0000_0000n + pageSize]) {
      const base = iova - (iova % pageSize)
      const bitmap = new IovaBitmap({ iova: base, length: 128n * pageSize, pageSize, buffer: bytes })
      for (const page of [0n, 1n, 31n, 32n, 127n]) {
        const at = base + page * pageSize
        for (const far of [1n << 32n, pageSize << 31n, pageSize << 32n, pageSize << 33n, 128n * pageSize]) {
          for (const other of [at + far, at - far]) {
            if (other < 0n || other > MAX || (other >= base && other <= bitmap.last)) continue
            expect(bitmap.setAt(Number(other >> 32n), Number(other & 0xffff_ffffn), 1)).toBe(0)
            expect(bitmap.set(other, 1)).toBe(0)
          }
        }
        expect(bytes.every((byte) => byte === 0)).toBe(true)
        expect(bitmap.setAt(Number(at >> 32n), Number(at & 0xffff_ffffn), Math.min(Number(pageSize) + 1, 2 ** 40))).toBe(
          page === 127n ? 1 : 2,
        )
        expect(bitmap.set(at, 1)).toBe(1)
        expect(runsOf(bitmap.harvest())).toEqual([`${at}-${page === 127n ? bitmap.last : at + 2n * pageSize - 1n}`])
      }
    }
  })

  it.each([0x3fff_ffff, 0x4000_0000, 0x4000_0001, 0xffff_ffff, 2 ** 32, 2 ** 32 + 1, 2 ** 40])('a length of %i bytes', (length) => {
    for (const pageSize of [2 ** 20, 2 ** 30, 2 ** 31]) {
      const bytes = new Uint8Array(1 << 18)
      const bitmap = new IovaBitmap({ iova: 2 ** 33, length: 2 ** 41, pageSize, buffer: bytes })
      const npages = Math.ceil(length / pageSize)
      expect(bitmap.setAt(2, 0, length)).toBe(npages)
      expect(bitmap.count()).toBe(npages)
      expect(bitmap.set(2 ** 33 + 1, length)).toBe(Math.ceil((length + 1) / pageSize))
      bitmap.clear()
    }
  })
})

describe('test and testRange', () => {
  it('is false outside, and for an empty range', () => {
    const { bitmap } = sixtyFour()
    bitmap.set(0, MAX)
    expect([bitmap.test(BASE - 1n), bitmap.test(BASE), bitmap.test(BASE + 64n * 4096n - 1n), bitmap.test(BASE + 64n * 4096n)]).toEqual([
      false,
      true,
      true,
      false,
    ])
    expect([bitmap.test(0), bitmap.test(MAX)]).toEqual([false, false])
    expect(bitmap.testRange(BASE, 0)).toBe(false)
    expect(bitmap.testRange(BASE, 0, 'all')).toBe(false)
    expect(bitmap.testRange(0, BASE, 'any')).toBe(false)
    expect(bitmap.testRange(BASE - 1n, 2, 'any')).toBe(true)
    expect(bitmap.testRange(BASE - 1n, 2, 'all')).toBe(false)
    expect(bitmap.testRange(BASE, 64 * 4096, 'all')).toBe(true)
    expect(bitmap.testRange(BASE, 64 * 4096 + 1, 'all')).toBe(false)
  })

  it('tells any from all, page by page', () => {
    const { bitmap } = sixtyFour()
    bitmap.set(BASE + 40n * 4096n, 2 * 4096)
    expect(bitmap.testRange(BASE, 40 * 4096)).toBe(false)
    expect(bitmap.testRange(BASE, 40 * 4096 + 1)).toBe(true)
    expect(bitmap.testRange(BASE + 40n * 4096n, 2 * 4096, 'all')).toBe(true)
    expect(bitmap.testRange(BASE + 40n * 4096n, 2 * 4096 + 1, 'all')).toBe(false)
    expect(bitmap.testRange(BASE + 42n * 4096n, 4096)).toBe(false)
  })
})

describe('count', () => {
  it('counts pages touched, and not the unused bits of the last byte', () => {
    const bytes = new Uint8Array(2)
    const bitmap = new IovaBitmap({ iova: 0, length: 10 * 4096, pageSize: 4096, buffer: bytes })
    bytes.fill(0xff)
    expect(bitmap.count()).toBe(10)
    expect(bitmap.count(4095, 2)).toBe(2)
    expect(bitmap.count(4096, 4096)).toBe(1)
    expect(bitmap.count(4096)).toBe(9)
    expect(bitmap.count(10 * 4096, 5)).toBe(0)
    expect(bitmap.count(10 * 4096)).toBe(0)
    expect(bitmap.count(0, MAX)).toBe(10)
    expect(bitmap.count(7, 0)).toBe(0)
    expect(runsOf(bitmap.ranges())).toEqual([`0-${10 * 4096 - 1}`])
    expect(bytes[1]).toBe(0xff)
  })
})

describe('clear', () => {
  it('rounds inward unless told otherwise', () => {
    const { bitmap } = sixtyFour()
    bitmap.set(BASE, 64 * 4096)
    expect(bitmap.clear(BASE + 1n, 4096 * 2 - 1)).toBe(1)
    expect(bitmap.test(BASE)).toBe(true)
    expect(bitmap.test(BASE + 4096n)).toBe(false)
    expect(bitmap.clear(BASE + 2n * 4096n, 4095)).toBe(0)
    expect(bitmap.clear(BASE + 2n * 4096n, 4095, { outward: true })).toBe(1)
    expect(bitmap.clear(BASE + 3n * 4096n, 0)).toBe(0)
    expect(bitmap.count()).toBe(62)
  })

  it('takes pages cut by the range ends as whole', () => {
    const bitmap = new IovaBitmap({ iova: 100, length: 4096 + 10, pageSize: 4096, buffer: Uint8Array.of(3) })
    expect(bitmap.clear(100 + 4096, 9)).toBe(0)
    expect(bitmap.clear(100 + 4096, 10)).toBe(1)
    expect(bitmap.clear(101, 5000)).toBe(1)
    expect(bitmap.count()).toBe(1)
    expect(bitmap.clear(0, MAX)).toBe(2)
    expect(bitmap.count()).toBe(0)
  })

  it('clears all without a range, and from an iova on without a length', () => {
    const { bitmap } = sixtyFour()
    bitmap.set(BASE, 64 * 4096)
    expect(bitmap.clear(BASE + 60n * 4096n)).toBe(4)
    expect(bitmap.count()).toBe(60)
    expect(bitmap.clear(BASE + 59n * 4096n + 1n)).toBe(4)
    expect(bitmap.count()).toBe(60)
    expect(bitmap.clear()).toBe(64)
    expect(bitmap.count()).toBe(0)
  })

  it('keeps the unused bits of the last byte', () => {
    const bytes = Uint8Array.of(0xff)
    const bitmap = new IovaBitmap({ iova: 0, length: 3 * 4096, pageSize: 4096, buffer: bytes })
    bitmap.clear()
    expect(bytes[0]).toBe(0xf8)
    bitmap.set(0, MAX)
    expect(bytes[0]).toBe(0xff)
    expect(runsOf(bitmap.harvest())).toEqual(['0-12287'])
    expect(bytes[0]).toBe(0xf8)
  })
})

describe('strict', () => {
  it('throws for what is not wholly covered, and for an unaligned iova', () => {
    const bytes = new Uint8Array(8)
    const bitmap = new IovaBitmap({ iova: BASE, length: 64 * 4096, pageSize: 4096, buffer: bytes, strict: true })
    const outside: [bigint, bigint][] = [
      [BASE - 1n, 2n],
      [BASE - 1n, 1n],
      [BASE + 64n * 4096n, 1n],
      [BASE + 64n * 4096n - 1n, 2n],
      [0n, MAX],
      [0n, 1n << 64n],
      [MAX, 1n],
      [MAX, MAX],
    ]
    for (const [iova, length] of outside) {
      expect(() => bitmap.set(iova, length)).toThrow(RangeError)
      expect(() => bitmap.clear(iova, length)).toThrow(RangeError)
      expect(() => bitmap.count(iova, length)).toThrow(RangeError)
      if (length < 1n << 53n)
        expect(() => bitmap.setAt(Number(iova >> 32n), Number(iova & 0xffff_ffffn), Number(length))).toThrow(RangeError)
    }
    expect(() => bitmap.test(BASE - 1n)).toThrow(RangeError)
    expect(() => bitmap.count(BASE + 64n * 4096n)).toThrow(RangeError)
    expect(bytes.some((byte) => byte !== 0)).toBe(false)
    expect(bitmap.set(BASE, 64 * 4096)).toBe(64)
    expect(bitmap.set(0, 0)).toBe(0)
    expect(() => new IovaBitmap({ iova: 1, length: 4096, pageSize: 4096, buffer: bytes, strict: true })).toThrow(
      /multiple of the page size/,
    )
    const whole = new IovaBitmap({ iova: 0, last: MAX, pageSize: 1n << 63n, buffer: bytes, strict: true })
    expect(whole.set(0, 1n << 64n)).toBe(2)
    expect(() => whole.set(1, 1n << 64n)).toThrow(RangeError)
    expect(whole.set(MAX, 1)).toBe(1)
    expect(() => whole.set(MAX, 2)).toThrow(RangeError)
  })
})

describe('on both sides of multiples of 2^32', () => {
  it('a strict bitmap covers by whole addresses, not by one half of them', () => {
    const bitmap = new IovaBitmap({
      iova: 0x1_8000_0000,
      last: 0x3_3fff_ffff,
      pageSize: 4096,
      buffer: new Uint8Array(2 ** 18),
      strict: true,
    })
    for (const iova of [0x1_8000_0000, 0x2_0000_1000, 0x2_9000_0000, 0x3_3fff_ffff]) expect(bitmap.set(iova, 1)).toBe(1)
    for (const iova of [0x1_7fff_ffff, 0x3_4000_0000, 0x0_9000_0000, 0x4_0000_0000]) expect(() => bitmap.set(iova, 1)).toThrow(RangeError)
    expect(bitmap.count()).toBe(4)
  })

  it('the halves of a run that ends there borrow, and those of one behind it carry', () => {
    const bitmap = new IovaBitmap({ iova: 0x1_ffff_c000, length: 8 * 4096, pageSize: 4096, buffer: new Uint8Array(1) })
    bitmap.set(0x1_ffff_e000, 2 * 4096)
    bitmap.set(0x2_0000_2000, 1)
    const run = bitmap.ranges()
    expect([run.iovaHi, run.iovaLo, run.lastHi, run.lastLo]).toEqual([1, 0xffff_e000, 1, 0xffff_ffff])
    run.next()
    expect([run.iovaHi, run.iovaLo, run.lastHi, run.lastLo]).toEqual([2, 0x2000, 2, 0x2fff])
  })

  it('a length of whole multiples of it ends in front of the next', () => {
    const make = (): IovaBitmap => new IovaBitmap({ iova: 0x8000_0000, last: 0x4_7fff_ffff, pageSize: 2 ** 28, buffer: new Uint8Array(8) })
    for (const [hi, lo, first, last] of [
      [0, 0, 0, 7],
      [1, 0, 8, 23],
      [1, 0x9000_0000, 17, 32],
      [3, 0x7000_0000, 47, 62],
      [4, 0, 56, 63],
    ] as const) {
      const bitmap = make()
      const npages = last - first + 1
      expect(bitmap.setAt(hi, lo, 2 ** 32)).toBe(npages)
      expect(runsOf(bitmap.ranges())).toEqual([`${0x8000_0000 + first * 2 ** 28}-${0x8000_0000 + (last + 1) * 2 ** 28 - 1}`])
    }
    expect(make().setAt(4, 0x8000_0000, 2 ** 32)).toBe(0)
  })
})

describe('bits beyond 2^31 and 2^32', () => {
  it('are set, found, counted and cleared where they belong', () => {
    // Half a gibibyte that is not touched but in a few places, and so is never backed by memory.
    const npages = 2 ** 32 + 512
    const bytes = new Uint8Array(npages / 8)
    const bitmap = new IovaBitmap({ iova: 4096, length: BigInt(npages) * 4096n, pageSize: 4096, buffer: bytes })
    for (const bit of [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, npages - 1]) {
      const iova = 4096n + BigInt(bit) * 4096n
      const around = iova - 4096n * 100n
      expect(bitmap.set(iova, 1)).toBe(1)
      expect(bytes[Math.floor(bit / 8)]).toBe(1 << (bit % 8))
      expect(bitmap.test(iova)).toBe(true)
      expect(bitmap.count(around, 4096 * 200)).toBe(1)
      expect(runsOf(bitmap.ranges(around, 4096 * 200))).toEqual([`${iova}-${iova + 4095n}`])
      expect(bitmap.testRange(iova, 4096, 'all')).toBe(true)
      expect(bitmap.set(iova - 4096n * 70n, 4096 * 71)).toBe(71)
      expect(bitmap.count(around, 4096 * 200)).toBe(71)
      expect(runsOf(bitmap.harvest(around, 4096 * 200))).toEqual([`${iova - 4096n * 70n}-${iova + 4095n}`])
      expect(bitmap.count(around, 4096 * 200)).toBe(0)
      expect(bitmap.set(iova - 4096n * 70n, 4096 * 71)).toBe(71)
      expect(bitmap.clear(around, 4096 * 101)).toBe(101)
      expect(bitmap.count(around, 4096 * 200)).toBe(0)
    }
  })
})
