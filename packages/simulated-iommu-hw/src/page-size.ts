/**
 * The choice of page size and count of spec simulated-iommu-hw 4.1, in units of a granule that divides everything (so that it works on safe numbers).
 * A mutable object, because a map of many pages asks once a round.
 */
export class PageSizeChooser {
  /** Units of the page size chosen by the last `choose`. */
  pgsize = 1
  /** Pages of that size to map in this round. */
  npages = 0
  readonly #sizes: readonly number[]

  /** `sizes`: page sizes in units, ascending, each a multiple of the one before; the first is 1. */
  constructor(sizes: readonly number[]) {
    this.#sizes = sizes
  }

  /** Chooses for `length >= 1` units at `iova` and `phys`, all in units. For an unmap `phys` is taken equal to `iova`. O(page sizes). */
  choose(iova: number, phys: number, length: number): void {
    const sizes = this.#sizes
    let chosen = 0
    for (let k = sizes.length - 1; k > 0; k--) {
      const pgsize = sizes[k]!
      if (pgsize <= length && iova % pgsize === 0 && phys % pgsize === 0) {
        chosen = k
        break
      }
    }
    this.pgsize = sizes[chosen]!
    this.npages = Math.floor(length / this.pgsize)
    const next = sizes[chosen + 1]
    if (next === undefined || iova % next !== phys % next) return
    const distance = next - (iova % next)
    if (distance + next <= length) this.npages = Math.floor(distance / this.pgsize)
  }
}

/** Page sizes of a bitmap in units of the smallest one, ascending. */
export function sizesOf(pgsizeBitmap: bigint): number[] {
  const smallest = pgsizeBitmap & -pgsizeBitmap
  const sizes: number[] = []
  for (let rest = pgsizeBitmap; rest !== 0n; rest &= rest - 1n) sizes.push(Number((rest & -rest) / smallest))
  return sizes
}
