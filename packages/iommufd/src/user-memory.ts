import { IommuError } from '@iommukit/pfn-reader'
import { errnoName } from './abi/errno.ts'
import type { UserMemory } from './ports.ts'
import { hex, U64_MAX } from './u64.ts'

/** Bytes taken from user memory at once where the caller names the length: the cost of a hostile length ends at the first fault. */
export const CHUNK_BYTES: number = 4096
const CHUNK_MASK = BigInt(CHUNK_BYTES - 1)

const scratch = new Uint8Array(CHUNK_BYTES)
const scratchWords = new Int32Array(scratch.buffer)
const word = new Uint8Array(4)
const zeros = new Uint8Array(CHUNK_BYTES)

/** Throws EFAULT when [address, address+byteLength-1] passes 2^64-1: such a pointer is never mapped. */
function checkPointer(address: bigint, byteLength: number): void {
  if (byteLength > 0 && address + BigInt(byteLength) - 1n > U64_MAX) {
    throw new IommuError('EFAULT', `${byteLength} bytes at ${hex(address)} reach past 2^64-1`)
  }
}

/** Fills `out` from user memory. Nothing is read for an empty `out`, whatever the address. Throws EFAULT. */
export function readUser(memory: UserMemory, address: bigint, out: Uint8Array): void {
  if (out.length === 0) return
  checkPointer(address, out.length)
  memory.read(address, out)
}

/** Copies `data` to user memory. Nothing is written for empty `data`, whatever the address. Throws EFAULT. */
export function writeUser(memory: UserMemory, address: bigint, data: Uint8Array): void {
  if (data.length === 0) return
  checkPointer(address, data.length)
  memory.write(address, data)
}

/** The little-endian u32 at `address`. Throws EFAULT. */
export function readUserU32(memory: UserMemory, address: bigint): number {
  readUser(memory, address, word)
  return (word[0]! | (word[1]! << 8) | (word[2]! << 16) | (word[3]! << 24)) >>> 0
}

/**
 * Reads `byteLength` bytes into new memory. The ends of a long range are tried first, so that a wild pointer costs no allocation.
 * Throws EFAULT.
 */
export function copyUser(memory: UserMemory, address: bigint, byteLength: number): Uint8Array {
  if (byteLength > CHUNK_BYTES) {
    readUser(memory, address, scratch.subarray(0, 1))
    readUser(memory, address + BigInt(byteLength - 1), scratch.subarray(0, 1))
  }
  const out = new Uint8Array(byteLength)
  readUser(memory, address, out)
  return out
}

/**
 * The tail rule of extensible structures (spec uapi section 2): bytes `first`..`byteLength`-1 behind `address` must all be zero.
 * Goes chunk by chunk and stops at the first byte that is not zero (E2BIG) or not readable (EFAULT), whichever comes first.
 */
export function checkZeroTail(memory: UserMemory, address: bigint, first: number, byteLength: number): void {
  let position = first
  while (position < byteLength) {
    const start = address + BigInt(position)
    // A chunk ends where a page may end: a byte that is not zero in front of a hole must be seen before the hole.
    const room = CHUNK_BYTES - Number(start & CHUNK_MASK)
    const taken = Math.min(room, byteLength - position)
    readUser(memory, start, taken === CHUNK_BYTES ? scratch : scratch.subarray(0, taken))
    if (!isZero(taken)) throw new IommuError('E2BIG', `bytes ${position}..${position + taken - 1} of the structure are not all zero`)
    position += taken
  }
}

/** Whether the first `byteLength` bytes of the scratch buffer are zero; four bytes a step. */
function isZero(byteLength: number): boolean {
  const whole = byteLength >>> 2
  let seen = 0
  let k = 0
  while (k < whole) seen |= scratchWords[k++]!
  let rest = whole << 2
  while (rest < byteLength) seen |= scratch[rest++]!
  return seen === 0
}

/** Writes zeros over [address, address+byteLength-1], chunk by chunk up to the first byte that cannot be written. Throws EFAULT. */
export function zeroUser(memory: UserMemory, address: bigint, byteLength: number): void {
  let position = 0
  while (position < byteLength) {
    const start = address + BigInt(position)
    const taken = Math.min(CHUNK_BYTES - Number(start & CHUNK_MASK), byteLength - position)
    writeUser(memory, start, taken === CHUNK_BYTES ? zeros : zeros.subarray(0, taken))
    position += taken
  }
}

/**
 * An array in user memory whose length the caller names: elements are read a chunk ahead, and nothing is ever allocated by its length.
 * An element in front of a hole is readable even when its chunk is not.
 */
export class UserArray {
  readonly #memory: UserMemory
  readonly #address: bigint
  readonly #elementBytes: number
  readonly #elements: number
  readonly #buffer: Uint8Array
  #first = 0
  #loaded = 0
  #ahead: number

  /** `elements` of `elementBytes` each (at least 1) from `address` on. Reads nothing yet. */
  constructor(memory: UserMemory, address: bigint, elementBytes: number, elements: number) {
    this.#memory = memory
    this.#address = address
    this.#elementBytes = elementBytes
    this.#elements = elements
    this.#ahead = Math.max(1, Math.floor(CHUNK_BYTES / elementBytes))
    this.#buffer = new Uint8Array(Math.min(this.#ahead, Math.max(1, elements)) * elementBytes)
  }

  /** Element `k` (0..elements-1): a view that is good until the next call. Throws EFAULT when this element cannot be read. */
  at(k: number): Uint8Array {
    if (k < this.#first || k >= this.#first + this.#loaded) this.#load(k)
    const start = (k - this.#first) * this.#elementBytes
    return this.#buffer.subarray(start, start + this.#elementBytes)
  }

  #load(k: number): void {
    this.#loaded = 0
    const start = this.#address + BigInt(k) * BigInt(this.#elementBytes)
    const many = Math.min(this.#ahead, this.#elements - k)
    try {
      readUser(this.#memory, start, this.#buffer.subarray(0, many * this.#elementBytes))
      this.#loaded = many
    } catch (error) {
      if (many === 1 || errnoName(error) !== 'EFAULT') throw error
      // Somewhere in this chunk there is a hole: go on one by one, up to it.
      this.#ahead = 1
      readUser(this.#memory, start, this.#buffer.subarray(0, this.#elementBytes))
      this.#loaded = 1
    }
    this.#first = k
  }
}
