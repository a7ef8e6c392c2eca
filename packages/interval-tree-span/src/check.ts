// Entry `./check`: what must be true of a tree at any time, for tests.

import { gapFault } from './check-gaps.ts'
import { joinKey } from './keys.ts'
import {
  COUNT,
  FIRST_NODE,
  ID,
  LAST_HI,
  LAST_LO,
  MAX_HI,
  MAX_LO,
  NEXT,
  PARENT,
  PREV,
  SLOTS_MAX,
  STAMP,
  START_HI,
  START_LO,
  STRIDE,
  WIDTH,
  WIDTH_MIN,
} from './layout.ts'
import { storeOf } from './span-cursor64.ts'
import type { IntervalStore, StoreOwner } from './store.ts'

function assert(holds: boolean, message: string): void {
  if (!holds) throw new Error(`interval tree: ${message}`)
}

interface Found {
  readonly leaves: number[]
  inner: number
  entries: number
}

/** Throws an Error that says what is wrong if an invariant of spec data-structures 1.3, or one of the layout, does not hold. O(n). */
export function checkInvariants(tree: StoreOwner): void {
  const store = storeOf(tree)
  const found: Found = { leaves: [], inner: 0, entries: 0 }
  if (store.root === 0) assert(store.height === 0, `an empty tree has height ${store.height}`)
  else {
    assert(store.words[store.root + PARENT] === 0, 'the root has a parent')
    checkNode(store, store.root, store.height, true, true, found)
  }
  assert(found.entries === store.size, `size ${store.size}, but ${found.entries} intervals`)
  checkLeaves(store, found.leaves)
  checkMemory(store, found)
  const fault = gapFault(store)
  if (fault !== undefined) throw new Error(`interval tree: ${fault}`)
}

/** Checks a node and all below; returns its first start and its greatest last. */
function checkNode(
  store: IntervalStore,
  node: number,
  level: number,
  leftEdge: boolean,
  rightEdge: boolean,
  found: Found,
): [bigint, bigint] {
  const w = store.words
  const count = w[node + COUNT]!
  assert(count >= 1 && count <= WIDTH, `node ${node} has ${count} entries`)
  assert(level === 0 || count >= 2, `inner node ${node} has one child`)
  assert(leftEdge || rightEdge || count >= WIDTH_MIN, `node ${node} has ${count} entries, and is at no outer edge`)
  if (level === 0) {
    found.leaves.push(node)
    found.entries += count
  } else found.inner++
  let greatest = -1n
  for (let at = node; at < node + count; at++) {
    const start = joinKey(w[at + START_HI]!, w[at + START_LO]!)
    const last = joinKey(w[at + LAST_HI]!, w[at + LAST_LO]!)
    assert(start <= last, `entry ${at} is inverted`)
    if (at > node) assert(start >= joinKey(w[at - 1 + START_HI]!, w[at - 1 + START_LO]!), `entry ${at} is out of order`)
    if (level === 0) assert(store.leafOf[w[at + ID]!] === node, `slot ${w[at + ID]} does not lead to leaf ${node}`)
    else {
      const child = w[at + ID]!
      assert(w[child + PARENT] === node, `node ${child} does not know its parent`)
      const [first, below] = checkNode(store, child, level - 1, leftEdge && at === node, rightEdge && at === node + count - 1, found)
      assert(first === start, `entry ${at} says that its first start is ${start}, but it is ${first}`)
      assert(below === last, `entry ${at} says that its greatest last is ${last}, but it is ${below}`)
    }
    if (last > greatest) greatest = last
  }
  if (level === 0) assert(greatest === joinKey(w[node + MAX_HI]!, w[node + MAX_LO]!), `leaf ${node} does not know its greatest last`)
  return [joinKey(w[node + START_HI]!, w[node + START_LO]!), greatest]
}

/** Checks the chain of leaves, and the order of what is in them. */
function checkLeaves(store: IntervalStore, leaves: readonly number[]): void {
  const w = store.words
  let previous = -1
  leaves.forEach((leaf, i) => {
    assert(w[leaf + PREV] === (leaves[i - 1] ?? 0), `leaf ${leaf} has a wrong previous leaf`)
    assert(w[leaf + NEXT] === (leaves[i + 1] ?? 0), `leaf ${leaf} has a wrong next leaf`)
    for (let at = leaf; at < leaf + w[leaf + COUNT]!; at++) {
      if (previous >= 0) {
        const before = joinKey(w[previous + START_HI]!, w[previous + START_LO]!)
        const start = joinKey(w[at + START_HI]!, w[at + START_LO]!)
        assert(before <= start, `place ${at} is out of order`)
        // Stamps begin again after 2^27 insertions in one process; no test goes that far.
        if (before === start) assert(w[previous + STAMP]! < w[at + STAMP]!, `equal starts at ${at} are not in the order of insertion`)
      }
      previous = at
    }
  })
}

/** Checks that every node and every slot is either in use or free. */
function checkMemory(store: IntervalStore, found: Found): void {
  let free = 0
  for (let node = store.freeLeaf; node !== 0; node = store.words[node + NEXT]!) free++
  for (let node = store.freeInner; node !== 0; node = store.words[node + NEXT]!) free++
  const nodes = (store.nodesEnd - FIRST_NODE) / STRIDE
  assert(
    nodes === found.leaves.length + found.inner + free,
    `${nodes} nodes, but ${found.leaves.length + found.inner} in use and ${free} free`,
  )
  let freeSlots = 0
  for (let slot = store.freeSlot; slot !== SLOTS_MAX; slot = -1 - store.leafOf[slot]!) {
    freeSlots++
    assert(store.leafOf[slot]! < 0, `slot ${slot} is free and leads to a leaf`)
    assert(store.payloads?.[slot] === undefined, `slot ${slot} is free and keeps a payload`)
  }
  assert(store.slotsEnd === store.size + freeSlots, `${store.slotsEnd} slots, but ${store.size} in use and ${freeSlots} free`)
}
