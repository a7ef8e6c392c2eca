import { toU64 } from './numbers.ts'

/** Inclusive range of IOVAs. */
export interface IovaRange {
  readonly start: bigint
  readonly last: bigint
}

/** Receives dirty ranges; sets bits only. Fits `DirtySink` of pfn-reader. */
export interface DirtyRecorder {
  record(iova: bigint, length: bigint): void
  recordAt(iovaHi: number, iovaLo: number, length: number): void
}

/** Dirty tracking of a domain. Fits `DomainDirty` of pfn-reader. */
export interface DirtyTracking {
  /** Whether tracking is on. */
  readonly enabled: boolean
  setTracking(enabled: boolean): void
  readAndClear(iova: bigint, length: bigint, noClear: boolean, sink: DirtyRecorder | undefined): void
}

/** Checks an aperture given by a caller. Throws RangeError when it is empty or leaves 0 .. 2^64-1. */
export function checkAperture(aperture: IovaRange): IovaRange {
  const start = toU64(aperture.start, 'aperture.start')
  const last = toU64(aperture.last, 'aperture.last')
  if (last < start) throw new RangeError(`aperture ${start}..${last} is empty`)
  return { start, last }
}
