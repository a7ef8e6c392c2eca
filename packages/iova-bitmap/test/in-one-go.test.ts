// Examples (kind 1) of what is done in one go: runs by one look at a word, long stretches by one fill, two bitmaps by whole words.
import { IovaBitmap } from '@iommukit/iova-bitmap'
import { afterEach, describe, expect, it } from 'vitest'
import { eachAligned } from '../src/pairs.ts'
import { BitSegment } from '../src/segment.ts'
import { clearInWords, countInWords, nextClearInWords, runInWords, setInWords } from '../src/words.ts'
import { runsOf, TestSource } from './oracle.ts'

const undo: (() => void)[] = []

afterEach(() => {
  for (const each of undo.splice(0)) each()
})

/** Counts the calls of a method until the test has ended. */
function counted<T extends object>(owner: T, name: keyof T & string): () => number {
  const original = owner[name] as (...values: unknown[]) => unknown
  let calls = 0
  const counting = function (this: unknown, ...values: unknown[]): unknown {
    calls += 1
    return original.apply(this, values)
  }
  Object.defineProperty(owner, name, { value: counting, configurable: true, writable: true })
  undo.push(() => Object.defineProperty(owner, name, { value: original, configurable: true, writable: true }))
  return () => calls
}

function bitmapOf(npages: number, pages: readonly number[]): IovaBitmap {
  const bitmap = new IovaBitmap({ iova: 0, length: npages, pageSize: 1, buffer: new Uint8Array(Math.ceil(npages / 8)) })
  for (const page of pages) bitmap.set(page, 1)
  return bitmap
}

describe('a cursor over runs that begin and end in a word', () => {
  it.each(['ranges', 'harvest'] as const)('%s asks the segment only behind the last', (method) => {
    const bitmap = bitmapOf(640, [0, 2, 30, 64, 300, 301, 637, 638])
    const finds = counted(BitSegment.prototype, 'nextRun')
    const runs = bitmap[method]()
    const seen: number[] = []
    for (; !runs.done && finds() === 0; runs.next()) seen.push(runs.index)
    expect(seen).toEqual([0, 2, 30, 64, 300, 637])
    expect(runs.done).toBe(true)
    expect(bitmap.count()).toBe(method === 'ranges' ? 8 : 0)
  })

  it('asks the segment for a run that goes on in the next word, once', () => {
    const bitmap = bitmapOf(640, [3, 31, 32, 40])
    const finds = counted(BitSegment.prototype, 'nextRun')
    const runs = bitmap.ranges()
    runs.next()
    expect([runs.index, runs.lastIndex, finds()]).toEqual([31, 32, 1])
    runs.next()
    expect([runs.index, runs.lastIndex, finds()]).toEqual([40, 40, 1])
  })
})

describe('words', () => {
  it.each([
    [48, 0],
    [49, 1],
    [200, 1],
  ])('a span over %d words after its first is written by %d calls of fill', (behind, calls) => {
    const words = new Int32Array(behind + 3)
    const fills = counted(Int32Array.prototype, 'fill')
    setInWords(words, 32 + 5, 32 * (behind + 1) + 7)
    expect(fills()).toBe(calls)
    expect([...words]).toEqual([0, -1 << 5, ...Array(behind - 1).fill(-1), 0xff, 0])
    words.set(Array(words.length).fill(-1))
    clearInWords(words, 32 + 5, 32 * (behind + 1) + 7)
    expect(fills()).toBe(calls * 2)
    expect([...words]).toEqual([-1, 31, ...Array(behind - 1).fill(0), ~0xff, -1])
  })

  it.each([2 ** 31 - 1, 2 ** 31, 2 ** 31 + 33, 2 ** 33 + 5])('has bit %d in a word of its own', (bit) => {
    // A stand-in for words of 256 MiB and more.
    const held: Record<number, number> = {}
    const words = held as unknown as Int32Array
    const into = { runEnd: 0 }
    const w = Math.floor(bit / 32)
    setInWords(words, bit, bit)
    expect(held).toEqual({ [w]: 1 << (bit % 32) })
    expect([runInWords(words, bit, bit, into), into.runEnd]).toEqual([bit, bit + 1])
    expect([nextClearInWords(words, bit, bit), countInWords(words, bit, bit)]).toEqual([bit + 1, 1])
    clearInWords(words, bit, bit)
    expect(held).toEqual({ [w]: 0 })
    expect([runInWords(words, bit, bit, into), nextClearInWords(words, bit, bit)]).toEqual([bit + 1, bit])
  })

  it('finds and counts the same however many words there are behind', () => {
    for (let n = 1; n <= 20; n++) {
      const words = new Int32Array(n + 8).fill(-1)
      words.fill(0, 0, n)
      const into = { runEnd: 0 }
      expect(runInWords(words, 3, n * 32 + 40, into), `${n} words`).toBe(n * 32)
      expect(into.runEnd).toBe(n * 32 + 41)
      expect(runInWords(words, 3, n * 32 - 1, into)).toBe(n * 32)
      expect(countInWords(words, 3, n * 32 + 40)).toBe(41)
      words.fill(-1, 0, n)
      words[n] = 1
      expect(nextClearInWords(words, 3, n * 32 + 40)).toBe(n * 32 + 1)
      expect(nextClearInWords(words, 3, n * 32 - 1)).toBe(n * 32)
      expect(countInWords(words, 3, n * 32 + 31)).toBe(n * 32 - 2)
    }
  })
})

describe('two bitmaps side by side', () => {
  /** The elements of each piece of work: bytes as 1, words as 4. */
  function pieces(offsetA: number, offsetB: number, nbits: number, stopAt = Number.POSITIVE_INFINITY): [number, number][] {
    const seen: [number, number][] = []
    const a = new Uint8Array(new ArrayBuffer(40), offsetA, 20)
    const b = new Uint8Array(new ArrayBuffer(40), offsetB, 20)
    const isDone = eachAligned(a, b, nbits, true, (x, y, n) => {
      expect(x.BYTES_PER_ELEMENT).toBe(y.BYTES_PER_ELEMENT)
      seen.push([x.BYTES_PER_ELEMENT, n])
      return seen.length < stopAt
    })
    expect(isDone).toBe(seen.length < stopAt)
    return seen
  }

  it('go by words between ragged ends where they lie alike in memory, else by bytes', () => {
    expect(pieces(1, 5, 160)).toEqual([
      [1, 3],
      [4, 4],
      [1, 1],
    ])
    expect(pieces(0, 4, 128)).toEqual([
      [1, 0],
      [4, 4],
      [1, 0],
    ])
    expect(pieces(1, 2, 160)).toEqual([[1, 20]])
    expect(pieces(1, 5, 13)).toEqual([
      [1, 1],
      [1, 1],
    ])
    expect(pieces(3, 3, 160 - 7)).toEqual([
      [1, 1],
      [4, 4],
      [1, 2],
      [1, 1],
    ])
  })

  it('stop at the first piece that says so', () => {
    expect(pieces(1, 5, 157, 1)).toEqual([[1, 3]])
    expect(pieces(1, 5, 157, 2)).toEqual([
      [1, 3],
      [4, 4],
    ])
    expect(pieces(1, 5, 157, 3)).toHaveLength(3)
    expect(pieces(1, 2, 157, 1)).toEqual([[1, 19]])
  })
})

describe('a search that begins in a ragged head', () => {
  it.each([1, 2, 3])('goes on by words, at byte offset %d', (byteOffset) => {
    const bytes = new Uint8Array(new ArrayBuffer(48), byteOffset, 40)
    const bitmap = new IovaBitmap({ iova: 0, length: 320, pageSize: 1, buffer: bytes })
    bitmap.set(317, 2)
    const [finds, clears] = [counted(BitSegment.prototype, 'nextRun'), counted(BitSegment.prototype, 'nextClear')]
    const run = bitmap.ranges()
    // The search in the head asks for one in the words.
    expect([run.index, run.lastIndex, finds()]).toEqual([317, 318, 2])
    bitmap.set(0, 317)
    const before = clears()
    expect(bitmap.testRange(0, 320, 'all')).toBe(false)
    expect(clears() - before).toBe(2)
    expect(bitmap.testRange(0, 319, 'all')).toBe(true)
  })
})

describe('a window', () => {
  it('stays where it is while runs of another grid are joined into it', () => {
    const source = new TestSource(new Uint8Array(64))
    const bitmap = new IovaBitmap({ iova: 0, length: 512, pageSize: 1, source, windowBytesMax: 8 })
    const other = new IovaBitmap({ iova: 0, length: 512, pageSize: 2, buffer: new Uint8Array(32) })
    for (const iova of [0, 20, 60, 62, 64, 100]) other.set(iova, 1)
    bitmap.or(other)
    expect(source.calls.map(({ byteOffset }) => byteOffset)).toEqual([0, 8])
    expect(runsOf(bitmap.ranges())).toEqual(['0-1', '20-21', '60-65', '100-101'])
  })

  it('is set once for ranges of a batch that touch', () => {
    const bitmap = bitmapOf(64, [])
    const sets = counted(BitSegment.prototype, 'set')
    expect(bitmap.setBatch([9, 8, 10, 20].map((iova) => ({ iova, length: 1 })))).toBe(4)
    expect(sets()).toBe(2)
  })
})
