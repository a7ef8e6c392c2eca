import { idAt } from './entries.ts'
import type { IntervalStore } from './store.ts'

// Payloads live beside the tree, by slot, in an array that a tree without payloads does not have.

export function setPayload(store: IntervalStore, place: number, payload: unknown): void {
  if (store.payloads === undefined) {
    if (payload === undefined) return
    store.payloads = []
  }
  const { payloads } = store
  const slot = idAt(store, place)
  while (payloads.length < slot) payloads.push(undefined)
  payloads[slot] = payload
}

export function payloadAt(store: IntervalStore, place: number): unknown {
  return store.payloads === undefined ? undefined : store.payloads[idAt(store, place)]
}
