import {
  COUNT,
  ENTRY_MASK,
  FIRST_NODE,
  ID,
  NEXT,
  PREV,
  ROW,
  SLOT_MASK,
  SLOTS_MAX,
  STALE,
  STAMP,
  STAMP_MAX,
  STRIDE,
  WIDTH,
} from './layout.ts'

const NO_WORDS = new Uint32Array(FIRST_NODE)
const NO_SLOTS = new Int32Array(0)
export const NO_GAPS: Float64Array = new Float64Array(0)

/** Stamps come from one counter for all trees, so that a handle of another tree is no handle of this one. */
let stampLast = 0

/** A tree, seen by the cursors that travel over it. */
export interface StoreOwner {
  /** Internal. */
  readonly engine: IntervalStore
}

/**
 * The memory of one tree: an augmented B+ tree in one array of 32-bit words (layout.ts), and the way from a slot to its leaf.
 * The algorithms are free functions over it. An empty tree owns no memory.
 */
export class IntervalStore {
  words: Uint32Array = NO_WORDS
  /** Slot to leaf; of a free slot, -1 - the next free slot, or -1 - SLOTS_MAX at the end. */
  leafOf: Int32Array = NO_SLOTS
  root = 0
  /** Levels above the leaves. */
  height = 0
  size = 0
  /** Changes with every change of the tree: cursors compare it. */
  version = 0
  nodesEnd: number = FIRST_NODE
  freeLeaf = 0
  freeInner = 0
  freeSlot: number = SLOTS_MAX
  slotsEnd = 0
  rows = 0
  /** The largest gap below each entry of each inner node, a row a node; empty until the first hole is asked for. */
  gaps: Float64Array = NO_GAPS
  payloads: unknown[] | undefined = undefined
  /** The interval last found, so that the walk "next, start, last, next …" does not search for it again. */
  foundHandle: number = Number.NaN
  foundPlace = 0
}

/** Forgets everything, memory included. */
export function resetStore(store: IntervalStore): void {
  store.words = NO_WORDS
  store.leafOf = NO_SLOTS
  store.root = 0
  store.height = 0
  store.size = 0
  store.nodesEnd = FIRST_NODE
  store.freeLeaf = 0
  store.freeInner = 0
  store.freeSlot = SLOTS_MAX
  store.slotsEnd = 0
  store.rows = 0
  store.gaps = NO_GAPS
  store.payloads = undefined
  touch(store)
}

/** To be called by whatever changes the tree. */
export function touch(store: IntervalStore): void {
  store.version = (store.version + 1) | 0
  store.foundHandle = Number.NaN
}

function grownWords(store: IntervalStore, nodes: number): Uint32Array {
  const have = (store.words.length - FIRST_NODE) / STRIDE
  // Small trees double; large ones grow by a quarter, because memory an interval counts more there than copying does.
  const want = Math.max(have + nodes, have < 4096 ? have * 2 : have + (have >> 2))
  const words = new Uint32Array(FIRST_NODE + want * STRIDE)
  words.set(store.words)
  return words
}

/** Makes sure that an insertion finds all the nodes that it may need, before it changes anything. */
export function reserveNodes(store: IntervalStore): void {
  const missing = store.root === 0 ? 1 : store.height + 2
  if (store.nodesEnd + missing * STRIDE <= store.words.length) return
  if (store.height === 0 && store.root !== 0 && store.words[store.root + COUNT]! <= ENTRY_MASK) return
  let inner = 0
  for (let node = store.freeInner; node !== 0 && inner < missing - 1; node = store.words[node + NEXT]!) inner++
  const fresh = missing - inner - (store.freeLeaf === 0 ? 0 : 1)
  if (store.nodesEnd + fresh * STRIDE > store.words.length) store.words = grownWords(store, fresh)
}

export function allocateLeaf(store: IntervalStore): number {
  const w = store.words
  let leaf = store.freeLeaf
  if (leaf === 0) {
    leaf = store.nodesEnd
    store.nodesEnd = leaf + STRIDE
  } else store.freeLeaf = w[leaf + NEXT]!
  w.fill(0, leaf, leaf + ROW)
  w[leaf + STALE] = 0
  return leaf
}

export function allocateInner(store: IntervalStore): number {
  const w = store.words
  let node = store.freeInner
  if (node === 0) {
    node = store.nodesEnd
    store.nodesEnd = node + STRIDE
    w[node + ROW] = store.rows++
  } else store.freeInner = w[node + NEXT]!
  // The row of gaps, if there is one, may hold those of another node: a negative gap is one that is to be measured.
  store.gaps.fill(-1, w[node + ROW]! * WIDTH, (w[node + ROW]! + 1) * WIDTH)
  w.fill(0, node, node + ROW)
  w[node + STALE] = 0
  return node
}

export function freeLeafNode(store: IntervalStore, leaf: number): void {
  const w = store.words
  const next = w[leaf + NEXT]!
  const prev = w[leaf + PREV]!
  if (prev !== 0) w[prev + NEXT] = next
  if (next !== 0) w[next + PREV] = prev
  w[leaf + COUNT] = 0
  w[leaf + NEXT] = store.freeLeaf
  store.freeLeaf = leaf
}

export function freeInnerNode(store: IntervalStore, node: number): void {
  store.words[node + COUNT] = 0
  store.words[node + NEXT] = store.freeInner
  store.freeInner = node
}

/** Makes sure that a slot is free. */
export function reserveSlot(store: IntervalStore): void {
  if (store.freeSlot !== SLOTS_MAX || store.slotsEnd < store.leafOf.length) return
  const have = store.leafOf.length
  if (have === SLOTS_MAX) throw new RangeError(`a tree holds at most ${SLOTS_MAX} intervals`)
  const leafOf = new Int32Array(Math.min(SLOTS_MAX, have < 4096 ? Math.max(16, have * 2) : have + (have >> 2)))
  leafOf.set(store.leafOf)
  store.leafOf = leafOf
}

export function takeSlot(store: IntervalStore): number {
  const slot = store.freeSlot
  if (slot === SLOTS_MAX) return store.slotsEnd++
  store.freeSlot = -1 - store.leafOf[slot]!
  return slot
}

export function freeSlot(store: IntervalStore, slot: number): void {
  store.leafOf[slot] = -1 - store.freeSlot
  store.freeSlot = slot
  if (store.payloads !== undefined) store.payloads[slot] = undefined
}

export function takeStamp(): number {
  stampLast = stampLast === STAMP_MAX ? 1 : stampLast + 1
  return stampLast
}

/** The handle of the interval at `place`; remembers it as the one last found. O(1). */
export function handleAt(store: IntervalStore, place: number): number {
  const handle = store.words[place + STAMP]! * SLOTS_MAX + store.words[place + ID]!
  store.foundHandle = handle
  store.foundPlace = place
  return handle
}

/** The place of the interval of a handle, 0 if it is none of this tree's. O(1). */
export function findPlace(store: IntervalStore, handle: number): number {
  if (handle === store.foundHandle) return store.foundPlace
  if (typeof handle !== 'number') return 0
  const slot = handle & SLOT_MASK
  const leaf = store.leafOf[slot]
  if (leaf === undefined || leaf <= 0) return 0
  const w = store.words
  let place = leaf
  while (w[place + ID] !== slot) place++
  if (w[place + STAMP]! * SLOTS_MAX + slot !== handle) return 0
  store.foundHandle = handle
  store.foundPlace = place
  return place
}

/** The place of the interval of a handle; throws if it is none of this tree's. O(1). */
export function placeOf(store: IntervalStore, handle: number): number {
  const place = findPlace(store, handle)
  if (place !== 0) return place
  if (typeof handle !== 'number') throw new TypeError(`an interval handle must be a number, not ${typeof handle}`)
  throw new RangeError(`interval handle ${handle} is not in this tree: it was removed, or it belongs to another tree`)
}
