// Kind 3 of docs/TESTING.md: trees that grow to three levels, change, and shrink until nothing is left, against a list: what few random calls on an
// empty tree do not reach. FUZZ_SEED chooses the run.
import { describe, expect, it } from 'vitest'
import { type AnyTree, allTrees, handlesOf, spansOf } from './all-trees.ts'
import { NaiveTree, naiveFirstHole } from './oracle.ts'

const seed = Number(process.env.FUZZ_SEED ?? 1)
const UNIVERSE = 6000
const MOST = 450

class Grown {
  readonly naive = new NaiveTree()
  /** Handle of each interval, by its number in the list. */
  readonly handles = new Map<number, number>()
  readonly tree: AnyTree
  readonly base: bigint
  #state: number

  constructor(tree: AnyTree, base: bigint, from: number) {
    this.tree = tree
    this.base = base
    this.#state = from * 2654435761 || 1
  }

  random(below: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * below)
  }

  /** A range of some indexes; few are long, and starts meet often. */
  range(most: number): [bigint, bigint] {
    const start = this.base + BigInt(this.random(UNIVERSE / 4) * 4)
    const last = start + BigInt(this.random(this.random(40) === 0 ? most * 20 : most))
    return [start, last > this.tree.max ? this.tree.max : last]
  }

  insert(): void {
    const range = this.range(9)
    this.handles.set(this.naive.insert(...range), this.tree.insert(...range))
  }

  remove(): void {
    const { id } = this.naive.nodes[this.random(this.naive.nodes.length)]!
    this.tree.remove(this.handles.get(id)!)
    this.naive.remove(id)
  }

  ask(): void {
    const [first, last] = this.range(150)
    const ids = this.naive.overlaps(first, last)
    expect(handlesOf(this.tree, first, last)).toEqual(ids.map((id) => this.handles.get(id)))
    const seen: number[] = []
    for (const cursor = this.tree.overlaps(first, last); !cursor.done; cursor.next()) seen.push(cursor.handle)
    expect(seen).toEqual(ids.map((id) => this.handles.get(id)))
    expect(spansOf(this.tree, first, last)).toEqual(this.naive.spans(first, last))
    this.#askHole()
  }

  #askHole(): void {
    const [from] = this.range(9)
    const last = from + 700n > this.tree.max ? this.tree.max : from + 700n
    const length = BigInt(1 + this.random(this.random(4) === 0 ? 300 : 30))
    const alignment = 2n ** BigInt(this.random(5))
    const phase = BigInt(this.random(Number(alignment)))
    const asked = [length, from, last, alignment, phase] as const
    expect(this.tree.firstHole(...asked), String(asked)).toBe(naiveFirstHole(this.naive, ...asked))
  }

  /** Makes a change some times; asks and checks now and then. */
  play(times: number, change: () => void): void {
    for (let n = 0; n < times; n++) {
      change()
      if (n % 6 === 0) this.ask()
      if (n % 25 === 0) this.tree.check()
    }
  }
}

describe.each(allTrees)('$name', ({ make }) => {
  it.each([0n, 2n ** 32n - 3000n, 2n ** 53n - 3000n, 2n ** 64n])(`grows, changes and shrinks from %d on (FUZZ_SEED=${seed})`, (from) => {
    const tree = make()
    const top = tree.max - BigInt(UNIVERSE) + 1n
    const grown = new Grown(tree, from < top ? from : top, seed)
    grown.play(MOST, () => grown.insert())
    grown.play(250, () => (grown.random(2) === 0 ? grown.insert() : grown.remove()))
    grown.play(grown.naive.nodes.length, () => grown.remove())
    expect([tree.size, tree.iterFirst(0n, tree.max)]).toEqual([0, undefined])
    tree.check()
  })
})
