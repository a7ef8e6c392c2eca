import { ioctl } from '@iommukit/iommufd'
import { createMachine, type IommufdFile, type Machine, type MachineProcess } from '@iommukit/machine'
import { arenaBase } from './parse-ioctl.ts'
import type { Arena, BitRange, IoctlOperation, IoctlValue } from './recording.ts'
import { Scratch, scratchStruct } from './scratch.ts'
import { arenaContent } from './user-pattern.ts'

/** Where the frames of the user's memory lie: neighbouring pages in neighbouring frames, or never. */
export type Placement = 'contiguous' | 'scattered'

/** What a name that was never saved stands for: an object id that never exists, a file descriptor that is not open. */
const neverSaved = 0x7fff_fff0n
const u64Mask = 0xffff_ffff_ffff_ffffn
const structCapacity = 4096
const absent: IoctlValue = { name: undefined, plus: 0n }

/** Symbolic errno of an error thrown by an ioctl; any other error is a bug, and goes on. */
export function errnoOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) return code
  throw error
}

/**
 * The computer that one script runs on: a new machine and process with the arena mapped and one `/dev/iommu` open. It writes the structs of
 * ioctls into the process's memory byte by byte, calls, and reads them back; nothing is passed to the device in any other way.
 */
export class IoctlWorld {
  readonly machine: Machine
  readonly process: MachineProcess
  readonly scratch: Scratch
  /** What the last call returned. */
  returned = 0
  /** Operations of the script run so far. */
  operationsDone = 0
  file: IommufdFile
  readonly #saved = new Map<string, bigint>()
  readonly #bytes = new Uint8Array(structCapacity)
  readonly #view = new DataView(this.#bytes.buffer)
  #structLength = 0

  constructor(arena: Arena, placement: Placement) {
    this.machine = createMachine({ placement })
    this.process = this.machine.createProcess()
    const byteLength = arena.npages * 4096
    this.process.memory.mmap(arenaBase, byteLength, { placement, hugePages: arena.kind === 'hugetlb' })
    this.process.memory.poke(arenaBase, arenaContent(byteLength))
    this.scratch = new Scratch(this.process.memory)
    this.file = this.machine.openIommu(this.process)
  }

  /** An argument's number, modulo 2^64; 0 (or `missing`) when the operation has none of that name. */
  u64(operation: IoctlOperation, argument: string, missing = 0n): bigint {
    const value = operation.arguments[argument] as IoctlValue | undefined
    return value === undefined ? missing : this.resolve(value)
  }

  /** As {@link u64}, modulo 2^32: what a u32 field of a struct takes. */
  u32(operation: IoctlOperation, argument: string, missing = 0n): number {
    return Number(this.u64(operation, argument, missing) & 0xffff_ffffn)
  }

  has(operation: IoctlOperation, argument: string): boolean {
    return Object.hasOwn(operation.arguments, argument)
  }

  bits(operation: IoctlOperation, argument: string): readonly BitRange[] {
    return (operation.arguments[argument] as readonly BitRange[] | undefined) ?? []
  }

  pairs(operation: IoctlOperation, argument: string): readonly (readonly [bigint, bigint])[] {
    const pairs = (operation.arguments[argument] as readonly (readonly [IoctlValue, IoctlValue])[] | undefined) ?? []
    return pairs.map(([a, b]) => [this.resolve(a), this.resolve(b)] as const)
  }

  resolve({ name, plus }: IoctlValue = absent): bigint {
    return (plus + (name === undefined ? 0n : (this.#saved.get(name) ?? neverSaved))) & u64Mask
  }

  /** Saves `value` under the name that the operation gives in its argument `argument`, if it gives one. */
  save(operation: IoctlOperation, argument: string, value: bigint | number): void {
    const name = operation.arguments[argument] as string | undefined
    if (name !== undefined) this.#saved.set(name, BigInt(value))
  }

  /** Starts a zeroed struct of `byteLength` bytes whose first u32 is `leading`, its own size unless said otherwise. */
  begin(byteLength: number, leading: number = byteLength): this {
    this.#structLength = byteLength
    this.#bytes.fill(0, 0, byteLength)
    this.#view.setUint32(0, leading, true)
    return this
  }

  put32(byteOffset: number, value: number): this {
    this.#view.setUint32(byteOffset, value, true)
    return this
  }

  put64(byteOffset: number, value: bigint): this {
    this.#view.setBigUint64(byteOffset, value, true)
    return this
  }

  get16(byteOffset: number): number {
    return this.#view.getUint16(byteOffset, true)
  }

  get32(byteOffset: number): number {
    return this.#view.getUint32(byteOffset, true)
  }

  get64(byteOffset: number): bigint {
    return this.#view.getBigUint64(byteOffset, true)
  }

  /** Writes the struct to memory and calls. Returns `OK` or the errno. */
  call(command: number): string {
    this.process.memory.write(scratchStruct, this.#bytes.subarray(0, this.#structLength))
    return this.callWith(command, scratchStruct)
  }

  /** Calls with an argument that is no struct. */
  callWith(command: number, argument: bigint): string {
    // An errno is an answer like any other here: nobody looks at its stack, and taking one would cost more than the call.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    try {
      this.returned = ioctl(this.file, command, argument, this.process)
      return 'OK'
    } catch (error) {
      return errnoOf(error)
    } finally {
      Error.stackTraceLimit = stackTraceLimit
    }
  }

  /** Reads the struct back from memory, for the `get` methods. */
  readBack(): void {
    this.process.memory.read(scratchStruct, this.#bytes.subarray(0, this.#structLength))
  }

  /** Calls, and reads the struct back if that succeeded. */
  callAndRead(command: number): string {
    const errno = this.call(command)
    if (errno === 'OK') this.readBack()
    return errno
  }

  /** Closes `/dev/iommu` and opens it again; accesses stay open. */
  reopen(): void {
    this.process.files.close(this.process.files.fdOf(this.file)!)
    this.file = this.machine.openIommu(this.process)
  }
}
