// Kind: examples. The fault queue, its file and TRIGGER_IOPF (spec uapi section 7).
import { abi, FaultFile } from '@iommukit/iommufd'
import { describe, expect, it } from 'vitest'
import { ARENA, Computer, errnoOf, u32s } from './harness.ts'

function setup() {
  const computer = new Computer()
  const { memory, files } = computer.process
  const ioas = computer.ioas()
  const { device, stdev } = computer.mock(ioas)
  const parent = computer.hwpt(device, ioas, abi.HWPT_ALLOC_NEST_PARENT)
  const queue = computer.call(abi.FAULT_QUEUE_ALLOC)
  const faultId = queue.num('outFaultId')
  const fd = queue.num('outFaultFd')
  const file = files.get(fd)
  if (!(file instanceof FaultFile)) throw new Error('no fault file')
  const nested = computer.nested(device, parent, 1, { flags: abi.HWPT_ALLOC_FAULT_ID_VALID, faultId })
  const replace = (ptId: number): string => computer.test('MOCK_DOMAIN_REPLACE', stdev, { ptId }).errno
  const trigger = (groupId: number, values = {}): string =>
    computer.test('TRIGGER_IOPF', 0, { deviceId: device, groupId, permissions: 3, address: 0x7000, ...values }).errno
  const read = (length: number, address = ARENA): number | string => number(() => file.read(memory, address, length))
  const write = (...words: number[]): number | string => {
    memory.write(ARENA + 0x1000n, u32s(...words))
    return number(() => file.write(memory, ARENA + 0x1000n, words.length * 4))
  }
  const words = (count: number): number[] => {
    const bytes = new Uint8Array(count * 4)
    memory.read(ARENA, bytes)
    return [...new Uint32Array(bytes.buffer)]
  }
  return { computer, ioas, faultId, fd, file, nested, parent, device, stdev, replace, trigger, read, write, words, memory }
}

function number(run: () => number): number | string {
  let ret = -1
  const errno = errnoOf(() => {
    ret = run()
  })
  return errno === 'OK' ? ret : errno
}

describe('FAULT_QUEUE_ALLOC', () => {
  it('flags; id and descriptor; destroyed only when its file is closed and no page table uses it', () => {
    const { computer, faultId, fd, nested } = setup()
    expect(computer.call(abi.FAULT_QUEUE_ALLOC, { flags: 1 }).errno).toBe('EOPNOTSUPP')
    expect(computer.destroy(faultId)).toBe('EBUSY')
    computer.process.files.close(fd)
    expect(computer.destroy(faultId)).toBe('EBUSY')
    expect(computer.destroy(nested)).toBe('OK')
    expect(computer.destroy(faultId)).toBe('OK')
  })

  it('a file released twice counts once', () => {
    const { computer, file, faultId, nested } = setup()
    computer.destroy(nested)
    file.release()
    file.release()
    expect(computer.destroy(faultId)).toBe('OK')
    expect(computer.context.objects.isEmpty).toBe(false)
  })
})

describe('faults', () => {
  it('read: whole groups in order with the lowest free cookies; write answers them', () => {
    const { computer, device, nested, replace, trigger, read, write, words, file } = setup()
    replace(nested)
    expect([read(80), file.poll()]).toEqual([0, { readable: false, writable: true }])
    for (const groupId of [5, 6, 7]) expect(trigger(groupId, groupId === 6 ? { pasid: 9 } : {})).toBe('OK')
    expect(file.poll().readable).toBe(true)
    expect([read(41), read(0), read(40)]).toEqual(['ESPIPE', 'EINVAL', 40])
    expect(words(10)).toEqual([2, device, 0, 5, 3, 0, 0x7000, 0, 0, 1])
    expect(read(400)).toBe(80)
    expect([words(10), words(20).slice(10)]).toEqual([
      [3, device, 9, 6, 3, 0, 0x7000, 0, 0, 2],
      [2, device, 0, 7, 3, 0, 0x7000, 0, 0, 3],
    ])
    expect([write(2, 0), write(2, 0), write(1, 2), write(9, 0), write(0, 0)]).toEqual([8, 'EINVAL', 'EINVAL', 'EINVAL', 'EINVAL'])
    trigger(8)
    expect([read(40), words(10)[9]]).toEqual([40, 2])
    expect(write(1, 1, 3, 0, 77, 0, 2, 0)).toBe(16)
    expect(write(2, 0)).toBe(8)
    expect(computer.process.files.count).toBe(1)
  })

  it('write: a size that is no multiple of 8 is ESPIPE, unreadable memory EFAULT', () => {
    const { file, memory } = setup()
    expect(number(() => file.write(memory, ARENA, 9))).toBe('ESPIPE')
    expect(number(() => file.write(memory, 0x10n, 8))).toBe('EFAULT')
    expect(number(() => file.write(memory, 0x10n, 0))).toBe(0)
  })

  it('a buffer that cannot be written keeps the group and frees its cookie', () => {
    const { nested, replace, trigger, read, words, memory } = setup()
    replace(nested)
    trigger(1)
    trigger(2)
    expect(read(40, 0x10n)).toBe('EFAULT')
    memory.protect(ARENA + 0x1000n, 'r')
    expect(read(80, ARENA + 0x1000n - 40n)).toBe(40)
    expect([read(80), words(10).slice(3)]).toEqual([40, [2, 3, 0, 0x7000, 0, 0, 2]])
  })

  it('a device that leaves takes its queued and its unanswered faults along', () => {
    const { nested, ioas, replace, trigger, read, write, file } = setup()
    replace(nested)
    trigger(1)
    trigger(2)
    expect(read(40)).toBe(40)
    expect(replace(ioas)).toBe('OK')
    expect([file.poll().readable, write(1, 0)]).toEqual([false, 'EINVAL'])
  })

  it('without a fault queue the device is told "invalid": the op succeeds; an unknown device is ENOENT', () => {
    const { trigger, file, computer, replace } = setup()
    expect([trigger(1), file.poll().readable]).toEqual(['OK', false])
    expect(trigger(1, { deviceId: 99 })).toBe('ENOENT')
    const plain = computer.nested(3, 5)
    replace(plain)
    expect([trigger(1), file.poll().readable]).toEqual(['OK', false])
  })

  it('answers reach whoever reported the group; destroying the queue answers "invalid"', () => {
    const { computer, nested, device, file } = setup()
    const answers: string[] = []
    const found = computer.context.objects.lookup(device)
    if (found?.type !== 'device') throw new Error('no device')
    const group = (name: string, count: number) => ({
      device: found as never,
      requests: Array.from({ length: count }, (_, k) => ({ pasid: 0, groupId: 1, permissions: 1, address: BigInt(k) })),
      respond: (code: number) => void answers.push(`${name}${code}`),
    })
    file.queue.report(group('a', 2))
    file.queue.report(group('b', 1))
    file.queue.report(group('c', 1))
    const { memory } = computer.process
    expect(file.read(memory, ARENA, 120)).toBe(120)
    const bytes = new Uint8Array(120)
    memory.read(ARENA, bytes)
    const view = new Uint32Array(bytes.buffer)
    expect([view[0], view[10], view[9], view[19], view[29]]).toEqual([0, 2, 1, 1, 2])
    memory.write(ARENA, u32s(1, 0))
    expect(file.write(memory, ARENA, 8)).toBe(8)
    file.release()
    computer.destroy(nested)
    expect(computer.destroy(file.queue.id)).toBe('OK')
    expect(answers).toEqual(['a0', 'c1', 'b1'])
  })
})
