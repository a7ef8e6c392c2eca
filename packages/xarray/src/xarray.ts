import { parseNumber, toNumber } from './halves.ts'
import * as layout from './layout.ts'
import { leafNear } from './lookup.ts'
import { type Found, type Mark, SparseArray } from './sparse-array.ts'

const { SLOT, SLOT_MASK } = layout
// V8 folds it, not an imported name: see layout.ts.
const nearHere = leafNear

/** Sparse array over the safe integers 0..2^53 - 1. Spec data-structures 2. */
export class XArray<T> extends SparseArray<T, number> {
  protected get maxHi(): number {
    return 0x1fffff
  }

  protected get maxOrder(): number {
    return 53
  }

  protected parse(index: number, name: string): void {
    parseNumber(index, name)
  }

  protected join(hi: number, lo: number): number {
    return toNumber(hi, lo)
  }

  /** The entry at an index that lies in a dense leaf, if that can be told without a walk. */
  private entryHere(index: number): T | undefined {
    return nearHere(this.core, index)?.[SLOT + (index & SLOT_MASK)] as T | undefined
  }

  override find(index: number, max?: number, mark?: Mark): Found<T, number> | undefined {
    const entry = max === undefined && mark === undefined ? this.entryHere(index) : undefined
    return entry === undefined ? super.find(index, max, mark) : { index, entry, first: index, last: index }
  }

  override findIndex(index: number, max?: number, mark?: Mark): number | undefined {
    const leaf = max === undefined && mark === undefined ? nearHere(this.core, index) : undefined
    // Presence words stay in a cache where slots do not.
    const isHere = leaf !== undefined && ((leaf[(index & SLOT_MASK) >>> 5] as number) >>> index) & 1
    return isHere ? index : super.findIndex(index, max, mark)
  }
}
