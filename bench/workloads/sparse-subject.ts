/**
 * The work of `xa.*` over any sparse array. Its loops are entered seldom and run long, so V8 compiles them in the middle of a run, where what a turn hands
 * on to the next is a tagged value: a checksum above 2^31 - 1 would be an object made anew in every other turn, whoever's array is measured. So they carry it as a signed word.
 */
import { hs, shuffled, xorshift32 } from '../src/random.ts'
import type { PhaseRun, Subject } from '../src/scenario.ts'
import { copiesOf } from './data.ts'

export type Keys = 'seq' | 'rand' | 'sparse32'

/** How one sparse array does the work; keys are u32. What a peer cannot do is absent. */
export interface SparseKind<T> {
  make(): T
  store(array: T, key: number, value: number): unknown
  load(array: T, key: number): number | undefined
  erase(array: T, key: number): unknown
  /** HS of all indices, ascending. */
  findAll?(array: T): number
  /** First present index at or after `from`, 0 when none. */
  findFrom?(array: T, from: number): number
  /** Cursor work over 0..n-1: store ascending, read ascending (HS of indices), clear ascending. */
  storeNext?(array: T, n: number): void
  next?(array: T, n: number): number
  clear?(array: T, n: number): void
}

function keysOf(n: number, keys: Keys): Uint32Array {
  if (keys === 'rand') return shuffled(n, 0x1234567)
  if (keys === 'seq') return Uint32Array.from({ length: n }, (_, k) => k)
  const rnd = xorshift32(0x1234567)
  return Uint32Array.from({ length: n }, rnd)
}

class SparseWork<T> {
  readonly kind: SparseKind<T>
  readonly n: number
  readonly copies: number
  readonly #keys: Uint32Array
  readonly #visits: Uint32Array
  readonly #sparse: boolean
  #filled: T | undefined
  #fresh: T[] = []

  constructor(n: number, keys: Keys, kind: SparseKind<T>) {
    this.n = n
    this.kind = kind
    this.copies = copiesOf(n)
    this.#keys = keysOf(n, keys)
    const order = keys === 'seq' ? undefined : shuffled(n, 0x7654321)
    this.#visits = order === undefined ? this.#keys : order.map((at) => this.#keys[at]!)
    this.#sparse = keys === 'sparse32'
  }

  fill(array: T): T {
    const { kind } = this
    const keys = this.#keys
    for (let k = 0; k < keys.length; k++) kind.store(array, keys[k]!, k)
    return array
  }

  filled(): T {
    this.#filled ??= this.fill(this.kind.make())
    return this.#filled
  }

  reading(read: (array: T) => number): PhaseRun {
    return {
      before: () => void this.filled(),
      run: () => {
        let result = 0
        for (let c = 0; c < this.copies; c++) result = read(this.#filled!)
        return result
      },
    }
  }

  /** A phase that consumes fresh arrays; its checksum is the number of keys. */
  changing(prepare: (array: T) => void, change: (array: T) => void): PhaseRun {
    return {
      before: () => {
        this.#fresh = Array.from({ length: this.copies }, () => {
          const array = this.kind.make()
          prepare(array)
          return array
        })
      },
      run: () => {
        for (const array of this.#fresh) change(array)
        return this.n
      },
    }
  }

  loadAll(array: T): number {
    const { kind } = this
    const visits = this.#visits
    let h = 0
    for (let k = 0; k < visits.length; k++) h = hs(h, kind.load(array, visits[k]!)!)
    return h
  }

  eraseAll(array: T): void {
    const { kind } = this
    const visits = this.#visits
    for (let k = 0; k < visits.length; k++) kind.erase(array, visits[k]!)
  }

  /**
   * n draws; at and below 1e5 the array is visited several times by `reading`, so draws are n as well. The generator is xorshift32 written
   * out: through a closure the draws cost more than the searches.
   */
  findRandom(array: T): number {
    const { kind, n } = this
    const sparse = this.#sparse
    let x = 0x2468ace
    let h = 0
    for (let k = 0; k < n; k++) {
      x ^= x << 13
      x ^= x >>> 17
      x ^= x << 5
      h = hs(h, kind.findFrom!(array, sparse ? x >>> 0 : (x >>> 0) % n))
    }
    return h
  }
}

/** All phases of `xa.*` that the kind can do. The cursor phases belong to the sequential scenario. */
export function sparseSubject<T>(n: number, keys: Keys, kind: SparseKind<T>): Subject {
  const work = new SparseWork(n, keys, kind)
  const nothing = (): void => {}
  const phases: Record<string, PhaseRun> = {
    store: work.changing(nothing, (array) => void work.fill(array)),
    load: work.reading((array) => work.loadAll(array)),
    erase: work.changing(
      (array) => void work.fill(array),
      (array) => work.eraseAll(array),
    ),
  }
  if (kind.findAll) phases.find_all = work.reading((array) => kind.findAll!(array))
  if (kind.findFrom) phases.find_rand = work.reading((array) => work.findRandom(array))
  if (keys === 'seq') {
    if (kind.storeNext) phases.store_next = work.changing(nothing, (array) => kind.storeNext!(array, n))
    if (kind.next) phases.next = work.reading((array) => kind.next!(array, n))
    if (kind.clear)
      phases.clear = work.changing(
        (array) => void work.fill(array),
        (array) => kind.clear!(array, n),
      )
  }
  return { phases, memory: { entries: n, make: () => work.fill(kind.make()) } }
}
