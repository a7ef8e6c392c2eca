// A ready table with memory for the example tests.
import { IoPagetable, PROT_CACHE, PROT_READ, PROT_WRITE, type U64 } from '@iommukit/io-pagetable'
import { checkInvariants } from '@iommukit/io-pagetable/check'
import { FakeAccounting, FakeDomain, type FakeDomainOptions, FakeMemory, PAGE, World } from './fakes.ts'

export const RW: number = PROT_READ | PROT_WRITE | PROT_CACHE
export const RO: number = PROT_READ | PROT_CACHE
/** 64 pages with contiguous frames 1000, 1001, … */
export const CONTIG = 0x4000_0000
/** 64 pages, no two with neighbouring frames. */
export const SCATTERED = 0x5000_0000
export const NPAGES = 64

export class Fixture {
  readonly world = new World()
  readonly memory = new FakeMemory(this.world)
  readonly accounting = new FakeAccounting(this.world)
  readonly table: IoPagetable = this.newTable()

  constructor() {
    this.memory.mmap(
      CONTIG,
      Array.from({ length: NPAGES }, (_, k) => 1000 + k),
    )
    this.memory.mmap(
      SCATTERED,
      Array.from({ length: NPAGES }, (_, k) => 9000 + 2 * ((k * 37) % NPAGES)),
    )
  }

  newTable(): IoPagetable {
    return new IoPagetable({ temp: this.world.temp })
  }

  newDomain(options: FakeDomainOptions = {}): FakeDomain {
    return new FakeDomain(this.world, { pageSize: PAGE, ...options })
  }

  /** Maps at a fixed IOVA, or where the allocator chooses. */
  map(iova: U64 | undefined, length: U64, address: U64 = CONTIG, prot: number = RW, table: IoPagetable = this.table): bigint {
    return table.mapUserPages({ address, length, iova, prot, origin: this.memory.origin(this.accounting, 'user') })
  }

  /** First and last IOVA of every area. */
  spans(table: IoPagetable = this.table): [bigint, bigint][] {
    checkInvariants(table)
    return [...table.areas()].map(({ iova, last }) => [iova, last])
  }

  /** Everything that a failed operation must leave as it was, as one comparable value. */
  snapshot(...tables: IoPagetable[]): unknown {
    const all = tables.length === 0 ? [this.table] : tables
    return {
      tables: all.map((table) => ({
        areas: [...table.areas()],
        ranges: table.ranges(),
        domains: [...table.domains],
        alignment: table.iovaAlignment,
        largePages: table.largePages,
        accesses: table.accessCount,
        refs: [...table.areas()].map(({ pages }) => [pages!.refs, pages!.npinned, pages!.lastNpinned]),
      })),
      pins: new Map(this.world.pins),
      charged: this.accounting.chargedPages,
      maps: this.world.domains.map((domain) => new Map(domain.entries)),
    }
  }
}

/** An access owner that lets go when told; `pinned` are its ranges. */
export class Owner {
  readonly needsPin: boolean
  readonly told: [bigint, bigint][] = []
  readonly pinned: { iova: bigint; length: bigint }[] = []
  readonly table: IoPagetable
  /** Called in the callback instead of letting go. */
  onUnmap: ((iova: bigint, length: bigint) => void) | undefined

  constructor(table: IoPagetable, needsPin = true) {
    this.table = table
    this.needsPin = needsPin
  }

  pin(iova: bigint, length: bigint, write = false): Float64Array {
    const pfns = this.table.pinPages(iova, length, write)
    this.pinned.push({ iova, length })
    return pfns
  }

  letGo(iova: bigint, length: bigint): void {
    for (const item of this.pinned.filter((one) => one.iova < iova + length && one.iova + one.length > iova)) {
      this.pinned.splice(this.pinned.indexOf(item), 1)
      this.table.unpinPages(item.iova, item.length)
    }
  }

  unmap(iova: bigint, length: bigint): void {
    this.told.push([iova, length])
    if (this.onUnmap !== undefined) this.onUnmap(iova, length)
    else this.letGo(iova, length)
  }
}
