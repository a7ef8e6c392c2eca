/**
 * The arguments of the commands, as data: sizes in bytes and each field as [byte offset, width in bytes]. Integers are little-endian.
 * Spec uapi sections 1, 4, 5, 6, 7 and 9 (label B).
 */

/** A field of a structure: byte offset and width in bytes. */
export type Field = readonly [offset: number, width: number]

/** One command's argument. A caller may pass at least `minimumBytes`; this implementation knows `bytes`. */
export interface StructLayout {
  readonly name: string
  readonly command: number
  readonly bytes: number
  readonly minimumBytes: number
  readonly fields: Readonly<Record<string, Field>>
}

/** Destroys an object. Spec uapi 3.4. */
export const DESTROY = { name: 'DESTROY', command: 0x3b80, bytes: 8, minimumBytes: 8, fields: { size: [0, 4], id: [4, 4] } } as const

/** Makes an IOVA space. Spec uapi 4.1. */
export const IOAS_ALLOC = {
  name: 'IOAS_ALLOC',
  command: 0x3b81,
  bytes: 12,
  minimumBytes: 12,
  fields: { size: [0, 4], flags: [4, 4], outIoasId: [8, 4] },
} as const

/** Chooses where automatic maps go. Spec uapi 4.3. */
export const IOAS_ALLOW_IOVAS = {
  name: 'IOAS_ALLOW_IOVAS',
  command: 0x3b82,
  bytes: 24,
  minimumBytes: 24,
  fields: { size: [0, 4], ioasId: [4, 4], numIovas: [8, 4], reserved: [12, 4], allowedIovas: [16, 8] },
} as const

/** Maps the pages of a mapped range once more. Spec uapi 4.6. */
export const IOAS_COPY = {
  name: 'IOAS_COPY',
  command: 0x3b83,
  bytes: 40,
  minimumBytes: 40,
  fields: { size: [0, 4], flags: [4, 4], dstIoasId: [8, 4], srcIoasId: [12, 4], length: [16, 8], dstIova: [24, 8], srcIova: [32, 8] },
} as const

/** Tells the usable ranges. Spec uapi 4.2. */
export const IOAS_IOVA_RANGES = {
  name: 'IOAS_IOVA_RANGES',
  command: 0x3b84,
  bytes: 32,
  minimumBytes: 32,
  fields: { size: [0, 4], ioasId: [4, 4], numIovas: [8, 4], reserved: [12, 4], allowedIovas: [16, 8], outIovaAlignment: [24, 8] },
} as const

/** Element of the arrays of IOAS_IOVA_RANGES and IOAS_ALLOW_IOVAS; `last` is inclusive. */
export const IOVA_RANGE = { bytes: 16, fields: { start: [0, 8], last: [8, 8] } } as const

/** Maps user memory. Spec uapi 4.4. */
export const IOAS_MAP = {
  name: 'IOAS_MAP',
  command: 0x3b85,
  bytes: 40,
  minimumBytes: 40,
  fields: { size: [0, 4], flags: [4, 4], ioasId: [8, 4], reserved: [12, 4], userVa: [16, 8], length: [24, 8], iova: [32, 8] },
} as const

/** Unmaps a range; `length` comes back as the bytes removed. Spec uapi 4.7. */
export const IOAS_UNMAP = {
  name: 'IOAS_UNMAP',
  command: 0x3b86,
  bytes: 24,
  minimumBytes: 24,
  fields: { size: [0, 4], ioasId: [4, 4], iova: [8, 8], length: [16, 8] },
} as const

/** Reads or sets an option. Spec uapi 5.1. */
export const OPTION = {
  name: 'OPTION',
  command: 0x3b87,
  bytes: 24,
  minimumBytes: 24,
  fields: { size: [0, 4], optionId: [4, 4], op: [8, 2], reserved: [10, 2], objectId: [12, 4], val64: [16, 8] },
} as const

/** Reads, sets or clears the IOAS of VFIO compatibility. Spec uapi 5.3. */
export const VFIO_IOAS = {
  name: 'VFIO_IOAS',
  command: 0x3b88,
  bytes: 12,
  minimumBytes: 12,
  fields: { size: [0, 4], ioasId: [4, 4], op: [8, 2], reserved: [10, 2] },
} as const

/** Makes a page table. Spec uapi 6.1. */
export const HWPT_ALLOC = {
  name: 'HWPT_ALLOC',
  command: 0x3b89,
  bytes: 48,
  minimumBytes: 24,
  fields: {
    size: [0, 4],
    flags: [4, 4],
    deviceId: [8, 4],
    ptId: [12, 4],
    outHwptId: [16, 4],
    reserved: [20, 4],
    dataType: [24, 4],
    dataLength: [28, 4],
    dataUptr: [32, 8],
    faultId: [40, 4],
    reserved2: [44, 4],
  },
} as const

/** Tells about the hardware of a device. Spec uapi 6.2. */
export const GET_HW_INFO = {
  name: 'GET_HW_INFO',
  command: 0x3b8a,
  bytes: 40,
  minimumBytes: 32,
  fields: {
    size: [0, 4],
    flags: [4, 4],
    deviceId: [8, 4],
    dataLength: [12, 4],
    dataUptr: [16, 8],
    outDataType: [24, 4],
    outMaxPasidLog2: [28, 1],
    reserved: [29, 3],
    outCapabilities: [32, 8],
  },
} as const

/** Turns dirty tracking on or off. Spec uapi 6.3. */
export const HWPT_SET_DIRTY_TRACKING = {
  name: 'HWPT_SET_DIRTY_TRACKING',
  command: 0x3b8b,
  bytes: 16,
  minimumBytes: 16,
  fields: { size: [0, 4], flags: [4, 4], hwptId: [8, 4], reserved: [12, 4] },
} as const

/** Reads dirty pages into a bitmap in user memory. Spec uapi 6.4. */
export const HWPT_GET_DIRTY_BITMAP = {
  name: 'HWPT_GET_DIRTY_BITMAP',
  command: 0x3b8c,
  bytes: 48,
  minimumBytes: 48,
  fields: {
    size: [0, 4],
    hwptId: [4, 4],
    flags: [8, 4],
    reserved: [12, 4],
    iova: [16, 8],
    length: [24, 8],
    pageSize: [32, 8],
    data: [40, 8],
  },
} as const

/** Invalidates caches of a nested page table; `entryNum` comes back as the requests completed. Spec uapi 6.5. */
export const HWPT_INVALIDATE = {
  name: 'HWPT_INVALIDATE',
  command: 0x3b8d,
  bytes: 32,
  minimumBytes: 32,
  fields: {
    size: [0, 4],
    hwptId: [4, 4],
    dataUptr: [8, 8],
    dataType: [16, 4],
    entryLength: [20, 4],
    entryNum: [24, 4],
    reserved: [28, 4],
  },
} as const

/** Makes a queue of page faults and its file. Spec uapi 7. */
export const FAULT_QUEUE_ALLOC = {
  name: 'FAULT_QUEUE_ALLOC',
  command: 0x3b8e,
  bytes: 16,
  minimumBytes: 16,
  fields: { size: [0, 4], flags: [4, 4], outFaultId: [8, 4], outFaultFd: [12, 4] },
} as const

/** What a fault queue's file gives to read(2). */
export const FAULT_MESSAGE = {
  bytes: 40,
  fields: {
    flags: [0, 4],
    deviceId: [4, 4],
    pasid: [8, 4],
    groupId: [12, 4],
    permissions: [16, 4],
    reserved: [20, 4],
    address: [24, 8],
    length: [32, 4],
    cookie: [36, 4],
  },
} as const

/** What a fault queue's file takes from write(2). */
export const FAULT_RESPONSE = { bytes: 8, fields: { cookie: [0, 4], code: [4, 4] } } as const
