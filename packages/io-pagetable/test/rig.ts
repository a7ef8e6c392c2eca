// A small universe with a real side and a model side: runs one command on both, compares the answers and the whole states.
import { isDeepStrictEqual } from 'node:util'
import { type AccessOwner, type DeviceRegion, IoPagetable } from '@iommukit/io-pagetable'
import { checkInvariants } from '@iommukit/io-pagetable/check'
import type { Pages } from '@iommukit/pfn-reader'
import { FakeAccounting, FakeDomain, FakeMemory, FakeSink, type Fallible, PAGE, U64_MAX, World } from './fakes.ts'
import {
  type Answer,
  type ModelDomain,
  type ModelItem,
  type ModelMemory,
  ModelOwner,
  type ModelPages,
  type ModelTable,
  ModelWorld,
} from './oracle.ts'

const P = BigInt(PAGE)
const NTABLES = 2
const MEMORY_PAGES = 24
/** The universe: 64 pages at the bottom of the space, 64 around 2^32, where words carry, and 64 at the top. */
const WINDOW = 64n * P
const WINDOWS: readonly bigint[] = [0n, 2n ** 32n - WINDOW / 2n, U64_MAX + 1n - WINDOW]
const LAYOUTS: readonly (readonly number[])[] = [
  Array.from({ length: MEMORY_PAGES }, (_, k) => 1000 + k),
  Array.from({ length: MEMORY_PAGES }, (_, k) => 2000 + ((k * 7) % MEMORY_PAGES) * 3),
  // Runs of 1 to 4 pages, one of them descending, frame 0 among them.
  [0, 1, 2, 90, 89, 88, 40, 41, 42, 43, 70, 10, 11, 30, 29, 31, 32, 33, 34, 60, 61, 5, 6, 7],
]
/** What each frame holds at first, but for its first bytes, which tell frames apart. */
const INITIAL: Uint8Array = Uint8Array.from({ length: PAGE }, (_, k) => (k * 7 + (k >> 8)) & 0xff)
const DOMAINS: readonly { pageSize: number; start: bigint; last: bigint; dirty: boolean }[] = [
  { pageSize: 512, start: 0n, last: U64_MAX, dirty: true },
  { pageSize: 2048, start: 0x2000n, last: U64_MAX, dirty: true },
  { pageSize: 4096, start: 0n, last: U64_MAX - 0x3000n, dirty: false },
]

/** Where a command points: into an area that exists, or anywhere. */
export interface Spot {
  readonly area: number | undefined
  /** Which part of the universe, an index of WINDOWS. */
  readonly window: number
  readonly unit: number
  readonly grain: number
  readonly units: number
}

export type Command =
  | { op: 'map'; table: number; memory: number; page: number; shift: number; spot: Spot; auto: boolean; prot: number }
  | { op: 'copy'; table: number; source: number; from: Spot; to: Spot; auto: boolean; prot: number }
  | { op: 'unmap'; table: number; spot: Spot; cut: boolean }
  | { op: 'unmapAll'; table: number }
  | { op: 'addDomain' | 'removeDomain'; table: number; domain: number }
  | { op: 'addAccess'; table: number; needsPin: boolean; patience: number }
  | { op: 'removeAccess'; table: number; nth: number }
  | { op: 'pin'; table: number; nth: number; spot: Spot; write: boolean }
  | { op: 'unpin'; table: number; nth: number; item: number }
  | { op: 'rw'; table: number; spot: Spot; write: boolean; slow: boolean; seed: number }
  | { op: 'reserve'; table: number; spot: Spot; owner: string | undefined }
  | { op: 'removeReserved'; table: number; owner: string | undefined }
  | { op: 'setAllowed'; table: number; spots: readonly Spot[] }
  | { op: 'enforce'; table: number; owner: string; regions: readonly { spot: Spot; type: DeviceRegion['type'] }[]; wantSwMsi: boolean }
  | { op: 'largePages'; table: number; enabled: boolean }
  | { op: 'cut'; table: number; spots: readonly Spot[] }
  | { op: 'track'; table: number; on: boolean }
  | { op: 'deviceWrite'; table: number; spot: Spot }
  | { op: 'readDirty'; table: number; spot: Spot; pageSize: number; noClear: boolean }
  | { op: 'setLimit'; pages: number }
  | { op: 'setTemp'; bytes: number }
  | { op: 'shortPins'; memory: number; pages: number }
  | { op: 'protect'; memory: number; page: number; prot: 'rw' | 'r' | 'none' }
  | { op: 'direct'; memory: number; on: boolean }

interface RealOwner extends AccessOwner {
  readonly brain: ModelOwner
}

export class Rig {
  readonly world = new World()
  readonly accounting = new FakeAccounting(this.world)
  readonly memories: FakeMemory[] = []
  readonly tables: IoPagetable[] = []
  readonly domains: FakeDomain[]
  readonly owners: Map<number, RealOwner>[] = []
  readonly model = new ModelWorld(NTABLES)
  readonly modelMemories: ModelMemory[]
  readonly modelDomains: ModelDomain[] = DOMAINS.map(({ pageSize, start, last }) => ({ pageSize, start, last }))
  /** What the last command answered. */
  lastCode = 'OK'
  readonly contents = new Map<number, Uint8Array>()
  /** Every grain is a page: then more of the commands that ask for page alignment succeed. */
  readonly aligned: boolean
  readonly #twins = new Map<Pages, ModelPages>()

  constructor(aligned = false) {
    this.aligned = aligned
    this.modelMemories = LAYOUTS.map((pfns, k) => ({
      pfns,
      prot: pfns.map(() => 'rw' as const),
      address: BigInt(k + 1) * 0x100_0000n,
      charged: k !== 2,
    }))
    for (const { pfns, address } of this.modelMemories) {
      const memory = new FakeMemory(this.world)
      memory.mmap(Number(address), pfns)
      this.memories.push(memory)
      for (const pfn of pfns) {
        const bytes = INITIAL.slice().fill(pfn & 0xff, 0, 64)
        this.world.contents.set(pfn, bytes.slice())
        this.contents.set(pfn, bytes)
      }
    }
    this.domains = DOMAINS.map((options) => new FakeDomain(this.world, options))
    for (let k = 0; k < NTABLES; k++) {
      this.tables.push(new IoPagetable({ temp: this.world.temp }))
      this.owners.push(new Map())
    }
  }

  /** Runs a command on both sides; with `nth`, the n-th fallible call of the real side fails, and then nothing may have changed. */
  run(command: Command, nth = 0, kinds?: readonly Fallible[]): void {
    this.world.faults.arm(nth, kinds)
    this.#step(command)
    this.world.faults.disarm()
  }

  /** True when the n-th fallible call of the command exists: it failed, and the states still agree. Otherwise the command has been done. */
  runWithFault(command: Command, nth: number, kinds?: readonly Fallible[]): boolean {
    this.run(command, nth, kinds)
    return this.world.faults.fired
  }

  #step(command: Command): undefined {
    switch (command.op) {
      case 'setLimit':
        this.accounting.limitPages = this.model.limitPages = command.pages
        return
      case 'setTemp':
        this.world.temp.limitBytes = command.bytes
        return
      case 'shortPins':
        this.memories[command.memory]!.pinPagesMax = command.pages
        return
      case 'direct':
        this.memories[command.memory]!.direct = command.on
        return
      case 'protect':
        this.modelMemories[command.memory]!.prot[command.page] = command.prot
        this.memories[command.memory]!.protect(Number(this.modelMemories[command.memory]!.address) + command.page * PAGE, 1, command.prot)
        return
      default:
        return this.#tableStep(command, this.tables[command.table]!, this.model.tables[command.table]!)
    }
  }

  /** True for a command about an existing area where there is none. */
  #pointless(model: ModelTable, spot: Spot): boolean {
    return spot.area !== undefined && model.areas.length === 0
  }

  #tableStep(
    command: Exclude<Command, { op: 'setLimit' | 'setTemp' | 'shortPins' | 'protect' | 'direct' }>,
    table: IoPagetable,
    model: ModelTable,
  ): undefined {
    const owners = this.owners[command.table]!
    switch (command.op) {
      case 'map': {
        const { iova, length } = this.place(model, command.spot)
        const memory = this.modelMemories[command.memory]!
        const address = memory.address + BigInt(command.page) * P + BigInt(this.aligned ? 0 : command.shift)
        const at = command.auto ? undefined : iova
        const origin = this.memories[command.memory]!.origin(this.accounting, memory.charged ? 'user' : 'none')
        return this.#both(
          () => table.mapUserPages({ address, length, iova: at, prot: command.prot, origin }),
          () => model.mapUser(memory, address, length, at, command.prot),
        )
      }
      case 'copy': {
        const source = this.model.tables[command.source]!
        if (this.#pointless(source, command.from)) return
        const from = this.place(source, command.from)
        const { iova } = this.place(model, command.to)
        const at = command.auto ? undefined : iova
        return this.#both(
          () => table.copyFrom(this.tables[command.source]!, from.iova, from.length, at, command.prot),
          () => model.copyFrom(source, from.iova, from.length, at, command.prot),
        )
      }
      case 'unmap': {
        const { iova, length } = this.place(model, command.spot)
        if (command.cut && !model.largePages && length > 0n && iova + length <= U64_MAX) {
          const points = iova === 0n ? [iova + length - 1n] : [iova + length - 1n, iova - 1n]
          let ok = false
          this.#both(
            () => {
              table.cutIova(points)
              ok = true
            },
            () => model.cut(points),
          )
          if (!ok) return
        }
        return this.#both(
          () => table.unmapIova(iova, length),
          () => model.unmapIova(iova, length),
        )
      }
      case 'unmapAll':
        return this.#both(
          () => table.unmapAll(),
          () => model.unmap(0n, U64_MAX),
        )
      case 'addDomain': {
        const domain = this.modelDomains[command.domain]!
        if (this.model.tables.some((one) => one !== model && one.domains.includes(domain))) return
        return this.#both(
          () => table.addDomain(this.domains[command.domain]!),
          () => model.addDomain(domain),
        )
      }
      case 'removeDomain': {
        const domain = this.modelDomains[command.domain]!
        if (!model.domains.includes(domain)) return
        return this.#both(
          () => table.removeDomain(this.domains[command.domain]!),
          () => model.removeDomain(domain),
        )
      }
      case 'addAccess': {
        if (model.accesses.size >= 3) return
        const owner = this.#owner(table, command.needsPin, command.patience)
        return this.#both(
          () => {
            const id = table.addAccess(owner)
            owners.set(id, owner)
            return id
          },
          () => model.addAccess(new ModelOwner(command.needsPin, command.patience)),
        )
      }
      case 'removeAccess': {
        const id = nthOf([...model.accesses.keys()], command.nth)
        if (id === undefined) return
        const owner = owners.get(id)!
        return this.#both(
          () => {
            for (const item of owner.brain.items) table.unpinPages(item.iova, item.length)
            owners.delete(id)
            table.removeAccess(owner, id)
          },
          () => model.removeAccess(id),
        )
      }
      default:
        return this.#rangeStep(command, table, model, owners)
    }
  }

  #rangeStep(
    command: Extract<
      Command,
      {
        op:
          | 'pin'
          | 'unpin'
          | 'rw'
          | 'reserve'
          | 'removeReserved'
          | 'setAllowed'
          | 'enforce'
          | 'largePages'
          | 'cut'
          | 'track'
          | 'deviceWrite'
          | 'readDirty'
      }
    >,
    table: IoPagetable,
    model: ModelTable,
    owners: Map<number, RealOwner>,
  ): undefined {
    switch (command.op) {
      case 'pin': {
        if (this.#pointless(model, command.spot)) return
        if (model.accesses.size === 0) this.#step({ op: 'addAccess', table: command.table, needsPin: true, patience: 0 })
        const id = nthOf(
          [...model.accesses].filter(([, owner]) => owner.needsPin).map(([key]) => key),
          command.nth,
        )
        if (id === undefined) return
        const { iova, length } = this.place(model, command.spot)
        return this.#both(
          () => {
            const pfns = table.pinPages(iova, length, command.write)
            owners.get(id)!.brain.items.push({ iova, length })
            return [...pfns]
          },
          () => model.pin(model.accesses.get(id)!, iova, length, command.write),
        )
      }
      case 'unpin': {
        const id = nthOf([...model.accesses.keys()], command.nth)
        if (id === undefined) return
        const owner = model.accesses.get(id)!
        const item = nthOf(owner.items, command.item)
        if (item === undefined) return
        const { brain } = owners.get(id)!
        const twin = brain.items[owner.items.indexOf(item)]!
        return this.#both(
          () => {
            brain.items = brain.items.filter((one) => one !== twin)
            table.unpinPages(item.iova, item.length)
          },
          () => model.unpin(owner, item),
        )
      }
      case 'rw':
        if (this.#pointless(model, command.spot)) return
        return this.#rw(command, table, model)
      case 'reserve': {
        const { iova, length } = this.place(model, command.spot)
        const last = iova + length - 1n > U64_MAX ? U64_MAX : iova + length - 1n
        if (last < 0n) return
        return this.#both(
          () => table.reserve(iova, last, command.owner),
          () => model.reserve(iova, last, command.owner),
        )
      }
      case 'removeReserved':
        return this.#both(
          () => table.removeReserved(command.owner),
          () => model.removeReserved(command.owner),
        )
      case 'setAllowed': {
        const ranges = command.spots
          .map((spot) => this.place(model, spot))
          .filter(({ length }) => length > 0n)
          .map(({ iova, length }) => ({ start: iova, last: iova + length - 1n > U64_MAX ? U64_MAX : iova + length - 1n }))
        return this.#both(
          () => table.setAllowed(ranges),
          () => model.setAllowed(ranges),
        )
      }
      case 'enforce': {
        const regions = command.regions
          .map(({ spot, type }) => ({ ...this.place(model, spot), type }))
          .filter(({ iova, length }) => length > 0n && iova + length - 1n <= U64_MAX)
          .map(({ iova, length, type }) => ({ start: iova, length, type }))
        return this.#both(
          () => table.enforceDeviceRegions(command.owner, regions, command.wantSwMsi),
          () => model.enforce(command.owner, regions, command.wantSwMsi),
        )
      }
      case 'largePages':
        return this.#both(
          () => (command.enabled ? table.enableLargePages() : table.disableLargePages()),
          () => model.setLargePages(command.enabled),
        )
      case 'cut': {
        const points = command.spots
          .map((spot) => this.place(model, spot))
          .map(({ iova, length }) => iova + length)
          .filter((end) => end <= U64_MAX)
        return this.#both(
          () => table.cutIova(points.map((point) => (point === 0n ? 0n : point - 1n))),
          () => model.cut(points.map((point) => (point === 0n ? 0n : point - 1n))),
        )
      }
      default:
        return this.#dirtyStep(command, table, model)
    }
  }

  #dirtyStep(command: Extract<Command, { op: 'track' | 'deviceWrite' | 'readDirty' }>, table: IoPagetable, model: ModelTable): undefined {
    const [first] = table.domains as readonly FakeDomain[]
    if (first === undefined) return
    if (command.op === 'track') {
      const code = first.dirty === undefined ? 'EOPNOTSUPP' : 'OK'
      this.#both(
        () => table.setDirtyTracking(first, command.on),
        () => ({ code }),
      )
      if (code === 'OK' && (first.tracking !== command.on || (command.on && first.dirtyGranules.size > 0)))
        throw new Error('tracking is not as asked')
      return
    }
    const { iova, length } = this.place(model, command.spot)
    if (command.op === 'deviceWrite') {
      first.deviceWrite(iova)
      return
    }
    const pageSize = BigInt(command.pageSize)
    const sink = new FakeSink()
    const before = [...first.dirtyGranules].sort((a, b) => (a < b ? -1 : 1))
    const last = iova + length - 1n
    const misaligned = (a: bigint): boolean => iova % a !== 0n || (last + 1n) % a !== 0n
    const scannedLast = length === 0n || last > U64_MAX ? undefined : model.scannedLast(iova, length)
    let code = 'OK'
    if (length === 0n) code = 'EINVAL'
    else if (last > U64_MAX) code = 'EOVERFLOW'
    else if (misaligned(BigInt(model.alignment)) || misaligned(pageSize)) code = 'EINVAL'
    else if (first.dirty === undefined) code = 'EOPNOTSUPP'
    this.#both(
      () => table.readAndClearDirty(first, { iova, length, pageSize, noClear: command.noClear, sink }).scannedLast,
      () => (code === 'OK' ? { code, value: scannedLast } : { code }),
    )
    const g = first.granule
    const inside = (at: bigint): boolean => code === 'OK' && scannedLast !== undefined && at * g >= iova && at * g <= scannedLast
    const expected = before.filter(inside).map((at) => [at * g, g])
    equal('dirty ranges', sink.ranges, expected)
    equal(
      'dirty state',
      [...first.dirtyGranules].sort((a, b) => (a < b ? -1 : 1)),
      command.noClear ? before : before.filter((at) => !inside(at)),
    )
  }

  #rw(command: Extract<Command, { op: 'rw' }>, table: IoPagetable, model: ModelTable): undefined {
    const { iova, length } = this.place(model, command.spot)
    const { write, slow } = command
    const data = new Uint8Array(Number(length)).fill(0xee)
    if (write) for (let k = 0; k < data.length; k++) data[k] = command.seed + k * 3
    const { pieces, code } = model.rwPlan(iova, length, write)
    const expected = data.slice()
    let done = 0
    let sane = true
    for (const { pages, startByte, length: bytes } of pieces) {
      for (let k = 0; k < bytes; k++, done++) {
        const at = Number(startByte) + k
        const page = pages.firstPage + Math.floor(at / PAGE)
        if (pages.memory.prot[page] !== 'rw') sane = false
        const frame = this.contents.get(pages.memory.pfns[page] ?? -1)
        if (frame === undefined) continue
        if (write && sane) frame[at % PAGE] = data[done]!
        else expected[done] = frame[at % PAGE]!
      }
    }
    // With memory that faults, the source's answer and the bytes moved depend on the path (spec A14): only the state is compared.
    this.#both(
      () => table.rw(iova, data, { write, slow }),
      () => ({ code: sane ? code : `${code}|EFAULT|OK` }),
    )
    if (this.world.faults.fired || !sane) {
      for (const [pfn, bytes] of this.contents) bytes.set(this.world.frame(pfn))
    } else if (!write && code === 'OK') equal('bytes read', data, expected)
  }

  /** IOVA and length that a spot means in a table. */
  place(model: ModelTable, spot: Spot): { iova: bigint; length: bigint } {
    const grain = this.aligned ? P : BigInt(spot.grain)
    const area =
      spot.area === undefined
        ? undefined
        : nthOf(
            [...model.areas].sort((a, b) => (a.iova < b.iova ? -1 : 1)),
            spot.area,
          )
    const length = BigInt(spot.units) * grain
    if (area !== undefined) {
      // A unit of 0 means the whole area, others a part of it, or somewhat more.
      if (spot.unit === 0) return { iova: area.iova, length: area.last - area.iova + 1n }
      const iova = area.iova + ((BigInt(spot.unit - 1) * grain) % (area.last - area.iova + 1n))
      return { iova, length }
    }
    const low = (BigInt(spot.unit) * grain) % WINDOW
    return { iova: WINDOWS[spot.window]! + low, length }
  }

  #owner(table: IoPagetable, needsPin: boolean, patience: number): RealOwner {
    const brain = new ModelOwner(needsPin, patience)
    const unmap = (iova: bigint, length: bigint): void => {
      for (const item of brain.told(iova, length)) table.unpinPages(item.iova, item.length)
    }
    return needsPin ? { needsPin, brain, unmap } : { needsPin, brain }
  }

  #both(real: () => unknown, model: () => Answer): undefined {
    let code = 'OK'
    let value: unknown
    try {
      value = real()
    } catch (error) {
      code = (error as { code?: string }).code ?? ''
      if (code === '' || code.startsWith('ERR_')) throw error
      value = (error as { done?: bigint }).done
    }
    this.lastCode = code
    if (this.world.faults.fired) {
      if (code === 'OK') throw new Error('an injected fault was swallowed')
      return
    }
    const expected = model()
    if (!expected.code.split('|').includes(code)) throw new Error(`answered ${code}, expected ${expected.code}`)
    if (expected.value !== undefined) equal('value', value, expected.value)
  }

  /** Compares the whole real state with the model and checks the invariants. */
  check(): void {
    for (const [k, table] of this.tables.entries()) {
      if (table.destroyed) continue
      this.#checkTable(table, this.model.tables[k]!)
      checkInvariants(
        table,
        this.tables.filter((one) => !one.destroyed),
      )
    }
    equal('pins', sorted(this.world.pins), sorted(this.model.pins()))
    equal('charged pages', this.accounting.chargedPages, this.model.chargedPages)
    equal('pinned pages statistic', this.accounting.statisticPages, this.model.pinnedPages)
    for (const [pfn, bytes] of this.contents)
      if (Buffer.compare(bytes, this.world.frame(pfn)) !== 0) throw new Error(`frame ${pfn} has other bytes`)
  }

  #checkTable(table: IoPagetable, model: ModelTable): void {
    const areas = [...model.areas].sort((a, b) => (a.iova < b.iova ? -1 : 1))
    const shown = [...table.areas()]
    equal(
      'areas',
      shown.map(({ iova, last, prot, numAccesses, preventAccess, firstIndex, pageOffset }) => ({
        iova,
        last,
        startByte: BigInt(firstIndex) * P + BigInt(pageOffset),
        prot,
        numAccesses,
        preventAccess,
      })),
      areas.map(({ iova, last, startByte, prot, numAccesses, preventAccess }) => ({
        iova,
        last,
        startByte,
        prot,
        numAccesses,
        preventAccess,
      })),
    )
    for (const [k, { pages }] of shown.entries()) this.#pair(pages!, areas[k]!.pages)
    equal('areaCount', table.areaCount, areas.length)
    equal(
      'domains',
      table.domains.map((domain) => this.domains.indexOf(domain as FakeDomain)),
      model.domains.map((domain) => this.modelDomains.indexOf(domain)),
    )
    equal('ranges', table.ranges(), model.ranges())
    equal('alignment', table.iovaAlignment, model.alignment)
    equal('large pages', table.largePages, model.largePages)
    equal('accesses', table.accessCount, model.accesses.size)
    for (const domain of table.domains as readonly FakeDomain[]) checkContents(domain, areas)
  }

  /** The same areas share pages on both sides. */
  #pair(pages: Pages, model: ModelPages): void {
    const twin = this.#twins.get(pages)
    if (twin === undefined) this.#twins.set(pages, model)
    else if (twin !== model) throw new Error('areas share other pages than in the model')
  }

  /** Takes everything down by public operations and asserts that nothing is left (I5, P14). */
  tearDown(): void {
    for (const [k, table] of this.tables.entries()) {
      const model = this.model.tables[k]!
      for (const id of [...model.accesses.keys()]) this.run({ op: 'removeAccess', table: k, nth: [...model.accesses.keys()].indexOf(id) })
      for (const domain of [...model.domains]) this.run({ op: 'removeDomain', table: k, domain: this.modelDomains.indexOf(domain) })
      for (const owner of ['a', 'b']) this.run({ op: 'removeReserved', table: k, owner })
      table.destroy()
      model.areas = []
    }
    equal('pins left', this.world.pinnedTotal, 0)
    equal('charges left', [this.accounting.chargedPages, this.accounting.statisticPages], [0, 0])
    for (const domain of this.domains) equal('maps left', domain.mappedBytes, 0n)
  }
}

/** I4: every granule of every area, and nothing else. */
function checkContents(domain: FakeDomain, areas: ModelTable['areas']): void {
  let bytes = 0n
  for (const { iova, last, pages, startByte } of areas) {
    bytes += last - iova + 1n
    for (let x = iova; x <= last; x += domain.granule) {
      const at = startByte + x - iova
      const pfn = pages.memory.pfns[pages.firstPage + Number(at / P)]!
      const phys = domain.iovaToPhys(x)
      if (phys !== BigInt(pfn) * P + (at % P)) throw new Error(`domain maps ${x} to ${phys}, expected frame ${pfn}`)
    }
  }
  equal('bytes mapped in a domain', domain.mappedBytes, bytes)
}

function nthOf<T>(list: readonly T[], nth: number): T | undefined {
  return list.length === 0 ? undefined : list[nth % list.length]
}

function sorted(map: Map<number, number>): [number, number][] {
  return [...map].sort((a, b) => a[0] - b[0])
}

function equal(what: string, actual: unknown, expected: unknown): void {
  const text = (value: unknown): string => JSON.stringify(value, (_, x) => (typeof x === 'bigint' ? `${x}n` : x)) ?? 'undefined'
  if (!isDeepStrictEqual(actual, expected)) throw new Error(`${what}: ${text(actual)}, expected ${text(expected)}`)
}

export type { ModelItem }
