import type { IntervalTree64 } from '@iommukit/interval-tree-span'
import type { Area } from '@iommukit/pfn-reader'
import { below, WORD_MAX, type WordRange } from './u64.ts'

/**
 * Walks the areas that cover a range without a gap (spec B7). Stands on the first step when made; while `area` is set, the usable part is
 * [current, stepLast]. After the walk `done` says whether the whole range was covered; when it was not, `current` is the first IOVA that no
 * built area holds. O(log k + areas). The areas must not change during a walk.
 */
export class AreaWalk {
  /** The area of the present step; undefined when the walk is over. */
  area: Area | undefined
  done = false
  currentHi = 0
  currentLo = 0
  stepLastHi = 0
  stepLastLo = 0
  readonly #areas: IntervalTree64<Area>
  readonly #lastHi: number
  readonly #lastLo: number

  constructor(areas: IntervalTree64<Area>, range: WordRange) {
    this.#areas = areas
    this.#lastHi = range.lastHi
    this.#lastLo = range.lastLo
    this.#enter(range.firstHi, range.firstLo)
  }

  /** Goes on to the next step. */
  next(): void {
    const area = this.area!
    if (!below(area.lastHi, area.lastLo, this.#lastHi, this.#lastLo)) {
      this.area = undefined
      this.done = true
      return
    }
    // The area ends below the last IOVA asked for, so the next one exists in 64 bits.
    const lo = (area.lastLo + 1) >>> 0
    this.#enter(lo === 0 ? area.lastHi + 1 : area.lastHi, lo)
  }

  /** True when the range goes on behind the present area. */
  get continues(): boolean {
    const area = this.area
    return area !== undefined && below(area.lastHi, area.lastLo, this.#lastHi, this.#lastLo)
  }

  #enter(hi: number, lo: number): void {
    this.currentHi = hi
    this.currentLo = lo
    const handle = this.#areas.iterFirstAt(hi, lo, hi, lo)
    const area = handle === undefined ? undefined : this.#areas.payload(handle)
    // An area that is being built does not hold its range yet.
    this.area = area?.pages === undefined ? undefined : area
    if (this.area === undefined) return
    const whole = below(this.area.lastHi, this.area.lastLo, this.#lastHi, this.#lastLo)
    this.stepLastHi = whole ? this.area.lastHi : this.#lastHi
    this.stepLastLo = whole ? this.area.lastLo : this.#lastLo
  }
}

/** The built area that holds a whole range, if one does: most requests are inside one, and need no walk. O(log k). */
export function soleArea(areas: IntervalTree64<Area>, range: WordRange): Area | undefined {
  const { firstHi, firstLo } = range
  const handle = areas.iterFirstAt(firstHi, firstLo, firstHi, firstLo)
  if (handle === undefined) return undefined
  const area = areas.payload(handle)
  return area.pages === undefined || below(area.lastHi, area.lastLo, range.lastHi, range.lastLo) ? undefined : area
}

/** Calls `visit` for every area by ascending IOVA, whether built or not. O(areas). The areas must not change meanwhile. */
export function forEachArea(areas: IntervalTree64<Area>, visit: (area: Area) => void): void {
  let handle = areas.iterFirstAt(0, 0, WORD_MAX, WORD_MAX)
  while (handle !== undefined) {
    visit(areas.payload(handle))
    handle = areas.iterNextAt(handle, 0, 0, WORD_MAX, WORD_MAX)
  }
}
