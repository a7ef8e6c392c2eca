// Kind: examples; rows of the tables in order. VFIO type1 compatibility (spec uapi section 9, observed item 17).
import { abi, ioctl, VfioCompat } from '@iommukit/iommufd'
import { describe, expect, it } from 'vitest'
import { APERTURE, ARENA, Computer, errnoOf, errnos, ladder, SCRATCH, U64_MAX, u32s } from './harness.ts'

function setup() {
  const computer = new Computer()
  const ioas = computer.ioas()
  computer.context.setCompatIoas(ioas)
  const number = (command: number, argument: bigint): number | string => {
    let ret = -1
    const errno = errnoOf(() => {
      ret = ioctl(computer.file, command, argument, computer.process)
    })
    return errno === 'OK' ? ret : errno
  }
  return { computer, ioas, number }
}

describe('integers', () => {
  it('CHECK_EXTENSION and GET_API_VERSION', () => {
    const { computer, ioas, number } = setup()
    const check = (): (number | string)[] => Array.from({ length: 14 }, (_, k) => number(abi.VFIO_CHECK_EXTENSION, BigInt(k)))
    expect(check()).toEqual([0, 1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0])
    computer.mock(ioas)
    expect(number(abi.VFIO_CHECK_EXTENSION, 4n)).toBe(0)
    computer.context.setCompatIoas(undefined)
    expect(check()[4]).toBe('ENODEV')
    expect(number(abi.VFIO_CHECK_EXTENSION, 1n << 32n)).toBe(0)
    expect(number(abi.VFIO_CHECK_EXTENSION, U64_MAX)).toBe(0)
    expect(number(abi.VFIO_GET_API_VERSION, U64_MAX)).toBe(0)
  })

  it('DMA_CC is 1 where every page table enforces coherency', () => {
    const { computer, ioas, number } = setup()
    computer.driver.prepare = (device) => {
      device.enforcesCoherency = true
    }
    computer.mock(ioas)
    expect(number(abi.VFIO_CHECK_EXTENSION, 4n)).toBe(1)
  })

  it('SET_IOMMU: the type before ENODEV; type 1 turns huge pages off', () => {
    const { computer, ioas, number } = setup()
    const set = (type: bigint): number | string => number(abi.VFIO_SET_IOMMU, type)
    expect([set(3n), computer.context.hugePages(ioas)]).toEqual([0, true])
    expect([set(1n), computer.context.hugePages(ioas), set(1n)]).toEqual([0, false, 0])
    expect([set(0n), set(2n), set(8n), set((1n << 32n) + 1n)]).toEqual(['EINVAL', 'EINVAL', 'EINVAL', 'EINVAL'])
    computer.context.setCompatIoas(undefined)
    expect([set(2n), set(1n), set(3n)]).toEqual(['EINVAL', 'ENODEV', 'ENODEV'])
  })

  it('SET_IOMMU 1 may fail as turning huge pages off does', () => {
    const { computer, ioas, number } = setup()
    computer.map(ioas, 0x1001n, 0x1000n)
    expect(number(abi.VFIO_SET_IOMMU, 1n)).toBe('EADDRINUSE')
    computer.context.ioasUnmap(ioas, 0x1001, 0x1000)
    computer.map(ioas, APERTURE, 0x1000n)
    computer.mock(ioas)
    expect(number(abi.VFIO_SET_IOMMU, 1n)).toBe('EINVAL')
  })
})

describe('VFIO_IOMMU_MAP_DMA', () => {
  it('EFAULT, argsz, flags, ENODEV, then as a fixed map', () => {
    const { computer, ioas } = setup()
    computer.context.setCompatIoas(undefined)
    const { command } = abi.VFIO_IOMMU_MAP_DMA
    expect(computer.raw(command, 0n)).toBe('EFAULT')
    const map = (values: Readonly<Record<string, number | bigint>>, argsz = 32): string =>
      computer.call(abi.VFIO_IOMMU_MAP_DMA, values, { size: argsz }).errno
    expect([map({ flags: 4 }, 31), map({ flags: 4 }), map({ flags: 3 })]).toEqual(['EINVAL', 'EINVAL', 'ENODEV'])
    computer.context.setCompatIoas(ioas)
    expect(map({ vaddr: ARENA, iova: 0x1000, length: 0, flags: 3 })).toBe('EINVAL')
    expect(map({ vaddr: ARENA, iova: U64_MAX, length: 0x1000, flags: 3 })).toBe('EOVERFLOW')
    expect(map({ vaddr: ARENA, iova: U64_MAX, length: 1, flags: 3 })).toBe('OK')
    expect(map({ vaddr: ARENA, iova: 0x1000, length: U64_MAX, flags: 3 })).toBe('EINVAL')
    expect(map({ vaddr: ARENA, iova: 0x1000, length: 0x1000, flags: 0 }, 0xffff_ffff)).toBe('OK')
    expect(map({ vaddr: ARENA, iova: 0x1000, length: 0x1000, flags: 3 })).toBe('EEXIST')
  })

  it('flags give the protection', () => {
    const { computer, ioas } = setup()
    for (const flags of [0, 1, 2, 3])
      computer.call(abi.VFIO_IOMMU_MAP_DMA, { vaddr: ARENA, iova: (flags + 1) << 16, length: 0x1000, flags })
    const fd = computer.access(ioas, 0)
    const rw = (iova: number, flags: number): string => computer.test('ACCESS_RW', fd, { iova, length: 1, uptr: ARENA, flags }).errno
    expect([1, 2, 3, 4].map((k) => [rw(k << 16, 0), rw(k << 16, 1)])).toEqual([
      ['EPERM', 'EPERM'],
      ['OK', 'EPERM'],
      ['EPERM', 'OK'],
      ['OK', 'OK'],
    ])
  })
})

describe('VFIO_IOMMU_UNMAP_DMA', () => {
  it('checks in order; size goes back on errors of the unmap only', () => {
    const { computer, ioas } = setup()
    computer.map(ioas, 0x10000n, 0x8000n)
    const sizes: number[] = []
    const call = ({ argsz, ...values }: Readonly<Record<string, number | bigint>>): string => {
      const answer = computer.call(abi.VFIO_IOMMU_UNMAP_DMA, values, { size: Number(argsz) })
      sizes.push(answer.num('length'))
      return answer.errno
    }
    expect(computer.raw(abi.VFIO_IOMMU_UNMAP_DMA.command, 0n)).toBe('EFAULT')
    computer.context.setCompatIoas(undefined)
    const bad = { argsz: 23, flags: 1, iova: 0x10000, length: 0x1000 }
    expect([call(bad), call({ ...bad, argsz: 24 }), call({ ...bad, argsz: 24, flags: 4 }), call({ ...bad, argsz: 24, flags: 2 })]).toEqual([
      'EINVAL',
      'EINVAL',
      'EINVAL',
      'ENODEV',
    ])
    computer.context.setCompatIoas(ioas)
    const good = { argsz: 24, flags: 0, iova: 0x10000, length: 0x1000 }
    const steps = [
      ['EINVAL', { flags: 0 }],
      ['ENOENT', { length: 0 }],
      ['EINVAL', { length: 0x1000, iova: 0x1000 }],
      ['OK', { iova: 0x10000, length: 0x8000 }],
      ['OK', {}],
    ] as const
    sizes.length = 0
    expect(ladder({ ...good, flags: 2 }, steps, call)).toEqual(errnos(steps))
    expect(sizes).toEqual([0x1000, 0, 0, 0, 0x8000])
    expect(call({ argsz: 24, flags: 2, iova: 0, length: 0 })).toBe('OK')
    expect(sizes.at(-1)).toBe(0)
  })

  it('size counts what was removed before ENOENT', () => {
    const { computer, ioas } = setup()
    computer.map(ioas, 0x10000n, 0x1000n)
    computer.map(ioas, 0x11000n, 0x4000n)
    const answer = computer.call(abi.VFIO_IOMMU_UNMAP_DMA, { iova: 0x10000, length: 0x2000 })
    expect([answer.errno, answer.num('length')]).toEqual(['ENOENT', 0x1000])
  })

  it('type 1 splits, type 1v2 does not; a failed cut writes nothing back', () => {
    const { computer, ioas } = setup()
    const unmap = (iova: number, length: number) => {
      const answer = computer.call(abi.VFIO_IOMMU_UNMAP_DMA, { iova, length })
      return [answer.errno, answer.num('length')]
    }
    computer.map(ioas, 0x10000n, 0x8000n)
    expect(unmap(0x12000, 0x1000)).toEqual(['ENOENT', 0])
    computer.raw(abi.VFIO_SET_IOMMU, 1n)
    expect(unmap(0x12000, 0x1000)).toEqual(['OK', 0x1000])
    expect(unmap(0x13800, 0x1000)).toEqual(['EINVAL', 0x1000])
    expect(unmap(0x13000, 0x800)).toEqual(['EINVAL', 0x800])
    const fd = computer.access(ioas, 1)
    computer.test('ACCESS_PAGES', fd, { iova: 0x14000, length: 0x1000 })
    expect(unmap(0x15000, 0x1000)).toEqual(['EINVAL', 0x1000])
    expect(unmap(0, 0)).toEqual(['EINVAL', 0])
    const all = computer.call(abi.VFIO_IOMMU_UNMAP_DMA, { flags: 2 })
    expect(all.num('length')).toBe(0x7000)
    expect(computer.frames.pinnedTotal).toBe(0)
  })

  it('a structure that cannot be written back is EFAULT', () => {
    const { computer } = setup()
    const { memory } = computer.process
    memory.write(SCRATCH + 4096n, u32s(24, 2, 0, 0, 0, 0))
    memory.protect(SCRATCH + 4096n, 'r')
    expect(computer.raw(abi.VFIO_IOMMU_UNMAP_DMA.command, SCRATCH + 4096n)).toBe('EFAULT')
  })
})

describe('VFIO_IOMMU_GET_INFO', () => {
  it('EFAULT, argsz, ENODEV', () => {
    const { computer } = setup()
    const { command } = abi.VFIO_IOMMU_GET_INFO
    computer.context.setCompatIoas(undefined)
    expect(computer.raw(command, 0n)).toBe('EFAULT')
    const info = (argsz: number): string => computer.call(abi.VFIO_IOMMU_GET_INFO, {}, { size: argsz }).errno
    expect([info(15), info(16), info(0xffff_ffff)]).toEqual(['EINVAL', 'ENODEV', 'ENODEV'])
  })

  it('page sizes: all of them above the page without a page table, the page with one, never below the alignment', () => {
    const { computer, ioas } = setup()
    const vfio = new VfioCompat(computer.context)
    expect(vfio.info().pageSizes).toBe(0xffff_ffff_ffff_f000n)
    const { stdev } = computer.mock(ioas)
    expect(vfio.info().pageSizes).toBe(0x1000n)
    computer.destroy(stdev)
    computer.mock(ioas, 2)
    expect(vfio.info().pageSizes).toBe(0x10_1000n)
  })

  it('uapi 13 item 15: for each argsz no byte at or past it is touched, and cap_offset needs the whole chain', () => {
    const { computer, ioas } = setup()
    const { memory } = computer.process
    computer.mock(ioas)
    for (const start of [0x200_0000, 0x300_0000]) computer.test('ADD_RESERVED', ioas, { start, length: 0x1000 })
    const total = 24 + 16 + 16 + 3 * 16
    for (let argsz = 16; argsz <= total + 8; argsz++) {
      const guard = new Uint8Array(256).fill(0xaa)
      memory.write(ARENA, guard)
      memory.write(ARENA, u32s(argsz))
      expect(computer.raw(abi.VFIO_IOMMU_GET_INFO.command, ARENA)).toBe('OK')
      memory.read(ARENA, guard)
      expect(guard.subarray(argsz).every((byte) => byte === 0xaa)).toBe(true)
      const view = new DataView(guard.buffer)
      expect([view.getUint32(0, true), view.getUint32(4, true), view.getBigUint64(8, true)]).toEqual([total, 3, 0x1000n])
      if (argsz >= 20) expect(view.getUint32(16, true)).toBe(argsz >= total ? 24 : 0)
      if (argsz >= 36) expect([view.getUint16(24, true), view.getUint32(28, true)]).toEqual([3, argsz >= 40 ? 40 : 0])
      if (argsz >= 36) expect(view.getUint32(32, true)).toBe(0xffff_ffff)
      for (let k = 0; k < 3; k++) {
        const at = 56 + 16 * k
        if (argsz >= at + 16) expect(view.getBigUint64(at, true)).not.toBe(0xaaaa_aaaa_aaaa_aaaan)
        else if (argsz > at) expect(view.getUint8(at)).toBe(0xaa)
      }
      if (argsz >= total) expect([view.getUint16(40, true), view.getUint32(44, true), view.getUint32(48, true)]).toEqual([1, 0, 3])
      else if (argsz >= 42) expect(view.getUint16(40, true)).toBe(0xaaaa)
    }
  })

  it('a chain that runs into a hole is EFAULT', () => {
    const { computer } = setup()
    const end = ARENA + 64n * 4096n
    computer.process.memory.write(end - 32n, u32s(256))
    expect(computer.raw(abi.VFIO_IOMMU_GET_INFO.command, end - 32n)).toBe('EFAULT')
  })
})
