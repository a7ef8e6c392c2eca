import { IommuError } from '@iommukit/pfn-reader'
import {
  OPTION_HUGE_PAGES,
  OPTION_OP_GET,
  OPTION_OP_SET,
  OPTION_RLIMIT_MODE,
  VFIO_IOAS_CLEAR,
  VFIO_IOAS_GET,
  VFIO_IOAS_SET,
} from '../abi/flags.ts'
import { OPTION, VFIO_IOAS } from '../abi/layouts.ts'
import { writeUser } from '../user-memory.ts'
import { type IoctlCall, refuseReserved } from './call.ts'

/** OPTION (spec uapi 5.1). Only the eight bytes of val64 are written back, after SET as well as GET. */
export function option(call: IoctlCall): number {
  const { struct } = call
  const { fields } = OPTION
  refuseReserved(struct.u16(fields.reserved))
  const id = struct.u32(fields.optionId)
  if (id === OPTION_RLIMIT_MODE) rlimitMode(call)
  else if (id === OPTION_HUGE_PAGES) hugePages(call)
  else throw new IommuError('EOPNOTSUPP', `option ${id} is unknown`)
  const [start, width] = fields.val64
  writeUser(call.process.memory, call.argument + BigInt(start), struct.bytes.subarray(start, start + width))
  return 0
}

function rlimitMode({ context, process, struct }: IoctlCall): void {
  const { fields } = OPTION
  const op = struct.u16(fields.op)
  if (struct.u32(fields.objectId) !== 0) throw new IommuError('EOPNOTSUPP', 'RLIMIT_MODE is no property of an object')
  if (op === OPTION_OP_GET) {
    struct.setU64(fields.val64, context.accountingMode === 'process' ? 1n : 0n)
  } else if (op === OPTION_OP_SET) {
    const value = struct.u64(fields.val64)
    // EBUSY and EPERM are answered before the value is looked at.
    context.setAccountingMode(process, value === 0n ? 'user' : value === 1n ? 'process' : undefined)
  } else {
    throw new IommuError('EOPNOTSUPP', `option op ${op} is unknown`)
  }
}

function hugePages({ context, struct }: IoctlCall): void {
  const { fields } = OPTION
  const op = struct.u16(fields.op)
  const ioasId = struct.u32(fields.objectId)
  const enabled = context.hugePages(ioasId)
  if (op === OPTION_OP_GET) {
    struct.setU64(fields.val64, enabled ? 1n : 0n)
  } else if (op === OPTION_OP_SET) {
    const value = struct.u64(fields.val64)
    if (value > 1n) throw new IommuError('EINVAL', `huge pages: ${value} is neither 0 nor 1`)
    context.setHugePages(ioasId, value === 1n)
  } else {
    throw new IommuError('EOPNOTSUPP', `option op ${op} is unknown`)
  }
}

/** VFIO_IOAS (spec uapi 5.3). */
export function vfioIoas(call: IoctlCall): number {
  const { context, struct } = call
  const { fields } = VFIO_IOAS
  refuseReserved(struct.u16(fields.reserved))
  const op = struct.u16(fields.op)
  switch (op) {
    case VFIO_IOAS_GET:
      if (context.compatIoas === undefined) throw new IommuError('ENODEV', 'no IOAS is chosen for VFIO')
      struct.setU32(fields.ioasId, context.compatIoas.id)
      call.respond()
      return 0
    case VFIO_IOAS_SET:
      context.setCompatIoas(struct.u32(fields.ioasId))
      return 0
    case VFIO_IOAS_CLEAR:
      context.setCompatIoas(undefined)
      return 0
    default:
      throw new IommuError('EOPNOTSUPP', `op ${op} is unknown`)
  }
}
