// The numbers of the structure. Every module takes those it needs as `const { SLOT } = LAYOUT`: V8 folds a module's own constants into
// the code, but loads an imported binding anew at each use (14 against 9 ns a load, seen on Node 20).

/** Index bits that one node decodes; a divisor of 32, so that no slot number straddles the halves. The tests also build with 4. */
const CHUNK_SHIFT = 8
const SLOTS: number = 1 << CHUNK_SHIFT
const WORDS: number = Math.max(1, SLOTS >> 5)

export interface Layout {
  readonly CHUNK_SHIFT: number
  readonly SLOTS: number
  readonly SLOT_MASK: number
  /** Words of 32 bits that hold one bit a slot. A node begins with those of presence. */
  readonly WORDS: number
  readonly FULL_WORD: number
  /** Places in a node: its marks, its first slot. */
  readonly MARKS: number
  readonly SLOT: number
  /** Length of a node, odd. */
  readonly NODE_LENGTH: number
  /** Entries that a sparse leaf holds before it becomes a node: two a slot, so that a node never costs more than a few words an entry. */
  readonly SPARSE_LIMIT: number
  /** The same for a leaf over SLOTS indexes, which becomes a dense leaf. */
  readonly SPARSE_LIMIT_LOWEST: number
}

export const LAYOUT: Layout = {
  CHUNK_SHIFT,
  SLOTS,
  SLOT_MASK: SLOTS - 1,
  WORDS,
  FULL_WORD: SLOTS >= 32 ? -1 : (1 << SLOTS) - 1,
  MARKS: WORDS,
  SLOT: WORDS + 1,
  NODE_LENGTH: (WORDS + 1 + SLOTS) | 1,
  SPARSE_LIMIT: 2 * SLOTS,
  SPARSE_LIMIT_LOWEST: SLOTS >> 3,
}
