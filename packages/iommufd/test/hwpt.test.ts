// Kind: examples; rows of the tables in order. HWPT_ALLOC, HWPT_INVALIDATE and dirty tracking (spec uapi section 6).
import { abi } from '@iommukit/iommufd'
import { describe, expect, it } from 'vitest'
import { APERTURE, ARENA, Computer, domainOf, errnoOf, errnos, ladder, SCRATCH, u32s } from './harness.ts'

const { HWPT_ALLOC_DIRTY_TRACKING, HWPT_ALLOC_FAULT_ID_VALID, HWPT_ALLOC_NEST_PARENT } = abi

describe('HWPT_ALLOC', () => {
  it('paging: checks in the order of uapi 6.1', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { device } = computer.mock(ioas)
    const noDirty = computer.mock(ioas, 1).device
    const bad = { reserved: 1, dataType: 0xdead, dataLength: 0, deviceId: 99, ptId: 99, flags: HWPT_ALLOC_FAULT_ID_VALID, reserved2: 5 }
    const steps = [
      ['EOPNOTSUPP', { reserved: 0 }],
      ['EINVAL', { dataType: 0, dataLength: 4 }],
      ['EINVAL', { dataLength: 0 }],
      ['ENOENT', { deviceId: ioas }],
      ['ENOENT', { deviceId: noDirty }],
      ['EINVAL', { ptId: device }],
      ['EINVAL', { ptId: ioas }],
      ['EOPNOTSUPP', { flags: 8 }],
      ['EOPNOTSUPP', { flags: HWPT_ALLOC_DIRTY_TRACKING }],
      ['EOPNOTSUPP', { deviceId: device, dataType: 0xdead, dataLength: 4 }],
      ['EOPNOTSUPP', { dataType: 0, dataLength: 0 }],
      ['OK', {}],
    ] as const
    expect(ladder(bad, steps, (values) => computer.call(abi.HWPT_ALLOC, values).errno)).toEqual(errnos(steps))
  })

  it('nested: checks in the order of uapi 6.1', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { device, hwpt: automatic } = computer.mock(ioas)
    const plain = computer.hwpt(device, ioas)
    const parent = computer.hwpt(device, ioas, HWPT_ALLOC_NEST_PARENT)
    const nested = computer.nested(device, parent)
    const bad = { deviceId: device, ptId: nested, flags: HWPT_ALLOC_NEST_PARENT, dataType: 0xbeef, dataLength: 8, dataUptr: 0x10 }
    const steps = [
      ['EINVAL', { ptId: automatic }],
      ['EOPNOTSUPP', { flags: 0, dataType: 0, dataLength: 0 }],
      ['EOPNOTSUPP', { dataType: 0xbeef, dataLength: 8 }],
      ['EINVAL', { ptId: plain }],
      ['EINVAL', { ptId: parent }],
      ['EOPNOTSUPP', { dataType: 0xdead, dataLength: 3 }],
      ['EINVAL', { dataLength: 5 }],
      ['EINVAL', { dataLength: 4 }],
      ['EFAULT', { dataUptr: ARENA, flags: HWPT_ALLOC_FAULT_ID_VALID, faultId: ioas }],
      ['ENOENT', { flags: 0 }],
      ['OK', {}],
    ] as const
    const next = nested + 1
    expect(ladder(bad, steps, (values) => computer.call(abi.HWPT_ALLOC, values).errno)).toEqual(errnos(steps))
    expect(computer.context.objects.lookup(next)?.type).toBe('hwpt-nested')
    expect(computer.context.objects.lookup(next + 1)).toBeUndefined()
  })

  it('uapi 13 item 2: oversized driver data is EINVAL, even when the tail is zero, not E2BIG', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { device } = computer.mock(ioas)
    const parent = computer.hwpt(device, ioas, HWPT_ALLOC_NEST_PARENT)
    const alloc = (dataLength: number): string =>
      computer.call(abi.HWPT_ALLOC, { deviceId: device, ptId: parent, dataType: 0xdead, dataLength, dataUptr: ARENA }).errno
    expect([alloc(3), alloc(5), alloc(8), alloc(0xffff_ffff), alloc(4)]).toEqual(['EINVAL', 'EINVAL', 'EINVAL', 'EINVAL', 'OK'])
  })

  it('uapi 13 item 3: reserved2, the reserved field of set-dirty and that of the test command are not checked', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { device } = computer.mock(ioas)
    const made = computer.call(abi.HWPT_ALLOC, { deviceId: device, ptId: ioas, flags: HWPT_ALLOC_DIRTY_TRACKING, reserved2: 7 })
    expect(made.errno).toBe('OK')
    expect(computer.call(abi.HWPT_SET_DIRTY_TRACKING, { hwptId: made.num('outHwptId'), flags: 1, reserved: 7 }).errno).toBe('OK')
    expect(computer.test('SET_TEMP_MEMORY_LIMIT', 0, { limit: 12, reserved: 7 }).errno).toBe('OK')
  })

  it('uapi 13 item 4: an unknown pt_id is EINVAL, an unknown device ENOENT', () => {
    const computer = new Computer()
    const { device } = computer.mock(computer.ioas())
    expect(computer.call(abi.HWPT_ALLOC, { deviceId: device, ptId: 99 }).errno).toBe('EINVAL')
    expect(computer.call(abi.HWPT_ALLOC, { deviceId: 99, ptId: 1 }).errno).toBe('ENOENT')
  })

  it('joining the IOAS: the map is filled in, or the error passes and nothing stays', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { device } = computer.mock(ioas)
    computer.map(ioas, APERTURE, 0x3000n)
    const hwpt = computer.hwpt(device, ioas)
    expect(computer.test('MD_CHECK_MAP', hwpt, { iova: APERTURE, length: 0x3000, uptr: ARENA }).errno).toBe('OK')
    const other = computer.ioas()
    computer.map(other, APERTURE, 0x3000n, ARENA + 0x3e000n)
    expect(computer.call(abi.HWPT_ALLOC, { deviceId: device, ptId: other }).errno).toBe('EFAULT')
    computer.map(other, 0x1000n, 0x1000n)
    expect(computer.call(abi.HWPT_ALLOC, { deviceId: device, ptId: other }).errno).toBe('EADDRINUSE')
    expect(computer.destroy(other)).toBe('OK')
  })
})

describe('HWPT_INVALIDATE', () => {
  const setup = () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { device } = computer.mock(ioas)
    const parent = computer.hwpt(device, ioas, HWPT_ALLOC_NEST_PARENT)
    const nested = computer.nested(device, parent, 77)
    const invalidate = (values = {}) =>
      computer.call(abi.HWPT_INVALIDATE, { hwptId: nested, dataUptr: ARENA, dataType: 0xdeadbeef, entryLength: 8, entryNum: 1, ...values })
    return { computer, parent, nested, invalidate }
  }

  it('checks in order, and always writes the count back', () => {
    const { computer, parent, nested } = setup()
    const bad = { reserved: 1, entryNum: 524289, dataUptr: 0, entryLength: 0, hwptId: parent, dataType: 1 }
    const steps = [
      ['EOPNOTSUPP', { reserved: 0 }],
      ['EINVAL', { dataUptr: ARENA }],
      ['EINVAL', { entryLength: 4097 }],
      ['EINVAL', { entryLength: 8 }],
      ['EINVAL', { entryNum: 524288 }],
      ['ENOENT', { hwptId: nested }],
      ['EINVAL', { dataType: 0xdeadbeef, entryLength: 4 }],
      ['EINVAL', { entryLength: 16 }],
      ['EINVAL', { entryLength: 8, dataUptr: 0x10 }],
      ['EFAULT', { dataUptr: ARENA, entryNum: 2 }],
      ['OK', {}],
    ] as const
    const counts: number[] = []
    const call = (values: Readonly<Record<string, number | bigint>>): string => {
      const answer = computer.call(abi.HWPT_INVALIDATE, values)
      counts.push(answer.num('entryNum'))
      return answer.errno
    }
    expect(ladder(bad, steps, call)).toEqual(errnos(steps))
    expect(counts).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2])
  })

  it('4096 bytes a request are possible', () => {
    const { parent, invalidate } = setup()
    expect(invalidate({ entryLength: 4096, hwptId: parent }).errno).toBe('ENOENT')
    expect(invalidate({ entryLength: 4097, hwptId: parent }).errno).toBe('EINVAL')
  })

  it('stops at the first bad request and tells how many were completed', () => {
    const { computer, invalidate } = setup()
    const put = (...words: number[]): void => computer.process.memory.write(ARENA, u32s(...words))
    put(0, 2, 0, 7, 0, 3)
    let answer = invalidate({ entryNum: 3 })
    expect([answer.errno, answer.num('entryNum')]).toEqual(['EINVAL', 1])
    put(0, 0, 2, 0)
    answer = invalidate({ entryNum: 2 })
    expect([answer.errno, answer.num('entryNum')]).toEqual(['EOPNOTSUPP', 1])
    const words = [0, 0, 77, 77].map(
      (_, index) => computer.test('MD_CHECK_IOTLB', 6, { index, expected: index === 0 || index === 2 ? 0 : 77 }).errno,
    )
    expect(words).toEqual(['OK', 'OK', 'OK', 'OK'])
    expect(computer.test('MD_CHECK_IOTLB', 6, { index: 0, expected: 77 }).errno).toBe('EINVAL')
    expect(computer.test('MD_CHECK_IOTLB', 5, { index: 0, expected: 77 }).errno).toBe('ENOENT')
  })

  it('no request with a good type is fine without a pointer: that probes support', () => {
    const { invalidate } = setup()
    expect(invalidate({ entryNum: 0, dataUptr: 0, entryLength: 0 }).errno).toBe('OK')
    expect(invalidate({ entryNum: 0, dataType: 1 }).errno).toBe('EINVAL')
  })

  it('requests in front of a hole are done, whatever the chunk they are read in', () => {
    const { computer, invalidate } = setup()
    const end = ARENA + 64n * 4096n
    const answer = invalidate({ dataUptr: end - 100n * 8n - 4n, entryNum: 400 })
    expect([answer.errno, answer.num('entryNum')]).toEqual(['EFAULT', 100])
    const before = computer.process.memory.bytesRead
    invalidate({ dataUptr: ARENA, entryNum: 524288 })
    expect(computer.process.memory.bytesRead - before).toBeLessThan(64 * 4096 * 3)
  })

  it('a structure that cannot be written back is EFAULT in place of the error', () => {
    const { computer, nested } = setup()
    const { memory } = computer.process
    memory.write(SCRATCH + 4096n, u32s(32, nested, 0, 0, 1, 0, 0, 0))
    memory.protect(SCRATCH + 4096n, 'r')
    expect(computer.raw(abi.HWPT_INVALIDATE.command, SCRATCH + 4096n)).toBe('EFAULT')
  })
})

describe('HWPT_SET_DIRTY_TRACKING', () => {
  it('flags, then the page table, then EOPNOTSUPP', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { device, hwpt } = computer.mock(ioas)
    const set = (hwptId: number, flags: number): string => computer.call(abi.HWPT_SET_DIRTY_TRACKING, { hwptId, flags }).errno
    const parent = computer.hwpt(device, ioas, HWPT_ALLOC_NEST_PARENT | HWPT_ALLOC_DIRTY_TRACKING)
    const nested = computer.nested(device, parent)
    expect([set(99, 2), set(99, 1), set(ioas, 1), set(nested, 1), set(hwpt, 1), set(hwpt, 0)]).toEqual([
      'EOPNOTSUPP',
      'ENOENT',
      'ENOENT',
      'ENOENT',
      'EOPNOTSUPP',
      'EOPNOTSUPP',
    ])
    expect([set(parent, 1), set(parent, 1), set(parent, 0), set(parent, 0)]).toEqual(['OK', 'OK', 'OK', 'OK'])
  })

  it('enabling cleans what is dirty', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { device } = computer.mock(ioas)
    const hwpt = computer.hwpt(device, ioas, HWPT_ALLOC_DIRTY_TRACKING)
    computer.map(ioas, APERTURE, 0x1000n)
    const domain = domainOf(computer, hwpt)
    domain.dirtyUnits.add(APERTURE)
    computer.context.hwptSetDirtyTracking(hwpt, true)
    expect(domain.dirtyUnits.size).toBe(0)
  })
})

describe('typed methods', () => {
  it('invalidate: `done` on the error, the count as the result', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { device } = computer.mock(ioas)
    const nested = computer.nested(device, computer.hwpt(device, ioas, HWPT_ALLOC_NEST_PARENT))
    const entries = [u32s(0, 1), u32s(0, 9)]
    const run = (entryNum: number) =>
      computer.context.hwptInvalidate(nested, { dataType: 0xdeadbeef, entryLength: 8, entryNum, read: (k) => entries[k]! })
    expect(run(1)).toBe(1)
    let done: bigint | undefined
    expect(
      errnoOf(() => {
        try {
          run(2)
        } catch (error) {
          done = abi.doneBefore(error)
          throw error
        }
      }),
    ).toBe('EINVAL')
    expect(done).toBe(1n)
  })
})
