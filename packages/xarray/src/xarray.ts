import { RESERVED } from './core.ts'
import { drop, put, visible } from './entry.ts'
import { parseNumber, toNumber } from './halves.ts'
import { peek } from './lookup.ts'
import { SparseArray } from './sparse-array.ts'

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

  // The three below are what the base class does, without the detour over the scratch for an index below 2^32.

  override load(index: number): T | undefined {
    if (index >>> 0 !== index) return super.load(index)
    return visible(peek(this.core, 0, index | 0)) as T | undefined
  }

  override store(index: number, entry: T | undefined): T | undefined {
    if (index >>> 0 !== index || entry === undefined) return super.store(index, entry)
    const old = put(this.core, 0, index | 0, entry)
    return old === RESERVED ? undefined : (old as T | undefined)
  }

  override erase(index: number): T | undefined {
    if (index >>> 0 !== index) return super.erase(index)
    const old = drop(this.core, 0, index | 0)
    return old === RESERVED ? undefined : (old as T | undefined)
  }
}
