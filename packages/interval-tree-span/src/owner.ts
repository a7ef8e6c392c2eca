import { TIE_MAX } from './layout.ts'
import { IntervalStore } from './store.ts'

/** A tree of either kind, seen by what travels over it. */
export interface EngineOwner {
  /** Internal. */
  readonly engine: IntervalStore
}

/** A tree of numbers: an `IntervalTree`. */
export interface StoreOwner extends EngineOwner {
  start(handle: number): number
}

/** A tree of u64: an `IntervalTree64`. */
export interface StoreOwner64 extends EngineOwner {
  start(handle: number): bigint
}

function engineOf(tree: EngineOwner, tieMax: number): IntervalStore {
  const store = (tree as Partial<EngineOwner> | null | undefined)?.engine
  if (store instanceof IntervalStore && store.tieMax === tieMax) return store
  throw new TypeError(`tree must be an IntervalTree${tieMax === 0 ? '' : 64}`)
}

/** The engine of a tree of numbers. */
export function storeOf(tree: StoreOwner): IntervalStore {
  return engineOf(tree, 0)
}

/** The engine of a tree of u64. */
export function storeOf64(tree: StoreOwner64): IntervalStore {
  return engineOf(tree, TIE_MAX)
}
