// A radix node: one packed array of two presence words, the marks (made when first needed), and the slots.
// A slot holds, at shift 0, an entry or a Run; above, a child node, a sparse leaf or a Run. An array instead of an object
// with fields saves one load a level and 64 bytes a node; sparse leaves are told apart by their length, which is never NODE_LENGTH.

import { FULL_HI, FULL_LO, SLOTS } from './geometry.ts'

export type Node = unknown[]

export const PRESENT_LO = 0
export const PRESENT_HI = 1
export const MARKS = 2
export const SLOT = 3
export const NODE_LENGTH: number = SLOT + SLOTS

const TEMPLATE: Node = []
TEMPLATE.push(0, 0)
for (let i = 2; i < NODE_LENGTH; i++) TEMPLATE.push(undefined)

/** A copy of a filled template: packed from birth, which `new Array(n)` is not. */
export function makeNode(): Node {
  return TEMPLATE.slice()
}

/** Lowest set bit of a 64-bit word pair at or above `from`, or -1. */
export function nextBit(wordLo: number, wordHi: number, from: number): number {
  let word: number
  if (from < 32) {
    word = wordLo & (-1 << from)
    if (word !== 0) return 31 - Math.clz32(word & -word)
    word = wordHi
  } else {
    if (from > 63) return -1
    word = wordHi & (-1 << (from - 32))
  }
  return word === 0 ? -1 : 63 - Math.clz32(word & -word)
}

export function isPresent(node: Node, slot: number): boolean {
  return (((slot < 32 ? node[PRESENT_LO] : node[PRESENT_HI]) as number) & (1 << (slot & 31))) !== 0
}

export function setPresent(node: Node, slot: number): void {
  if (slot < 32) node[PRESENT_LO] = (node[PRESENT_LO] as number) | (1 << slot)
  else node[PRESENT_HI] = (node[PRESENT_HI] as number) | (1 << (slot - 32))
}

export function clearPresent(node: Node, slot: number): void {
  if (slot < 32) node[PRESENT_LO] = (node[PRESENT_LO] as number) & ~(1 << slot)
  else node[PRESENT_HI] = (node[PRESENT_HI] as number) & ~(1 << (slot - 32))
}

export function isEmpty(node: Node): boolean {
  return node[PRESENT_LO] === 0 && node[PRESENT_HI] === 0
}

/** Every slot is taken. At shift 0 that means that no index is free; above, see `fullBits`. */
export function isCrowded(node: Node): boolean {
  return node[PRESENT_LO] === FULL_LO && node[PRESENT_HI] === FULL_HI
}

/**
 * Mark words of a node: [mark0Lo, mark0Hi, mark1Lo, …]. In an array that allocates, where mark 0 is not for users, the first two
 * are instead the `full` bits of the children: no index below that slot is free.
 */
export function marksOf(node: Node): number[] {
  return (node[MARKS] ??= [0, 0, 0, 0, 0, 0]) as number[]
}

export function hasMark(node: Node, slot: number, mark: number): boolean {
  const marks = node[MARKS] as number[] | undefined
  return marks !== undefined && (marks[mark * 2 + (slot >> 5)]! & (1 << (slot & 31))) !== 0
}

export function setMarkBit(node: Node, slot: number, mark: number): void {
  marksOf(node)[mark * 2 + (slot >> 5)]! |= 1 << (slot & 31)
}

export function clearMarkBit(node: Node, slot: number, mark: number): void {
  const marks = node[MARKS] as number[] | undefined
  if (marks !== undefined) marks[mark * 2 + (slot >> 5)]! &= ~(1 << (slot & 31))
}

/** The node's slots that carry the mark in any number; true if any does. */
export function anyMark(node: Node, mark: number): boolean {
  const marks = node[MARKS] as number[] | undefined
  return marks !== undefined && (marks[mark * 2]! | marks[mark * 2 + 1]!) !== 0
}

/** The entry marks of a slot as a set of bits 1, 2, 4. `allocates`: word 0 is not a mark. */
export function marksAt(node: Node, slot: number, allocates: boolean): number {
  if (node[MARKS] === undefined) return 0
  let set = 0
  for (let mark = allocates ? 1 : 0; mark < 3; mark++) if (hasMark(node, slot, mark)) set |= 1 << mark
  return set
}

/** The union of the entry marks below this node, as a set of bits 1, 2, 4. */
export function marksBelow(node: Node, allocates: boolean): number {
  if (node[MARKS] === undefined) return 0
  let set = 0
  for (let mark = allocates ? 1 : 0; mark < 3; mark++) if (anyMark(node, mark)) set |= 1 << mark
  return set
}

/** Makes the entry marks of a slot exactly `set`. */
export function writeMarks(node: Node, slot: number, set: number, allocates: boolean): void {
  if (set === 0 && node[MARKS] === undefined) return
  for (let mark = allocates ? 1 : 0; mark < 3; mark++) {
    if ((set & (1 << mark)) !== 0) setMarkBit(node, slot, mark)
    else clearMarkBit(node, slot, mark)
  }
}
