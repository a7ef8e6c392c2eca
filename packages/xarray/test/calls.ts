// Test helper: calls as data, and one way to make the same call on an array and on the naive one.
import { type CyclicIds, RESERVED, type SparseArray, XArray, XArray64, XArrayError, XaCursor, XaCursor64 } from '@iommukit/xarray'
import { expect } from 'vitest'
import { type Hit, type Keys, type Kind, type NaiveArray, VALUES } from './oracle.ts'

/** A call: its name, indexes as bigints, and whatever else it takes. */
export type Op =
  | { do: 'load' | 'erase' | 'reserve' | 'release' | 'getOrder' | 'has' | 'delete'; i: bigint }
  | { do: 'store' | 'insert'; i: bigint; v: unknown }
  | { do: 'cmpxchg'; i: bigint; old: unknown; v: unknown }
  | { do: 'getMark' | 'setMark' | 'clearMark'; i: bigint; m: number }
  | { do: 'find' | 'findAfter'; i: bigint; max: bigint | undefined; m: number | undefined }
  | { do: 'extract'; i: bigint; max: bigint; n: number; m: number | undefined }
  | { do: 'alloc'; v: unknown; i: bigint; max: bigint }
  | { do: 'allocCyclic'; v: unknown; i: bigint; max: bigint; next: bigint }
  | { do: 'storeRange'; i: bigint; last: bigint; v: unknown }
  | { do: 'conflicts'; i: bigint; last: bigint }
  | { do: 'storeOrder'; i: bigint; k: number; v: unknown }
  | { do: 'split' | 'trySplit'; i: bigint; k: number; v: unknown }
  | { do: 'splitAround'; i: bigint; k: number }
  | { do: 'walk'; i: bigint; max: bigint; m: number | undefined; pauses: boolean; v: unknown; keeps: boolean }
  | { do: 'step'; i: bigint; moves: number; v: unknown }
  | { do: 'clear' }

type Any = SparseArray<unknown, bigint>
/** Both key types behind bigints, which XArray is handed as numbers. */
export interface Subject {
  array: Any
  key: (i: bigint) => bigint
  cursor: (i: bigint) => XaCursor64<unknown>
}

export function makeSubject(kind: Kind, keys: Keys): Subject {
  const options = kind === 'plain' ? {} : { alloc: kind }
  if (keys === 64) {
    const array = new XArray64<unknown>(options)
    return { array, key: (i) => i, cursor: (i) => new XaCursor64(array, i) }
  }
  const array = new XArray<unknown>(options)
  const key = (i: bigint): bigint => Number(i) as unknown as bigint
  const cursor = (i: bigint): XaCursor64<unknown> => new XaCursor(array, Number(i)) as unknown as XaCursor64<unknown>
  return { array: array as unknown as Any, key, cursor }
}

function wide(hit: Hit | undefined): Hit | undefined {
  return hit && { index: BigInt(hit.index), entry: hit.entry, first: BigInt(hit.first), last: BigInt(hit.last) }
}

function codeOf(call: () => void): string {
  try {
    call()
  } catch (error) {
    if (error instanceof XArrayError) return error.code
    if (typeof error === 'string') return error
    throw error
  }
  return 'done'
}

export function callModel(model: NaiveArray, op: Op): unknown {
  switch (op.do) {
    case 'load':
      return model.load(op.i)
    case 'has':
      return model.load(op.i) !== undefined
    case 'erase':
      return model.erase(op.i)
    case 'delete':
      return model.erase(op.i) !== undefined
    case 'reserve':
      model.insert(op.i, undefined)
      return undefined
    case 'release':
      return model.release(op.i)
    case 'getOrder':
      return model.getOrder(op.i)
    case 'store':
      return model.store(op.i, op.v)
    case 'insert':
      return model.insert(op.i, op.v)
    case 'cmpxchg':
      return model.cmpxchg(op.i, op.old, op.v)
    case 'getMark':
      return model.getMark(op.i, op.m)
    case 'setMark':
    case 'clearMark':
      return model.changeMark(op.i, op.m, op.do === 'setMark')
    case 'find':
      return model.find(op.i, op.max, op.m)
    case 'findAfter':
      return model.findAfter(op.i, op.max, op.m)
    case 'extract':
      return model.extract(op.i, op.max, op.n, op.m)
    case 'alloc':
      return model.kind === 'plain' ? 'EINVAL' : model.alloc(op.v, op.i, op.max)
    case 'allocCyclic':
      return model.kind === 'plain' ? 'EINVAL' : model.allocCyclic(op.v, op.i, op.max, op.next)
    case 'storeRange':
      if (op.last < op.i) return 'EINVAL'
      model.storeRange(op.i, op.last, op.v)
      return 'done'
    case 'conflicts':
      return op.last < op.i ? undefined : model.conflicts(op.i, op.last)
    case 'storeOrder':
      return model.storeOrder(op.i, op.k, op.v)
    case 'split':
    case 'trySplit':
      return codeOf(() => model[op.do](op.i, op.k, op.v))
    case 'splitAround':
      return codeOf(() => model.splitAround(op.i, op.k))
    case 'walk':
      return walkModel(model, op)
    case 'step':
      return stepModel(model, op)
    case 'clear':
      model.recs = []
      model.wrapped = false
      return undefined
  }
}

export function callReal({ array, key, cursor }: Subject, op: Op): unknown {
  const i = 'i' in op ? key(op.i) : 0n
  switch (op.do) {
    case 'load':
    case 'has':
    case 'erase':
    case 'delete':
    case 'reserve':
    case 'release':
    case 'getOrder':
      return array[op.do](i)
    case 'store':
    case 'insert':
      return array[op.do](i, op.v)
    case 'cmpxchg':
      return array.cmpxchg(i, op.old, op.v)
    case 'getMark':
    case 'setMark':
    case 'clearMark':
      return array[op.do](i, op.m as 1)
    case 'find':
    case 'findAfter': {
      const max = op.max === undefined ? undefined : key(op.max)
      const found = array[op.do](i, max, op.m as 1 | undefined)
      if (op.do === 'find') expect(array.findIndex(i, max, op.m as 1 | undefined)).toBe(found?.index)
      return wide(found as Hit | undefined)
    }
    case 'extract':
      return array.extract(i, key(op.max), op.n, op.m as 1 | undefined)
    case 'alloc': {
      let id: bigint | undefined
      const code = codeOf(() => {
        id = array.alloc(op.v, { min: i, max: key(op.max) })
      })
      return code !== 'done' ? code : id === undefined ? undefined : BigInt(id)
    }
    case 'allocCyclic': {
      const ids: CyclicIds<bigint> = { next: key(op.next) }
      let done: { id: bigint; wrapped: boolean } | undefined
      const code = codeOf(() => {
        done = array.allocCyclic(op.v, { min: i, max: key(op.max) }, ids)
      })
      if (done === undefined) expect(ids.next).toBe(key(op.next))
      return code === 'done' ? done && { id: BigInt(done.id), wrapped: done.wrapped, next: BigInt(ids.next) } : code
    }
    case 'storeRange':
      return codeOf(() => array.storeRange(i, key(op.last), op.v))
    case 'conflicts':
      return op.last < op.i ? undefined : array.conflicts(i, key(op.last))
    case 'storeOrder':
      return array.storeOrder(i, op.k, op.v)
    case 'split':
    case 'trySplit':
      return codeOf(() => array[op.do](i, op.k, op.v))
    case 'splitAround':
      return codeOf(() => array.splitAround(i, op.k))
    case 'walk':
      return walkReal(cursor(op.i), op, key(op.max))
    case 'step':
      return stepReal(cursor(op.i), op)
    case 'clear':
      array.clear()
      return undefined
  }
}

type Walk = Extract<Op, { do: 'walk' }>
type Step = Extract<Op, { do: 'step' }>

/** A search loop; at every second entry (all of them unless `keeps`) the value is stored, and `undefined` erases. */
function walkReal(cursor: XaCursor64<unknown>, op: Walk, max: bigint): unknown[] {
  const seen: unknown[] = []
  const next = (): unknown => (op.m === undefined ? cursor.find(max) : cursor.findMarked(max, op.m as 1))
  for (let entry = next(), n = 0; entry !== undefined; entry = next(), n++) {
    seen.push(BigInt(cursor.index), entry, cursor.getOrder())
    if (!op.keeps || n % 2 === 1) seen.push(cursor.store(op.v))
    if (op.pauses) cursor.pause()
  }
  return seen
}

function walkModel(model: NaiveArray, op: Walk): unknown[] {
  const seen: unknown[] = []
  for (let from = op.i, n = 0; from <= model.max; n++) {
    const hit = model.seek(from, op.max, op.m)
    if (hit === undefined) break
    seen.push(hit.index, hit.entry, model.getOrder(hit.index))
    if (!op.keeps || n % 2 === 1) {
      seen.push(hit.entry)
      if (op.v === undefined) model.erase(hit.index)
      else model.put(hit.index, op.v)
    }
    from = hit.last + 1n
  }
  return seen
}

/** Bits of `moves`, two a step: next, prev, store, load and marks. */
function stepReal(cursor: XaCursor64<unknown>, op: Step): unknown[] {
  const seen: unknown[] = []
  for (let { moves } = op; moves !== 0; moves >>>= 2) {
    const move = moves & 3
    if (move === 0) seen.push(cursor.next())
    else if (move === 1) seen.push(cursor.prev())
    else if (move === 2) seen.push(cursor.store(op.v))
    else {
      seen.push(cursor.load())
      cursor.setMark(1)
      seen.push(cursor.getMark(1), cursor.getMark(2))
    }
    seen.push(BigInt(cursor.index))
  }
  return seen
}

function stepModel(model: NaiveArray, op: Step): unknown[] {
  const seen: unknown[] = []
  let { i } = op
  let isWalked = false
  for (let { moves } = op; moves !== 0; moves >>>= 2) {
    const move = moves & 3
    if (move < 2 && isWalked) i = (i + (move === 0 ? 1n : model.max)) % (model.max + 1n)
    isWalked = true
    seen.push(model.at(i)?.value)
    if (move === 2) {
      if (op.v === undefined) model.erase(i)
      else model.put(i, op.v)
    } else if (move === 3) {
      model.changeMark(i, 1, true)
      seen.push(model.getMark(i, 1), model.getMark(i, 2))
    }
    seen.push(i)
  }
  return seen
}

/** Deep equality by Object.is on what the calls return. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || VALUES.includes(a)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
}

export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (typeof value === 'object' && value !== null) return `{${Object.entries(value).map(([key, v]) => `${key}: ${show(v)}`)}}`
  return typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : typeof value === 'string' ? `'${value}'` : String(value)
}

/** Makes the call on both and throws unless both say the same. */
export function step(subject: Subject, model: NaiveArray, op: Op): void {
  const got = callReal(subject, op)
  const want = callModel(model, op)
  if (!isSame(got, want)) throw new Error(`${show(op)} gave ${show(got)}, the model ${show(want)}`)
}

/** Everything that can be read, compared. */
export function compareAll({ array, cursor }: Subject, model: NaiveArray): void {
  const from = model.kind === 'plain' ? 0 : 1
  const want: unknown[] = []
  for (const rec of model.recs) want.push(rec.value, rec.first, rec.last, [...rec.marks].filter((mark) => mark >= from).sort())
  const got: unknown[] = []
  const all = cursor(0n)
  for (let entry = all.find(); entry !== undefined; entry = all.find()) {
    const { index } = all
    const found = wide(array.find(index) as Hit | undefined)
    const isReserved = entry === RESERVED
    const marks = ([0, 1, 2] as const).filter((mark) => mark >= from && array.getMark(index, mark))
    const rec = model.at(BigInt(index))
    got.push(entry, BigInt(index), isReserved ? (rec?.last ?? 0n) : found!.last, marks)
    if (!isReserved && (found!.index !== BigInt(index) || found!.first !== BigInt(index)))
      throw new Error(`find(${index}) is ${show(found)}`)
  }
  if (!isSame(got, want)) throw new Error(`the array holds ${show(got)}, the model ${show(want)}`)
  const size = model.recs.filter((rec) => rec.value !== RESERVED).length
  if (array.size !== size || array.isEmpty !== (model.recs.length === 0)) throw new Error(`size ${array.size}, the model ${size}`)
  for (const mark of [0, 1, 2] as const) {
    if (mark >= from && array.marked(mark) !== model.marked(mark)) throw new Error(`marked(${mark}) is ${array.marked(mark)}`)
  }
}
