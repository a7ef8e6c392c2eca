import { IntervalTree64, SpanCursor64 } from '@iommukit/interval-tree-span'
import { IommuError } from '@iommukit/pfn-reader'
import type { DeviceRegion } from './ports.ts'
import type { TableState } from './state.ts'
import type { IovaRange, IovaRangeInput, U64 } from './types.ts'
import { describe, HI, joinU64, LO, splitU64, U64_MAX, words } from './u64.ts'

/** A checked u64 as a bigint; ranges are not a hot path. */
export function toU64(value: U64, what: string): bigint {
  splitU64(value, what)
  return joinU64(words[HI]!, words[LO]!)
}

/** Keeps [start, last] free of maps (spec B10). EINVAL: start above last; EADDRINUSE: an area or an allowed range is there. O(log k). */
export function reserve(state: TableState, start: bigint, last: bigint, owner: unknown): void {
  if (start > last) throw new IommuError('EINVAL', `reserve: start ${hex(start)} is above last ${hex(last)}`)
  const user = intersects(state.areas, start, last) ? 'an area' : intersects(state.allowed, start, last) ? 'an allowed range' : undefined
  if (user !== undefined) throw new IommuError('EADDRINUSE', `reserve: ${hex(start)}..${hex(last)} intersects ${user}`)
  state.reserved.insert(start, last, owner)
}

/** Removes every reserved range of `owner`, by identity; none is fine. O(reserved). */
export function removeReserved(state: TableState, owner: unknown): void {
  const { reserved } = state
  const found = []
  for (const handle of reserved.overlaps(0n, U64_MAX)) if (reserved.payload(handle) === owner) found.push(handle)
  for (const handle of found) reserved.remove(handle)
  if (found.length > 0) state.floor.forget()
}

/** Replaces the allowed set as a whole (spec B10); on error the old one stays. O(k log k). */
export function setAllowed(state: TableState, ranges: readonly IovaRangeInput[]): void {
  const allowed = new IntervalTree64<undefined>()
  for (const range of ranges) {
    const start = toU64(range.start, 'start')
    const last = toU64(range.last, 'last')
    if (start > last) throw new IommuError('EINVAL', `allowed range: start ${hex(start)} is above last ${hex(last)}`)
    if (intersects(allowed, start, last))
      throw new IommuError('EINVAL', `allowed range ${hex(start)}..${hex(last)} overlaps an earlier one`)
    allowed.insert(start, last)
  }
  for (const handle of allowed.overlaps(0n, U64_MAX)) {
    const start = allowed.start(handle)
    const last = allowed.last(handle)
    if (intersects(state.reserved, start, last)) {
      throw new IommuError('EADDRINUSE', `allowed range ${hex(start)}..${hex(last)} intersects a reserved range`)
    }
  }
  state.allowed = allowed
}

/** The maximal ranges that nothing reserves, ascending (spec B10). O(reserved). */
export function usableRanges(state: TableState): IovaRange[] {
  const ranges: IovaRange[] = []
  for (const span = new SpanCursor64(state.reserved, 0n, U64_MAX); !span.done; span.next()) {
    if (span.isHole) ranges.push({ start: span.start, last: span.last })
  }
  return ranges
}

/** Reserves what a device keeps for itself (spec B13); on error every range of that device goes, also those of an earlier call (K9). */
export function enforceDeviceRegions(
  state: TableState,
  device: unknown,
  regions: readonly DeviceRegion[],
  wantSwMsi: boolean,
): bigint | undefined {
  checkRegions(regions)
  let hardwareMsi = 0
  let softwareMsi = 0
  let swMsiStart: bigint | undefined
  try {
    for (const region of regions) {
      if (region.type === 'direct-relaxable') continue
      const start = BigInt(region.start)
      if (wantSwMsi && region.type === 'msi') hardwareMsi++
      if (wantSwMsi && region.type === 'sw-msi') {
        softwareMsi++
        swMsiStart = start
      }
      reserve(state, start, start + BigInt(region.length) - 1n, device)
    }
    if ((softwareMsi > 0 && hardwareMsi > 0) || softwareMsi > 1) {
      throw new IommuError('EINVAL', `a device has ${softwareMsi} software and ${hardwareMsi} hardware MSI regions`)
    }
  } catch (error) {
    removeReserved(state, device)
    throw error
  }
  return swMsiStart
}

const REGION_TYPES: ReadonlySet<string> = new Set(['direct', 'direct-relaxable', 'reserved', 'msi', 'sw-msi'])

/** A malformed region is a programmer's error and is found before anything changes. */
function checkRegions(regions: readonly DeviceRegion[]): void {
  for (const region of regions) {
    if (!REGION_TYPES.has(region.type)) throw new TypeError(`unknown region type ${describe(region.type)}`)
    const start = toU64(region.start, 'region start')
    const length = toU64(region.length, 'region length')
    if (length < 1n) throw new RangeError('region length must be at least 1, got 0')
    if (start + length - 1n > U64_MAX) throw new RangeError(`the region of ${length} bytes at ${hex(start)} passes 2^64-1`)
  }
}

function intersects<P>(tree: IntervalTree64<P>, start: bigint, last: bigint): boolean {
  return tree.iterFirst(start, last) !== undefined
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}
