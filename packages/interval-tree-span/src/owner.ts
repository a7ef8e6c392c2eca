import { IntervalStore } from './store.ts'

/** A tree of numbers, seen by what travels over it: an `IntervalTree`. */
export interface StoreOwner {
  /** Internal. */
  readonly engine: IntervalStore
}

/** A tree of u64, seen by what travels over it: an `IntervalTree64`. */
export interface StoreOwner64 {
  /** Internal. */
  readonly engine64: IntervalStore
}

/** The engine of a tree of numbers. */
export function storeOf(tree: StoreOwner): IntervalStore {
  const store = (tree as Partial<StoreOwner> | null | undefined)?.engine
  if (store instanceof IntervalStore) return store
  throw new TypeError('tree must be an IntervalTree')
}

/** The engine of a tree of u64. */
export function storeOf64(tree: StoreOwner64): IntervalStore {
  const store = (tree as Partial<StoreOwner64> | null | undefined)?.engine64
  if (store instanceof IntervalStore) return store
  throw new TypeError('tree must be an IntervalTree64')
}
