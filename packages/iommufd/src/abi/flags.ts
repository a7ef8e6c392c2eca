/** Bits and enumerations of the binary interface (spec uapi sections 4 to 7, 9 and 10). */

export const IOAS_MAP_FIXED_IOVA: 1 = 1
export const IOAS_MAP_WRITEABLE: 2 = 2
export const IOAS_MAP_READABLE: 4 = 4

export const OPTION_RLIMIT_MODE: 0 = 0
export const OPTION_HUGE_PAGES: 1 = 1
export const OPTION_OP_SET: 0 = 0
export const OPTION_OP_GET: 1 = 1

export const VFIO_IOAS_GET: 0 = 0
export const VFIO_IOAS_SET: 1 = 1
export const VFIO_IOAS_CLEAR: 2 = 2

export const HWPT_ALLOC_NEST_PARENT: 1 = 1
export const HWPT_ALLOC_DIRTY_TRACKING: 2 = 2
export const HWPT_ALLOC_FAULT_ID_VALID: 4 = 4
export const HWPT_DATA_NONE: 0 = 0

export const HWPT_DIRTY_TRACKING_ENABLE: 1 = 1
export const HWPT_GET_DIRTY_BITMAP_NO_CLEAR: 1 = 1
export const HW_CAP_DIRTY_TRACKING: 1n = 1n

/** Most requests that one HWPT_INVALIDATE may carry. */
export const HWPT_INVALIDATE_ENTRIES_MAX: 524288 = 524288

export const FAULT_PASID_VALID: 1 = 1
export const FAULT_LAST_PAGE: 2 = 2
export const FAULT_MESSAGE_BYTES: 40 = 40
export const FAULT_RESPONSE_BYTES: 8 = 8
export const FAULT_RESPONSE_SUCCESS: 0 = 0
export const FAULT_RESPONSE_INVALID: 1 = 1

export const VFIO_TYPE1_IOMMU: 1 = 1
export const VFIO_TYPE1V2_IOMMU: 3 = 3
export const VFIO_DMA_CC_IOMMU: 4 = 4
export const VFIO_UNMAP_ALL: 9 = 9
export const VFIO_DMA_MAP_READ: 1 = 1
export const VFIO_DMA_MAP_WRITE: 2 = 2
export const VFIO_DMA_UNMAP_ALL: 2 = 2
/** GET_INFO answers both: page sizes (1) and capabilities (2). */
export const VFIO_INFO_FLAGS: 3 = 3
export const VFIO_CAP_IOVA_RANGE: 1 = 1
export const VFIO_CAP_DMA_AVAIL: 3 = 3

export const TEST_ACCESS_NEEDS_PIN: 1 = 1
export const TEST_ACCESS_WRITE: 1 = 1
export const TEST_ACCESS_SLOW_PATH: 4 = 4
/** The IOVA is given as {area number, byte in it}: ACCESS_PAGES, ACCESS_RW, and IOAS_COPY's source. */
export const TEST_AREA_ADDRESS: 0x10000 = 0x10000
