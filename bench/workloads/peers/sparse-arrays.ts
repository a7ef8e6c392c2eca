/** Peers of `xa.*`: what a JavaScript program would use instead of a sparse array. */
import { hs } from '../../src/random.ts'
import type { Contender, Subject } from '../../src/scenario.ts'
import { type Keys, type SparseKind, sparseSubject } from '../sparse-subject.ts'
import { loadSortedBtree, type SortedTree } from './sorted-btree.ts'

const mapByNumber: SparseKind<Map<number, number>> = {
  make: () => new Map(),
  store: (map, key, value) => map.set(key, value),
  load: (map, key) => map.get(key),
  erase: (map, key) => map.delete(key),
  findAll(map) {
    let h = 0
    for (const key of Float64Array.from(map.keys()).sort()) h = hs(h, key)
    return h
  },
}

const mapByBigint: SparseKind<Map<bigint, number>> = {
  make: () => new Map(),
  store: (map, key, value) => map.set(BigInt(key), value),
  load: (map, key) => map.get(BigInt(key)),
  erase: (map, key) => map.delete(BigInt(key)),
  findAll(map) {
    let h = 0
    for (const key of BigUint64Array.from(map.keys()).sort()) h = hs(h, Number(key))
    return h
  },
}

const plainArray: SparseKind<(number | undefined)[]> = {
  make: () => [],
  store(array, key, value) {
    array[key] = value
  },
  load: (array, key) => array[key],
  erase(array, key) {
    array[key] = undefined
  },
  findAll(array) {
    let h = 0
    for (let key = 0; key < array.length; key++) if (array[key] !== undefined) h = hs(h, key)
    return h
  },
  findFrom(array, from) {
    for (let key = from; key < array.length; key++) if (array[key] !== undefined) return key
    return 0
  },
  storeNext(array, n) {
    for (let key = 0; key < n; key++) array.push(key)
  },
  next(array) {
    let h = 0
    for (let key = 0; key < array.length; key++) h = hs(h, array[key]!)
    return h
  },
}

async function sortedBtree(n: number, keys: Keys): Promise<Subject> {
  const BTree = await loadSortedBtree()
  return sparseSubject<SortedTree>(n, keys, {
    make: () => new BTree(),
    store: (tree, key, value) => tree.set(key, value),
    load: (tree, key) => tree.get(key),
    erase: (tree, key) => tree.delete(key),
    findAll(tree) {
      let h = 0
      tree.forRange(0, 2 ** 32, true, (key) => {
        h = hs(h, key)
      })
      return h
    },
    findFrom: (tree, from) => tree.getPairOrNextHigher(from)?.[0] ?? 0,
  })
}

export function sparseArrayPeers(n: number, keys: Keys): Contender[] {
  const peers: Contender[] = [
    { name: `Map<number>@${process.version}`, load: () => sparseSubject(n, keys, mapByNumber) },
    { name: `Map<bigint>@${process.version}`, u64: true, load: () => sparseSubject(n, keys, mapByBigint) },
    { name: 'sorted-btree@2.1.0', load: () => sortedBtree(n, keys) },
  ]
  // A plain array indexed by random 32-bit keys becomes a dictionary and walks 2^32 holes: no contender there.
  if (keys !== 'sparse32') peers.push({ name: `Array@${process.version}`, load: () => sparseSubject(n, keys, plainArray) })
  return peers
}
