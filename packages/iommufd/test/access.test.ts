// Kind: examples; rows of the tables in order. Accesses and the other test ops (spec uapi section 10, observed items 11 to 13).
import { abi, Selftest, SelftestAccess } from '@iommukit/iommufd'
import { describe, expect, it } from 'vitest'
import { APERTURE, ARENA, Computer, errnoOf, errnos, ladder, U64_MAX } from './harness.ts'

const { TEST_ACCESS_NEEDS_PIN, TEST_ACCESS_SLOW_PATH, TEST_ACCESS_WRITE } = abi

type Values = Readonly<Record<string, number | bigint>>

function setup() {
  const computer = new Computer()
  const ioas = computer.ioas()
  computer.map(ioas, 0x10000n, 0x4000n, ARENA)
  computer.map(ioas, 0x14000n, 0x2000n, ARENA + 0x8000n, 5)
  const fd = computer.access(ioas, TEST_ACCESS_NEEDS_PIN)
  const plain = computer.access(ioas, 0)
  const pages = ({ fd: id, ...values }: Values) => computer.test('ACCESS_PAGES', Number(id), values)
  const rw = ({ fd: id, ...values }: Values) => computer.test('ACCESS_RW', Number(id), values)
  return { computer, ioas, fd, plain, pages, rw }
}

describe('CREATE_ACCESS', () => {
  it('flags, then the IOAS, then the alignment; a failure gives id and descriptor back', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    computer.map(ioas, 0x10001n, 0x1000n)
    const create = (id: number, flags: number) => computer.test('CREATE_ACCESS', id, { flags })
    expect([create(99, 2).errno, create(99, 1).errno, create(ioas, 1).errno]).toEqual(['EOPNOTSUPP', 'ENOENT', 'EADDRINUSE'])
    expect(create(ioas, 0).num('outAccessFd')).toBe(3)
    expect(computer.ioas()).toBe(3)
  })
})

describe('ACCESS_PAGES', () => {
  it('checks in the order of uapi 10.2, op 7', () => {
    const { fd, plain, pages } = setup()
    const bad = { fd: 99, length: (16n << 20n) + 1n, flags: 2, iova: 0x10001n, uptr: 0 }
    const steps = [
      ['ENOMEM', { length: 0 }],
      ['EOPNOTSUPP', { flags: 1 }],
      ['EBADFD', { fd: plain }],
      ['EOPNOTSUPP', { fd }],
      ['EINVAL', { length: 0x1000, iova: U64_MAX - 0xffen }],
      ['EOVERFLOW', { iova: 0x10800 }],
      ['EINVAL', { iova: 0x16000 }],
      ['ENOENT', { iova: 0x14000 }],
      ['EPERM', { flags: 0, length: 0x3000 }],
      ['ENOENT', { length: 0x1000, uptr: ARENA }],
      ['EBADE', { uptr: ARENA + 0x8000n }],
      ['OK', {}],
    ] as const
    expect(ladder(bad, steps, (values) => pages(values).errno)).toEqual(errnos(steps))
  })

  it('uapi 13 item 13: compares frames, not addresses: memory mapped elsewhere since then differs', () => {
    const { computer, fd, pages } = setup()
    expect(pages({ fd, iova: 0x10000, length: 0x2000, uptr: ARENA }).num('outItemId')).toBe(0)
    computer.process.memory.map(ARENA, 1)
    expect(pages({ fd, iova: 0x10000, length: 0x2000, uptr: ARENA }).errno).toBe('EBADE')
    expect(pages({ fd, iova: 0x12000, length: 0x1000, uptr: ARENA }).errno).toBe('EBADE')
    expect(pages({ fd, iova: 0x12000, length: 0x1000, uptr: 0x1000 }).errno).toBe('EFAULT')
    expect(computer.pins(ARENA + 0x2000n, 1)).toEqual([0])
    expect(pages({ fd, iova: 0x10000, length: 0x2000 }).num('outItemId')).toBe(1)
    expect(pages({ fd, iova: 0x11000, length: 0x1000, uptr: ARENA + 0x1000n }).num('outItemId')).toBe(2)
  })

  it('uapi 13 item 10: pins count per set of pages, not per access, area or page table', () => {
    const { computer, ioas, fd, pages } = setup()
    const pins = (): number[] => computer.pins(ARENA, 4)
    pages({ fd, iova: 0x10000, length: 0x2000 })
    pages({ fd, iova: 0x11000, length: 0x2000 })
    expect(pins()).toEqual([1, 1, 1, 0])
    computer.call(abi.IOAS_COPY, { srcIoasId: ioas, dstIoasId: ioas, srcIova: 0x10000, dstIova: 0x90000, length: 0x4000, flags: 7 })
    pages({ fd, iova: 0x90000, length: 0x4000 })
    expect(pins()).toEqual([1, 1, 1, 1])
    expect(computer.test('MD_CHECK_REFS', 0, { uptr: ARENA, length: 0x4000, refs: 1 }).errno).toBe('OK')
  })

  it('items: ids count up, an unknown one is ENOENT, each is dropped once', () => {
    const { computer, fd, plain, pages } = setup()
    const drop = (id: number, itemId: number): string => computer.test('DESTROY_ACCESS_PAGES', id, { itemId }).errno
    for (let k = 0; k < 3; k++) expect(pages({ fd, iova: 0x10000, length: 0x1000 }).num('outItemId')).toBe(k)
    expect([drop(fd, 1), drop(fd, 1), drop(fd, 9), drop(plain, 0), drop(99, 0), drop(0xffff_ffff, 0)]).toEqual([
      'OK',
      'ENOENT',
      'ENOENT',
      'ENOENT',
      'EBADFD',
      'EBADFD',
    ])
    expect(computer.pins(ARENA, 1)).toEqual([1])
    expect([drop(fd, 0), drop(fd, 2)]).toEqual(['OK', 'OK'])
    expect(computer.pins(ARENA, 1)).toEqual([0])
  })

  it('observed item 13: unmap drops exactly the items that meet the area', () => {
    const { computer, ioas, fd, pages } = setup()
    for (const [iova, length] of [
      [0x10000, 0x1000],
      [0x13000, 0x2000],
      [0x14000, 1],
      [0x15000, 0x1000],
    ] as const) {
      pages({ fd, iova, length })
    }
    expect(computer.call(abi.IOAS_UNMAP, { ioasId: ioas, iova: 0x14000, length: 0x2000 }).num('length')).toBe(0x2000)
    const drop = (itemId: number): string => computer.test('DESTROY_ACCESS_PAGES', fd, { itemId }).errno
    expect([1, 2, 3, 0].map(drop)).toEqual(['ENOENT', 'ENOENT', 'ENOENT', 'OK'])
    expect(computer.frames.pinnedTotal).toBe(0)
  })

  it('an area is named by number with flag 0x10000', () => {
    const { fd, pages, rw, computer } = setup()
    expect(pages({ fd, iova: 1n, length: 0x1000, flags: 0x10000, uptr: ARENA + 0x8000n }).errno).toBe('OK')
    expect(pages({ fd, iova: 0n | (0x2000n << 32n), length: 0x1000, flags: 0x10000, uptr: ARENA + 0x2000n }).errno).toBe('OK')
    expect(rw({ fd, iova: 7n, length: 1, flags: 0x10000, uptr: ARENA }).errno).toBe('ENOENT')
    expect(computer.pins(ARENA, 4)).toEqual([0, 0, 1, 0])
  })
})

describe('ACCESS_RW', () => {
  it('checks in the order of uapi 10.2, op 8', () => {
    const { fd, rw } = setup()
    const bad = { fd: 99, length: (16n << 20n) + 1n, flags: 2 | TEST_ACCESS_WRITE, iova: U64_MAX, uptr: 0x10 }
    const steps = [
      ['ENOMEM', { length: 16n << 20n }],
      ['EOPNOTSUPP', { flags: TEST_ACCESS_WRITE }],
      ['EBADFD', { fd }],
      ['EFAULT', { length: 0 }],
      ['EINVAL', { length: 2, uptr: ARENA + 0x10000n }],
      ['EOVERFLOW', { length: 1 }],
      ['ENOENT', { iova: 0x14000 }],
      ['EPERM', { flags: 0, uptr: 0x10 }],
      ['EFAULT', { uptr: ARENA + 0x10000n }],
      ['OK', {}],
    ] as const
    expect(ladder(bad, steps, (values) => rw(values).errno)).toEqual(errnos(steps))
  })

  it.each([0, TEST_ACCESS_SLOW_PATH])('copies bytes across areas both ways, flags %i', (path) => {
    const { computer, fd, plain, rw } = setup()
    const { memory } = computer.process
    memory.write(ARENA + 0x3ff8n, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))
    memory.write(ARENA + 0x8000n, Uint8Array.of(9, 10, 11, 12))
    expect(rw({ fd, iova: 0x13ff8, length: 12, uptr: ARENA + 0x10001n, flags: path }).errno).toBe('OK')
    const out = new Uint8Array(14)
    memory.read(ARENA + 0x10000n, out)
    expect([...out]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0])
    expect(rw({ fd: plain, iova: 0x10fff, length: 3, uptr: ARENA + 0x10004n, flags: path | TEST_ACCESS_WRITE }).errno).toBe('OK')
    memory.read(ARENA + 0xffen, out.subarray(0, 5))
    expect([...out.subarray(0, 5)]).toEqual([0, 4, 5, 6, 0])
    expect(computer.frames.pinnedTotal).toBe(0)
  })

  it('observed item 12: an error in a later area leaves the earlier part written', () => {
    const { computer, fd, rw } = setup()
    const { memory } = computer.process
    memory.write(ARENA + 0x10000n, new Uint8Array(0x20).fill(7))
    expect(rw({ fd, iova: 0x13ff0, length: 0x20, uptr: ARENA + 0x10000n, flags: TEST_ACCESS_WRITE }).errno).toBe('EPERM')
    const out = new Uint8Array(16)
    memory.read(ARENA + 0x3ff0n, out)
    expect(out.every((byte) => byte === 7)).toBe(true)
  })
})

describe('ACCESS_REPLACE_IOAS', () => {
  it('EBADFD, ENOENT, the same IOAS, EADDRINUSE; a move drops every item', () => {
    const { computer, ioas, fd, pages } = setup()
    const other = computer.ioas()
    const replace = (id: number, ioasId: number): string => computer.test('ACCESS_REPLACE_IOAS', id, { ioasId }).errno
    pages({ fd, iova: 0x10000, length: 0x2000 })
    expect([replace(99, ioas), replace(fd, 99), replace(fd, 0), replace(fd, ioas)]).toEqual(['EBADFD', 'ENOENT', 'ENOENT', 'OK'])
    expect(computer.pins(ARENA, 3)).toEqual([1, 1, 0])
    computer.map(other, 0x1001n, 0x1000n)
    expect(replace(fd, other)).toBe('EADDRINUSE')
    expect(computer.pins(ARENA, 3)).toEqual([1, 1, 0])
    computer.context.ioasUnmap(other, 0x1001, 0x1000)
    expect(replace(fd, other)).toBe('OK')
    expect(computer.frames.pinnedTotal).toBe(0)
    expect(computer.test('DESTROY_ACCESS_PAGES', fd, { itemId: 0 }).errno).toBe('ENOENT')
    expect(computer.context.ioasIovaRanges(other).alignment).toBe(4096)
    expect(computer.context.ioasIovaRanges(ioas).alignment).toBe(1)
    expect(computer.destroy(other)).toBe('EBUSY')
  })

  it('an access that is being moved pins nothing, and unpins from where it was', () => {
    const computer = new Computer()
    const [from, to] = [computer.ioas(), computer.ioas()]
    computer.map(from, 0x10000n, 0x2000n)
    const seen: string[] = []
    const access = computer.context.createAccess(from, {
      needsPin: true,
      unmap: () => {
        seen.push(errnoOf(() => access.pinPages(0x10000n, 0x1000n, false)))
        seen.push(errnoOf(() => access.rw(0x10000n, new Uint8Array(1), { write: false })))
        seen.push(errnoOf(() => access.replace(from)))
        seen.push(errnoOf(() => access.attach(from)))
        if (computer.frames.pinnedTotal > 0) access.unpinPages(0x10000n, 0x1000n)
      },
    })
    access.pinPages(0x10000n, 0x1000n, false)
    access.replace(to)
    expect(seen).toEqual(['ENOENT', 'ENOENT', 'ENOENT', 'EBUSY'])
    expect(access.ioas?.id).toBe(to)
    expect(computer.frames.pinnedTotal).toBe(0)
    access.detach()
    expect([errnoOf(() => access.replace(to)), errnoOf(() => access.unpinPages(0, 1))]).toEqual(['ENOENT', 'ENOENT'])
    access.attach(to)
    expect(errnoOf(() => access.attach(to))).toBe('EINVAL')
    access.close()
    expect(computer.destroy(to)).toBe('OK')
  })

  it('an access without pins cannot pin', () => {
    const computer = new Computer()
    const access = computer.context.createAccess(computer.ioas(), { needsPin: false })
    expect(errnoOf(() => access.pinPages(0, 1, false))).toBe('EINVAL')
    access.close()
  })
})

describe('other ops', () => {
  it('ADD_RESERVED: length, overflow, id, EADDRINUSE', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    computer.map(ioas, 0x10000n, 0x1000n)
    const bad = { id: 99, start: U64_MAX, length: 0 }
    const steps = [
      ['EINVAL', { length: 2 }],
      ['EOVERFLOW', { length: 1 }],
      ['ENOENT', { id: ioas, start: 0x10fff }],
      ['EADDRINUSE', { start: 0x11000 }],
      ['OK', {}],
      ['OK', { start: U64_MAX }],
      ['OK', {}],
    ] as const
    const call = ({ id, ...values }: Values): string => computer.test('ADD_RESERVED', Number(id), values).errno
    expect(ladder(bad, steps, call)).toEqual(errnos(steps))
    expect(computer.destroy(ioas)).toBe('OK')
  })

  it('MD_CHECK_MAP: alignment, overflow, id, then the frames', () => {
    const computer = new Computer()
    const ioas = computer.ioas()
    const { hwpt, stdev } = computer.mock(ioas)
    computer.map(ioas, APERTURE, 0x2000n, ARENA + 0x1000n)
    const bad = { id: stdev, iova: APERTURE + 0x400n, length: 0x400, uptr: U64_MAX - 0x3ffn }
    const steps = [
      ['EINVAL', { iova: APERTURE }],
      ['EINVAL', { length: 0x800 }],
      ['EINVAL', { uptr: U64_MAX - 0x7ffn }],
      ['EINVAL', { uptr: 0 }],
      ['ENOENT', { id: hwpt }],
      ['EFAULT', { uptr: ARENA }],
      ['EINVAL', { uptr: ARENA + 0x1000n }],
      ['OK', { length: 0x2800 }],
      ['EINVAL', { length: 0, uptr: 0 }],
      ['OK', {}],
    ] as const
    const call = ({ id, ...values }: Values): string => computer.test('MD_CHECK_MAP', Number(id), values).errno
    expect(ladder(bad, steps, call)).toEqual(errnos(steps))
  })

  it('MD_CHECK_REFS: alignment, overflow, EFAULT, EIO', () => {
    const computer = new Computer()
    const bad = { uptr: U64_MAX - 0x7ffn, length: 0x800, refs: 1 }
    const steps = [
      ['EINVAL', { uptr: U64_MAX - 0xfffn }],
      ['EINVAL', { length: 0x1000 }],
      ['EINVAL', { uptr: 0 }],
      ['EFAULT', { uptr: ARENA }],
      ['EIO', { refs: 0 }],
      ['OK', { length: 0, uptr: 0 }],
      ['OK', {}],
    ] as const
    expect(ladder(bad, steps, (values) => computer.test('MD_CHECK_REFS', 0, values).errno)).toEqual(errnos(steps))
  })

  it('typed: a range above 16 MiB is ENOMEM', () => {
    const { computer, fd } = setup()
    const file = computer.process.files.get(fd) as SelftestAccess
    const selftest = new Selftest(computer.context, computer.driver.test!)
    const pages = (length: number): string => errnoOf(() => selftest.accessPages(computer.process, file, 0x10000, length, 0, false))
    expect([pages((16 << 20) + 1), pages(16 << 20), pages(0x1000)]).toEqual(['ENOMEM', 'ENOENT', 'OK'])
  })

  it('SET_TEMP_MEMORY_LIMIT: from 12 on, global', () => {
    const computer = new Computer()
    const set = (limit: number): string => computer.test('SET_TEMP_MEMORY_LIMIT', 0, { limit }).errno
    expect([0, 11, 12, 0xffff_ffff].map(set)).toEqual(['EINVAL', 'EINVAL', 'OK', 'OK'])
    expect(computer.driver.temp.limitBytes).toBe(0xffff_ffff)
  })

  it('unknown ops are EOPNOTSUPP', () => {
    const computer = new Computer()
    for (const op of [0, 16, 17, 99, 0xffff_ffff]) expect(computer.call(abi.TEST_CMD, { op }).errno).toBe('EOPNOTSUPP')
  })

  it('a descriptor of another kind is no access; one of another context is', () => {
    const { computer, rw } = setup()
    const queueFd = computer.call(abi.FAULT_QUEUE_ALLOC).num('outFaultFd')
    expect(rw({ fd: queueFd, iova: 0x10000, length: 1, uptr: ARENA }).errno).toBe('EBADFD')
    computer.file = computer.open()
    expect(rw({ fd: 3, iova: 0x10000, length: 1, uptr: ARENA }).errno).toBe('OK')
    const file = computer.process.files.get(3)
    expect(file).toBeInstanceOf(SelftestAccess)
    file?.release()
    file?.release()
  })
})
