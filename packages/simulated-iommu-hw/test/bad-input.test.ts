// Kind 1: bad input at every public edge is a TypeError or RangeError that names the value, and changes nothing.
import {
  FaultPoint,
  LockedMemory,
  MockDomain,
  MockDriver,
  MockNestedDomain,
  PhysicalMemory,
  RadixDomain,
  UserAddressSpace,
} from '@iommukit/simulated-iommu-hw'
import { checkInvariants } from '@iommukit/simulated-iommu-hw/check'
import { describe, expect, it } from 'vitest'
import { Runs, thrownBy } from './oracle.ts'

/** Passes anything where the compiler would not let it. */
const anything = (value: unknown): never => value as never

const badIntegers: [unknown, string][] = [
  ['5', 'TypeError'],
  [undefined, 'TypeError'],
  [5n, 'TypeError'],
  [Number.NaN, 'TypeError'],
  [0.5, 'TypeError'],
  [-1, 'RangeError'],
  [Infinity, 'RangeError'],
  [2 ** 53, 'RangeError'],
]
const badU64: [unknown, string][] = [
  ['5', 'TypeError'],
  [null, 'TypeError'],
  [0.5, 'TypeError'],
  [Number.NaN, 'TypeError'],
  [-1, 'RangeError'],
  [-1n, 'RangeError'],
  [2n ** 64n, 'RangeError'],
  [2 ** 53, 'RangeError'],
]

describe.each(badIntegers)('the integer %s', (value, error) => {
  const bad = anything(value)

  it('is refused by PhysicalMemory', () => {
    const physical = new PhysicalMemory()
    for (const call of [
      () => new PhysicalMemory({ firstPfn: bad ?? 'none' }),
      () => physical.allocate(bad),
      () => physical.allocate(1, bad ?? 'none'),
      () => physical.pin(bad, 1),
      () => physical.pin(0, bad),
      () => physical.unpin(0, bad),
      () => physical.pinCount(bad),
      () => physical.copyOut(bad, 0, new Uint8Array(1)),
      () => physical.copyIn(0, bad, new Uint8Array(1)),
      () => physical.markHuge(bad, 512),
      () => physical.isHuge(bad),
    ])
      expect(thrownBy(call)).toBe(error)
    expect(thrownBy(() => physical.unpin(bad, 1))).toBe(error)
    expect([physical.pinnedTotal, physical.allocate(1)]).toEqual([0, 0x100000])
  })

  it('is refused by page sources, accounting, devices, fault points and short pins', () => {
    const space = new UserAddressSpace(new PhysicalMemory())
    space.mmap(0, 4096 * 4)
    const source = space.pageSource(0, 4)
    for (const call of [
      () => space.pageSource(0, bad),
      () => source.pin(bad, 1, true, new Runs()),
      () => source.pin(0, bad, true, new Runs()),
      () => source.direct.read(bad, new Uint8Array(1)),
      () => space.injectShortPins({ npages: bad }),
      () => space.injectShortPins({ seed: bad }),
      () => new LockedMemory().charge('none', bad),
      () => new LockedMemory().uncharge('user', bad),
      () => new FaultPoint('x', 'EIO').failAt(bad),
      () => new MockDriver({ physical: new PhysicalMemory() }).createDevice(bad),
      () => new MockNestedDomain({}, bad),
    ])
      expect(thrownBy(call)).toBe(error)
    expect(space.physical.pinnedTotal).toBe(0)
  })
})

describe.each(badU64)('the u64 %s', (value, error) => {
  const bad = anything(value)

  it('is refused by user memory and accounting', () => {
    const space = new UserAddressSpace(new PhysicalMemory())
    space.mmap(0x1000, 4096)
    for (const call of [
      () => space.mmap(bad, 4096),
      () => space.mmap(0, bad),
      () => space.munmap(bad, 4096),
      () => space.protect(0x1000, bad, 'r'),
      () => space.read(bad, new Uint8Array(1)),
      () => space.write(bad, new Uint8Array(1)),
      () => space.pfnOf(bad),
      () => space.frameOf(bad),
      () => space.isHugePage(bad),
      () => space.pageSource(bad, 1),
      () => new LockedMemory({ limitBytes: bad }),
    ])
      expect(thrownBy(call)).toBe(error)
    expect(space.pfnOf(0x1000)).toBeDefined()
  })

  it.each([
    ['mock', () => new MockDomain({ dirtyTracking: true })],
    ['radix', () => new RadixDomain()],
  ])('is refused by the %s domain', (_, make) => {
    const domain = make()
    domain.map(0x100_0000n, 0n, 4096n, 3)
    for (const call of [
      () => domain.map(bad, 0n, 4096n, 3),
      () => domain.map(0x200_0000n, bad, 4096n, 3),
      () => domain.map(0x200_0000n, 0n, bad, 3),
      () => domain.unmap(bad, 4096n),
      () => domain.unmap(0x100_0000n, bad),
      () => domain.iovaToPhys(bad),
      () => domain.readRuns(bad, 1, new Runs()),
      () => domain.dirty!.readAndClear(bad, 4096n, true, undefined),
      () => domain.dirty!.readAndClear(0n, bad, true, undefined),
      () => new MockDomain({ aperture: { start: bad, last: 5n } }),
    ])
      expect(thrownBy(call)).toBe(error)
    expect(domain.iovaToPhys(0x100_0000n)).toBe(0n)
    checkInvariants(domain)
  })
})

describe('words and ranges', () => {
  it('unknown words are TypeErrors', () => {
    const space = new UserAddressSpace(new PhysicalMemory())
    space.mmap(0x1000, 4096)
    for (const word of ['rwx', 'toString', undefined, 3])
      for (const call of [
        () => space.mmap(0, 4096, { prot: anything(word ?? 'x') }),
        () => space.mmap(0, 4096, { placement: anything(word ?? 'x') }),
        () => space.protect(0x1000, 4096, anything(word)),
        () => new LockedMemory().charge(anything(word), 1),
        () => new RadixDomain().dirty.setTracking(anything(word)),
        () => new MockDomain({ dirtyTracking: true }).dirty!.setTracking(anything(word)),
        () => checkInvariants(anything({})),
      ])
        expect(thrownBy(call)).toBe('TypeError')
    expect(space.pfnOf(0)).toBeUndefined()
  })

  it('ranges past the end are RangeErrors', () => {
    const domain = new MockDomain({ aperture: { start: 0n, last: 2n ** 64n - 1n }, dirtyTracking: true })
    for (const call of [
      () => domain.map(2n ** 64n - 2048n, 0n, 4096n, 3),
      () => domain.map(0n, 2n ** 52n - 2048n, 4096n, 3),
      () => domain.mapAt(0, 0, -4096, 4096, 3),
      () => domain.mapAt(0, 0, 0, -4096, 3),
      () => domain.dirty!.readAndClear(2n ** 64n - 1n, 2n, true, undefined),
      () => new RadixDomain().dirty.readAndClear(2n ** 48n - 1n, 2n, true, undefined),
      () => new MockDomain({ aperture: { start: 5n, last: 4n } }),
      () => new MockDomain({ ioPageSize: anything(1024) }),
      () => new UserAddressSpace(new PhysicalMemory()).pageSource(1n, 1),
      () => new UserAddressSpace(new PhysicalMemory()).pageSource(2n ** 64n - 4096n, 2),
      () => new PhysicalMemory().pin(2 ** 40 - 1, 2),
    ])
      expect(thrownBy(call)).toBe('RangeError')
    expect(thrownBy(() => domain.mapAt(0, 0, 0.5, 4096, 3))).toBe('EINVAL')
    expect(thrownBy(() => domain.mapAt(0, 0, 4096, Number.NaN, 3))).toBe('EINVAL')
    expect([domain.unmapAt(0, 0, -2048), domain.unmapAt(0, 0, 2048.5), domain.mappedIoPages]).toEqual([0, 0, 0])
    for (const phys of [0.5, Number.NaN, -4096]) expect(thrownBy(() => new RadixDomain().mapAt(0, 0, phys, 4096, 3))).toBeDefined()
  })
})
