// Examples on both sides of each boundary: making and releasing Pages (spec pages-and-io-pagetable A8).
import { type Area, addAccess, type Origin, Pages } from '@iommukit/pfn-reader'
import { describe, expect, it } from 'vitest'
import { areaOver, U64_MAX, World } from './fakes.ts'

function make(address: bigint | number, length: bigint | number) {
  const world = new World()
  const seen: [bigint, number][] = []
  const { origin } = world.pages([1], 1).pages
  const watched: Origin = {
    ...origin,
    source(base, npages) {
      seen.push([base, npages])
      return origin.source(base, npages)
    },
  }
  return { pages: new Pages(address, length, true, watched, world.temp), seen }
}

describe('A8: base and npages', () => {
  it.each([
    [0x1800n, 0x1000n, 0x1000n, 2],
    [0x1fff, 1, 0x1000n, 1],
    [0x1fff, 2, 0x1000n, 2],
    [0, 1, 0n, 1],
    [0n, 4096n, 0n, 1],
    [0n, 4097n, 0n, 2],
    [0n, U64_MAX - 4096n, 0n, 2 ** 52 - 1],
    [2n ** 32n - 1n, 2n, 2n ** 32n - 4096n, 2],
    [2n ** 33n + 5n, 2n ** 32n, 2n ** 33n, 2 ** 20 + 1],
    [U64_MAX - 1n, 1n, U64_MAX - 4095n, 1],
    [Number.MAX_SAFE_INTEGER, 1, BigInt(Number.MAX_SAFE_INTEGER) - 4095n, 1],
  ])('%s + %s: base %s, %s pages, told to the origin once', (address, length, base, npages) => {
    const { pages, seen } = make(address, length)
    expect([pages.base, pages.npages]).toEqual([base, npages])
    expect(seen).toEqual([[base, npages]])
    expect([pages.npinned, pages.lastNpinned, pages.refs]).toEqual([0, 0, 1])
  })
})

describe('A8: errors, in this order', () => {
  it.each([
    [0n, 0n, 'EINVAL'],
    [U64_MAX, 0n, 'EINVAL'],
    [0n, U64_MAX - 4095n, 'EINVAL'],
    [U64_MAX, U64_MAX, 'EINVAL'],
    [1n, U64_MAX - 4096n, undefined],
    [4096n, U64_MAX - 4096n, undefined],
    [4097n, U64_MAX - 4096n, 'EOVERFLOW'],
    [U64_MAX - 4095n, 4096n, 'EOVERFLOW'],
    [U64_MAX - 4095n, 4095n, undefined],
    [U64_MAX, 1n, 'EOVERFLOW'],
  ])('%s + %s: %s', (address, length, code) => {
    if (code === undefined) expect(make(address, length).pages.refs).toBe(1)
    else expect(() => make(address, length)).toThrow(expect.objectContaining({ code }))
  })

  it.each([
    [-1n, 1n, RangeError],
    [U64_MAX + 1n, 1n, RangeError],
    [0n, -1n, RangeError],
    [0n, U64_MAX + 1n, RangeError],
    [-1, 1, RangeError],
    [2 ** 53, 1, RangeError],
    [0.5, 1, TypeError],
    [Number.NaN, 1, TypeError],
    ['0', 1, TypeError],
    [undefined, 1, TypeError],
    [0, null, TypeError],
  ])('%s + %s is no range', (address, length, type) => {
    expect(() => make(address as bigint, length as bigint)).toThrow(type as ErrorConstructor)
  })

  it('writable must be a boolean', () => {
    const world = new World()
    const { origin } = world.pages([1], 1).pages
    expect(() => new Pages(0n, 1n, 1 as unknown as boolean, origin, world.temp)).toThrow(TypeError)
  })
})

describe('references', () => {
  it('the last one may only go when nothing is held', () => {
    const world = new World()
    const { pages } = world.pages([1, 2], 2)
    const area: Area = areaOver(pages, 0n, 0, 1)
    addAccess(area, 0, 1, false)
    pages.addRef()
    pages.release()
    expect(() => pages.release()).toThrow(/2 pages were pinned/)
    expect(pages.refs).toBe(1)
  })

  it('a released Pages is gone', () => {
    const world = new World()
    const { pages } = world.pages([1], 1)
    pages.release()
    expect(pages.refs).toBe(0)
    expect(() => pages.release()).toThrow(/more often/)
    expect(() => pages.addRef()).toThrow(/referenced again/)
  })
})
