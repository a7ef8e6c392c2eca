// Test helpers: a naive bitmap, guarded memory, and sources that count, cut short and fail on order.
import type { BitmapSource } from '@iommukit/iova-bitmap'

export const MAX: bigint = 0xffff_ffff_ffff_ffffn

/** A set of page numbers, and nothing clever: what every bitmap is compared with. */
export class NaiveBitmap {
  readonly iova: bigint
  readonly last: bigint
  readonly pageSize: bigint
  readonly pages: Set<bigint> = new Set()

  constructor(iova: bigint, last: bigint, pageSize: bigint) {
    this.iova = iova
    this.last = last
    this.pageSize = pageSize
  }

  get npages(): bigint {
    return (this.last - this.iova) / this.pageSize + 1n
  }

  bounds(page: bigint): [bigint, bigint] {
    const begin = this.iova + page * this.pageSize
    const end = begin + this.pageSize - 1n
    return [begin, end > this.last ? this.last : end]
  }

  /** Pages that meet the range, by asking each one. */
  touched(iova: bigint, length: bigint): bigint[] {
    return this.all().filter((page) => {
      const [begin, end] = this.bounds(page)
      return length > 0n && begin <= iova + length - 1n && iova <= end
    })
  }

  /** Pages wholly inside the range, as far as they are covered. */
  inside(iova: bigint, length: bigint): bigint[] {
    return this.all().filter((page) => {
      const [begin, end] = this.bounds(page)
      return length > 0n && iova <= begin && end <= iova + length - 1n
    })
  }

  set(iova: bigint, length: bigint): number {
    const touched = this.touched(iova, length)
    for (const page of touched) this.pages.add(page)
    return touched.length
  }

  clear(iova: bigint, length: bigint, outward: boolean): number {
    const pages = outward ? this.touched(iova, length) : this.inside(iova, length)
    for (const page of pages) this.pages.delete(page)
    return pages.length
  }

  count(iova: bigint, length: bigint): number {
    return this.touched(iova, length).filter((page) => this.pages.has(page)).length
  }

  /** Maximal runs among the pages touched, as `iova-last`. */
  ranges(iova: bigint = this.iova, length: bigint = this.last - this.iova + 1n): string[] {
    const runs: [bigint, bigint][] = []
    for (const page of this.touched(iova, length)) {
      if (!this.pages.has(page)) continue
      const run = runs.at(-1)
      if (run !== undefined && run[1] === page - 1n) run[1] = page
      else runs.push([page, page])
    }
    return runs.map(([first, last]) => `${this.bounds(first)[0]}-${this.bounds(last)[1]}`)
  }

  /** The bytes that a bitmap of this content has. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(Number((this.npages + 7n) / 8n))
    for (const page of this.pages) bytes[Number(page / 8n)]! |= 1 << Number(page % 8n)
    return bytes
  }

  all(): bigint[] {
    return Array.from({ length: Number(this.npages) }, (_, page) => BigInt(page))
  }
}

/** Numbers from a seed: xorshift32. */
export function seeded(seed: number): (below: number) => number {
  let x = seed >>> 0 || 1
  return (below) => {
    x ^= x << 13
    x >>>= 0
    x ^= x >>> 17
    x ^= x << 5
    x >>>= 0
    return x % below
  }
}

const GUARD_BYTES = 64

/** `nbytes` zeroed bytes at any byte offset, between guard bytes that `isIntact` looks after. */
export function guarded(nbytes: number, byteOffset: number, shared = false): { bytes: Uint8Array; isIntact: () => boolean } {
  const total = byteOffset + nbytes + GUARD_BYTES
  const buffer = shared ? new SharedArrayBuffer(total) : new ArrayBuffer(total)
  const all = new Uint8Array(buffer)
  const guard = (i: number): number => (i * 37 + 11) & 0xff
  for (let i = 0; i < total; i++) all[i] = guard(i)
  const bytes = new Uint8Array(buffer, byteOffset, nbytes)
  bytes.fill(0)
  const isIntact = (): boolean => {
    for (let i = 0; i < total; i++) if ((i < byteOffset || i >= byteOffset + nbytes) && all[i] !== guard(i)) return false
    return true
  }
  return { bytes, isIntact }
}

export interface PinCall {
  readonly byteOffset: number
  readonly byteLength: number
  readonly write: boolean
}

/** A source over bytes in memory: notes its calls, insists on one unpin a pin, fails and cuts short as told. */
export class TestSource implements BitmapSource {
  readonly bytes: Uint8Array
  readonly calls: PinCall[] = []
  readonly dirtyUnpins: boolean[] = []
  readonly #pinned = new Set<Uint8Array>()
  /** Bytes of the longest pin that is granted. */
  pinBytesMax = Number.POSITIVE_INFINITY
  /** Number of the pin that fails, counted from 1 by all calls; 0: none. */
  failingPin = 0
  /** How it fails. */
  failure: 'throws' | 'empty' = 'throws'
  /** Whether pins are copies that are written back on a dirty unpin only, as over a network. */
  copies = false
  #ncalls = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Makes the n-th pin from now on fail; 0: none. */
  failNext(nth: number): void {
    this.failingPin = nth === 0 ? 0 : this.#ncalls + nth
  }

  get pinned(): number {
    return this.#pinned.size
  }

  pin(byteOffset: number, byteLength: number, write: boolean): Uint8Array {
    this.#ncalls += 1
    if (this.#pinned.size > 0) throw new Error('pinned twice')
    if (byteOffset < 0 || byteLength < 1 || byteOffset + byteLength > this.bytes.length) throw new Error('pin outside the bitmap')
    if (this.#ncalls === this.failingPin) {
      if (this.failure === 'empty') return new Uint8Array(0)
      throw Object.assign(new Error('no such page'), { code: 'EFAULT' })
    }
    this.calls.push({ byteOffset, byteLength, write })
    const length = Math.min(byteLength, this.pinBytesMax)
    const view = this.bytes.subarray(byteOffset, byteOffset + length)
    const given = this.copies ? view.slice() : view
    this.#pinned.add(given)
    return given
  }

  unpin(view: Uint8Array, dirty: boolean): void {
    if (!this.#pinned.delete(view)) throw new Error('unpin of what is not pinned')
    this.dirtyUnpins.push(dirty)
    const { byteOffset } = this.calls.at(-1)!
    if (this.copies && dirty) this.bytes.set(view, byteOffset)
  }
}

/** `iova-last` of every run. */
export function runsOf(ranges: Iterable<{ iova: bigint; last: bigint }>): string[] {
  return [...ranges].map(({ iova, last }) => `${iova}-${last}`)
}
