import { IommuError } from '@iommukit/pfn-reader'
import { TEST_ACCESS_NEEDS_PIN, TEST_ACCESS_SLOW_PATH, TEST_ACCESS_WRITE, TEST_AREA_ADDRESS } from '../abi/flags.ts'
import { TEST_CMD, TEST_OPS } from '../abi/test-layouts.ts'
import type { DriverTestOps } from '../ports.ts'
import { ACCESS_BYTES_MAX, Selftest } from '../selftest.ts'
import { SelftestAccess } from '../selftest-access.ts'
import { copyUser, writeUser } from '../user-memory.ts'
import { areaAddress } from './area-address.ts'
import { type IoctlCall, refuseUnknownBits } from './call.ts'

type TestOp = (call: IoctlCall, selftest: Selftest) => void

/** Op number to what it does; the numbers are those of TEST_OPS. */
const ops: ReadonlyMap<number, TestOp> = new Map<number, TestOp>([
  [TEST_OPS.ADD_RESERVED.op, addReserved],
  [TEST_OPS.MOCK_DOMAIN.op, (call, selftest) => mockDomain(call, selftest, 0)],
  [
    TEST_OPS.MOCK_DOMAIN_FLAGS.op,
    (call, selftest) => mockDomain(call, selftest, call.struct.u32(TEST_OPS.MOCK_DOMAIN_FLAGS.fields.deviceFlags)),
  ],
  [TEST_OPS.MOCK_DOMAIN_REPLACE.op, mockDomainReplace],
  [TEST_OPS.MD_CHECK_MAP.op, checkMap],
  [TEST_OPS.MD_CHECK_REFS.op, checkRefs],
  [TEST_OPS.CREATE_ACCESS.op, createAccess],
  [TEST_OPS.DESTROY_ACCESS_PAGES.op, destroyAccessPages],
  [TEST_OPS.ACCESS_PAGES.op, accessPages],
  [TEST_OPS.ACCESS_RW.op, accessRw],
  [TEST_OPS.SET_TEMP_MEMORY_LIMIT.op, setTempMemoryLimit],
  [TEST_OPS.ACCESS_REPLACE_IOAS.op, accessReplaceIoas],
  [TEST_OPS.DIRTY.op, dirty],
  [TEST_OPS.MD_CHECK_IOTLB.op, checkIotlb],
  [TEST_OPS.TRIGGER_IOPF.op, triggerIopf],
])

/** TEST_CMD (spec uapi section 10). Unknown op: EOPNOTSUPP. */
export function testCommand(call: IoctlCall, test: DriverTestOps): number {
  const number = call.struct.u32(TEST_CMD.fields.op)
  const op = ops.get(number)
  if (op === undefined) throw new IommuError('EOPNOTSUPP', `test op ${number} is unknown`)
  op(call, new Selftest(call.context, test))
  return 0
}

function id(call: IoctlCall): number {
  return call.struct.u32(TEST_CMD.fields.id)
}

/** The access behind the descriptor in `id`. Throws EBADFD. */
function accessFile(call: IoctlCall): SelftestAccess {
  const fd = call.struct.i32(TEST_CMD.fields.id)
  const file = fd < 0 ? undefined : call.process.files.get(fd)
  if (!(file instanceof SelftestAccess)) throw new IommuError('EBADFD', `descriptor ${fd} is no access`)
  return file
}

function addReserved(call: IoctlCall, selftest: Selftest): void {
  const { fields } = TEST_OPS.ADD_RESERVED
  selftest.addReserved(id(call), call.struct.u64(fields.start), call.struct.u64(fields.length))
}

function mockDomain(call: IoctlCall, selftest: Selftest, deviceFlags: number): void {
  const { fields } = TEST_OPS.MOCK_DOMAIN
  const made = selftest.mockDomain(id(call), deviceFlags)
  call.struct.setU32(fields.outStdevId, made.stdevId)
  call.struct.setU32(fields.outHwptId, made.hwptId)
  call.struct.setU32(fields.outDeviceId, made.deviceId)
  call.respondOr(() => call.context.destroy(made.stdevId))
}

function mockDomainReplace(call: IoctlCall, selftest: Selftest): void {
  const { fields } = TEST_OPS.MOCK_DOMAIN_REPLACE
  call.struct.setU32(fields.ptId, selftest.mockDomainReplace(id(call), call.struct.u32(fields.ptId)))
  call.respond()
}

function checkMap(call: IoctlCall, selftest: Selftest): void {
  const { fields } = TEST_OPS.MD_CHECK_MAP
  const { struct } = call
  selftest.checkMap(call.process, id(call), struct.u64(fields.iova), struct.u64(fields.length), struct.u64(fields.uptr))
}

function checkRefs(call: IoctlCall, selftest: Selftest): void {
  const { fields } = TEST_OPS.MD_CHECK_REFS
  selftest.checkRefs(call.process, call.struct.u64(fields.uptr), call.struct.u64(fields.length), call.struct.u32(fields.refs))
}

function createAccess(call: IoctlCall, selftest: Selftest): void {
  const { fields } = TEST_OPS.CREATE_ACCESS
  const { files } = call.process
  const flags = call.struct.u32(fields.flags)
  refuseUnknownBits('flags', flags, TEST_ACCESS_NEEDS_PIN)
  const file = selftest.createAccess(id(call), flags !== 0)
  const fd = files.install(file)
  call.struct.setU32(fields.outAccessFd, fd)
  call.respondOr(() => {
    files.remove(fd)
    file.release()
  })
}

function destroyAccessPages(call: IoctlCall): void {
  accessFile(call).dropItem(call.struct.u32(TEST_OPS.DESTROY_ACCESS_PAGES.fields.itemId))
}

function accessPages(call: IoctlCall, selftest: Selftest): void {
  const { fields } = TEST_OPS.ACCESS_PAGES
  const { struct } = call
  const flags = struct.u32(fields.flags)
  const length = struct.u64(fields.length)
  refuseLong(length)
  refuseUnknownBits('flags', flags, TEST_ACCESS_WRITE | TEST_AREA_ADDRESS)
  const file = accessFile(call)
  const iova = accessIova(file, struct.u64(fields.iova), flags)
  const write = (flags & TEST_ACCESS_WRITE) !== 0
  const item = selftest.accessPages(call.process, file, iova, length, struct.u64(fields.uptr), write)
  struct.setU32(fields.outItemId, item)
  call.respondOr(() => file.dropItem(item))
}

/** Bytes to be written are read first; bytes read are copied out last. Either may be EFAULT. */
function accessRw(call: IoctlCall, selftest: Selftest): void {
  const { fields } = TEST_OPS.ACCESS_RW
  const { struct, process } = call
  const flags = struct.u32(fields.flags)
  const length = struct.u64(fields.length)
  const address = struct.u64(fields.uptr)
  refuseLong(length)
  refuseUnknownBits('flags', flags, TEST_ACCESS_WRITE | TEST_ACCESS_SLOW_PATH | TEST_AREA_ADDRESS)
  const file = accessFile(call)
  const iova = accessIova(file, struct.u64(fields.iova), flags)
  const write = (flags & TEST_ACCESS_WRITE) !== 0
  const data = write ? copyUser(process.memory, address, Number(length)) : new Uint8Array(Number(length))
  selftest.accessRw(file, iova, data, { write, slow: (flags & TEST_ACCESS_SLOW_PATH) !== 0 })
  if (!write) writeUser(process.memory, address, data)
}

function setTempMemoryLimit(call: IoctlCall, selftest: Selftest): void {
  selftest.setTempMemoryLimit(call.struct.u32(TEST_OPS.SET_TEMP_MEMORY_LIMIT.fields.limit))
}

function accessReplaceIoas(call: IoctlCall): void {
  accessFile(call).access.replace(call.struct.u32(TEST_OPS.ACCESS_REPLACE_IOAS.fields.ioasId))
}

function dirty(call: IoctlCall, selftest: Selftest): void {
  const { fields } = TEST_OPS.DIRTY
  const { struct } = call
  const marked = selftest.markDirty(call.process, id(call), {
    iova: struct.u64(fields.iova),
    length: struct.u64(fields.length),
    pageSize: struct.u64(fields.pageSize),
    address: struct.u64(fields.uptr),
  })
  struct.setU64(fields.outNrDirty, BigInt(marked))
  call.respond()
}

function checkIotlb(call: IoctlCall, selftest: Selftest): void {
  const { fields } = TEST_OPS.MD_CHECK_IOTLB
  selftest.checkIotlb(id(call), call.struct.u32(fields.index), call.struct.u32(fields.expected))
}

function triggerIopf(call: IoctlCall, selftest: Selftest): void {
  const { fields } = TEST_OPS.TRIGGER_IOPF
  const { struct } = call
  selftest.triggerPageRequest(struct.u32(fields.deviceId), {
    pasid: struct.u32(fields.pasid),
    groupId: struct.u32(fields.groupId),
    permissions: struct.u32(fields.permissions),
    address: struct.u64(fields.address),
  })
}

function accessIova(file: SelftestAccess, iova: bigint, flags: number): bigint {
  const { ioas } = file.access
  return (flags & TEST_AREA_ADDRESS) === 0 || ioas === undefined ? iova : areaAddress(ioas.table, iova)
}

/** The length is refused before the flags are looked at. */
function refuseLong(length: bigint): void {
  if (length > ACCESS_BYTES_MAX) throw new IommuError('ENOMEM', `${length} bytes: at most ${ACCESS_BYTES_MAX}`)
}
