// Model-based (kind 3): fast-check against the naive array, invariants after each call; the properties of spec data-structures 2.13 by number.
import { checkInvariants, countNodes } from '@iommukit/xarray/check'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callReal, compareAll, makeSubject, type Op, type Subject, step } from './calls.ts'
import { KEYS, type Keys, KINDS, type Kind, MAX, NaiveArray, SAFE, VALUES } from './oracle.ts'

/** Indexes at the places that spec 2.13 names. */
function indexes(keys: Keys): fc.Arbitrary<bigint> {
  const top = keys === 53 ? SAFE : MAX
  const near = [63n, 64n, 65n, 255n, 256n, 257n, 4095n, 4096n, 2n ** 18n, 2n ** 32n, 2n ** 53n, 2n ** 63n, top]
  const edges = near.flatMap((i) => [i - 1n, i, i + 1n]).filter((i) => i <= top)
  const low = fc.bigInt(0n, 200n)
  return fc.oneof({ arbitrary: low, weight: 3 }, { arbitrary: fc.constantFrom(...edges), weight: 2 }, fc.bigInt(0n, top))
}

const values = fc.constantFrom(...VALUES, undefined)

function calls(kind: Kind, keys: Keys): fc.Arbitrary<Op> {
  const top = keys === 53 ? SAFE : MAX
  const i = indexes(keys)
  const max = fc.oneof(i, fc.constant(top))
  const m = fc.constantFrom(...(kind === 'plain' ? [0, 1, 2] : [1, 2]))
  const mark = fc.option(m, { nil: undefined })
  const k = fc.oneof(fc.nat(9), fc.nat(keys === 53 ? 53 : 63))
  const on = <T extends Op['do']>(name: T, fields: object): fc.Arbitrary<Op> =>
    fc.record({ do: fc.constant(name), ...fields }) as unknown as fc.Arbitrary<Op>
  const points = (['store', 'store', 'store', 'insert', 'erase', 'delete', 'load', 'reserve', 'release', 'getOrder', 'has'] as const).map(
    (name) => on(name, { i, v: values }),
  )
  return fc.oneof(
    ...points,
    on('cmpxchg', { i, old: values, v: values }),
    ...(['setMark', 'setMark', 'clearMark', 'getMark'] as const).map((name) => on(name, { i, m })),
    ...(['find', 'findAfter'] as const).map((name) => on(name, { i, max: fc.option(max, { nil: undefined }), m: mark })),
    on('extract', { i, max, n: fc.nat(5), m: mark }),
    on('alloc', { v: values, i: fc.oneof(fc.constant(0n), i), max }),
    on('allocCyclic', { v: values, i, max, next: i }),
    on('storeRange', { i, last: max, v: values }),
    on('storeRange', { i, last: max, v: values }),
    on('conflicts', { i, last: max }),
    on('storeOrder', { i, k, v: values }),
    on('storeOrder', { i, k, v: values }),
    ...(['split', 'trySplit'] as const).map((name) => on(name, { i, k: fc.nat(10), v: values })),
    on('splitAround', { i, k: fc.nat(10) }),
    on('walk', { i, max, m: mark, pauses: fc.boolean(), v: values, keeps: fc.boolean() }),
    on('step', { i, moves: fc.nat(2 ** 16), v: values }),
    on('clear', {}),
  )
}

function build(kind: Kind, keys: Keys, ops: readonly Op[]): [Subject, NaiveArray] {
  const subject = makeSubject(kind, keys)
  const model = new NaiveArray(kind, keys)
  for (const op of ops) {
    if ((op.do === 'split' || op.do === 'trySplit') && model.getOrder(op.i) - op.k > 9) continue
    step(subject, model, op)
    checkInvariants(subject.array)
  }
  return [subject, model]
}

const CASES = KINDS.flatMap((kind) => KEYS.map((keys) => [kind, keys] as const))

describe.each(CASES)('data-structures 2.13 (%s, %i bits)', (kind, keys) => {
  const top = keys === 53 ? SAFE : MAX
  const lists = fc.array(calls(kind, keys), { maxLength: 50 })
  const index = indexes(keys)

  it('properties 1, 3, 4, 5, 6, 7, 14: every call answers as the naive array does, and all invariants hold', () => {
    fc.assert(
      fc.property(lists, (ops) => compareAll(...build(kind, keys, ops))),
      { numRuns: 150 },
    )
  })

  it('property 2: empty exactly when the model is, and then without nodes', () => {
    fc.assert(
      fc.property(lists, (ops) => {
        const [{ array }, model] = build(kind, keys, ops)
        expect(array.isEmpty).toBe(model.recs.length === 0)
        expect(countNodes(array) === 0).toBe(array.isEmpty)
      }),
      { numRuns: 30 },
    )
  })

  it('property 5: an absent index has no mark; a mark survives replacement and not erasure', () => {
    fc.assert(
      fc.property(lists, index, (ops, i) => {
        const [{ array, key }] = build(kind, keys, ops)
        array.erase(key(i))
        expect(array.getMark(key(i), 1)).toBe(false)
        array.setMark(key(i), 1)
        expect(array.getMark(key(i), 1)).toBe(false)
        array.store(key(i), 0)
        expect(array.getMark(key(i), 1)).toBe(false)
        array.setMark(key(i), 1)
        array.store(key(i), '')
        expect([array.getMark(key(i), 1), array.getMark(key(i), 2), array.marked(1)]).toEqual([true, false, true])
        array.erase(key(i))
        array.store(key(i), 0)
        expect(array.getMark(key(i), 1)).toBe(false)
      }),
      { numRuns: 30 },
    )
  })

  it('property 7: n cyclic allocations of a fresh array are n distinct ids within the limits', () => {
    if (kind === 'plain') return
    fc.assert(
      fc.property(index, fc.bigInt(1n, 90n), index, (min, length, start) => {
        const { array, key } = makeSubject(kind, keys)
        const max = min + length - 1n > top ? top : min + length - 1n
        const room = Number(max - min + 1n) - (kind === 1 && min === 0n ? 1 : 0)
        const ids = { next: key(start) }
        const seen = new Set<bigint>()
        for (let n = 0; n < room; n++) {
          const before = BigInt(ids.next)
          const got = array.allocCyclic(n, { min: key(min), max: key(max) }, ids)!
          const id = BigInt(got.id)
          expect(id >= min && id <= max).toBe(true)
          if (id < before) expect(got.wrapped).toBe(true)
          seen.add(id)
        }
        expect(seen.size).toBe(room)
        const before = ids.next
        expect(array.allocCyclic('', { min: key(min), max: key(max) }, ids)).toBe(undefined)
        expect(ids.next).toBe(before)
      }),
      { numRuns: 30 },
    )
  })

  it('property 8: an index that was erased is what alloc gives for limits of it alone', () => {
    if (kind === 'plain') return
    fc.assert(
      fc.property(lists, index, (ops, i) => {
        const [{ array, key }] = build(kind, keys, ops)
        array.erase(key(i))
        const want = kind === 1 && i === 0n ? undefined : key(i)
        expect(array.alloc(0, { min: key(i), max: key(i) })).toBe(want)
        if (want !== undefined) expect(array.alloc(0, { min: key(i), max: key(i) })).toBe(undefined)
      }),
      { numRuns: 40 },
    )
  })

  it('property 9: after storeRange all of the range loads the entry and nothing outside has changed', () => {
    fc.assert(
      fc.property(lists, index, index, values, (ops, a, b, v) => {
        const [subject, model] = build(kind, keys, ops)
        const [first, last] = a < b ? [a, b] : [b, a]
        step(subject, model, { do: 'storeRange', i: first, last, v })
        for (const i of [first, last, (first + last) / 2n]) expect(subject.array.load(subject.key(i))).toBe(v)
        compareAll(subject, model)
        step(subject, model, { do: 'storeRange', i: first, last, v: undefined })
        expect(subject.array.conflicts(subject.key(first), subject.key(last))).toEqual([])
        compareAll(subject, model)
        checkInvariants(subject.array)
      }),
      { numRuns: 40 },
    )
  })

  it('property 10: an ordered store in an empty array is one item of that order', () => {
    fc.assert(
      fc.property(index, fc.nat(keys === 53 ? 53 : 63), (i, k) => {
        const { array, key } = makeSubject(kind, keys)
        array.storeOrder(key(i), k, 0)
        const first = i - (i % (1n << BigInt(k)))
        const last = first + (1n << BigInt(k)) - 1n
        expect(array.find(0)).toEqual({ index: key(first), entry: 0, first: key(first), last: key(last) })
        expect([array.getOrder(key(i)), array.size, [...array].length]).toEqual([k, 1, 1])
        if (first > 0n) expect(array.load(key(first - 1n))).toBe(undefined)
        if (last < top) expect(array.load(key(last + 1n))).toBe(undefined)
        checkInvariants(array)
        array.erase(key(last))
        expect(array.isEmpty).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('property 11: a split covers as many indexes, and every piece has the marks', () => {
    fc.assert(
      fc.property(index, fc.nat(9), fc.nat(9), (i, a, b) => {
        const [k, n] = a > b ? [a, b] : [b, a]
        if (k === n) return
        const { array, key } = makeSubject(kind, keys)
        array.storeOrder(key(i), k, 'x')
        array.setMark(key(i), 2)
        array.split(key(i), n)
        checkInvariants(array)
        const found = [...array.entries({ mark: 2 })]
        expect(found.length).toBe(2 ** (k - n))
        expect(BigInt(found[0]![0])).toBe(i - (i % (1n << BigInt(k))))
        expect(array.getOrder(key(i))).toBe(n)
      }),
      { numRuns: 40 },
    )
  })

  it('property 12: a cursor finds what the iteration finds; with pauses too; erasing each leaves nothing', () => {
    fc.assert(
      fc.property(lists, fc.boolean(), (ops, pauses) => {
        const [subject, model] = build(kind, keys, ops)
        for (const rec of [...model.recs]) if (model.load(rec.first) === undefined) step(subject, model, { do: 'erase', i: rec.first })
        const walk: Op = { do: 'walk', i: 0n, max: top, m: undefined, pauses, v: undefined, keeps: false }
        const items = [...subject.array]
        const seen = callReal(subject, walk) as unknown[]
        expect(seen.filter((_, n) => n % 4 === 0)).toEqual(items.map(([i]) => BigInt(i)))
        expect(seen.filter((_, n) => n % 4 === 1)).toEqual(items.map(([, entry]) => entry))
        expect([subject.array.isEmpty, countNodes(subject.array)]).toEqual([true, 0])
      }),
      { numRuns: 40 },
    )
  })

  it('property 13: n steps forwards and n back end where they began, across the greatest index and 0 too', () => {
    fc.assert(
      fc.property(lists, index, fc.nat(300), (ops, i, n) => {
        const [{ cursor }, model] = build(kind, keys, ops)
        const at = cursor(i)
        at.load()
        for (let s = 1n; s <= BigInt(n); s++) expect(Object.is(at.next(), model.at((i + s) % (top + 1n))?.value)).toBe(true)
        for (let s = 0; s < n; s++) at.prev()
        expect(BigInt(at.index)).toBe(i)
        expect(Object.is(at.load(), model.at(i)?.value)).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  it('property 15: after destroy it is as a fresh array of its kind', () => {
    fc.assert(
      fc.property(lists, lists, (before, after) => {
        const [subject] = build(kind, keys, before)
        subject.array.destroy()
        expect([subject.array.isEmpty, subject.array.size, countNodes(subject.array)]).toEqual([true, 0, 0])
        const model = new NaiveArray(kind, keys)
        for (const op of after.filter(({ do: name }) => name !== 'split' && name !== 'trySplit')) step(subject, model, op)
        compareAll(subject, model)
        checkInvariants(subject.array)
      }),
      { numRuns: 30 },
    )
  })
})
