// Kind 3: model-based against a map from page to frame and protection, invariants after each step.
import { PhysicalMemory, type Protection, UserAddressSpace } from '@iommukit/simulated-iommu-hw'
import { checkInvariants } from '@iommukit/simulated-iommu-hw/check'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Runs, runsOf, thrownBy } from './oracle.ts'

const BASE = 2n ** 63n - 32n * 4096n
const LEVELS = { none: 0, r: 1, rw: 2 } as const

interface Page {
  pfn: number
  level: number
}

const placements = [
  'contiguous',
  'scattered',
  (page: number) => 5000 - page,
  (page: number) => 6000 + (page ^ 1),
  (page: number) => 7000 + page,
] as const

class World {
  readonly physical = new PhysicalMemory()
  readonly space = new UserAddressSpace(this.physical)
  readonly pages = new Map<number, Page>()
  readonly held: number[] = []

  address(page: number): bigint {
    return BASE + BigInt(page) * 4096n
  }

  window(page: number, npages: number): number[] {
    return Array.from({ length: npages }, (_, k) => page + k)
  }

  step(op: string, page: number, npages: number, detail: number): void {
    const address = this.address(page)
    const length = BigInt(npages) * 4096n
    const window = this.window(page, npages)
    const prot = (['none', 'r', 'rw'] as const)[detail % 3]!
    if (op === 'mmap') this.mmap(address, length, window, placements[detail % placements.length]!, prot)
    else if (op === 'munmap') {
      this.space.munmap(address, length)
      for (const at of window) this.pages.delete(at)
    } else if (op === 'protect') {
      const whole = window.every((at) => this.pages.has(at))
      expect(thrownBy(() => this.space.protect(address, length, prot))).toBe(whole ? undefined : 'ENOMEM')
      if (whole) for (const at of window) this.pages.get(at)!.level = LEVELS[prot]
    } else if (op === 'pin') this.pin(page, npages, detail)
    else
      for (const pfn of this.held.splice(0, npages)) {
        this.space.pageSource(address, 1).unpin(pfn, 1, false)
      }
  }

  mmap(address: bigint, length: bigint, window: number[], placement: (typeof placements)[number], prot: Protection): void {
    const taken = window.some((at) => this.pages.has(at))
    expect(thrownBy(() => this.space.mmap(address, length, { placement, prot }))).toBe(taken ? 'EEXIST' : undefined)
    if (taken) return
    for (const [k, at] of window.entries()) {
      const pfn = this.space.frameOf(this.address(at))!
      if (typeof placement === 'function') expect(pfn).toBe(placement(k))
      this.pages.set(at, { pfn, level: LEVELS[prot] })
    }
  }

  pin(page: number, npages: number, detail: number): void {
    const write = detail % 2 === 1
    const capacity = detail % 7 === 0 ? 3 : Infinity
    const good = this.window(page, npages).map((at) => this.pages.get(at))
    const bad = good.findIndex((found) => found === undefined || found.level < (write ? 2 : 1))
    const expected = runsOf(good.slice(0, bad < 0 ? npages : bad).map((found) => found!.pfn)).slice(0, capacity)
    const sink = new Runs(capacity)
    const source = this.space.pageSource(this.address(page), npages)
    let pinned = 0
    const code = thrownBy(() => (pinned = source.pin(0, npages, write, sink)))
    expect(code).toBe(expected.length === 0 ? 'EFAULT' : undefined)
    expect(sink.runs).toEqual(expected)
    expect(pinned).toBe(sink.pfns.length)
    this.held.push(...sink.pfns)
  }

  check(): void {
    checkInvariants(this.space)
    expect(this.physical.pinnedTotal).toBe(this.held.length)
    for (let page = 0; page < 64; page++) {
      const found = this.pages.get(page)
      expect(this.space.frameOf(this.address(page))).toBe(found?.pfn)
      expect(this.space.pfnOf(this.address(page) + 5n)).toBe(found !== undefined && found.level > 0 ? found.pfn : undefined)
    }
    const counts = new Map<number, number>()
    for (const pfn of this.held) counts.set(pfn, (counts.get(pfn) ?? 0) + 1)
    for (const [pfn, pins] of counts) expect(this.physical.pinCount(pfn)).toBe(pins)
  }
}

it('mmap, munmap, protect, pin and unpin equal the model', { timeout: 60_000 }, () => {
  const step = fc.tuple(
    fc.constantFrom('mmap', 'mmap', 'munmap', 'protect', 'pin', 'pin', 'unpin'),
    fc.integer({ min: 0, max: 47 }),
    fc.integer({ min: 1, max: 16 }),
    fc.nat({ max: 41 }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const world = new World()
      for (const [op, page, npages, detail] of steps) {
        world.step(op, page, npages, detail)
        world.check()
      }
    }),
    { numRuns: 200 },
  )
})
