import { dropFromLeaf, putInLeaf } from './entry.ts'
import { parseNumber, toNumber } from './halves.ts'
import { LAYOUT } from './layout.ts'
import { lowLeaf, peekSparse } from './lookup.ts'
import type { Node } from './node.ts'
import { SparseArray } from './sparse-array.ts'

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

  // The three below do what the base class does, by the short way for an index below 2^32.

  override load(index: number): T | undefined {
    const { core } = this
    let node = core.low
    let shift = core.shift
    if (index >>> 0 !== index || node === undefined || (index >>> shift) >>> CHUNK_SHIFT !== 0) return super.load(index)
    while (shift !== 0) {
      node = node[SLOT + ((index >>> shift) & SLOT_MASK)] as Node | undefined
      if (node === undefined) return undefined
      if (node.length !== NODE_LENGTH) return peekSparse(node, 0, index | 0) as T | undefined
      shift -= CHUNK_SHIFT
    }
    return node[SLOT + (index & SLOT_MASK)] as T | undefined
  }

  override store(index: number, entry: T | undefined): T | undefined {
    if (index >>> 0 === index && entry !== undefined) {
      const leaf = lowLeaf(this.core, index)
      if (leaf !== undefined && leaf.length === NODE_LENGTH) return putInLeaf(this.core, leaf, 0, index | 0, entry) as T | undefined
    }
    return super.store(index, entry)
  }

  override erase(index: number): T | undefined {
    if (index >>> 0 === index) {
      const leaf = lowLeaf(this.core, index)
      if (leaf !== undefined && leaf.length === NODE_LENGTH) return dropFromLeaf(this.core, leaf, 0, index | 0) as T | undefined
    }
    return super.erase(index)
  }
}
