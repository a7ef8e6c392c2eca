// The checks of invariants, checked (kind 1): each names what is wrong when the inside of a tree has been damaged.
import { IntervalTree, IntervalTree64 } from '@iommukit/interval-tree-span'
import { checkInvariants } from '@iommukit/interval-tree-span/check'
import { describe, expect, it } from 'vitest'
import { ASCENDS, CHAIN_END, CHANGED, COUNT, LAST, NEXT, PARENT, PREV, SLOT_MASK, START, TAG, UNKNOWN, WIDTH } from '../src/layout.ts'
import { gapIndex, type IntervalStore } from '../src/store.ts'

/** Three levels: [0, 15], [10, 25], [20, 35] … Some were removed, and the gaps between two of them are known. */
function many(): IntervalStore {
  const tree = new IntervalTree<string>()
  const handles = Array.from({ length: 600 }, (_, i) => tree.insert(i * 10, i * 10 + (i % 9 === 7 ? 4 : 15), `at ${i}`))
  for (let i = 100; i < 200; i++) tree.remove(handles[i]!)
  tree.firstHole(1000)
  return tree.store
}

function few(): IntervalStore {
  const tree = new IntervalTree<string>()
  const handles = [5, 5, 20].map((start) => tree.insert(start, start + 3, 'payload'))
  tree.remove(handles[2]!)
  return tree.store
}

function wide(): IntervalStore {
  const tree = new IntervalTree64()
  for (let i = 0n; i < 300n; i++) tree.insert(i << 33n, (i << 33n) + 5n)
  tree.firstHole(1n << 60n)
  return tree.store
}

/** Gaps between intervals are about `length`. */
function sparse(length: bigint): IntervalStore {
  const tree = new IntervalTree64()
  for (let i = 0n; i < 300n; i++) tree.insert(i * length, i * length + 5n)
  tree.firstHole(1n << 63n)
  return tree.store
}

function child(store: IntervalStore, node: number, entry: number): number {
  return store.words[(node + entry + TAG) * 2]!
}

/** A leaf that is at no outer edge. */
function leafOf(store: IntervalStore): number {
  let node = store.root
  for (let level = store.height; level > 0; level--) node = child(store, node, 1)
  return node
}

function countOf(store: IntervalStore, node: number): number {
  return store.words[node * 2 + COUNT]!
}

function setWord(store: IntervalStore, node: number, place: number, value: number): void {
  store.words[node * 2 + place] = value
}

/** An inner node right above the leaves, at no outer edge, and one of its entries whose gap is known. */
function gapPlace(store: IntervalStore): number {
  return gapIndex(store, child(store, store.root, 1), 2)
}

function check(store: IntervalStore): () => void {
  return () => checkInvariants({ store })
}

describe('checkInvariants', () => {
  it('says nothing of what is whole', () => {
    for (const make of [many, few, wide, () => sparse(1n << 55n)]) check(make())()
    checkInvariants(new IntervalTree())
    checkInvariants(new IntervalTree64())
    const store = many()
    expect(store.height).toBe(2)
    expect(store.gaps[gapPlace(store)]).not.toBe(UNKNOWN)
    store.gaps[gapIndex(store, store.root, 1)] = UNKNOWN
    check(store)()
    store.gaps[gapPlace(store)] = UNKNOWN
    check(store)()
  })

  it.each<[string, () => IntervalStore, (store: IntervalStore, leaf: number) => void, RegExp]>([
    ['an empty tree with a height', () => new IntervalTree().store, (store) => (store.height = 1), /an empty tree has height 1/],
    ['a root with a parent', many, (store, leaf) => setWord(store, store.root, PARENT, leaf), /the root has a parent/],
    ['another greatest last', many, (store) => store.maxKey++, /the greatest last of the tree is not known/],
    ['another greatest tie', wide, (store) => store.maxTie++, /the greatest last of the tree is not known/],
    [
      'a greatest last of none',
      () => new IntervalTree().store,
      (store) => (store.maxKey = 0),
      /the greatest last of the tree is not known/,
    ],
    ['another size', many, (store) => store.size++, /size 501, but 500 intervals/],
    ['a leaf without entries', many, (store, leaf) => setWord(store, leaf, COUNT, 0), /has 0 entries$/],
    ['a leaf with too many', many, (store, leaf) => setWord(store, leaf, COUNT, WIDTH + 1), /has 17 entries$/],
    ['a leaf with too few', many, (store, leaf) => setWord(store, leaf, COUNT, 3), /has 3 entries, and is at no outer edge/],
    ['a root with one child', many, (store) => setWord(store, store.root, COUNT, 1), /inner node \d+ has one child/],
    [
      'an inverted interval',
      many,
      (store, leaf) => (store.keys[leaf + 2 + LAST] = store.keys[leaf + 2 + START]! - 1),
      /entry 2 of node \d+ is inverted/,
    ],
    [
      'intervals out of order',
      many,
      (store, leaf) => (store.keys[leaf + 2 + START] = store.keys[leaf + START]!),
      /entry 2 of node \d+ is out of order/,
    ],
    ['a slot that leads elsewhere', many, loseSlot, /slot \d+ does not lead to leaf/],
    ['a node with another parent', many, (store, leaf) => setWord(store, leaf, PARENT, leaf), /does not know its parent/],
    [
      'another first start',
      many,
      (store) => store.keys[store.root + 1 + START]!--,
      /entry 1 of node \d+ does not know the first start below it/,
    ],
    [
      'another greatest last below',
      many,
      (store) => store.keys[store.root + 1 + LAST]!++,
      /entry 1 of node \d+ does not know the greatest last below it/,
    ],
    ['a start where none is', few, (store) => (store.keys[store.root + 2 + START] = 1), /entry 2 of node \d+ is not in use and has a key/],
    ['a last where none is', few, (store) => (store.keys[store.root + 15 + LAST] = 1), /entry 15 of node \d+ is not in use and has a key/],
    ['lasts said to ascend', many, saysAscends, /the lasts of node \d+ do not ascend, but it says so/],
    ['another leaf before', many, (store, leaf) => setWord(store, leaf, PREV, leaf), /node \d+ has a wrong previous node/],
    ['another leaf behind', many, (store, leaf) => setWord(store, leaf, NEXT, 0), /node \d+ has a wrong next node/],
    ['a leaf behind the last', few, (store) => setWord(store, store.root, NEXT, 4), /node \d+ has a wrong next node/],
    ['leaves out of order', many, moveStart, /entry 0 of leaf \d+ is out of order/],
    ['equal starts out of order', few, swapTags, /equal starts in leaf \d+ are not in the order of insertion/],
    ['a node too many', many, (store) => (store.nodesEnd += store.stride), /nodes in use and \d+ free do not make all/],
    ['a node lost', many, (store) => (store.freeLeaf = store.freeInner = 0), /nodes in use and 0 free do not make all/],
    ['a free slot that leads to a leaf', few, (store) => (store.leafOf[store.freeSlot] = 4), /slot 2 is free and leads to a leaf/],
    ['a free slot that leads to no leaf', few, (store) => (store.leafOf[store.freeSlot] = 0), /slot 2 is free and leads to a leaf/],
    ['a payload of a free slot', few, (store) => (store.payloads![store.freeSlot] = 'kept'), /slot 2 is free and keeps a payload/],
    ['a slot too many', few, (store) => store.slotsEnd++, /4 slots, but 2 in use and 1 free/],
    [
      'a longer gap than there is',
      many,
      (store) => store.gaps[gapPlace(store)]!++,
      /the gap of entry 2 of node \d+ is \d+, but the table says \d+/,
    ],
    [
      'a shorter gap than there is',
      many,
      (store) => store.gaps[gapPlace(store)]!--,
      /the gap of entry 2 of node \d+ is \d+, but the table says -?\d+/,
    ],
    [
      'a gap of the root',
      many,
      (store) => store.gaps[gapIndex(store, store.root, 1)]!++,
      /the gap of entry 1 of node \d+ is \d+, but the table says \d+/,
    ],
    [
      'a gap that is unknown below one that is not',
      many,
      (store) => (store.gaps[gapPlace(store)] = UNKNOWN),
      /the gap of entry 2 of node \d+ is unknown, but that above it is not/,
    ],
    [
      'a leaf that changed and is not in the chain',
      many,
      (store, leaf) => setWord(store, leaf, CHANGED, CHAIN_END),
      /leaf \d+ is noted as changed, but not in the chain/,
    ],
    ['a great gap that is not exact', () => sparse(1n << 50n), (store) => store.gaps[gapPlace(store)]!++, /, but the table says \d+/],
    ['a gap of more than 2^53 that is shorter', () => sparse(1n << 55n), shortenGap, /, but the table says \d+/],
    ['a gap between u64', wide, (store) => (store.gaps[gapPlace(store)] = 2 ** 33 - 5), /is 8589934586, but the table says 8589934587/],
  ])('tells %s', (_, make, damage, message) => {
    const store = make()
    damage(store, leafOf(store))
    expect(check(store)).toThrow(message)
    expect(check(store)).toThrow(/^interval tree: /)
  })
})

function shortenGap(store: IntervalStore): void {
  store.gaps[gapPlace(store)]! *= 1 - 2 ** -50
}

function loseSlot(store: IntervalStore, leaf: number): void {
  store.leafOf[store.keys[leaf + 1 + TAG]! & SLOT_MASK] = 4
}

/** A leaf with an interval inside the one before it. */
function saysAscends(store: IntervalStore): void {
  for (let leaf = leafOf(store); leaf !== 0; leaf = store.words[leaf * 2 + NEXT]!) {
    for (let entry = 1; entry < countOf(store, leaf); entry++) {
      if (store.keys[leaf + entry + LAST]! >= store.keys[leaf + entry - 1 + LAST]!) continue
      setWord(store, leaf, ASCENDS, 1)
      return
    }
  }
}

/** The last interval of a leaf begins behind the first of the next one. */
function moveStart(store: IntervalStore): void {
  const { keys, words } = store
  for (let leaf = leafOf(store); leaf !== 0; leaf = words[leaf * 2 + NEXT]!) {
    const entry = leaf + countOf(store, leaf) - 1
    const next = keys[words[leaf * 2 + NEXT]! + START]!
    if (keys[entry + LAST]! <= next) continue
    keys[entry + START] = next + 1
    return
  }
}

function swapTags(store: IntervalStore): void {
  const { keys, root } = store
  const [first, second] = [keys[root + TAG]!, keys[root + 1 + TAG]!]
  keys[root + TAG] = second
  keys[root + 1 + TAG] = first
}
