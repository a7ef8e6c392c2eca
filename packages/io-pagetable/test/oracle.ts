// The naive model of io-pagetable: lists, sets and scans, written from the specification and sharing no code with the package.
import { PAGE, U64_MAX } from './fakes.ts'

const WRITE = 2
const READ = 1
const P = BigInt(PAGE)

/** What a model operation answers: an errno or OK, and what the operation returns. */
export interface Answer {
  readonly code: string
  readonly value?: unknown
}

/** User memory of the model: per page its frame and protection. */
export interface ModelMemory {
  readonly pfns: readonly number[]
  readonly prot: ('rw' | 'r' | 'none')[]
  readonly address: bigint
  /** False: its pages are pinned on nobody's account. */
  readonly charged: boolean
}

/** A shared pages object; `records` are the access records by "first-last". */
export interface ModelPages {
  readonly memory: ModelMemory
  /** Page of the memory that is index 0. May lie outside of the memory. */
  readonly firstPage: number
  readonly base: bigint
  readonly npages: number
  readonly writable: boolean
  readonly records: Map<string, { first: number; last: number; users: number }>
}

export interface ModelArea {
  iova: bigint
  last: bigint
  pages: ModelPages
  startByte: bigint
  prot: number
  numAccesses: number
  preventAccess: boolean
}

export interface ModelDomain {
  readonly pageSize: number
  readonly start: bigint
  readonly last: bigint
}

export interface ModelItem {
  readonly iova: bigint
  readonly length: bigint
}

/** A software user: it holds on for `patience` notifications that concern it, then lets go. */
export class ModelOwner {
  readonly needsPin: boolean
  readonly patience: number
  items: ModelItem[] = []
  #seen = 0

  constructor(needsPin: boolean, patience: number) {
    this.needsPin = needsPin
    this.patience = patience
  }

  /** The items that it drops when told of an unmap. */
  told(iova: bigint, length: bigint): ModelItem[] {
    const hit = this.items.filter((item) => item.iova < iova + length && item.iova + item.length > iova)
    if (hit.length === 0 || this.#seen++ < this.patience) return []
    this.#seen = 0
    this.items = this.items.filter((item) => !hit.includes(item))
    return hit
  }
}

const fail = (code: string, value?: unknown): never => {
  throw { code, value } satisfies Answer
}

export class ModelWorld {
  readonly tables: ModelTable[]
  limitPages: number = Number.POSITIVE_INFINITY

  constructor(ntables: number) {
    this.tables = Array.from({ length: ntables }, () => new ModelTable(this))
  }

  /** Every pages object that an area refers to, or that has records. */
  allPages(): Set<ModelPages> {
    return new Set(this.tables.flatMap((table) => table.areas.map((area) => area.pages)))
  }

  /** Indexes of `pages` that somebody holds. */
  held(pages: ModelPages): Set<number> {
    const indexes = new Set<number>()
    const hold = (first: number, last: number): void => {
      for (let k = first; k <= last; k++) indexes.add(k)
    }
    for (const { first, last } of pages.records.values()) hold(first, last)
    for (const table of this.tables) {
      if (table.domains.length === 0) continue
      for (const area of table.areas) if (area.pages === pages) hold(...indexesOf(area, area.iova, area.last))
    }
    return indexes
  }

  get chargedPages(): number {
    let total = 0
    for (const pages of this.allPages()) if (pages.memory.charged) total += this.held(pages).size
    return total
  }

  get pinnedPages(): number {
    let total = 0
    for (const pages of this.allPages()) total += this.held(pages).size
    return total
  }

  /** Expected pins of each frame. */
  pins(): Map<number, number> {
    const pins = new Map<number, number>()
    for (const pages of this.allPages()) {
      for (const index of this.held(pages)) {
        const pfn = pages.memory.pfns[pages.firstPage + index]!
        pins.set(pfn, (pins.get(pfn) ?? 0) + 1)
      }
    }
    return pins
  }

  /** Would pinning these index ranges one after the other work? Throws EFAULT or ENOMEM as the first failing one does. */
  tryFill(parts: readonly { pages: ModelPages; first: number; last: number }[]): void {
    const extra = new Map<ModelPages, Set<number>>()
    let charged = this.chargedPages
    for (const { pages, first, last } of parts) {
      const held = extra.get(pages) ?? this.held(pages)
      extra.set(pages, held)
      let fresh = 0
      for (let k = first; k <= last; k++) {
        if (held.has(k)) continue
        const prot = pages.memory.prot[pages.firstPage + k]
        if (prot === undefined || prot === 'none' || (pages.writable && prot === 'r')) fail('EFAULT')
        held.add(k)
        if (pages.memory.charged) fresh++
      }
      if (fresh > 0 && charged + fresh > this.limitPages) fail('ENOMEM')
      charged += fresh
    }
  }
}

function greatest(a: bigint, b: bigint): bigint {
  if (a > b) return a
  return b
}

/** First and last page index under [iova, last] of an area. */
export function indexesOf(area: ModelArea, iova: bigint, last: bigint): [number, number] {
  return [Number((area.startByte + iova - area.iova) / P), Number((area.startByte + last - area.iova) / P)]
}

const meets = (a: { start: bigint; last: bigint }, start: bigint, last: bigint): boolean => a.start <= last && a.last >= start

export interface ModelSlice {
  pages: ModelPages
  startByte: bigint
  length: bigint
}

export class ModelTable {
  readonly world: ModelWorld
  areas: ModelArea[] = []
  reserved: { start: bigint; last: bigint; owner: unknown }[] = []
  allowed: { start: bigint; last: bigint }[] = []
  domains: ModelDomain[] = []
  accesses = new Map<number, ModelOwner>()
  largePages = true

  constructor(world: ModelWorld) {
    this.world = world
  }

  /** J5 by definition: there is no cached value. */
  get alignment(): number {
    const asked = [this.largePages ? 1 : PAGE, ...this.domains.map((domain) => domain.pageSize)]
    for (const owner of this.accesses.values()) if (owner.needsPin) asked.push(PAGE)
    return Math.max(...asked)
  }

  #aligned(alignment: number): boolean {
    const a = BigInt(alignment)
    return this.areas.every((area) => area.iova % a === 0n && (area.last + 1n - area.iova) % a === 0n && (area.startByte % P) % a === 0n)
  }

  #usersOf(start: bigint, last: bigint): ModelArea[] {
    return this.areas.filter((area) => meets({ start: area.iova, last: area.last }, start, last))
  }

  /** The maximal free runs of [first, last], with nothing reserved and no area, ascending. */
  #freeRuns(first: bigint, last: bigint): { start: bigint; last: bigint }[] {
    const busy = [...this.reserved, ...this.areas.map((area) => ({ start: area.iova, last: area.last }))].sort((a, b) =>
      a.start < b.start ? -1 : 1,
    )
    const runs = []
    let at = first
    for (const range of busy) {
      if (range.start > at) runs.push({ start: at, last: range.start - 1n < last ? range.start - 1n : last })
      if (range.last + 1n > at) at = range.last + 1n
      if (at > last) return runs.filter((run) => run.start <= run.last)
    }
    runs.push({ start: at, last })
    return runs.filter((run) => run.start <= run.last)
  }

  /** Spec B4 by lists. */
  allocate(address: bigint, length: bigint): bigint {
    if (length === 0n || length >= 0x7fff_ffff_ffff_ffffn) fail('EOVERFLOW')
    let alignment = 1n
    while (alignment < length) alignment *= 2n
    if (address !== 0n && (address & -address) < alignment) alignment = address & -address
    if (alignment > 0x20_0000n) alignment = 0x20_0000n
    if (alignment < BigInt(this.alignment)) fail('EINVAL')
    const fit = (start: bigint, last: bigint): bigint | undefined => {
      const at = ((start + alignment - 1n) / alignment) * alignment
      const a = at | (address % P)
      return at <= U64_MAX && a < last && last - a >= length - 1n ? a : undefined
    }
    for (const region of this.#regions()) {
      const start = fit(region.start, region.last)
      if (start === undefined) continue
      for (const run of this.#freeRuns(start, region.last)) {
        const found = fit(run.start, run.last)
        if (found !== undefined) return found
      }
    }
    return fail('ENOSPC')
  }

  #regions(): { start: bigint; last: bigint }[] {
    const first = P
    const last = U64_MAX - P
    if (this.allowed.length === 0) return [{ start: first, last }]
    const merged: { start: bigint; last: bigint }[] = []
    for (const range of [...this.allowed].sort((a, b) => (a.start < b.start ? -1 : 1))) {
      const before = merged.at(-1)
      if (before !== undefined && range.start <= before.last + 1n) before.last = greatest(range.last, before.last)
      else merged.push({ ...range })
    }
    return merged
      .map((range) => ({ start: range.start < first ? first : range.start, last: range.last > last ? last : range.last }))
      .filter((range) => range.start <= range.last)
  }

  mapUser(memory: ModelMemory, address: bigint, length: bigint, iova: bigint | undefined, prot: number): Answer {
    return answer(() => {
      if (length === 0n || length > U64_MAX - P) fail('EINVAL')
      if (address + length > U64_MAX) fail('EOVERFLOW')
      const base = (address / P) * P
      const pages: ModelPages = {
        memory,
        firstPage: Number((base - memory.address) / P),
        base,
        npages: Number((length + (address - base) + P - 1n) / P),
        writable: (prot & WRITE) !== 0,
        records: new Map(),
      }
      return this.#map([{ pages, startByte: address - base, length }], length, iova, prot)
    })
  }

  #map(slices: readonly ModelSlice[], length: bigint, iova: bigint | undefined, prot: number): bigint {
    const alignment = BigInt(this.alignment)
    if (length === 0n || length % alignment !== 0n) fail('EINVAL')
    const [head] = slices
    let at = iova ?? this.allocate(head!.pages.base + head!.startByte, length)
    if (iova !== undefined) {
      if (iova % alignment !== 0n) fail('EINVAL')
      if (iova + length - 1n > U64_MAX) fail('EOVERFLOW')
      if (this.reserved.some((range) => meets(range, iova, iova + length - 1n))) fail('EINVAL')
      if (this.#usersOf(iova, iova + length - 1n).length > 0) fail('EEXIST')
    }
    const start = at
    const fresh: ModelArea[] = []
    for (const slice of slices) {
      if ((prot & WRITE) !== 0 && !slice.pages.writable) fail('EPERM')
      if ((slice.startByte % P) % alignment !== 0n) fail('EINVAL')
      const area = {
        iova: at,
        last: at + slice.length - 1n,
        pages: slice.pages,
        startByte: slice.startByte,
        prot,
        numAccesses: 0,
        preventAccess: false,
      }
      fresh.push(area)
      at += slice.length
    }
    this.#fill(fresh, this.domains)
    this.areas.push(...fresh)
    return start
  }

  /** The pins, charges and the strictness of `domains` that filling these areas meets. */
  #fill(areas: readonly ModelArea[], domains: readonly ModelDomain[]): void {
    if (domains.length === 0) return
    for (const area of areas) {
      const [first, last] = indexesOf(area, area.iova, area.last)
      // Inner borders of a copied list may be too fine for a domain, which then refuses the map (K4). Pins come before maps.
      const misaligned = domains.some((domain) =>
        [area.iova, area.last + 1n, area.startByte].some((x) => x % BigInt(domain.pageSize) !== 0n),
      )
      try {
        this.world.tryFill([...this.#before(areas, area), { pages: area.pages, first, last }])
      } catch (error) {
        // Charging comes last; a map of the first batch may come before the pin of a later one.
        if (misaligned && error instanceof Error === false) fail((error as Answer).code === 'ENOMEM' ? 'EINVAL' : 'EFAULT|EINVAL')
        throw error
      }
      if (misaligned) fail('EINVAL')
    }
  }

  #before(areas: readonly ModelArea[], area: ModelArea): { pages: ModelPages; first: number; last: number }[] {
    return areas.slice(0, areas.indexOf(area)).map((one) => {
      const [first, last] = indexesOf(one, one.iova, one.last)
      return { pages: one.pages, first, last }
    })
  }

  /** The steps that cover [iova, last] without a gap, and whether they cover it all. */
  #walk(iova: bigint, last: bigint): { steps: { area: ModelArea; first: bigint; last: bigint }[]; done: boolean } {
    const steps = []
    for (let at = iova; ; ) {
      const area = this.areas.find((one) => one.iova <= at && one.last >= at)
      if (area === undefined) return { steps, done: false }
      steps.push({ area, first: at, last: area.last < last ? area.last : last })
      if (last <= area.last) return { steps, done: true }
      at = area.last + 1n
    }
  }

  getPages(iova: bigint, length: bigint): ModelSlice[] {
    if (length === 0n) fail('EINVAL')
    if (iova + length - 1n > U64_MAX) fail('EOVERFLOW')
    const { steps, done } = this.#walk(iova, iova + length - 1n)
    if (!done) fail('ENOENT')
    return steps.map(({ area, first, last }) => ({
      pages: area.pages,
      startByte: area.startByte + first - area.iova,
      length: last - first + 1n,
    }))
  }

  copyFrom(source: ModelTable, sourceIova: bigint, length: bigint, iova: bigint | undefined, prot: number): Answer {
    return answer(() => this.#map(source.getPages(sourceIova, length), length, iova, prot))
  }

  /** Spec B9; `tell` is told of each notification, so that the real owners' items can be dropped with the model's. */
  unmap(start: bigint, last: bigint): Answer {
    let bytes = 0n
    let tries = 0
    let at = start
    for (;;) {
      const area = this.#usersOf(at, last).sort((a, b) => (a.iova < b.iova ? -1 : 1))[0]
      if (area === undefined) return { code: 'OK', value: bytes }
      if (area.iova < at || area.last > last) return { code: 'ENOENT', value: bytes }
      if (area.numAccesses > 0) {
        at = area.iova
        area.preventAccess = true
        for (const id of [...this.accesses.keys()].sort((a, b) => a - b)) {
          const owner = this.accesses.get(id)!
          if (!owner.needsPin) continue
          for (const item of owner.told(area.iova, area.last - area.iova + 1n)) this.#release(item)
        }
        if (++tries > 100) return { code: 'EDEADLOCK', value: bytes }
        continue
      }
      this.areas = this.areas.filter((one) => one !== area)
      bytes += area.last - area.iova + 1n
      if (area.last >= last) return { code: 'OK', value: bytes }
      at = area.last + 1n
      tries = 0
    }
  }

  unmapIova(iova: bigint, length: bigint): Answer {
    if (length === 0n) return { code: 'EINVAL' }
    if (iova + length - 1n > U64_MAX) return { code: 'EOVERFLOW' }
    return this.unmap(iova, iova + length - 1n)
  }

  reserve(start: bigint, last: bigint, owner: unknown): Answer {
    return answer(() => {
      if (start > last) fail('EINVAL')
      if (this.#usersOf(start, last).length > 0 || this.allowed.some((range) => meets(range, start, last))) fail('EADDRINUSE')
      this.reserved.push({ start, last, owner })
    })
  }

  removeReserved(owner: unknown): Answer {
    this.reserved = this.reserved.filter((range) => range.owner !== owner)
    return { code: 'OK' }
  }

  setAllowed(ranges: readonly { start: bigint; last: bigint }[]): Answer {
    return answer(() => {
      for (const [k, range] of ranges.entries()) {
        if (range.start > range.last || ranges.slice(0, k).some((one) => meets(one, range.start, range.last))) fail('EINVAL')
      }
      if (ranges.some((range) => this.reserved.some((one) => meets(one, range.start, range.last)))) fail('EADDRINUSE')
      this.allowed = [...ranges]
    })
  }

  enforce(owner: unknown, regions: readonly { start: bigint; length: bigint; type: string }[], wantSwMsi: boolean): Answer {
    const software = wantSwMsi ? regions.filter((region) => region.type === 'sw-msi') : []
    const hardware = wantSwMsi ? regions.filter((region) => region.type === 'msi') : []
    for (const region of regions) {
      if (region.type === 'direct-relaxable') continue
      const result = this.reserve(region.start, region.start + region.length - 1n, owner)
      if (result.code !== 'OK') {
        this.removeReserved(owner)
        return result
      }
    }
    if ((software.length > 0 && hardware.length > 0) || software.length > 1) {
      this.removeReserved(owner)
      return { code: 'EINVAL' }
    }
    return { code: 'OK', value: software[0]?.start }
  }

  /** The complement of the reserved ranges, by scanning. */
  ranges(): { start: bigint; last: bigint }[] {
    const areas = this.areas
    this.areas = []
    const runs = this.#freeRuns(0n, U64_MAX)
    this.areas = areas
    return runs
  }

  addDomain(domain: ModelDomain): Answer {
    const before = [...this.reserved]
    const result = answer(() => {
      if (this.domains.includes(domain)) fail('EEXIST')
      const alignment = Math.max(domain.pageSize, this.alignment)
      if (alignment > PAGE) fail('EINVAL')
      if (alignment !== this.alignment && !this.#aligned(alignment)) fail('EADDRINUSE')
      for (const [start, last] of [
        [0n, domain.start - 1n],
        [domain.last + 1n, U64_MAX],
      ] as const) {
        if (start > last) continue
        const reserved = this.reserve(start, last, domain)
        if (reserved.code !== 'OK') fail(reserved.code)
      }
      this.#fill(
        [...this.areas].sort((a, b) => (a.iova < b.iova ? -1 : 1)),
        [domain],
      )
    })
    if (result.code !== 'OK') this.reserved = before
    else this.domains.push(domain)
    return result
  }

  removeDomain(domain: ModelDomain): Answer {
    const position = this.domains.indexOf(domain)
    const moved = this.domains.pop()!
    if (position < this.domains.length) this.domains[position] = moved
    return this.removeReserved(domain)
  }

  addAccess(owner: ModelOwner): Answer {
    return answer(() => {
      if (owner.needsPin && !this.#aligned(PAGE)) fail('EADDRINUSE')
      let id = 0
      while (this.accesses.has(id)) id++
      this.accesses.set(id, owner)
      return id
    })
  }

  pin(owner: ModelOwner, iova: bigint, length: bigint, write: boolean): Answer {
    return answer(() => {
      if (length === 0n) fail('EINVAL')
      if (iova + length - 1n > U64_MAX) fail('EOVERFLOW')
      const { steps, done } = this.#walk(iova, iova + length - 1n)
      const parts: { pages: ModelPages; first: number; last: number }[] = []
      const pfns: number[] = []
      for (const [k, step] of steps.entries()) {
        const { area } = step
        if (area.preventAccess) fail('EINVAL')
        if ((area.startByte + step.first - area.iova) % P !== 0n) fail('EINVAL')
        const continues = k < steps.length - 1 || !done
        if (continues && (area.startByte + area.last - area.iova) % P !== P - 1n) fail('EINVAL')
        if ((area.prot & (write ? WRITE : READ)) === 0) fail('EPERM')
        const [first, last] = indexesOf(area, step.first, step.last)
        parts.push({ pages: area.pages, first, last })
        this.world.tryFill(parts)
        for (let index = first; index <= last; index++) pfns.push(area.pages.memory.pfns[area.pages.firstPage + index]!)
      }
      if (!done) fail('ENOENT')
      for (const [k, { pages, first, last }] of parts.entries()) {
        const record = pages.records.get(`${first}-${last}`)
        if (record === undefined) pages.records.set(`${first}-${last}`, { first, last, users: 1 })
        else record.users++
        steps[k]!.area.numAccesses++
      }
      owner.items.push({ iova, length })
      return pfns
    })
  }

  unpin(owner: ModelOwner, item: ModelItem): Answer {
    owner.items = owner.items.filter((one) => one !== item)
    this.#release(item)
    return { code: 'OK' }
  }

  #release(item: ModelItem): void {
    for (const { area, first, last } of this.#walk(item.iova, item.iova + item.length - 1n).steps) {
      const key = indexesOf(area, first, last).join('-')
      const record = area.pages.records.get(key)!
      if (--record.users === 0) area.pages.records.delete(key)
      area.numAccesses--
    }
  }

  removeAccess(id: number): Answer {
    const owner = this.accesses.get(id)!
    for (const item of owner.items) this.#release(item)
    owner.items = []
    this.accesses.delete(id)
    return { code: 'OK' }
  }

  /** Spec B16 rw up to the first refusal: the pieces that are copied, and how it ends. */
  rwPlan(
    iova: bigint,
    length: bigint,
    write: boolean,
  ): { pieces: { pages: ModelPages; startByte: bigint; length: number }[]; code: string } {
    if (length === 0n) return { pieces: [], code: 'EINVAL' }
    if (iova + length - 1n > U64_MAX) return { pieces: [], code: 'EOVERFLOW' }
    const { steps, done } = this.#walk(iova, iova + length - 1n)
    const pieces = []
    for (const { area, first, last } of steps) {
      if (area.preventAccess) return { pieces, code: 'EINVAL' }
      if ((area.prot & (write ? WRITE : READ)) === 0) return { pieces, code: 'EPERM' }
      pieces.push({ pages: area.pages, startByte: area.startByte + first - area.iova, length: Number(last - first + 1n) })
    }
    return { pieces, code: done ? 'OK' : 'ENOENT' }
  }

  setLargePages(enabled: boolean): Answer {
    return answer(() => {
      if (!enabled && this.largePages) {
        if (this.domains.length > 0 && this.areas.length > 0) fail('EINVAL')
        if (!this.#aligned(PAGE)) fail('EADDRINUSE')
      }
      this.largePages = enabled
    })
  }

  cut(points: readonly bigint[]): Answer {
    return answer(() => {
      for (const point of points) {
        const area = this.areas.find((one) => one.iova <= point && one.last >= point)
        if (area === undefined || point === area.iova || point === area.last) continue
        if (area.preventAccess) fail('EBUSY')
        const right = area.startByte + point + 1n - area.iova
        if ((point + 1n) % BigInt(this.alignment) !== 0n || right % BigInt(this.alignment) !== 0n) fail('EINVAL')
        if (area.numAccesses > 0) fail('EINVAL')
        if (this.domains.length > 0 && this.largePages) fail('EINVAL')
        this.areas = this.areas.filter((one) => one !== area)
        this.areas.push({ ...area, last: point }, { ...area, iova: point + 1n, startByte: right })
      }
    })
  }

  /** Last IOVA that a dirty read of a range reaches. */
  scannedLast(iova: bigint, length: bigint): bigint | undefined {
    return this.#walk(iova, iova + length - 1n).steps.at(-1)?.last
  }
}

function answer(body: () => unknown): Answer {
  try {
    return { code: 'OK', value: body() }
  } catch (error) {
    if (error instanceof Error) throw error
    return error as Answer
  }
}
