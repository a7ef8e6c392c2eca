// Kind 1: examples on both sides of each boundary.
import { HardwareError, MockDomain, MockDriver, MockNestedDomain, PhysicalMemory, UserAddressSpace } from '@iommukit/simulated-iommu-hw'
import { describe, expect, it } from 'vitest'
import { thrownBy } from './oracle.ts'

const ARENA = 0x1_0000_0000n
const IOVA = 0x100_0000n
const PAGE = 4096n

function rig(): { physical: PhysicalMemory; driver: MockDriver; memory: UserAddressSpace } {
  const physical = new PhysicalMemory()
  const memory = new UserAddressSpace(physical, { placement: 'scattered' })
  memory.mmap(ARENA, 16n * PAGE)
  return { physical, driver: new MockDriver({ physical, strict: true }), memory }
}

const plain = { nestParent: false, dirtyTracking: false }

function blob(...bytes: number[]): { length: number; read(minimum: number, known: number): Uint8Array } {
  return {
    length: bytes.length,
    read(minimum, known) {
      if (bytes.length < minimum || bytes.length > known) throw new HardwareError('EINVAL', 'length')
      return Uint8Array.from(bytes)
    },
  }
}

describe('MockDriver: devices and domains (simulated-iommu-hw 1.1, uapi 10.3)', () => {
  it('device flags 0..3 are known', () => {
    const { driver } = rig()
    const facts = [0, 1, 2, 3].map((flags) => {
      const device = driver.createDevice(flags)
      return [device.dirtyTracking, device.createPagingDomain(plain).pgsizeBitmap]
    })
    expect(facts).toEqual([
      [true, 0x800n],
      [false, 0x800n],
      [true, 0x10_0800n],
      [false, 0x10_0800n],
    ])
    expect(thrownBy(() => driver.createDevice(4))).toBe('EINVAL')
    expect(thrownBy(() => driver.createDevice(0x8000_0000))).toBe('EINVAL')
  })

  it('hardware info is the type and the test register', () => {
    const { hwInfo } = rig().driver.createDevice(0)
    expect(hwInfo.type).toBe(0xfeedbeef)
    expect([...hwInfo.data]).toEqual([0, 0, 0, 0, 0xef, 0xbe, 0xad, 0xde])
  })

  it('a domain tracks dirty pages when asked to, and only for a device that can', () => {
    const { driver } = rig()
    const [can, cannot] = [driver.createDevice(0), driver.createDevice(1)]
    const dirtyDomain = can.createPagingDomain({ nestParent: true, dirtyTracking: true })
    expect([dirtyDomain.dirty === undefined, dirtyDomain.nestParent, can.createPagingDomain(plain).dirty]).toEqual([false, true, undefined])
    expect(thrownBy(() => cannot.createPagingDomain({ nestParent: false, dirtyTracking: true }))).toBe('EOPNOTSUPP')
    cannot.checkAttach(cannot.createPagingDomain(plain))
    expect(thrownBy(() => cannot.checkAttach(dirtyDomain))).toBe('EINVAL')
    expect(thrownBy(() => cannot.attach(dirtyDomain))).toBe('EINVAL')
    expect(cannot.domain).toBeUndefined()
    can.attach(dirtyDomain)
    expect(can.domain).toBe(dirtyDomain)
    const nested = can.createNestedDomain(dirtyDomain, 0xdead, blob(1, 0, 0, 0))
    cannot.attach(nested)
    expect(cannot.domain).toBe(nested)
    can.detach()
    expect([can.domain, thrownBy(() => can.attach({}))]).toEqual([undefined, 'EINVAL'])
  })

  it('all domains of a driver share its fault point, options and aperture', () => {
    const physical = new PhysicalMemory()
    const driver = new MockDriver({ physical, aperture: { start: 0n, last: 2n ** 48n - 1n } })
    const [a, b] = [driver.createDevice(0).createPagingDomain(plain), driver.createDevice(0).createPagingDomain(plain)]
    driver.mapFault.failAt(2)
    a.map(0n, 0n, PAGE, 3)
    expect(thrownBy(() => b.map(0n, 0n, PAGE, 3))).toBe('ENOENT')
    expect(b.mappedIoPages).toBe(0)
    b.map(2n ** 48n - PAGE, 0n, PAGE, 3)
    expect(b.warningCount).toBe(0)
  })
})

describe('nested domains (uapi 6.5, 10.3)', () => {
  const TYPE = 0xdeadbeef
  const entry = (flags: number, index: number): Uint8Array => new Uint8Array(Uint32Array.of(flags, index).buffer)
  const make = (): MockNestedDomain => new MockNestedDomain({}, 0xbadbeef)
  const run = (domain: MockNestedDomain, entries: Uint8Array[], type = TYPE, entryLength = 8): unknown =>
    domain.invalidate(type, entryLength, entries.length, (k) => entries[k]!)

  it('creation: type, parent and blob', () => {
    const { driver } = rig()
    const device = driver.createDevice(0)
    const parent = device.createPagingDomain(plain)
    const nested = device.createNestedDomain(parent, 0xdead, blob(0xef, 0xbe, 0xad, 0x0b))
    expect([nested.parent === parent, ...nested.iotlb]).toEqual([true, 0xbadbeef, 0xbadbeef, 0xbadbeef, 0xbadbeef])
    expect(thrownBy(() => device.createNestedDomain(parent, 1, blob(1, 2, 3, 4)))).toBe('EOPNOTSUPP')
    expect(thrownBy(() => device.createNestedDomain(parent, 0xdead, blob(1, 2, 3)))).toBe('EINVAL')
    expect(thrownBy(() => device.createNestedDomain(parent, 0xdead, blob(1, 2, 3, 4, 5)))).toBe('EINVAL')
    expect(thrownBy(() => device.createNestedDomain({}, 0xdead, blob(1, 2, 3, 4)))).toBe('EINVAL')
  })

  it('zeroes one word, or all', () => {
    const domain = make()
    expect(run(domain, [entry(0, 1), entry(0, 3)])).toEqual({ done: 2 })
    expect([...domain.iotlb]).toEqual([0xbadbeef, 0, 0xbadbeef, 0])
    expect(run(domain, [entry(1, 0)])).toEqual({ done: 1 })
    expect([...domain.iotlb]).toEqual([0, 0, 0, 0])
  })

  it('stops at the first bad request and says how many were done; the index is checked with ALL too', () => {
    for (const [bad, code] of [
      [entry(2, 0), 'EOPNOTSUPP'],
      [entry(0, 4), 'EINVAL'],
      [entry(1, 9), 'EINVAL'],
      [entry(0x8000_0001, 0), 'EOPNOTSUPP'],
    ] as const) {
      const domain = make()
      expect(run(domain, [entry(0, 2), bad, entry(0, 3)])).toEqual({ done: 1, code })
      expect([...domain.iotlb]).toEqual([0xbadbeef, 0xbadbeef, 0, 0xbadbeef])
    }
  })

  it('type first, then the entry length; no entries probe the type', () => {
    expect(run(make(), [entry(0, 0)], 0xdadbeef)).toEqual({ done: 0, code: 'EINVAL' })
    expect(run(make(), [], 0xdadbeef)).toEqual({ done: 0, code: 'EINVAL' })
    expect(run(make(), [])).toEqual({ done: 0 })
    for (const entryLength of [0, 4, 16]) expect(run(make(), [entry(0, 0)], TYPE, entryLength)).toEqual({ done: 0, code: 'EINVAL' })
  })

  it('an unreadable request is its errno; any other error is not swallowed', () => {
    const domain = make()
    const read = (k: number): Uint8Array => {
      if (k === 0) return entry(0, 0)
      throw k === 1 ? new HardwareError('EFAULT', 'x') : new Error('bug')
    }
    expect(domain.invalidate(TYPE, 8, 2, read)).toEqual({ done: 1, code: 'EFAULT' })
    expect(() => domain.invalidate(TYPE, 8, 1, () => read(2))).toThrow('bug')
  })
})

describe('test operations (uapi 10.2)', () => {
  it('MD_CHECK_MAP compares frames, not addresses, by mock page', () => {
    const { driver, memory } = rig()
    const domain = driver.createDevice(0).createPagingDomain(plain)
    const phys = (page: bigint): bigint => BigInt(memory.pfnOf(ARENA + page * PAGE)!) * PAGE
    domain.map(IOVA + 2048n, phys(0n) + 2048n, 2048n, 3)
    domain.map(IOVA + PAGE, phys(1n), PAGE, 3)
    const check = (iova: bigint, length: bigint, address: bigint): string | undefined =>
      thrownBy(() => driver.test.checkMap(domain, iova, length, memory, address))
    expect(check(IOVA + 2048n, 2048n + PAGE, ARENA + 2048n)).toBeUndefined()
    expect(check(IOVA + 2048n, 2048n, ARENA)).toBe('EINVAL')
    expect(check(IOVA, 2048n, ARENA)).toBe('EINVAL')
    expect(check(IOVA + PAGE, 2n * PAGE, ARENA + PAGE)).toBe('EINVAL')
    expect(check(IOVA + PAGE, PAGE, ARENA + 16n * PAGE)).toBe('EFAULT')
    memory.protect(ARENA + PAGE, PAGE, 'none')
    expect(check(IOVA + PAGE, PAGE, ARENA + PAGE)).toBe('EFAULT')
    expect(thrownBy(() => driver.test.checkMap({}, IOVA, PAGE, memory, ARENA))).toBe('EINVAL')
    expect(domain.warningCount).toBe(0)
  })

  it('MD_CHECK_REFS counts pins exactly; huge pages are exempt; inaccessible is EFAULT', () => {
    const { driver, memory } = rig()
    const source = memory.pageSource(ARENA, 16)
    source.pin(3, 2, true, { add: () => true })
    const check = (page: bigint, npages: bigint, refs: number): string | undefined =>
      thrownBy(() => driver.test.checkRefs(memory, ARENA + page * PAGE, npages * PAGE, refs))
    expect([check(3n, 2n, 1), check(0n, 3n, 0), check(2n, 2n, 1), check(3n, 3n, 1), check(3n, 1n, 0), check(15n, 2n, 0)]).toEqual([
      undefined,
      undefined,
      'EIO',
      'EIO',
      'EIO',
      'EFAULT',
    ])
    memory.mmap(0x4000_0000n, 0x20_0000n, { hugePages: true })
    expect(thrownBy(() => driver.test.checkRefs(memory, 0x4000_0000n, 0x20_0000n, 7))).toBeUndefined()
  })

  it('ACCESS_PAGES compares frames', () => {
    const { driver, memory } = rig()
    const pfns = [0n, 1n].map((page) => memory.pfnOf(ARENA + page * PAGE)!)
    driver.test.checkFrames(pfns, memory, ARENA)
    expect(thrownBy(() => driver.test.checkFrames(pfns, memory, ARENA + PAGE))).toBe('EBADE')
    expect(thrownBy(() => driver.test.checkFrames(pfns, memory, ARENA - PAGE))).toBe('EFAULT')
    memory.protect(ARENA + PAGE, PAGE, 'none')
    expect(thrownBy(() => driver.test.checkFrames(pfns, memory, ARENA))).toBe('EFAULT')
    expect(thrownBy(() => driver.test.checkFrames([pfns[1]!, pfns[1]!], memory, ARENA))).toBe('EBADE')
    memory.mmap(2n ** 64n - PAGE, PAGE)
    const last = memory.pfnOf(2n ** 64n - PAGE)!
    driver.test.checkFrames([last], memory, 2n ** 64n - PAGE)
    expect(thrownBy(() => driver.test.checkFrames([last, last], memory, 2n ** 64n - PAGE))).toBe('EFAULT')
  })

  it('MD_CHECK_IOTLB and SET_TEMP_MEMORY_LIMIT', () => {
    const { driver } = rig()
    const nested = new MockNestedDomain({}, 5)
    driver.test.checkIotlb(nested, 3, 5)
    for (const [index, expected] of [
      [3, 6],
      [4, 5],
    ] as const)
      expect(thrownBy(() => driver.test.checkIotlb(nested, index, expected))).toBe('EINVAL')
    expect(thrownBy(() => driver.test.checkIotlb(new MockDomain(), 0, 5))).toBe('EINVAL')
    driver.test.setTempMemoryLimit(12)
    expect(driver.temp.limitBytes).toBe(12)
    expect(thrownBy(() => driver.test.setTempMemoryLimit(11))).toBe('EINVAL')
    expect(driver.temp.limitBytes).toBe(12)
  })
})
