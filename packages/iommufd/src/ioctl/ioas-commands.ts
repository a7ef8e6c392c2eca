import { IommuError } from '@iommukit/pfn-reader'
import { IOAS_MAP_FIXED_IOVA, IOAS_MAP_READABLE, IOAS_MAP_WRITEABLE, TEST_AREA_ADDRESS } from '../abi/flags.ts'
import { DESTROY, IOAS_ALLOC, IOAS_ALLOW_IOVAS, IOAS_COPY, IOAS_IOVA_RANGES, IOAS_MAP, IOAS_UNMAP, IOVA_RANGE } from '../abi/layouts.ts'
import { UserStruct } from '../abi/user-struct.ts'
import { AllowedList, Ioas } from '../ioas.ts'
import { U64_MAX } from '../u64.ts'
import { UserArray, writeUser } from '../user-memory.ts'
import { areaAddress } from './area-address.ts'
import { type IoctlCall, refuseReserved, refuseUnknownBits } from './call.ts'

const MAP_FLAGS = IOAS_MAP_FIXED_IOVA | IOAS_MAP_WRITEABLE | IOAS_MAP_READABLE

export function destroy({ context, struct }: IoctlCall): number {
  context.destroy(struct.u32(DESTROY.fields.id))
  return 0
}

export function ioasAlloc(call: IoctlCall): number {
  const { context, struct } = call
  refuseUnknownBits('flags', struct.u32(IOAS_ALLOC.fields.flags), 0)
  const id = context.ioasAlloc()
  struct.setU32(IOAS_ALLOC.fields.outIoasId, id)
  call.respondOr(() => context.destroy(id))
  return 0
}

/** Writes the ranges as met, up to the caller's capacity; the total is told with EMSGSIZE too (spec uapi 4.2). */
export function ioasIovaRanges(call: IoctlCall): number {
  const { context, process, struct } = call
  const { fields } = IOAS_IOVA_RANGES
  refuseReserved(struct.u32(fields.reserved))
  const { ranges, alignment } = context.ioasIovaRanges(struct.u32(fields.ioasId))
  const capacity = struct.u32(fields.numIovas)
  const address = struct.u64(fields.allowedIovas)
  const element = new UserStruct(IOVA_RANGE.bytes)
  const written = Math.min(capacity, ranges.length)
  for (let k = 0; k < written; k++) {
    element.setU64(IOVA_RANGE.fields.start, ranges[k]!.start)
    element.setU64(IOVA_RANGE.fields.last, ranges[k]!.last)
    writeUser(process.memory, address + BigInt(k * IOVA_RANGE.bytes), element.bytes)
  }
  struct.setU32(fields.numIovas, ranges.length)
  struct.setU64(fields.outIovaAlignment, BigInt(alignment))
  call.respond()
  if (ranges.length > capacity) throw new IommuError('EMSGSIZE', `${ranges.length} ranges do not fit in ${capacity}`)
  return 0
}

/** Reads the list element by element, so that the first bad one decides the error (spec uapi 4.3). */
export function ioasAllowIovas({ context, process, struct }: IoctlCall): number {
  const { fields } = IOAS_ALLOW_IOVAS
  refuseReserved(struct.u32(fields.reserved))
  const { table } = context.objects.get(struct.u32(fields.ioasId), Ioas, 'ioas')
  const wanted = struct.u32(fields.numIovas)
  const list = new AllowedList()
  const element = new UserStruct(IOVA_RANGE.bytes)
  const array = new UserArray(process.memory, struct.u64(fields.allowedIovas), IOVA_RANGE.bytes, wanted)
  for (let k = 0; k < wanted; k++) {
    try {
      element.bytes.set(array.at(k))
    } catch (error) {
      list.refuseOverlaps()
      throw error
    }
    list.add(element.u64(IOVA_RANGE.fields.start), element.u64(IOVA_RANGE.fields.last))
  }
  list.refuseOverlaps()
  table.setAllowed(list.ranges)
  return 0
}

export function ioasMap(call: IoctlCall): number {
  const { context, process, struct } = call
  const { fields } = IOAS_MAP
  const flags = struct.u32(fields.flags)
  refuseUnknownBits('flags', flags, MAP_FLAGS)
  refuseReserved(struct.u32(fields.reserved))
  const iova = struct.u64(fields.iova)
  refuseAllOnes('iova', iova)
  const mapped = context.ioasMap(process, {
    ioasId: struct.u32(fields.ioasId),
    address: struct.u64(fields.userVa),
    length: struct.u64(fields.length),
    iova: (flags & IOAS_MAP_FIXED_IOVA) === 0 ? undefined : iova,
    readable: (flags & IOAS_MAP_READABLE) !== 0,
    writeable: (flags & IOAS_MAP_WRITEABLE) !== 0,
  })
  struct.setU64(fields.iova, mapped)
  call.respond()
  return 0
}

export function ioasCopy(call: IoctlCall): number {
  const { context, struct } = call
  const { fields } = IOAS_COPY
  let flags = struct.u32(fields.flags)
  let srcIova = struct.u64(fields.srcIova)
  const srcIoasId = struct.u32(fields.srcIoasId)
  if (context.driver.test !== undefined && (flags & TEST_AREA_ADDRESS) !== 0) {
    flags &= ~TEST_AREA_ADDRESS
    const source = context.objects.lookup(srcIoasId)
    if (source instanceof Ioas) srcIova = areaAddress(source.table, srcIova)
  }
  refuseUnknownBits('flags', flags, MAP_FLAGS)
  const dstIova = struct.u64(fields.dstIova)
  refuseAllOnes('dstIova', dstIova)
  const copied = context.ioasCopy({
    srcIoasId,
    srcIova,
    dstIoasId: struct.u32(fields.dstIoasId),
    length: struct.u64(fields.length),
    dstIova: (flags & IOAS_MAP_FIXED_IOVA) === 0 ? undefined : dstIova,
    readable: (flags & IOAS_MAP_READABLE) !== 0,
    writeable: (flags & IOAS_MAP_WRITEABLE) !== 0,
  })
  struct.setU64(fields.dstIova, copied)
  call.respond()
  return 0
}

export function ioasUnmap(call: IoctlCall): number {
  const { context, struct } = call
  const { fields } = IOAS_UNMAP
  const removed = context.ioasUnmap(struct.u32(fields.ioasId), struct.u64(fields.iova), struct.u64(fields.length))
  struct.setU64(fields.length, removed)
  call.respond()
  return 0
}

/** The IOVA is tested even where the allocator will choose another one. */
function refuseAllOnes(what: string, value: bigint): void {
  if (value === U64_MAX) throw new IommuError('EOVERFLOW', `${what} must be below 2^64-1`)
}
