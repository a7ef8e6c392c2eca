import type { Area } from '@iommukit/pfn-reader'
import { below, PAGE_SIZE } from './u64.ts'

/**
 * What the allocator remembers of its last search: below `hi:lo` nothing is free that could hold a request of this alignment and length or
 * more. So maps that come one after the other begin to search where the last one was placed. Maps and reservations keep this true, since they
 * only take room; what gives room lowers the floor or forgets it. It holds for requests without an offset in the page, whose fit only
 * moves up when a hole shrinks.
 */
export class AllocationFloor {
  hi = 0
  lo: number = PAGE_SIZE
  /** Bytes; 0: nothing is known. */
  alignment = 0
  /** The request's length - 1. */
  spanHi = 0
  spanLo = 0

  /** True when the floor holds for a request. */
  covers(alignment: number, spanHi: number, spanLo: number): boolean {
    return this.alignment !== 0 && alignment >= this.alignment && !below(spanHi, spanLo, this.spanHi, this.spanLo)
  }

  /** A request was placed at `hi:lo`, the lowest fit. */
  raise(alignment: number, spanHi: number, spanLo: number, hi: number, lo: number): void {
    const same = alignment === this.alignment && spanHi === this.spanHi && spanLo === this.spanLo
    // What was found for a greater request says nothing about the smaller ones that the floor holds for.
    if (!same && this.covers(alignment, spanHi, spanLo)) return
    this.alignment = alignment
    this.spanHi = spanHi
    this.spanLo = spanLo
    this.hi = hi
    this.lo = lo
  }

  /** An area goes. Together with a hole in front of it that was too short, it may now hold a request that begins up to one length before it. */
  lower(area: Area): void {
    if (this.alignment === 0) return
    // A hole of one byte never fits, so even a request of one byte may begin one byte before.
    const low = area.iovaLo - (this.spanHi === 0 && this.spanLo === 0 ? 1 : this.spanLo)
    const lo = low >>> 0
    const hi = area.iovaHi - this.spanHi - (low < 0 ? 1 : 0)
    if (!below(hi, lo, this.hi, this.lo)) return
    const outside = hi < 0 || (hi === 0 && lo < PAGE_SIZE)
    this.hi = outside ? 0 : hi
    this.lo = outside ? PAGE_SIZE : lo
  }

  /** Reserved ranges go: anything may be free now. */
  forget(): void {
    this.alignment = 0
    this.hi = 0
    this.lo = PAGE_SIZE
  }
}
