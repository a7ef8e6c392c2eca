// Kinds 1 and 2: the worked example, and an exhaustive comparison with a literal transcription of the rule over a small universe.
import { PageSizeChooser, sizesOf } from '@iommukit/simulated-iommu-hw'
import { describe, expect, it } from 'vitest'

const K4 = 0x1000
const bitmap = 0x4020_1000n

/** Rounds of (page size, count) for a range; all in bytes. */
function rounds(iova: number, phys: number, length: number, pgsizeBitmap = bitmap): [number, number][] {
  const unit = Number(pgsizeBitmap & -pgsizeBitmap)
  const chooser = new PageSizeChooser(sizesOf(pgsizeBitmap))
  const list: [number, number][] = []
  for (let done = 0; done < length / unit; done += chooser.pgsize * chooser.npages) {
    chooser.choose(iova / unit + done, phys / unit + done, length / unit - done)
    list.push([chooser.pgsize * unit, chooser.npages])
  }
  return list
}

/** The rule as simulated-iommu-hw 4.1 words it. */
function literal(iova: bigint, phys: bigint, length: bigint, pgsizeBitmap: bigint): [bigint, bigint] {
  const merge = iova | phys
  let candidates = 0n
  for (let size = 1n; size <= pgsizeBitmap; size <<= 1n)
    if ((pgsizeBitmap & size) !== 0n && size <= length && (merge === 0n || size <= (merge & -merge))) candidates |= size
  const pgsize = 1n << BigInt(candidates.toString(2).length - 1)
  let next = pgsize << 1n
  while (next <= pgsizeBitmap && (pgsizeBitmap & next) === 0n) next <<= 1n
  if (next > pgsizeBitmap || (iova ^ phys) % next !== 0n) return [pgsize, length / pgsize]
  const distance = next - (merge % next)
  return [pgsize, distance + next <= length ? distance / pgsize : length / pgsize]
}

describe('page-size choice (simulated-iommu-hw 4.1)', () => {
  it('the worked example', () => {
    expect(rounds(0x1ff000, 0x401ff000, 0x402000)).toEqual([
      [K4, 1],
      [0x200000, 2],
      [K4, 1],
    ])
  })

  it('item 10: physical alignment counts as much as that of the IOVA, and the size is rounded down', () => {
    expect(rounds(0x200000, 0x1000, 0x200000)).toEqual([[K4, 512]])
    expect(rounds(0x1000, 0x200000, 0x200000)).toEqual([[K4, 512]])
    expect(rounds(0x200000, 0x400000, 0x1ff000)).toEqual([[K4, 511]])
    expect(rounds(0, 0, 0x1000)).toEqual([[K4, 1]])
  })

  it('item 11: the count stops at the boundary of the next size when that can be reached, and only then', () => {
    expect(rounds(0x1ff000, 0x3ff000, 0x201000)).toEqual([
      [K4, 1],
      [0x200000, 1],
    ])
    expect(rounds(0x1ff000, 0x3fe000, 0x201000)).toEqual([[K4, 513]])
    expect(rounds(0x1ff000, 0x3ff000, 0x200000)).toEqual([[K4, 512]])
    expect(rounds(0x1ff000, 0x3ff000, 0x1ff000 + 0x1000)).toEqual([[K4, 512]])
  })

  it('equals the rule word by word on all ranges of a small universe', () => {
    for (const sizes of [0b1n, 0b101n, 0b10101n, 0b111n, 0b1001n]) {
      const chooser = new PageSizeChooser(sizesOf(sizes))
      for (let iova = 0; iova < 48; iova++)
        for (let phys = 0; phys < 34; phys++)
          for (let length = 1; length < 40; length++) {
            chooser.choose(iova, phys, length)
            const [pgsize, npages] = literal(BigInt(iova), BigInt(phys), BigInt(length), sizes)
            if (chooser.pgsize !== Number(pgsize) || chooser.npages !== Number(npages))
              expect.fail(`${iova} ${phys} ${length} in ${sizes}: ${chooser.pgsize} x ${chooser.npages}, not ${pgsize} x ${npages}`)
          }
    }
  })

  it('property 8: the rounds sum up to the length and each begins at multiples of its page size', () => {
    for (let iova = 0; iova < 40; iova++)
      for (let phys = 0; phys < 40; phys++)
        for (const length of [1, 7, 16, 31, 64, 100]) {
          let at = 0
          for (const [pgsize, npages] of rounds(iova, phys, length, 0b10101n)) {
            if ((iova + at) % pgsize !== 0 || (phys + at) % pgsize !== 0) expect.fail(`${iova} ${phys} ${length}: ${pgsize} at ${at}`)
            at += pgsize * npages
          }
          if (at !== length) expect.fail(`${iova} ${phys} ${length}: sum ${at}`)
        }
  })
})
