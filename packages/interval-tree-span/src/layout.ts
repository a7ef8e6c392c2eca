// The layout of a node in the backing array of a tree, in 32-bit words. A node is named by the word it begins at, so that following a
// link needs no multiplication, and node offsets are multiples of 16, so that a place (node + entry) splits into both by a mask.
// The columns begin at word 12: allocators put 16 bytes before a large block, and thus each column fills one cache line of 64 bytes.

/** Entries of a node. */
export const WIDTH = 16
/** A node that is not on an outer edge of the tree keeps at least this many entries. */
export const WIDTH_MIN = 4
/** Two neighbours that hold no more than this many entries together become one. */
export const WIDTH_MERGED = 12
/** Words of a node. */
export const STRIDE = 112
/** The first node; 0 is no node. */
export const FIRST_NODE = 16
/** place & ENTRY_MASK is the entry, place & ~ENTRY_MASK the node. */
export const ENTRY_MASK = 15

/** Entries in use. */
export const COUNT = 0
/** Next and previous leaf in order; of a free node, NEXT is the next free one. */
export const NEXT = 1
export const PREV = 2
/** The inner node above, 0 at the root. */
export const PARENT = 3
/** Leaf: greatest last of its entries. */
export const MAX_HI = 4
export const MAX_LO = 5
/** Inner node: its row in the table of gaps. */
export const ROW = 6
/** Leaf and inner node: 1 if the gap that the node above keeps for it is known to be out of date. */
export const STALE = 7

/** Leaf: start of the interval. Inner node: start of the first interval below. */
export const START_HI = 12
export const START_LO = 28
/** Leaf: last of the interval. Inner node: greatest last below. */
export const LAST_HI = 44
export const LAST_LO = 60
/** Leaf: slot of the interval. Inner node: the node below. */
export const ID = 76
/** Leaf: stamp of the interval. */
export const STAMP = 92

/** A handle is stamp * SLOTS_MAX + slot. */
export const SLOTS_MAX = 67108864
export const SLOT_MASK = 67108863
/** Stamps are 1 .. STAMP_MAX. */
export const STAMP_MAX = 134217727
