import { IommuError } from '@iommukit/pfn-reader'
import { recalculate } from './alignment.ts'
import { callOut } from './guard.ts'
import type { AccessOwner } from './ports.ts'
import type { TableState } from './state.ts'
import { describe } from './u64.ts'

const ID_MAX = 65535

/**
 * Registers an access under the lowest free id (spec B15). EBUSY: no id 0..65535 is free; EADDRINUSE, changing nothing: it pins pages and
 * an area is not page aligned. TypeError: it says that it pins but has no `unmap`.
 */
export function addAccess(state: TableState, owner: AccessOwner): number {
  if (typeof owner !== 'object' || owner === null) throw new TypeError(`an access owner must be an object, got ${describe(owner)}`)
  const pins = owner.needsPin
  if (typeof pins !== 'boolean') throw new TypeError(`needsPin must be a boolean, got ${describe(pins)}`)
  if (pins && typeof owner.unmap !== 'function') throw new TypeError('an access owner that pins pages must have an unmap callback')
  const id = state.accesses.alloc({ owner, pins }, { min: 0, max: ID_MAX })
  if (id === undefined) throw new IommuError('EBUSY', `all access ids 0..${ID_MAX} are taken`)
  if (pins) state.pinningAccesses++
  try {
    recalculate(state)
  } catch (error) {
    forget(state, id, pins)
    throw error
  }
  return id
}

/** Unregisters an access; the alignment may go down (spec B15). RangeError, changing nothing: the id is not this owner's. */
export function removeAccess(state: TableState, owner: AccessOwner, id: number): void {
  if (!Number.isInteger(id)) throw new TypeError(`an access id must be an integer, got ${describe(id)}`)
  const registration = id < 0 || id > ID_MAX ? undefined : state.accesses.load(id)
  if (registration === undefined || registration.owner !== owner) throw new RangeError(`access id ${id} is not registered for this owner`)
  forget(state, id, registration.pins)
  recalculate(state)
}

function forget(state: TableState, id: number, pins: boolean): void {
  state.accesses.erase(id)
  if (pins) state.pinningAccesses--
}

/**
 * Tells every registered access that has a callback to let go of the range, with nothing held (spec B9 step 3). The accesses may change
 * meanwhile: one that was removed is skipped, one that was added may be told or not.
 */
export function notifyUnmap(state: TableState, iova: bigint, length: bigint): void {
  for (let found = state.accesses.find(0); found !== undefined; found = state.accesses.find(found.index + 1)) {
    const { owner } = found.entry
    callOut(() => owner.unmap?.(iova, length))
  }
}
