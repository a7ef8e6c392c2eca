import { checkNumber, highOf, TWO_32 } from './keys.ts'
import { SpanCursor64 } from './span-cursor64.ts'
import type { StoreOwner } from './store.ts'

/** One span: all of it used, or all of it a hole. Closed range. */
export interface Span {
  readonly start: number
  readonly last: number
  readonly isHole: boolean
}

/**
 * `SpanCursor64` for number keys: travels over the indexes of a window of a tree, span by span, each wholly used or wholly a hole. Made, it
 * stands on the first span. Spec data-structures 1.4; what is said there of mutation holds here too.
 *
 * The fields mean nothing once `done`. The caller may overwrite `start`.
 */
export class SpanCursor {
  private readonly cursor: SpanCursor64

  /**
   * The spans of `tree` over first .. last, both inclusive, 0 .. 2^53 - 1. O(log n + k), k = intervals merged into the first span.
   * @throws {RangeError} first > last, or a bound out of range. {TypeError} a bound that is no integer.
   */
  constructor(tree: StoreOwner, first: number, last: number) {
    checkNumber(first, 'first')
    checkNumber(last, 'last')
    this.cursor = new SpanCursor64(tree, highOf(first), first >>> 0, highOf(last), last >>> 0)
  }

  /** First index of the span. */
  get start(): number {
    return this.cursor.startHi * TWO_32 + this.cursor.startLo
  }

  set start(index: number) {
    checkNumber(index, 'start')
    this.cursor.startHi = highOf(index)
    this.cursor.startLo = index >>> 0
  }

  /** Last index of the span, inclusive. */
  get last(): number {
    return this.cursor.lastHi * TWO_32 + this.cursor.lastLo
  }

  /** Whether no interval holds any index of the span; otherwise each index of it is in some interval. */
  get isHole(): boolean {
    return this.cursor.isHole
  }

  /** Whether the window is used up. */
  get done(): boolean {
    return this.cursor.done
  }

  /** Moves to the following span, or becomes `done`. O(log n + k), k = intervals merged; O(1) when near. */
  next(): void {
    this.cursor.next()
  }

  /**
   * Moves so that the span starts at `index`. Inside the current span only `start` changes; behind the window the cursor becomes `done`; when
   * done it stays so. Backwards it widens the window. O(log n + k).
   */
  advance(index: number): void {
    checkNumber(index, 'index')
    this.cursor.moveTo(highOf(index), index >>> 0)
  }

  /** The spans from the current one on, as objects of their own. */
  *[Symbol.iterator](): IterableIterator<Span> {
    for (; !this.done; this.next()) yield { start: this.start, last: this.last, isHole: this.isHole }
  }
}
