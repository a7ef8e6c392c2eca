/** Words a leaf of the table. */
export const LEAF_WORDS = 2048
/** Position of a key in its leaf. */
export const LEAF_MASK = 2047
const LEAF_SHIFT = 11
/** Leaves tried one by one before all are searched. */
const PROBES = 16

/** 2048 consecutive words, each as low and high half; a word whose high half is 0 is absent. */
export interface WordLeaf {
  readonly halves: Uint32Array
  /** Words present. */
  used: number
}

/**
 * A sparse array of 64-bit words over keys 0 .. 2^53-1, in leaves of 2048 words. The high half of a present word is never 0.
 * Leaves are freed when empty and kept for reuse. Lookup is O(1); neighbours of the last key need no hashing.
 */
export class SparseWords {
  readonly #leaves = new Map<number, WordLeaf>()
  readonly #spare: WordLeaf[] = []
  #lastNumber = -1
  #lastLeaf: WordLeaf | undefined

  /** Words present. O(leaves). */
  get size(): number {
    let total = 0
    for (const leaf of this.#leaves.values()) total += leaf.used
    return total
  }

  /** The leaf that holds a key, if there is one. */
  leaf(key: number): WordLeaf | undefined {
    const number = key < 2147483648 ? key >>> LEAF_SHIFT : Math.floor(key / LEAF_WORDS)
    if (number === this.#lastNumber) return this.#lastLeaf
    const leaf = this.#leaves.get(number)
    if (leaf === undefined) return undefined
    this.#lastNumber = number
    return (this.#lastLeaf = leaf)
  }

  /** The leaf that holds a key; made when there is none. */
  makeLeaf(key: number): WordLeaf {
    const found = this.leaf(key)
    if (found !== undefined) return found
    const made = this.#spare.pop() ?? { halves: new Uint32Array(LEAF_WORDS * 2), used: 0 }
    const number = Math.floor(key / LEAF_WORDS)
    this.#leaves.set(number, made)
    this.#lastNumber = number
    return (this.#lastLeaf = made)
  }

  /** Frees the leaf of a key if nothing is left in it. Call after lowering `used`. */
  releaseIfEmpty(key: number, leaf: WordLeaf): void {
    if (leaf.used !== 0) return
    this.#leaves.delete(Math.floor(key / LEAF_WORDS))
    if (this.#spare.length < 64) this.#spare.push(leaf)
    this.#lastNumber = -1
    this.#lastLeaf = undefined
  }

  /** Smallest key from `key` on that lies in a leaf, or Infinity. O(1) near the next leaf, else O(leaves): never O(keys). */
  nextKey(key: number): number {
    if (this.leaf(key) !== undefined) return key
    const number = Math.floor(key / LEAF_WORDS)
    for (let near = number + 1; near <= number + PROBES; near++) if (this.#leaves.has(near)) return near * LEAF_WORDS
    let next = Infinity
    for (const other of this.#leaves.keys()) if (other > number && other < next) next = other
    return next * LEAF_WORDS
  }

  /** Every present word, ascending by key within a leaf, leaves in no order. For checks and inspection. */
  forEach(visit: (key: number, hi: number, lo: number) => void): void {
    for (const [number, leaf] of this.#leaves) {
      for (let index = 0; index < LEAF_WORDS; index++) {
        const hi = leaf.halves[2 * index + 1]!
        if (hi !== 0) visit(number * LEAF_WORDS + index, hi, leaf.halves[2 * index]!)
      }
    }
  }

  /** Throws unless each leaf counts its words rightly and none is empty. */
  check(): void {
    for (const [number, leaf] of this.#leaves) {
      let used = 0
      for (let index = 0; index < LEAF_WORDS; index++) if (leaf.halves[2 * index + 1] !== 0) used++
      if (used !== leaf.used || used === 0) throw new Error(`leaf ${number} counts ${leaf.used} words and holds ${used}`)
    }
  }
}
