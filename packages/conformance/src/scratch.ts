import type { MachineProcess } from '@iommukit/machine'

/** Where the ioctl's struct lies; all other buffers of an operation begin at {@link scratchData}. */
export const scratchStruct = 0x2_0000_0000n
export const scratchData: bigint = scratchStruct + 0x2000n

const firstLength = 0x10000n
/** A recording cannot make a buffer larger than this; what lies behind is not mapped. */
const longest = 0x8000000n

/** The piece of the process's memory that carries ioctl structs and their buffers, and grows with what they need. */
export class Scratch {
  readonly #memory: MachineProcess['memory']
  #length = firstLength

  constructor(memory: MachineProcess['memory']) {
    this.#memory = memory
    memory.mmap(scratchStruct, firstLength)
  }

  /** Makes `byteLength` bytes at {@link scratchData} usable. */
  reserve(byteLength: bigint): void {
    const asked = scratchData - scratchStruct + byteLength
    const needed = (asked > longest ? longest : asked) + 0xfffn
    const length = needed - (needed & 0xfffn)
    if (length <= this.#length) return
    this.#memory.mmap(scratchStruct + this.#length, length - this.#length)
    this.#length = length
  }

  /** Puts `bytes` at {@link scratchData} plus `byteOffset`. */
  write(bytes: Uint8Array, byteOffset = 0): void {
    this.reserve(BigInt(byteOffset + bytes.length))
    this.#memory.write(scratchData + BigInt(byteOffset), bytes)
  }

  read(byteLength: number, byteOffset = 0): Uint8Array {
    this.reserve(BigInt(byteOffset + byteLength))
    const bytes = new Uint8Array(byteLength)
    this.#memory.read(scratchData + BigInt(byteOffset), bytes)
    return bytes
  }
}
