import { IommuError } from '@iommukit/pfn-reader'
import {
  DESTROY,
  FAULT_QUEUE_ALLOC,
  GET_HW_INFO,
  HWPT_ALLOC,
  HWPT_GET_DIRTY_BITMAP,
  HWPT_INVALIDATE,
  HWPT_SET_DIRTY_TRACKING,
  IOAS_ALLOC,
  IOAS_ALLOW_IOVAS,
  IOAS_COPY,
  IOAS_IOVA_RANGES,
  IOAS_MAP,
  IOAS_UNMAP,
  OPTION,
  type StructLayout,
  VFIO_IOAS,
} from '../abi/layouts.ts'
import { TEST_CMD } from '../abi/test-layouts.ts'
import { IommufdFile } from '../iommufd-file.ts'
import type { Process } from '../ports.ts'
import { requireProcess } from '../process.ts'
import { describe, toU32, toU64 } from '../u64.ts'
import { readUserU32 } from '../user-memory.ts'
import { IoctlCall, type IoctlHandler } from './call.ts'
import { faultQueueAlloc, getHwInfo, hwptAlloc, hwptGetDirtyBitmap, hwptInvalidate, hwptSetDirtyTracking } from './hwpt-commands.ts'
import { destroy, ioasAlloc, ioasAllowIovas, ioasCopy, ioasIovaRanges, ioasMap, ioasUnmap } from './ioas-commands.ts'
import { option, vfioIoas } from './option-commands.ts'
import { testCommand } from './test-commands.ts'
import { vfioIoctl } from './vfio-commands.ts'

interface Command {
  readonly layout: StructLayout
  readonly run: IoctlHandler
}

/** The number of the first command of the table. */
const FIRST_NUMBER = DESTROY.command & 0xff

const commands: readonly Command[] = [
  { layout: DESTROY, run: destroy },
  { layout: IOAS_ALLOC, run: ioasAlloc },
  { layout: IOAS_ALLOW_IOVAS, run: ioasAllowIovas },
  { layout: IOAS_COPY, run: ioasCopy },
  { layout: IOAS_IOVA_RANGES, run: ioasIovaRanges },
  { layout: IOAS_MAP, run: ioasMap },
  { layout: IOAS_UNMAP, run: ioasUnmap },
  { layout: OPTION, run: option },
  { layout: VFIO_IOAS, run: vfioIoas },
  { layout: HWPT_ALLOC, run: hwptAlloc },
  { layout: GET_HW_INFO, run: getHwInfo },
  { layout: HWPT_SET_DIRTY_TRACKING, run: hwptSetDirtyTracking },
  { layout: HWPT_GET_DIRTY_BITMAP, run: hwptGetDirtyBitmap },
  { layout: HWPT_INVALIDATE, run: hwptInvalidate },
  { layout: FAULT_QUEUE_ALLOC, run: faultQueueAlloc },
]

/** Numbers from FIRST_NUMBER that belong to the table: up to the last command, or up to TEST_CMD where there are test ops. */
const TABLE_LENGTH = commands.length
const TEST_TABLE_LENGTH = (TEST_CMD.command & 0xff) - FIRST_NUMBER + 1

/**
 * ioctl(2) on an open /dev/iommu (spec uapi section 1): the binary interface, byte for byte. `command` is the u32 command value,
 * `argument` the u64 third argument, a pointer into `process.memory` or a number. Returns what the system call returns.
 *
 * Throws only an error with an errno `code`, whatever the program passes; a size, a count or a length that the program names costs no
 * more than the memory behind it. A closed file: EBADF. TypeError and RangeError are for callers in TypeScript that pass no u32, no u64
 * or no file.
 */
export function ioctl(file: IommufdFile, command: number, argument: bigint, process: Process): number {
  if (!(file instanceof IommufdFile)) throw new TypeError(`file must be an IommufdFile, got ${describe(file)}`)
  toU32(command, 'command')
  toU64(argument, 'argument')
  requireProcess(process)
  if (!file.isOpen) throw new IommuError('EBADF', 'the file is closed')
  const { context } = file
  const { test } = context.driver
  const slot = (command & 0xff) - FIRST_NUMBER
  if (slot < 0 || slot >= (test === undefined ? TABLE_LENGTH : TEST_TABLE_LENGTH)) return vfioIoctl(context, command, argument, process)
  // The size word is read before the command is known to exist: a bad pointer is EFAULT even for a hole in the table.
  const userBytes = readUserU32(process.memory, argument)
  if (test !== undefined && command === TEST_CMD.command) {
    return testCommand(new IoctlCall(context, process, argument, TEST_CMD, userBytes), test)
  }
  const found = commands[slot]
  if (found === undefined || found.layout.command !== command) {
    throw new IommuError('ENOTTY', `command 0x${command.toString(16)} is unknown`)
  }
  return found.run(new IoctlCall(context, process, argument, found.layout, userBytes))
}
