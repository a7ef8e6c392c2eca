// A radix node: one packed array of presence words, the marks (made when first needed), and the slots.
// A slot holds, at shift 0, an entry or a Run; above, a child node, a sparse leaf or a Run. An array instead of an object
// with fields saves one load a level; sparse leaves are told apart by their length, which is even. A root above other nodes begins with
// few slots (ROOT_LENGTH), since a small array needs no more.

import * as layout from './layout.ts'
import { Run } from './run.ts'

const { ANY, CHUNK_SHIFT, MARKS, NODE_LENGTH, ROOT_LENGTH, SLOT, WORDS } = layout

export type Node = unknown[]

const TEMPLATE: Node = []
for (let i = 0; i < NODE_LENGTH; i++) TEMPLATE.push(i < WORDS ? 0 : undefined)

/** A node; a root says how many bits of the index it is for. A copy of a filled template: packed from birth, which `new Array(n)` is not. */
export function makeNode(bits = 0): Node {
  return TEMPLATE.slice(0, bits % CHUNK_SHIFT === 0 ? NODE_LENGTH : ROOT_LENGTH)
}

/** There is a radix node, not a sparse leaf. The ways down write it out: while V8 has not compiled them, its calls are 6 % of a store into a small array. */
export function isNode(node: Node | undefined): node is Node {
  return node !== undefined && (node.length & 1) !== 0
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

/** First slot at or above `from` that is taken (ANY) or has the mark, or -1. */
export function nextSlot(node: Node, mark: number, from: number): number {
  if (mark === ANY) return nextBit(node, 0, from, 0)
  const marks = node[MARKS] as number[] | undefined
  return marks === undefined ? -1 : nextBit(marks, mark * WORDS, from, 0)
}

/**
 * First slot at or above `from` below which an index may be free, or -1. Above shift 0 only arrays that allocate keep the bits that tell
 * it, in the place of mark 0, which is not for users there.
 */
export function nextOpen(node: Node, shift: number, from: number): number {
  const words = shift === 0 ? node : (node[MARKS] as number[] | undefined)
  return words === undefined ? from : nextBit(words, 0, from, -1)
}

export function isEmpty(node: Node): boolean {
  return nextBit(node, 0, 0, 0) < 0
}

/** Every slot is taken. At shift 0 that means that no index is free; above, see `isFull`. */
export function isCrowded(node: Node): boolean {
  return nextBit(node, 0, 0, -1) < 0
}

/** No index is free below a slot that holds this; `shift` is that of a node there. */
export function isFull(below: unknown, shift: number): boolean {
  return below instanceof Run || (isNode(below as Node) && nextOpen(below as Node, shift, 0) < 0)
}

/** Gives a slot its content; `undefined` empties it. */
export function fillSlot(node: Node, slot: number, content: unknown): void {
  const bit = 1 << (slot & 31)
  const word = node[slot >>> 5] as number
  node[slot >>> 5] = content === undefined ? word & ~bit : word | bit
  node[SLOT + slot] = content
}

export function writeMark(node: Node, slot: number, mark: number, on: boolean): void {
  let marks = node[MARKS] as number[] | undefined
  if (marks === undefined) {
    if (!on) return
    marks = []
    for (let i = 3 * WORDS; i > 0; i--) marks.push(0)
    node[MARKS] = marks
  }
  const at = mark * WORDS + (slot >>> 5)
  const bit = 1 << (slot & 31)
  marks[at] = on ? marks[at]! | bit : marks[at]! & ~bit
}

/** The entry marks that slots from..to carry, as a set of bits 1, 2, 4. `allocates`: word 0 is not a mark. */
export function marksWithin(node: Node, from: number, to: number, allocates: boolean): number {
  let set = 0
  for (let mark = allocates ? 1 : 0; mark < 3; mark++) if (nextSlot(node, mark, from) >>> 0 <= to) set |= 1 << mark
  return set
}

/** Adds entry marks to a slot. */
export function addMarks(node: Node, slot: number, set: number): void {
  for (let mark = 0; set >>> mark !== 0; mark++) if ((set & (1 << mark)) !== 0) writeMark(node, slot, mark, true)
}

/** Makes the entry marks of a slot exactly `set`, and it not full. */
export function writeMarks(node: Node, slot: number, set: number): void {
  for (let mark = 0; mark < 3; mark++) writeMark(node, slot, mark, (set & (1 << mark)) !== 0)
}
