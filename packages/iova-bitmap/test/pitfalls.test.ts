// Spec data-structures 3.8, "Where implementers go wrong", item by item (kind 1): each title cites its item.
// biome-ignore-all lint/suspicious/useIterableCallbackReturn: forEach of a bitmap returns what its callback returns.
import { IovaBitmap, IovaBitmapError, SharedIovaBitmap } from '@iommukit/iova-bitmap'
import { describe, expect, it } from 'vitest'
import { guarded, MAX, runsOf, TestSource } from './oracle.ts'

describe('data-structures 3.8', () => {
  it('item 1: bits count from the range’s iova, not from address 0', () => {
    const bytes = new Uint8Array(16)
    const bitmap = new IovaBitmap({ iova: 0x5000, length: 128 * 4096, pageSize: 4096, buffer: bytes })
    bitmap.set(0x5000, 1)
    bitmap.set(0x5000 + 64 * 4096, 1)
    expect([bytes[0], bytes[8]]).toEqual([1, 1])
  })

  it('item 2: page shifts and bit counts beyond 32 bits and beyond 2^53 bytes keep all digits', () => {
    for (const shift of [31n, 32n, 33n, 52n, 53n]) {
      const bytes = new Uint8Array(1)
      const bitmap = new IovaBitmap({ iova: 1n << 60n, length: 8n << shift, pageSize: 1n << shift, buffer: bytes })
      expect(bitmap.npages).toBe(8)
      bitmap.set((1n << 60n) + (5n << shift) - 1n, 1)
      expect(bytes[0]).toBe(1 << 4)
    }
    const source = new Uint8Array(8)
    const offsets: number[] = []
    const pin = (byteOffset: number): Uint8Array => {
      offsets.push(byteOffset)
      return source
    }
    const whole = new IovaBitmap({ iova: 0, last: MAX, pageSize: 4096, source: { pin, unpin: () => {} } })
    expect(whole.npages).toBe(2 ** 52)
    expect(whole.set(MAX, 1)).toBe(1)
    expect(whole.set(0xffff_ffff_ffff_0fffn, 2)).toBe(2)
    expect(offsets).toEqual([2 ** 49 - 1, 2 ** 49 - 2])
    expect([...source]).toEqual([0x80 | 0b11, 0, 0, 0, 0, 0, 0, 0])
  })

  it('item 3: totals, window starts and window lengths are bytes, not words', () => {
    const source = new TestSource(new Uint8Array(1001))
    const bitmap = new IovaBitmap({ iova: 0, length: 8008, pageSize: 1, source })
    bitmap.set(8, 1)
    expect(source.calls).toEqual([{ byteOffset: 1, byteLength: 1000, write: true }])
    bitmap.set(8007, 1)
    expect(source.calls).toHaveLength(1)
  })

  it('item 4: data that is not page aligned takes one page more, and the cap of 512 applies after adding it', () => {
    for (const [dataOffset, first] of [
      [0, 2097152],
      [1, 2097151],
      [4095, 2093057],
    ] as const) {
      const asked: number[] = []
      const pin = (_: number, byteLength: number): Uint8Array => {
        asked.push(byteLength)
        return new Uint8Array(byteLength)
      }
      const bitmap = new IovaBitmap({ iova: 0, length: 3 * 2097152 * 8, pageSize: 1, source: { pin, unpin: () => {} }, dataOffset })
      bitmap.forEachWindow(() => undefined)
      expect(asked[0]).toBe(first)
      expect(asked.slice(1, 3)).toEqual([2097152, dataOffset === 0 ? 2097152 : 2097152])
      expect(asked.reduce((sum, n) => sum + n)).toBe(3 * 2097152)
    }
  })

  it('item 5: a set across windows carries the bit over: no step back with an unaligned iova, no loop with windows of one byte', () => {
    const source = new TestSource(new Uint8Array(8))
    const bitmap = new IovaBitmap({ iova: 0, length: 64 * 4096, pageSize: 4096, source, windowBytesMax: 1 })
    expect(bitmap.set(4095, 4096 * 40)).toBe(41)
    expect(source.calls.map((call) => call.byteOffset)).toEqual([0, 1, 2, 3, 4, 5])
    bitmap.free()
    expect([...source.bytes]).toEqual([255, 255, 255, 255, 255, 1, 0, 0])
  })

  it('item 6: ranges up to 2^64-1 do not overflow', () => {
    const bitmap = new IovaBitmap({ iova: MAX - 4n, last: MAX, pageSize: 1, buffer: new Uint8Array(1) })
    expect(bitmap.set(MAX - 1n, 2)).toBe(2)
    expect(bitmap.clear(MAX, 1)).toBe(1)
    expect(bitmap.count(MAX - 4n, MAX)).toBe(1)
    expect(runsOf(bitmap.ranges())).toEqual([`${MAX - 1n}-${MAX - 1n}`])
  })

  it('item 7: ragged edges are written by bytes: nothing outside the buffer changes at any byte offset', () => {
    for (const shared of [false, true]) {
      for (let byteOffset = 0; byteOffset < 16; byteOffset++) {
        for (let npages = 1; npages <= 80; npages++) {
          const { bytes, isIntact } = guarded(Math.ceil(npages / 8), byteOffset, shared)
          const Class = shared ? SharedIovaBitmap : IovaBitmap
          const bitmap = new Class({ iova: 0, length: npages, pageSize: 1, buffer: bytes })
          bitmap.set(0, MAX)
          expect(bitmap.count()).toBe(npages)
          bitmap.clear()
          bitmap.set(0, MAX)
          expect(runsOf(bitmap.harvest())).toEqual([`0-${npages - 1}`])
          expect(isIntact() && bytes.every((byte) => byte === 0)).toBe(true)
        }
      }
    }
  })

  it('item 8: set rounds out and clear rounds in', () => {
    const bytes = new Uint8Array(1)
    const bitmap = new IovaBitmap({ iova: 0, length: 8 * 4096, pageSize: 4096, buffer: bytes })
    bitmap.set(4095, 2)
    expect(bytes[0]).toBe(0b11)
    bitmap.clear(1, 8191)
    expect(bytes[0]).toBe(0b01)
  })

  it('item 9: a 2 MiB page reported once sets all its 512 bits, also across a window edge', () => {
    for (const windowBytesMax of [1, 8, 63, 64, 65]) {
      for (const pinBytesMax of [1, 5, 1000]) {
        const source = new TestSource(new Uint8Array(256))
        source.pinBytesMax = pinBytesMax
        const bitmap = new IovaBitmap({ iova: 0, length: 2048 * 4096, pageSize: 4096, source, windowBytesMax })
        bitmap.set(100 * 4096, 1)
        expect(bitmap.set(512 * 4096, 2 * 1024 * 1024)).toBe(512)
        bitmap.free()
        expect(source.bytes.every((byte, at) => byte === (at === 12 ? 16 : at >= 64 && at < 128 ? 255 : 0))).toBe(true)
      }
    }
  })

  it('item 10: a set that fails says so', () => {
    const source = new TestSource(new Uint8Array(8))
    source.failingPin = 1
    const bitmap = new IovaBitmap({ iova: 0, length: 64, pageSize: 1, source })
    expect(() => bitmap.set(0, 1)).toThrow(IovaBitmapError)
    source.failingPin = 2
    expect(() => bitmap.forEach((given) => given.record(0, 1))).toThrow(expect.objectContaining({ code: 'EFAULT' }))
  })

  it('item 11: harvest takes each word in one step: a bit set while it runs is reported now or next time', () => {
    const bitmap = new SharedIovaBitmap({ iova: 0, length: 64, pageSize: 1, buffer: new SharedArrayBuffer(8) })
    bitmap.set(0, 1)
    bitmap.set(40, 1)
    const run = bitmap.harvest()
    bitmap.set(1, 1) // in a word that has been taken: next time
    bitmap.set(41, 1) // in a word that has not: now
    run.next()
    expect([run.index, run.lastIndex]).toEqual([40, 41])
    run.next()
    expect(run.done).toBe(true)
    expect(runsOf(bitmap.harvest())).toEqual(['1-1'])
  })

  it('item 12: the buffer is not taken to be zero, and is not made so', () => {
    const bytes = Uint8Array.of(0, 0x81)
    const bitmap = new IovaBitmap({ iova: 0, length: 16, pageSize: 1, buffer: bytes })
    expect(runsOf(bitmap.ranges())).toEqual(['8-8', '15-15'])
    bitmap.set(9, 1)
    expect(bytes[1]).toBe(0x83)
  })
})
