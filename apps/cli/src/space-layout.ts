import type { IoasView } from './space-snapshot.ts'

/** Cells in a row of the picture. */
export const cellsPerRow = 64
/** Rows for the IOVA space at most. */
const rowsMax = 8

/** Which parts of an IOVA space a picture shows: rows of 64 cells, each cell `1 << cellShift` bytes. Rows where nothing ever lies are left out. */
export interface SpaceLayout {
  readonly ioasId: number
  readonly cellShift: bigint
  /** Numbers of the rows: row r begins at `r * 64 << cellShift`. */
  readonly rows: readonly bigint[]
}

/** Gathers over all steps of a script what its picture has to hold. */
export class LayoutPlan {
  /** For each IOAS the areas seen, and how many there were over all steps. */
  readonly #seen = new Map<number, { readonly ranges: Map<string, readonly [bigint, bigint]>; weight: number }>()

  note(spaces: readonly IoasView[]): void {
    for (const { id, areas } of spaces) {
      let seen = this.#seen.get(id)
      if (seen === undefined) this.#seen.set(id, (seen = { ranges: new Map(), weight: 0 }))
      seen.weight += areas.length
      for (const { start, last } of areas) seen.ranges.set(`${start}-${last}`, [start, last])
    }
  }

  /** The layout of the IOAS with the most areas over the script: the smallest cells, 2 KiB or more, with which all of them fit in the rows. */
  layout(): SpaceLayout {
    const [ioasId, seen] = [...this.#seen].sort(([, a], [, b]) => b.weight - a.weight)[0] ?? [0, undefined]
    const ranges = [...(seen?.ranges.values() ?? [])]
    for (let cellShift = 11n; ; cellShift++) {
      const rows = rowsOf(ranges, cellShift + BigInt(Math.log2(cellsPerRow)))
      if (rows !== undefined) return { ioasId, cellShift, rows: rows.length > 0 ? rows : [0n] }
    }
  }
}

/** The rows that the ranges touch, ascending; undefined when they are too many. */
function rowsOf(ranges: readonly (readonly [bigint, bigint])[], rowShift: bigint): bigint[] | undefined {
  const rows = new Set<bigint>()
  for (const [start, last] of ranges) {
    for (let row = start >> rowShift; row <= last >> rowShift; row++) {
      rows.add(row)
      if (rows.size > rowsMax) return undefined
    }
  }
  return [...rows].sort((a, b) => (a < b ? -1 : 1))
}
