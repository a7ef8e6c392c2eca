// Test support: a computer of fakes with one open /dev/iommu, and its binary interface by the names of the layouts.
import { abi, type IommufdFile, ioctl, openIommufd } from '@iommukit/iommufd'
import { FakeDomain, FakeDriver, FakeFrames, FakeProcess } from './fakes.ts'

export const SCRATCH = 0x2_0000_0000n
export const ARENA = 0x1_0000_0000n
export const ARENA_PAGES = 64
export const APERTURE = 0x100_0000n
export const U64_MAX = 0xffff_ffff_ffff_ffffn

type Values = Readonly<Record<string, number | bigint>>
interface Layout {
  readonly command: number
  readonly bytes: number
  readonly fields: Readonly<Record<string, abi.Field>>
}
type TestOpName = keyof typeof abi.TEST_OPS

/** What a command answered: errno or `OK`, the return value, and the user's structure afterwards. */
export class Answer {
  readonly errno: string
  readonly ret: number
  readonly #bytes: Uint8Array
  readonly #fields: Readonly<Record<string, abi.Field>>

  constructor(errno: string, ret: number, bytes: Uint8Array, fields: Readonly<Record<string, abi.Field>>) {
    this.errno = errno
    this.ret = ret
    this.#bytes = bytes
    this.#fields = fields
  }

  big(name: string): bigint {
    const [at, width] = this.#fields[name]!
    let value = 0n
    for (let k = width - 1; k >= 0; k--) value = (value << 8n) | BigInt(this.#bytes[at + k]!)
    return value
  }

  num(name: string): number {
    return Number(this.big(name))
  }
}

export function errnoOf(run: () => unknown): string {
  try {
    run()
    return 'OK'
  } catch (error) {
    const name = abi.errnoName(error)
    if (name === undefined) throw error
    return name
  }
}

export class Computer {
  readonly frames: FakeFrames = new FakeFrames()
  readonly driver: FakeDriver
  readonly process: FakeProcess = new FakeProcess(this.frames)
  file: IommufdFile
  /** How structures are padded beyond the known size, and where they lie. */
  argument: bigint = SCRATCH

  constructor(options: { testOps?: boolean } = {}) {
    this.driver = new FakeDriver(this.frames, options.testOps ?? true)
    this.process.memory.map(SCRATCH, 16)
    this.process.memory.map(ARENA, ARENA_PAGES)
    this.file = this.open()
  }

  open(): IommufdFile {
    return openIommufd({ driver: this.driver, temp: this.driver.temp })
  }

  get context(): IommufdFile['context'] {
    return this.file.context
  }

  /** Passes a structure of the layout; `size` (or `argsz`) is the known size unless given. */
  call(layout: Layout, values: Values = {}, options: { size?: number; fields?: Readonly<Record<string, abi.Field>> } = {}): Answer {
    const fields = { ...layout.fields, ...options.fields }
    const bytes = new Uint8Array(layout.bytes)
    const sizeField = 'argsz' in fields ? 'argsz' : 'size'
    put(bytes, fields[sizeField]!, options.size ?? layout.bytes)
    for (const [name, value] of Object.entries(values)) {
      const field = fields[name]
      if (field === undefined) throw new Error(`no field ${name}`)
      put(bytes, field, value)
    }
    this.process.memory.write(this.argument, bytes)
    let ret = -1
    const errno = errnoOf(() => {
      ret = ioctl(this.file, layout.command, this.argument, this.process)
    })
    this.process.memory.read(this.argument, bytes)
    return new Answer(errno, ret, bytes, fields)
  }

  test(op: TestOpName, id: number, values: Values = {}): Answer {
    const { op: number, fields } = abi.TEST_OPS[op]
    return this.call(abi.TEST_CMD, { op: number, id, ...values }, { fields })
  }

  raw(command: number, argument: bigint): string {
    return errnoOf(() => ioctl(this.file, command, argument, this.process))
  }

  ioas(): number {
    return this.call(abi.IOAS_ALLOC).num('outIoasId')
  }

  map(ioasId: number, iova: bigint, length: bigint, userVa: bigint = ARENA, flags = 7): string {
    return this.call(abi.IOAS_MAP, { ioasId, iova, length, userVa, flags }).errno
  }

  /** Ids of a mock device attached to `pt`. */
  mock(pt: number, deviceFlags = 0): { stdev: number; hwpt: number; device: number } {
    const answer = this.test('MOCK_DOMAIN_FLAGS', pt, { deviceFlags })
    if (answer.errno !== 'OK') throw new Error(`mock domain: ${answer.errno}`)
    return { stdev: answer.num('outStdevId'), hwpt: answer.num('outHwptId'), device: answer.num('outDeviceId') }
  }

  hwpt(deviceId: number, ptId: number, flags = 0): number {
    const answer = this.call(abi.HWPT_ALLOC, { deviceId, ptId, flags })
    if (answer.errno !== 'OK') throw new Error(`hwpt alloc: ${answer.errno}`)
    return answer.num('outHwptId')
  }

  nested(deviceId: number, ptId: number, word = 0xbadbeef, extra: Values = {}): number {
    this.process.memory.write(SCRATCH + 0x800n, Uint8Array.of(word & 255, (word >> 8) & 255, (word >> 16) & 255, word >>> 24))
    const values = { deviceId, ptId, dataType: 0xdead, dataLength: 4, dataUptr: SCRATCH + 0x800n, ...extra }
    const answer = this.call(abi.HWPT_ALLOC, values)
    if (answer.errno !== 'OK') throw new Error(`nested hwpt alloc: ${answer.errno}`)
    return answer.num('outHwptId')
  }

  access(ioasId: number, flags: number): number {
    const answer = this.test('CREATE_ACCESS', ioasId, { flags })
    if (answer.errno !== 'OK') throw new Error(`create access: ${answer.errno}`)
    return answer.num('outAccessFd')
  }

  destroy(id: number): string {
    return this.call(abi.DESTROY, { id }).errno
  }

  pins(userAddress: bigint, npages: number): number[] {
    return Array.from({ length: npages }, (_, k) => this.frames.pins[this.process.memory.pfnOf(userAddress + BigInt(k) * 4096n)!]!)
  }
}

function put(bytes: Uint8Array, [at, width]: abi.Field, value: number | bigint): void {
  let rest = BigInt(value)
  for (let k = 0; k < width; k++, rest >>= 8n) bytes[at + k] = Number(rest & 255n)
}

/**
 * Walks down a table of checks: starts with everything wrong, expects the first error, repairs that, and so on to the end.
 * Each step is the error expected next and the values that repair it.
 */
export function ladder(
  bad: Values,
  steps: readonly (readonly [errno: string, repair: Values])[],
  call: (values: Values) => string,
): string[] {
  const seen: string[] = []
  let values = bad
  for (const [, repair] of steps) {
    seen.push(call(values))
    values = { ...values, ...repair }
  }
  return seen
}

export const errnos = (steps: readonly (readonly [string, Values])[]): string[] => steps.map(([errno]) => errno)

export function u64s(...values: bigint[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values).buffer)
}

export function u32s(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer)
}

export function domainOf(computer: Computer, hwptId: number): FakeDomain {
  const hwpt = computer.context.objects.lookup(hwptId)
  if (hwpt === undefined || !('domain' in hwpt) || !(hwpt.domain instanceof FakeDomain)) throw new Error(`${hwptId} has no fake domain`)
  return hwpt.domain
}
