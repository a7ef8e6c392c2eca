// The layout of a node in the memory of a tree. Memory is counted in units of 8 bytes, seen as doubles (`keys`) and as pairs of 32-bit words
// (`words`). A node is named by its first unit, a multiple of 4, so that 4 * node + entry names an entry: its place.
//
// A key has two parts: the index rounded down to a double, and what that leaves out, the tie: 0 below 2^53, 2047 at most below 2^64. One comparison
// of doubles thus decides, and code without branches finds an entry; ties are looked at only in a tree that ever held one (`hasTies`).
//
// Columns of a node: start (16 doubles), last (16 doubles), tag (16 units) and, in trees of u64, ties (16 words, start << 16 | last).
// In a leaf, start and last are those of an interval, and the tag is its handle, a double. In an inner node they are the first start and the
// greatest last below, and the tag is the node below, in its first word. Entries that are not in use have infinite keys, behind which no search goes.

/** Entries of a node. */
export const WIDTH = 16
/** A node that is not at an outer edge of the tree keeps at least this many entries. */
export const WIDTH_MIN = 4
/** Two neighbours that hold no more than this many entries together become one. */
export const WIDTH_MERGED = 12

/** The first node, in units; 0 is no node. */
export const FIRST_NODE = 4
/** Units of a node without ties, and with them. */
export const STRIDE = 52
export const STRIDE_WIDE = 60
/** No node lies behind it. What was masked with it is so small that V8 adds to it without looking for an overflow. */
export const UNIT_MASK = 0x3fffffff
/** place & ENTRY_MASK is the entry, place >> 4 << 2 the node. */
export const ENTRY_MASK = 15

// Units of the columns, from the node. The head lies before the lasts: a search that reads it has the line of memory that it needs next.
export const START = 0
const HEAD = 16
export const LAST = 20
export const TAG = 36
/** Words of the column of ties, from 2 * node. */
export const TIES = 104

// Words of a node's head, from 2 * node.
/** Entries in use. */
export const COUNT: number = 2 * HEAD
/** Next and previous node of the level in order; of a free node, NEXT is the next free one. */
export const NEXT: number = COUNT + 1
export const PREV: number = COUNT + 2
/** The inner node above, 0 at the root. */
export const PARENT: number = COUNT + 3
/** Inner node: its row in the table of gaps. */
export const ROW: number = COUNT + 4
/** Leaf: 0, or the next one in the chain of leaves that changed since a hole was last looked for, CHAIN_END behind the last of them. */
export const CHANGED: number = ROW
/** 1 if the lasts ascend as the starts do: then they can be searched like them. */
export const ASCENDS: number = COUNT + 5
/** Unit of the head of a leaf in that chain: no interval that came or went since then ends behind this key. */
export const REACH: number = HEAD + 3

/** From here on a key may have a tie; below, it is the index. */
export const TIES_FROM = 9007199254740992
/** The greatest tie of a u64. */
export const TIE_MAX = 2047

/** A handle is stamp * SLOTS_MAX + slot. */
export const SLOTS_MAX = 67108864
export const SLOT_MASK = 67108863
/** Stamps are 1 .. STAMP_MAX. */
export const STAMP_MAX = 134217727
/** This bit of the difference of two stamps is set if the first is the older one, even where stamps began anew between them. */
export const STAMPS_HALF = 67108864

/** The key of an entry that is not in use: it lies behind all others. */
export const NOWHERE: number = Number.POSITIVE_INFINITY
/** The node behind the last one of the chain of changed leaves; no node begins there. */
export const CHAIN_END = 1
/** A gap that is to be measured. */
export const UNKNOWN: number = Number.POSITIVE_INFINITY
