// Entry `./check`: what must be true of a tree at any time, for tests.

import { gapFault } from './check-gaps.ts'
import { isBefore } from './keys.ts'
import { ASCENDS, COUNT, FIRST_NODE, LAST, NEXT, PARENT, PREV, SLOT_MASK, SLOTS_MAX, START, TAG, WIDTH, WIDTH_MIN } from './layout.ts'
import { lastTie, startTie } from './nodes.ts'
import type { AnyOwner } from './owner.ts'
import type { IntervalStore } from './store.ts'

function assert(holds: boolean, message: string): void {
  if (!holds) throw new Error(`interval tree: ${message}`)
}

interface Found {
  /** The nodes of each level in order, the leaves first. */
  readonly levels: number[][]
  entries: number
}

/** A key in its parts. */
interface Key {
  readonly key: number
  readonly tie: number
}

function startOf(store: IntervalStore, node: number, entry: number): Key {
  return { key: store.keys[node + entry + START]!, tie: startTie(store, node, entry) }
}

function lastOf(store: IntervalStore, node: number, entry: number): Key {
  return { key: store.keys[node + entry + LAST]!, tie: lastTie(store, node, entry) }
}

function less(a: Key, b: Key): boolean {
  return isBefore(a.key, a.tie, b.key, b.tie)
}

function same(a: Key, b: Key): boolean {
  return a.key === b.key && a.tie === b.tie
}

/** Throws an Error that says what is wrong if an invariant of spec data-structures 1.3, or one of the layout, does not hold. O(n log n). */
export function checkInvariants({ store }: AnyOwner): void {
  const found: Found = { levels: [], entries: 0 }
  let greatest: Key = { key: Number.NEGATIVE_INFINITY, tie: store.maxTie }
  if (store.root === 0) assert(store.height === 0, `an empty tree has height ${store.height}`)
  else {
    assert(store.words[store.root * 2 + PARENT] === 0, 'the root has a parent')
    greatest = checkNode(store, store.root, store.height, { leftEdge: true, rightEdge: true }, found)
  }
  assert(store.maxKey === greatest.key && store.maxTie === greatest.tie, 'the greatest last of the tree is not known')
  assert(found.entries === store.size, `size ${store.size}, but ${found.entries} intervals`)
  for (const nodes of found.levels) checkChain(store, nodes)
  checkOrder(store, found.levels[0] ?? [])
  checkMemory(store, found.levels.flat().length)
  const fault = gapFault(store)
  if (fault !== undefined) throw new Error(`interval tree: ${fault}`)
}

interface Edges {
  readonly leftEdge: boolean
  readonly rightEdge: boolean
}

/** Checks a node and all below; returns its greatest last. */
function checkNode(store: IntervalStore, node: number, level: number, { leftEdge, rightEdge }: Edges, found: Found): Key {
  const w = store.words
  const count = w[node * 2 + COUNT]!
  assert(count >= 1 && count <= WIDTH, `node ${node} has ${count} entries`)
  assert(level === 0 || count >= 2, `inner node ${node} has one child`)
  assert(leftEdge || rightEdge || count >= WIDTH_MIN, `node ${node} has ${count} entries, and is at no outer edge`)
  found.levels[level] ??= []
  found.levels[level]!.push(node)
  if (level === 0) found.entries += count
  let greatest: Key = { key: -1, tie: 0 }
  let ascends = true
  for (let entry = 0; entry < count; entry++) {
    const start = startOf(store, node, entry)
    const last = lastOf(store, node, entry)
    const slot = store.keys[node + entry + TAG]! & SLOT_MASK
    const id = w[(node + entry + TAG) * 2]!
    assert(!less(last, start), `entry ${entry} of node ${node} is inverted`)
    if (entry > 0) assert(!less(start, startOf(store, node, entry - 1)), `entry ${entry} of node ${node} is out of order`)
    if (level === 0) assert(store.leafOf[slot] === node, `slot ${slot} does not lead to leaf ${node}`)
    else {
      assert(w[id * 2 + PARENT] === node, `node ${id} does not know its parent`)
      const edges = { leftEdge: leftEdge && entry === 0, rightEdge: rightEdge && entry === count - 1 }
      const below = checkNode(store, id, level - 1, edges, found)
      assert(same(startOf(store, id, 0), start), `entry ${entry} of node ${node} does not know the first start below it`)
      assert(same(below, last), `entry ${entry} of node ${node} does not know the greatest last below it`)
    }
    if (less(last, greatest)) ascends = false
    else greatest = last
  }
  for (let entry = count; entry < WIDTH; entry++) {
    const free =
      store.keys[node + entry + START] === Number.POSITIVE_INFINITY && store.keys[node + entry + LAST] === Number.POSITIVE_INFINITY
    assert(free, `entry ${entry} of node ${node} is not in use and has a key`)
  }
  assert(ascends || w[node * 2 + ASCENDS] === 0, `the lasts of node ${node} do not ascend, but it says so`)
  return greatest
}

/** Checks the chain of the nodes of a level. */
function checkChain(store: IntervalStore, nodes: readonly number[]): void {
  const w = store.words
  nodes.forEach((node, i) => {
    assert(w[node * 2 + PREV] === (nodes[i - 1] ?? 0), `node ${node} has a wrong previous node`)
    assert(w[node * 2 + NEXT] === (nodes[i + 1] ?? 0), `node ${node} has a wrong next node`)
  })
}

/** Checks the order of what is in the leaves. */
function checkOrder(store: IntervalStore, leaves: readonly number[]): void {
  const w = store.words
  let before: Key = { key: -1, tie: 0 }
  let stampBefore = 0
  for (const leaf of leaves) {
    for (let entry = 0; entry < w[leaf * 2 + COUNT]!; entry++) {
      const start = startOf(store, leaf, entry)
      const stamp = Math.floor(store.keys[leaf + entry + TAG]! / SLOTS_MAX)
      assert(!less(start, before), `entry ${entry} of leaf ${leaf} is out of order`)
      // Stamps begin again after 2^27 insertions in one process; no test goes that far.
      assert(!same(start, before) || stampBefore < stamp, `equal starts in leaf ${leaf} are not in the order of insertion`)
      before = start
      stampBefore = stamp
    }
  }
}

/** Checks that every node and every slot is either in use or free. */
function checkMemory(store: IntervalStore, used: number): void {
  let free = 0
  for (let node = store.freeLeaf; node !== 0; node = store.words[node * 2 + NEXT]!) free++
  for (let node = store.freeInner; node !== 0; node = store.words[node * 2 + NEXT]!) free++
  assert(store.nodesEnd === FIRST_NODE + (used + free) * store.stride, `${used} nodes in use and ${free} free do not make all`)
  let freeSlots = 0
  for (let slot = store.freeSlot; slot !== SLOTS_MAX; slot = -1 - store.leafOf[slot]!) {
    freeSlots++
    assert(store.leafOf[slot]! < 0, `slot ${slot} is free and leads to a leaf`)
    assert(store.payloads?.[slot] === undefined, `slot ${slot} is free and keeps a payload`)
  }
  assert(store.slotsEnd === store.size + freeSlots, `${store.slotsEnd} slots, but ${store.size} in use and ${freeSlots} free`)
}
