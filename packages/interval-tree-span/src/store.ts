import * as layout from './layout.ts'

// V8 folds a module's own constants into the code; imported ones it reads from memory at each use.
const {
  ASCENDS,
  CHAIN_END,
  CHANGED,
  COUNT,
  FIRST_NODE,
  LAST,
  NEXT,
  NOWHERE,
  PARENT,
  PREV,
  ROW,
  SLOTS_MAX,
  START,
  STRIDE,
  STRIDE_WIDE,
  TAG,
  UNKNOWN,
  WIDTH,
} = layout

const NO_KEYS = new Float64Array(0)
const NO_WORDS = new Uint32Array(0)
const NO_SLOTS = new Int32Array(0)

/** Inserted in random order, 24,000 to 28,000 intervals make a tree this high: more than a megabyte. */
const HEIGHT_UNCACHED = 4

/**
 * Nodes: between the two, memory grows by an eighth, so that an interval takes 60 bytes at most in trees of which random insertion left a third empty.
 * Of trees of 1e3, to grow by half instead saves no instructions of insertion; of 1e6, by an eighth costs a fifth of its time.
 */
const NODES_LITTLE = 64
const MUCH = 4096

/** A cursor that is told before what it stands on moves in memory, or another one reads instead of it. */
export interface Reader {
  settle(): void
}

/**
 * The memory of one tree: an augmented B+ tree in one buffer (layout.ts), and the way from a slot to its leaf. The algorithms are free
 * functions over it. An empty tree owns no memory.
 */
export class IntervalStore {
  /** Whether its keys are u64. */
  declare readonly isU64: boolean
  /** Units of a node. */
  declare readonly stride: number
  keys: Float64Array = NO_KEYS
  words: Uint32Array = NO_WORDS
  /** Slot to leaf; of a free slot, -1 - the next free slot, or -1 - SLOTS_MAX at the end. */
  leafOf: Int32Array = NO_SLOTS
  root = 0
  /** Levels above the leaves. */
  height = 0
  size = 0
  /** The greatest last in the tree; before all keys if it is empty. */
  maxKey: number = -NOWHERE
  maxTie = 0
  /** 1 once an interval came in that has a tie: until then all ties are 0, and nobody looks. */
  hasTies = 0
  /** Changes with every change of the tree: cursors compare it. */
  version = 0
  nodesEnd: number = FIRST_NODE
  freeLeaf = 0
  freeInner = 0
  freeSlot: number = SLOTS_MAX
  slotsEnd = 0
  rows = 0
  /** The longest gap below each entry of each inner node, a row a node; empty until the first hole is asked for (gaps.ts). */
  gaps: Float64Array = NO_KEYS
  /** The first of the leaves that changed since a hole was last looked for. */
  changed: number = CHAIN_END
  payloads: unknown[] | undefined = undefined
  /** The one cursor that reads this memory only when it is asked what it stands on. */
  reader: Reader | undefined = undefined
  /** The interval last found, so that the walk "next, start, last, next …" does not search for it again. */
  foundHandle: number = Number.NaN
  foundPlace = 0

  constructor(isU64: boolean) {
    this.isU64 = isU64
    this.stride = isU64 ? STRIDE_WIDE : STRIDE
  }
}

/** Forgets everything, memory included. */
export function resetStore(store: IntervalStore): void {
  touch(store)
  Object.assign(store, new IntervalStore(store.isU64), { version: store.version })
}

/** Makes a cursor the reader, or none; the one so far keeps what it stands on. */
export function setReader(store: IntervalStore, reader: Reader | undefined): void {
  if (store.reader !== undefined) store.reader.settle()
  store.reader = reader
}

/** Room for more than there is: half as much again of what is little, an eighth up to MUCH, a quarter from there on. */
export function grown(have: number, little: number = MUCH): number {
  return have + (have >> (have < little ? 1 : have < MUCH ? 3 : 2))
}

/** Makes room for some more nodes. */
export function growNodes(store: IntervalStore, nodes: number): void {
  const have = Math.max(0, (store.keys.length - FIRST_NODE) / store.stride)
  const buffer = new ArrayBuffer((FIRST_NODE + Math.max(have + nodes, grown(have, NODES_LITTLE)) * store.stride) * 8)
  const words = new Uint32Array(buffer)
  words.set(store.words)
  store.keys = new Float64Array(buffer)
  store.words = words
}

/** An empty leaf behind another one, or the first one if that is 0. */
export function allocateLeaf(store: IntervalStore, left: number): number {
  let leaf = store.freeLeaf
  if (leaf === 0) {
    leaf = store.nodesEnd
    store.nodesEnd = leaf + store.stride
  } else store.freeLeaf = store.words[(leaf << 1) + NEXT]!
  const changed = store.words[(leaf << 1) + CHANGED]!
  initNode(store, leaf, left)
  store.words[(leaf << 1) + CHANGED] = changed
  return leaf
}

/**
 * Makes inner nodes, one for eight there are, as far as room was made: side by side they take few pages, whose addresses the processor keeps.
 * query_64 of itree.1e6.rand: 833 -> 705 ns.
 */
function addInner(store: IntervalStore): void {
  const room = (store.keys.length - store.nodesEnd) / store.stride
  for (let more = Math.min(room, 1 + (store.rows >> 3)); more > 0; more--) {
    const node = store.nodesEnd
    store.nodesEnd = node + store.stride
    store.words[(node << 1) + ROW] = store.rows++
    freeInnerNode(store, node)
  }
}

/** Makes sure that an insertion into a full leaf, or into an empty tree, finds all the nodes that it may need, before it changes anything. */
export function reserveNodes(store: IntervalStore): void {
  const missing = store.root === 0 ? 1 : store.height + 2
  if (store.nodesEnd + missing * store.stride > store.keys.length) growNodes(store, missing)
}

/** An empty inner node behind another one of its level, or the first one if that is 0. */
export function allocateInner(store: IntervalStore, left: number): number {
  if (store.freeInner === 0) addInner(store)
  const node = store.freeInner
  store.freeInner = store.words[(node << 1) + NEXT]!
  const row = store.words[(node << 1) + ROW]!
  initNode(store, node, left)
  store.words[(node << 1) + ROW] = row
  return node
}

/** To be called by whatever changes the tree, before it does. */
export function touch(store: IntervalStore): void {
  store.version = (store.version + 1) | 0
  store.foundHandle = Number.NaN
  setReader(store, undefined)
}

/** Frees a node of a level, and takes it out of the chain of that level. */
export function freeNode(store: IntervalStore, node: number, level: number): void {
  const w = store.words
  const next = w[(node << 1) + NEXT]!
  const prev = w[(node << 1) + PREV]!
  if (prev !== 0) w[(prev << 1) + NEXT] = next
  if (next !== 0) w[(next << 1) + PREV] = prev
  if (level > 0) freeInnerNode(store, node)
  else {
    w[(node << 1) + NEXT] = store.freeLeaf
    store.freeLeaf = node
  }
}

function freeInnerNode(store: IntervalStore, node: number): void {
  store.words[(node << 1) + NEXT] = store.freeInner
  store.freeInner = node
}

function initNode(store: IntervalStore, node: number, left: number): void {
  const { keys, words } = store
  keys.fill(NOWHERE, node + START, node + (LAST + WIDTH))
  words.fill(0, (node << 1) + COUNT, (node << 1) + ASCENDS)
  words[(node << 1) + ASCENDS] = 1
  if (left === 0) return
  const next = words[(left << 1) + NEXT]!
  words[(node << 1) + NEXT] = next
  words[(node << 1) + PREV] = left
  words[(left << 1) + NEXT] = node
  if (next !== 0) words[(next << 1) + PREV] = node
}

/** The index in the table of gaps of an entry of an inner node. */
export function gapIndex(store: IntervalStore, node: number, entry: number): number {
  return store.words[(node << 1) + ROW]! * WIDTH + entry
}

/** All gaps of an inner node are to be measured. */
export function forgetGaps(store: IntervalStore, node: number): void {
  const row = gapIndex(store, node, 0)
  if (store.gaps.length > 0) store.gaps.fill(UNKNOWN, row, row + WIDTH)
}

/**
 * Reads from all lines of memory of a node at once, so that the processor waits for them together and not for one after the other. Always false,
 * since the count of entries is among the words whose common bits are looked at.
 * Worth it where nodes are not in a cache: query_point of itree.1e6.rand 717 -> 545 ns by the leaf and 407 -> 366 by the nodes above, remove 866 -> 744,
 * insert 609 -> 579; query_point of 1e5 123 -> 116. Lower trees do without.
 */
export function fetchNode(store: IntervalStore, node: number): boolean {
  const w = store.words
  const at = node << 1
  return store.height >= HEIGHT_UNCACHED && (firstLines(w, at) & w[at + 48]! & w[at + 64]! & w[at + 80]! & w[at + 96]!) > WIDTH
}

/** The bits that the first lines of memory of a node, up to that of its count, have in common. */
function firstLines(w: Uint32Array, at: number): number {
  return w[at]! & w[at + 16]! & w[at + COUNT]!
}

/**
 * Reads from the first lines of all leaves under the next node at once, when a scan comes to the first leaf under this one, on its way to a key behind all
 * of them: from leaf to leaf it would wait for each. iter_all of itree.1e6.rand 20.0 -> 8.3 ns, span 14.3 -> 10.2; with all lines of each leaf under this
 * node 14.7 and 10.5. dspan of itree.1e5.rand 28.5 -> 23.4 ns.
 */
export function fetchAhead(store: IntervalStore, leaf: number, end: number): void {
  if (store.height < HEIGHT_UNCACHED) return
  const { keys, words } = store
  const above = words[(leaf << 1) + PARENT]!
  const next = words[(above << 1) + NEXT]!
  const last = next + words[(next << 1) + COUNT]! - 1
  if (words[(above + TAG) << 1] !== leaf || next === 0 || keys[last + START]! > end) return
  for (let unit = next; unit <= last; unit++) if (firstLines(words, words[(unit + TAG) << 1]! << 1) > WIDTH) return
}
