/** How an argument is written: a number or a saved name; a name to save under; bits "a,b-c"; pairs "a-b,c-d" of numbers; one of a few words. */
export type ArgumentKind = 'value' | 'name' | 'bits' | 'pairs' | 'protection' | 'arena'

/**
 * How a field of an answer is written: `hex` a u64, `number`, `digest` a u64 of 16 digits, `text`, `flag` true or false, `ranges`
 * `[[u64, u64] …]`, `bits` `[[number, number] …]`, `pins` a list of -1 or more, `caps` the capabilities of VFIO's GET_INFO.
 */
export type ResultKind = 'hex' | 'number' | 'digest' | 'text' | 'flag' | 'ranges' | 'bits' | 'pins' | 'caps'

/** The fields of one ioctl operation besides `op`, `result` and `errno`; `mayReserve`: its struct has a reserved field that `reserved` sets. */
export interface IoctlFields {
  readonly arguments: Readonly<Record<string, ArgumentKind>>
  readonly required?: readonly string[]
  readonly result: Readonly<Record<string, ResultKind>>
  readonly mayReserve?: true
}

const none: Readonly<Record<string, never>> = {}
const values = <T extends string>(...names: T[]): Record<T, 'value'> =>
  Object.fromEntries(names.map((name) => [name, 'value'])) as Record<T, 'value'>

const arenaOperations: Readonly<Record<string, IoctlFields>> = {
  arena: { arguments: { kind: 'arena', pages: 'value' }, required: ['kind', 'pages'], result: none },
  arena_protect: { arguments: { ...values('off', 'length'), prot: 'protection' }, required: ['prot'], result: none },
  arena_write: { arguments: values('off', 'length', 'seed'), result: none },
  arena_digest: { arguments: values('off', 'length'), result: { fnv1a64: 'digest' } },
  set_memlock: { arguments: values('limit'), required: ['limit'], result: none },
  reopen: { arguments: none, result: none },
}

const coreOperations: Readonly<Record<string, IoctlFields>> = {
  raw: { arguments: values('type', 'nr', 'size', 'tail', 'id', 'null'), required: ['type', 'nr'], result: none },
  test_op: { arguments: values('num', 'id'), required: ['num'], result: none, mayReserve: true },
  ioas_alloc: { arguments: { flags: 'value', out: 'name' }, result: { id: 'number' } },
  destroy: { arguments: values('id'), result: none },
  ioas_map: { arguments: { ...values('ioas', 'iova', 'length', 'uptr', 'flags'), out: 'name' }, result: { iova: 'hex' }, mayReserve: true },
  ioas_unmap: { arguments: values('ioas', 'iova', 'length'), result: { length: 'hex' } },
  ioas_copy: { arguments: { ...values('dst', 'src', 'length', 'dst_iova', 'src_iova', 'flags'), out: 'name' }, result: { iova: 'hex' } },
  iova_ranges: { arguments: values('ioas', 'max'), result: { num: 'number', alignment: 'hex', ranges: 'ranges' }, mayReserve: true },
  allow_iovas: { arguments: { ...values('ioas', 'num', 'ptr'), ranges: 'pairs' }, result: none, mayReserve: true },
  option: { arguments: values('option', 'set_get', 'object', 'val'), result: { val: 'hex' }, mayReserve: true },
  get_hw_info: {
    arguments: values('dev', 'data_len', 'flags'),
    result: { data_len: 'number', data_type: 'hex', capabilities: 'hex', data: 'text' },
    mayReserve: true,
  },
  hwpt_alloc: {
    arguments: { ...values('dev', 'pt', 'flags', 'data_type', 'data_len', 'iotlb'), out: 'name' },
    result: { id: 'number' },
    mayReserve: true,
  },
  hwpt_invalidate: {
    arguments: { ...values('hwpt', 'entry_len', 'entry_num', 'data_type'), entries: 'pairs' },
    result: { done: 'number' },
    mayReserve: true,
  },
  set_dirty_tracking: { arguments: values('hwpt', 'flags'), result: none, mayReserve: true },
  get_dirty_bitmap: {
    arguments: { ...values('hwpt', 'iova', 'length', 'page_size', 'flags', 'off', 'buf'), preset: 'bits' },
    result: { nbits: 'number', bits: 'bits', underrun: 'flag' },
    mayReserve: true,
  },
  vfio_ioas: { arguments: { ...values('set_get', 'ioas'), out: 'name' }, result: { id: 'number' }, mayReserve: true },
}

const mockOperations: Readonly<Record<string, IoctlFields>> = {
  mock_domain: {
    arguments: { pt: 'value', stdev: 'name', hwpt: 'name', idev: 'name' },
    result: { stdev_id: 'number', hwpt_id: 'number', idev_id: 'number' },
    mayReserve: true,
  },
  mock_domain_flags: {
    arguments: { pt: 'value', dev_flags: 'value', stdev: 'name', hwpt: 'name', idev: 'name' },
    result: { stdev_id: 'number', hwpt_id: 'number', idev_id: 'number' },
    mayReserve: true,
  },
  mock_domain_replace: { arguments: { ...values('stdev', 'pt'), out: 'name' }, result: { pt_id: 'number' }, mayReserve: true },
  add_reserved: { arguments: values('ioas', 'start', 'length'), result: none, mayReserve: true },
  md_check_map: { arguments: values('hwpt', 'iova', 'length', 'uptr'), result: none, mayReserve: true },
  md_check_refs: { arguments: values('uptr', 'length', 'refs'), result: none, mayReserve: true },
  page_pins: { arguments: values('page', 'count'), result: { pins: 'pins' } },
  md_check_iotlb: { arguments: values('hwpt', 'iotlb_id', 'iotlb'), result: none, mayReserve: true },
  create_access: { arguments: { ...values('ioas', 'flags'), out: 'name' }, result: none, mayReserve: true },
  destroy_access: { arguments: values('access'), result: none },
  access_pages: {
    arguments: { ...values('access', 'iova', 'length', 'uptr', 'flags'), out: 'name' },
    result: { item: 'number' },
    mayReserve: true,
  },
  destroy_access_pages: { arguments: values('access', 'item'), result: none, mayReserve: true },
  access_replace_ioas: { arguments: values('access', 'ioas'), result: none, mayReserve: true },
  access_rw: {
    arguments: values('access', 'iova', 'length', 'flags', 'seed', 'buf'),
    result: { fnv1a64: 'digest', head: 'text' },
    mayReserve: true,
  },
  set_temp_memory_limit: { arguments: values('limit'), result: none, mayReserve: true },
  dirty: {
    arguments: { ...values('hwpt', 'iova', 'length', 'page_size', 'buf'), bits: 'bits' },
    result: { nr_dirty: 'number' },
    mayReserve: true,
  },
}

const vfioOperations: Readonly<Record<string, IoctlFields>> = {
  vfio_get_api_version: { arguments: none, result: { ret: 'number' } },
  vfio_check_extension: { arguments: values('ext'), result: { ret: 'number' } },
  vfio_set_iommu: { arguments: values('type'), result: { ret: 'number' } },
  vfio_get_info: {
    arguments: values('argsz'),
    result: { argsz: 'number', flags: 'number', pgsizes: 'hex', cap_offset: 'number', caps: 'caps' },
  },
  vfio_map_dma: { arguments: values('iova', 'uptr', 'length', 'flags', 'argsz'), result: none },
  vfio_unmap_dma: { arguments: values('iova', 'length', 'flags', 'argsz'), result: { size: 'hex' } },
}

/** Every operation of an ioctl script, with its fields, as the recordings' README lists them. */
export const ioctlFields: ReadonlyMap<string, IoctlFields> = new Map(
  Object.entries({ ...arenaOperations, ...coreOperations, ...mockOperations, ...vfioOperations }),
)
