/** VFIO type1 compatibility: command values and structures, fields as [byte offset, width in bytes] (spec uapi sections 1 and 9). */

/** Answers 0. */
export const VFIO_GET_API_VERSION: 0x3b64 = 0x3b64
/** The argument is the number of the extension. */
export const VFIO_CHECK_EXTENSION: 0x3b65 = 0x3b65
/** The argument is the type: 1 or 3. */
export const VFIO_SET_IOMMU: 0x3b66 = 0x3b66

/** `minimumBytes` are read; at most `bytes` are written back. */
export const VFIO_IOMMU_GET_INFO = {
  name: 'VFIO_IOMMU_GET_INFO',
  command: 0x3b70,
  bytes: 24,
  minimumBytes: 16,
  fields: { argsz: [0, 4], flags: [4, 4], iovaPgsizes: [8, 8], capOffset: [16, 4], pad: [20, 4] },
} as const

/** Maps user memory at a fixed IOVA. */
export const VFIO_IOMMU_MAP_DMA = {
  name: 'VFIO_IOMMU_MAP_DMA',
  command: 0x3b71,
  bytes: 32,
  minimumBytes: 32,
  fields: { argsz: [0, 4], flags: [4, 4], vaddr: [8, 8], iova: [16, 8], length: [24, 8] },
} as const

/** Unmaps a range; `length` comes back as the bytes removed. */
export const VFIO_IOMMU_UNMAP_DMA = {
  name: 'VFIO_IOMMU_UNMAP_DMA',
  command: 0x3b72,
  bytes: 24,
  minimumBytes: 24,
  fields: { argsz: [0, 4], flags: [4, 4], iova: [8, 8], length: [16, 8] },
} as const

/** Header of each capability behind GET_INFO; `next` is the byte offset of the following one, 0 in the last. */
export const VFIO_CAP_HEADER = { bytes: 8, fields: { id: [0, 2], version: [2, 2], next: [4, 4] } } as const

/** Capability 3; it takes 16 bytes of the chain. */
export const VFIO_CAP_DMA_AVAIL_LAYOUT = { bytes: 12, chainBytes: 16, fields: { avail: [8, 4] } } as const

/** Capability 1: a header, the number of ranges, then the ranges of 16 bytes {start, inclusive end}. */
export const VFIO_CAP_IOVA_RANGE_LAYOUT = { bytes: 16, rangeBytes: 16, fields: { ranges: [8, 4], reserved: [12, 4] } } as const
