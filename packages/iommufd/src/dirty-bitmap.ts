import { type BitmapSource, IovaBitmap } from '@iommukit/iova-bitmap'
import { type DirtySink, IommuError } from '@iommukit/pfn-reader'
import { errnoName } from './abi/errno.ts'
import type { UserMemory } from './ports.ts'
import { PAGE_SIZE, U64_MAX } from './u64.ts'
import { CHUNK_BYTES, readUser, writeUser } from './user-memory.ts'

/** As {@link CHUNK_BYTES}: memory that is refused is tried again in pieces that end where protection may change. */
const CHUNK = BigInt(CHUNK_BYTES)

/** More bits than user memory can hold; a bitmap numbers no more. */
const BITS_MAX = 1n << 53n
/** Weight of the high half of a u64. */
const WORD = 0x1_0000_0000

/** What HWPT_GET_DIRTY_BITMAP writes to. Bytes. */
export interface DirtyBitmapTarget {
  readonly memory: UserMemory
  /** User address of bit 0; any alignment. */
  readonly address: bigint
  readonly iova: bigint
  readonly length: bigint
  /** Bytes that one bit stands for: a power of two. */
  readonly pageSize: bigint
  /** The largest I/O page: how far a dirty range may reach behind the last byte of the range. */
  readonly largestIoPage: bigint
}

/**
 * The bitmap's bytes in user memory, as windows that are read, changed and written back. As on Linux a window ends with the last page
 * that was pinned for it, which may lie behind the bitmap: dirty ranges that stick out set bits there (spec data-structures 3.4, 3.5).
 */
class UserBitmapSource implements BitmapSource {
  readonly #memory: UserMemory
  readonly #address: bigint
  /** Bytes of the bitmap proper; windows start in it. */
  readonly #bytes: bigint
  #start = 0n
  /** An error of user memory that is no errno: not the program's fault, and not to be lost. */
  bug: unknown

  constructor(target: DirtyBitmapTarget, bytes: bigint) {
    this.#memory = target.memory
    this.#address = target.address
    this.#bytes = bytes
  }

  pin(byteOffset: number, byteLength: number): Uint8Array {
    const first = BigInt(byteOffset)
    if (first >= this.#bytes) throw new IommuError('EFAULT', `byte ${byteOffset} is behind the bitmap of ${this.#bytes} bytes`)
    const start = this.#address + first
    const inPage = start % PAGE_SIZE
    const pinnedPages = (this.#bytes - first + PAGE_SIZE - 1n) / PAGE_SIZE + (inPage === 0n ? 0n : 1n)
    const pinnedBytes = pinnedPages * PAGE_SIZE - inPage
    const view = new Uint8Array(pinnedBytes < BigInt(byteLength) ? Number(pinnedBytes) : byteLength)
    const usable = this.#take(start, view)
    if (usable === 0) throw new IommuError('EFAULT', 'the bitmap is not mapped or not writable')
    this.#start = start
    return view.subarray(0, usable)
  }

  unpin(view: Uint8Array, dirty: boolean): void {
    if (dirty) this.#attempt(() => writeUser(this.#memory, this.#start, view))
  }

  /** Fills `view` with the longest readable and writable beginning of user memory at `start`; returns its bytes. */
  #take(start: bigint, view: Uint8Array): number {
    if (this.#takeAll(start, view)) return view.length
    let taken = 0
    while (taken < view.length) {
      const at = start + BigInt(taken)
      const chunk = Math.min(CHUNK_BYTES - Number(at % CHUNK), view.length - taken)
      if (!this.#takeAll(at, view.subarray(taken, taken + chunk))) break
      taken += chunk
    }
    return taken
  }

  /** Writing back what was read tells whether the memory can be written, as pinning for write would. */
  #takeAll(start: bigint, view: Uint8Array): boolean {
    return this.#attempt(() => {
      readUser(this.#memory, start, view)
      writeUser(this.#memory, start, view)
    })
  }

  #attempt(use: () => void): boolean {
    try {
      use()
      return true
    } catch (error) {
      if (errnoName(error) === undefined) this.bug = error
      return false
    }
  }
}

/**
 * A dirty sink over a bitmap in user memory. Bits are only ever set. What cannot be written is lost silently, as on Linux
 * (observed item 1). Memory: one window. `close` writes the last window back.
 */
export class UserDirtyBitmap implements DirtySink {
  readonly #target: DirtyBitmapTarget
  readonly #last: bigint
  readonly #lastHi: number
  readonly #lastLo: number
  readonly #source: UserBitmapSource
  #extendedLast: bigint
  #bitmap: IovaBitmap | undefined

  /** The range must not be empty and must end at or below 2^64-1. Touches no memory. */
  constructor(target: DirtyBitmapTarget) {
    this.#target = target
    this.#last = target.iova + target.length - 1n
    this.#lastHi = Number(this.#last >> 32n)
    this.#lastLo = Number(this.#last & 0xffff_ffffn)
    this.#source = new UserBitmapSource(target, (target.length - 1n) / target.pageSize / 8n + 1n)
    this.#extendedLast = this.#last + target.largestIoPage
    const reachable = target.iova + BITS_MAX * target.pageSize - 1n
    if (this.#extendedLast > reachable) this.#extendedLast = reachable
    if (this.#extendedLast > U64_MAX) this.#extendedLast = U64_MAX
  }

  record(iova: bigint, length: bigint): void {
    // A range that sticks out always takes a new window, whose pages decide how far it may reach.
    if (iova + length - 1n > this.#last) this.close()
    const bitmap = (this.#bitmap ??= this.#open())
    bitmap.record(iova, length)
    this.#refuseBug()
  }

  recordAt(iovaHi: number, iovaLo: number, length: number): void {
    const end = iovaLo + length - 1
    const lastHi = iovaHi + Math.floor(end / WORD)
    if (lastHi > this.#lastHi || (lastHi === this.#lastHi && end % WORD > this.#lastLo)) this.close()
    const bitmap = (this.#bitmap ??= this.#open())
    bitmap.recordAt(iovaHi, iovaLo, length)
    this.#refuseBug()
  }

  /** Writes back what is pending. The sink stays usable. */
  close(): void {
    const bitmap = this.#bitmap
    this.#bitmap = undefined
    bitmap?.free()
    this.#refuseBug()
  }

  #refuseBug(): void {
    if (this.#source.bug !== undefined) throw this.#source.bug
  }

  #open(): IovaBitmap {
    const { address, iova, pageSize } = this.#target
    const dataOffset = Number(address % PAGE_SIZE)
    return new IovaBitmap({ iova, last: this.#extendedLast, pageSize, source: this.#source, dataOffset })
  }
}
