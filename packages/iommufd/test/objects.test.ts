// Kind: examples. Ids, use counts and the order of destruction (spec uapi section 3).
import { abi, Ioas, IommufdContext, IommufdObject, ObjectTable, openIommufd } from '@iommukit/iommufd'
import { describe, expect, it } from 'vitest'
import { FakeDriver, FakeFrames } from './fakes.ts'
import { APERTURE, ARENA, Computer, errnoOf } from './harness.ts'

class Plain extends IommufdObject {
  readonly type = 'selftest'
  readonly log: number[]

  constructor(id: number, log: number[]) {
    super(id)
    this.log = log
  }

  override destroy(): void {
    this.log.push(this.id)
  }
}

describe('ObjectTable', () => {
  it('a reserved id looks as if it did not exist, but is taken', () => {
    const table = new ObjectTable()
    const id = table.reserve()
    expect(id).toBe(1)
    expect(table.isEmpty).toBe(false)
    expect(table.lookup(id)).toBeUndefined()
    expect(errnoOf(() => table.destroy(id))).toBe('ENOENT')
    expect(table.reserve()).toBe(2)
    const object = new Plain(id, [])
    table.publish(object)
    expect(table.lookup(id)).toBe(object)
    table.abort(2)
    expect(table.reserve()).toBe(2)
  })

  it('an id whose object could not be made is free again', () => {
    const table = new ObjectTable()
    const fail = (): Plain => {
      throw new RangeError('no')
    }
    expect(() => table.create(fail)).toThrow('no')
    expect(table.isEmpty).toBe(true)
    expect(table.create((id) => new Plain(id, [])).id).toBe(1)
  })

  it('uapi 13 item 6: the lowest free id at once, one namespace', () => {
    const table = new ObjectTable()
    const made = [1, 2, 3, 4, 5].map(() => table.create((id) => new Plain(id, [])).id)
    expect(made).toEqual([1, 2, 3, 4, 5])
    table.destroy(4)
    table.destroy(2)
    expect([0, 0, 0].map(() => table.create((id) => new Plain(id, [])).id)).toEqual([2, 4, 6])
  })

  it('destroys only what nobody else holds', () => {
    const table = new ObjectTable()
    const log: number[] = []
    const object = table.create((id) => new Plain(id, log))
    object.users++
    expect(errnoOf(() => table.destroy(object.id))).toBe('EBUSY')
    expect(log).toEqual([])
    object.users--
    table.destroy(object.id)
    expect(log).toEqual([1])
    expect(errnoOf(() => table.destroy(object.id))).toBe('ENOENT')
  })

  it('destroyAll makes passes in ascending order until nothing is left', () => {
    const table = new ObjectTable()
    const log: number[] = []
    class Holder extends Plain {
      readonly held: IommufdObject

      constructor(id: number, held: IommufdObject) {
        super(id, log)
        this.held = held
        held.users++
      }

      override destroy(): void {
        super.destroy()
        this.held.users--
      }
    }
    const first = table.create((id) => new Plain(id, log))
    const second = table.create((id) => new Holder(id, first))
    table.create((id) => new Holder(id, second))
    table.create((id) => new Plain(id, log))
    table.destroyAll()
    expect(log).toEqual([3, 4, 2, 1])
    expect(table.isEmpty).toBe(true)
  })

  it('an object that nobody can let go of is a bug, and said so', () => {
    const table = new ObjectTable()
    table.create((id) => new Plain(id, [])).users++
    expect(() => table.destroyAll()).toThrow('broken invariant')
  })

  it('ids at the ends of u32 are unknown', () => {
    const table = new ObjectTable()
    for (const id of [0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) expect(errnoOf(() => table.destroy(id))).toBe('ENOENT')
  })
})

describe('ids by the binary interface', () => {
  it('a mock domain takes object, device and page table in this order, and gives all back on failure', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    expect(ioas).toBe(1)
    expect(computer.mock(ioas)).toEqual({ stdev: 2, device: 3, hwpt: 4 })
    expect(computer.mock(ioas)).toEqual({ stdev: 5, device: 6, hwpt: 4 })
    expect(computer.test('MOCK_DOMAIN', 99).errno).toBe('ENOENT')
    expect(computer.test('MOCK_DOMAIN', 7).errno).toBe('ENOENT')
    expect(computer.test('MOCK_DOMAIN', 8).errno).toBe('EINVAL')
    expect(computer.test('MOCK_DOMAIN', 3).errno).toBe('EINVAL')
    expect(computer.test('MOCK_DOMAIN_FLAGS', ioas, { deviceFlags: 4 }).errno).toBe('EINVAL')
    expect([...computer.context.objects].map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6])
    expect([computer.ioas(), computer.ioas(), computer.ioas()]).toEqual([7, 8, 9])
  })

  it('an access takes an id that cannot be destroyed by the user', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const fd = computer.access(ioas, 0)
    expect(computer.ioas()).toBe(3)
    expect(computer.destroy(2)).toBe('EBUSY')
    expect(computer.destroy(ioas)).toBe('EBUSY')
    computer.process.files.close(fd)
    expect(computer.destroy(2)).toBe('ENOENT')
    expect(computer.destroy(ioas)).toBe('OK')
  })

  it('who holds what: device and page table in use are EBUSY, the automatic page table goes with its last device', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const one = computer.mock(ioas)
    const two = computer.mock(ioas)
    expect([one.hwpt, one.device, ioas].map((id) => computer.destroy(id))).toEqual(['EBUSY', 'EBUSY', 'EBUSY'])
    expect(computer.destroy(one.stdev)).toBe('OK')
    expect([one.device, one.stdev].map((id) => computer.destroy(id))).toEqual(['ENOENT', 'ENOENT'])
    expect(computer.destroy(one.hwpt)).toBe('EBUSY')
    expect(computer.destroy(two.stdev)).toBe('OK')
    expect(computer.destroy(one.hwpt)).toBe('ENOENT')
    expect(computer.destroy(ioas)).toBe('OK')
    expect(computer.driver.devices.map((device) => device.attached)).toEqual([undefined, undefined])
  })

  it('a manual page table stays after its last device, and is never picked for another', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { device, hwpt } = computer.mock(ioas)
    const manual = computer.hwpt(device, ioas)
    const on = computer.mock(manual)
    expect(on.hwpt).toBe(manual)
    expect(computer.destroy(manual)).toBe('EBUSY')
    expect(computer.mock(ioas).hwpt).toBe(hwpt)
    expect(computer.destroy(on.stdev)).toBe('OK')
    expect(computer.destroy(manual)).toBe('OK')
  })

  it('a manual page table is not picked where there is no automatic one either', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { device, hwpt, stdev } = computer.mock(ioas)
    const manual = computer.hwpt(device, ioas)
    expect(computer.test('MOCK_DOMAIN_REPLACE', stdev, { ptId: manual }).errno).toBe('OK')
    expect(computer.destroy(hwpt)).toBe('ENOENT')
    expect(computer.mock(ioas).hwpt).not.toBe(manual)
  })

  it('a nested page table holds its parent', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { device } = computer.mock(ioas)
    const parent = computer.hwpt(device, ioas, abi.HWPT_ALLOC_NEST_PARENT)
    const nested = computer.nested(device, parent)
    expect(computer.destroy(parent)).toBe('EBUSY')
    expect(computer.destroy(nested)).toBe('OK')
    expect(computer.destroy(parent)).toBe('OK')
  })

  it('an IOAS with areas can be destroyed: nothing is held because of mappings', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    expect(computer.map(ioas, APERTURE, 0x4000n)).toBe('OK')
    expect(computer.destroy(ioas)).toBe('OK')
  })
})

describe('attach and replace', () => {
  it('an automatic page table that refuses with EINVAL is skipped, another errno ends the attempt', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { hwpt } = computer.mock(ioas)
    const automatic = computer.driver.devices[0]!.attached
    computer.driver.prepare = (device) => {
      device.refuse = { code: 'EINVAL', domain: (domain) => domain === automatic }
    }
    const second = computer.mock(ioas)
    expect(second.hwpt).not.toBe(hwpt)
    computer.driver.prepare = (device) => {
      device.refuse = { code: 'ENOMEM', domain: (domain) => domain === automatic }
    }
    expect(computer.test('MOCK_DOMAIN', ioas).errno).toBe('ENOMEM')
    expect(computer.context.objects.lookup(8)).toBeUndefined()
  })

  it('replace is atomic: a refusal leaves the old attachment, and a new automatic page table vanishes', () => {
    const computer = new Computer()
    const from = computer.ioas()
    const to = computer.ioas()
    computer.map(to, APERTURE, 0x2000n)
    const { stdev, hwpt } = computer.mock(from)
    const device = computer.driver.devices[0]!
    const old = device.attached
    device.refuse = { code: 'EINVAL', domain: (domain) => domain !== old }
    expect(computer.test('MOCK_DOMAIN_REPLACE', stdev, { ptId: to }).errno).toBe('EINVAL')
    expect(device.attached).toBe(old)
    expect(computer.frames.pinnedTotal).toBe(0)
    expect(computer.destroy(to)).toBe('OK')
    expect(computer.test('MOCK_DOMAIN_REPLACE', stdev, { ptId: from }).num('ptId')).toBe(hwpt)
  })

  it('replace by what is attached changes nothing; errors in the order of the table', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { stdev, hwpt, device } = computer.mock(ioas)
    const replace = (id: number, ptId: number): string => computer.test('MOCK_DOMAIN_REPLACE', id, { ptId }).errno
    expect([replace(stdev, hwpt), replace(stdev, ioas), computer.driver.devices[0]!.attachCalls]).toEqual(['OK', 'OK', 1])
    expect([replace(stdev, 0), replace(stdev, 99), replace(stdev, device), replace(stdev, stdev)]).toEqual([
      'ENOENT',
      'ENOENT',
      'EINVAL',
      'EINVAL',
    ])
    expect([replace(ioas, ioas), replace(0, ioas)]).toEqual(['ENOENT', 'ENOENT'])
  })

  it('reserved regions of a device: EADDRINUSE over an area, reserved while attached, gone afterwards', () => {
    const computer = new Computer()
    const [ioas, other] = [computer.ioas(), computer.ioas()]
    computer.driver.prepare = (device) => device.reservedRegions.push({ start: APERTURE, length: 0x1000n, type: 'reserved' })
    computer.map(ioas, APERTURE, 0x1000n)
    expect(computer.test('MOCK_DOMAIN', ioas).errno).toBe('EADDRINUSE')
    expect(computer.context.ioasIovaRanges(ioas).ranges).toEqual([{ start: 0n, last: 0xffff_ffff_ffff_ffffn }])
    const { stdev } = computer.mock(other)
    expect(computer.context.ioasIovaRanges(other).ranges).toEqual([{ start: APERTURE + 0x1000n, last: 0x7fff_ffffn }])
    expect(computer.test('MOCK_DOMAIN_REPLACE', stdev, { ptId: ioas }).errno).toBe('EADDRINUSE')
    expect(computer.context.ioasIovaRanges(other).ranges).toEqual([{ start: APERTURE + 0x1000n, last: 0x7fff_ffffn }])
    computer.destroy(stdev)
    expect(computer.context.ioasIovaRanges(other).ranges).toEqual([{ start: 0n, last: 0xffff_ffff_ffff_ffffn }])
  })

  it('reserved regions follow the device when it is replaced, and go when the driver refuses', () => {
    const computer = new Computer()
    const [from, to] = [computer.ioas(), computer.ioas()]
    computer.driver.prepare = (device) => device.reservedRegions.push({ start: APERTURE, length: 0x1000n, type: 'reserved' })
    const keep = (ioas: number): number => computer.hwpt(computer.mock(ioas).device, ioas)
    const { stdev, device } = computer.mock(from)
    const [manualFrom, manualTo] = [computer.hwpt(device, from), keep(to)]
    computer.driver.prepare = () => {}
    for (const other of [...computer.context.objects]) if (other.type === 'selftest' && other.id !== stdev) computer.destroy(other.id)
    const reservesRegion = (ioas: number): boolean => computer.context.ioasIovaRanges(ioas).ranges[0]?.start !== APERTURE
    const replace = (ptId: number): string => computer.test('MOCK_DOMAIN_REPLACE', stdev, { ptId }).errno
    expect([reservesRegion(from), reservesRegion(to)]).toEqual([true, false])
    const mine = computer.driver.devices.find((each) => each.attached !== undefined)!
    mine.refuse = { code: 'ENOMEM', domain: () => true }
    expect(replace(manualTo)).toBe('ENOMEM')
    expect([reservesRegion(from), reservesRegion(to)]).toEqual([true, false])
    mine.refuse = undefined
    expect(replace(manualFrom)).toBe('OK')
    expect([reservesRegion(from), reservesRegion(to)]).toEqual([true, false])
    expect(replace(manualTo)).toBe('OK')
    expect([reservesRegion(from), reservesRegion(to)]).toEqual([false, true])
  })

  it('a bound device: attach twice is EINVAL, replace or detach without attachment', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const device = computer.context.bindDevice(0)
    expect(errnoOf(() => device.replace(ioas))).toBe('EINVAL')
    device.detach()
    const hwpt = device.attach(ioas)
    expect(errnoOf(() => device.attach(ioas))).toBe('EINVAL')
    expect(errnoOf(() => device.attach(99))).toBe('ENOENT')
    expect(device.hwpt?.id).toBe(hwpt)
    expect(computer.destroy(device.id)).toBe('EBUSY')
    device.unbind()
    expect(computer.destroy(device.id)).toBe('ENOENT')
    expect(computer.destroy(ioas)).toBe('OK')
  })
})

describe('lifetime of the context', () => {
  it('closing destroys everything in any order of holders: no pin is left', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    computer.map(ioas, APERTURE, 0x8000n)
    const { device } = computer.mock(ioas)
    const parent = computer.hwpt(device, ioas, abi.HWPT_ALLOC_NEST_PARENT)
    computer.mock(computer.nested(device, parent))
    expect(computer.pins(ARENA, 9)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0])
    const { context } = computer
    computer.file.release()
    expect(context.objects.isEmpty).toBe(true)
    expect(computer.frames.pinnedTotal).toBe(0)
    expect(errnoOf(() => computer.ioas())).toBe('OK')
    expect(computer.raw(abi.IOAS_ALLOC.command, 0n)).toBe('EBADF')
    computer.file.release()
  })

  it('uapi 13 item 11: open access and fault files keep the context alive', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    computer.map(ioas, APERTURE, 0x1000n)
    const fd = computer.access(ioas, abi.TEST_ACCESS_NEEDS_PIN)
    const queueFd = computer.call(abi.FAULT_QUEUE_ALLOC).num('outFaultFd')
    computer.test('ACCESS_PAGES', fd, { iova: APERTURE, length: 0x1000 })
    const { context } = computer
    computer.file.release()
    expect(context.objects.isEmpty).toBe(false)
    expect(computer.frames.pinnedTotal).toBe(1)
    computer.file = computer.open()
    expect(computer.test('ACCESS_RW', fd, { iova: APERTURE, length: 16, uptr: ARENA + 0x8000n }).errno).toBe('OK')
    computer.process.files.close(fd)
    expect(computer.frames.pinnedTotal).toBe(0)
    expect(context.objects.isEmpty).toBe(false)
    computer.process.files.close(queueFd)
    expect(context.objects.isEmpty).toBe(true)
  })

  it('a typed access and a bound device keep it alive too, until they are given back', () => {
    const frames = new FakeFrames()
    const driver = new FakeDriver(frames)
    const file = openIommufd({ driver, temp: driver.temp })
    const { context } = file
    const ioas = context.ioasAlloc()
    const access = context.createAccess(ioas, { needsPin: false })
    const device = context.bindDevice(0)
    file.release()
    access.close()
    access.close()
    expect(context.objects.lookup(ioas)).toBeInstanceOf(Ioas)
    device.unbind()
    expect(context.objects.isEmpty).toBe(true)
  })

  it('an access that could not be attached leaves nothing behind', () => {
    const driver = new FakeDriver(new FakeFrames())
    const context = new IommufdContext({ driver, temp: driver.temp })
    context.holdFile()
    expect(errnoOf(() => context.createAccess(5, { needsPin: false }))).toBe('ENOENT')
    expect(context.objects.isEmpty).toBe(true)
    context.dropFile()
  })
})
