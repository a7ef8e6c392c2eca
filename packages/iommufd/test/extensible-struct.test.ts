// Kind: examples at both sides of each boundary, and bounds on the work. The dispatch and extensible-structure rules (spec uapi 1 and 2).
import { abi } from '@iommukit/iommufd'
import { describe, expect, it } from 'vitest'
import { ARENA, ARENA_PAGES, Computer, SCRATCH, U64_MAX, u32s } from './harness.ts'

const layouts = [
  abi.DESTROY,
  abi.IOAS_ALLOC,
  abi.IOAS_ALLOW_IOVAS,
  abi.IOAS_COPY,
  abi.IOAS_IOVA_RANGES,
  abi.IOAS_MAP,
  abi.IOAS_UNMAP,
  abi.OPTION,
  abi.VFIO_IOAS,
  abi.HWPT_ALLOC,
  abi.GET_HW_INFO,
  abi.HWPT_SET_DIRTY_TRACKING,
  abi.HWPT_GET_DIRTY_BITMAP,
  abi.HWPT_INVALIDATE,
  abi.FAULT_QUEUE_ALLOC,
  abi.TEST_CMD,
] as const

/** What a structure of zeros answers once it has been taken in. */
const zeroAnswers: Readonly<Record<string, string>> = {
  DESTROY: 'ENOENT',
  IOAS_ALLOC: 'OK',
  IOAS_ALLOW_IOVAS: 'ENOENT',
  IOAS_COPY: 'EINVAL',
  IOAS_IOVA_RANGES: 'ENOENT',
  IOAS_MAP: 'EINVAL',
  IOAS_UNMAP: 'ENOENT',
  OPTION: 'OK',
  VFIO_IOAS: 'ENODEV',
  HWPT_ALLOC: 'ENOENT',
  GET_HW_INFO: 'ENOENT',
  HWPT_SET_DIRTY_TRACKING: 'ENOENT',
  HWPT_GET_DIRTY_BITMAP: 'ENOENT',
  HWPT_INVALIDATE: 'ENOENT',
  FAULT_QUEUE_ALLOC: 'OK',
  TEST_CMD: 'EOPNOTSUPP',
}

describe('the size word', () => {
  it.each(layouts)('$name: below the minimum EINVAL, from the minimum on taken', (layout) => {
    const answer = (size: number): string => new Computer().call(layout, {}, { size }).errno
    expect(answer(0)).toBe('EINVAL')
    expect(answer(layout.minimumBytes - 1)).toBe('EINVAL')
    expect(answer(layout.minimumBytes)).toBe(zeroAnswers[layout.name])
    expect(answer(layout.bytes)).toBe(zeroAnswers[layout.name])
    expect(answer(layout.bytes + 1)).toBe(zeroAnswers[layout.name])
    expect(answer(4096)).toBe(zeroAnswers[layout.name])
  })

  it.each(layouts)('$name: a byte behind the known size must be zero (E2BIG) and readable (EFAULT)', (layout) => {
    for (const dirtyAt of [layout.bytes, layout.bytes + 1, 4095, 4096, 9000]) {
      const computer = new Computer()
      computer.process.memory.write(SCRATCH + BigInt(dirtyAt), Uint8Array.of(1))
      expect(computer.call(layout, {}, { size: dirtyAt + 1 }).errno).toBe('E2BIG')
      expect(computer.call(layout, {}, { size: Math.max(dirtyAt, layout.bytes) }).errno).toBe(zeroAnswers[layout.name])
    }
    const computer = new Computer()
    const mapped = 16 * 4096
    expect(computer.call(layout, {}, { size: mapped + 1 }).errno).toBe('EFAULT')
    expect(computer.call(layout, {}, { size: mapped }).errno).toBe(zeroAnswers[layout.name])
  })

  it('a byte that is not zero in front of a hole is E2BIG, one behind it is EFAULT', () => {
    const computer = new Computer()
    const { memory } = computer.process
    memory.write(SCRATCH + 4095n, Uint8Array.of(1))
    memory.protect(SCRATCH + 4096n, 'none')
    memory.write(SCRATCH + 8192n, Uint8Array.of(1))
    expect(computer.call(abi.IOAS_ALLOC, {}, { size: 12288 }).errno).toBe('E2BIG')
    memory.write(SCRATCH + 4095n, Uint8Array.of(0))
    expect(computer.call(abi.IOAS_ALLOC, {}, { size: 12288 }).errno).toBe('EFAULT')
  })

  it('the tail is checked before any field: E2BIG wins over EOPNOTSUPP', () => {
    const computer = new Computer()
    computer.process.memory.write(SCRATCH + 12n, Uint8Array.of(1))
    expect(computer.call(abi.IOAS_ALLOC, { flags: 1 }, { size: 13 }).errno).toBe('E2BIG')
    expect(computer.call(abi.IOAS_ALLOC, { flags: 1 }, { size: 12 }).errno).toBe('EOPNOTSUPP')
  })

  it('a body that crosses into a hole is EFAULT', () => {
    const computer = new Computer()
    const { memory } = computer.process
    memory.protect(SCRATCH + 4096n, 'none')
    memory.write(SCRATCH + 4088n, u32s(40, 0))
    expect(computer.raw(abi.IOAS_MAP.command, SCRATCH + 4088n)).toBe('EFAULT')
    memory.write(SCRATCH + 4088n, u32s(8, 99))
    expect(computer.raw(abi.DESTROY.command, SCRATCH + 4088n)).toBe('ENOENT')
  })

  it('size 0xffffffff reads each mapped byte once, up to the first fault, and allocates nothing by it', () => {
    const computer = new Computer()
    const { memory } = computer.process
    memory.write(SCRATCH, u32s(0xffff_ffff, 0))
    const before = memory.bytesRead
    expect(computer.raw(abi.IOAS_ALLOC.command, SCRATCH)).toBe('EFAULT')
    expect(memory.bytesRead - before).toBeLessThanOrEqual(16 * 4096)
    memory.write(SCRATCH + 100n, Uint8Array.of(1))
    const again = memory.bytesRead
    expect(computer.raw(abi.IOAS_ALLOC.command, SCRATCH)).toBe('E2BIG')
    expect(memory.bytesRead - again).toBeLessThanOrEqual(4100)
  })

  it('a short structure has zeros in the missing fields, and only its own bytes are written back', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { device } = computer.mock(ioas)
    const { memory } = computer.process
    memory.write(SCRATCH, u32s(24, 0, device, ioas, 0, 0, 0xffff_ffff, 0xffff_ffff))
    expect(computer.raw(abi.HWPT_ALLOC.command, SCRATCH)).toBe('OK')
    const back = new Uint8Array(32)
    memory.read(SCRATCH, back)
    expect([...new Uint32Array(back.buffer)]).toEqual([24, 0, device, ioas, 5, 0, 0xffff_ffff, 0xffff_ffff])
  })
})

describe('dispatch order', () => {
  it('uapi 13 item 1: the size word is read before the command number is checked', () => {
    const computer = new Computer()
    expect(computer.raw(0x3b8f, 0n)).toBe('EFAULT')
    expect(computer.raw(0x3b8f, SCRATCH)).toBe('ENOTTY')
    expect(computer.raw(0x3c81, 0n)).toBe('EFAULT')
    expect(computer.raw(0x3c81, SCRATCH)).toBe('ENOTTY')
    expect(computer.raw(abi.IOAS_ALLOC.command, 0n)).toBe('EFAULT')
  })

  it('outside the table the VFIO numbers are tried, and no memory is touched', () => {
    const computer = new Computer()
    for (const command of [0, 0x3b7f, 0x3ba1, 0x3bff, 0x3b75, 0xffff_ffff, 0x3c64]) expect(computer.raw(command, 0n)).toBe('ENOTTY')
    expect(computer.raw(abi.VFIO_GET_API_VERSION, 0n)).toBe('OK')
  })

  it('every hole of the table is ENOTTY, also with direction and size bits', () => {
    const computer = new Computer()
    for (let nr = 0x8f; nr < 0xa0; nr++) expect(computer.raw(0x3b00 | nr, SCRATCH)).toBe('ENOTTY')
    for (const bits of [0x4000_0000, 0x8000_0000, 0xc00c_0000]) expect(computer.raw((bits | 0x3b81) >>> 0, SCRATCH)).toBe('ENOTTY')
  })

  it('without test ops the table ends before TEST_CMD', () => {
    const computer = new Computer({ testOps: false })
    expect(computer.raw(abi.TEST_CMD.command, 0n)).toBe('ENOTTY')
    expect(computer.raw(0x3b8f, 0n)).toBe('ENOTTY')
    expect(computer.raw(abi.FAULT_QUEUE_ALLOC.command, 0n)).toBe('EFAULT')
  })

  it('pointers near 2^64 are EFAULT, not a wrap', () => {
    const computer = new Computer()
    for (const argument of [U64_MAX, U64_MAX - 3n, U64_MAX - 7n, 1n << 63n])
      expect(computer.raw(abi.DESTROY.command, argument)).toBe('EFAULT')
  })
})

describe('writing back', () => {
  it('a structure that cannot be written is EFAULT, and what was made is undone', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { device } = computer.mock(ioas)
    const { memory, files } = computer.process
    const before = { pins: computer.frames.pinnedTotal, files: files.count }
    const readOnly = (bytes: Uint8Array, command: number): string => {
      memory.write(SCRATCH + 4096n, bytes)
      memory.protect(SCRATCH + 4096n, 'r')
      const errno = computer.raw(command, SCRATCH + 4096n)
      memory.protect(SCRATCH + 4096n, 'rw')
      return errno
    }
    const test = (op: number, id: number, ...rest: number[]): Uint8Array => u32s(72, op, id, 0, ...rest, ...Array(14 - rest.length).fill(0))
    expect(readOnly(u32s(12, 0, 0), abi.IOAS_ALLOC.command)).toBe('EFAULT')
    expect(readOnly(u32s(24, 0, device, ioas, 0, 0), abi.HWPT_ALLOC.command)).toBe('EFAULT')
    expect(readOnly(u32s(16, 0, 0, 0), abi.FAULT_QUEUE_ALLOC.command)).toBe('EFAULT')
    expect(readOnly(test(abi.TEST_OPS.MOCK_DOMAIN.op, ioas), abi.TEST_CMD.command)).toBe('EFAULT')
    expect(readOnly(test(abi.TEST_OPS.CREATE_ACCESS.op, ioas), abi.TEST_CMD.command)).toBe('EFAULT')
    expect({ pins: computer.frames.pinnedTotal, files: files.count }).toEqual(before)
    expect(computer.ioas()).toBe(5)
  })

  it('an access item is given back when its id cannot be told', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    computer.map(ioas, APERTURE_START, 0x4000n)
    const fd = computer.access(ioas, abi.TEST_ACCESS_NEEDS_PIN)
    const { memory } = computer.process
    computer.test('ACCESS_PAGES', fd, { iova: APERTURE_START, length: 0x1000 })
    const bytes = new Uint8Array(72)
    memory.read(SCRATCH, bytes)
    memory.write(SCRATCH + 4096n, bytes)
    memory.protect(SCRATCH + 4096n, 'r')
    expect(computer.raw(abi.TEST_CMD.command, SCRATCH + 4096n)).toBe('EFAULT')
    expect(computer.test('DESTROY_ACCESS_PAGES', fd, { itemId: 0 }).errno).toBe('OK')
    expect(computer.pins(ARENA, ARENA_PAGES).every((pins) => pins === 0)).toBe(true)
  })
})

const APERTURE_START = 0x100_0000n
