// Examples (kind 1) and fail-the-nth (kind 5) of the asynchronous form: spec data-structures 3.6, streaming provider.
import { type AsyncBitmapSource, AsyncIovaBitmap, IovaBitmap, IovaBitmapError } from '@iommukit/iova-bitmap'
import { describe, expect, it } from 'vitest'
import { MAX, runsOf, TestSource } from './oracle.ts'

/** A source that answers later, over the checks of TestSource. */
function later(source: TestSource): AsyncBitmapSource {
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))
  return {
    pin: async (byteOffset, byteLength, write) => {
      await pause()
      return source.pin(byteOffset, byteLength, write)
    },
    unpin: async (view, dirty) => {
      await pause()
      source.unpin(view, dirty)
    },
  }
}

function make(windowBytesMax = 8): { bitmap: AsyncIovaBitmap; source: TestSource; plain: IovaBitmap } {
  const source = new TestSource(new Uint8Array(64))
  source.copies = true
  const bitmap = new AsyncIovaBitmap({ iova: 0, length: 512, pageSize: 1, source: later(source), windowBytesMax })
  return { bitmap, source, plain: new IovaBitmap({ iova: 0, length: 512, pageSize: 1, buffer: new Uint8Array(64) }) }
}

describe('AsyncIovaBitmap', () => {
  it('sets by the same windows as the synchronous form', async () => {
    const { bitmap, source } = make()
    const twin = new TestSource(new Uint8Array(64))
    const sync = new IovaBitmap({ iova: 0, length: 512, pageSize: 1, source: twin, windowBytesMax: 8 })
    for (const [iova, length] of [
      [100, 5],
      [104, 60],
      [20, 300],
      [0, 0],
      [511, 9],
      [3, 1],
      [4, 50],
      [600, 5],
    ] as const) {
      expect(await bitmap.setAsync(iova, length)).toBe(sync.set(iova, length))
    }
    await bitmap.freeAsync()
    sync.free()
    expect(source.calls).toEqual(twin.calls)
    expect(source.dirtyUnpins).toEqual(twin.dirtyUnpins)
    expect(source.bytes).toEqual(twin.bytes)
  })

  it('does not pin again for what its window holds, from the first page to the last', async () => {
    const { bitmap, source } = make()
    await bitmap.setAsync(100, 1)
    for (const [iova, length] of [
      [96, 64],
      [96, 1],
      [159, 1],
    ] as const)
      await bitmap.setAsync(iova, length)
    expect(source.calls.map(({ byteOffset }) => byteOffset)).toEqual([12])
    await bitmap.setAsync(159, 2)
    expect(source.calls.map(({ byteOffset }) => byteOffset)).toEqual([12, 19])
    await bitmap.setAsync(151, 1)
    expect(source.calls.map(({ byteOffset }) => byteOffset)).toEqual([12, 19, 18])
  })

  it('does calls in the order made, one after the other', async () => {
    const { bitmap, source, plain } = make(3)
    const sets: Promise<number>[] = []
    for (let k = 0; k < 40; k++) {
      sets.push(bitmap.setAsync((k * 97) % 480, 20))
      plain.set((k * 97) % 480, 20)
    }
    expect(new Set(await Promise.all(sets))).toEqual(new Set([20]))
    await bitmap.freeAsync()
    expect(source.pinned).toBe(0)
    expect(plain.equals(new IovaBitmap({ iova: 0, length: 512, pageSize: 1, buffer: source.bytes }))).toBe(true)
  })

  it('walks the windows and hands out a bitmap of each', async () => {
    const { bitmap, source } = make(10)
    await bitmap.setAsync(70, 100)
    const seen: string[] = []
    const windows: [bigint, bigint][] = []
    const result = await bitmap.forEachWindowAsync(async (window) => {
      windows.push([window.iova, window.last])
      seen.push(...runsOf(window.harvest()))
      if (window.iova === 160n) window.set(161, 2)
      return undefined
    })
    expect(result).toBe(undefined)
    expect(windows).toEqual([
      [0n, 79n],
      [80n, 159n],
      [160n, 239n],
      [240n, 319n],
      [320n, 399n],
      [400n, 479n],
      [480n, 511n],
    ])
    expect(seen).toEqual(['70-79', '80-159', '160-169'])
    expect(await bitmap.forEachWindowAsync((window) => (window.count() > 0 ? window.iova : undefined))).toBe(160n)
    await bitmap.freeAsync()
    expect(runsOf(new IovaBitmap({ iova: 0, length: 512, pageSize: 1, buffer: source.bytes }).ranges())).toEqual(['161-162'])
    expect(source.dirtyUnpins.filter((dirty) => dirty)).toHaveLength(5)
  })

  it('the n-th pin that fails: EFAULT, nothing pinned, the same call again does it all', async () => {
    for (const failure of ['throws', 'empty'] as const) {
      for (let failing = 1; failing <= 8; failing++) {
        const { bitmap, source } = make()
        source.failure = failure
        source.failingPin = failing
        const error = await bitmap.setAsync(3, 400).catch((thrown: unknown) => thrown)
        if (failing <= 7) {
          expect(error).toBeInstanceOf(IovaBitmapError)
          expect(error).toMatchObject({ code: 'EFAULT', done: Math.max(0, (failing - 1) * 64 - 3), last: 402n })
          expect(source.pinned).toBe(0)
        }
        source.failingPin = 0
        expect(await bitmap.setAsync(3, 400)).toBe(400)
        await bitmap.freeAsync()
        expect(source.pinned).toBe(0)
        expect(runsOf(new IovaBitmap({ iova: 0, length: 512, pageSize: 1, buffer: source.bytes }).ranges())).toEqual(['3-402'])
      }
    }
  })

  it('a walk whose pin fails was to go on to the last address', async () => {
    const { bitmap, source } = make()
    source.failingPin = 3
    const error = await bitmap.forEachWindowAsync(() => undefined).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'EFAULT', iova: 128n, last: 511n, done: 128 })
  })

  it('passes on a source that throws at once, a wrong view, and an error of the callback', async () => {
    const thrower: AsyncBitmapSource = {
      pin: () => {
        throw new Error('at once')
      },
      unpin: () => {},
    }
    await expect(new AsyncIovaBitmap({ iova: 0, length: 8, pageSize: 1, source: thrower }).setAsync(0, 1)).rejects.toMatchObject({
      code: 'EFAULT',
    })
    const liar = { pin: async () => [1] as unknown as Uint8Array, unpin: () => {} }
    await expect(new AsyncIovaBitmap({ iova: 0, length: 8, pageSize: 1, source: liar }).setAsync(0, 1)).rejects.toThrow(
      /must give a Uint8Array/,
    )
    const { bitmap } = make()
    const failing = bitmap.forEachWindowAsync(() => {
      throw new Error('callback')
    })
    await expect(failing).rejects.toThrow('callback')
    expect(await bitmap.setAsync(0, 1)).toBe(1)
  })

  it('rejects bad input, and everything after free', async () => {
    const { bitmap, source } = make()
    await expect(bitmap.setAsync(-1, 1)).rejects.toThrow(RangeError)
    await expect(bitmap.setAsync(0, 0.5)).rejects.toThrow(TypeError)
    expect(await bitmap.setAsync(0, MAX)).toBe(512)
    const calls = [bitmap.freeAsync(), bitmap.freeAsync()]
    await expect(bitmap.setAsync(0, 1)).rejects.toThrow('the bitmap was freed')
    await expect(bitmap.setAsync(0, 0)).rejects.toThrow('the bitmap was freed')
    await expect(bitmap.forEachWindowAsync(() => 1)).rejects.toThrow('the bitmap was freed')
    await Promise.all(calls)
    expect(source.pinned).toBe(0)
    expect(() => new AsyncIovaBitmap({ iova: 0, length: 8, pageSize: 1, source: later(source), windowBytesMax: 0 })).toThrow(RangeError)
    const strict = new AsyncIovaBitmap({ iova: 0, length: 8, pageSize: 1, source: later(source), strict: true })
    await expect(strict.setAsync(7, 2)).rejects.toThrow(RangeError)
  })

  it('uses no more of a view than it asked for', async () => {
    const bytes = new Uint8Array(8)
    const bitmap = new AsyncIovaBitmap({ iova: 0, length: 12, pageSize: 1, source: { pin: async () => bytes, unpin: () => {} } })
    expect(await bitmap.setAsync(0, 100)).toBe(12)
    expect([...bytes.subarray(0, 3)]).toEqual([255, 15, 0])
    const source = { pin: async (offset: number) => bytes.subarray(offset), unpin: () => {} }
    const lengths: bigint[] = []
    const windows = new AsyncIovaBitmap({ iova: 0, length: 60, pageSize: 1, source, windowBytesMax: 2 })
    await windows.forEachWindowAsync((window) => void lengths.push(window.length))
    expect(lengths).toEqual([16n, 16n, 16n, 12n])
  })
})
