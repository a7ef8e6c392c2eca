// Where an index lies in the radix tree. Indexes are u64, carried as two int32 halves (hi, lo), so that no bigint is made inside.

import * as layout from './layout.ts'

const { CHUNK_SHIFT, SLOT_MASK } = layout

/** Low half of 2^bits - 1. */
export function maskLo(bits: number): number {
  return bits >= 32 ? -1 : (1 << bits) - 1
}

/** High half of 2^bits - 1. */
export function maskHi(bits: number): number {
  return bits <= 32 ? 0 : bits >= 64 ? -1 : (1 << (bits - 32)) - 1
}

/** Which slot of a node with this shift holds the index. */
export function slotOf(hi: number, lo: number, shift: number): number {
  return (shift < 32 ? lo >>> shift : hi >>> (shift - 32)) & SLOT_MASK
}

/** High half of the first index of a slot; `hi` belongs to any index of the node. */
export function slotHi(hi: number, slot: number, shift: number): number {
  return shift < 32 ? hi : (hi & ~maskHi(shift + CHUNK_SHIFT)) | (slot << (shift - 32))
}

/** Low half of the same. */
export function slotLo(lo: number, slot: number, shift: number): number {
  return shift < 32 ? (lo & ~maskLo(shift + CHUNK_SHIFT)) | (slot << shift) : 0
}

/** u64 comparison on int32 halves: a > b. */
export function isAfter(aHi: number, aLo: number, bHi: number, bLo: number): boolean {
  return aHi === bHi ? aLo >>> 0 > bLo >>> 0 : aHi >>> 0 > bHi >>> 0
}

/** True when the index is not below 2^bits. */
export function isBeyond(hi: number, lo: number, bits: number): boolean {
  if (bits < 32) return (hi | (lo >>> bits)) !== 0
  return bits < 64 && hi >>> (bits - 32) !== 0
}

/** The 2^bits indexes from (hi, lo) on are aligned, and none of them is above `last`. */
export function fits(hi: number, lo: number, lastHi: number, lastLo: number, bits: number): boolean {
  const restHi = maskHi(bits)
  const restLo = maskLo(bits)
  return ((hi & restHi) | (lo & restLo)) === 0 && !isAfter(hi | restHi, lo | restLo, lastHi, lastLo)
}
