import { type IntervalHandle, IntervalTree } from '@iommukit/interval-tree-span'

/** Whatever holds a range of pages: an area with storage, or an access record. */
export interface Holder {
  readonly firstIndex: number
  readonly lastIndex: number
  storageHandle: IntervalHandle
}

/**
 * The holders of one kind of one Pages: none, one inline, or a tree. A Pages of one area is the usual case by far, and a tree costs more
 * memory than such a Pages; so the tree is made for the second holder, and kept until the last one leaves.
 */
export type Held<H extends Holder> = H | IntervalTree<H> | undefined

/** Adds a holder; returns what to keep instead of `held`. O(log n). */
export function addHolder<H extends Holder>(held: Held<H>, holder: H): Held<H> {
  if (held === undefined) return holder
  let tree: IntervalTree<H>
  if (held instanceof IntervalTree) tree = held
  else {
    tree = new IntervalTree<H>()
    held.storageHandle = tree.insert(held.firstIndex, held.lastIndex, held)
  }
  holder.storageHandle = tree.insert(holder.firstIndex, holder.lastIndex, holder)
  return tree
}

/** Removes a holder that is there; returns what to keep instead of `held`. O(log n). */
export function removeHolder<H extends Holder>(held: Held<H>, holder: H): Held<H> {
  if (!(held instanceof IntervalTree)) return undefined
  held.remove(holder.storageHandle)
  holder.storageHandle = -1
  return held.isEmpty ? undefined : held
}

/** Whether exactly this holder is there. O(1). */
export function hasHolder<H extends Holder>(held: Held<H>, holder: H): boolean {
  if (!(held instanceof IntervalTree)) return held === holder
  return held.has(holder.storageHandle) && held.payload(holder.storageHandle) === holder
}

/** Whether any holder holds a page of first..last. O(log n). */
export function holdsAny<H extends Holder>(held: Held<H>, first: number, last: number): boolean {
  return held !== undefined && firstHolder(held, first, last) !== undefined
}

/** The first holder in order, by start, among those that hold a page of first..last. O(log n). */
export function firstHolder<H extends Holder>(held: Held<H>, first: number, last: number): H | undefined {
  if (held === undefined) return undefined
  if (!(held instanceof IntervalTree)) return held.firstIndex <= last && held.lastIndex >= first ? held : undefined
  const handle = held.iterFirst(first, last)
  return handle === undefined ? undefined : held.payload(handle)
}

/** The holder of the lowest start among those that hold page `index`. O(log n). */
export function holderOf<H extends Holder>(held: Held<H>, index: number): H | undefined {
  return firstHolder(held, index, index)
}

/** Whether a holder that is there is followed, in order, by one that holds a page of its range too. O(log n), O(1) when near. */
export function isFollowed<H extends Holder>(held: Held<H>, holder: H): boolean {
  return held instanceof IntervalTree && held.iterNext(holder.storageHandle, holder.firstIndex, holder.lastIndex) !== undefined
}

/** The holder with exactly these bounds, if any. O(log n + holders of page `firstIndex`). */
export function holderWith<H extends Holder>(held: Held<H>, firstIndex: number, lastIndex: number): H | undefined {
  if (held === undefined) return undefined
  if (!(held instanceof IntervalTree)) return held.firstIndex === firstIndex && held.lastIndex === lastIndex ? held : undefined
  let handle = held.iterFirst(firstIndex, firstIndex)
  while (handle !== undefined) {
    const holder = held.payload(handle)
    if (holder.firstIndex === firstIndex && holder.lastIndex === lastIndex) return holder
    handle = held.iterNext(handle, firstIndex, firstIndex)
  }
  return undefined
}

/** All holders by ascending start, in a list of its own. O(n). */
export function holdersIn<H extends Holder>(held: Held<H>): H[] {
  if (held === undefined) return []
  if (!(held instanceof IntervalTree)) return [held]
  const holders: H[] = []
  let handle = held.iterFirst(0, Number.MAX_SAFE_INTEGER)
  while (handle !== undefined) {
    holders.push(held.payload(handle))
    handle = held.iterNext(handle, 0, Number.MAX_SAFE_INTEGER)
  }
  return holders
}
