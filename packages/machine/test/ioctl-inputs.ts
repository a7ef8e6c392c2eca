// Test support: random and mutated arguments of ioctls, from one seed. Nothing here knows what an argument is answered with.
import { abi } from '@iommukit/iommufd'

export const ARENA = 0x1_0000_0000n
export const ARENA_PAGES = 96
export const HUGE_ARENA = 0x1_4000_0000n
export const SCRATCH = 0x2_0000_0000n
export const SCRATCH_PAGES = 24
export const U64_MAX = 0xffff_ffff_ffff_ffffn

/** A small generator of 32-bit numbers; equal seeds give equal numbers. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  u32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  below(bound: number): number {
    return this.u32() % bound
  }

  chance(percent: number): boolean {
    return this.below(100) < percent
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32())
  }
}

/** What an id or descriptor stands for. */
export type Kind = 'ioas' | 'hwpt' | 'device' | 'stdev' | 'fault' | 'fd' | 'item'

/** Values that earlier answers gave and that later arguments may use; the latest of each kind. */
export class Known {
  readonly #values: Map<Kind, number[]> = new Map()
  readonly iovas: bigint[] = []

  of(kind: Kind): readonly number[] {
    return this.#values.get(kind) ?? []
  }

  remember(kind: Kind, value: number): void {
    const list = this.#values.get(kind) ?? []
    if (!list.includes(value)) list.push(value)
    if (list.length > 6) list.shift()
    this.#values.set(kind, list)
  }

  rememberIova(iova: bigint): void {
    this.iovas.push(iova)
    if (this.iovas.length > 16) this.iovas.shift()
  }
}

const U32_EDGES = [0, 1, 2, 3, 4, 8, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff] as const
const U64_EDGES = [
  0n,
  1n,
  0x7ffn,
  0x800n,
  0xfffn,
  0x1000n,
  1n << 31n,
  1n << 32n,
  1n << 63n,
  (1n << 63n) - 2n,
  U64_MAX - 0x1000n,
  U64_MAX - 1n,
  U64_MAX,
]
const PAGE_SIZES = [0n, 1n, 0x200n, 0x800n, 0x800n, 0x1000n, 0x1000n, 0x1800n, 0x3000n, 0x10_0000n, 1n << 63n] as const

const POINTERS: ReadonlySet<string> = new Set(['userVa', 'uptr', 'allowedIovas', 'dataUptr', 'data', 'vaddr', 'address'])
const IOVAS: ReadonlySet<string> = new Set(['iova', 'dstIova', 'srcIova', 'start'])
const COUNTS: ReadonlySet<string> = new Set(['numIovas', 'entryNum', 'refs', 'index'])

/** Kinds of the ids in fields and of the `id` of test ops; `pt` is an IOAS or a page table. */
const FIELD_KINDS: Readonly<Record<string, Kind | 'pt'>> = {
  ioasId: 'ioas',
  dstIoasId: 'ioas',
  srcIoasId: 'ioas',
  objectId: 'ioas',
  ptId: 'pt',
  deviceId: 'device',
  hwptId: 'hwpt',
  faultId: 'fault',
  itemId: 'item',
}
const OP_KINDS: Readonly<Record<number, Kind | 'pt'>> = {
  1: 'ioas',
  2: 'pt',
  3: 'hwpt',
  5: 'ioas',
  6: 'fd',
  7: 'fd',
  8: 'fd',
  10: 'stdev',
  11: 'fd',
  12: 'pt',
  13: 'hwpt',
  14: 'hwpt',
}
/** Flags that a command takes; by command, and for test ops by op number. */
const FLAGS: Readonly<Record<number, readonly number[]>> = {
  15233: [0],
  15235: [7, 7, 6, 6, 5, 3, 0x10007],
  15237: [7, 7, 7, 6, 6, 5, 3],
  15241: [0, 0, 1, 2, 3, 4],
  15242: [0],
  15243: [0, 1, 1],
  15244: [0, 1],
  15246: [0],
  15217: [3, 3, 1, 2, 0],
  15218: [0, 0, 0, 2],
  5: [0, 1, 1],
  7: [0, 1, 0x10000, 0x10001],
  8: [0, 1, 4, 5, 0x10000],
  13: [0],
}

/** One argument: the structure's bytes, where it lies, and the command. */
export interface Input {
  command: number
  argument: bigint
  bytes: Uint8Array
}

interface Layout {
  readonly command: number
  readonly bytes: number
  readonly minimumBytes: number
  readonly fields: Readonly<Record<string, abi.Field>>
}

const layouts: readonly Layout[] = [
  abi.DESTROY,
  abi.IOAS_ALLOC,
  abi.IOAS_ALLOW_IOVAS,
  abi.IOAS_COPY,
  abi.IOAS_IOVA_RANGES,
  abi.IOAS_MAP,
  abi.IOAS_MAP,
  abi.IOAS_MAP,
  abi.IOAS_UNMAP,
  abi.OPTION,
  abi.VFIO_IOAS,
  abi.HWPT_ALLOC,
  abi.HWPT_ALLOC,
  abi.GET_HW_INFO,
  abi.HWPT_SET_DIRTY_TRACKING,
  abi.HWPT_GET_DIRTY_BITMAP,
  abi.HWPT_GET_DIRTY_BITMAP,
  abi.HWPT_INVALIDATE,
  abi.FAULT_QUEUE_ALLOC,
  abi.VFIO_IOMMU_GET_INFO,
  abi.VFIO_IOMMU_MAP_DMA,
  abi.VFIO_IOMMU_UNMAP_DMA,
]
const testOps = Object.values(abi.TEST_OPS)
const integerCommands = [abi.VFIO_GET_API_VERSION, abi.VFIO_CHECK_EXTENSION, abi.VFIO_SET_IOMMU] as const
const commands = [...layouts.map(({ command }) => command), ...integerCommands, 0x3b8f, 0x3b95, 0x3ba1, 0x3b75, 0x3b00]

/** Makes arguments: mostly plausible ones, so that programs get deep, with every kind of damage mixed in. */
export class Inputs {
  readonly #dice: Dice
  readonly #known: Known
  #last: Input = { command: 0x3b81, argument: SCRATCH, bytes: new Uint8Array(12) }

  constructor(dice: Dice, known: Known) {
    this.#dice = dice
    this.#known = known
  }

  next(): Input {
    const dice = this.#dice
    const kind = dice.below(100)
    if (kind < 4) return this.#raw()
    if (kind < 14) return this.#mutated()
    this.#last = kind < 18 ? this.#integer() : this.#structured()
    return this.#last
  }

  #structured(): Input {
    const dice = this.#dice
    const layout = dice.chance(50) ? abi.TEST_CMD : dice.pick(layouts)
    const bytes = new Uint8Array(layout.bytes)
    const view = new DataView(bytes.buffer)
    for (const [name, field] of Object.entries(layout.fields)) this.#fill(view, name, field, layout.command)
    if (layout.command === abi.TEST_CMD.command) {
      const { op, fields } = dice.pick(testOps)
      view.setUint32(4, dice.chance(99) ? op : dice.u32(), true)
      view.setUint32(8, this.#id(OP_KINDS[op] ?? 'ioas'), true)
      for (const [name, field] of Object.entries(fields)) this.#fill(view, name, field, op)
    } else if (layout.command === abi.DESTROY.command) {
      view.setUint32(4, this.#id(dice.pick(['ioas', 'hwpt', 'hwpt', 'stdev', 'stdev', 'fault', 'device'])), true)
    }
    view.setUint32(0, this.#size(layout), true)
    return { command: layout.command, argument: this.#argument(), bytes }
  }

  #size(layout: Layout): number {
    const dice = this.#dice
    const kind = dice.below(100)
    if (kind < 88) return layout.bytes
    if (kind < 91) return layout.minimumBytes
    if (kind < 93) return layout.minimumBytes - 1
    if (kind < 96) return layout.bytes + dice.below(9000)
    if (kind < 97) return 0xffff_ffff
    return dice.u32()
  }

  #argument(): bigint {
    const dice = this.#dice
    if (dice.chance(94)) return SCRATCH + BigInt(dice.below(0x3000))
    return this.#pointer()
  }

  #pointer(): bigint {
    const dice = this.#dice
    const kind = dice.below(100)
    if (kind < 60) return ARENA + BigInt(dice.below(ARENA_PAGES)) * 4096n
    if (kind < 75) return ARENA + BigInt(dice.below(ARENA_PAGES * 4096))
    if (kind < 80) return HUGE_ARENA + BigInt(dice.below(1024)) * 4096n
    if (kind < 90) return SCRATCH + 0x8000n + BigInt(dice.below(0xffff))
    if (kind < 94) return ARENA + BigInt(ARENA_PAGES) * 4096n - BigInt(dice.below(64))
    return dice.chance(50) ? dice.pick(U64_EDGES) : dice.u64()
  }

  #iova(): bigint {
    const dice = this.#dice
    const kind = dice.below(100)
    if (kind < 40 && this.#known.iovas.length > 0)
      return dice.pick(this.#known.iovas) + (dice.chance(70) ? 0n : BigInt(dice.below(8)) * 0x800n)
    if (kind < 80) return 0x100_0000n + BigInt(dice.below(2048)) * 0x1000n
    if (kind < 85) return BigInt(dice.below(4)) | (BigInt(dice.below(0x3000)) << 32n)
    if (kind < 92) return 0x7fff_e000n + BigInt(dice.below(4)) * 0x800n
    return dice.chance(60) ? dice.pick(U64_EDGES) : dice.u64()
  }

  #length(): bigint {
    const dice = this.#dice
    const kind = dice.below(100)
    if (kind < 70) return BigInt(1 + dice.below(24)) * 0x1000n
    if (kind < 82) return BigInt(dice.below(16)) * 0x800n
    if (kind < 88) return BigInt(dice.below(0x9000))
    if (kind < 90) return 0x20_0000n
    if (kind < 92) return BigInt(dice.u32())
    return dice.chance(70) ? dice.pick(U64_EDGES) : dice.u64()
  }

  #id(kind: Kind | 'pt'): number {
    const dice = this.#dice
    const wanted = kind === 'pt' ? (dice.chance(60) ? 'ioas' : 'hwpt') : kind
    const known = this.#known.of(wanted)
    if (dice.chance(92) && known.length > 0) return dice.pick(known)
    return dice.chance(80) ? dice.below(16) : dice.pick(U32_EDGES)
  }

  #u32(name: string, context: number): number {
    const dice = this.#dice
    const kind = FIELD_KINDS[name]
    if (kind !== undefined) return this.#id(kind)
    if (name.startsWith('reserved') || name === 'pad') return dice.chance(99) ? 0 : dice.u32()
    if (name === 'flags') return dice.chance(95) ? dice.pick(FLAGS[context] ?? [0]) : dice.pick([8, 16, 0x8000_0000, 0xffff_ffff])
    if (name === 'deviceFlags') return dice.chance(95) ? dice.below(4) : dice.u32()
    if (name === 'entryLength') return dice.chance(85) ? 8 : dice.pick([0, 1, 4, 4096, 4097, 0xffff_ffff])
    if (name === 'dataType') return dice.pick(context === 0x3b8d ? [0xdeadbeef, 0xdeadbeef, 0xdeadbeef, 1] : [0, 0, 0xdead, 0xdead, 1])
    if (name === 'dataLength') return dice.chance(90) ? dice.pick([0, 4, 8]) : dice.pick(U32_EDGES)
    if (name === 'limit') return dice.chance(80) ? dice.pick([12, 16, 24, 65536]) : dice.pick(U32_EDGES)
    if (COUNTS.has(name)) return dice.chance(85) ? dice.below(20) : dice.pick([...U32_EDGES, 65536, 524288, 524289])
    return dice.chance(90) ? dice.below(4) : dice.u32()
  }

  #fill(view: DataView, name: string, [at, width]: abi.Field, context: number): void {
    const dice = this.#dice
    if (width === 8) view.setBigUint64(at, BigInt.asUintN(64, this.#u64(name)), true)
    else if (width === 4) view.setUint32(at, this.#u32(name, context), true)
    else if (width === 2) view.setUint16(at, name === 'op' ? dice.below(4) : 0, true)
    else for (let k = 0; k < width; k++) view.setUint8(at + k, dice.chance(99) ? 0 : 1)
  }

  #u64(name: string): bigint {
    if (POINTERS.has(name)) return this.#pointer()
    if (IOVAS.has(name)) return this.#iova()
    if (name === 'pageSize') return this.#dice.pick(PAGE_SIZES)
    return name === 'val64' ? BigInt(this.#dice.below(3)) : this.#length()
  }

  #mutated(): Input {
    const dice = this.#dice
    const bytes = this.#last.bytes.slice()
    const view = new DataView(bytes.buffer)
    for (let times = 1 + dice.below(3); times > 0 && bytes.length >= 8; times--) {
      const at = dice.below(bytes.length)
      const kind = dice.below(4)
      if (kind === 0) bytes[at]! ^= 1 << dice.below(8)
      else if (kind === 1) bytes[at] = dice.below(256)
      else if (kind === 2) view.setUint32(at & ~3, dice.pick(U32_EDGES), true)
      else view.setBigUint64(Math.min(at & ~3, bytes.length - 8), dice.pick(U64_EDGES), true)
    }
    const command = dice.chance(85) ? this.#last.command : dice.pick(commands)
    return { command, argument: dice.chance(90) ? this.#last.argument : this.#pointer(), bytes }
  }

  #integer(): Input {
    const dice = this.#dice
    const argument = dice.chance(80) ? BigInt(dice.below(12)) : dice.u64()
    return { command: dice.pick(integerCommands), argument, bytes: new Uint8Array(0) }
  }

  #raw(): Input {
    const dice = this.#dice
    const command = dice.chance(50) ? dice.pick(commands) : (0x3b00 | dice.below(256)) >>> 0
    const bytes = Uint8Array.from({ length: 96 }, () => dice.below(256))
    if (dice.chance(50)) new DataView(bytes.buffer).setUint32(0, dice.below(80), true)
    return { command: dice.chance(90) ? command : dice.u32(), argument: this.#pointer(), bytes }
  }
}
