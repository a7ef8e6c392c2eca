/** `xa.*`: sparse arrays, ours by number and over all of u64, beside maps, a plain array and an ordered map. */
import { XArray, XArray64, XaCursor } from '@iommukit/xarray'
import { hs } from '../src/random.ts'
import { ours, type Phase, type Scenario } from '../src/scenario.ts'
import { copiesOf, sizeName } from './data.ts'
import { sparseArrayPeers } from './peers/sparse-arrays.ts'
import { type Keys, type SparseKind, sparseSubject } from './sparse-subject.ts'

const byNumber: SparseKind<XArray<number>> = {
  make: () => new XArray<number>(),
  store: (array, key, value) => array.store(key, value),
  load: (array, key) => array.load(key),
  erase: (array, key) => array.erase(key),
  findAll(array) {
    let h = 0
    const cursor = new XaCursor(array, 0)
    while (cursor.find(Number.MAX_SAFE_INTEGER) !== undefined) h = hs(h, cursor.index)
    return h
  },
  findFrom: (array, from) => array.findIndex(from) ?? 0,
  storeNext(array, n) {
    const cursor = new XaCursor(array, 0)
    for (let k = 0; k < n; k++) {
      cursor.set(k)
      cursor.store(k)
    }
  },
  next(array, n) {
    let h = 0
    const cursor = new XaCursor(array, 0)
    for (let k = 0; k < n; k++) h = hs(h, cursor.next() as number)
    return h
  },
  clear(array, n) {
    const cursor = new XaCursor(array, 0)
    while (cursor.find(n - 1) !== undefined) cursor.store(undefined)
  },
}

const byU64: SparseKind<XArray64<number>> = {
  make: () => new XArray64<number>(),
  store: (array, key, value) => array.store(key, value),
  load: (array, key) => array.load(key),
  erase: (array, key) => array.erase(key),
}

interface Known {
  readonly cNs: number
  readonly checksum?: number
  readonly goal: number
}

const sums = { seq: 561181854, rand: 1694534124, sparse32: 1694534124 } as const

const known: Readonly<Record<Keys, Readonly<Record<string, Known>>>> = {
  seq: {
    store: { cNs: 16.5, goal: 0.7 },
    load: { cNs: 7.8, checksum: sums.seq, goal: 1 },
    find_all: { cNs: 2.8, checksum: 561181854, goal: 1.5 },
    find_rand: { cNs: 22, checksum: 860685907, goal: 1 },
    erase: { cNs: 18, goal: 0.7 },
    store_next: { cNs: 5.9, goal: 1 },
    next: { cNs: 2.6, checksum: 561181854, goal: 1 },
    clear: { cNs: 10.5, goal: 1 },
  },
  rand: {
    store: { cNs: 36, goal: 0.7 },
    load: { cNs: 23, checksum: sums.rand, goal: 1 },
    find_all: { cNs: 2.9, checksum: 561181854, goal: 1.5 },
    find_rand: { cNs: 22, checksum: 860685907, goal: 1 },
    erase: { cNs: 53, goal: 0.7 },
  },
  sparse32: {
    store: { cNs: 356, goal: 1.3 },
    load: { cNs: 257, checksum: sums.sparse32, goal: 1 },
    find_all: { cNs: 568, checksum: 2517380611, goal: 0.2 },
    find_rand: { cNs: 816, checksum: 130356124, goal: 1 },
    erase: { cNs: 675, goal: 0.7 },
  },
}

function scenario(n: number, keys: Keys): Scenario {
  const names = Object.keys(known[keys])
  const phases = names.map((name): Phase => {
    const base = { name, unit: 'entry', ops: copiesOf(n) * n }
    return n === 1e6 ? { ...base, ...known[keys][name] } : base
  })
  return {
    name: `xa.${sizeName(n)}.${keys}`,
    package: 'xarray',
    source: 'bench/workloads/xarray.ts',
    n,
    smoke: n <= 1e3,
    phases,
    contenders: [
      { name: ours, load: () => sparseSubject(n, keys, byNumber) },
      { name: ours, u64: true, load: () => sparseSubject(n, keys, byU64) },
      ...sparseArrayPeers(n, keys),
    ],
  }
}

export const scenarios: readonly Scenario[] = [
  ...[1e3, 1e5, 1e6].flatMap((n) => [scenario(n, 'seq'), scenario(n, 'rand')]),
  ...[1e3, 1e5, 1e6].map((n) => scenario(n, 'sparse32')),
]
