import type { DirtySink, IommuDomain, Origin, Pages } from '@iommukit/pfn-reader'

/** A u64 at the public edge: a bigint 0..2^64-1, or a number 0..2^53-1. */
export type U64 = bigint | number

/** Device reads (bit 0), device writes (bit 1) and CPU cache coherence (bit 2) of a mapping, or-ed together. */
export const PROT_READ: 1 = 1
export const PROT_WRITE: 2 = 2
export const PROT_CACHE: 4 = 4

/** A closed range of IOVAs, in bytes. */
export interface IovaRange {
  readonly start: bigint
  readonly last: bigint
}

/** A closed range as callers give it. */
export interface IovaRangeInput {
  readonly start: U64
  readonly last: U64
}

/** What `mapUserPages` maps. Lengths and addresses in bytes. */
export interface UserMapping {
  /** Address of the first byte in the origin's address space. */
  readonly address: U64
  readonly length: U64
  /** Where to map; absent: the allocator chooses (spec B4). */
  readonly iova?: U64 | undefined
  /** PROT_* bits. Without PROT_WRITE the pages stay read-only for ever. */
  readonly prot: number
  readonly origin: Origin
}

/**
 * A slice of a Pages, as `getPages` gives and `mapPages` takes it. It holds one reference on `pages`: `mapPages` moves it into the
 * new area; whoever drops a slice instead calls `releasePages`.
 */
export interface PagesSlice {
  readonly pages: Pages
  /** First byte, counted from byte 0 of page 0 of `pages`. */
  readonly startByte: bigint
  readonly length: bigint
}

/** One area as `areas()` shows it: a copy, which later changes do not touch. */
export interface AreaRecord {
  readonly iova: bigint
  /** Last IOVA of the area, inclusive. */
  readonly last: bigint
  readonly length: bigint
  readonly prot: number
  /** First and last page of `pages` that the area touches, inclusive. */
  readonly firstIndex: number
  readonly lastIndex: number
  /** Bytes of page `firstIndex` in front of the area, 0..4095. */
  readonly pageOffset: number
  /** The shared pages; undefined while the area is being built or taken down. */
  readonly pages: Pages | undefined
  /** The domain the frames are read back from; undefined without domains. */
  readonly storageDomain: IommuDomain | undefined
  /** Access pins on the area. */
  readonly numAccesses: number
  /** Set for good once an unmap has waited for accesses: no new pins and no rw. */
  readonly preventAccess: boolean
}

/** How `rw` moves bytes. */
export interface RwOptions {
  /** True: from `data` into the space; false: the other way. */
  readonly write: boolean
  /** True: through pinned frames, as a device sees them; false: the source's direct path where it has one. */
  readonly slow?: boolean
}

/** What `readAndClearDirty` reads. Bytes. */
export interface DirtyRead {
  readonly iova: U64
  readonly length: U64
  /** Bytes that one bit of the sink stands for; a power of two, may be smaller than the domain's pages. */
  readonly pageSize: U64
  /** True: leave the dirty state as it is and do not flush. */
  readonly noClear: boolean
  /** Where dirty ranges go. A function is called for its sink after the other checks have passed; without a sink the call only cleans. */
  readonly sink: DirtySink | (() => DirtySink) | undefined
}

/** What a dirty read has seen. */
export interface DirtyReadResult {
  /** Last IOVA that was read, inclusive; undefined when no area holds the first one. Less than asked: a gap, or the domain failed there. */
  readonly scannedLast: bigint | undefined
}
