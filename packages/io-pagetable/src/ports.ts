/**
 * What this package needs of others, besides the ports of `@iommukit/pfn-reader` (spec pages-and-io-pagetable section 4.4, B15).
 */

/** A software user of an IOVA space: pins its pages or copies bytes. */
export interface AccessOwner {
  /** True: it pins pages; the table's alignment becomes 4096 and `unmap` must be present. */
  readonly needsPin: boolean
  /**
   * "Stop using anything that intersects [iova, iova+length-1] and unpin it"; (0, 2^64-1) means everything. Called with nothing held,
   * also for ranges this owner never used. The only callback that may call back into the table.
   */
  unmap?(iova: bigint, length: bigint): void
}

/** A range of IOVAs that a device reserves for itself (spec B13). `length >= 1` bytes. */
export interface DeviceRegion {
  readonly start: bigint
  readonly length: bigint
  readonly type: 'direct' | 'direct-relaxable' | 'reserved' | 'msi' | 'sw-msi'
}
