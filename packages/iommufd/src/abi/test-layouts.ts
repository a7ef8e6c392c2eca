/** The selftest command: its envelope, and the fields of each op from the start of the structure (spec uapi section 10, label B). */

/** The envelope; what lies between `reserved` and `last` belongs to the op. */
export const TEST_CMD = {
  name: 'TEST_CMD',
  command: 0x3ba0,
  bytes: 72,
  minimumBytes: 68,
  fields: { size: [0, 4], op: [4, 4], id: [8, 4], reserved: [12, 4], last: [64, 4] },
} as const

/** Op numbers, and the fields that each op keeps in the union at 16. */
export const TEST_OPS = {
  ADD_RESERVED: { op: 1, fields: { start: [16, 8], length: [24, 8] } },
  MOCK_DOMAIN: { op: 2, fields: { outStdevId: [16, 4], outHwptId: [20, 4], outDeviceId: [24, 4] } },
  MD_CHECK_MAP: { op: 3, fields: { iova: [16, 8], length: [24, 8], uptr: [32, 8] } },
  MD_CHECK_REFS: { op: 4, fields: { length: [16, 8], uptr: [24, 8], refs: [32, 4] } },
  CREATE_ACCESS: { op: 5, fields: { outAccessFd: [16, 4], flags: [20, 4] } },
  DESTROY_ACCESS_PAGES: { op: 6, fields: { itemId: [16, 4] } },
  ACCESS_PAGES: { op: 7, fields: { flags: [16, 4], outItemId: [20, 4], iova: [24, 8], length: [32, 8], uptr: [40, 8] } },
  ACCESS_RW: { op: 8, fields: { iova: [16, 8], length: [24, 8], uptr: [32, 8], flags: [40, 4] } },
  SET_TEMP_MEMORY_LIMIT: { op: 9, fields: { limit: [16, 4] } },
  MOCK_DOMAIN_REPLACE: { op: 10, fields: { ptId: [16, 4] } },
  ACCESS_REPLACE_IOAS: { op: 11, fields: { ioasId: [16, 4] } },
  MOCK_DOMAIN_FLAGS: { op: 12, fields: { outStdevId: [16, 4], outHwptId: [20, 4], outDeviceId: [24, 4], deviceFlags: [28, 4] } },
  DIRTY: { op: 13, fields: { flags: [16, 4], iova: [24, 8], length: [32, 8], pageSize: [40, 8], uptr: [48, 8], outNrDirty: [56, 8] } },
  MD_CHECK_IOTLB: { op: 14, fields: { index: [16, 4], expected: [20, 4] } },
  TRIGGER_IOPF: { op: 15, fields: { deviceId: [16, 4], pasid: [20, 4], groupId: [24, 4], permissions: [28, 4], address: [32, 8] } },
} as const
