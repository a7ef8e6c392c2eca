import { LEAF_MASK, LEAF_WORDS, SparseWords, type WordLeaf } from './sparse-words.ts'

/** Flags in the high half of a mock word. Bits 53..55 of the word as in spec simulated-iommu-hw 1.1; bit 63 says that the word is there. */
const WORD_PRESENT = 0x8000_0000
export const WORD_START_LAST = 0x20_0000
export const WORD_DIRTY = 0x40_0000
export const WORD_HUGE = 0x80_0000
/** Address part of the high half. */
const WORD_ADDRESS_HI = 0x1f_ffff

// Folded into the loops, which imported constants are not.
const MASK = LEAF_MASK
const WORDS = LEAF_WORDS

/** One word per mock page: physical address divided by the mock page, and flags. Keys are mock page numbers, 0 .. 2^53-1. */
export class MockWords {
  readonly words: SparseWords = new SparseWords()

  /** High half of a word; 0 when absent. The low half is then `low`. */
  high(key: number): number {
    const leaf = this.words.leaf(key)
    return leaf === undefined ? 0 : leaf.halves[2 * (key & MASK) + 1]!
  }

  /** Physical address divided by the mock page, or -1 when absent. */
  address(key: number): number {
    const leaf = this.words.leaf(key)
    if (leaf === undefined) return -1
    const at = 2 * (key & MASK)
    const hi = leaf.halves[at + 1]!
    return hi === 0 ? -1 : (hi & WORD_ADDRESS_HI) * 4294967296 + leaf.halves[at]!
  }

  /** Number of keys of first..first+nkeys-1 that are present. O(leaves + keys in them). */
  present(first: number, nkeys: number): number {
    let total = 0
    this.#eachLeaf(first, nkeys, (leaf, from, past) => {
      for (let index = from; index < past; index++) if (leaf.halves[2 * index + 1] !== 0) total++
    })
    return total
  }

  /**
   * Stores `nkeys` words with consecutive addresses from `address` on, each with `flags` in its high half, the first and the last with `edgeFlag` too.
   * Returns how many were present before (overwritten). Two stores a mock page (workloads map.*.mock.*).
   */
  store(first: number, address: number, nkeys: number, flags: number, edgeFlag: number): number {
    const at = first & MASK
    if (nkeys <= WORDS - at) {
      const leaf = this.words.makeLeaf(first)
      const overwritten = storeRun(leaf, at, address, nkeys, flags)
      const { halves } = leaf
      halves[2 * at + 1]! |= edgeFlag
      halves[2 * (at + nkeys) - 1]! |= edgeFlag
      return overwritten
    }
    let overwritten = 0
    const past = first + nkeys
    for (let key = first, next = address; key < past; ) {
      const leaf = this.words.makeLeaf(key)
      const from = key & MASK
      const nhere = Math.min(WORDS - from, past - key)
      overwritten += storeRun(leaf, from, next, nhere, flags)
      if (key === first) leaf.halves[2 * from + 1]! |= edgeFlag
      key += nhere
      next += nhere
      if (key === past) leaf.halves[2 * (from + nhere) - 1]! |= edgeFlag
    }
    return overwritten
  }

  /** Sets flags of one present word; false when it is absent. */
  addFlags(key: number, flags: number): boolean {
    const leaf = this.words.leaf(key)
    const at = 2 * (key & MASK) + 1
    if (leaf === undefined || leaf.halves[at] === 0) return false
    leaf.halves[at] = (leaf.halves[at]! | flags) >>> 0
    return true
  }

  /** Clears flags of the present words of first..first+nkeys-1; returns whether any of them had one. With `keep` nothing is cleared. */
  takeFlags(first: number, nkeys: number, flags: number, keep: boolean): boolean {
    let found = false
    this.#eachLeaf(first, nkeys, (leaf, from, past) => {
      for (let at = 2 * from + 1; at < 2 * past; at += 2) {
        if ((leaf.halves[at]! & flags) === 0) continue
        found = true
        if (!keep) leaf.halves[at] = (leaf.halves[at]! & ~flags) >>> 0
      }
    })
    return found
  }

  /** Removes the words of first..first+nkeys-1, present or not; returns how many were present. */
  erase(first: number, nkeys: number): number {
    let erased = 0
    const past = first + nkeys
    for (let key = this.words.nextKey(first); key < past; key = this.words.nextKey(key)) {
      const leaf = this.words.makeLeaf(key)
      const from = key & MASK
      const nhere = Math.min(WORDS - from, past - key)
      const here = eraseRun(leaf, from, nhere)
      erased += here
      this.words.releaseIfEmpty(key, leaf)
      key += nhere
      if (key >= past) break
    }
    return erased
  }

  #eachLeaf(first: number, nkeys: number, visit: (leaf: WordLeaf, from: number, past: number, key: number) => void): void {
    const past = first + nkeys
    for (let key = this.words.nextKey(first); key < past; key = this.words.nextKey(key)) {
      const from = key & MASK
      const stop = Math.min(WORDS, from + (past - key))
      visit(this.words.makeLeaf(key), from, stop, key)
      key += stop - from
    }
  }
}

/** Stores words into one leaf; returns how many were present before. Halves are signed 32-bit integers here: above 2^31 they would be doubles. */
function storeRun(leaf: WordLeaf, from: number, address: number, nkeys: number, flags: number): number {
  const halves = leaf.halves
  let lo = address | 0
  let hi = (address / 4294967296) | flags | WORD_PRESENT
  let absent = 0
  for (let at = 2 * from; at < 2 * (from + nkeys); at += 2) {
    if (halves[at + 1] === 0) absent++
    halves[at] = lo
    halves[at + 1] = hi
    lo = (lo + 1) | 0
    if (lo === 0) hi = (hi + 1) | 0
  }
  leaf.used += absent
  return nkeys - absent
}

/** Clears words of one leaf; returns how many were present. */
function eraseRun(leaf: WordLeaf, from: number, nkeys: number): number {
  const halves = leaf.halves
  let here = 0
  for (let at = 2 * from; at < 2 * (from + nkeys); at += 2) {
    if (halves[at + 1] === 0) continue
    here++
    halves[at] = 0
    halves[at + 1] = 0
  }
  leaf.used -= here
  return here
}
