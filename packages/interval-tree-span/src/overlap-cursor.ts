import { TWO_32 } from './keys.ts'
import type { OverlapCursor64 } from './overlap-cursor64.ts'

/**
 * `OverlapCursor64` for number keys: travels over the intervals that meet a window, by start, equal starts in the order they were inserted.
 * Made, it stands on the first one. The fields mean nothing once `done`; what is said there of mutation holds here too.
 */
export class OverlapCursor {
  private readonly cursor: OverlapCursor64

  /** Internal: made by `overlaps` of a tree, which checks the window. */
  constructor(cursor: OverlapCursor64) {
    this.cursor = cursor
  }

  /** The interval that the cursor stands on. */
  get handle(): number {
    return this.cursor.handle
  }

  /** Start of the interval, not cut to the window. */
  get start(): number {
    return this.cursor.startHi * TWO_32 + this.cursor.startLo
  }

  /** Last of the interval, inclusive, not cut to the window. */
  get last(): number {
    return this.cursor.lastHi * TWO_32 + this.cursor.lastLo
  }

  /** Whether no further interval meets the window. */
  get done(): boolean {
    return this.cursor.done
  }

  /** Moves to the next interval that meets the window, or becomes `done`. O(log n); O(1) when near. */
  next(): void {
    this.cursor.next()
  }

  /** The handles from the current one on. */
  *[Symbol.iterator](): IterableIterator<number> {
    for (; !this.done; this.next()) yield this.handle
  }
}
