import type { IommuDomain } from '@iommukit/pfn-reader'
import type { FaultQueue } from './fault-queue.ts'
import type { Ioas } from './ioas.ts'
import { IommufdObject } from './object.ts'
import type { NestedDomain } from './ports.ts'

/** How a paging page table was made. */
export interface PagingOptions {
  /** Made by attaching a device to an IOAS; it goes with its last device. */
  readonly automatic: boolean
  readonly nestParent: boolean
  readonly enforcesCoherency: boolean
}

/** A page table that holds the whole map of its IOAS. */
export class HwptPaging extends IommufdObject {
  readonly type = 'hwpt-paging'
  readonly ioas: Ioas
  readonly domain: IommuDomain
  readonly options: PagingOptions

  /** Fills the domain with everything mapped in the IOAS. Throws the errors of `IoPagetable.addDomain`, and then nothing has changed. */
  constructor(id: number, ioas: Ioas, domain: IommuDomain, options: PagingOptions) {
    super(id)
    this.ioas = ioas
    this.domain = domain
    this.options = options
    ioas.table.addDomain(domain)
    ioas.hwpts.add(this)
    ioas.users++
  }

  override destroy(): void {
    this.ioas.hwpts.delete(this)
    this.ioas.table.removeDomain(this.domain)
    this.ioas.users--
  }
}

/** A page table made by a guest, on top of a paging one. */
export class HwptNested extends IommufdObject {
  readonly type = 'hwpt-nested'
  readonly parent: HwptPaging
  readonly domain: NestedDomain
  readonly faultQueue: FaultQueue | undefined

  constructor(id: number, parent: HwptPaging, domain: NestedDomain, faultQueue: FaultQueue | undefined) {
    super(id)
    this.parent = parent
    this.domain = domain
    this.faultQueue = faultQueue
    parent.users++
    if (faultQueue !== undefined) faultQueue.users++
  }

  override destroy(): void {
    this.parent.users--
    if (this.faultQueue !== undefined) this.faultQueue.users--
  }
}

/** A page table that a device can be attached to. */
export type Hwpt = HwptPaging | HwptNested

/** The IOAS whose map a page table shows to devices. */
export function ioasOf(hwpt: Hwpt): Ioas {
  return hwpt instanceof HwptPaging ? hwpt.ioas : hwpt.parent.ioas
}
