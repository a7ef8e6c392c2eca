// Kinds 1 and 2: the examples of spec B4 verbatim, and every request in a small space against a search by bytes.
import { IoPagetable } from '@iommukit/io-pagetable'
import { describe, expect, it } from 'vitest'
import { codeOf, U64_MAX } from './fakes.ts'
import { Fixture, Owner, RO } from './fixture.ts'

const END = U64_MAX + 1n

interface Example {
  readonly address: bigint
  readonly length: bigint
  readonly areas?: [bigint, bigint][]
  readonly allowed?: [bigint, bigint][]
  readonly reserved?: [bigint, bigint][]
  readonly alignment?: 2048 | 4096
  readonly result: bigint | string
}

/** The table of spec B4, row by row. */
const EXAMPLES: readonly Example[] = [
  { address: 0x7f0000001000n, length: 0x1000n, result: 0x1000n },
  { address: 0x7f0000200000n, length: 0x200000n, result: 0x200000n },
  { address: 0x7f0000003000n, length: 0x5000n, areas: [[0x1000n, 0x1fffn]], result: 0x2000n },
  { address: 0x7f0000000800n, length: 0x1000n, alignment: 2048, result: 0x1800n },
  { address: 0x7f0000000800n, length: 0x1000n, alignment: 4096, result: 'EINVAL' },
  { address: 0x1234n, length: 0x100n, areas: [[0x1000n, 0x12ffn]], result: 0x1334n },
  { address: 0n, length: 0x3000n, result: 0x4000n },
  { address: 0x40000000n, length: 0x4000n, allowed: [[0x10000n, 0x13fffn]], result: 0x10000n },
  { address: 0x40000000n, length: 0x4000n, allowed: [[0x10000n, 0x12fffn]], result: 'ENOSPC' },
  { address: 0x40000000n, length: 0x4000n, allowed: [[0x11000n, 0x14fffn]], result: 'ENOSPC' },
  {
    address: 0x40000000n,
    length: 0x4000n,
    allowed: [
      [0x10000n, 0x11fffn],
      [0x12000n, 0x13fffn],
    ],
    result: 0x10000n,
  },
  { address: 0x40000001n, length: 1n, allowed: [[0x5000n, 0x5000n]], result: 'ENOSPC' },
  { address: 0x40000000n, length: 1n, allowed: [[0x5000n, 0x5001n]], result: 0x5000n },
  { address: 0x40000000n, length: 0x1000n, allowed: [[0n, 0xfffn]], result: 'ENOSPC' },
  { address: 0x40000000n, length: 0x1000n, allowed: [[END - 8192n, U64_MAX]], result: 0xffff_ffff_ffff_e000n },
  { address: 0x40000000n, length: 0x1000n, allowed: [[END - 4096n, U64_MAX]], result: 'ENOSPC' },
  {
    address: 0x40000000n,
    length: 0x200000n,
    reserved: [
      [0n, 0xffffffn],
      [0x80000000n, U64_MAX],
    ],
    areas: [[0x1000000n, 0x1000fffn]],
    result: 0x1200000n,
  },
  { address: 0x40000000n, length: 2n ** 62n, result: 0x200000n },
  { address: 0x40000000n, length: 2n ** 63n - 1n, result: 'EOVERFLOW' },
  { address: 0x40000000n, length: 2n ** 63n - 2n, result: 0x200000n },
]

function answerTo(example: Example): bigint | string {
  const fixture = new Fixture()
  fixture.memory.mmap(0x7f00_0000_0000, [1, 2])
  for (const [start, last] of example.areas ?? []) fixture.map(start, last - start + 1n)
  fixture.table.setAllowed((example.allowed ?? []).map(([start, last]) => ({ start, last })))
  for (const [start, last] of example.reserved ?? []) fixture.table.reserve(start, last, undefined)
  if (example.alignment === 2048) fixture.table.addDomain(fixture.newDomain({ pageSize: 2048 }))
  if (example.alignment === 4096) fixture.table.addAccess(new Owner(fixture.table))
  let result: bigint | string = ''
  const code = codeOf(() => {
    result = fixture.map(undefined, example.length, example.address)
  })
  return code === 'OK' ? result : code
}

describe('automatic IOVA: the examples of spec B4', () => {
  for (const example of EXAMPLES) {
    const state = Object.entries(example)
      .filter(([key]) => ['areas', 'allowed', 'reserved', 'alignment'].includes(key))
      .map(
        ([key, value]) =>
          `${key} ${Array.isArray(value) ? value.map(([start, last]) => `[0x${start.toString(16)},0x${last.toString(16)}]`) : value}`,
      )
    it(`address 0x${example.address.toString(16)}, length 0x${example.length.toString(16)}, ${state.join(', ') || 'empty'}: ${typeof example.result === 'bigint' ? `0x${example.result.toString(16)}` : example.result}`, () => {
      expect(answerTo(example)).toBe(example.result)
    })
  }
})

describe('automatic IOVA: rules', () => {
  it('B21 item 4: the first and the last page of the space are never chosen, with and without allowed ranges', () => {
    const fixture = new Fixture()
    expect(fixture.map(undefined, 1, 0x4000_0001)).toBe(0x1001n)
    fixture.table.reserve(0x2000n, END - 0x2000n, undefined)
    expect(codeOf(() => fixture.map(undefined, 0x2000))).toBe('ENOSPC')
    expect(fixture.map(undefined, 0x800, 0x4000_0800)).toBe(0x1800n)
    fixture.table.setAllowed([{ start: 0n, last: 0xfffn }])
    expect(codeOf(() => fixture.map(undefined, 1))).toBe('ENOSPC')
  })

  it('B21 item 5: the alignment comes from the low bits of the address, not from the alignment of the table', () => {
    const fixture = new Fixture()
    expect(fixture.map(undefined, 0x10000, 0x4000_0000)).toBe(0x10000n)
    expect(fixture.map(undefined, 0x10000, 0x4000_1000)).toBe(0x20000n)
    expect(fixture.map(undefined, 0x2000, 0x4000_2000)).toBe(0x2000n)
  })

  it('caps the alignment at maxAlignment, 2 MiB when not given', () => {
    const fixture = new Fixture()
    fixture.map(0x1000, 0x1000)
    expect(fixture.map(undefined, 0x1000_0000, 0x4000_0000)).toBe(0x20_0000n)
    const table = new IoPagetable({ temp: fixture.world.temp, maxAlignment: 4096 })
    expect(fixture.map(undefined, 0x1000_0000, 0x4000_0000, RO, table)).toBe(0x1000n)
    const huge = new IoPagetable({ temp: fixture.world.temp, maxAlignment: 2n ** 30n })
    expect(fixture.map(undefined, 2n ** 33n, 0x4000_0000, RO, huge)).toBe(2n ** 30n)
  })

  it('takes an address that is a multiple of 2^32 as aligned to anything, like 0', () => {
    const fixture = new Fixture()
    expect(fixture.map(undefined, 0x3000, 2n ** 32n)).toBe(0x4000n)
    expect(fixture.map(undefined, 0x5000, 2n ** 40n)).toBe(0x8000n)
  })

  it('leaves a chosen IOVA that the fixed check accepts: never in the first page, nor beyond the last candidate', () => {
    const fixture = new Fixture()
    fixture.table.reserve(0n, END - 0x2_0000n, undefined)
    const chosen = []
    for (;;) {
      try {
        chosen.push(fixture.map(undefined, 0x1000))
      } catch {
        break
      }
    }
    expect(chosen[0]).toBe(END - 0x1_f000n)
    expect(chosen.at(-1)).toBe(END - 0x2000n)
    expect(chosen.length).toBe(30)
  })

  it('leaps over a hole that is long enough but holds no aligned position, and over reserved ranges between areas', () => {
    const fixture = new Fixture()
    fixture.table.reserve(0n, 0x10_0fffn, 'low')
    // Holes of two pages at odd pages between areas; a request of two aligned pages fits none of them.
    for (let k = 0; k < 40; k++) fixture.map(0x10_3000 + k * 0x4000, 0x2000)
    fixture.table.reserve(0x10_3000 + 40 * 0x4000, 0x20_0000, 'high')
    expect(fixture.map(undefined, 0x2000, 0x4000_2000)).toBe(0x20_2000n)
  })

  it('a region that does not fit as a whole is passed over, one that fits is searched from its fitted start', () => {
    const fixture = new Fixture()
    fixture.map(0x1_1000, 0x1000)
    fixture.table.setAllowed([
      { start: 0x800n, last: 0x1fffn },
      { start: 0x1_0800n, last: 0x1_ffffn },
    ])
    expect(fixture.map(undefined, 0x1001)).toBe(0x1_2000n)
    expect(fixture.map(undefined, 0x1000)).toBe(0x1000n)
    expect(fixture.map(undefined, 0x1000)).toBe(0x1_4000n)
  })
})
