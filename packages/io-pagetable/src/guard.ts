import { InvariantError } from '@iommukit/pfn-reader'
import type { TableState } from './state.ts'

/**
 * True while an operation of any table runs. Sources, domains, accounting and sinks must not call back into a table (spec B18 rule 2);
 * only an access owner's unmap callback may, and it is called with the flag down.
 */
let busy = false

/** Opens an operation; every `enter` that returned is paired with one {@link leave} in a `finally`. */
export function enter(state: TableState): void {
  if (busy) throw new InvariantError('a port (source, domain, accounting or sink) called back into a table')
  if (state.destroyed) throw new TypeError('this IoPagetable was destroyed')
  busy = true
}

/** Closes the operation that {@link enter} opened. */
export function leave(): void {
  busy = false
}

/** Runs `body` as one guarded operation; for operations that are not hot. */
export function guarded<T>(state: TableState, body: (state: TableState) => T): T {
  enter(state)
  try {
    return body(state)
  } finally {
    leave()
  }
}

/**
 * Calls foreign code with nothing held, inside an operation: it may use this and any other table. Afterwards nothing that was looked up
 * before may be used again.
 */
export function callOut(callback: () => void): void {
  busy = false
  try {
    callback()
  } finally {
    busy = true
  }
}
