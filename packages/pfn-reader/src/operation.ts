import type { Area } from './area.ts'
import { InvariantError } from './errors.ts'
import type { Pages } from './pages.ts'
import { describe } from './u64.ts'
import { RUN_BYTES } from './units.ts'

/** Operations do not nest, on whatever Pages: a port that calls back finds this set (spec pages-and-io-pagetable B18 rule 2). */
let running = false

/** Begins an operation; the caller ends it, whatever happens. */
export function begin(): void {
  if (running) throw new InvariantError('a port called back into the operation that called it')
  running = true
}

/** Ends an operation. */
export function end(): void {
  running = false
}

/** The Pages of an area that is built. */
export function pagesOf(area: Area): Pages {
  const { pages } = area
  if (pages === undefined) throw new RangeError(`the area at 0x${area.iova.toString(16)} has no pages: it is being built or taken down`)
  return pages
}

/** The limit of temporary memory for an operation that must not fail, whatever its owner has made of it. */
export function limitForTeardown(pages: Pages): number {
  const { limitBytes } = pages.temp
  return Math.max(limitBytes, RUN_BYTES)
}

/** Throws RangeError unless an area lies within `pages`, and TypeError unless `largePages` is a boolean: both come from callers. */
export function checkFill(area: Area, pages: Pages, largePages: boolean): void {
  if (typeof largePages !== 'boolean') throw new TypeError(`largePages must be a boolean, got ${describe(largePages)}`)
  if (area.lastIndex >= pages.npages) throw new RangeError(`the area ends in page ${area.lastIndex}, but there are ${pages.npages} pages`)
}
