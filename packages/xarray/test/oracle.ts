// Test helper: the naive array that every other one is compared with.
import { RESERVED } from '@iommukit/xarray'

export const MAX: bigint = 0xffff_ffff_ffff_ffffn
export const SAFE: bigint = 2n ** 53n - 1n
export type Kind = 'plain' | 0 | 1
export const KINDS: readonly Kind[] = ['plain', 0, 1]
export type Keys = 53 | 64
export const KEYS: readonly Keys[] = [53, 64]

/** Entries on both sides of truth, and one that is a bigint. */
export const VALUES: readonly unknown[] = [0, '', false, Number.NaN, null, -0, 0n, 'x', 7, true, {}, []]

export interface Rec {
  first: bigint
  last: bigint
  value: unknown
  marks: Set<number>
}

export interface Hit {
  index: bigint
  entry: unknown
  first: bigint
  last: bigint
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

/** Lengths of the pieces that a range is cut into: spec data-structures 2.9, in its own words. */
export function pieces(first: bigint, last: bigint): [bigint, bigint][] {
  const list: [bigint, bigint][] = []
  while (first <= last) {
    let shift = 60n
    while (first % (1n << shift) !== 0n || last - first + 1n < 1n << shift) shift -= 6n
    const slot = (first >> shift) % 64n
    const slots = least((last - first + 1n) >> shift, 64n - slot)
    const end = first + (slots << shift) - 1n
    list.push([first, end])
    first = end + 1n
  }
  return list
}

/** A sorted list of records and linear search. */
export class NaiveArray {
  recs: Rec[] = []
  wrapped = false
  readonly kind: Kind
  readonly max: bigint

  constructor(kind: Kind, keys: Keys) {
    this.kind = kind
    this.max = keys === 53 ? SAFE : MAX
  }

  at(i: bigint): Rec | undefined {
    for (const rec of this.recs) if (i <= rec.last) return rec.first <= i ? rec : undefined
    return undefined
  }

  add(first: bigint, last: bigint, value: unknown, marks: Iterable<number> = []): void {
    let at = this.recs.findIndex((rec) => rec.first > first)
    if (at < 0) at = this.recs.length
    this.recs.splice(at, 0, { first, last, value, marks: new Set(marks) })
  }

  drop(rec: Rec): void {
    this.recs.splice(this.recs.indexOf(rec), 1)
  }

  put(i: bigint, value: unknown): unknown {
    const rec = this.at(i)
    const old = rec?.value
    if (rec === undefined) this.add(i, i, value)
    else rec.value = value
    return shown(old)
  }

  load(i: bigint): unknown {
    return shown(this.at(i)?.value)
  }

  store(i: bigint, value: unknown): unknown {
    if (value !== undefined) return this.put(i, value)
    return this.kind === 'plain' ? this.erase(i) : this.put(i, RESERVED)
  }

  erase(i: bigint): unknown {
    const rec = this.at(i)
    if (rec !== undefined) this.drop(rec)
    return shown(rec?.value)
  }

  insert(i: bigint, value: unknown): boolean {
    if (this.at(i) !== undefined) return false
    this.add(i, i, value === undefined ? RESERVED : value)
    return true
  }

  cmpxchg(i: bigint, old: unknown, value: unknown): { ok: boolean; current: unknown } {
    const current = this.at(i)?.value
    const ok = Object.is(current, old)
    if (ok && value !== undefined) this.put(i, value)
    else if (ok) this.erase(i)
    return { ok, current }
  }

  release(i: bigint): void {
    if (this.at(i)?.value === RESERVED) this.erase(i)
  }

  marked(mark: number): boolean {
    return this.recs.some((rec) => rec.marks.has(mark))
  }

  getMark(i: bigint, mark: number): boolean {
    return this.at(i)?.marks.has(mark) === true
  }

  changeMark(i: bigint, mark: number, on: boolean): void {
    const marks = this.at(i)?.marks
    if (on) marks?.add(mark)
    else marks?.delete(mark)
  }

  private hit(i: bigint, max: bigint, wanted: (rec: Rec) => boolean, mark: number | undefined): Hit | undefined {
    const rec = this.recs.find((r) => r.last >= i && wanted(r) && (mark === undefined || r.marks.has(mark)))
    if (rec === undefined) return undefined
    const index = rec.first > i ? rec.first : i
    return index > max ? undefined : { index, entry: rec.value, first: rec.first, last: rec.last }
  }

  find(i: bigint, max: bigint = this.max, mark?: number): Hit | undefined {
    return this.hit(i, max, (rec) => rec.value !== RESERVED, mark)
  }

  findAfter(i: bigint, max: bigint = this.max, mark?: number): Hit | undefined {
    return this.hit(i, max, (rec) => rec.value !== RESERVED && rec.first > i, mark)
  }

  /** As a cursor searches: reservations are shown. */
  seek(i: bigint, max: bigint, mark?: number): Hit | undefined {
    return this.hit(i, max, () => true, mark)
  }

  extract(first: bigint, max: bigint, limit: number, mark?: number): unknown[] {
    const hits = this.recs.filter(
      (r) => r.last >= first && r.first <= max && r.value !== RESERVED && (mark === undefined || r.marks.has(mark)),
    )
    return (first > max ? [] : hits).slice(0, limit).map((rec) => rec.value)
  }

  /** The lowest index at or above `from` that no record covers. */
  free(from: bigint): bigint {
    for (const rec of this.recs) if (rec.first <= from && from <= rec.last) from = rec.last + 1n
    return from
  }

  alloc(value: unknown, min: bigint, max: bigint): bigint | undefined {
    const id = this.free(this.kind === 1 && min === 0n ? 1n : min)
    if (id > max) return undefined
    this.put(id, value === undefined ? RESERVED : value)
    return id
  }

  allocCyclic(value: unknown, min: bigint, max: bigint, next: bigint): { id: bigint; wrapped: boolean; next: bigint } | undefined {
    let id = this.alloc(value, next > min ? next : min, max)
    let wrapped = id !== undefined && this.wrapped
    if (id === undefined) {
      if (next <= min) return undefined
      id = this.alloc(value, min, max)
      if (id === undefined) return undefined
      wrapped = true
    } else this.wrapped = false
    const modulus = max < 2n ** 32n ? 2n ** 32n : this.max + 1n
    const after = (id + 1n) % modulus
    if (after === 0n) this.wrapped = true
    return { id, wrapped, next: after }
  }

  /** Cuts the record that holds both i - 1 and i. */
  private cut(i: bigint): void {
    const rec = this.at(i)
    if (rec === undefined || rec.first === i) return
    const { last } = rec
    rec.last = i - 1n
    this.add(i, last, rec.value, rec.marks)
  }

  conflicts(first: bigint, last: bigint): unknown[] {
    return this.meeting(first, last).map((rec) => rec.value)
  }

  meeting(first: bigint, last: bigint): Rec[] {
    return this.recs.filter((rec) => rec.first <= last && rec.last >= first)
  }

  private replace(first: bigint, last: bigint, value: unknown): void {
    const marks = new Set<number>()
    for (const rec of this.meeting(first, last)) {
      for (const mark of rec.marks) marks.add(mark)
      this.drop(rec)
    }
    if (value !== undefined) this.add(first, last, value, marks)
  }

  storeRange(first: bigint, last: bigint, value: unknown): void {
    this.cut(first)
    this.cut(last + 1n)
    if (value === undefined) {
      this.replace(first, last, undefined)
      return
    }
    for (const [from, to] of pieces(first, last)) {
      this.cut(to + 1n)
      this.replace(from, to, value)
    }
  }

  storeOrder(i: bigint, order: number, value: unknown): void {
    const first = i - (i % (1n << BigInt(order)))
    const last = first + (1n << BigInt(order)) - 1n
    if (value === undefined) {
      for (const rec of this.meeting(first, last)) this.drop(rec)
      return
    }
    const around = this.at(first)
    if (around !== undefined && around.last >= last) {
      around.value = value
      return
    }
    this.cut(first)
    this.cut(last + 1n)
    this.replace(first, last, value)
  }

  getOrder(i: bigint): number {
    const rec = this.at(i)
    let order = 0
    while (rec !== undefined && 1n << BigInt(order) < rec.last - rec.first + 1n) order++
    return order
  }

  private splittable(i: bigint, order: number): Rec {
    const rec = this.at(i)
    const length = rec === undefined ? 1n : rec.last - rec.first + 1n
    const from = this.getOrder(i)
    if (rec === undefined || length !== 1n << BigInt(from) || rec.first % length !== 0n || order >= from) throw 'EINVAL'
    if (from - order > 26) throw 'ENOMEM'
    return rec
  }

  split(i: bigint, order: number, value: unknown): void {
    const rec = this.splittable(i, order)
    this.drop(rec)
    const step = 1n << BigInt(order)
    for (let at = rec.first; at <= rec.last; at += step) this.add(at, at + step - 1n, value === undefined ? rec.value : value, rec.marks)
  }

  trySplit(i: bigint, order: number, value: unknown): void {
    this.splittable(i, order)
    const from = this.getOrder(i)
    const least = from % 6 !== 0 ? from - (from % 6) : from - 6
    if (order < least) throw 'EINVAL'
    this.split(i, order, value)
  }

  splitAround(i: bigint, order: number): void {
    this.splittable(i, order)
    for (let k = this.getOrder(i) - 1; k >= order; k--) this.split(i, k, undefined)
  }
}

export function shown(value: unknown): unknown {
  return value === RESERVED ? undefined : value
}

/** Mulberry32 as a function of an upper bound. */
export function seeded(seed: number): (below: number) => number {
  let state = seed | 0
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below)
  }
}
