// Examples (kind 1) and fail-the-nth (kind 5) of windows over a source: spec data-structures 3.5, the pin rules of 3.6.
// biome-ignore-all lint/suspicious/useIterableCallbackReturn: forEach of a bitmap returns what its callback returns.
import { IovaBitmap, IovaBitmapError } from '@iommukit/iova-bitmap'
import { checkInvariants } from '@iommukit/iova-bitmap/check'
import { describe, expect, it } from 'vitest'
import { runsOf, TestSource } from './oracle.ts'

const G = 1n << 30n
const MIB2 = 2 * 1024 * 1024

/** A source that only notes what it is asked for: windows of large bitmaps need no memory. */
function recorder(): { calls: [number, number][]; source: { pin(byteOffset: number, byteLength: number): Uint8Array; unpin(): void } } {
  const calls: [number, number][] = []
  const memory = new Uint8Array(MIB2)
  const pin = (byteOffset: number, byteLength: number): Uint8Array => {
    calls.push([byteOffset, byteLength])
    return memory.subarray(0, byteLength)
  }
  return { calls, source: { pin, unpin: () => {} } }
}

describe('windows, by the examples of spec 3.5', () => {
  it.each([
    [
      '4G, 124G, aligned',
      4n * G,
      124n * G,
      4096n,
      0,
      [
        [4n * G, 64n * G],
        [68n * G, 60n * G],
      ],
      [
        [0, 2097152],
        [2097152, 1966080],
      ],
    ],
    [
      '0, 128G, data at 0xff1 of its page',
      0n,
      128n * G,
      4096n,
      0xff1,
      [
        [0n, 0xf_f807_8000n],
        [0xf_f807_8000n, 0x10_0000_0000n],
        [0x1f_f807_8000n, 0x7f8_8000n],
      ],
      [
        [0, 2093071],
        [2093071, 2097152],
        [4190223, 4081],
      ],
    ],
    ['0, 65M', 0n, 65n << 20n, 4096n, 0, [[0n, 65n << 20n]], [[0, 2080]]],
    ['0, 2^44, pages of 2M', 0n, 1n << 44n, 2n << 20n, 0, [[0n, 1n << 44n]], [[0, 1048576]]],
  ])('%s', (_, iova, length, pageSize, dataOffset, windows, pins) => {
    const { calls, source } = recorder()
    const bitmap = new IovaBitmap({ iova, length, pageSize, source, dataOffset })
    const seen: [bigint, bigint][] = []
    bitmap.forEachWindow((_bitmap, first, nbytes) => {
      seen.push([first, nbytes])
      checkInvariants(bitmap)
      return undefined
    })
    expect(seen).toEqual(windows)
    expect(calls).toEqual(pins)
    expect(calls[0]![1] + dataOffset).toBeLessThanOrEqual(MIB2)
  })

  it.each([
    [4096n, 0x10_0000_0000n],
    [16384n, 256n * G],
    [65536n, 1024n * G],
    [2n << 20n, 32n * 1024n * G],
    [1n << 30n, 16n * 1024n * 1024n * G],
  ])('a full window of pages of %i bytes covers %i bytes', (pageSize, covers) => {
    const { source } = recorder()
    const bitmap = new IovaBitmap({ iova: 0, length: 3n * covers, pageSize, source })
    let windows = 0
    bitmap.forEachWindow((_bitmap, _iova, length) => {
      windows += 1
      expect(length).toBe(covers)
      return undefined
    })
    expect(windows).toBe(3)
  })

  it('are the same over a buffer, where nothing is pinned', () => {
    const buffer = new Uint8Array(MIB2 + 5)
    const bitmap = new IovaBitmap({ iova: 0, length: BigInt(buffer.length) * 8n, pageSize: 1, buffer, dataOffset: 4095 })
    const seen: bigint[] = []
    bitmap.forEachWindow((_bitmap, iova, length) => {
      seen.push(iova, length)
      return undefined
    })
    expect(seen).toEqual([0n, BigInt(MIB2 - 4095) * 8n, BigInt(MIB2 - 4095) * 8n, 4100n * 8n])
    expect(bitmap.stats).toEqual({ pins: 0, unpins: 0, pinnedBytes: 0 })
  })
})

/** 4096 bits, one byte of address a bit, over a source. */
function streaming(options: { dataOffset?: number; windowBytesMax?: number } = {}): {
  bitmap: IovaBitmap
  source: TestSource
  bytes: Uint8Array
} {
  const bytes = new Uint8Array(512)
  const source = new TestSource(bytes)
  return { bitmap: new IovaBitmap({ iova: 0, length: 4096, pageSize: 1, source, ...options }), source, bytes }
}

describe('set over a source', () => {
  it('pins nothing before it is needed, then from the byte of the first bit to the end', () => {
    const { bitmap, source, bytes } = streaming()
    expect(source.calls).toEqual([])
    bitmap.set(100, 5)
    expect(source.calls).toEqual([{ byteOffset: 12, byteLength: 500, write: true }])
    expect(runsOf(new IovaBitmap({ iova: 0, length: 4096, pageSize: 1, buffer: bytes }).ranges())).toEqual(['100-104'])
    expect(bitmap.stats).toEqual({ pins: 1, unpins: 0, pinnedBytes: 500 })
  })

  it('does not pin again inside the window, and does below it or across its end', () => {
    const { bitmap, source } = streaming({ windowBytesMax: 16 })
    bitmap.set(128, 1) // window 128..255
    for (const [iova, length] of [
      [128, 128],
      [255, 1],
      [129, 0],
      [4096, 50],
    ] as const)
      bitmap.set(iova, length)
    expect(source.calls).toHaveLength(1)
    bitmap.set(127, 1) // window 120..247
    expect(source.calls).toHaveLength(2)
    expect(source.calls[1]!.byteOffset).toBe(15)
    bitmap.set(240, 10) // reaches past 247: from the byte of 240 on
    expect(source.calls.map((call) => call.byteOffset)).toEqual([16, 15, 30])
    bitmap.set(240, 300) // three windows of 128 bits
    expect(source.calls.map((call) => call.byteOffset)).toEqual([16, 15, 30, 30, 46, 62])
    checkInvariants(bitmap)
  })

  it('carries on behind a pin that came short', () => {
    const { bitmap, source, bytes } = streaming()
    source.pinBytesMax = 3
    expect(bitmap.set(5, 60)).toBe(60)
    expect(source.calls.map((call) => [call.byteOffset, call.byteLength])).toEqual([
      [0, 512],
      [3, 509],
      [6, 506],
    ])
    expect(new IovaBitmap({ iova: 0, length: 4096, pageSize: 1, buffer: bytes }).count(5, 60)).toBe(60)
    expect(new IovaBitmap({ iova: 0, length: 4096, pageSize: 1, buffer: bytes }).count()).toBe(60)
  })

  it('uses no more of a view than it asked for', () => {
    const bytes = new Uint8Array(64)
    const source = { pin: (byteOffset: number) => bytes.subarray(byteOffset), unpin: () => {} }
    const bitmap = new IovaBitmap({ iova: 0, length: 20, pageSize: 1, source })
    bitmap.forEachWindow((_bitmap, _iova, length) => expect(length).toBe(20n))
    expect(bitmap.stats.pinnedBytes).toBe(3)
    bitmap.set(0, 100)
    expect([...bytes.subarray(0, 4)]).toEqual([255, 255, 15, 0])
    checkInvariants(bitmap)
  })

  it('re-pins for writing what was pinned for reading, once', () => {
    const { bitmap, source } = streaming()
    expect(bitmap.test(0)).toBe(false)
    expect(bitmap.count()).toBe(0)
    expect(source.calls.map((call) => call.write)).toEqual([false])
    bitmap.set(8, 1)
    expect(bitmap.test(8)).toBe(true)
    bitmap.set(9, 1)
    expect(source.calls.map((call) => [call.byteOffset, call.write])).toEqual([
      [0, false],
      [1, true],
    ])
  })
})

describe('unpin', () => {
  it('follows each pin once, dirty only after a write', () => {
    const { bitmap, source } = streaming({ windowBytesMax: 8 })
    bitmap.set(0, 1)
    bitmap.test(64)
    bitmap.set(200, 1)
    bitmap.count()
    expect([...bitmap.ranges()]).toHaveLength(2)
    bitmap.forEachWindow(() => undefined)
    bitmap.free()
    expect(source.pinned).toBe(0)
    expect(source.dirtyUnpins).toHaveLength(source.calls.length)
    expect(source.dirtyUnpins.map((dirty, at) => (dirty ? source.calls[at]!.byteOffset : -1)).filter((byte) => byte >= 0)).toEqual([0, 25])
    expect(bitmap.stats).toEqual({ pins: source.calls.length, unpins: source.calls.length, pinnedBytes: 0 })
  })

  it('is dirty after a clear, a harvest and an or that wrote', () => {
    for (const write of [(b: IovaBitmap) => b.clear(0, 8), (b: IovaBitmap) => [...b.harvest()], (b: IovaBitmap) => b.or(b)]) {
      const { bitmap, source, bytes } = streaming()
      bytes[0] = 1
      write(bitmap)
      bitmap.free()
      expect(source.dirtyUnpins.at(-1)).toBe(true)
    }
    const { bitmap, source } = streaming()
    expect([...bitmap.harvest()]).toEqual([])
    bitmap.free()
    expect(source.dirtyUnpins).toEqual([false])
  })

  it('writes back through copies what was set across windows', () => {
    const { bitmap, source, bytes } = streaming({ windowBytesMax: 5 })
    source.copies = true
    bitmap.set(3, 200)
    bitmap.set(1000, 50)
    bitmap.clear(50, 20)
    bitmap.free()
    expect(runsOf(new IovaBitmap({ iova: 0, length: 4096, pageSize: 1, buffer: bytes }).ranges())).toEqual(['3-49', '70-202', '1000-1049'])
  })
})

describe('a pin that fails', () => {
  it.each(['throws', 'empty'] as const)('the n-th, which %s: EFAULT, nothing pinned, the same call again does it all', (failure) => {
    for (let failing = 1; ; failing++) {
      const { bitmap, source, bytes } = streaming({ windowBytesMax: 7 })
      source.failure = failure
      source.failingPin = failing
      let error: unknown
      try {
        bitmap.set(3, 300)
      } catch (thrown) {
        error = thrown
      }
      if (error === undefined) {
        expect(failing).toBeGreaterThan(5)
        return
      }
      expect(error).toBeInstanceOf(IovaBitmapError)
      const { code, done, iova, last } = error as IovaBitmapError
      expect({ code, done, iova, last }).toEqual({
        code: 'EFAULT',
        done: Math.max(0, (failing - 1) * 56 - 3),
        iova: BigInt(done + 3),
        last: 302n,
      })
      expect((error as IovaBitmapError).message).toBe(`EFAULT: the bitmap of iova 0x${iova.toString(16)}..0x12e could not be pinned`)
      expect(source.pinned).toBe(0)
      checkInvariants(bitmap)
      expect(new IovaBitmap({ iova: 0, length: 4096, pageSize: 1, buffer: bytes }).count()).toBe(done)
      expect(bitmap.set(3, 300)).toBe(300)
      expect(bitmap.count()).toBe(300)
      bitmap.free()
      expect(source.pinned).toBe(0)
      expect(source.dirtyUnpins).toHaveLength(source.calls.length)
    }
  })

  it('names the cause', () => {
    const { bitmap, source } = streaming()
    source.failingPin = 1
    expect(() => bitmap.test(5)).toThrow(
      expect.objectContaining({ name: 'IovaBitmapError', cause: expect.objectContaining({ message: 'no such page' }) }),
    )
  })

  it('in every other method: the error, nothing pinned, then the right answer', () => {
    const methods: [string, (bitmap: IovaBitmap) => unknown][] = [
      ['test', (b) => b.test(300)],
      ['testRange', (b) => b.testRange(0, 4096, 'any')],
      ['testRange all', (b) => b.testRange(300, 100, 'all')],
      ['count', (b) => b.count()],
      ['clear', (b) => b.clear(0, 4096)],
      ['ranges', (b) => runsOf(b.ranges())],
      [
        'setBatch',
        (b) =>
          b.setBatch([
            { iova: 4000, length: 5 },
            { iova: 0, length: 5 },
          ]),
      ],
      ['forEachWindow', (b) => b.forEachWindow(() => undefined)],
      ['or', (b) => b.or(b)],
      ['equals', (b) => b.equals(b)],
    ]
    for (const [name, call] of methods) {
      const make = (): ReturnType<typeof streaming> => {
        const made = streaming({ windowBytesMax: 64 })
        made.bytes.fill(0xff, 30, 60)
        return made
      }
      const plain = make()
      const want = call(plain.bitmap)
      const npins = plain.source.calls.length
      expect(npins, name).toBeGreaterThan(0)
      for (let failing = 1; failing <= npins; failing++) {
        const { bitmap, source, bytes } = make()
        source.failingPin = failing
        expect(() => call(bitmap), `${name} ${failing}`).toThrow(IovaBitmapError)
        expect(source.pinned).toBe(0)
        checkInvariants(bitmap)
        expect(call(bitmap), name).toEqual(want)
        bitmap.free()
        expect(source.pinned).toBe(0)
        expect(bytes, name).toEqual(plain.bytes)
      }
    }
  })
})

describe('record', () => {
  it('keeps the first error of the source, for takeRecordError or forEach', () => {
    const { bitmap, source } = streaming({ windowBytesMax: 8 })
    source.failingPin = 2
    bitmap.record(0, 64)
    bitmap.recordAt(0, 640, 64)
    bitmap.record(1280, 64)
    expect(bitmap.count()).toBe(128)
    expect(bitmap.takeRecordError()).toMatchObject({ code: 'EFAULT', iova: 640n, last: 703n })
    expect(bitmap.takeRecordError()).toBe(undefined)
    source.failingPin = source.calls.length + 2
    expect(() => bitmap.forEach((b) => b.record(2000, 1))).toThrow(IovaBitmapError)
    expect(bitmap.forEach((b) => b.record(2000, 1))).toBe(undefined)
    expect(bitmap.test(2000)).toBe(true)
  })

  it('throws a programmer’s error at once', () => {
    const { bitmap } = streaming()
    expect(() => bitmap.record(-1, 1)).toThrow(RangeError)
    expect(() => bitmap.recordAt(0, 0, 1.5)).toThrow(TypeError)
    bitmap.free()
    expect(() => bitmap.record(0, 1)).toThrow(/freed/)
    expect(() => bitmap.recordAt(0, 0, 1)).toThrow(/freed/)
    expect(() => bitmap.recordAt(0, 9999, 1)).toThrow(/freed/)
  })
})

describe('forEach and forEachWindow', () => {
  it('forEach calls once with the whole range and returns the result', () => {
    const { bitmap, source } = streaming({ windowBytesMax: 8 })
    const calls: unknown[] = []
    const result = bitmap.forEach((given, iova, length) => {
      calls.push([given, iova, length])
      given.set(4000, 1)
      given.set(0, 1)
      return 'done'
    })
    expect(result).toBe('done')
    expect(calls).toEqual([[bitmap, 0n, 4096n]])
    expect(source.calls.map((call) => call.byteOffset)).toEqual([500, 0])
    expect(() =>
      bitmap.forEach(() => {
        throw new Error('callback')
      }),
    ).toThrow('callback')
  })

  it('forEachWindow stops on a result, and passes errors on', () => {
    const { bitmap, source } = streaming({ windowBytesMax: 8 })
    const seen: bigint[] = []
    const result = bitmap.forEachWindow((_bitmap, iova) => {
      seen.push(iova)
      return iova === 128n ? 0 : undefined
    })
    expect(result).toBe(0)
    expect(seen).toEqual([0n, 64n, 128n])
    source.failingPin = source.calls.length + 2
    expect(() => bitmap.forEachWindow(() => undefined)).toThrow(IovaBitmapError)
    expect(() =>
      bitmap.forEachWindow(() => {
        throw new Error('callback')
      }),
    ).toThrow('callback')
    source.failingPin = 0
    expect(bitmap.forEachWindow(() => undefined)).toBe(undefined)
    bitmap.free()
    expect(source.pinned).toBe(0)
  })

  it('forEachWindow goes on where it was when the callback has moved the window', () => {
    const { bitmap, bytes } = streaming({ windowBytesMax: 64 })
    const seen: bigint[] = []
    bitmap.forEachWindow((given, iova) => {
      seen.push(iova)
      given.set((iova + 3000n) % 4096n, 700)
      return undefined
    })
    expect(seen).toEqual([0n, 512n, 1024n, 1536n, 2048n, 2560n, 3072n, 3584n])
    const plain = new IovaBitmap({ iova: 0, length: 4096, pageSize: 1, buffer: new Uint8Array(512) })
    for (const iova of seen) plain.set((iova + 3000n) % 4096n, 700)
    expect(plain.equals(new IovaBitmap({ iova: 0, length: 4096, pageSize: 1, buffer: bytes }))).toBe(true)
  })

  it('forEachWindow throws an error that a record met in it', () => {
    const { bitmap, source } = streaming({ windowBytesMax: 64 })
    source.failingPin = 2
    expect(() => bitmap.forEachWindow((given) => given.record(4000, 1) as undefined)).toThrow(IovaBitmapError)
  })
})

describe('setBatch', () => {
  it('pins each window once, whatever the order', () => {
    const ranges = Array.from({ length: 200 }, (_, k) => ({ iova: (k * 1237) % 4000, length: 1 + (k % 90) }))
    const plain = new IovaBitmap({ iova: 0, length: 4096, pageSize: 1, buffer: new Uint8Array(512) })
    for (const { iova, length } of ranges) plain.set(iova, length)
    const orders = [ranges, [...ranges].reverse(), [...ranges].sort((a, b) => a.iova - b.iova)]
    for (const order of orders) {
      const { bitmap, source, bytes } = streaming({ windowBytesMax: 64 })
      expect(bitmap.setBatch(order)).toBe(plain.count())
      for (const [at, call] of source.calls.entries())
        expect(call.byteOffset).toBeGreaterThanOrEqual(at === 0 ? 0 : source.calls[at - 1]!.byteOffset + 64)
      expect(source.calls).toHaveLength(8)
      expect(plain.equals(new IovaBitmap({ iova: 0, length: 4096, pageSize: 1, buffer: bytes }))).toBe(true)
    }
  })

  it('counts a page once, takes ranges of another bitmap, and skips what is outside', () => {
    const { bitmap, source } = streaming()
    expect(
      bitmap.setBatch([
        { iova: 10, length: 5 },
        { iova: 12n, length: 5n },
        { iova: 5000, length: 5 },
        { iova: 0, length: 0 },
      ]),
    ).toBe(7)
    expect(bitmap.setBatch(bitmap.ranges())).toBe(7)
    expect(bitmap.setBatch([])).toBe(0)
    expect(runsOf(bitmap.ranges())).toEqual(['10-16'])
    bitmap.free()
    expect(source.pinned).toBe(0)
    expect(() => bitmap.setBatch([])).toThrow(/freed/)
  })

  it('sets nothing when one range is bad', () => {
    const { bitmap, source } = streaming()
    expect(() =>
      bitmap.setBatch([
        { iova: 0, length: 1 },
        { iova: -1, length: 1 },
      ]),
    ).toThrow(RangeError)
    expect(source.calls).toEqual([])
    const strict = new IovaBitmap({ iova: 0, length: 8, pageSize: 1, buffer: new Uint8Array(1), strict: true })
    expect(() =>
      strict.setBatch([
        { iova: 0, length: 1 },
        { iova: 8, length: 1 },
      ]),
    ).toThrow(RangeError)
    expect(strict.count()).toBe(0)
  })
})

describe('free', () => {
  it('unpins, may be called again, and makes every later call throw', () => {
    for (const make of [
      () => streaming().bitmap,
      () => new IovaBitmap({ iova: 0, length: 4096, pageSize: 1, buffer: new Uint8Array(512) }),
    ]) {
      const bitmap = make()
      bitmap.set(0, 10)
      const cursor = bitmap.harvest()
      bitmap[Symbol.dispose]()
      bitmap.free()
      checkInvariants(bitmap)
      expect(bitmap.iova).toBe(0n)
      const other = make()
      const calls: (() => unknown)[] = [
        () => bitmap.set(0, 1),
        () => bitmap.set(0, 0),
        () => bitmap.set(9999, 1),
        () => bitmap.setAt(0, 0, 1),
        () => bitmap.test(0),
        () => bitmap.test(9999),
        () => bitmap.testRange(0, 1),
        () => bitmap.testRange(9999, 1),
        () => bitmap.count(),
        () => bitmap.count(9999, 1),
        () => bitmap.ranges(),
        () => bitmap.peek(),
        () => bitmap.harvest(),
        () => bitmap.clear(),
        () => bitmap.or(other),
        () => other.or(bitmap),
        () => bitmap.andNot(other),
        () => bitmap.equals(other),
        () => other.equals(bitmap),
        () => bitmap.forEach(() => 0),
        () => bitmap.forEachWindow(() => 0),
        () => bitmap.setBatch([]),
      ]
      for (const call of calls) expect(call, String(call)).toThrow('the bitmap was freed')
      expect(() => cursor.next()).toThrow('the bitmap was freed')
      const again = make()
      again.setBatch([
        { iova: 0, length: 1 },
        { iova: 5, length: 1 },
      ])
      const run = again.ranges()
      again.free()
      expect(() => run.next()).toThrow('the bitmap was freed')
    }
  })

  it('is what disposing does', () => {
    const { bitmap, source } = streaming()
    bitmap.set(0, 10)
    bitmap[Symbol.dispose]()
    expect(source.pinned).toBe(0)
    expect(() => bitmap.count()).toThrow('the bitmap was freed')
  })

  it('a source whose unpin throws is not asked twice', () => {
    let unpins = 0
    const source = {
      pin: () => new Uint8Array(1),
      unpin: () => {
        unpins += 1
        throw new Error('unpin')
      },
    }
    const bitmap = new IovaBitmap({ iova: 0, length: 8, pageSize: 1, source })
    bitmap.set(0, 1)
    expect(() => bitmap.free()).toThrow('unpin')
    bitmap.free()
    expect(unpins).toBe(1)
    checkInvariants(bitmap)
  })
})
