// Kind: examples; rows of the tables in order. OPTION, VFIO_IOAS and accounting (spec uapi section 5).
import { abi, IommufdContext } from '@iommukit/iommufd'
import { describe, expect, it } from 'vitest'
import { FakeDriver, FakeFrames } from './fakes.ts'
import { APERTURE, ARENA, Computer, errnos, ladder } from './harness.ts'

const { OPTION_HUGE_PAGES, OPTION_OP_GET, OPTION_OP_SET, OPTION_RLIMIT_MODE } = abi

describe('OPTION', () => {
  it('RLIMIT_MODE in order: reserved, option, object, op, EPERM, EBUSY, value', () => {
    const computer = new Computer()
    const { capabilities } = computer.process
    computer.ioas()
    const bad = { reserved: 1, optionId: 2, objectId: 1, op: 2, val64: 2 }
    const steps = [
      ['EOPNOTSUPP', { reserved: 0 }],
      ['EOPNOTSUPP', { optionId: OPTION_RLIMIT_MODE }],
      ['EOPNOTSUPP', { objectId: 0 }],
      ['EOPNOTSUPP', { op: OPTION_OP_SET }],
    ] as const
    expect(ladder(bad, steps, (values) => computer.call(abi.OPTION, values).errno)).toEqual(errnos(steps))
    const set = (val64: number): string => computer.call(abi.OPTION, { op: OPTION_OP_SET, val64 }).errno
    capabilities.sysResource = false
    expect(set(2)).toBe('EPERM')
    capabilities.sysResource = true
    expect(set(2)).toBe('EBUSY')
    computer.destroy(1)
    expect([set(2), set(1)]).toEqual(['EINVAL', 'OK'])
    expect(computer.call(abi.OPTION, { op: OPTION_OP_GET, val64: 7 }).num('val64')).toBe(1)
    expect(set(0)).toBe('OK')
    expect(computer.call(abi.OPTION, { op: OPTION_OP_GET, val64: 7 }).num('val64')).toBe(0)
  })

  it('only val64 is written back, and nothing on failure', () => {
    const computer = new Computer()
    const { memory } = computer.process
    const answer = computer.call(abi.OPTION, { op: OPTION_OP_GET, val64: 9 })
    expect(answer.num('val64')).toBe(0)
    const before = memory.bytesWritten
    computer.call(abi.OPTION, { op: OPTION_OP_GET })
    expect(memory.bytesWritten - before).toBe(24 + 8)
    expect(computer.call(abi.OPTION, { op: OPTION_OP_GET, optionId: 9, val64: 9 }).num('val64')).toBe(9)
  })

  it('HUGE_PAGES: the object before the op, then the value; EINVAL and EADDRINUSE of turning off', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const huge = (op: number, objectId: number, val64 = 0) =>
      computer.call(abi.OPTION, { optionId: OPTION_HUGE_PAGES, op, objectId, val64 })
    expect(huge(3, 0).errno).toBe('ENOENT')
    expect(huge(3, ioas).errno).toBe('EOPNOTSUPP')
    expect(huge(OPTION_OP_GET, ioas).num('val64')).toBe(1)
    expect(huge(OPTION_OP_SET, ioas, 2).errno).toBe('EINVAL')
    computer.map(ioas, 0x1001n, 0x1000n)
    expect(huge(OPTION_OP_SET, ioas, 0).errno).toBe('EADDRINUSE')
    expect(huge(OPTION_OP_GET, ioas).num('val64')).toBe(1)
    computer.context.ioasUnmap(ioas, 0x1001, 0x1000)
    computer.map(ioas, APERTURE, 0x1000n)
    computer.mock(ioas)
    expect(huge(OPTION_OP_SET, ioas, 0).errno).toBe('EINVAL')
    computer.context.ioasUnmap(ioas, APERTURE, 0x1000)
    expect(huge(OPTION_OP_SET, ioas, 0).errno).toBe('OK')
    expect(huge(OPTION_OP_SET, ioas, 0).errno).toBe('OK')
    expect(computer.context.ioasIovaRanges(ioas).alignment).toBe(4096)
    expect(huge(OPTION_OP_SET, ioas, 1).errno).toBe('OK')
    expect(computer.context.ioasIovaRanges(ioas).alignment).toBe(2048)
  })
})

describe('accounting', () => {
  it.each(['user', 'process'] as const)('mode %s charges that counter, CAP_IPC_LOCK charges none', (mode) => {
    const computer = new Computer()
    computer.context.setAccountingMode(computer.process, mode)
    const ioas = computer.ioas()
    computer.mock(ioas)
    computer.process.capabilities.ipcLock = false
    computer.map(ioas, APERTURE, 0x2000n)
    computer.process.capabilities.ipcLock = true
    computer.map(ioas, APERTURE + 0x10000n, 0x1000n)
    const counter = mode === 'user' ? 'user' : 'mm'
    expect(computer.process.charged).toEqual({ none: 1, user: 0, mm: 0, [counter]: 2 })
    computer.context.ioasUnmap(ioas, 0n, 0xffff_ffff_ffff_ffffn)
    expect(computer.process.charged).toEqual({ none: 0, user: 0, mm: 0 })
  })

  it('/dev/vfio/vfio starts in process mode', () => {
    const driver = new FakeDriver(new FakeFrames())
    expect(new IommufdContext({ driver, temp: driver.temp, accountingMode: 'process' }).accountingMode).toBe('process')
    expect(new IommufdContext({ driver, temp: driver.temp }).accountingMode).toBe('user')
  })
})

describe('VFIO_IOAS', () => {
  it('reserved, op, then get, set and clear', () => {
    const computer = new Computer()
    const vfio = (op: number, values = {}) => computer.call(abi.VFIO_IOAS, { op, ...values })
    expect(vfio(3, { reserved: 1 }).errno).toBe('EOPNOTSUPP')
    expect(vfio(3).errno).toBe('EOPNOTSUPP')
    expect(vfio(abi.VFIO_IOAS_GET).errno).toBe('ENODEV')
    expect(vfio(abi.VFIO_IOAS_SET, { ioasId: 5 }).errno).toBe('ENOENT')
    expect(vfio(abi.VFIO_IOAS_CLEAR).errno).toBe('OK')
    const ioas = computer.ioas()
    expect(vfio(abi.VFIO_IOAS_SET, { ioasId: ioas }).errno).toBe('OK')
    expect(vfio(abi.VFIO_IOAS_SET, { ioasId: 5 }).errno).toBe('ENOENT')
    expect(vfio(abi.VFIO_IOAS_GET).num('ioasId')).toBe(ioas)
    expect(computer.destroy(ioas)).toBe('OK')
    expect(vfio(abi.VFIO_IOAS_GET).errno).toBe('ENODEV')
  })

  it('writes back for get only', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { memory } = computer.process
    const before = memory.bytesWritten
    computer.call(abi.VFIO_IOAS, { op: abi.VFIO_IOAS_SET, ioasId: ioas })
    expect(memory.bytesWritten - before).toBe(12)
    computer.call(abi.VFIO_IOAS, { op: abi.VFIO_IOAS_GET })
    expect(memory.bytesWritten - before).toBe(12 * 3)
  })
})

describe('GET_HW_INFO', () => {
  const setup = () => {
    const computer = new Computer()
    const { device } = computer.mock(computer.ioas())
    computer.process.memory.write(ARENA, new Uint8Array(64).fill(0xaa))
    const info = (values = {}) => computer.call(abi.GET_HW_INFO, { deviceId: device, dataUptr: ARENA, ...values })
    const read = (): number[] => {
      const bytes = new Uint8Array(20)
      computer.process.memory.read(ARENA, bytes)
      return [...bytes]
    }
    return { computer, info, read }
  }

  it('flags, each reserved byte, then the device', () => {
    const { computer, info } = setup()
    expect(info({ flags: 1, deviceId: 99 }).errno).toBe('EOPNOTSUPP')
    for (const reserved of [1, 0x100, 0x10000]) expect(info({ reserved, deviceId: 99 }).errno).toBe('EOPNOTSUPP')
    for (const deviceId of [0, 99, 1, 2, 4]) expect(info({ deviceId }).errno).toBe('ENOENT')
    expect(computer.context.hwInfo(3).capabilities).toBe(1n)
  })

  it('copies what fits, zeroes the rest, tells the full length', () => {
    const { info, read } = setup()
    const none = info({ dataLength: 0, dataUptr: 0 })
    expect([none.errno, none.num('dataLength'), none.num('outDataType'), none.big('outCapabilities')]).toEqual(['OK', 8, 0xfeedbeef, 1n])
    expect(info({ dataLength: 4 }).num('dataLength')).toBe(8)
    expect(read().slice(0, 8)).toEqual([0, 0, 0, 0, 0xaa, 0xaa, 0xaa, 0xaa])
    info({ dataLength: 16 })
    expect(read()).toEqual([0, 0, 0, 0, 0xef, 0xbe, 0xad, 0xde, 0, 0, 0, 0, 0, 0, 0, 0, 0xaa, 0xaa, 0xaa, 0xaa])
  })

  it('a bad pointer and a hostile length are EFAULT at the first hole', () => {
    const { computer, info } = setup()
    expect(info({ dataLength: 8, dataUptr: 0x10 }).errno).toBe('EFAULT')
    const before = computer.process.memory.bytesWritten
    const answer = info({ dataLength: 0xffff_ffff })
    expect([answer.errno, answer.num('dataLength')]).toEqual(['EFAULT', 0xffff_ffff])
    expect(computer.process.memory.bytesWritten - before).toBeLessThanOrEqual(64 * 4096 + 40)
    expect(info({ dataLength: 0xffff_ffff, dataUptr: 0xffff_ffff_ffff_fff0n }).errno).toBe('EFAULT')
  })

  it('a structure of the minimum size gets no capabilities', () => {
    const { computer } = setup()
    const answer = computer.call(abi.GET_HW_INFO, { deviceId: 3, outCapabilities: 7 }, { size: 32 })
    expect(answer.errno).toBe('OK')
    expect(answer.big('outCapabilities')).toBe(7n)
  })
})
