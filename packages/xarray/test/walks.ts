// Counts walks from the top: short ways give the same answers as long ones, so that nothing else tells them apart.
import type { XArray, XArray64 } from '@iommukit/xarray'

export type Arrays = XArray<unknown> | XArray64<unknown>

/** How often the root of the array was read since the last call. */
export function countedWalks(array: Arrays): () => number {
  let { root } = array.core
  let reads = 0
  Object.defineProperty(array.core, 'root', {
    get: () => {
      reads++
      return root
    },
    set: (changed) => {
      root = changed
    },
  })
  return () => {
    const seen = reads
    reads = 0
    return seen
  }
}
