// A radix node: one packed array of presence words, the marks (made when first needed), and the slots.
// A slot holds, at shift 0, an entry or a Run; above, a child node, a sparse leaf or a Run. An array instead of an object
// with fields saves one load a level; sparse leaves are told apart by their length, which is even and so never NODE_LENGTH.

import * as layout from './layout.ts'

const { MARKS, NODE_LENGTH, WORDS } = layout

export type Node = unknown[]

const TEMPLATE: Node = []
for (let i = 0; i < NODE_LENGTH; i++) TEMPLATE.push(i < WORDS ? 0 : undefined)

/** A copy of a filled template: packed from birth, which `new Array(n)` is not. */
export function makeNode(): Node {
  return TEMPLATE.slice()
}

/** First set bit at or above `from` in the WORDS words that begin at `base`, or -1; with `flip` -1 the first clear one. */
export function nextBit(words: unknown[], base: number, from: number, flip: number): number {
  let at = from >>> 5
  if (at >= WORDS) return -1
  let word = ((words[base + at] as number) ^ flip) & (-1 << (from & 31))
  while (word === 0) {
    if (++at === WORDS) return -1
    word = (words[base + at] as number) ^ flip
  }
  return (at << 5) + 31 - Math.clz32(word & -word)
}

export function isPresent(node: Node, slot: number): boolean {
  return ((node[slot >>> 5] as number) & (1 << (slot & 31))) !== 0
}

export function setPresent(node: Node, slot: number): void {
  node[slot >>> 5] = (node[slot >>> 5] as number) | (1 << (slot & 31))
}

export function clearPresent(node: Node, slot: number): void {
  node[slot >>> 5] = (node[slot >>> 5] as number) & ~(1 << (slot & 31))
}

function allWords(words: unknown[], value: number): boolean {
  for (let i = 0; i < WORDS; i++) if (words[i] !== value) return false
  return true
}

export function isEmpty(node: Node): boolean {
  return allWords(node, 0)
}

/** Every slot is taken. At shift 0 that means that no index is free; above, see `isFull`. */
export function isCrowded(node: Node): boolean {
  return allWords(node, -1)
}

/**
 * No index below the node is free. Above shift 0 only arrays that allocate keep the bits that tell it, in the place of mark 0, which is
 * not for users there.
 */
export function isFull(node: Node, shift: number): boolean {
  if (node.length !== NODE_LENGTH) return false
  if (shift === 0) return isCrowded(node)
  const marks = node[MARKS] as number[] | undefined
  return marks !== undefined && allWords(marks, -1)
}

export function hasMark(node: Node, slot: number, mark: number): boolean {
  const marks = node[MARKS] as number[] | undefined
  return marks !== undefined && (marks[mark * WORDS + (slot >>> 5)]! & (1 << (slot & 31))) !== 0
}

export function setMarkBit(node: Node, slot: number, mark: number): void {
  let marks = node[MARKS] as number[] | undefined
  if (marks === undefined) {
    marks = []
    for (let i = 3 * WORDS; i > 0; i--) marks.push(0)
    node[MARKS] = marks
  }
  marks[mark * WORDS + (slot >>> 5)]! |= 1 << (slot & 31)
}

export function clearMarkBit(node: Node, slot: number, mark: number): void {
  const marks = node[MARKS] as number[] | undefined
  if (marks !== undefined) marks[mark * WORDS + (slot >>> 5)]! &= ~(1 << (slot & 31))
}

/** Any slot carries the mark. */
export function anyMark(node: Node, mark: number): boolean {
  const marks = node[MARKS] as number[] | undefined
  if (marks === undefined) return false
  let word = 0
  for (let i = 0; i < WORDS; i++) word |= marks[mark * WORDS + i]!
  return word !== 0
}

/** The entry marks of a slot as a set of bits 1, 2, 4. `allocates`: word 0 is not a mark. */
export function marksAt(node: Node, slot: number, allocates: boolean): number {
  let set = 0
  for (let mark = allocates ? 1 : 0; mark < 3; mark++) if (hasMark(node, slot, mark)) set |= 1 << mark
  return set
}

/** The union of the entry marks below this node, as a set of bits 1, 2, 4. */
export function marksBelow(node: Node, allocates: boolean): number {
  let set = 0
  for (let mark = allocates ? 1 : 0; mark < 3; mark++) if (anyMark(node, mark)) set |= 1 << mark
  return set
}

/** Adds entry marks to a slot. */
export function addMarks(node: Node, slot: number, set: number): void {
  for (let mark = 0; set >>> mark !== 0; mark++) if ((set & (1 << mark)) !== 0) setMarkBit(node, slot, mark)
}

/** Makes the entry marks of a slot exactly `set`. */
export function writeMarks(node: Node, slot: number, set: number, allocates: boolean): void {
  for (let mark = allocates ? 1 : 0; mark < 3; mark++) clearMarkBit(node, slot, mark)
  addMarks(node, slot, set)
}
