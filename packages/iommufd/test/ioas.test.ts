// Kind: examples; each row of the error tables of IOAS commands in its order (spec uapi section 4).
import { abi, Ioas } from '@iommukit/iommufd'
import { describe, expect, it } from 'vitest'
import { APERTURE, ARENA, Computer, errnoOf, errnos, ladder, SCRATCH, U64_MAX, u64s } from './harness.ts'

describe('IOAS_ALLOC', () => {
  it('refuses flags', () => {
    const computer = new Computer()
    for (const flags of [1, 0x8000_0000]) expect(computer.call(abi.IOAS_ALLOC, { flags }).errno).toBe('EOPNOTSUPP')
    expect(computer.ioas()).toBe(1)
  })
})

describe('IOAS_MAP', () => {
  it('checks in the order of uapi 4.4, with a page table', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    computer.mock(ioas)
    computer.map(ioas, APERTURE, 0x1000n)
    const bad = { flags: 9, reserved: 1, iova: U64_MAX, length: U64_MAX, ioasId: 99, userVa: U64_MAX - 0x7ffn }
    const steps = [
      ['EOPNOTSUPP', { flags: 1 }],
      ['EOPNOTSUPP', { reserved: 0 }],
      ['EOVERFLOW', { iova: U64_MAX - 1n }],
      ['EOVERFLOW', { length: U64_MAX - 1n }],
      ['EINVAL', { flags: 7 }],
      ['ENOENT', { ioasId: ioas }],
      ['EINVAL', { length: 0 }],
      ['EINVAL', { length: 0x801 }],
      ['EOVERFLOW', { userVa: 0x10_0400n }],
      ['EINVAL', { length: 0x1000 }],
      ['EINVAL', { iova: U64_MAX - 0x7ffn }],
      ['EOVERFLOW', { iova: 0x1000 }],
      ['EINVAL', { iova: APERTURE + 0x800n }],
      ['EEXIST', { iova: APERTURE + 0x1000n }],
      ['EINVAL', { userVa: 0x10_0800n }],
      ['EFAULT', { userVa: ARENA }],
      ['OK', {}],
    ] as const
    expect(ladder(bad, steps, (values) => computer.call(abi.IOAS_MAP, values).errno)).toEqual(errnos(steps))
  })

  it('the page table charges: ENOMEM after EFAULT, and nothing stays', () => {
    const computer = new Computer()
    computer.process.capabilities.ipcLock = false
    computer.process.limitPages = 3
    const ioas = computer.ioas()
    computer.mock(ioas)
    expect(computer.map(ioas, APERTURE, 0x4000n)).toBe('ENOMEM')
    expect(computer.frames.pinnedTotal).toBe(0)
    expect(computer.map(ioas, APERTURE, 0x3000n)).toBe('OK')
    expect(computer.process.charged).toEqual({ none: 0, user: 3, mm: 0 })
  })

  it('the iova of an automatic map is tested against 2^64-1 too, and otherwise ignored', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    expect(computer.map(ioas, U64_MAX, 0x1000n, ARENA, 6)).toBe('EOVERFLOW')
    const answer = computer.call(abi.IOAS_MAP, { ioasId: ioas, iova: 0x1234, length: 0x1000, userVa: ARENA, flags: 6 })
    expect([answer.errno, answer.big('iova')]).toEqual(['OK', 0x1000n])
  })

  it('uapi 13 item 5: a failed map writes nothing back', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    computer.context.ioasAllowIovas(ioas, [{ start: 0x1000n, last: 0x1fffn }])
    const failed = computer.call(abi.IOAS_MAP, { ioasId: ioas, iova: 0x77, length: 0x3000, userVa: ARENA, flags: 6 })
    expect([failed.errno, failed.big('iova')]).toEqual(['ENOSPC', 0x77n])
  })

  it('uapi 13 item 12: allowed ranges steer automatic maps only', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    computer.context.ioasAllowIovas(ioas, [{ start: 0x10000n, last: 0x1ffffn }])
    expect(computer.map(ioas, 0x40000n, 0x1000n)).toBe('OK')
    expect(computer.call(abi.IOAS_MAP, { ioasId: ioas, length: 0x1000, userVa: ARENA, flags: 6 }).big('iova')).toBe(0x10000n)
    expect(computer.test('ADD_RESERVED', ioas, { start: 0x10000, length: 0x1000 }).errno).toBe('EADDRINUSE')
  })

  it('uapi 13 item 14: ranges at the top of u64 are exact', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    expect(computer.map(ioas, U64_MAX - 0xfffn, 0x1000n)).toBe('OK')
    expect(computer.map(ioas, U64_MAX - 0xfffn, 0x1001n)).toBe('EOVERFLOW')
    expect(computer.map(ioas, U64_MAX - 1n, 1n)).toBe('EEXIST')
    expect(computer.map(ioas, 0n, 1n, U64_MAX)).toBe('EOVERFLOW')
    expect(computer.map(ioas, 0n, 1n, U64_MAX - 1n)).toBe('OK')
    expect(computer.call(abi.IOAS_UNMAP, { ioasId: ioas, iova: U64_MAX - 0xfffn, length: 0x1000 }).errno).toBe('OK')
  })
})

describe('IOAS_COPY', () => {
  it('checks in the order of uapi 4.6', () => {
    const computer = new Computer()
    const [src, dst] = [computer.ioas(), computer.ioas()]
    computer.mock(dst)
    computer.map(src, 0x10000n, 0x2000n, ARENA, 5)
    computer.map(src, 0x12000n, 0x1000n, ARENA + 0x4000n)
    computer.map(dst, APERTURE, 0x1000n)
    const bad = { flags: 8, length: U64_MAX, srcIova: U64_MAX, dstIova: U64_MAX, srcIoasId: 99, dstIoasId: 98 }
    const steps = [
      ['EOPNOTSUPP', { flags: 1 }],
      ['EOVERFLOW', { length: U64_MAX - 1n }],
      ['EOVERFLOW', { srcIova: 0x14000 }],
      ['EOVERFLOW', { dstIova: U64_MAX - 0x7ffn }],
      ['EINVAL', { flags: 7 }],
      ['ENOENT', { srcIoasId: src, length: 0 }],
      ['EINVAL', { length: U64_MAX - 1n }],
      ['EOVERFLOW', { length: 0x1000 }],
      ['ENOENT', { srcIova: 0x12000, length: 0x1001 }],
      ['ENOENT', { srcIova: 0x10000, length: 0x801 }],
      ['ENOENT', { dstIoasId: dst }],
      ['EINVAL', { length: 0x1000, dstIova: APERTURE + 1n }],
      ['EINVAL', { dstIova: U64_MAX - 0x7ffn }],
      ['EOVERFLOW', { dstIova: 0x1000 }],
      ['EINVAL', { dstIova: APERTURE }],
      ['EEXIST', { dstIova: APERTURE + 0x1000n }],
      ['EPERM', { flags: 5, srcIova: 0x10400 }],
      ['EINVAL', { srcIova: 0x10000 }],
      ['OK', {}],
    ] as const
    expect(ladder(bad, steps, (values) => computer.call(abi.IOAS_COPY, values).errno)).toEqual(errnos(steps))
    expect(computer.pins(ARENA, 3)).toEqual([2, 0, 0])
  })

  it('a destination that does not exist leaves no reference on the source pages', () => {
    const computer = new Computer()
    const src = computer.ioas()
    computer.map(src, 0x10000n, 0x1000n)
    const { table } = computer.context.objects.get(src, Ioas, 'ioas')
    const holders = (): (number | undefined)[] => [...table.areas()].map(({ pages }) => pages?.refs)
    const before = holders()
    expect(computer.call(abi.IOAS_COPY, { srcIoasId: src, dstIoasId: 9, srcIova: 0x10000, length: 0x1000, flags: 6 }).errno).toBe('ENOENT')
    expect(holders()).toEqual(before)
  })

  it('names the source by area number where test ops exist: flag 0x10000', () => {
    const computer = new Computer()
    const src = computer.ioas()
    computer.map(src, 0x10000n, 0x1000n)
    computer.map(src, 0x30000n, 0x2000n, ARENA + 0x2000n)
    const copy = (nth: bigint, inArea: bigint): string =>
      computer.call(abi.IOAS_COPY, {
        srcIoasId: src,
        dstIoasId: src,
        srcIova: nth | (inArea << 32n),
        dstIova: 0x90000n + nth * 0x10000n,
        length: 0x1000,
        flags: 0x10007,
      }).errno
    expect([copy(0n, 0n), copy(1n, 0x1000n), copy(1n, 0x1001n), copy(9n, 0n)]).toEqual(['OK', 'OK', 'ENOENT', 'ENOENT'])
    const without = new Computer({ testOps: false })
    expect(without.call(abi.IOAS_COPY, { flags: 0x10007 }).errno).toBe('EOPNOTSUPP')
  })
})

describe('IOAS_UNMAP', () => {
  it('checks in the order of uapi 4.7', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    computer.map(ioas, 0x10000n, 0x4000n)
    const bad = { ioasId: 99, iova: U64_MAX, length: U64_MAX }
    const steps = [
      ['ENOENT', { ioasId: ioas }],
      ['EOVERFLOW', { iova: 0x10000 }],
      ['EOVERFLOW', { length: 0 }],
      ['EINVAL', { length: U64_MAX - 1n }],
      ['EOVERFLOW', { length: 0x1000 }],
      ['ENOENT', { length: 0x4000 }],
      ['OK', {}],
      ['ENOENT', {}],
    ] as const
    expect(ladder(bad, steps, (values) => computer.call(abi.IOAS_UNMAP, values).errno)).toEqual(errnos(steps))
  })

  it('uapi 13 item 9: returns the bytes removed, and what was removed before ENOENT stays removed', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    computer.map(ioas, 0x10000n, 0x1000n)
    computer.map(ioas, 0x20000n, 0x2000n)
    const unmap = (iova: bigint, length: bigint) => computer.call(abi.IOAS_UNMAP, { ioasId: ioas, iova, length })
    expect(unmap(0n, 0x10_0000n).big('length')).toBe(0x3000n)
    computer.map(ioas, 0x10000n, 0x1000n)
    computer.map(ioas, 0x20000n, 0x2000n)
    const cut = unmap(0x10000n, 0x11000n)
    expect([cut.errno, cut.big('length')]).toEqual(['ENOENT', 0x11000n])
    expect(unmap(0x10000n, 0x1000n).errno).toBe('ENOENT')
    expect(unmap(0n, U64_MAX).big('length')).toBe(0x2000n)
    expect(unmap(0n, U64_MAX).errno).toBe('OK')
  })
})

describe('IOAS_IOVA_RANGES', () => {
  it('reserved, id, then the ranges; EMSGSIZE still fills what fits and tells the total', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    for (const start of [0x1000n, 0x3000n, 0x5000n]) computer.test('ADD_RESERVED', ioas, { start, length: 0x1000 })
    const ask = (numIovas: number, values = {}) =>
      computer.call(abi.IOAS_IOVA_RANGES, { ioasId: ioas, numIovas, allowedIovas: ARENA, ...values })
    expect(ask(0, { reserved: 1, ioasId: 99 }).errno).toBe('EOPNOTSUPP')
    expect(ask(0, { ioasId: 99 }).errno).toBe('ENOENT')
    const short = ask(2)
    expect([short.errno, short.num('numIovas'), short.num('outIovaAlignment')]).toEqual(['EMSGSIZE', 4, 1])
    const read = (elements: number): bigint[] => {
      const bytes = new Uint8Array(elements * 16)
      computer.process.memory.read(ARENA, bytes)
      return [...new BigUint64Array(bytes.buffer)]
    }
    expect(read(3)).toEqual([0n, 0xfffn, 0x2000n, 0x2fffn, 0n, 0n])
    expect([ask(3).errno, ask(4).errno]).toEqual(['EMSGSIZE', 'OK'])
    expect(read(4).slice(6)).toEqual([0x6000n, U64_MAX])
    expect(ask(0xffff_ffff).num('numIovas')).toBe(4)
    expect(ask(0, { allowedIovas: 0n }).errno).toBe('EMSGSIZE')
  })

  it('an array that cannot be written: EFAULT and no answer', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const answer = computer.call(abi.IOAS_IOVA_RANGES, { ioasId: ioas, numIovas: 7, allowedIovas: 0x10 })
    expect([answer.errno, answer.num('numIovas'), answer.num('outIovaAlignment')]).toEqual(['EFAULT', 7, 0])
  })

  it('with a page table: its aperture and alignment', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    computer.mock(ioas)
    expect(computer.context.ioasIovaRanges(ioas)).toEqual({ ranges: [{ start: APERTURE, last: 0x7fff_ffffn }], alignment: 2048 })
  })
})

describe('IOAS_ALLOW_IOVAS', () => {
  const setup = (...values: bigint[]) => {
    const computer = new Computer()
    const ioas = computer.ioas()
    computer.process.memory.write(ARENA, u64s(...values))
    const allow = (numIovas: number, more = {}): string =>
      computer.call(abi.IOAS_ALLOW_IOVAS, { ioasId: ioas, numIovas, allowedIovas: ARENA, ...more }).errno
    return { computer, ioas, allow }
  }

  it('reserved, id, then element by element: EFAULT, EINVAL, overlap; then EADDRINUSE', () => {
    const { computer, ioas, allow } = setup(0x1000n, 0x1fffn, 0x2000n, 0x2fffn)
    expect(allow(2, { reserved: 1, ioasId: 99 })).toBe('EOPNOTSUPP')
    expect(allow(2, { ioasId: 99 })).toBe('ENOENT')
    expect(allow(2, { allowedIovas: 0x10 })).toBe('EFAULT')
    expect(allow(2)).toBe('OK')
    computer.context.ioasAllowIovas(ioas, [])
    computer.test('ADD_RESERVED', ioas, { start: 0x2000, length: 1 })
    expect(allow(2)).toBe('EADDRINUSE')
    expect(allow(1)).toBe('OK')
    expect(allow(0, { allowedIovas: 0x10 })).toBe('OK')
  })

  it('start == last, start > last and overlaps are EINVAL, touching is fine', () => {
    expect(setup(5n, 5n).allow(1)).toBe('EINVAL')
    expect(setup(6n, 5n).allow(1)).toBe('EINVAL')
    expect(setup(0x1000n, 0x1fffn, 0x1fffn, 0x2fffn).allow(2)).toBe('EINVAL')
    expect(setup(0x2000n, 0x2fffn, 0x1000n, 0x1fffn).allow(2)).toBe('OK')
    expect(setup(0n, U64_MAX).allow(1)).toBe('OK')
  })

  it('the first bad element decides: an overlap in front of a hole is EINVAL, a hole in front of an overlap EFAULT', () => {
    const { computer, allow } = setup()
    const end = ARENA + 64n * 4096n
    computer.process.memory.write(end - 32n, u64s(1n, 9n, 9n, 12n))
    expect(allow(3, { allowedIovas: end - 32n })).toBe('EINVAL')
    computer.process.memory.write(end - 32n, u64s(1n, 3n, 4n, 8n))
    expect(allow(3, { allowedIovas: end - 32n })).toBe('EFAULT')
    computer.process.memory.write(end - 32n, u64s(1n, 3n, 4n, 4n))
    expect(allow(3, { allowedIovas: end - 32n })).toBe('EINVAL')
  })

  it('a hostile count reads no further than the first bad element', () => {
    const { computer, allow } = setup()
    const { memory } = computer.process
    const before = memory.bytesRead
    expect(allow(0xffff_ffff)).toBe('EINVAL')
    expect(memory.bytesRead - before).toBeLessThan(4200)
    const many = Array.from({ length: 64 * 256 }, () => [0x1000n, 0x2000n]).flat()
    memory.write(ARENA, u64s(...many))
    const again = memory.bytesRead
    expect(allow(0xffff_ffff)).toBe('EINVAL')
    expect(memory.bytesRead - again).toBeLessThan(4200)
    const distinct = Array.from({ length: 64 * 256 }, (_, k) => [BigInt(k) * 16n, BigInt(k) * 16n + 8n]).flat()
    memory.write(ARENA, u64s(...distinct))
    const last = memory.bytesRead
    expect(allow(0xffff_ffff)).toBe('EFAULT')
    expect(memory.bytesRead - last).toBeLessThan(64 * 4096 + 4096)
  })
})

describe('typed methods', () => {
  it('refuse 2^64-1 as an iova or a length, as the commands do, even for one byte', () => {
    const { context, process } = new Computer()
    const ioas = context.ioasAlloc()
    const map = { ioasId: ioas, address: ARENA, length: 1, readable: true, writeable: true }
    const copy = { srcIoasId: ioas, dstIoasId: ioas, srcIova: 0, length: 1, readable: true, writeable: true }
    expect(errnoOf(() => context.ioasMap(process, { ...map, iova: U64_MAX }))).toBe('EOVERFLOW')
    expect(errnoOf(() => context.ioasMap(process, { ...map, length: U64_MAX }))).toBe('EOVERFLOW')
    expect(errnoOf(() => context.ioasMap(process, { ...map, readable: false, writeable: false }))).toBe('EINVAL')
    context.ioasMap(process, { ...map, iova: 0 })
    expect(errnoOf(() => context.ioasCopy({ ...copy, dstIova: U64_MAX }))).toBe('EOVERFLOW')
    expect(errnoOf(() => context.ioasCopy({ ...copy, srcIova: U64_MAX }))).toBe('EOVERFLOW')
    expect(errnoOf(() => context.ioasCopy({ ...copy, readable: false, writeable: false }))).toBe('EINVAL')
    expect(context.ioasCopy({ ...copy, dstIova: U64_MAX - 1n })).toBe(U64_MAX - 1n)
  })

  it('an allowed list that is refused leaves the old one', () => {
    const { context, process } = new Computer()
    const ioas = context.ioasAlloc()
    const allow = (...ranges: [number, number][]): string =>
      errnoOf(() =>
        context.ioasAllowIovas(
          ioas,
          ranges.map(([start, last]) => ({ start, last })),
        ),
      )
    expect(allow([0x5000, 0x5fff])).toBe('OK')
    expect([allow([0x1000, 0x1000]), allow([0x1000, 0x2000], [0x2000, 0x3000])]).toEqual(['EINVAL', 'EINVAL'])
    expect(context.ioasMap(process, { ioasId: ioas, address: ARENA, length: 1, readable: true, writeable: true })).toBe(0x5000n)
  })
})

describe('DESTROY and the scratch structure', () => {
  it('writes nothing back', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const before = computer.process.memory.bytesWritten
    computer.process.memory.write(SCRATCH, u64s((BigInt(ioas) << 32n) | 8n))
    expect(computer.raw(abi.DESTROY.command, SCRATCH)).toBe('OK')
    expect(computer.process.memory.bytesWritten - before).toBe(8)
    expect(errnoOf(() => computer.context.destroy(ioas))).toBe('ENOENT')
  })
})
