import { IommuError } from '@iommukit/pfn-reader'
import { recalculate } from './alignment.ts'
import type { TableState } from './state.ts'

/**
 * From now on domains are mapped page by page, so that areas can be split anywhere on a page (spec B14). Nothing to do when they are
 * already. EINVAL: there are both a domain and an area; EADDRINUSE: an area is not page aligned. On error nothing changes.
 */
export function disableLargePages(state: TableState): void {
  if (!state.largePages) return
  if (state.domains.length > 0 && !state.areas.isEmpty) {
    throw new IommuError('EINVAL', `large pages cannot be disabled with ${state.domains.length} domains and ${state.areas.size} areas`)
  }
  state.largePages = false
  try {
    recalculate(state)
  } catch (error) {
    state.largePages = true
    throw error
  }
}

/** Allows large pages again for maps made from now on (spec B14). Never fails; the alignment may go down. */
export function enableLargePages(state: TableState): void {
  state.largePages = true
  recalculate(state)
}
