// Kind: examples. HWPT_GET_DIRTY_BITMAP and the DIRTY op, and what Linux 6.12 was seen to do (spec uapi 6.4, 10.2; observed items 1 to 4).
import { abi, UserDirtyBitmap } from '@iommukit/iommufd'
import { describe, expect, it } from 'vitest'
import { FakeFrames, FakeMemory } from './fakes.ts'
import { APERTURE, ARENA, Computer, domainOf, errnos, ladder, U64_MAX } from './harness.ts'

const PAGE = 0x800n

function setup(deviceFlags = 0) {
  const computer = new Computer()
  const ioas = computer.ioas()
  const { device, hwpt: plain } = computer.mock(ioas, deviceFlags)
  const hwpt = computer.hwpt(device, ioas, abi.HWPT_ALLOC_DIRTY_TRACKING)
  const domain = domainOf(computer, hwpt)
  const { memory } = computer.process
  const get = (values: Readonly<Record<string, number | bigint>> = {}): string =>
    computer.call(abi.HWPT_GET_DIRTY_BITMAP, { hwptId: hwpt, iova: APERTURE, length: 0x8000, pageSize: PAGE, data: BITMAP, ...values })
      .errno
  const bits = (address = BITMAP, byteLength = 64): number[] => {
    const bytes = new Uint8Array(byteLength)
    memory.read(address, bytes)
    memory.write(address, new Uint8Array(byteLength))
    return [...bytes].flatMap((byte, k) => [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (1 << bit)).map((bit) => k * 8 + bit))
  }
  const dirty = (...units: number[]): void => units.forEach((unit) => void domain.dirtyUnits.add(APERTURE + BigInt(unit) * PAGE))
  return { computer, ioas, hwpt, plain, domain, memory, get, bits, dirty }
}

const BITMAP = ARENA + 0x20000n

describe('HWPT_GET_DIRTY_BITMAP', () => {
  it('checks in the order of uapi 6.4', () => {
    const { computer, plain, ioas } = setup()
    const bad = { flags: 2, reserved: 1, hwptId: ioas, length: 0, iova: U64_MAX - 0x3ffn, pageSize: 0, data: BITMAP }
    const steps = [
      ['EOPNOTSUPP', { flags: 0 }],
      ['EOPNOTSUPP', { reserved: 0 }],
      ['ENOENT', { hwptId: plain }],
      ['EINVAL', { length: 0x401 }],
      ['EOVERFLOW', { iova: APERTURE + 0x400n }],
      ['EINVAL', { iova: APERTURE }],
      ['EINVAL', { length: 0x800 }],
      ['EINVAL', { pageSize: 0x1000 }],
      ['EINVAL', { iova: APERTURE + 0x800n, length: 0x1000 }],
      ['EINVAL', { iova: APERTURE }],
      ['EOPNOTSUPP', { hwptId: plain + 1 }],
      ['OK', {}],
    ] as const
    expect(ladder(bad, steps, (values) => computer.call(abi.HWPT_GET_DIRTY_BITMAP, values).errno)).toEqual(errnos(steps))
  })

  it('uapi 13 item 7: bits count from the iova of the call, at any byte address, and are only set', () => {
    const { computer, ioas, hwpt, memory, get, bits, dirty } = setup()
    computer.map(ioas, APERTURE, 0x8000n)
    computer.context.hwptSetDirtyTracking(hwpt, true)
    dirty(0, 3, 15)
    expect(get({ flags: abi.HWPT_GET_DIRTY_BITMAP_NO_CLEAR })).toBe('OK')
    expect(bits()).toEqual([0, 3, 15])
    expect(get({ iova: APERTURE + 0x1000n, length: 0x7000, flags: 1 })).toBe('OK')
    expect(bits()).toEqual([1, 13])
    memory.write(BITMAP + 0xff1n, Uint8Array.of(0x02))
    expect(get({ data: BITMAP + 0xff1n })).toBe('OK')
    expect(bits(BITMAP + 0xff1n)).toEqual([0, 1, 3, 15])
    expect(get()).toBe('OK')
    expect(bits()).toEqual([])
  })

  it('another page size: a larger one takes any dirty part, a smaller one sets all bits covered', () => {
    const { computer, ioas, hwpt, get, bits, dirty } = setup()
    computer.map(ioas, APERTURE, 0x8000n)
    computer.context.hwptSetDirtyTracking(hwpt, true)
    dirty(1, 4)
    get({ pageSize: 0x1000, flags: 1 })
    expect(bits()).toEqual([0, 2])
    get({ pageSize: 0x400, flags: 1 })
    expect(bits()).toEqual([2, 3, 8, 9])
    get({ pageSize: 1, flags: 1, length: 0x1000 })
    expect(bits(BITMAP, 0x200)).toEqual(Array.from({ length: 2048 }, (_, k) => 2048 + k))
  })

  it('observed item 2: a page size that is no power of two passes by mask and works as its lowest set bit', () => {
    const { computer, ioas, hwpt, get, bits, dirty } = setup()
    computer.map(ioas, APERTURE, 0x8000n)
    computer.context.hwptSetDirtyTracking(hwpt, true)
    dirty(4)
    expect(get({ pageSize: 0x3000, length: 0x3000, flags: 1 })).toBe('EINVAL')
    expect(get({ pageSize: 0x3000, length: 0x4000, flags: 1 })).toBe('OK')
    expect(bits()).toEqual([2])
    expect(get({ iova: U64_MAX - 0x7ffn, length: 0x800 })).toBe('OK')
  })

  it('uapi 13 item 8, observed item 1: tracking off, holes and a bad bitmap are not errors; what was read is clean', () => {
    const { computer, ioas, hwpt, memory, get, bits, dirty, domain } = setup()
    computer.map(ioas, APERTURE, 0x2000n)
    computer.map(ioas, APERTURE + 0x4000n, 0x2000n)
    dirty(0, 9)
    expect(get()).toBe('OK')
    expect(bits()).toEqual([])
    computer.context.hwptSetDirtyTracking(hwpt, true)
    dirty(0, 9)
    expect(get({ iova: 0, length: 0x2000000 })).toBe('OK')
    expect(bits()).toEqual([])
    expect(get()).toBe('OK')
    expect(bits()).toEqual([0])
    expect([...domain.dirtyUnits]).toEqual([APERTURE + 9n * PAGE])
    dirty(1)
    expect(get({ data: 0x10 })).toBe('OK')
    expect(get()).toBe('OK')
    expect(bits()).toEqual([])
    dirty(1)
    memory.protect(BITMAP, 'r')
    expect(get()).toBe('OK')
    expect(domain.dirtyUnits.size).toBe(1)
    memory.protect(BITMAP, 'rw')
    expect(bits()).toEqual([])
  })

  it('a bitmap whose second page is not writable gets the bits of the first', () => {
    const { computer, ioas, hwpt, memory, get, bits, dirty } = setup()
    computer.map(ioas, APERTURE, 0x8000n)
    computer.context.hwptSetDirtyTracking(hwpt, true)
    memory.protect(BITMAP + 0x1000n, 'r')
    dirty(0, 7, 8, 15)
    expect(get({ data: BITMAP + 0xfffn })).toBe('OK')
    expect(bits(BITMAP + 0xfffn, 1)).toEqual([0, 7])
    memory.protect(BITMAP + 0x1000n, 'rw')
    expect(bits(BITMAP + 0x1000n, 8)).toEqual([])
  })

  it('observed item 3: a dirty huge page is recorded whole, behind the end of the range too', () => {
    const { computer, ioas, hwpt, get, bits, dirty } = setup(2)
    computer.map(ioas, APERTURE, 0x20000n)
    computer.context.hwptSetDirtyTracking(hwpt, true)
    dirty(20)
    expect(get({ iova: APERTURE + 0x8000n, length: 0x8000 })).toBe('OK')
    expect(bits(BITMAP, 80)).toEqual(Array.from({ length: 512 }, (_, k) => k))
  })

  it('tracking is flushed, but not with NO_CLEAR', () => {
    const { computer, ioas, hwpt, domain, get } = setup()
    computer.map(ioas, APERTURE, 0x1000n)
    computer.context.hwptSetDirtyTracking(hwpt, true)
    const before = domain.flushes
    get({ flags: 1 })
    expect(domain.flushes).toBe(before)
    get()
    expect(domain.flushes).toBe(before + 1)
  })

  it('the range need not be small: 2^63 bytes at page size 1 cost nothing', () => {
    const { computer, ioas, hwpt, memory, get, dirty } = setup()
    computer.map(ioas, APERTURE, 0x1000n)
    computer.context.hwptSetDirtyTracking(hwpt, true)
    dirty(1)
    const before = memory.bytesRead
    expect(get({ length: 1n << 63n, pageSize: 1 })).toBe('OK')
    expect(memory.bytesRead - before).toBeLessThan(1 << 20)
  })
})

describe('the last page that is pinned', () => {
  const PAGES = [0n, 4096n, 8192n]

  /** Bits set by one range that reaches 64 bits behind a bitmap of 8 bits at `inPage`, byte by byte over three pages. */
  function overshoot(inPage: number, mapped = 3): number[] {
    const memory = new FakeMemory(new FakeFrames())
    for (const page of PAGES.slice(0, mapped)) memory.map(ARENA + page, 1)
    const address = ARENA + BigInt(inPage)
    const bitmap = new UserDirtyBitmap({ memory, address, iova: 0n, length: 8n * 4096n, pageSize: 4096n, largestIoPage: 1n << 20n })
    bitmap.record(0n, 72n * 4096n)
    bitmap.close()
    const bytes = new Uint8Array(4096 * mapped)
    memory.read(ARENA, bytes)
    return [...bytes].flatMap((byte, k) => (byte === 0xff ? [k] : []))
  }
  const from = (first: number, count: number): number[] => Array.from({ length: count }, (_, k) => first + k)

  it('a bitmap at the start of a page: up to the end of that page', () => {
    expect(overshoot(0)).toEqual(from(0, 9))
    expect(overshoot(4096)).toEqual(from(4096, 9))
  })

  it('a bitmap inside a page: one page more is pinned (spec data-structures 3.5), where it is mapped', () => {
    expect(overshoot(4090)).toEqual(from(4090, 9))
    expect(overshoot(4095)).toEqual(from(4095, 9))
    expect(overshoot(4090, 1)).toEqual(from(4090, 6))
  })

  it('bits in front of the range that sticks out are kept', () => {
    const memory = new FakeMemory(new FakeFrames())
    memory.map(ARENA, 1)
    const bitmap = new UserDirtyBitmap({ memory, address: ARENA, iova: 0n, length: 16n * 4096n, pageSize: 4096n, largestIoPage: 1n << 16n })
    bitmap.recordAt(0, 0, 4096)
    bitmap.recordAt(0, 9 * 4096, 4096)
    bitmap.recordAt(0, 15 * 4096, 2 * 4096)
    bitmap.close()
    const bytes = new Uint8Array(4)
    memory.read(ARENA, bytes)
    expect([...bytes]).toEqual([1, 0x82, 1, 0])
  })

  it.each(['record', 'recordAt'] as const)(
    '%s: a range that sticks out takes a window of its own, which may reach a page further',
    (method) => {
      const memory = new FakeMemory(new FakeFrames())
      memory.map(ARENA, 3)
      const bitmap = new UserDirtyBitmap({ memory, address: ARENA, iova: 0n, length: 80n, pageSize: 1n, largestIoPage: 1n << 20n })
      const record = (iova: number, length: number): void =>
        method === 'record' ? bitmap.record(BigInt(iova), BigInt(length)) : bitmap.recordAt(0, iova, length)
      record(0, 8)
      record(72, 65536)
      bitmap.close()
      const bytes = new Uint8Array(3 * 4096)
      memory.read(ARENA, bytes)
      expect([...bytes].flatMap((byte, k) => (byte === 0xff ? [k] : []))).toEqual([0, ...from(9, 8192 - 9)])
    },
  )

  it.each(['record', 'recordAt'] as const)(
    '%s: a range that sticks out does not use the page that an earlier window had pinned',
    (method) => {
      const memory = new FakeMemory(new FakeFrames())
      memory.map(ARENA, 3)
      const bytes = 8192 - 6 - 100
      const bitmap = new UserDirtyBitmap({
        memory,
        address: ARENA + 100n,
        iova: 0n,
        length: BigInt(bytes * 8),
        pageSize: 1n,
        largestIoPage: 1n << 20n,
      })
      const record = (iova: number, length: number): void =>
        method === 'record' ? bitmap.record(BigInt(iova), BigInt(length)) : bitmap.recordAt(0, iova, length)
      record(0, 8)
      record((4096 - 100) * 8, (4096 + 50) * 8)
      bitmap.close()
      const seen = new Uint8Array(3 * 4096)
      memory.read(ARENA, seen)
      expect([...seen].flatMap((byte, k) => (byte === 0xff ? [k] : []))).toEqual([100, ...from(4096, 4096)])
    },
  )

  it('the top of u64 is not passed', () => {
    const memory = new FakeMemory(new FakeFrames())
    memory.map(ARENA, 1)
    const iova = U64_MAX - 4096n * 8n + 1n
    const bitmap = new UserDirtyBitmap({ memory, address: ARENA, iova, length: 4096n * 8n, pageSize: 4096n, largestIoPage: 1n << 20n })
    bitmap.record(U64_MAX, 1n)
    bitmap.record(iova, 1n << 20n)
    bitmap.close()
    const bytes = new Uint8Array(2)
    memory.read(ARENA, bytes)
    expect([...bytes]).toEqual([0xff, 0])
  })
})

describe('DIRTY', () => {
  it('checks in the order of uapi 10.2, op 13', () => {
    const { computer, hwpt, ioas } = setup()
    computer.map(ioas, APERTURE, 0x1000n)
    const bad = { iova: APERTURE + 1n, length: 0x801n, pageSize: 0, uptr: 0, id: 99 }
    const steps = [
      ['EINVAL', { pageSize: PAGE }],
      ['EINVAL', { iova: APERTURE }],
      ['EINVAL', { length: 0 }],
      ['EINVAL', { length: (1n << 27n) * PAGE + PAGE }],
      ['EINVAL', { uptr: 0x10 }],
      ['EOVERFLOW', { length: 0x1000 }],
      ['ENOENT', { id: hwpt }],
      ['EINVAL', {}],
    ] as const
    const call = ({ id, ...values }: Readonly<Record<string, number | bigint>>): string => computer.test('DIRTY', Number(id), values).errno
    expect(ladder(bad, steps, call)).toEqual(errnos(steps))
    computer.context.hwptSetDirtyTracking(hwpt, true)
    expect(call({ ...bad, id: hwpt, iova: APERTURE, length: 0x1000, pageSize: PAGE, uptr: 0x10 })).toBe('EFAULT')
    computer.process.memory.write(BITMAP, Uint8Array.of(0xff))
    expect(computer.test('DIRTY', hwpt, { iova: APERTURE, length: 0x1000, pageSize: PAGE, uptr: BITMAP }).num('outNrDirty')).toBe(2)
  })

  it('the greatest bitmap is 16 MiB, and a bad pointer costs no allocation of it', () => {
    const { computer, hwpt } = setup()
    computer.context.hwptSetDirtyTracking(hwpt, true)
    const before = computer.process.memory.bytesRead
    expect(computer.test('DIRTY', hwpt, { iova: 0, length: (1n << 27n) * PAGE, pageSize: PAGE, uptr: ARENA }).errno).toBe('EFAULT')
    expect(computer.process.memory.bytesRead - before).toBeLessThan(200)
  })
})
