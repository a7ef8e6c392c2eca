// Test support: a small driver, page table, memory and process of this package's own, so that its tests need no hardware package.

import type {
  DriverTestOps,
  FileTable,
  IommuDevice,
  IommuDriver,
  NestedDomain,
  OpenFile,
  Process,
  UserBlob,
  UserMemory,
} from '@iommukit/iommufd'
import type { DirtySink, DomainDirty, FrameMemory, IommuDomain, PageSource, PfnRunSink } from '@iommukit/pfn-reader'
import { IommuError } from '@iommukit/pfn-reader'

const IO_PAGE = 2048n

export const fault = (message: string): IommuError => new IommuError('EFAULT', message)

/** All frames of the fake computer; frame 0 is never used. Pins are counted per frame. */
export class FakeFrames implements FrameMemory {
  readonly pages: Uint8Array[] = [new Uint8Array(0)]
  readonly pins: number[] = [0]

  add(): number {
    this.pages.push(new Uint8Array(4096))
    this.pins.push(0)
    return this.pages.length - 1
  }

  get pinnedTotal(): number {
    return this.pins.reduce((sum, pins) => sum + pins, 0)
  }

  copyOut(pfn: number, offsetInPage: number, out: Uint8Array): void {
    out.set(this.pages[pfn]!.subarray(offsetInPage, offsetInPage + out.length))
  }

  copyIn(pfn: number, offsetInPage: number, data: Uint8Array): void {
    this.pages[pfn]!.set(data, offsetInPage)
  }
}

type Protection = 'rw' | 'r'

/** A process's memory: pages by number. Counts the bytes that were read and written through it. */
export class FakeMemory implements UserMemory {
  readonly #frames: FakeFrames
  readonly #pages: Map<bigint, { pfn: number; prot: Protection }> = new Map()
  bytesRead = 0
  bytesWritten = 0
  /** The `failIn`-th call of `read` or `write` from now on, and all after it, fail with EFAULT. */
  failIn: number = Number.POSITIVE_INFINITY

  constructor(frames: FakeFrames) {
    this.#frames = frames
  }

  #count(): void {
    if (--this.failIn <= 0) throw fault('injected')
  }

  map(address: bigint, npages: number, prot: Protection = 'rw'): void {
    for (let k = 0n; k < BigInt(npages); k++) this.#pages.set(address / 4096n + k, { pfn: this.#frames.add(), prot })
  }

  protect(address: bigint, prot: Protection | 'none'): void {
    const page = this.#pages.get(address / 4096n)
    if (prot === 'none') this.#pages.delete(address / 4096n)
    else if (page !== undefined) page.prot = prot
  }

  read(address: bigint, out: Uint8Array): void {
    this.#count()
    this.#each(address, out.length, 'r', (pfn, inPage, start, length) => {
      this.bytesRead += length
      this.#frames.copyOut(pfn, inPage, out.subarray(start, start + length))
    })
  }

  write(address: bigint, data: Uint8Array): void {
    this.#count()
    this.#each(address, data.length, 'rw', (pfn, inPage, start, length) => {
      this.bytesWritten += length
      this.#frames.copyIn(pfn, inPage, data.subarray(start, start + length))
    })
  }

  #each(
    address: bigint,
    byteLength: number,
    prot: Protection,
    visit: (pfn: number, inPage: number, start: number, length: number) => void,
  ): void {
    if (address + BigInt(byteLength) > 1n << 64n) throw new RangeError(`0x${address.toString(16)} + ${byteLength} passes 2^64`)
    let start = 0
    while (start < byteLength) {
      const at = address + BigInt(start)
      const page = this.#pages.get(at / 4096n)
      if (page === undefined || (prot === 'rw' && page.prot === 'r')) throw fault(`0x${at.toString(16)} cannot be accessed`)
      const inPage = Number(at % 4096n)
      const length = Math.min(4096 - inPage, byteLength - start)
      visit(page.pfn, inPage, start, length)
      start += length
    }
  }

  pfnOf(address: bigint): number | undefined {
    return this.#pages.get(address / 4096n)?.pfn
  }

  pageSource(base: bigint): PageSource {
    const frames = this.#frames
    return {
      pin: (firstIndex: number, npages: number, write: boolean, into: PfnRunSink): number => {
        let done = 0
        while (done < npages) {
          const page = this.#pages.get(base / 4096n + BigInt(firstIndex + done))
          if (page === undefined || (write && page.prot === 'r')) break
          if (!into.add(page.pfn, 1)) return done
          frames.pins[page.pfn]!++
          done++
        }
        if (done === 0) throw fault('no page can be pinned')
        return done
      },
      unpin: (pfn: number, npfns: number): void => {
        for (let k = pfn; k < pfn + npfns; k++) frames.pins[k]!--
      },
    }
  }
}

/** A flat page table of 2048-byte units, aperture 16 MiB to 2 GiB, with dirty bits on demand. */
export class FakeDomain implements IommuDomain {
  readonly pgsizeBitmap: bigint
  readonly aperture = { start: 0x100_0000n, last: 0x7fff_ffffn }
  readonly units: Map<bigint, bigint> = new Map()
  readonly dirtyUnits: Set<bigint> = new Set()
  readonly dirty?: DomainDirty
  tracking = false
  flushes = 0

  constructor(dirtyTracking: boolean, pgsizeBitmap = IO_PAGE) {
    this.pgsizeBitmap = pgsizeBitmap
    if (dirtyTracking) {
      this.dirty = {
        setTracking: (enabled) => {
          this.tracking = enabled
        },
        readAndClear: (iova, length, noClear, sink) => this.#readAndClear(iova, length, noClear, sink),
      }
    }
  }

  #readAndClear(iova: bigint, length: bigint, noClear: boolean, sink: DirtySink | undefined): void {
    if (sink !== undefined && !this.tracking) throw new IommuError('EINVAL', 'tracking is off')
    const unit = 1n << BigInt(this.pgsizeBitmap.toString(2).length - 1)
    for (let at = iova; at < iova + length; at += unit) {
      const head = at - (at % unit)
      let isDirty = false
      for (let key = head; key < head + unit; key += IO_PAGE) {
        isDirty ||= this.dirtyUnits.has(key)
        if (!noClear) this.dirtyUnits.delete(key)
      }
      if (isDirty) sink?.record(at, unit)
    }
  }

  map(iova: bigint, phys: bigint, length: bigint): void {
    for (let done = 0n; done < length; done += IO_PAGE) this.units.set(iova + done, phys + done)
  }

  mapAt(iovaHi: number, iovaLo: number, phys: number, length: number): void {
    this.map((BigInt(iovaHi) << 32n) | BigInt(iovaLo), BigInt(phys), BigInt(length))
  }

  unmap(iova: bigint, length: bigint): bigint {
    for (let done = 0n; done < length; done += IO_PAGE) this.units.delete(iova + done)
    return length
  }

  unmapAt(iovaHi: number, iovaLo: number, length: number): number {
    return Number(this.unmap((BigInt(iovaHi) << 32n) | BigInt(iovaLo), BigInt(length)))
  }

  iovaToPhys(iova: bigint): bigint | undefined {
    const unit = this.units.get(iova - (iova % IO_PAGE))
    return unit === undefined ? undefined : unit + (iova % IO_PAGE)
  }

  readRuns(iova: bigint, npages: number, into: PfnRunSink): number {
    let at = iova
    for (let k = 0; k < npages; k++) {
      const phys = this.iovaToPhys(at)
      if (phys === undefined) throw new Error(`0x${at.toString(16)} is not mapped`)
      if (!into.add(Number(phys / 4096n), 1)) return k
      at += 4096n - (phys % 4096n)
    }
    return npages
  }

  readRunsAt(iovaHi: number, iovaLo: number, npages: number, into: PfnRunSink): number {
    return this.readRuns((BigInt(iovaHi) << 32n) | BigInt(iovaLo), npages, into)
  }

  flush(): void {
    this.flushes++
  }
}

/** Four words; a request is {u32 flags, u32 index}, flags not 0: EOPNOTSUPP. */
export class FakeNestedDomain implements NestedDomain {
  readonly parent: IommuDomain
  readonly words: number[]

  constructor(parent: IommuDomain, word: number) {
    this.parent = parent
    this.words = [word, word, word, word]
  }

  invalidate(dataType: number, entryLength: number, entryNum: number, read: (k: number) => Uint8Array): { done: number; code?: string } {
    if (dataType !== 0xdeadbeef) return { done: 0, code: 'EINVAL' }
    for (let done = 0; done < entryNum; done++) {
      if (entryLength !== 8) return { done, code: 'EINVAL' }
      const entry = read(done)
      const view = new DataView(entry.buffer, entry.byteOffset, entry.length)
      if (view.getUint32(0, true) !== 0) return { done, code: 'EOPNOTSUPP' }
      const index = view.getUint32(4, true)
      if (index > 3) return { done, code: 'EINVAL' }
      this.words[index] = 0
    }
    return { done: entryNum }
  }
}

export class FakeDevice implements IommuDevice {
  readonly dirtyTracking: boolean
  readonly hwInfo = { type: 0xfeedbeef, data: Uint8Array.of(0, 0, 0, 0, 0xef, 0xbe, 0xad, 0xde) }
  readonly reservedRegions: { start: bigint; length: bigint; type: 'reserved' }[] = []
  enforcesCoherency = false
  attached: IommuDomain | NestedDomain | undefined
  attachCalls = 0
  /** Domains that `attach` refuses with this errno. */
  refuse: { code: 'EINVAL' | 'ENOMEM'; domain: (domain: IommuDomain | NestedDomain) => boolean } | undefined
  readonly #hugePages: boolean

  constructor(deviceFlags: number) {
    this.dirtyTracking = (deviceFlags & 1) === 0
    this.#hugePages = (deviceFlags & 2) !== 0
  }

  createPagingDomain(options: { nestParent: boolean; dirtyTracking: boolean }): IommuDomain {
    return new FakeDomain(options.dirtyTracking, this.#hugePages ? IO_PAGE | (1n << 20n) : IO_PAGE)
  }

  createNestedDomain(parent: IommuDomain, dataType: number, data: UserBlob): NestedDomain {
    if (dataType !== 0xdead) throw new IommuError('EOPNOTSUPP', 'data type')
    const blob = data.read(4, 4)
    return new FakeNestedDomain(parent, new DataView(blob.buffer).getUint32(0, true))
  }

  checkAttach(domain: IommuDomain | NestedDomain): void {
    if (this.refuse?.domain(domain)) throw new IommuError(this.refuse.code, 'refused')
    if (domain instanceof FakeDomain && domain.dirty !== undefined && !this.dirtyTracking) throw new IommuError('EINVAL', 'dirty')
  }

  attach(domain: IommuDomain | NestedDomain): void {
    this.checkAttach(domain)
    this.attachCalls++
    this.attached = domain
  }

  detach(): void {
    this.attached = undefined
  }
}

export class FakeDriver implements IommuDriver {
  readonly frames: FakeFrames
  readonly temp = { limitBytes: 65536 }
  readonly devices: FakeDevice[] = []
  readonly test?: DriverTestOps
  /** Called with each new device, before anything else sees it. */
  prepare: (device: FakeDevice) => void = () => {}

  constructor(frames: FakeFrames, withTestOps = true) {
    this.frames = frames
    if (withTestOps) this.test = this.#testOps()
  }

  createDevice(deviceFlags: number): IommuDevice {
    if (deviceFlags > 3) throw new IommuError('EINVAL', 'device flags')
    const device = new FakeDevice(deviceFlags)
    this.prepare(device)
    this.devices.push(device)
    return device
  }

  #testOps(): DriverTestOps {
    const tracking = (domain: IommuDomain): boolean => domain instanceof FakeDomain && domain.tracking
    return {
      ioPageSize: Number(IO_PAGE),
      trackingEnabled: tracking,
      checkMap: (domain, iova, length, memory, address) => {
        for (let done = 0n; done < length; done += IO_PAGE) {
          const pfn = memory.pfnOf(address + done)
          if (pfn === undefined) throw fault('checkMap')
          const phys = BigInt(pfn) * 4096n + ((address + done) % 4096n)
          if (domain.iovaToPhys(iova + done) !== phys) throw new IommuError('EINVAL', 'checkMap')
        }
      },
      checkRefs: (memory, address, length, refs) => {
        for (let done = 0n; done < length; done += 4096n) {
          const pfn = memory.pfnOf(address + done)
          if (pfn === undefined) throw fault('checkRefs')
          if (this.frames.pins[pfn] !== refs) throw new IommuError('EIO', 'checkRefs')
        }
      },
      checkFrames: (pfns, memory, address) => {
        for (let k = 0; k < pfns.length; k++) {
          const pfn = memory.pfnOf(address + BigInt(k) * 4096n)
          if (pfn === undefined) throw fault('checkFrames')
          if (pfn !== pfns[k]) throw new IommuError('EBADE', 'checkFrames')
        }
      },
      markDirty: (domain, iova, pageSize, nbits, bitmap) => {
        if (!(domain instanceof FakeDomain)) return 0
        let marked = 0
        for (let k = 0; k < nbits; k++) {
          if ((bitmap[k >> 3]! & (1 << (k & 7))) === 0) continue
          const unit = (iova / pageSize + BigInt(k)) * IO_PAGE
          if (!domain.units.has(unit)) continue
          domain.dirtyUnits.add(unit)
          marked++
        }
        return marked
      },
      checkIotlb: (domain, index, expected) => {
        const word = domain instanceof FakeNestedDomain ? domain.words[index] : undefined
        if (word !== expected) throw new IommuError('EINVAL', 'checkIotlb')
      },
      setTempMemoryLimit: (limitBytes) => {
        if (limitBytes < 12) throw new IommuError('EINVAL', 'limit')
        this.temp.limitBytes = limitBytes
      },
    }
  }
}

export class FakeFiles implements FileTable {
  readonly #files: Map<number, OpenFile> = new Map()

  get count(): number {
    return this.#files.size
  }

  install(file: OpenFile): number {
    let fd = 3
    while (this.#files.has(fd)) fd++
    this.#files.set(fd, file)
    return fd
  }

  get(fd: number): OpenFile | undefined {
    return this.#files.get(fd)
  }

  remove(fd: number): void {
    this.#files.delete(fd)
  }

  close(fd: number): void {
    const file = this.#files.get(fd)
    this.#files.delete(fd)
    file?.release()
  }

  closeAll(): void {
    for (const fd of [...this.#files.keys()]) this.close(fd)
  }
}

export class FakeProcess implements Process {
  readonly memory: FakeMemory
  readonly files: FakeFiles = new FakeFiles()
  readonly capabilities = { ipcLock: true, sysResource: true }
  readonly charged = { none: 0, user: 0, mm: 0 }
  limitPages = Number.POSITIVE_INFINITY
  readonly accounting: Process['accounting'] = {
    charge: (mode, npages) => {
      if (mode !== 'none' && this.charged[mode] + npages > this.limitPages) throw new IommuError('ENOMEM', 'limit')
      this.charged[mode] += npages
    },
    uncharge: (mode, npages) => {
      this.charged[mode] -= npages
    },
  }

  constructor(frames: FakeFrames) {
    this.memory = new FakeMemory(frames)
  }
}
