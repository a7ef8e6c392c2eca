// The two trees, and one of u64 far up, behind one face of bigints, so that every test runs on all.
import {
  DoubleSpanCursor,
  DoubleSpanCursor64,
  IntervalTree,
  IntervalTree64,
  NSpanCursor,
  NSpanCursor64,
  type Span,
  type Span64,
  SpanCursor,
  SpanCursor64,
} from '@iommukit/interval-tree-span'
import { checkInvariants } from '@iommukit/interval-tree-span/check'

export interface AnySpan {
  readonly start: bigint
  readonly last: bigint
  readonly isHole: boolean
  readonly done: boolean
  next(): void
  advance(index: bigint): void
}

export interface AnyNSpan {
  readonly start: bigint
  readonly last: bigint
  readonly usedBy: number
  readonly done: boolean
  next(): void
  advance(index: bigint): void
  /** What iterating gives. */
  rest(): { usedBy: number; start: bigint; last: bigint }[]
}

export interface AnyOverlaps {
  readonly handle: number
  readonly start: number | bigint
  readonly last: number | bigint
  readonly done: boolean
  next(): void
}

export interface AnyTree {
  readonly max: bigint
  readonly size: number
  insert(start: bigint, last: bigint): number
  remove(handle: number): void
  has(handle: number): boolean
  bounds(handle: number): [bigint, bigint]
  iterFirst(first: bigint, last: bigint): number | undefined
  iterNext(handle: number, first: bigint, last: bigint): number | undefined
  spans(first: bigint, last: bigint): AnySpan
  doubleSpans(other: AnyTree, first: bigint, last: bigint): { usedBy: number; start: bigint; last: bigint }[]
  overlaps(first: bigint, last: bigint): AnyOverlaps
  /** The spans as a for..of over the cursor gives them. */
  iterateSpans(first: bigint, last: bigint): Iterable<{ isHole: boolean; start: number | bigint; last: number | bigint }>
  /** A cursor over this tree and others of its kind, which it precedes. */
  nSpans(others: readonly AnyTree[], first: bigint, last: bigint): AnyNSpan
  firstHole(length: bigint, from: bigint, last: bigint, alignment: bigint, phase: bigint): bigint | undefined
  clear(): void
  check(): void
}

type Ranges = readonly (readonly [bigint, bigint])[]

class NumberTree implements AnyTree {
  readonly max = BigInt(Number.MAX_SAFE_INTEGER)
  readonly tree: IntervalTree<number>
  constructor(tree = new IntervalTree<number>()) {
    this.tree = tree
  }
  get size(): number {
    return this.tree.size
  }
  insert(start: bigint, last: bigint): number {
    return this.tree.insert(Number(start), Number(last), 0)
  }
  remove(handle: number): void {
    this.tree.remove(handle)
  }
  has(handle: number): boolean {
    return this.tree.has(handle)
  }
  bounds(handle: number): [bigint, bigint] {
    return [BigInt(this.tree.start(handle)), BigInt(this.tree.last(handle))]
  }
  iterFirst(first: bigint, last: bigint): number | undefined {
    return this.tree.iterFirst(Number(first), Number(last))
  }
  iterNext(handle: number, first: bigint, last: bigint): number | undefined {
    return this.tree.iterNext(handle, Number(first), Number(last))
  }
  spans(first: bigint, last: bigint): AnySpan {
    const cursor = new SpanCursor(this.tree, Number(first), Number(last))
    return {
      get start() {
        return BigInt(cursor.start)
      },
      get last() {
        return BigInt(cursor.last)
      },
      get isHole() {
        return cursor.isHole
      },
      get done() {
        return cursor.done
      },
      next: () => cursor.next(),
      advance: (index) => cursor.advance(Number(index)),
    }
  }
  doubleSpans(other: AnyTree, first: bigint, last: bigint): { usedBy: number; start: bigint; last: bigint }[] {
    const found = []
    const cursor = new DoubleSpanCursor(this.tree, (other as NumberTree).tree, Number(first), Number(last))
    for (; !cursor.done; cursor.next()) found.push({ usedBy: cursor.usedBy, start: BigInt(cursor.start), last: BigInt(cursor.last) })
    return found
  }
  overlaps(first: bigint, last: bigint): AnyOverlaps {
    return this.tree.overlaps(Number(first), Number(last))
  }
  iterateSpans(first: bigint, last: bigint): Iterable<Span> {
    return this.tree.spans(Number(first), Number(last))
  }
  nSpans(others: readonly AnyTree[], first: bigint, last: bigint): AnyNSpan {
    const trees = [this, ...(others as NumberTree[])].map(({ tree }) => tree)
    const cursor = new NSpanCursor(trees, Number(first), Number(last))
    return {
      get start() {
        return BigInt(cursor.start)
      },
      get last() {
        return BigInt(cursor.last)
      },
      get usedBy() {
        return cursor.usedBy
      },
      get done() {
        return cursor.done
      },
      next: () => cursor.next(),
      advance: (index) => cursor.advance(Number(index)),
      rest: () => [...cursor].map(({ usedBy, start, last }) => ({ usedBy, start: BigInt(start), last: BigInt(last) })),
    }
  }
  firstHole(length: bigint, from: bigint, last: bigint, alignment: bigint, phase: bigint): bigint | undefined {
    const found = this.tree.firstHole(Number(length), {
      from: Number(from),
      last: Number(last),
      alignment: Number(alignment),
      phase: Number(phase),
    })
    return found === undefined ? undefined : BigInt(found)
  }
  clear(): void {
    this.tree.clear()
  }
  check(): void {
    checkInvariants(this.tree)
  }
}

class U64Tree implements AnyTree {
  readonly max = 2n ** 64n - 1n
  readonly tree: IntervalTree64<number>
  constructor(tree = new IntervalTree64<number>()) {
    this.tree = tree
  }
  get size(): number {
    return this.tree.size
  }
  insert(start: bigint, last: bigint): number {
    return this.tree.insert(start, last, 0)
  }
  remove(handle: number): void {
    this.tree.remove(handle)
  }
  has(handle: number): boolean {
    return this.tree.has(handle)
  }
  bounds(handle: number): [bigint, bigint] {
    return [this.tree.start(handle), this.tree.last(handle)]
  }
  iterFirst(first: bigint, last: bigint): number | undefined {
    return this.tree.iterFirst(first, last)
  }
  iterNext(handle: number, first: bigint, last: bigint): number | undefined {
    return this.tree.iterNext(handle, first, last)
  }
  spans(first: bigint, last: bigint): AnySpan {
    return new SpanCursor64(this.tree, first, last)
  }
  doubleSpans(other: AnyTree, first: bigint, last: bigint): { usedBy: number; start: bigint; last: bigint }[] {
    const found = []
    const cursor = new DoubleSpanCursor64(this.tree, (other as U64Tree).tree, first, last)
    for (; !cursor.done; cursor.next()) found.push({ usedBy: cursor.usedBy, start: cursor.start, last: cursor.last })
    return found
  }
  overlaps(first: bigint, last: bigint): AnyOverlaps {
    return this.tree.overlaps(first, last)
  }
  iterateSpans(first: bigint, last: bigint): Iterable<Span64> {
    return this.tree.spans(first, last)
  }
  nSpans(others: readonly AnyTree[], first: bigint, last: bigint): AnyNSpan {
    const cursor = new NSpanCursor64(
      [this, ...(others as U64Tree[])].map(({ tree }) => tree),
      first,
      last,
    )
    return Object.assign(cursor, { rest: () => [...cursor] })
  }
  firstHole(length: bigint, from: bigint, last: bigint, alignment: bigint, phase: bigint): bigint | undefined {
    return this.tree.firstHole(length, { from, last, alignment, phase })
  }
  clear(): void {
    this.tree.clear()
  }
  check(): void {
    checkInvariants(this.tree)
  }
}

/** A tree of u64 whose 0 is where keys have ties, and where the greatest tie changes: 30 below 2^63. */
class FarTree implements AnyTree {
  static readonly base = 2n ** 63n - 30n
  readonly near: U64Tree
  readonly max = 2n ** 64n - 1n - FarTree.base
  constructor(near = new U64Tree()) {
    this.near = near
  }
  get size(): number {
    return this.near.size
  }
  insert(start: bigint, last: bigint): number {
    return this.near.insert(FarTree.base + start, FarTree.base + last)
  }
  remove(handle: number): void {
    this.near.remove(handle)
  }
  has(handle: number): boolean {
    return this.near.has(handle)
  }
  bounds(handle: number): [bigint, bigint] {
    const [start, last] = this.near.bounds(handle)
    return [start - FarTree.base, last - FarTree.base]
  }
  iterFirst(first: bigint, last: bigint): number | undefined {
    return this.near.iterFirst(FarTree.base + first, FarTree.base + last)
  }
  iterNext(handle: number, first: bigint, last: bigint): number | undefined {
    return this.near.iterNext(handle, FarTree.base + first, FarTree.base + last)
  }
  spans(first: bigint, last: bigint): AnySpan {
    const cursor = this.near.spans(FarTree.base + first, FarTree.base + last)
    return {
      get start() {
        return cursor.start - FarTree.base
      },
      set start(index) {
        Object.assign(cursor, { start: FarTree.base + index })
      },
      get last() {
        return cursor.last - FarTree.base
      },
      get isHole() {
        return cursor.isHole
      },
      get done() {
        return cursor.done
      },
      next: () => cursor.next(),
      advance: (index) => cursor.advance(FarTree.base + index),
    }
  }
  doubleSpans(other: AnyTree, first: bigint, last: bigint): { usedBy: number; start: bigint; last: bigint }[] {
    return moved(this.near.doubleSpans((other as FarTree).near, FarTree.base + first, FarTree.base + last))
  }
  overlaps(first: bigint, last: bigint): AnyOverlaps {
    const cursor = this.near.overlaps(FarTree.base + first, FarTree.base + last)
    return {
      get handle() {
        return cursor.handle
      },
      get start() {
        return BigInt(cursor.start) - FarTree.base
      },
      get last() {
        return BigInt(cursor.last) - FarTree.base
      },
      get done() {
        return cursor.done
      },
      next: () => cursor.next(),
    }
  }
  *iterateSpans(first: bigint, last: bigint): Iterable<Span64> {
    for (const span of this.near.iterateSpans(FarTree.base + first, FarTree.base + last)) yield* moved([span])
  }
  nSpans(others: readonly AnyTree[], first: bigint, last: bigint): AnyNSpan {
    const near = (others as FarTree[]).map((other) => other.near)
    const cursor = this.near.nSpans(near, FarTree.base + first, FarTree.base + last)
    return {
      get start() {
        return cursor.start - FarTree.base
      },
      get last() {
        return cursor.last - FarTree.base
      },
      get usedBy() {
        return cursor.usedBy
      },
      get done() {
        return cursor.done
      },
      next: () => cursor.next(),
      advance: (index) => cursor.advance(FarTree.base + index),
      rest: () => moved(cursor.rest()),
    }
  }
  firstHole(length: bigint, from: bigint, last: bigint, alignment: bigint, phase: bigint): bigint | undefined {
    const found = this.near.firstHole(length, FarTree.base + from, FarTree.base + last, alignment, (FarTree.base + phase) % alignment)
    return found === undefined ? undefined : found - FarTree.base
  }
  clear(): void {
    this.near.clear()
  }
  check(): void {
    this.near.check()
  }
}

function moved<S extends { start: bigint; last: bigint }>(spans: readonly S[]): S[] {
  return spans.map((span) => ({ ...span, start: span.start - FarTree.base, last: span.last - FarTree.base }))
}

function buildNumbers(ranges: Ranges, shape = 'entries'): AnyTree {
  const [starts, lasts] = [ranges.map(([start]) => Number(start)), ranges.map(([, last]) => Number(last))]
  const entries = starts.map((start, k): [number, number] => [start, lasts[k]!])
  return new NumberTree(shape === 'entries' ? IntervalTree.fromSorted(entries) : IntervalTree.fromSorted(starts, lasts))
}

function buildU64(ranges: Ranges, shape = 'entries'): U64Tree {
  const [starts, lasts] = [ranges.map(([start]) => start), ranges.map(([, last]) => last)]
  return new U64Tree(shape === 'entries' ? IntervalTree64.fromSorted(ranges) : IntervalTree64.fromSorted(starts, lasts))
}

function buildFar(ranges: Ranges, shape?: string): AnyTree {
  return new FarTree(
    buildU64(
      ranges.map(([start, last]) => [FarTree.base + start, FarTree.base + last]),
      shape,
    ),
  )
}

export const allTrees: readonly {
  readonly name: string
  /** What the keys of its errors are more than those that it was given. */
  readonly base: bigint
  make(): AnyTree
  /** A tree of sorted ranges, built at once. */
  build(ranges: Ranges, shape?: 'entries' | 'columns'): AnyTree
}[] = [
  { name: 'IntervalTree', base: 0n, make: () => new NumberTree(), build: buildNumbers },
  { name: 'IntervalTree64', base: 0n, make: () => new U64Tree(), build: buildU64 },
  { name: 'IntervalTree64 from 2^63 - 30 on', base: FarTree.base, make: () => new FarTree(), build: buildFar },
]

/** All handles met by iterFirst and iterNext. */
export function handlesOf(tree: AnyTree, first: bigint, last: bigint): number[] {
  const found: number[] = []
  for (let handle = tree.iterFirst(first, last); handle !== undefined; handle = tree.iterNext(handle, first, last)) found.push(handle)
  return found
}

export function spansOf(tree: AnyTree, first: bigint, last: bigint): { isHole: boolean; start: bigint; last: bigint }[] {
  const found = []
  for (const cursor = tree.spans(first, last); !cursor.done; cursor.next())
    found.push({ isHole: cursor.isHole, start: cursor.start, last: cursor.last })
  return found
}
