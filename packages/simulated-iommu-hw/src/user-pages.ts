import { HardwareError, HardwareInvariantError } from './errors.ts'
import { hex, toInteger } from './numbers.ts'
import type { RunSink } from './run-gatherer.ts'
import { PROTECTION_LEVEL } from './segments.ts'
import type { UserAddressSpace } from './user-address-space.ts'

/** Straight copies through the address space; `byteOffset` counts from byte 0 of page 0. Throws EFAULT at the first bad page, having copied all before it. */
export interface DirectCopies {
  read(byteOffset: number, out: Uint8Array): void
  write(byteOffset: number, data: Uint8Array): void
}

/** A window of user memory, seen as pages 0, 1, 2, …, to be pinned. Fits the port `PageSource` (spec pages-and-io-pagetable 4.1). Three fields: made by the million. */
export class UserPages implements DirectCopies {
  readonly #space: UserAddressSpace
  readonly #basePage: number
  readonly #npages: number

  /** Made by `UserAddressSpace.pageSource`, which has checked the numbers. */
  constructor(space: UserAddressSpace, basePage: number, npages: number) {
    this.#space = space
    this.#basePage = basePage
    this.#npages = npages
  }

  /** Copies that ignore pins and see what is mapped now. */
  get direct(): DirectCopies {
    return this
  }

  /**
   * Pins up to `npages` pages from `firstIndex` on and adds their frames as maximal runs. Returns how many were pinned, 1..npages; fewer when the
   * sink refuses, at the first page that is not accessible, or when a short pin was injected. Throws EFAULT (or the injected errno) with nothing
   * pinned when not even the first page is accessible. O(runs) where frames are kept as runs, else O(pages).
   */
  pin(firstIndex: number, npages: number, write: boolean, into: RunSink): number {
    toInteger(firstIndex, 'firstIndex', 0, this.#npages - 1)
    toInteger(npages, 'npages', 1, this.#npages - firstIndex)
    const space = this.#space
    space.pinFault.pass()
    const page = this.#basePage + firstIndex
    const gatherer = space.gatherer
    gatherer.gather(space.segments, page, space.shortened(npages), write ? PROTECTION_LEVEL.rw : PROTECTION_LEVEL.r, into)
    const pinned = gatherer.taken
    if (pinned === 0) {
      if (gatherer.full) throw new HardwareInvariantError('a pin was asked for with a sink that has no room for one run')
      throw new HardwareError('EFAULT', `page ${hex(page)} is not mapped or not accessible for ${write ? 'write' : 'read'}`)
    }
    gatherer.pinTaken(space.segments, page, space.physical)
    space.counts.pinnedPages += pinned
    space.counts.pinRuns += gatherer.runs
    return pinned
  }

  /** Releases one pin on each of `npfns` frames; `dirty`: they may have been written. Throws {@link HardwareInvariantError} when one has no pin. */
  unpin(pfn: number, npfns: number, dirty: boolean): void {
    const space = this.#space
    space.physical.unpin(pfn, npfns)
    const counts = space.counts
    counts.unpinCalls++
    counts.unpinnedPages += npfns
    if (dirty) counts.dirtiedPages += npfns
  }

  read(byteOffset: number, out: Uint8Array): void {
    this.#space.readPages(this.#basePage, byteOffset, out)
  }

  write(byteOffset: number, data: Uint8Array): void {
    this.#space.writePages(this.#basePage, byteOffset, data)
  }
}
