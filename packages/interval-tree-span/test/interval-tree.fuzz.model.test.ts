// Kind 3 of docs/TESTING.md: a seeded differential fuzz against arrays kept in order: duplicates, touching and nested intervals, a few huge ones, keys over
// all of the space. FUZZ_SEED and FUZZ_OPS choose the run; both are printed when it fails.
import { describe, expect, it } from 'vitest'
import { type AnyTree, allTrees } from './all-trees.ts'

const seed = Number(process.env.FUZZ_SEED ?? 0x1dea)
const operations = Number(process.env.FUZZ_OPS ?? 520_000)

interface Known {
  readonly start: bigint
  readonly last: bigint
  readonly handle: number
}

/** Sorted by start, then by insertion: what the tree promises. */
class SortedList {
  readonly list: Known[] = []

  /** Where the first one with a start above `start` is. */
  above(start: bigint): number {
    let low = 0
    let high = this.list.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.list[middle]!.start <= start) low = middle + 1
      else high = middle
    }
    return low
  }

  add(known: Known): void {
    this.list.splice(this.above(known.start), 0, known)
  }
}

class Fuzz {
  readonly tree: AnyTree
  readonly known = new SortedList()
  #state: number

  constructor(tree: AnyTree, from: number) {
    this.tree = tree
    this.#state = from >>> 0 || 1
  }

  random(below: number): number {
    let x = this.#state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.#state = x >>> 0
    return this.#state % below
  }

  /** Crowded small keys mostly; else around powers of two, and at the top. */
  key(): bigint {
    const kind = this.random(10)
    if (kind < 7) return BigInt(this.random(2048))
    const { max } = this.tree
    if (kind === 7) return max - BigInt(this.random(64))
    const power = 2n ** BigInt(this.random(max > 2n ** 60n ? 64 : 53))
    const key = power + BigInt(this.random(5)) - 2n
    return key < 0n ? 0n : key > max ? max : key
  }

  range(): [bigint, bigint] {
    const start = this.key()
    const width = this.random(40)
    const last = width === 0 ? this.key() : start + BigInt(this.random(width))
    return last < start ? [last, start] : [start, last > this.tree.max ? this.tree.max : last]
  }

  step(most: number): void {
    const kind = this.random(8)
    const { list } = this.known
    if (kind < 3 && list.length < most) {
      const [start, last] = this.range()
      this.known.add({ start, last, handle: this.tree.insert(start, last) })
    } else if (kind < 6 && list.length > 0) {
      const [gone] = list.splice(this.random(list.length), 1)
      this.tree.remove(gone!.handle)
    } else if (kind === 6) this.compareOverlaps()
    else this.compareSpan()
  }

  compareOverlaps(): void {
    const [first, last] = this.range()
    let handle = this.tree.iterFirst(first, last)
    for (const node of this.known.list) {
      if (node.start > last) break
      if (node.last < first) continue
      expect(handle).toBe(node.handle)
      handle = this.tree.iterNext(node.handle, first, last)
    }
    expect(handle).toBeUndefined()
  }

  /** The first two spans of a window, from the running maximum of the list. */
  compareSpan(): void {
    const [first, last] = this.range()
    const cursor = this.tree.spans(first, last)
    let at = first
    for (let k = 0; k < 2 && at <= last; k++) {
      let reach = at - 1n
      let next = last + 1n
      for (const node of this.known.list) {
        if (node.start > reach + 1n) {
          if (node.start > at && node.start < next && node.last >= at) next = node.start
          if (node.start > reach + 1n) break
        }
        if (node.last > reach) reach = node.last
      }
      const isHole = reach < at
      const end = isHole ? next - 1n : reach > last ? last : reach
      expect([cursor.isHole, cursor.start, cursor.last]).toEqual([isHole, at, end])
      at = end + 1n
      cursor.next()
    }
    if (at > last) expect(cursor.done).toBe(true)
  }
}

describe.each(allTrees)('$name', ({ make }) => {
  it.each([40, 600])(`${operations} operations on up to %d intervals`, (most) => {
    const fuzz = new Fuzz(make(), seed + most)
    for (let done = 0; done < operations / 2; done++) {
      try {
        fuzz.step(most)
        if (done % 1024 === 0) fuzz.tree.check()
      } catch (error) {
        throw new Error(`FUZZ_SEED=${seed} FUZZ_OPS=${operations}: operation ${done} with up to ${most} intervals`, { cause: error })
      }
    }
    fuzz.tree.check()
    expect(fuzz.tree.size).toBe(fuzz.known.list.length)
  })
})
