import type { IommuDomain } from '@iommukit/pfn-reader'
import { addAccess, removeAccess } from './accesses.ts'
import { areaRecords } from './areas.ts'
import { getSlices, releaseSlices } from './copy.ts'
import { cutIova } from './cut.ts'
import { destroyState } from './destroy.ts'
import { readAndClearDirty, setDirtyTracking } from './dirty.ts'
import { addDomain, removeDomain } from './domains.ts'
import { enter, guarded, leave } from './guard.ts'
import { disableLargePages, enableLargePages } from './large-pages.ts'
import { mapSlices, mapUser } from './map.ts'
import { pinPages, rw, unpinPages } from './pin.ts'
import type { AccessOwner, DeviceRegion } from './ports.ts'
import { readRange } from './range.ts'
import { enforceDeviceRegions, removeReserved, reserve, setAllowed, toU64, usableRanges } from './reservations.ts'
import { Slice } from './slice.ts'
import { createState, type IoPagetableOptions, type TableState } from './state.ts'
import type { AreaRecord, DirtyRead, DirtyReadResult, IovaRange, IovaRangeInput, PagesSlice, RwOptions, U64, UserMapping } from './types.ts'
import { describe, WORD_MAX, WordRange } from './u64.ts'
import { unmapRange } from './unmap.ts'

/** Scratch for the range of the present operation: nothing runs inside an operation but an owner's unmap, which works on copies. */
const range: WordRange = new WordRange()

/**
 * One IOVA space: which piece of whose memory lies at which IOVA, the same in every domain attached, each page pinned once however many
 * domains, copies and accesses use it (spec pages-and-io-pagetable part B).
 *
 * Everything is synchronous. IOVAs and lengths are bytes: bigints 0..2^64-1, or numbers 0..2^53-1; the last IOVA is 2^64-1.
 * TypeError or RangeError: a malformed argument, found before anything changes. IommuError: the operation failed with the errno `code` and,
 * but where a method says otherwise, nothing has changed. InvariantError: a port called back into a table, or broke its contract.
 * In complexities k is the number of areas, p the pages of the request, d the domains.
 */
export class IoPagetable {
  /** Internal: for the other files of this package and `./check`. */
  readonly internals: TableState

  constructor(options: IoPagetableOptions) {
    this.internals = createState(options)
  }

  /** Attached domains by position; the first one is preferred to read frames back from. */
  get domains(): readonly IommuDomain[] {
    return this.internals.domains
  }

  /** What IOVAs, lengths and offsets in pages must be multiples of: bytes, a power of two 1..4096 (B2). */
  get iovaAlignment(): number {
    return this.internals.iovaAlignment
  }

  /** False: domains are mapped page by page, and areas can be split. */
  get largePages(): boolean {
    return this.internals.largePages
  }

  get areaCount(): number {
    return this.internals.areas.size
  }

  /** Registered accesses, 0..65536. */
  get accessCount(): number {
    return this.internals.accesses.size
  }

  get destroyed(): boolean {
    return this.internals.destroyed
  }

  /**
   * Maps user memory at a fixed or chosen IOVA and returns it (B3-B6). Without domains no page is looked at, so bad memory shows later.
   * In this order: EINVAL length 0; EOVERFLOW address; EINVAL alignment of length and IOVA; EOVERFLOW, EINVAL reserved, EEXIST area; automatic:
   * EOVERFLOW from 2^63-1 bytes on, EINVAL, ENOSPC; EINVAL offset in the page; then what pinning, mapping and charging throw. O(log k + p).
   */
  mapUserPages(mapping: UserMapping): bigint {
    const state = this.internals
    enter(state)
    try {
      return mapUser(state, mapping)
    } finally {
      leave()
    }
  }

  /**
   * Maps slices one behind the other (B6): their sum is `length`. On success their references belong to the table, on error they stay with the
   * caller. Errors as `mapUserPages` from the alignment on, and EPERM: write asked for pages that were mapped read-only.
   */
  mapPages(slices: readonly PagesSlice[], length: U64, iova: U64 | undefined, prot: number): bigint {
    return guarded(this.internals, (state) => mapSlices(state, slices.map(Slice.from), length, iova, prot))
  }

  /**
   * The memory under a range, as slices with a reference each, for `mapPages` of any table, or `releasePages` (B8). EINVAL: length 0;
   * EOVERFLOW; ENOENT: the range is not covered by adjacent areas. O(log k) an area.
   */
  getPages(iova: U64, length: U64): PagesSlice[] {
    return guarded(this.internals, (state) => {
      readRange(range, iova, length)
      return getSlices(state, range)
    })
  }

  /** Maps what lies under a range of `source`, which may be this table, and returns the IOVA (B8). Pins nothing that is pinned. Errors of `getPages`, then of `mapPages`. */
  copyFrom(source: IoPagetable, sourceIova: U64, length: U64, iova: U64 | undefined, prot: number): bigint {
    if (!(source instanceof IoPagetable)) throw new TypeError(`source must be an IoPagetable, got ${describe(source)}`)
    return guarded(this.internals, (state) => {
      if (source.destroyed) throw new TypeError('the source IoPagetable was destroyed')
      readRange(range, sourceIova, length)
      const slices = getSlices(source.internals, range)
      try {
        return mapSlices(state, slices, length, iova, prot)
      } catch (error) {
        releaseSlices(slices)
        throw error
      }
    })
  }

  /**
   * Removes the areas of a range and returns the bytes removed, 0n when there are none (B9). Accesses that hold pages are told to let go.
   * Not atomic: the error's `done` says how many bytes are gone. EINVAL: length 0; EOVERFLOW; ENOENT: an area lies across a border;
   * EDEADLOCK: an access still held on after 100 notifications. O(log k + p).
   */
  unmapIova(iova: U64, length: U64): bigint {
    const state = this.internals
    enter(state)
    try {
      readRange(range, iova, length)
      return unmapRange(state, range.firstHi, range.firstLo, range.lastHi, range.lastLo)
    } finally {
      leave()
    }
  }

  /** Removes every area and returns the bytes removed (B9). EDEADLOCK as `unmapIova`. O(k + p). */
  unmapAll(): bigint {
    return guarded(this.internals, (state) => unmapRange(state, 0, 0, WORD_MAX, WORD_MAX))
  }

  /** The maximal ranges that nothing reserves, ascending (B10); allowed ranges and areas have no say. O(reserved). */
  ranges(): IovaRange[] {
    return guarded(this.internals, usableRanges)
  }

  /**
   * Replaces the ranges that must stay usable and that automatic maps keep to; none lifts the limit (B10). EINVAL: a range is inverted or overlaps
   * an earlier one; EADDRINUSE: it intersects a reserved one. O(k log k).
   */
  setAllowed(ranges: readonly IovaRangeInput[]): void {
    guarded(this.internals, (state) => setAllowed(state, ranges))
  }

  /** Forbids maps in [start, last], for `owner` (B10). May overlap other reservations. EINVAL: inverted; EADDRINUSE: an area or allowed range is there. O(log k). */
  reserve(start: U64, last: U64, owner: unknown): void {
    guarded(this.internals, (state) => reserve(state, toU64(start, 'start'), toU64(last, 'last'), owner))
  }

  /** Lifts all reservations of `owner`, compared by identity. O(reserved). */
  removeReserved(owner: unknown): void {
    guarded(this.internals, (state) => removeReserved(state, owner))
  }

  /**
   * Reserves a device's regions for it and returns the start of its software MSI region if asked for and there is one (B13). EADDRINUSE as `reserve`;
   * EINVAL: MSI regions contradict. On error all its reservations go, also those of an earlier call.
   */
  enforceDeviceRegions(device: unknown, regions: readonly DeviceRegion[], wantSwMsi: boolean): bigint | undefined {
    return guarded(this.internals, (state) => enforceDeviceRegions(state, device, regions, wantSwMsi))
  }

  /**
   * Makes the domain hold every area from now on (B11). EEXIST; EINVAL: its smallest page is above 4096; EADDRINUSE: an area is misaligned for it or
   * outside its aperture; then what pinning, mapping and charging throw. A second domain pins nothing. O(pages mapped).
   */
  addDomain(domain: IommuDomain): void {
    guarded(this.internals, (state) => addDomain(state, domain))
  }

  /** Empties the domain and forgets it (B12); the last one releases all pages that nothing else holds. Never fails; RangeError: it is not attached. O(k), the last one O(pages mapped). */
  removeDomain(domain: IommuDomain): void {
    guarded(this.internals, (state) => removeDomain(state, domain))
  }

  /** Registers a software user and returns its id, the lowest free one of 0..65535 (B15). EBUSY: none is free; EADDRINUSE: it pins and an area is not page aligned. */
  addAccess(owner: AccessOwner): number {
    return guarded(this.internals, (state) => addAccess(state, owner))
  }

  /** Unregisters a software user, which has let go of its pages before (B15). RangeError: the id is not its own. */
  removeAccess(owner: AccessOwner, id: number): void {
    guarded(this.internals, (state) => removeAccess(state, owner, id))
  }

  /**
   * Pins the pages under a range and returns their PFNs, one for every page touched (B16). EINVAL: length 0; EOVERFLOW; per area: EINVAL: it is being
   * unmapped, or not page aligned with the range; EPERM; what pinning throws; ENOENT: a gap. O(log k + p), O(log k) when the same range is pinned already.
   */
  pinPages(iova: U64, length: U64, write: boolean): Float64Array {
    const state = this.internals
    enter(state)
    try {
      readRange(range, iova, length)
      return pinPages(state, range, write)
    } finally {
      leave()
    }
  }

  /** Releases one `pinPages` of exactly this range (B16). Never fails; RangeError: it is not pinned. O(log k + p). */
  unpinPages(iova: U64, length: U64): void {
    const state = this.internals
    enter(state)
    try {
      readRange(range, iova, length)
      unpinPages(state, range)
    } finally {
      leave()
    }
  }

  /**
   * Copies `data.length` bytes into the space or out of it (B16). Not atomic: areas before the one that fails are done. EINVAL: no data, or an area is
   * being unmapped; EOVERFLOW; EPERM; EFAULT; ENOENT: a gap was reached. O(log k) an area.
   */
  rw(iova: U64, data: Uint8Array, options: RwOptions): void {
    if (!(data instanceof Uint8Array)) throw new TypeError(`data must be a Uint8Array, got ${describe(data)}`)
    const state = this.internals
    enter(state)
    try {
      readRange(range, iova, data.length)
      rw(state, range, data, options)
    } finally {
      leave()
    }
  }

  /** Maps page by page from now on, so that areas can be cut (B14). EINVAL: there are both domains and areas; EADDRINUSE: an area is not page aligned. */
  disableLargePages(): void {
    guarded(this.internals, disableLargePages)
  }

  /** Maps maximal runs again from now on (B14). Never fails. */
  enableLargePages(): void {
    guarded(this.internals, enableLargePages)
  }

  /**
   * Splits areas at the given IOVAs, each the last one of a left part (B14). Not atomic: earlier cuts stay, the error's `done` counts the points passed.
   * EBUSY: the area is being unmapped; EINVAL: misaligned, pinned by an access, or mapped with large pages. O(log k) a point.
   */
  cutIova(points: readonly U64[]): void {
    guarded(this.internals, (state) => cutIova(state, points))
  }

  /** Switches dirty tracking of an attached domain; switching on cleans everything first (B17). EOPNOTSUPP: it cannot track; or what the domain throws. */
  setDirtyTracking(domain: IommuDomain, on: boolean): void {
    guarded(this.internals, (state) => setDirtyTracking(state, domain, on))
  }

  /**
   * Reports and cleans the dirty pages of a range (B17). EINVAL: length 0, misaligned, or a page size that is no power of two; EOVERFLOW; EOPNOTSUPP. A
   * gap or an error of the domain ends it early without an error: see `scannedLast`.
   */
  readAndClearDirty(domain: IommuDomain, read: DirtyRead): DirtyReadResult {
    return guarded(this.internals, (state) => readAndClearDirty(state, domain, read))
  }

  /** The areas by ascending IOVA, as copies. Changes between two steps are seen; areas behind the present one are found by IOVA. */
  areas(): Iterable<AreaRecord> {
    return guarded(this.internals, areaRecords)
  }

  /** Unmaps everything and ends the table's life (B18 rule 5). Error, changing nothing: domains, accesses or owned reservations remain. */
  destroy(): void {
    guarded(this.internals, destroyState)
  }
}
