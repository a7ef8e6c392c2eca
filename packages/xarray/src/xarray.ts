import { dropFromLeaf, dropFromSparse, putInLeaf, putInSparse } from './entry.ts'
import { parseNumber, toNumber } from './halves.ts'
import { LAYOUT } from './layout.ts'
import { lowLeaf, peekSparse } from './lookup.ts'
import type { Node } from './node.ts'
import { type Found, type Mark, SparseArray } from './sparse-array.ts'

const { CHUNK_SHIFT, NODE_LENGTH, SLOT, SLOT_MASK } = LAYOUT

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

  protected successor(id: number, isU32: boolean): number {
    return id === (isU32 ? 0xffffffff : Number.MAX_SAFE_INTEGER) ? 0 : id + 1
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
    const leaf = typeof index === 'number' && index >>> 0 === index && entry !== undefined ? lowLeaf(core, index) : undefined
    if (leaf === undefined) return super.store(index, entry)
    const lo = index | 0
    return (leaf.length === NODE_LENGTH ? putInLeaf(core, leaf, 0, lo, entry) : putInSparse(core, leaf, 0, lo, entry)) as T | undefined
  }

  override erase(index: number): T | undefined {
    const { core } = this
    const leaf = typeof index === 'number' && index >>> 0 === index ? lowLeaf(core, index) : undefined
    if (leaf === undefined) return super.erase(index)
    const lo = index | 0
    return (leaf.length === NODE_LENGTH ? dropFromLeaf(core, leaf, 0, lo) : dropFromSparse(core, leaf, 0, lo)) as T | undefined
  }

  override find(index: number, max?: number, mark?: Mark): Found<T, number> | undefined {
    if (typeof index === 'number' && index >>> 0 === index && max === undefined && mark === undefined) {
      const leaf = lowLeaf(this.core, index)
      const entry = leaf !== undefined && leaf.length === NODE_LENGTH ? leaf[SLOT + (index & SLOT_MASK)] : undefined
      if (entry !== undefined) return { index, entry: entry as T, first: index, last: index }
    }
    return super.find(index, max, mark)
  }
}
