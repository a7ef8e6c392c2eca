import { dropFromLeaf, dropFromSparse, putInLeaf, putInSparse } from './entry.ts'
import { parseNumber, toNumber } from './halves.ts'
import * as layout from './layout.ts'
import { lowLeaf, peekSparse } from './lookup.ts'
import type { Node } from './node.ts'
import { type Found, type Mark, SparseArray } from './sparse-array.ts'

const { CHUNK_SHIFT, NODE_LENGTH, SLOT, SLOT_MASK } = layout
// V8 folds these, not imported names: see layout.ts.
const leafAt = lowLeaf
const putHere = putInLeaf
const dropHere = dropFromLeaf

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

  // What follows does what the base class does, by the short way for an index below 2^32.

  override load(index: number): T | undefined {
    const { core } = this
    let node = core.low
    let shift = core.shift
    if (typeof index !== 'number' || index >>> 0 !== index || node === undefined || (index >>> shift) >>> CHUNK_SHIFT !== 0)
      return super.load(index)
    while (shift !== 0) {
      node = node[SLOT + ((index >>> shift) & SLOT_MASK)] as Node | undefined
      if (node === undefined) return undefined
      if (node.length !== NODE_LENGTH) return peekSparse(node, 0, index | 0) as T | undefined
      shift -= CHUNK_SHIFT
    }
    return node[SLOT + (index & SLOT_MASK)] as T | undefined
  }

  override store(index: number, entry: T | undefined): T | undefined {
    const { core } = this
    const leaf = typeof index === 'number' && index >>> 0 === index && entry !== undefined ? leafAt(core, index) : undefined
    if (leaf === undefined) return super.store(index, entry)
    const lo = index | 0
    return (leaf.length === NODE_LENGTH ? putHere(core, leaf, 0, lo, entry) : putInSparse(core, leaf, 0, lo, entry)) as T | undefined
  }

  override erase(index: number): T | undefined {
    const { core } = this
    const leaf = typeof index === 'number' && index >>> 0 === index ? leafAt(core, index) : undefined
    if (leaf === undefined) return super.erase(index)
    const lo = index | 0
    return (leaf.length === NODE_LENGTH ? dropHere(core, leaf, 0, lo) : dropFromSparse(core, leaf, 0, lo)) as T | undefined
  }

  /** The entry at an index below 2^32 that lies in a dense leaf, if that can be told by the short way. */
  private entryHere(index: number): T | undefined {
    const leaf = typeof index === 'number' && index >>> 0 === index ? leafAt(this.core, index) : undefined
    return leaf !== undefined && leaf.length === NODE_LENGTH ? (leaf[SLOT + (index & SLOT_MASK)] as T | undefined) : undefined
  }

  override find(index: number, max?: number, mark?: Mark): Found<T, number> | undefined {
    const entry = max === undefined && mark === undefined ? this.entryHere(index) : undefined
    return entry === undefined ? super.find(index, max, mark) : { index, entry, first: index, last: index }
  }

  override findIndex(index: number, max?: number, mark?: Mark): number | undefined {
    const isHere = max === undefined && mark === undefined && this.entryHere(index) !== undefined
    return isHere ? index : super.findIndex(index, max, mark)
  }
}
