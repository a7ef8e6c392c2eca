// From the index types of the public edge to two int32 halves and back; one scratch, so that no bigint arithmetic is needed.

/** Where a parse leaves its result, until the next one. */
export const halves: { hi: number; lo: number } = { hi: 0, lo: 0 }

const words = new Int32Array(2)
const bits = new BigUint64Array(words.buffer)
bits[0] = 1n
const LOW: number = words[0] === 1 ? 0 : 1
const TWO_32 = 2 ** 32
const MAX_64 = 2n ** 64n - 1n

/** Throws unless the value is an integer from 0 to 2^53 - 1. */
export function checkNumber(value: unknown, name: string): asserts value is number {
  if (typeof value !== 'number' || Number.isNaN(value) || (Number.isFinite(value) && !Number.isInteger(value))) {
    throw new TypeError(`${name} is ${describe(value)}: an integer${typeof value === 'bigint' ? ' of type number' : ''} is needed`)
  }
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} is ${value}: outside of 0..${Number.MAX_SAFE_INTEGER}`)
}

export function parseNumber(value: unknown, name: string): void {
  if (typeof value === 'number' && value >>> 0 === value) {
    halves.hi = 0
    halves.lo = value | 0
    return
  }
  checkNumber(value, name)
  halves.hi = Math.floor(value / TWO_32)
  halves.lo = value | 0
}

export function parseBigint(value: unknown, name: string): void {
  if (typeof value !== 'bigint') {
    parseNumber(value, name)
    return
  }
  if (value < 0n || value > MAX_64) throw new RangeError(`${name} is ${value}: outside of 0..${MAX_64}`)
  bits[0] = value
  halves.hi = words[1 - LOW]!
  halves.lo = words[LOW]!
}

export function toNumber(hi: number, lo: number): number {
  return hi === 0 ? lo >>> 0 : (hi >>> 0) * TWO_32 + (lo >>> 0)
}

export function toBigint(hi: number, lo: number): bigint {
  words[1 - LOW] = hi
  words[LOW] = lo
  return bits[0]!
}

export function checkMark(mark: unknown): asserts mark is 0 | 1 | 2 {
  if (typeof mark !== 'number') throw new TypeError(`the mark is ${describe(mark)}: 0, 1 or 2 is needed`)
  if (mark !== 0 && mark !== 1 && mark !== 2) throw new RangeError(`the mark is ${mark}: 0, 1 or 2 is needed`)
}

export function checkOrder(order: unknown, max: number): asserts order is number {
  if (typeof order !== 'number' || Number.isNaN(order)) throw new TypeError(`the order is ${describe(order)}: an integer is needed`)
  if (!Number.isInteger(order) || order < 0 || order > max) throw new RangeError(`the order is ${order}: outside of 0..${max}`)
}

function describe(value: unknown): string {
  return typeof value === 'bigint' ? `${value}n` : typeof value === 'number' || value === null ? String(value) : typeof value
}

const NONE = {}

/** An object of options where none, `undefined`, means the defaults; throws for null and all that is no object. */
export function optionsOf<O extends object>(value: O | undefined, name: string): Partial<O> {
  if (value === undefined) return NONE
  if (typeof value !== 'object' || value === null) throw new TypeError(`${name} is ${describe(value)}: an object is needed`)
  return value
}
