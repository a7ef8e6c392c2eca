import type { IoPagetable } from '@iommukit/io-pagetable'

const NTH_MASK = 0xffff_ffffn

/**
 * The IOVA behind {u32 area number, u32 byte in the area}, the way in which fuzzers name mapped ranges (spec uapi 4.6, 10.2).
 * Areas count from 0 by ascending IOVA; 0 when there are not that many. O(area number).
 */
export function areaAddress(table: IoPagetable, encoded: bigint): bigint {
  let nth = Number(encoded & NTH_MASK)
  const inArea = encoded >> 32n
  if (nth >= table.areaCount) return 0n
  for (const area of table.areas()) {
    if (nth === 0) return BigInt.asUintN(64, area.iova + inArea)
    nth--
  }
  return 0n
}
