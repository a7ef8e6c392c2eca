import { IntervalStore } from './store.ts'

/** A tree of either kind, seen by what travels over it. */
export interface AnyOwner {
  /** Internal. */
  readonly store: IntervalStore
}

/** A tree of numbers: an `IntervalTree`. */
export interface StoreOwner extends AnyOwner {
  start(handle: number): number
}

/** A tree of u64: an `IntervalTree64`. */
export interface StoreOwner64 extends AnyOwner {
  start(handle: number): bigint
}

function checked(tree: AnyOwner, isU64: boolean): IntervalStore {
  const store = (tree as Partial<AnyOwner> | null | undefined)?.store
  if (store instanceof IntervalStore && store.isU64 === isU64) return store
  throw new TypeError(`tree must be an IntervalTree${isU64 ? 64 : ''}`)
}

/** The store of a tree of numbers. */
export function storeOf(tree: StoreOwner): IntervalStore {
  return checked(tree, false)
}

/** The store of a tree of u64. */
export function storeOf64(tree: StoreOwner64): IntervalStore {
  return checked(tree, true)
}
