// Kind 1: examples on both sides of each boundary; kind 5: the n-th pin fails, short pins.
import { PhysicalMemory, UserAddressSpace } from '@iommukit/simulated-iommu-hw'
import { checkInvariants } from '@iommukit/simulated-iommu-hw/check'
import { describe, expect, it } from 'vitest'
import { Runs, runsOf, thrownBy } from './oracle.ts'

const ARENA = 0x1_0000_0000n
const PAGE = 4096n
const HUGE = 0x20_0000n

function make(placement: 'contiguous' | 'scattered' = 'contiguous'): { physical: PhysicalMemory; space: UserAddressSpace } {
  const physical = new PhysicalMemory()
  return { physical, space: new UserAddressSpace(physical, { placement }) }
}

describe('UserAddressSpace: mapping', () => {
  it('maps pages anywhere in 0 .. 2^64-1, the last page included', () => {
    const { space } = make()
    space.mmap(0, 4096)
    space.mmap(2n ** 64n - PAGE, PAGE)
    space.mmap(2n ** 63n - PAGE, 2n * PAGE)
    for (const address of [0n, 4095n, 2n ** 64n - 1n, 2n ** 63n, 2n ** 63n - 1n]) expect(space.pfnOf(address)).toBeTypeOf('number')
    for (const address of [4096n, 2n ** 64n - PAGE - 1n, 2n ** 63n + PAGE]) expect(space.pfnOf(address)).toBeUndefined()
    const bytes = new Uint8Array(2)
    expect(thrownBy(() => space.read(2n ** 64n - 1n, bytes))).toBe('EFAULT')
    space.write(2n ** 64n - 2n, Uint8Array.of(7, 8))
    space.read(2n ** 64n - 2n, bytes)
    expect([...bytes]).toEqual([7, 8])
    checkInvariants(space)
  })

  it('refuses what is mapped already, and what is not whole pages, changing nothing', () => {
    const { space } = make()
    space.mmap(ARENA, 4n * PAGE)
    expect(thrownBy(() => space.mmap(ARENA + 3n * PAGE, 2n * PAGE))).toBe('EEXIST')
    expect(thrownBy(() => space.mmap(ARENA - PAGE, 2n * PAGE))).toBe('EEXIST')
    expect(thrownBy(() => space.mmap(ARENA - PAGE, 2n ** 63n))).toBe('EEXIST')
    expect(thrownBy(() => space.mmap(ARENA + 1n, PAGE))).toBe('RangeError')
    expect(thrownBy(() => space.mmap(0, 0))).toBe('RangeError')
    expect(thrownBy(() => space.mmap(2n ** 64n - PAGE, 2n * PAGE))).toBe('RangeError')
    expect(space.segments.length).toBe(1)
  })

  it('munmap and protect cut where they begin and end', () => {
    const { space } = make()
    space.mmap(ARENA, 8n * PAGE)
    const before = Array.from({ length: 8 }, (_, k) => space.frameOf(ARENA + BigInt(k) * PAGE))
    space.protect(ARENA, 7n * PAGE, 'r')
    space.protect(ARENA + PAGE, 7n * PAGE, 'rw')
    space.protect(ARENA, 8n * PAGE, 'rw')
    expect(Array.from({ length: 8 }, (_, k) => space.frameOf(ARENA + BigInt(k) * PAGE))).toEqual(before)
    space.munmap(ARENA + 2n * PAGE, PAGE)
    space.protect(ARENA + 5n * PAGE, PAGE, 'none')
    space.protect(ARENA + 6n * PAGE, 2n * PAGE, 'r')
    checkInvariants(space)
    const now = Array.from({ length: 8 }, (_, k) => space.frameOf(ARENA + BigInt(k) * PAGE))
    expect(now).toEqual(before.map((pfn, k) => (k === 2 ? undefined : pfn)))
    expect(space.pfnOf(ARENA + 5n * PAGE)).toBeUndefined()
    expect(space.pfnOf(ARENA + 6n * PAGE)).toBe(before[6])
    expect(thrownBy(() => space.protect(ARENA + PAGE, 2n * PAGE, 'r'))).toBe('ENOMEM')
    expect(thrownBy(() => space.write(ARENA + 6n * PAGE, new Uint8Array(1)))).toBe('EFAULT')
    space.write(ARENA + PAGE, new Uint8Array(4096))
    space.munmap(0n, 2n ** 63n)
    expect(space.segments.length).toBe(0)
  })

  it('read and write stop at the first bad page, having copied all before it; peek and poke ignore protection', () => {
    const { space } = make('scattered')
    space.mmap(ARENA, 3n * PAGE)
    space.poke(
      ARENA,
      Uint8Array.from({ length: 3 * 4096 }, (_, k) => k % 251),
    )
    space.protect(ARENA + PAGE, PAGE, 'none')
    const out = new Uint8Array(8192)
    expect(thrownBy(() => space.read(ARENA + 4000n, out))).toBe('EFAULT')
    expect([out[0], out[95], out[96]]).toEqual([4000 % 251, 4095 % 251, 0])
    expect(thrownBy(() => space.write(ARENA + 4090n, new Uint8Array(10).fill(255)))).toBe('EFAULT')
    space.peek(ARENA + 4088n, out.subarray(0, 10))
    expect([...out.subarray(0, 10)]).toEqual([4088 % 251, 4089 % 251, 255, 255, 255, 255, 255, 255, 4096 % 251, 4097 % 251])
    expect(thrownBy(() => space.peek(ARENA + 3n * PAGE, out))).toBe('EFAULT')
  })
})

describe('UserAddressSpace: where frames lie', () => {
  it('contiguous is one run, scattered has no two neighbours and no frame twice', () => {
    const { physical, space } = make()
    space.mmap(ARENA, 1000n * PAGE)
    space.mmap(2n * ARENA, 1000n * PAGE, { placement: 'scattered' })
    const pfns = [1n, 2n].flatMap((arena) => Array.from({ length: 1000 }, (_, k) => space.pfnOf(arena * ARENA + BigInt(k) * PAGE)!))
    expect(runsOf(pfns.slice(0, 1000))).toHaveLength(1)
    expect(new Set(pfns).size).toBe(2000)
    const sorted = pfns.slice(1000).sort((a, b) => a - b)
    expect(sorted.every((pfn, k) => k === 0 || pfn > sorted[k - 1]! + 1)).toBe(true)
    expect(physical.pinnedTotal).toBe(0)
  })

  it('a function places page by page; the same frame may appear twice', () => {
    const { physical, space } = make()
    space.mmap(ARENA, 4n * PAGE, { placement: (page) => [9, 9, 2 ** 40 - 1, 0][page]! })
    const sink = new Runs()
    expect(space.pageSource(ARENA, 4).pin(0, 4, true, sink)).toBe(4)
    expect(sink.pfns).toEqual([9, 9, 2 ** 40 - 1, 0])
    expect(physical.pinCount(9)).toBe(2)
    expect(thrownBy(() => space.mmap(0, 4096, { placement: () => 2 ** 40 }))).toBe('RangeError')
    expect(thrownBy(() => space.mmap(0, 4096, { placement: () => 0.5 }))).toBe('TypeError')
    expect(space.pfnOf(0)).toBeUndefined()
  })

  it('one frame behind hundreds of pages counts each of their pins', () => {
    const { physical, space } = make()
    space.mmap(ARENA, 300n * PAGE, { placement: () => 9 })
    const source = space.pageSource(ARENA, 300)
    expect(source.pin(0, 300, true, new Runs())).toBe(300)
    expect([physical.pinCount(9), physical.pinnedTotal]).toEqual([300, 300])
    for (let k = 0; k < 300; k++) source.unpin(9, 1, false)
    expect(thrownBy(() => source.unpin(9, 1, false))).toBe('HardwareInvariantError')
  })

  it('huge pages are aligned runs of 512 frames, adjacent only when contiguous', () => {
    const { physical, space } = make()
    space.mmap(HUGE, 3n * HUGE, { hugePages: true })
    space.mmap(8n * HUGE, 3n * HUGE, { hugePages: true, placement: 'scattered' })
    space.mmap(16n * HUGE, HUGE, { hugePages: true, placement: (page) => 512 * 77 + page })
    const first = [1n, 2n, 3n, 8n, 9n, 10n, 16n].map((k) => space.pfnOf(k * HUGE)!)
    expect(first.every((pfn) => pfn % 512 === 0)).toBe(true)
    expect(first[1]! - first[0]!).toBe(512)
    expect(Math.abs(first[4]! - first[3]!)).toBeGreaterThanOrEqual(1024)
    expect(space.pfnOf(10n * HUGE + 511n * PAGE)).toBe(first[5]! + 511)
    expect([physical.isHuge(first[3]! + 5), space.isHugePage(8n * HUGE + 5n), space.isHugePage(0)]).toEqual([true, true, false])
    expect(thrownBy(() => space.mmap(32n * HUGE, PAGE, { hugePages: true }))).toBe('RangeError')
    expect(thrownBy(() => space.mmap(32n * HUGE, HUGE, { hugePages: true, placement: (page) => 1 + page }))).toBe('RangeError')
    expect(thrownBy(() => space.mmap(32n * HUGE, HUGE, { hugePages: true, placement: () => 0 }))).toBe('RangeError')
  })
})

describe('UserPages: pinning (pages-and-io-pagetable 4.1)', () => {
  it('a contiguous 1 GiB is one pin call, one run and 512 counters', () => {
    const { physical, space } = make()
    space.mmap(ARENA, 1n << 30n)
    const sink = new Runs(1)
    expect(space.pageSource(ARENA, 262144).pin(0, 262144, true, sink)).toBe(262144)
    expect([space.pinCalls, space.counts.pinRuns, space.counts.pinnedPages, physical.pinnedTotal]).toEqual([1, 1, 262144, 262144])
  })

  it('runs are maximal across mappings and across protections', () => {
    const { space } = make()
    space.mmap(ARENA, 2n * PAGE, { placement: (page) => 100 + page })
    space.mmap(ARENA + 2n * PAGE, 2n * PAGE, { placement: (page) => 102 + page, prot: 'r' })
    space.mmap(ARENA + 4n * PAGE, 100n * PAGE, { placement: (page) => 104 + (page ^ 1) })
    const source = space.pageSource(ARENA, 104)
    const sink = new Runs()
    expect(source.pin(0, 104, false, sink)).toBe(104)
    expect(sink.runs[0]).toEqual([100, 4])
    expect(sink.runs).toEqual(runsOf(sink.pfns))
    expect(source.pin(0, 104, true, new Runs())).toBe(2)
    expect(thrownBy(() => source.pin(2, 1, true, new Runs()))).toBe('EFAULT')
    expect(source.pin(3, 1, false, new Runs())).toBe(1)
  })

  it('stops at the first page that is not accessible; fails when that is the first page, with nothing pinned', () => {
    const { physical, space } = make()
    space.mmap(ARENA, 8n * PAGE)
    space.protect(ARENA + 3n * PAGE, PAGE, 'none')
    const source = space.pageSource(ARENA, 9)
    expect(source.pin(0, 9, false, new Runs())).toBe(3)
    expect(thrownBy(() => source.pin(3, 2, false, new Runs()))).toBe('EFAULT')
    expect(source.pin(4, 5, true, new Runs())).toBe(4)
    expect(thrownBy(() => source.pin(8, 1, false, new Runs()))).toBe('EFAULT')
    expect(physical.pinnedTotal).toBe(7)
    space.munmap(ARENA, 8n * PAGE)
    expect(thrownBy(() => source.pin(0, 1, false, new Runs()))).toBe('EFAULT')
    expect(physical.pinnedTotal).toBe(7)
  })

  it('a sink that refuses ends the pin: only what it took is pinned', () => {
    const { physical, space } = make('scattered')
    space.mmap(ARENA, 100n * PAGE)
    const source = space.pageSource(ARENA, 100)
    const sink = new Runs(7)
    expect(source.pin(10, 90, true, sink)).toBe(7)
    expect(sink.pfns).toEqual(Array.from({ length: 7 }, (_, k) => space.pfnOf(ARENA + BigInt(10 + k) * PAGE)))
    expect(physical.pinnedTotal).toBe(7)
    expect(thrownBy(() => source.pin(0, 1, true, new Runs(0)))).toBe('HardwareInvariantError')
    expect(physical.pinnedTotal).toBe(7)
    for (const pfn of sink.pfns) source.unpin(pfn, 1, true)
    expect([physical.pinnedTotal, space.counts.unpinCalls, space.counts.unpinnedPages, space.counts.dirtiedPages]).toEqual([0, 7, 7, 7])
  })

  it('the n-th pin can be made to fail, and short pins are seeded', () => {
    const { physical, space } = make()
    space.mmap(ARENA, 64n * PAGE)
    const source = space.pageSource(ARENA, 64)
    space.pinFault.failAt(2, 'ENOMEM')
    expect(source.pin(0, 64, true, new Runs())).toBe(64)
    expect(thrownBy(() => source.pin(0, 64, true, new Runs()))).toBe('ENOMEM')
    expect([physical.pinnedTotal, space.pinCalls]).toEqual([64, 2])
    space.injectShortPins({ npages: 5 })
    expect(source.pin(0, 64, true, new Runs())).toBe(5)
    expect(source.pin(0, 3, true, new Runs())).toBe(3)
    const draw = (): number[] => {
      space.injectShortPins({ seed: 42, max: 10 })
      return Array.from({ length: 50 }, () => source.pin(0, 64, true, new Runs()))
    }
    const first = draw()
    expect(draw()).toEqual(first)
    expect([Math.min(...first), Math.max(...first)]).toEqual([1, 10])
    space.injectShortPins(undefined)
    expect(source.pin(0, 64, true, new Runs())).toBe(64)
  })

  it('direct copies see what is mapped now, and count bytes from the base', () => {
    const { space } = make('scattered')
    space.mmap(ARENA, 3n * PAGE)
    const { direct } = space.pageSource(ARENA + PAGE, 2)
    direct.write(4094, Uint8Array.of(1, 2, 3))
    const out = new Uint8Array(3)
    space.read(ARENA + PAGE + 4094n, out)
    expect([...out]).toEqual([1, 2, 3])
    direct.read(4095, out.subarray(0, 2))
    expect([...out]).toEqual([2, 3, 3])
    expect(thrownBy(() => direct.read(8191, out))).toBe('EFAULT')
    expect(thrownBy(() => direct.read(-1, out))).toBe('RangeError')
  })
})
