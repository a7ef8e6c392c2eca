import type { Area } from './area.ts'
import { InvariantError, IommuError, invariant } from './errors.ts'
import { type Held, holdersIn } from './held.ts'
import type { PagesAccess } from './pages-access.ts'
import type { PinnedMap } from './pinned-map.ts'
import type { AccountMode, Origin, PageSource, TempMemory } from './ports.ts'
import { describe, HI, hexU64, joinU64, LO, splitU64, words } from './u64.ts'
import { PAGE_SHIFT, PAGE_SIZE, PAGES_PER_WORD, WORD_MAX } from './units.ts'

/** A range of pages, both inclusive, and how many times it is held. */
export interface HeldRange {
  readonly firstIndex: number
  readonly lastIndex: number
  readonly users: number
}

/**
 * A piece of origin memory as pages 0 .. npages-1 (spec pages-and-io-pagetable A8). Areas of any table and accesses hold ranges of it; a
 * page is pinned exactly once while at least one of them holds it. Making it touches no memory. Small while it has at most one area and
 * one access: trees and the pinned map are made when they are needed.
 */
export class Pages {
  readonly npages: number
  /** Pins held now, transient ones of a running operation included. */
  npinned = 0
  /** Pins that the owner is charged for; equal to `npinned` between operations. */
  lastNpinned = 0
  /** Pins are for writing; also decides whether a released page counts as dirty. */
  readonly writable: boolean
  readonly origin: Origin
  /** Limit of temporary memory, read at the start of each operation. */
  readonly temp: TempMemory
  readonly accountMode: AccountMode
  /** Internal: the pages themselves. */
  readonly source: PageSource
  /** Internal: areas that have storage, by their page ranges (the spec's domains_itree). */
  areas: Held<Area> = undefined
  /** Internal: access records (the spec's access_itree). */
  accesses: Held<PagesAccess> = undefined
  /** Internal: PFNs of the pages that accesses hold; absent while there is no access. */
  pinned: PinnedMap | undefined = undefined
  #refs = 1
  readonly #baseHi: number
  readonly #baseLowPage: number

  /**
   * The `length` bytes from `address` on, rounded outward to pages, with one reference. Both are u64, as bigint or safe integer. O(1), plus
   * one call of `origin.source`.
   * @throws IommuError EINVAL: length is 0 or above 2^64-1-4096; EOVERFLOW: address + length is above 2^64-1, in this order.
   * {TypeError} / {RangeError} address or length is no u64.
   */
  constructor(address: bigint | number, length: bigint | number, writable: boolean, origin: Origin, temp: TempMemory) {
    if (typeof writable !== 'boolean') throw new TypeError(`writable must be a boolean, got ${describe(writable)}`)
    splitU64(address, 'address')
    const addressHi = words[HI]!
    const addressLo = words[LO]!
    splitU64(length, 'length')
    const lengthHi = words[HI]!
    const lengthLo = words[LO]!
    if ((lengthHi | lengthLo) === 0 || (lengthHi === WORD_MAX && lengthLo > WORD_MAX - PAGE_SIZE)) {
      throw new IommuError('EINVAL', `length must be in 1..2^64-4097, got ${length}`)
    }
    const endLo = addressLo + lengthLo
    // The end itself must be a u64: memory that ends exactly at 2^64 is refused too.
    if (addressHi + lengthHi + (endLo > WORD_MAX ? 1 : 0) > WORD_MAX) {
      throw new IommuError('EOVERFLOW', `${length} bytes at ${hexU64(addressHi, addressLo)} end behind 2^64-1`)
    }
    const inPage = addressLo & (PAGE_SIZE - 1)
    this.#baseHi = addressHi
    this.#baseLowPage = addressLo >>> PAGE_SHIFT
    this.npages = lengthHi * PAGES_PER_WORD + Math.floor((lengthLo + inPage + PAGE_SIZE - 1) / PAGE_SIZE)
    this.writable = writable
    this.origin = origin
    this.temp = temp
    this.accountMode = origin.accountMode
    this.source = origin.source(inPage === 0 && typeof address === 'bigint' ? address : this.base, this.npages)
  }

  /** Address of page 0 in the origin, a multiple of 4096. */
  get base(): bigint {
    return joinU64(this.#baseHi, this.#baseLowPage * PAGE_SIZE)
  }

  /** References held: one a built area, and one whoever made it until that is moved into an area. */
  get refs(): number {
    return this.#refs
  }

  /** Takes one more reference. O(1). */
  addRef(): void {
    invariant(this.#refs > 0, 'a released Pages was referenced again')
    this.#refs++
  }

  /** Drops one reference. With the last one nothing may hold a page any more. O(1). */
  release(): void {
    invariant(this.#refs > 0, 'a Pages was released more often than referenced')
    if (this.#refs === 1) {
      const held = this.areas !== undefined || this.accesses !== undefined || this.pinned !== undefined
      invariant(!held && this.npinned === 0, `the last reference went while ${this.npinned} pages were pinned`)
    }
    this.#refs--
  }

  /** PFNs of the pages that accesses hold, as [index, pfn] by ascending index. For inspection: O(pages). */
  pinnedPfns(): [index: number, pfn: number][] {
    const entries: [number, number][] = []
    this.pinned?.forEach((index, pfn) => {
      entries.push([index, pfn])
    })
    return entries
  }

  /** What accesses hold, by ascending first page. For inspection: O(records). */
  accessRanges(): HeldRange[] {
    return holdersIn(this.accesses).map(({ firstIndex, lastIndex, users }) => ({ firstIndex, lastIndex, users }))
  }

  /** What areas with storage hold, by ascending first page. For inspection: O(areas). */
  storageRanges(): HeldRange[] {
    return holdersIn(this.areas).map(({ firstIndex, lastIndex }) => ({ firstIndex, lastIndex, users: 1 }))
  }
}

/**
 * Nobody's pages: nothing can be pinned there. What was destroyed is made to point here, so that it keeps nothing alive; and while there is
 * one Pages at all, V8 keeps the code that it has optimised for the class.
 */
export const nobody: Pages = new Pages(
  0,
  1,
  false,
  {
    source: () => ({ pin: refuse, unpin: refuse }),
    frames: { copyOut: refuse, copyIn: refuse },
    accounting: { charge: refuse, uncharge: refuse },
    accountMode: 'none',
  },
  { limitBytes: 12 },
)

function refuse(): never {
  throw new InvariantError('these are nobody’s pages')
}
