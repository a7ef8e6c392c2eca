import { TIE_MAX } from './layout.ts'
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

function checked(tree: AnyOwner, tieMax: number): IntervalStore {
  const store = (tree as Partial<AnyOwner> | null | undefined)?.store
  if (store instanceof IntervalStore && store.tieMax === tieMax) return store
  throw new TypeError(`tree must be an IntervalTree${tieMax === 0 ? '' : 64}`)
}

/** The store of a tree of numbers. */
export function storeOf(tree: StoreOwner): IntervalStore {
  return checked(tree, 0)
}

/** The store of a tree of u64. */
export function storeOf64(tree: StoreOwner64): IntervalStore {
  return checked(tree, TIE_MAX)
}
