/**
 * What this package needs of others (design section 2; spec pages-and-io-pagetable section 4). Implementations fit by shape.
 * Everything is synchronous. Ports throw an error with an errno `code`; when a port throws, it has done nothing.
 * No port may call back into a Pages or a table.
 *
 * Units: `iova`, `phys`, `length` are bytes; `index`, `npages` are pages of 4096 bytes; `pfn`, `npfns` are frames.
 * A member ending in `At` is the twin for hot paths: IOVA as two u32 (high, low), physical addresses and lengths as safe integers.
 */

/** Receives runs of consecutive frames. */
export interface PfnRunSink {
  /** Appends `npfns >= 1` frames starting at `pfn`. False: it does not fit, nothing was added; stop and keep the rest. */
  add(pfn: number, npfns: number): boolean
}

/** The origin memory of one Pages: user memory, seen as pages 0, 1, 2, … */
export interface PageSource {
  /**
   * Pins up to `npages` pages from `firstIndex` on, in order, and adds their frames to `into` as maximal runs.
   * Returns how many were pinned, 1..npages: a short pin (a full sink, or a fault further on) is success.
   * Throws EFAULT (or another errno) only when not even the first page can be pinned; then nothing is pinned.
   */
  pin(firstIndex: number, npages: number, write: boolean, into: PfnRunSink): number
  /** Releases one pin on each of `npfns` frames starting at `pfn`; `dirty`: they may have been written. Never fails. */
  unpin(pfn: number, npfns: number, dirty: boolean): void
  /** Optional direct path of rw in the owner's address space (spec A14): ignores pins, throws EFAULT at the first bad page, having copied all before it. */
  readonly direct?: DirectAccess
}

/** Straight copies through the owner's address space; `byteOffset` counts from byte 0 of page 0 of the source. */
export interface DirectAccess {
  read(byteOffset: number, out: Uint8Array): void
  write(byteOffset: number, data: Uint8Array): void
}

/** The bytes of pinned frames. Never fails for a pinned frame. `offsetInPage + data.length <= 4096`. */
export interface FrameMemory {
  copyOut(pfn: number, offsetInPage: number, out: Uint8Array): void
  copyIn(pfn: number, offsetInPage: number, data: Uint8Array): void
}

/** Inclusive range of IOVAs that a domain can translate. */
export interface Aperture {
  readonly start: bigint
  readonly last: bigint
}

/** An I/O page table. It is the storage tier of pinned frames: what `map` was given is read back byte exact. */
export interface IommuDomain {
  /** Bit k set: pages of 2^k bytes are supported. Never 0, never changes. */
  readonly pgsizeBitmap: bigint
  readonly aperture: Aperture
  /** Maps an unmapped range; all or nothing. iova, phys and length are multiples of the smallest page size. `prot`: 1 read, 2 write, 4 cache. */
  map(iova: bigint, phys: bigint, length: bigint, prot: number): void
  mapAt(iovaHi: number, iovaLo: number, phys: number, length: number, prot: number): void
  /** Removes a fully mapped range that begins and ends where map calls began and ended; returns the bytes removed. Never fails. */
  unmap(iova: bigint, length: bigint): bigint
  unmapAt(iovaHi: number, iovaLo: number, length: number): number
  /** Physical address of the byte at `iova`; undefined when not mapped. */
  iovaToPhys(iova: bigint): bigint | undefined
  /**
   * Reads `npages` frames back as runs: first the frame holding the byte at `iova` (which may lie inside it), then each next frame
   * from where the physical address is page aligned again. Stops when `into` refuses. Returns the frames added.
   */
  readRuns(iova: bigint, npages: number, into: PfnRunSink): number
  readRunsAt(iovaHi: number, iovaLo: number, npages: number, into: PfnRunSink): number
  /** Makes earlier unmaps and dirty clears visible to devices (IOTLB flush). */
  flush(): void
  /** Absent: the domain cannot track dirty pages. */
  readonly dirty?: DomainDirty
}

/** Dirty tracking of a domain. */
export interface DomainDirty {
  setTracking(enabled: boolean): void
  /** Reports dirty I/O pages of [iova, iova+length-1] and, unless `noClear`, cleans them. Without a sink it only cleans and works while tracking is off. */
  readAndClear(iova: bigint, length: bigint, noClear: boolean, sink: DirtySink | undefined): void
}

/** Receives dirty ranges; sets bits only. Never fails visibly. */
export interface DirtySink {
  record(iova: bigint, length: bigint): void
  recordAt(iovaHi: number, iovaLo: number, length: number): void
}

/** Which counter pinned pages are charged to (spec A7): nobody's, the user's, or the process's. */
export type AccountMode = 'none' | 'user' | 'mm'

/** Locked-memory accounting of one owner. */
export interface Accounting {
  /** Adds `npages >= 1`; throws ENOMEM, having added nothing, when the mode's limit would be passed. Mode `none` only counts statistics. */
  charge(mode: AccountMode, npages: number): void
  /** Never fails. */
  uncharge(mode: AccountMode, npages: number): void
}

/** Size of temporary buffers (spec A2, A5): bytes >= 12, read at the start of each operation. 12 bytes a run of frames. */
export interface TempMemory {
  readonly limitBytes: number
}

/** Where memory comes from and who pays for it: what a Pages needs to know of its owner. One object serves all Pages of one owner. */
export interface Origin {
  /** The `npages` pages from `base` on, a multiple of 4096. Called once for each Pages, before anything is pinned. */
  source(base: bigint, npages: number): PageSource
  readonly frames: FrameMemory
  readonly accounting: Accounting
  /** Read once, when a Pages is made. */
  readonly accountMode: AccountMode
}
