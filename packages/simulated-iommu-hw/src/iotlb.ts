import { toInteger } from './numbers.ts'

/** Who translates on a miss: the byte's physical address, or -1 when it is not mapped. */
export interface Walker {
  iovaToPhysAt(iovaHi: number, iovaLo: number): number
}

/**
 * A direct-mapped cache of 4 KiB translations in front of a page table. As in hardware, it keeps what it has seen until told to forget: invalidate after
 * every unmap. A hit costs one compare.
 */
export class Iotlb {
  hits = 0
  misses = 0
  readonly #walker: Walker
  readonly #mask: number
  /** Page number and physical base, in pairs; -1 is no page. */
  readonly #pairs: Float64Array

  /** `entries` is a power of two; default 1024. */
  constructor(walker: Walker, entries = 1024) {
    toInteger(entries, 'entries', 1, 2 ** 24)
    if ((entries & (entries - 1)) !== 0) throw new RangeError(`entries ${entries} is not a power of two`)
    this.#walker = walker
    this.#mask = entries - 1
    this.#pairs = new Float64Array(2 * entries).fill(-1)
  }

  /** Physical address of the byte at an IOVA (two u32), or -1 when it is not mapped; absent translations are not cached. */
  translateAt(iovaHi: number, iovaLo: number): number {
    const page = iovaHi * 1048576 + (iovaLo >>> 12)
    const at = 2 * ((iovaLo >>> 12) & this.#mask)
    const pairs = this.#pairs
    if (pairs[at] === page) {
      this.hits++
      return pairs[at + 1]! + (iovaLo & 4095)
    }
    this.misses++
    const phys = this.#walker.iovaToPhysAt(iovaHi, iovaLo)
    if (phys < 0) return -1
    pairs[at] = page
    pairs[at + 1] = phys - (iovaLo & 4095)
    return phys
  }

  /** Forgets everything. */
  invalidateAll(): void {
    this.#pairs.fill(-1)
  }

  /** Forgets the pages that [iova, iova+length-1] touches; IOVA as two u32. O(min(pages, entries)). */
  invalidateAt(iovaHi: number, iovaLo: number, length: number): void {
    if (!(length > 0)) return
    const first = iovaHi * 1048576 + (iovaLo >>> 12)
    const last = first + Math.floor(((iovaLo & 4095) + length - 1) / 4096)
    const pairs = this.#pairs
    if (last - first > this.#mask) {
      for (let at = 0; at < pairs.length; at += 2) if (pairs[at]! >= first && pairs[at]! <= last) pairs[at] = -1
      return
    }
    for (let page = first; page <= last; page++) {
      const at = 2 * (page & this.#mask)
      if (pairs[at] === page) pairs[at] = -1
    }
  }
}
