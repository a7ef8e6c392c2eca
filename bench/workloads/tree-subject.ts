/** The work of `itree.*` over any tree: what differs between trees is in its kind, what is timed is the same for all. */
import { addWord, shuffled } from '../src/random.ts'
import type { PhaseRun, Subject } from '../src/scenario.ts'
import { copiesOf, intervalSpan, intervalStep, type Order, queriesOf, slotsOf } from './data.ts'

/** How one tree does the work. A member that a peer cannot do is absent, and so is its phase. */
export interface TreeKind<T, H = number> {
  make(): T
  insert?(tree: T, start: number, last: number): H
  remove?(tree: T, handle: H): unknown
  /** A static tree is made from all its intervals at once. */
  build?(starts: Uint32Array): T
  /** Sum of the starts of all nodes in order, modulo 2^32: a signed word, as are the checksums that follow, for the reason that `sparse-subject.ts` gives. */
  iterAll?(tree: T): number
  /** HS(start + isHole) over the spans of [0, last]. */
  spans?(tree: T, last: number): number
  doubleSpans?(a: T, b: T, last: number): number
  /** Start of the first interval that holds x, 0 when none. */
  firstAt?(tree: T, x: number): number
  /** Sum of the starts of the intervals that overlap [first, last]. */
  sumOverlaps?(tree: T, first: number, last: number): number
}

const querySeed = 0xfeedf00d
const removeSeed = 0x5eed5eed
const shiftOfB = 4

class TreeWork<T, H> {
  readonly #n: number
  readonly #kind: TreeKind<T, H>
  readonly #starts: Uint32Array
  readonly #removal: Uint32Array
  readonly #copies: number
  #pair: [T, T] | undefined
  #fresh: T[] = []
  #handles: H[] = []

  constructor(n: number, order: Order, kind: TreeKind<T, H>) {
    this.#n = n
    this.#kind = kind
    this.#starts = slotsOf(n, order).map((slot) => slot * intervalStep)
    this.#removal = shuffled(n, removeSeed)
    this.#copies = copiesOf(n)
  }

  filled(shift: number): T {
    const starts = shift === 0 ? this.#starts : this.#starts.map((start) => start + shift)
    if (this.#kind.build) return this.#kind.build(starts)
    const tree = this.#kind.make()
    this.#fill(tree, starts)
    return tree
  }

  #fill(tree: T, starts: Uint32Array): void {
    const kind = this.#kind
    for (let s = 0; s < starts.length; s++) kind.insert!(tree, starts[s]!, starts[s]! + intervalSpan)
  }

  /** A phase that only reads: one pair of trees serves all runs; small trees are read several times a run. */
  reading(read: (a: T, b: T) => number, repeats = this.#copies): PhaseRun {
    return {
      before: () => {
        this.#pair ??= this.#makePair()
      },
      run: () => {
        const [a, b] = this.#pair!
        let result = 0
        for (let c = 0; c < repeats; c++) result = read(a, b)
        return result
      },
    }
  }

  /** A and B; a tree that has no double spans needs no B. */
  #makePair(): [T, T] {
    const a = this.filled(0)
    return [a, this.#kind.doubleSpans ? this.filled(shiftOfB) : a]
  }

  inserting(): PhaseRun {
    return {
      before: () => {
        this.#fresh = Array.from({ length: this.#kind.build ? 0 : this.#copies }, () => this.#kind.make())
      },
      run: () => {
        if (this.#kind.build) for (let c = 0; c < this.#copies; c++) this.#fresh.push(this.#kind.build(this.#starts))
        else for (const tree of this.#fresh) this.#fill(tree, this.#starts)
        return this.#n
      },
    }
  }

  removing(): PhaseRun {
    const kind = this.#kind
    return {
      before: () => {
        this.#fresh = []
        this.#handles = []
        for (let c = 0; c < this.#copies; c++) {
          const tree = kind.make()
          for (let s = 0; s < this.#n; s++) this.#handles.push(kind.insert!(tree, this.#starts[s]!, this.#starts[s]! + intervalSpan))
          this.#fresh.push(tree)
        }
      },
      run: () => {
        for (let c = 0; c < this.#copies; c++) {
          const tree = this.#fresh[c]!
          for (let s = 0; s < this.#n; s++) kind.remove!(tree, this.#handles[c * this.#n + this.#removal[s]!]!)
        }
        return this.#n
      },
    }
  }

  /** The draws are xorshift32 written out, in integers: through a closure they cost as much as the search of a small tree. */
  querying(answer: (tree: T, x: number) => number): PhaseRun {
    const draws = queriesOf(this.#n)
    const range = intervalStep * this.#n
    return this.reading((tree) => {
      let x = querySeed
      let sum = 0
      for (let k = 0; k < draws; k++) {
        x ^= x << 13
        x ^= x >>> 17
        x ^= x << 5
        sum = addWord(sum, answer(tree, (x >>> 0) % (range >>> 0)))
      }
      return sum
    }, 1)
  }
}

/** All phases of `itree.*` that the kind can do. */
export function treeSubject<T, H>(n: number, order: Order, kind: TreeKind<T, H>): Subject {
  const work = new TreeWork(n, order, kind)
  const last = intervalStep * n - 1
  const phases: Record<string, PhaseRun> = { insert: work.inserting() }
  if (kind.iterAll) phases.iter_all = work.reading((a) => kind.iterAll!(a))
  if (kind.spans) phases.span = work.reading((a) => kind.spans!(a, last))
  if (kind.doubleSpans) phases.dspan = work.reading((a, b) => kind.doubleSpans!(a, b, last))
  if (kind.firstAt) phases.query_point = work.querying((tree, x) => kind.firstAt!(tree, x))
  if (kind.sumOverlaps) phases.query_64 = work.querying((tree, x) => kind.sumOverlaps!(tree, x, x + 63))
  if (kind.remove) phases.remove = work.removing()
  return { phases, memory: { entries: n, make: () => work.filled(0) } }
}
