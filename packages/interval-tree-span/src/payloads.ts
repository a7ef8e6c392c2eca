import { SLOT_MASK } from './layout.ts'
import type { IntervalStore } from './store.ts'

// Payloads live beside the tree, by slot, in an array that a tree without payloads does not have.

/** Keeps a payload for an interval in the tree. */
export function setPayload(store: IntervalStore, handle: number, payload: unknown): void {
  store.payloads ??= []
  const { payloads } = store
  const slot = handle & SLOT_MASK
  while (payloads.length < slot) payloads.push(undefined)
  payloads[slot] = payload
}

/** The payload of an interval in the tree. */
export function payloadOf(store: IntervalStore, handle: number): unknown {
  return store.payloads?.[handle & SLOT_MASK]
}
