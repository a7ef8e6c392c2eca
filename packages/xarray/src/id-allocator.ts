import { advance, Core, empty, spot } from './core.ts'
import { drop, put } from './entry.ts'
import { findFree } from './free.ts'
import { checkNumber, halves, optionsOf, parseNumber, toNumber } from './halves.ts'
import * as layout from './layout.ts'
import { peek } from './lookup.ts'
import { seek } from './seek.ts'

const { ANY } = layout

/** Hands out the lowest free number of a range: ids without entries. */
export class IdAllocator {
  declare readonly min: number
  declare readonly max: number
  private readonly core: Core = new Core(0)

  /** Inclusive bounds, by default 0..2^32 - 1. Throws RangeError if min > max. */
  constructor(limits?: { readonly min?: number; readonly max?: number }) {
    const { min = 0, max = 0xffffffff } = optionsOf(limits, 'limits')
    checkNumber(min, 'min')
    checkNumber(max, 'max')
    if (min > max) throw new RangeError(`min ${min} is above max ${max}`)
    this.min = min
    this.max = max
  }

  /** Ids in use. O(1). */
  get size(): number {
    return this.core.size
  }

  /** The lowest free id at or above `from`, now in use; undefined when none is left. O(levels). */
  alloc(from: number = this.min): number | undefined {
    checkNumber(from, 'from')
    parseNumber(Math.max(from, this.min), 'from')
    if (!findFree(this.core, halves.hi, halves.lo)) return undefined
    const { hi, lo } = spot
    const id = toNumber(hi, lo)
    if (id > this.max) return undefined
    put(this.core, hi, lo, true)
    return id
  }

  /** Takes this very id; false when it is in use. Throws RangeError outside of the bounds. O(levels). */
  reserve(id: number): boolean {
    this.parse(id)
    const { hi, lo } = halves
    if (peek(this.core, hi, lo) !== undefined) return false
    put(this.core, hi, lo, true)
    return true
  }

  /** Gives an id back; false when it was not in use. O(levels). */
  free(id: number): boolean {
    this.parse(id)
    return drop(this.core, halves.hi, halves.lo) !== undefined
  }

  has(id: number): boolean {
    parseNumber(id, 'id')
    return peek(this.core, halves.hi, halves.lo) !== undefined
  }

  /** Gives all ids back. O(1). */
  clear(): void {
    empty(this.core)
  }

  /** The ids in use, ascending. */
  *[Symbol.iterator](): Generator<number, undefined, undefined> {
    let hi = 0
    let lo = 0
    while (seek(this.core, hi, lo, ANY)) {
      ;({ hi, lo } = spot)
      yield toNumber(hi, lo)
      advance(hi, lo)
      ;({ hi, lo } = spot)
    }
  }

  private parse(id: number): void {
    parseNumber(id, 'id')
    if (id < this.min || id > this.max) throw new RangeError(`id is ${id}: outside of ${this.min}..${this.max}`)
  }
}
