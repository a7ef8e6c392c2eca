import { removeReserved } from './reservations.ts'
import type { TableState } from './state.ts'
import { WORD_MAX } from './u64.ts'
import { unmapRange } from './unmap.ts'
import { forEachArea } from './walk.ts'

/**
 * Ends a table (spec B18 rule 5): unmaps what is left and lifts the reservations that nobody owns. An Error, changing nothing, when domains,
 * accesses, their pins or reservations with an owner remain, since their owners would go on using the table.
 */
export function destroyState(state: TableState): void {
  const { domains, accesses, reserved } = state
  if (domains.length > 0) throw new Error(`the table cannot be destroyed: ${domains.length} domains are attached`)
  if (accesses.size > 0) throw new Error(`the table cannot be destroyed: ${accesses.size} accesses are registered`)
  for (const handle of reserved.overlaps(0n, 0xffff_ffff_ffff_ffffn)) {
    if (reserved.payload(handle) === undefined) continue
    throw new Error(`the table cannot be destroyed: 0x${reserved.start(handle).toString(16)} is reserved by an owner that is still there`)
  }
  forEachArea(state.areas, (area) => {
    if (area.numAccesses > 0) throw new Error(`the table cannot be destroyed: pages at 0x${area.iova.toString(16)} are still pinned`)
  })
  unmapRange(state, 0, 0, WORD_MAX, WORD_MAX)
  state.allowed.clear()
  removeReserved(state, undefined)
  state.destroyed = true
}
