// Naive models and small helpers that the tests of this package share.
import type { RunSink } from '@iommukit/simulated-iommu-hw'

/** Collects runs, as many as it has room for. */
export class Runs implements RunSink {
  readonly runs: [pfn: number, npfns: number][] = []
  readonly capacity: number

  constructor(capacity = Infinity) {
    this.capacity = capacity
  }

  add(pfn: number, npfns: number): boolean {
    if (this.runs.length >= this.capacity) return false
    this.runs.push([pfn, npfns])
    return true
  }

  /** The frames one by one. */
  get pfns(): number[] {
    return this.runs.flatMap(([pfn, npfns]) => Array.from({ length: npfns }, (_, k) => pfn + k))
  }
}

/** Frames in order as maximal runs. */
export function runsOf(pfns: readonly number[]): [number, number][] {
  const runs: [number, number][] = []
  for (const pfn of pfns) {
    const last = runs.at(-1)
    if (last !== undefined && pfn === last[0] + last[1]) last[1]++
    else runs.push([pfn, 1])
  }
  return runs
}

/** Records dirty ranges as sets of granules. */
export class DirtySet {
  readonly ranges: [iova: bigint, length: bigint][] = []

  record(iova: bigint, length: bigint): void {
    this.ranges.push([iova, length])
  }

  recordAt(iovaHi: number, iovaLo: number, length: number): void {
    this.record((BigInt(iovaHi) << 32n) | BigInt(iovaLo), BigInt(length))
  }

  /** Numbers of the granules touched, ascending, each once. */
  granules(granule: bigint): number[] {
    const set = new Set<number>()
    for (const [iova, length] of this.ranges) for (let at = iova / granule; at <= (iova + length - 1n) / granule; at++) set.add(Number(at))
    return [...set].sort((a, b) => a - b)
  }
}

/** A page table as a list of granules. */
export class NaiveTable {
  readonly granule: bigint
  readonly entries = new Map<bigint, bigint>()

  constructor(granule: bigint) {
    this.granule = granule
  }

  isFree(iova: bigint, length: bigint): boolean {
    for (let at = 0n; at < length; at += this.granule) if (this.entries.has(iova + at)) return false
    return true
  }

  isMapped(iova: bigint, length: bigint): boolean {
    for (let at = 0n; at < length; at += this.granule) if (!this.entries.has(iova + at)) return false
    return true
  }

  map(iova: bigint, phys: bigint, length: bigint): void {
    for (let at = 0n; at < length; at += this.granule) this.entries.set(iova + at, phys + at)
  }

  unmap(iova: bigint, length: bigint): void {
    for (let at = 0n; at < length; at += this.granule) this.entries.delete(iova + at)
  }

  iovaToPhys(iova: bigint): bigint | undefined {
    const inGranule = iova % this.granule
    const phys = this.entries.get(iova - inGranule)
    return phys === undefined ? undefined : phys + inGranule
  }
}

/** xorshift32 as the benchmarks define it. */
export function xorshift32(seed: number): () => number {
  let x = seed
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    x >>>= 0
    return x
  }
}

/** The code of the error that a call throws, or its name when it has none; undefined when it throws nothing. */
export function thrownBy(call: () => unknown): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    const { code, name } = error as { code?: string; name: string }
    return code ?? name
  }
}
