/** Bits and enumerations of the binary interface (spec uapi sections 4 to 7, 9 and 10). */

/** Flag of IOAS_MAP and IOAS_COPY: map at the IOVA given. */
export const IOAS_MAP_FIXED_IOVA: 1 = 1
/** Flag: devices may write. */
export const IOAS_MAP_WRITEABLE: 2 = 2
/** Flag: devices may read. */
export const IOAS_MAP_READABLE: 4 = 4

/** Option of the context: what pinned pages are charged to; 0 user, 1 process. */
export const OPTION_RLIMIT_MODE: 0 = 0
/** Option of an IOAS: whether I/O pages may be larger than CPU pages. */
export const OPTION_HUGE_PAGES: 1 = 1
/** Op of OPTION. */
export const OPTION_OP_SET: 0 = 0
/** Op of OPTION. */
export const OPTION_OP_GET: 1 = 1

/** Op of VFIO_IOAS. */
export const VFIO_IOAS_GET: 0 = 0
/** Op of VFIO_IOAS. */
export const VFIO_IOAS_SET: 1 = 1
/** Op of VFIO_IOAS. */
export const VFIO_IOAS_CLEAR: 2 = 2

/** Flag of HWPT_ALLOC: nested page tables may be made on it. */
export const HWPT_ALLOC_NEST_PARENT: 1 = 1
/** Flag of HWPT_ALLOC: it can track dirty pages. */
export const HWPT_ALLOC_DIRTY_TRACKING: 2 = 2
/** Flag of HWPT_ALLOC, nested only: page faults go to a fault queue. */
export const HWPT_ALLOC_FAULT_ID_VALID: 4 = 4
/** Data type of HWPT_ALLOC without data. */
export const HWPT_DATA_NONE: 0 = 0

/** Flag of HWPT_SET_DIRTY_TRACKING. */
export const HWPT_DIRTY_TRACKING_ENABLE: 1 = 1
/** Flag of HWPT_GET_DIRTY_BITMAP: leave what is dirty dirty. */
export const HWPT_GET_DIRTY_BITMAP_NO_CLEAR: 1 = 1
/** Capability bit of GET_HW_INFO. */
export const HW_CAP_DIRTY_TRACKING: 1n = 1n

/** Most requests that one HWPT_INVALIDATE may carry. */
export const HWPT_INVALIDATE_ENTRIES_MAX: 524288 = 524288

/** Flag of a fault message. */
export const FAULT_PASID_VALID: 1 = 1
/** Flag of a fault message: the last of its group. */
export const FAULT_LAST_PAGE: 2 = 2
/** Bytes of a fault message. */
export const FAULT_MESSAGE_BYTES: 40 = 40
/** Bytes of a response. */
export const FAULT_RESPONSE_BYTES: 8 = 8
/** Code of a response: the page is there now. */
export const FAULT_RESPONSE_SUCCESS: 0 = 0
/** Code of a response: the access is refused. */
export const FAULT_RESPONSE_INVALID: 1 = 1

/** IOMMU type and extension: unmap may split mappings. */
export const VFIO_TYPE1_IOMMU: 1 = 1
/** IOMMU type and extension: unmap takes whole mappings. */
export const VFIO_TYPE1V2_IOMMU: 3 = 3
/** Extension: device accesses are coherent with CPU caches. */
export const VFIO_DMA_CC_IOMMU: 4 = 4
/** Extension: everything can be unmapped at once. */
export const VFIO_UNMAP_ALL: 9 = 9
/** Flag of VFIO_IOMMU_MAP_DMA. */
export const VFIO_DMA_MAP_READ: 1 = 1
/** Flag of VFIO_IOMMU_MAP_DMA. */
export const VFIO_DMA_MAP_WRITE: 2 = 2
/** Flag of VFIO_IOMMU_UNMAP_DMA. */
export const VFIO_DMA_UNMAP_ALL: 2 = 2
/** GET_INFO answers both: page sizes (1) and capabilities (2). */
export const VFIO_INFO_FLAGS: 3 = 3
/** Capability id of VFIO_IOMMU_GET_INFO: usable ranges. */
export const VFIO_CAP_IOVA_RANGE: 1 = 1
/** Capability id of VFIO_IOMMU_GET_INFO: mappings left. */
export const VFIO_CAP_DMA_AVAIL: 3 = 3

/** Flag of CREATE_ACCESS. */
export const TEST_ACCESS_NEEDS_PIN: 1 = 1
/** Flag of ACCESS_PAGES and ACCESS_RW. */
export const TEST_ACCESS_WRITE: 1 = 1
/** Flag of ACCESS_RW: through pinned pages. */
export const TEST_ACCESS_SLOW_PATH: 4 = 4
/** The IOVA is given as {area number, byte in it}: ACCESS_PAGES, ACCESS_RW, and IOAS_COPY's source. */
export const TEST_AREA_ADDRESS: 0x10000 = 0x10000
