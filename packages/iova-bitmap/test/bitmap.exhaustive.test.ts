// Exhaustive over a small universe (kind 2): all contents of 8 pages, all ranges, at each byte offset, against the naive bitmap.
import { IovaBitmap, SharedIovaBitmap } from '@iommukit/iova-bitmap'
import { describe, expect, it } from 'vitest'
import { MAX, NaiveBitmap, runsOf, TestSource } from './oracle.ts'

const PAGE = 2n
const BASES = [0n, 3n, 0xffff_fff9n, MAX - 14n]

/** Eight pages of two bytes, the last one cut to one byte. */
function naive(iova: bigint, content: number): NaiveBitmap {
  const model = new NaiveBitmap(iova, iova + 14n, PAGE)
  for (let page = 0; page < 8; page++) if ((content >> page) & 1) model.pages.add(BigInt(page))
  return model
}

function ranges(iova: bigint): [bigint, bigint][] {
  const list: [bigint, bigint][] = []
  for (let first = -1n; first <= 16n; first++) {
    for (let length = 0n; length <= 17n; length++) if (iova + first >= 0n && iova + first <= MAX) list.push([iova + first, length])
  }
  return list
}

describe('eight pages', () => {
  it.each(BASES)('from iova %i: set, clear, count, ranges, testRange for every content and range', (iova) => {
    const bytes = new Uint8Array(1)
    const bitmap = new IovaBitmap({ iova, length: 15, pageSize: PAGE, buffer: bytes })
    for (let content = 0; content < 256; content += iova === 0n ? 3 : 23) {
      for (const [at, length] of ranges(iova)) {
        const model = naive(iova, content)
        bytes[0] = content
        const count = model.count(at, length)
        const touched = model.touched(at, length).length
        const same =
          bitmap.count(at, length) === count &&
          bitmap.testRange(at, length, 'any') === count > 0 &&
          bitmap.testRange(at, length, 'all') === (touched > 0 && count === touched && at >= iova && at + length - 1n <= iova + 14n)
        const runs = length === 0n ? [] : model.ranges(at, length)
        if (!same || runsOf(bitmap.ranges(at, length)).join() !== runs.join()) expect.unreachable(`${content} ${at} ${length}`)
        const set = bitmap.set(at, length)
        if (set !== model.set(at, length) || bytes[0] !== model.bytes()[0]) expect.unreachable(`set ${content} ${at} ${length}`)
        for (const outward of [false, true]) {
          bytes[0] = content
          const other = naive(iova, content)
          const cleared = bitmap.clear(at, length, { outward })
          if (cleared !== other.clear(at, length, outward) || bytes[0] !== other.bytes()[0])
            expect.unreachable(`clear ${content} ${at} ${length} ${outward}`)
        }
        bytes[0] = content
        const harvested = runsOf(bitmap.harvest(at, length))
        const rest = naive(iova, content)
        rest.clear(at, length, true)
        if (harvested.join() !== runs.join() || bytes[0] !== rest.bytes()[0]) expect.unreachable(`harvest ${content} ${at} ${length}`)
      }
    }
  })

  it('or, andNot and equals for every pair of contents', () => {
    const a = new Uint8Array(1)
    const b = new Uint8Array(1)
    const left = new IovaBitmap({ iova: 0, length: 8, pageSize: 1, buffer: a })
    const right = new IovaBitmap({ iova: 0, length: 8, pageSize: 1, buffer: b })
    for (let x = 0; x < 256; x++) {
      for (let y = 0; y < 256; y++) {
        a[0] = x
        b[0] = y
        if (left.equals(right) !== (x === y)) expect.unreachable(`equals ${x} ${y}`)
        left.or(right)
        if (a[0] !== (x | y) || b[0] !== y) expect.unreachable(`or ${x} ${y}`)
        a[0] = x
        left.andNot(right)
        if (a[0] !== (x & ~y)) expect.unreachable(`andNot ${x} ${y}`)
      }
    }
  })
})

describe('every run of up to 100 bits', () => {
  const NBITS = 107

  it.each([0, 1, 2, 3])('at byte offset %i: set, found, counted, harvested, in plain and in shared memory', (byteOffset) => {
    for (const shared of [false, true]) {
      const nbytes = Math.ceil(NBITS / 8)
      const buffer = new Uint8Array(shared ? new SharedArrayBuffer(nbytes + 8) : new ArrayBuffer(nbytes + 8), byteOffset, nbytes)
      const Class = shared ? SharedIovaBitmap : IovaBitmap
      const bitmap = new Class({ iova: 0, length: NBITS, pageSize: 1, buffer })
      for (let first = 0; first < NBITS; first++) {
        for (let last = first; last < NBITS; last++) {
          bitmap.set(first, last - first + 1)
          const run = bitmap.ranges()
          const isRight =
            run.index === first && run.lastIndex === last && bitmap.count() === last - first + 1 && bitmap.count(first, 1) === 1
          run.next()
          const taken = bitmap.harvest()
          const isTaken = taken.index === first && taken.lastIndex === last
          taken.next()
          if (!isRight || !run.done || !isTaken || !taken.done || bitmap.count() !== 0) expect.unreachable(`${first}..${last}`)
        }
      }
      buffer.fill(0xff)
      for (let first = 0; first < NBITS; first++) {
        for (let last = first; last < NBITS; last++) {
          const cleared = bitmap.clear(first, last - first + 1)
          const left = bitmap.count()
          const gap = bitmap.testRange(first, last - first + 1, 'any')
          bitmap.set(first, last - first + 1)
          if (cleared !== last - first + 1 || left !== NBITS - cleared || gap || !bitmap.testRange(0, NBITS, 'all'))
            expect.unreachable(`${first}..${last}`)
        }
      }
    }
  })
})

describe('every window size and short pin', () => {
  it('gives the same bitmap and the same windows cover it', () => {
    const sets = [
      [3, 40],
      [100, 1],
      [60, 33],
      [127, 1],
      [0, 1],
      [90, 38],
    ] as const
    const plain = new Uint8Array(16)
    const direct = new IovaBitmap({ iova: 0, length: 128, pageSize: 1, buffer: plain })
    for (const [iova, length] of sets) direct.set(iova, length)
    for (let windowBytesMax = 1; windowBytesMax <= 17; windowBytesMax++) {
      for (let pinBytesMax = 1; pinBytesMax <= 17; pinBytesMax++) {
        for (const dataOffset of [0, 1, 4090, 4095]) {
          const source = new TestSource(new Uint8Array(16))
          source.pinBytesMax = pinBytesMax
          const bitmap = new IovaBitmap({ iova: 0, length: 128, pageSize: 1, source, windowBytesMax, dataOffset })
          for (const [iova, length] of sets) bitmap.set(iova, length)
          let next = 0n
          bitmap.forEachWindow((_bitmap, iova, length) => {
            if (iova !== next || iova % 8n !== 0n || length < 1n) expect.unreachable(`window at ${iova}`)
            next = iova + length
            return undefined
          })
          bitmap.free()
          if (next !== 128n || Buffer.compare(source.bytes, plain) !== 0 || source.pinned !== 0)
            expect.unreachable(`${windowBytesMax} ${pinBytesMax}`)
        }
      }
    }
  })
})
