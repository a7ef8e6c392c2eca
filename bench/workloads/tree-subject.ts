/** The work of `itree.*` over any tree: what differs between trees is in its kind, what is timed is the same for all. */
import { addWord, shuffled } from '../src/random.ts'
import type { PhaseRun, Subject } from '../src/scenario.ts'
import { changes, copiesOf, intervalSpan, intervalStep, type Order, queriesOf, searches, slotsOf } from './data.ts'

/** How one tree does the work. A member that a peer cannot do is absent, and so is its phase. */
export interface TreeKind<T, H = number> {
  make?(): T
  insert?(tree: T, start: number, last: number): H
  remove?(tree: T, handle: H): unknown
  /** Made from all its intervals at once, which ascend. A static tree can do nothing else. */
  build?(starts: Uint32Array, lasts: Uint32Array): T
  /** Sum of the starts of all nodes in order, modulo 2^32: a signed word, as are the checksums that follow, for the reason that `sparse-subject.ts` gives. */
  iterAll?(tree: T): number
  /** HS(start + isHole) over the spans of [0, last]. */
  spans?(tree: T, last: number): number
  doubleSpans?(a: T, b: T, last: number): number
  /** Start of the first interval that holds x, 0 when none. */
  firstAt?(tree: T, x: number): number
  /** Sum of the starts of the intervals that overlap [first, last]. */
  sumOverlaps?(tree: T, first: number, last: number): number
  /** The first position from x on that begins `length` indexes without an interval; there is one. */
  firstFree?(tree: T, x: number, length: number): number
}

const querySeed = 0xfeedf00d
const removeSeed = 0x5eed5eed
const shiftOfB = 4
/** Of the slots, the last one of so many is left out where a hole is looked for: a hole of 24 that way, and else of 8. */
const slotsAHole = 64
const holeLength = 16
/** Draws that check a tree that was built or changed. */
const drawsOfCheck = 1000

class TreeWork<T, H> {
  readonly #n: number
  readonly #kind: TreeKind<T, H>
  readonly #starts: Uint32Array
  readonly #removal: Uint32Array
  readonly #copies: number
  #pair: [T, T] | undefined
  #sparse: T | undefined
  #fresh: T[] = []
  #handles: H[] = []

  constructor(n: number, order: Order, kind: TreeKind<T, H>) {
    this.#n = n
    this.#kind = kind
    this.#starts = slotsOf(n, order).map((slot) => slot * intervalStep)
    this.#removal = shuffled(n, removeSeed)
    this.#copies = copiesOf(n)
  }

  filled(shift = 0): T {
    return this.#filledWith(shift === 0 ? this.#starts : this.#starts.map((start) => start + shift))
  }

  #filledWith(starts: Uint32Array): T {
    const kind = this.#kind
    if (kind.make === undefined) return kind.build!(...this.#sorted(starts))
    const tree = kind.make()
    this.#fill(tree, starts)
    return tree
  }

  #fill(tree: T, starts: Uint32Array): void {
    const kind = this.#kind
    for (let s = 0; s < starts.length; s++) kind.insert!(tree, starts[s]!, starts[s]! + intervalSpan)
  }

  /** The columns that `build` takes. */
  #sorted(starts: Uint32Array): [Uint32Array, Uint32Array] {
    const sorted = starts.toSorted()
    return [sorted, sorted.map((start) => start + intervalSpan)]
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
    const a = this.filled()
    return [a, this.#kind.doubleSpans ? this.filled(shiftOfB) : a]
  }

  inserting(): PhaseRun {
    return {
      before: () => {
        this.#fresh = Array.from({ length: this.#copies }, () => this.#kind.make!())
      },
      run: () => {
        for (const tree of this.#fresh) this.#fill(tree, this.#starts)
        return this.#n
      },
    }
  }

  building(): PhaseRun {
    const { build, firstAt } = this.#kind
    const columns = this.#sorted(this.#starts)
    return {
      run: () => {
        this.#fresh = []
        for (let c = 0; c < this.#copies; c++) this.#fresh.push(build!(...columns))
        return 0
      },
      check: () => this.#draw(this.#fresh[0]!, drawsOfCheck, firstAt!) >>> 0,
    }
  }

  removing(): PhaseRun {
    const kind = this.#kind
    return {
      before: () => {
        this.#fresh = []
        this.#handles = []
        for (let c = 0; c < this.#copies; c++) {
          const tree = kind.make!()
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

  /** Random intervals of A removed and inserted again, in a tree that was asked for a hole when it was made, or never. */
  changing(isAsked: boolean): PhaseRun {
    const { firstAt, firstFree, insert, make, remove } = this.#kind
    let tree: T
    let handles: H[] | undefined
    return {
      before: () => {
        if (handles !== undefined) return
        tree = make!()
        handles = Array.from(this.#starts, (start) => insert!(tree, start, start + intervalSpan))
        // Behind the last interval, where no tree has to walk to.
        if (isAsked) firstFree!(tree, intervalStep * this.#n - 1, 1)
      },
      run: () => {
        for (let k = 0; k < changes; k++) {
          const moved = this.#removal[k % this.#n]!
          const start = this.#starts[moved]!
          remove!(tree, handles![moved]!)
          handles![moved] = insert!(tree, start, start + intervalSpan)
        }
        return 0
      },
      check: () => this.#draw(tree, drawsOfCheck, firstAt!) >>> 0,
    }
  }

  /** Random queries over A. */
  querying(answer: (tree: T, x: number) => number): PhaseRun {
    return this.reading((tree) => this.#draw(tree, queriesOf(this.#n), answer), 1)
  }

  /** Random searches for a hole over A without some of its slots. */
  searching(firstFree: (tree: T, x: number) => number): PhaseRun {
    return {
      before: () => {
        this.#sparse ??= this.#filledWith(this.#starts.filter((start) => (start / intervalStep) % slotsAHole !== slotsAHole - 1))
      },
      run: () => this.#draw(this.#sparse!, searches, firstFree) >>> 0,
    }
  }

  /** The sum of the answers to random draws, as a signed word. These are xorshift32 written out, in integers: through a closure they cost as much as the search of a small tree. */
  #draw(tree: T, draws: number, answer: (tree: T, x: number) => number): number {
    const range = intervalStep * this.#n
    let x = querySeed
    let sum = 0
    for (let k = 0; k < draws; k++) {
      x ^= x << 13
      x ^= x >>> 17
      x ^= x << 5
      sum = addWord(sum, answer(tree, (x >>> 0) % (range >>> 0)))
    }
    return sum
  }
}

/** All phases of `itree.*` that the kind can do. */
export function treeSubject<T, H>(n: number, order: Order, kind: TreeKind<T, H>): Subject {
  const work = new TreeWork(n, order, kind)
  const last = intervalStep * n - 1
  const phases: Record<string, PhaseRun> = {}
  if (kind.insert) phases.insert = work.inserting()
  if (kind.iterAll) phases.iter_all = work.reading((a) => kind.iterAll!(a))
  if (kind.spans) phases.span = work.reading((a) => kind.spans!(a, last))
  if (kind.doubleSpans) phases.dspan = work.reading((a, b) => kind.doubleSpans!(a, b, last))
  if (kind.firstAt) phases.query_point = work.querying((tree, x) => kind.firstAt!(tree, x))
  if (kind.sumOverlaps) phases.query_64 = work.querying((tree, x) => kind.sumOverlaps!(tree, x, x + 63))
  if (kind.remove) phases.remove = work.removing()
  if (kind.build) phases.build = work.building()
  if (kind.remove) phases.change = work.changing(false)
  if (kind.remove && kind.firstFree) phases.change_asked = work.changing(true)
  if (kind.firstFree) phases.hole = work.searching((tree, x) => kind.firstFree!(tree, x, holeLength))
  return { phases, memory: { entries: n, make: () => work.filled() } }
}
