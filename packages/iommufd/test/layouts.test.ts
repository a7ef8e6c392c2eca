// Kind: examples. The binary interface as data: numbers, sizes, offsets and errno values of spec uapi sections 1, 4 to 7, 9 and 10.
import { abi } from '@iommukit/iommufd'
import { describe, expect, it } from 'vitest'

const table: readonly [layout: abi.StructLayout, command: number, bytes: number, minimum: number, lastMandatory: string][] = [
  [abi.DESTROY, 0x3b80, 8, 8, 'id'],
  [abi.IOAS_ALLOC, 0x3b81, 12, 12, 'outIoasId'],
  [abi.IOAS_ALLOW_IOVAS, 0x3b82, 24, 24, 'allowedIovas'],
  [abi.IOAS_COPY, 0x3b83, 40, 40, 'srcIova'],
  [abi.IOAS_IOVA_RANGES, 0x3b84, 32, 32, 'outIovaAlignment'],
  [abi.IOAS_MAP, 0x3b85, 40, 40, 'iova'],
  [abi.IOAS_UNMAP, 0x3b86, 24, 24, 'length'],
  [abi.OPTION, 0x3b87, 24, 24, 'val64'],
  [abi.VFIO_IOAS, 0x3b88, 12, 12, 'reserved'],
  [abi.HWPT_ALLOC, 0x3b89, 48, 24, 'reserved'],
  [abi.GET_HW_INFO, 0x3b8a, 40, 32, 'reserved'],
  [abi.HWPT_SET_DIRTY_TRACKING, 0x3b8b, 16, 16, 'reserved'],
  [abi.HWPT_GET_DIRTY_BITMAP, 0x3b8c, 48, 48, 'data'],
  [abi.HWPT_INVALIDATE, 0x3b8d, 32, 32, 'reserved'],
  [abi.FAULT_QUEUE_ALLOC, 0x3b8e, 16, 16, 'outFaultFd'],
  [abi.TEST_CMD, 0x3ba0, 72, 68, 'last'],
]

describe('command structures', () => {
  it.each(table)('$name: number, size, minimum size, last mandatory field', (layout, command, bytes, minimum, lastMandatory) => {
    expect([layout.command, layout.bytes, layout.minimumBytes]).toEqual([command, bytes, minimum])
    const [at, width] = layout.fields[lastMandatory]!
    expect(at + width).toBe(minimum)
  })

  it('fields are naturally aligned, do not overlap and fill the structure', () => {
    for (const [layout] of table) {
      if (layout.name === 'TEST_CMD') continue
      let next = 0
      for (const [at, width] of Object.values(layout.fields)) {
        expect(at, layout.name).toBe(next)
        if (width !== 3) expect(at % width).toBe(0)
        next = at + width
      }
      expect(next, layout.name).toBe(layout.bytes)
    }
  })

  it('offsets of the fields that are easy to get wrong', () => {
    expect(abi.IOAS_MAP.fields).toMatchObject({
      flags: [4, 4],
      ioasId: [8, 4],
      reserved: [12, 4],
      userVa: [16, 8],
      length: [24, 8],
      iova: [32, 8],
    })
    expect(abi.IOAS_COPY.fields).toMatchObject({
      dstIoasId: [8, 4],
      srcIoasId: [12, 4],
      length: [16, 8],
      dstIova: [24, 8],
      srcIova: [32, 8],
    })
    expect(abi.OPTION.fields).toMatchObject({ optionId: [4, 4], op: [8, 2], reserved: [10, 2], objectId: [12, 4], val64: [16, 8] })
    expect(abi.HWPT_ALLOC.fields).toMatchObject({
      deviceId: [8, 4],
      ptId: [12, 4],
      dataType: [24, 4],
      dataLength: [28, 4],
      dataUptr: [32, 8],
    })
    expect(abi.HWPT_INVALIDATE.fields).toMatchObject({ dataUptr: [8, 8], dataType: [16, 4], entryLength: [20, 4], entryNum: [24, 4] })
    expect(abi.GET_HW_INFO.fields).toMatchObject({
      dataUptr: [16, 8],
      outDataType: [24, 4],
      outMaxPasidLog2: [28, 1],
      outCapabilities: [32, 8],
    })
    expect(abi.HWPT_GET_DIRTY_BITMAP.fields).toMatchObject({
      hwptId: [4, 4],
      flags: [8, 4],
      iova: [16, 8],
      pageSize: [32, 8],
      data: [40, 8],
    })
  })

  it('fault messages and responses', () => {
    expect(abi.FAULT_MESSAGE.bytes).toBe(40)
    expect(abi.FAULT_MESSAGE.fields).toMatchObject({
      groupId: [12, 4],
      permissions: [16, 4],
      address: [24, 8],
      length: [32, 4],
      cookie: [36, 4],
    })
    expect(abi.FAULT_RESPONSE).toEqual({ bytes: 8, fields: { cookie: [0, 4], code: [4, 4] } })
  })
})

describe('test ops', () => {
  it('op numbers 1 to 15 and the offsets of their fields', () => {
    expect(
      Object.values(abi.TEST_OPS)
        .map(({ op }) => op)
        .sort((a, b) => a - b),
    ).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    expect(abi.TEST_OPS.ACCESS_PAGES.fields).toEqual({ flags: [16, 4], outItemId: [20, 4], iova: [24, 8], length: [32, 8], uptr: [40, 8] })
    expect(abi.TEST_OPS.DIRTY.fields).toMatchObject({
      iova: [24, 8],
      length: [32, 8],
      pageSize: [40, 8],
      uptr: [48, 8],
      outNrDirty: [56, 8],
    })
    expect(abi.TEST_OPS.MOCK_DOMAIN_FLAGS.fields).toMatchObject({
      outStdevId: [16, 4],
      outHwptId: [20, 4],
      outDeviceId: [24, 4],
      deviceFlags: [28, 4],
    })
    expect(abi.TEST_OPS.MD_CHECK_REFS.fields).toEqual({ length: [16, 8], uptr: [24, 8], refs: [32, 4] })
  })
})

describe('VFIO', () => {
  it('command values and structures', () => {
    expect([abi.VFIO_GET_API_VERSION, abi.VFIO_CHECK_EXTENSION, abi.VFIO_SET_IOMMU]).toEqual([0x3b64, 0x3b65, 0x3b66])
    const structs = [abi.VFIO_IOMMU_GET_INFO, abi.VFIO_IOMMU_MAP_DMA, abi.VFIO_IOMMU_UNMAP_DMA]
    expect(structs.map(({ command, bytes, minimumBytes }) => [command, bytes, minimumBytes])).toEqual([
      [0x3b70, 24, 16],
      [0x3b71, 32, 32],
      [0x3b72, 24, 24],
    ])
  })
})

describe('errno', () => {
  it('numbers are those of Linux', () => {
    expect(abi.ERRNO).toMatchObject({ EPERM: 1, ENOENT: 2, E2BIG: 7, EFAULT: 14, EINVAL: 22, ENOTTY: 25, ENOSPC: 28, EDEADLOCK: 35 })
    expect(abi.ERRNO).toMatchObject({ EBADE: 52, EOVERFLOW: 75, EBADFD: 77, EMSGSIZE: 90, EOPNOTSUPP: 95, EADDRINUSE: 98, ESPIPE: 29 })
    expect(new Set(Object.values(abi.ERRNO)).size).toBe(Object.keys(abi.ERRNO).length)
  })

  it('names and numbers of errors, by their code alone', () => {
    expect(abi.errnoName({ code: 'EFAULT' })).toBe('EFAULT')
    expect(abi.errnoNumber(Object.assign(new Error('x'), { code: 'ENOMEM' }))).toBe(12)
    for (const other of [new Error('x'), { code: 'ERR_ASSERTION' }, { code: 14 }, { code: 'toString' }, null, undefined, 'EFAULT']) {
      expect(abi.errnoName(other)).toBeUndefined()
      expect(abi.errnoNumber(other)).toBeUndefined()
    }
    expect([abi.doneBefore({ done: 5n }), abi.doneBefore({ done: 5 }), abi.doneBefore(null), abi.doneBefore({})]).toEqual([5n, 0n, 0n, 0n])
  })
})
