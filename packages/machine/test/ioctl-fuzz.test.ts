// Kind: fuzz. Random and mutated ioctls against the whole machine: nothing is thrown but an error with an errno, the work of each call is bounded by
// the memory that exists, and nothing is pinned or charged once everything is closed.
// FUZZ_SEED and FUZZ_OPS choose another seed and more operations (`FUZZ_OPS=20000000 FUZZ_SEED=7 npx vitest run packages/machine/test/ioctl-fuzz`).
import { abi, FaultFile, type IommufdFile, ioctl, type Process, type UserMemory } from '@iommukit/iommufd'
import { createMachine, type MachineProcess } from '@iommukit/machine'
import { describe, expect, it } from 'vitest'
import { ARENA, ARENA_PAGES, Dice, HUGE_ARENA, type Input, Inputs, type Kind, Known, SCRATCH, SCRATCH_PAGES } from './ioctl-inputs.ts'

const SEED = Number(process.env.FUZZ_SEED ?? 20260727)
const OPS = Number(process.env.FUZZ_OPS ?? 1_000_000)
const SHARDS = 8
const OPS_A_WORLD = 400
const MAPPED_BYTES = (ARENA_PAGES + SCRATCH_PAGES) * 4096 + 0x40_0000

/** The most bytes of user memory that one call may move: everything that is mapped, a few times (bitmaps are read, tried and written). */
const BYTES_A_CALL_MAX = 8 * MAPPED_BYTES
/** The most pages that one call may pin: all areas of a world into a new page table. */
const PINS_A_CALL_MAX = 400 * 2048

/** What a world's calls may see of the process; counts the bytes that go through. */
class CountingMemory implements UserMemory {
  readonly #memory: MachineProcess['memory']
  moved = 0

  constructor(memory: MachineProcess['memory']) {
    this.#memory = memory
  }

  read(address: bigint, out: Uint8Array): void {
    this.moved += out.length
    this.#memory.read(address, out)
  }

  write(address: bigint, data: Uint8Array): void {
    this.moved += data.length
    this.#memory.write(address, data)
  }

  pageSource(base: bigint, npages: number): ReturnType<UserMemory['pageSource']> {
    return this.#memory.pageSource(base, npages)
  }

  pfnOf(address: bigint): number | undefined {
    return this.#memory.pfnOf(address)
  }
}

/** One machine with one program that passes nonsense for a while. */
class World {
  readonly machine: ReturnType<typeof createMachine>
  readonly user: MachineProcess
  readonly memory: CountingMemory
  readonly caller: Process
  readonly files: IommufdFile[] = []
  readonly known = new Known()
  readonly inputs: Inputs
  readonly dice: Dice
  file: IommufdFile

  constructor(seed: number) {
    this.dice = new Dice(seed)
    this.machine = createMachine({ placement: this.dice.chance(50) ? 'contiguous' : 'scattered' })
    const limit = this.dice.chance(30) ? { memlockLimitBytes: 4096 * this.dice.below(64), capabilities: { ipcLock: false } } : {}
    this.user = this.machine.createProcess(limit)
    this.user.memory.mmap(ARENA, ARENA_PAGES * 4096)
    this.user.memory.mmap(SCRATCH, SCRATCH_PAGES * 4096)
    if (this.dice.chance(20)) this.user.memory.mmap(HUGE_ARENA, 0x40_0000, { hugePages: true })
    this.memory = new CountingMemory(this.user.memory)
    const { files, accounting, capabilities } = this.user
    this.caller = { memory: this.memory, files, accounting, capabilities }
    this.inputs = new Inputs(this.dice, this.known)
    this.file = this.open()
    if (this.dice.chance(40)) this.machine.temp.limitBytes = this.dice.pick([12, 16, 24, 32, 100])
  }

  open(): IommufdFile {
    const file = this.machine.openIommu()
    this.files.push(file)
    return file
  }

  /** One call. Returns its errno, `OK` without. Whatever is no errno error passes. */
  call(input: Input): string {
    if (input.bytes.length > 0) this.poke(input)
    try {
      ioctl(this.file, input.command, input.argument, this.caller)
      this.learn(input)
      return 'OK'
    } catch (error) {
      const name = abi.errnoName(error)
      if (name === undefined) throw error
      return name
    }
  }

  /** Puts the structure where the argument points, with zeros behind it as most programs have. */
  poke(input: Input): void {
    const bytes = new Uint8Array(input.bytes.length + 64)
    bytes.set(input.bytes)
    try {
      this.user.memory.poke(input.argument, this.dice.chance(97) ? bytes : input.bytes)
    } catch (error) {
      if (abi.errnoName(error) === undefined && !(error instanceof RangeError)) throw error
    }
  }

  /** Keeps ids, descriptors and IOVAs that the call has given. */
  learn(input: Input): void {
    if (input.bytes.length < 12) return
    const bytes = new Uint8Array(input.bytes.length)
    this.user.memory.peek(input.argument, bytes)
    const view = new DataView(bytes.buffer)
    const id = (kind: Kind, at: number): void => this.known.remember(kind, view.getUint32(at, true))
    if (input.command === abi.IOAS_ALLOC.command) id('ioas', 8)
    else if (input.command === abi.HWPT_ALLOC.command) id('hwpt', 16)
    else if (input.command === abi.FAULT_QUEUE_ALLOC.command) id('fault', 8)
    else if (input.command === abi.IOAS_MAP.command) this.known.rememberIova(view.getBigUint64(32, true))
    else if (input.command === abi.IOAS_COPY.command) this.known.rememberIova(view.getBigUint64(24, true))
    else if (input.command === abi.TEST_CMD.command) this.learnTest(view.getUint32(4, true), id)
  }

  learnTest(op: number, id: (kind: Kind, at: number) => void): void {
    const ops = abi.TEST_OPS
    if (op === ops.CREATE_ACCESS.op) id('fd', 16)
    if (op === ops.ACCESS_PAGES.op) id('item', 20)
    if (op !== ops.MOCK_DOMAIN.op && op !== ops.MOCK_DOMAIN_FLAGS.op) return
    id('stdev', 16)
    id('hwpt', 20)
    id('device', 24)
  }

  /** What programs do besides ioctl: protect memory, use and close descriptors, open the device again. */
  disturb(): void {
    const { dice } = this
    const kind = dice.below(10)
    if (kind < 6) this.user.memory.protect(ARENA + BigInt(dice.below(ARENA_PAGES)) * 4096n, 4096, dice.pick(['none', 'r', 'rw', 'rw']))
    else if (kind < 7) this.user.files.close(3 + dice.below(8))
    else if (kind < 9) this.useFile()
    else {
      if (dice.chance(30)) this.file.release()
      this.file = this.open()
    }
  }

  useFile(): void {
    const { dice } = this
    const file = this.user.files.get(3 + dice.below(6))
    if (!(file instanceof FaultFile)) return
    try {
      const length = dice.pick([0, 8, 40, 41, 80, 0x7fff_fff8])
      if (dice.chance(50)) file.read(this.memory, ARENA, length)
      else file.write(this.memory, SCRATCH, length)
    } catch (error) {
      if (abi.errnoName(error) === undefined) throw error
    }
  }

  /** Ends the program, in any order of its files. */
  end(): void {
    if (this.dice.chance(50)) this.user.files.closeAll()
    for (const file of this.files) file.release()
    this.user.files.closeAll()
    for (const { context } of this.files) expect(context.objects.isEmpty).toBe(true)
    expect(this.machine.physical.pinnedTotal).toBe(0)
  }
}

function fuzz(seed: number, ops: number): Map<string, number> {
  const answers = new Map<string, number>()
  for (let done = 0, world = 0; done < ops; world++) {
    const worldSeed = (seed + world * 0x9e3779b1) >>> 0
    const it = new World(worldSeed)
    const here = Math.min(OPS_A_WORLD, ops - done)
    for (let k = 0; k < here; k++) {
      if (it.dice.chance(6)) it.disturb()
      const input = it.inputs.next()
      const moved = it.memory.moved
      const pinned = it.user.memory.counts.pinnedPages
      try {
        const errno = it.call(input)
        answers.set(errno, (answers.get(errno) ?? 0) + 1)
        if (it.memory.moved - moved > BYTES_A_CALL_MAX) throw new Error(`moved ${it.memory.moved - moved} bytes`)
        if (it.user.memory.counts.pinnedPages - pinned > PINS_A_CALL_MAX)
          throw new Error(`pinned ${it.user.memory.counts.pinnedPages - pinned} pages`)
      } catch (cause) {
        throw new Error(
          `world ${worldSeed}, call ${k}: command 0x${input.command.toString(16)} at 0x${input.argument.toString(16)}, ${Buffer.from(input.bytes).toString('hex')}`,
          { cause },
        )
      }
    }
    it.end()
    done += here
  }
  return answers
}

describe('fuzz of the binary interface', () => {
  const answers = new Map<string, number>()

  it.each(Array.from({ length: SHARDS }, (_, shard) => shard))(
    `seed ${SEED}, ${OPS} calls, part %i of ${SHARDS}`,
    { timeout: 0 },
    (shard) => {
      for (const [errno, times] of fuzz((SEED + shard * 1_000_003) >>> 0, Math.ceil(OPS / SHARDS)))
        answers.set(errno, (answers.get(errno) ?? 0) + times)
    },
  )

  it('got everywhere: every errno of the interface was answered, and a good part succeeded', () => {
    const seen = [...answers.keys()]
    if (process.env.FUZZ_SHOW) console.log(Object.fromEntries([...answers].sort((a, b) => b[1] - a[1])))
    const total = [...answers.values()].reduce((sum, times) => sum + times, 0)
    expect(total).toBeGreaterThanOrEqual(OPS)
    if (OPS < 100_000) return
    const wanted = [
      'OK',
      'E2BIG',
      'EADDRINUSE',
      'EBADE',
      'EBADFD',
      'EBUSY',
      'EEXIST',
      'EFAULT',
      'EINVAL',
      'EIO',
      'EMSGSIZE',
      'ENODEV',
      'ENOENT',
      'ENOMEM',
      'ENOSPC',
      'ENOTTY',
      'EOPNOTSUPP',
      'EOVERFLOW',
      'EPERM',
    ]
    expect(wanted.filter((errno) => !seen.includes(errno))).toEqual([])
    expect(answers.get('OK')! / total).toBeGreaterThan(0.15)
  })
})
