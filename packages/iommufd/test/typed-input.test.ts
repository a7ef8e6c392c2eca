// Kind: examples at both sides of each boundary. Bad input to the typed methods: a clear error that names the value, and nothing changed.
import { ioctl, openIommufd, Selftest, UserDirtyBitmap, VfioCompat } from '@iommukit/iommufd'
import { describe, expect, it } from 'vitest'
import { ARENA, Computer, U64_MAX } from './harness.ts'

type Untyped = (...args: unknown[]) => unknown

/** Calls a method with values that its types forbid. */
const untyped = (target: object, method: string): Untyped => {
  const found: unknown = Reflect.get(target, method)
  if (typeof found !== 'function') throw new Error(`no method ${method}`)
  return (...args) => Reflect.apply(found, target, args)
}

const badIds: [unknown, ErrorConstructor, string][] = [
  [-1, RangeError, '-1'],
  [2 ** 32, RangeError, '4294967296'],
  [1.5, TypeError, '1.5'],
  [Number.NaN, TypeError, 'NaN'],
  ['1', TypeError, '1 (string)'],
  [1n, TypeError, '1 (bigint)'],
  [null, TypeError, 'null'],
  [undefined, TypeError, 'undefined'],
  [{}, TypeError, 'an object'],
]

const badU64s: [unknown, ErrorConstructor, string][] = [
  [-1n, RangeError, '-1'],
  [U64_MAX + 1n, RangeError, '18446744073709551616'],
  [-1, RangeError, '-1'],
  [2 ** 53, RangeError, '9007199254740992'],
  [0.5, TypeError, '0.5'],
  [Number.POSITIVE_INFINITY, TypeError, 'Infinity'],
  ['0x10', TypeError, '0x10 (string)'],
  [undefined, TypeError, 'undefined'],
  [() => 1, TypeError, 'a function'],
]

describe('ids', () => {
  it.each(badIds)('%s', (id, kind, text) => {
    const computer = new Computer()
    const { context, process } = computer
    const map = { address: 0, length: 1, readable: true, writeable: false }
    const calls: (() => unknown)[] = [
      () => untyped(context, 'destroy')(id),
      () => untyped(context, 'ioasMap')(process, { ...map, ioasId: id }),
      () => untyped(context, 'ioasCopy')({ ...map, srcIoasId: id, dstIoasId: 1, srcIova: 0 }),
      () => untyped(context, 'ioasCopy')({ ...map, srcIoasId: 1, dstIoasId: id, srcIova: 0 }),
      () => untyped(context, 'ioasUnmap')(id, 0, 1),
      () => untyped(context, 'ioasIovaRanges')(id),
      () => untyped(context, 'ioasAllowIovas')(id, []),
      () => untyped(context, 'hugePages')(id),
      () => untyped(context, 'setHugePages')(id, true),
      () => untyped(context, 'hwptAlloc')({ deviceId: id, ptId: 1 }),
      () => untyped(context, 'hwptAlloc')({ deviceId: 1, ptId: id }),
      () => untyped(context, 'hwInfo')(id),
      () => untyped(context, 'hwptSetDirtyTracking')(id, true),
      () => untyped(context, 'hwptGetDirty')(id, {}),
      () => untyped(context, 'hwptInvalidate')(id, {}),
      () => untyped(context, 'createAccess')(id, { needsPin: false }),
      () => untyped(context, 'bindDevice')(id),
    ]
    for (const call of calls) {
      expect(call).toThrow(kind)
      expect(call).toThrow(text)
    }
    expect(context.objects.isEmpty).toBe(true)
  })
})

describe('u64', () => {
  it.each(badU64s)('%s', (value, kind, text) => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { context, process } = computer
    context.setCompatIoas(ioas)
    const vfio = new VfioCompat(context)
    const selftest = new Selftest(context, computer.driver.test!)
    const map = { ioasId: ioas, address: ARENA, length: 0x1000, iova: 0x1000, readable: true, writeable: true }
    const copy = { srcIoasId: ioas, dstIoasId: ioas, srcIova: 0, length: 1, dstIova: 0, readable: true, writeable: true }
    const calls: (() => unknown)[] = [
      () => untyped(context, 'ioasMap')(process, { ...map, address: value }),
      () => untyped(context, 'ioasMap')(process, { ...map, length: value }),
      () => untyped(context, 'ioasCopy')({ ...copy, srcIova: value }),
      () => untyped(context, 'ioasCopy')({ ...copy, length: value }),
      () => untyped(context, 'ioasUnmap')(ioas, value, 1),
      () => untyped(context, 'ioasUnmap')(ioas, 1, value),
      () => untyped(context, 'ioasAllowIovas')(ioas, [{ start: value, last: 5 }]),
      () => untyped(context, 'ioasAllowIovas')(ioas, [{ start: 0, last: value }]),
      () => untyped(vfio, 'checkExtension')(value),
      () => untyped(vfio, 'setIommu')(value),
      () => untyped(vfio, 'mapDma')(process, { ...map, iova: value }),
      () => untyped(vfio, 'unmapDma')(value, 1),
      () => untyped(selftest, 'addReserved')(ioas, value, 1),
      () => untyped(selftest, 'addReserved')(ioas, 1, value),
      () => untyped(selftest, 'checkMap')(process, 1, value, 0, 0),
      () => untyped(selftest, 'checkRefs')(process, value, 0, 0),
      () => untyped(selftest, 'markDirty')(process, 1, { iova: value, length: 1, pageSize: 1, address: 1 }),
    ]
    for (const call of calls) {
      expect(call).toThrow(kind)
      expect(call).toThrow(text)
    }
    expect(context.ioasIovaRanges(ioas).ranges.length).toBe(1)
    expect(context.ioasUnmap(ioas, 0n, U64_MAX)).toBe(0n)
  })

  it('safe numbers and bigints are the same', () => {
    const { context, process } = new Computer()
    const ioas = context.ioasAlloc()
    const at = { ioasId: ioas, readable: true, writeable: true }
    expect(context.ioasMap(process, { ...at, address: 0x1000, length: 0x1000, iova: 0x5000 })).toBe(0x5000n)
    expect(context.ioasMap(process, { ...at, address: 0x1000n, length: 0x1000n, iova: 0x6000n })).toBe(0x6000n)
    expect(context.ioasUnmap(ioas, 0x5000, 0x2000n)).toBe(0x2000n)
  })
})

describe('ioctl', () => {
  it('a command that is no u32, an argument that is no u64 and a file that is none are the caller’s mistakes', () => {
    const { file, process } = new Computer()
    const call = ioctl as unknown as Untyped
    expect(() => call(file, -1, 0n, process)).toThrow(RangeError)
    expect(() => call(file, 2 ** 32, 0n, process)).toThrow(RangeError)
    expect(() => call(file, 0x3b80, -1n, process)).toThrow(RangeError)
    expect(() => call(file, 0x3b80, U64_MAX + 1n, process)).toThrow(RangeError)
    expect(() => call(file, '0x3b80', 0n, process)).toThrow(TypeError)
    expect(() => call({}, 0x3b80, 0n, process)).toThrow(TypeError)
    expect(() => call(null, 0x3b80, 0n, process)).toThrow(TypeError)
  })

  it('a process, a driver and a context’s options must be what they say', () => {
    const { context, file, driver, process } = new Computer()
    context.setCompatIoas(context.ioasAlloc())
    const selftest = new Selftest(context, driver.test!)
    const request = { ioasId: 1, address: 0, length: 1, iova: 0, readable: true, writeable: true }
    for (const none of [undefined, null, 5, {}, { ...process, memory: undefined }, { memory: process.memory }]) {
      const calls: (() => unknown)[] = [
        () => (ioctl as unknown as Untyped)(file, 0x3b80, 0n, none),
        () => untyped(context, 'ioasMap')(none, request),
        () => untyped(context, 'setAccountingMode')(none, 'user'),
        () => untyped(new VfioCompat(context), 'mapDma')(none, request),
        () => untyped(selftest, 'checkMap')(none, 1, 0, 0, 0),
        () => untyped(selftest, 'checkRefs')(none, 0, 0, 0),
        () => untyped(selftest, 'markDirty')(none, 1, { iova: 0, length: 1, pageSize: 1, address: 1 }),
      ]
      for (const call of calls) expect(call).toThrow('process must have memory, files, accounting and capabilities')
    }
    const make = openIommufd as unknown as Untyped
    for (const options of [undefined, {}, { driver }, { driver: {}, temp: driver.temp }, { driver, temp: {} }])
      expect(() => make(options)).toThrow(TypeError)
    expect(() => new Selftest(context, undefined as never)).toThrow(TypeError)
  })

  it('rw wants bytes', () => {
    const { context } = new Computer()
    const access = context.createAccess(context.ioasAlloc(), { needsPin: false })
    expect(() => untyped(access, 'rw')(0, [1, 2], { write: true })).toThrow(TypeError)
    access.close()
  })

  it('a sink over user memory lets programmer’s errors of the memory through', () => {
    const memory = {
      read: () => {
        throw new TypeError('broken memory')
      },
      write: () => {},
      pageSource: () => {
        throw new TypeError('unused')
      },
      pfnOf: () => undefined,
    }
    const sink = new UserDirtyBitmap({ memory, address: 0n, iova: 0n, length: 8n, pageSize: 1n, largestIoPage: 1n })
    expect(() => sink.record(0n, 1n)).toThrow('broken memory')
  })
})
