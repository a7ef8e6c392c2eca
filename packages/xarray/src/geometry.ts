// The shape of the radix tree. Indexes are u64, carried as two int32 halves (hi, lo), so that no bigint is made inside.

/** Index bits that one node decodes. A build with 4 must behave the same but for pieces; the tests run one. */
export const CHUNK_SHIFT = 6
export const SLOTS: number = 1 << CHUNK_SHIFT
export const SLOT_MASK: number = SLOTS - 1
/** Shift of the only node that may stand at the very top: the levels are 0, CHUNK_SHIFT, … up to this. */
export const TOP_SHIFT = 60
/** Slots of a node at TOP_SHIFT that have an index. */
export const TOP_SLOTS: number = 1 << (64 - TOP_SHIFT)
/** Most entries of a sparse leaf, so that every inner node stands above more entries than it has slots. */
export const SPARSE_LIMIT = 128
/** Most entries of a sparse leaf that covers one dense leaf's worth of indexes. */
export const SPARSE_LIMIT_LOWEST = 8

/** Presence words of a node without a free slot. */
export const FULL_LO: number = SLOTS >= 32 ? -1 : (1 << SLOTS) - 1
export const FULL_HI: number = SLOTS === 64 ? -1 : 0

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
  if (shift >= 32) return (hi >>> (shift - 32)) & SLOT_MASK
  if (shift + CHUNK_SHIFT > 32) return ((lo >>> shift) | (hi << (32 - shift))) & SLOT_MASK
  return (lo >>> shift) & SLOT_MASK
}

/** u64 comparison on int32 halves: a > b. */
export function isAfter(aHi: number, aLo: number, bHi: number, bLo: number): boolean {
  return aHi === bHi ? aLo >>> 0 > bLo >>> 0 : aHi >>> 0 > bHi >>> 0
}

/** True when the index lies outside of a tree whose top node has this shift. */
export function isBeyond(hi: number, lo: number, shift: number): boolean {
  const bits = shift + CHUNK_SHIFT
  if (bits >= 64) return false
  return bits >= 32 ? hi >>> (bits - 32) !== 0 : hi !== 0 || lo >>> bits !== 0
}

/** Order of a run: the least k with 2^k at least its number of indexes, given by the halves of last - first. */
export function orderOf(spanHi: number, spanLo: number): number {
  return spanHi !== 0 ? 64 - Math.clz32(spanHi) : 32 - Math.clz32(spanLo)
}

/** Level of the node whose slots an entry of this order fills. */
export function levelOf(order: number): number {
  return order - (order % CHUNK_SHIFT)
}
