// Kind: fail-the-nth. Makes user memory fail from the n-th access on, for each command, n + 1 until it succeeds: the error is EFAULT, what was made is
// undone, and nothing is pinned, charged or open after the end.
import { abi, ioctl } from '@iommukit/iommufd'
import { describe, expect, it } from 'vitest'
import { APERTURE, ARENA, Computer, errnoOf, SCRATCH, u32s, u64s } from './harness.ts'

type Values = Readonly<Record<string, number | bigint>>

/** One command on a prepared computer: its bytes, and whether a failure must leave everything as it was. */
interface Scenario {
  readonly name: string
  readonly command: number
  readonly layout: { readonly bytes: number; readonly fields: Readonly<Record<string, abi.Field>> }
  readonly values: Values
  /** Commands whose effect stays when only the answer cannot be written (spec uapi sections 2 and 4). */
  readonly effectStays?: boolean
}

const IOAS = 1
const STDEV = 2
const DEVICE = 3
const DIRTY_HWPT = 5
const PARENT = 6
const NESTED = 7
const ACCESS_FD = 3

function prepare(): Computer {
  const computer = new Computer()
  computer.process.capabilities.ipcLock = false
  const ioas = computer.ioas()
  const { device } = computer.mock(ioas)
  computer.hwpt(device, ioas, abi.HWPT_ALLOC_DIRTY_TRACKING)
  const parent = computer.hwpt(device, ioas, abi.HWPT_ALLOC_NEST_PARENT)
  computer.nested(device, parent)
  computer.map(ioas, APERTURE, 0x8000n)
  computer.access(ioas, abi.TEST_ACCESS_NEEDS_PIN)
  computer.context.setCompatIoas(ioas)
  computer.context.hwptSetDirtyTracking(DIRTY_HWPT, true)
  computer.process.memory.write(ARENA + 0x10000n, u64s(0x100_0000n, 0x200_0000n, 0x300_0000n, 0x400_0000n))
  computer.process.memory.write(ARENA + 0x11000n, u32s(0, 1, 0, 2))
  computer.process.memory.write(ARENA + 0x12000n, Uint8Array.of(0xff))
  return computer
}

const test = (name: keyof typeof abi.TEST_OPS, id: number, values: Values, effectStays = false): Scenario => ({
  name,
  command: abi.TEST_CMD.command,
  layout: { bytes: abi.TEST_CMD.bytes, fields: { ...abi.TEST_CMD.fields, ...abi.TEST_OPS[name].fields } },
  values: { op: abi.TEST_OPS[name].op, id, ...values },
  effectStays,
})

const plain = (layout: abi.StructLayout, values: Values, effectStays = false): Scenario => ({
  name: layout.name,
  command: layout.command,
  layout,
  values,
  effectStays,
})

const map = { ioasId: IOAS, iova: APERTURE + 0x10000n, length: 0x2000, userVa: ARENA + 0x20000n, flags: 7 }
const nest = { deviceId: DEVICE, ptId: PARENT, dataType: 0xdead, dataLength: 4, dataUptr: ARENA }
const bitmap = { hwptId: DIRTY_HWPT, iova: APERTURE, length: 0x8000, pageSize: 0x800, data: ARENA + 0x30000n }

const scenarios: readonly Scenario[] = [
  plain(abi.IOAS_ALLOC, {}),
  plain(abi.IOAS_ALLOW_IOVAS, { ioasId: IOAS, numIovas: 2, allowedIovas: ARENA + 0x10000n }),
  plain(abi.IOAS_COPY, { srcIoasId: IOAS, dstIoasId: IOAS, srcIova: APERTURE, length: 0x1000, flags: 6 }, true),
  plain(abi.IOAS_IOVA_RANGES, { ioasId: IOAS, numIovas: 4, allowedIovas: ARENA + 0x30000n }),
  plain(abi.IOAS_MAP, map, true),
  plain(abi.IOAS_UNMAP, { ioasId: IOAS, iova: APERTURE, length: 0x8000 }, true),
  plain(abi.OPTION, { optionId: 1, op: 1, objectId: IOAS }),
  plain(abi.VFIO_IOAS, { op: 0 }),
  plain(abi.HWPT_ALLOC, { deviceId: DEVICE, ptId: IOAS }),
  { ...plain(abi.HWPT_ALLOC, nest), name: 'HWPT_ALLOC nested' },
  plain(abi.GET_HW_INFO, { deviceId: DEVICE, dataLength: 16, dataUptr: ARENA + 0x30000n }),
  plain(abi.HWPT_INVALIDATE, { hwptId: NESTED, dataUptr: ARENA + 0x11000n, dataType: 0xdeadbeef, entryLength: 8, entryNum: 2 }),
  plain(abi.FAULT_QUEUE_ALLOC, {}),
  test('MOCK_DOMAIN', IOAS, {}),
  test('MOCK_DOMAIN_REPLACE', STDEV, { ptId: NESTED }, true),
  test('CREATE_ACCESS', IOAS, { flags: 1 }),
  test('ACCESS_PAGES', ACCESS_FD, { iova: APERTURE, length: 0x2000 }),
  test('ACCESS_RW', ACCESS_FD, { iova: APERTURE, length: 0x20, uptr: ARENA + 0x30000n, flags: 0 }),
  test('DIRTY', DIRTY_HWPT, { iova: APERTURE, length: 0x4000, pageSize: 0x800, uptr: ARENA + 0x12000n }, true),
  { ...plain({ ...abi.VFIO_IOMMU_GET_INFO, minimumBytes: 16 }, {}), name: 'VFIO_IOMMU_GET_INFO' },
  { ...plain(abi.VFIO_IOMMU_MAP_DMA, { vaddr: ARENA, iova: APERTURE + 0x20000n, length: 0x1000, flags: 3 }), name: 'VFIO_IOMMU_MAP_DMA' },
  plain(abi.VFIO_IOMMU_UNMAP_DMA, { iova: APERTURE, length: 0x8000 }, true),
]

/** Everything that a failure must not change. */
function snapshot(computer: Computer): unknown {
  const objects = [...computer.context.objects].map(({ id, type, users }) => `${id} ${type} ${users}`)
  const { charged, files } = computer.process
  const { ranges, alignment } = computer.context.ioasIovaRanges(IOAS)
  return { objects, pins: [...computer.frames.pins], charged: { ...charged }, files: files.count, ranges, alignment }
}

function put(computer: Computer, { layout, values }: Scenario): void {
  const bytes = new Uint8Array(layout.bytes)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, layout.bytes, true)
  for (const [name, value] of Object.entries(values)) {
    const [at, width] = layout.fields[name]!
    if (width === 8) view.setBigUint64(at, BigInt(value), true)
    else if (width === 4) view.setUint32(at, Number(value), true)
    else view.setUint16(at, Number(value), true)
  }
  computer.process.memory.write(SCRATCH, bytes)
}

describe('the n-th access to user memory fails', () => {
  it.each(scenarios)('$name', (scenario) => {
    let accesses = 0
    for (let n = 1; n < 40; n++) {
      const computer = prepare()
      put(computer, scenario)
      const before = snapshot(computer)
      computer.process.memory.failIn = n
      const errno = errnoOf(() => ioctl(computer.file, scenario.command, SCRATCH, computer.process))
      const unused = computer.process.memory.failIn > 0
      computer.process.memory.failIn = Number.POSITIVE_INFINITY
      const after = snapshot(computer)
      if (!unused) {
        accesses++
        expect(errno).toBe('EFAULT')
        if (scenario.effectStays !== true) expect(after).toEqual(before)
      } else {
        expect(errno).toBe('OK')
      }
      computer.process.files.closeAll()
      computer.file.release()
      expect(computer.context.objects.isEmpty).toBe(true)
      expect(computer.frames.pinnedTotal).toBe(0)
      expect(computer.process.charged).toEqual({ none: 0, user: 0, mm: 0 })
      if (unused) break
    }
    expect(accesses).toBeGreaterThanOrEqual(1)
  })

  it('HWPT_GET_DIRTY_BITMAP answers OK whatever happens to the bitmap', () => {
    for (let n = 3; n < 8; n++) {
      const computer = prepare()
      put(computer, test('DIRTY', DIRTY_HWPT, { iova: APERTURE, length: 0x4000, pageSize: 0x800, uptr: ARENA + 0x12000n }))
      expect(computer.raw(abi.TEST_CMD.command, SCRATCH)).toBe('OK')
      put(computer, plain(abi.HWPT_GET_DIRTY_BITMAP, bitmap))
      computer.process.memory.failIn = n
      expect(computer.raw(abi.HWPT_GET_DIRTY_BITMAP.command, SCRATCH)).toBe('OK')
      computer.process.memory.failIn = Number.POSITIVE_INFINITY
      const again = computer.call(abi.HWPT_GET_DIRTY_BITMAP, bitmap)
      expect(again.errno).toBe('OK')
    }
  })
})
