import { IommuError } from '@iommukit/pfn-reader'
import type { StructLayout } from '../abi/layouts.ts'
import { UserStruct } from '../abi/user-struct.ts'
import type { IommufdContext } from '../context.ts'
import type { Process } from '../ports.ts'
import { checkZeroTail, readUser, writeUser } from '../user-memory.ts'

/** One command being carried out: the caller, and the implementation's copy of its structure. */
export class IoctlCall {
  readonly context: IommufdContext
  readonly process: Process
  readonly argument: bigint
  readonly struct: UserStruct
  readonly #respondBytes: number

  /** Copies the structure in by the rules of extensible structures (spec uapi section 2). Throws EINVAL, E2BIG, EFAULT, in this order. */
  constructor(context: IommufdContext, process: Process, argument: bigint, layout: StructLayout, userBytes: number) {
    this.context = context
    this.process = process
    this.argument = argument
    if (userBytes < layout.minimumBytes) {
      throw new IommuError('EINVAL', `${layout.name}: size ${userBytes} is below ${layout.minimumBytes}`)
    }
    if (userBytes > layout.bytes) checkZeroTail(process.memory, argument, layout.bytes, userBytes)
    this.struct = new UserStruct(layout.bytes)
    this.#respondBytes = Math.min(userBytes, layout.bytes)
    readUser(process.memory, argument, this.struct.bytes.subarray(0, this.#respondBytes))
  }

  /** Writes the structure back, inputs included, as far as the caller's is long. Throws EFAULT. */
  respond(): void {
    writeUser(this.process.memory, this.argument, this.struct.bytes.subarray(0, this.#respondBytes))
  }

  /** Writes back; when that fails, undoes what was made and passes the EFAULT on. */
  respondOr(undo: () => void): void {
    try {
      this.respond()
    } catch (error) {
      undo()
      throw error
    }
  }
}

/** Carries out a command; returns what the ioctl returns. */
export type IoctlHandler = (call: IoctlCall) => number

/** Throws EOPNOTSUPP when `value` has bits outside `known`. */
export function refuseUnknownBits(what: string, value: number, known: number): void {
  if ((value & ~known) !== 0) throw new IommuError('EOPNOTSUPP', `${what} 0x${value.toString(16)}: only 0x${known.toString(16)} is known`)
}

/** Throws EOPNOTSUPP when a reserved field is not zero. */
export function refuseReserved(value: number): void {
  if (value !== 0) throw new IommuError('EOPNOTSUPP', `a reserved field is 0x${value.toString(16)}, not 0`)
}
