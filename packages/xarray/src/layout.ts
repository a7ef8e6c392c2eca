// The numbers of the structure, which a file takes out of `layout` once, at its beginning: V8 folds a module's own constants into the code,
// but loads an imported binding anew at each use (14 against 9 ns a load, seen on Node 20). The build writes them out (docs/decisions/0003).

/** Index bits that one node decodes; a divisor of 32, so that no slot number straddles the halves, and no fewer than a word of bits has. */
export const CHUNK_SHIFT = 8
export const SLOTS: number = 1 << CHUNK_SHIFT
export const SLOT_MASK: number = SLOTS - 1

/** Words of 32 bits that hold one bit a slot. A node begins with those of presence. */
export const WORDS: number = SLOTS >> 5
/** Places in a node: its marks, its first slot. */
export const MARKS: number = WORDS
export const SLOT: number = WORDS + 1
/** Length of a node. As of all nodes, it is odd. */
export const NODE_LENGTH: number = (SLOT + SLOTS) | 1
/** Index bits that a root above other nodes decodes as long as no index needs more, and its length. */
export const ROOT_SHIFT: number = CHUNK_SHIFT / 2
export const ROOT_LENGTH: number = (SLOT + (1 << ROOT_SHIFT)) | 1

/** Places in a sparse leaf: see sparse-leaf.ts. */
export const LENGTH = 0
export const STRIDE = 1
export const COMMON_HI = 2
export const ENTRY_MARKS = 3
export const ENTRIES = 4
/** Entries that a new sparse leaf has room for. */
export const INITIAL = 2
/** Entries that a sparse leaf holds before it becomes a node: two a slot, so that a node never costs more than a few words an entry. */
export const SPARSE_LIMIT: number = 2 * SLOTS
/** The same for a leaf over SLOTS indexes, which becomes a dense leaf. */
export const SPARSE_LIMIT_LOWEST: number = SLOTS >> 4
/** Entries from which a sparse leaf becomes a node where they lie as close as one in four indexes, and in twice as many one in sixteen. */
export const CLOSE: number = SLOTS >> 3

/** Any entry, as a value of the `mark` parameter of a search. */
export const ANY: number = -1
