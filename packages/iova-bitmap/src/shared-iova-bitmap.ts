import { AtomicSegment } from './atomic-segment.ts'
import type { DirtyRanges } from './dirty-ranges.ts'
import { IovaBitmap, type IovaBitmapOptions, internalsOf } from './iova-bitmap.ts'
import { isShared } from './memory.ts'
import { SharedHarvest } from './shared-harvest.ts'
import type { U64 } from './u64.ts'

/**
 * An `IovaBitmap` over a `SharedArrayBuffer` that several threads use at the same time, each through an object of its own made with the same options
 * (spec data-structures 3.6). Bits are set by `Atomics.or` and harvested by `Atomics.exchange`: a set that completes before its word is taken is in this
 * harvest, one after it in the next; none is lost, none is reported twice. A call that sets many pages is atomic word by word, not as a whole.
 * What a thread wrote before it set a bit is visible to who harvests that bit. Several may harvest at a time: each bit goes to one of them.
 *
 * `ranges`, `peek`, `count`, `equals` see sets that are going on or not. The memory must be used through objects of this class only, and at one byte offset.
 */
export class SharedIovaBitmap extends IovaBitmap {
  /** TypeError unless `buffer` is a SharedArrayBuffer or a view of one. */
  constructor(options: IovaBitmapOptions) {
    super(options)
    if (options.source !== undefined) throw new TypeError('a SharedIovaBitmap needs a SharedArrayBuffer, and no source')
  }

  /**
   * Reads and clears as `IovaBitmap.harvest`. It takes one word ahead of the run that it stands on: leave it by `break` or `close()`, which put that back,
   * when not at its end.
   */
  override harvest(iova?: U64, length?: U64): DirtyRanges {
    const { geometry, window } = internalsOf(this, 'this')
    window.checkAlive()
    const isSome = geometry.clipOptional(iova, length)
    const first = isSome ? geometry.first : 0
    const last = isSome ? geometry.last : -1
    const cursor = new SharedHarvest(geometry, window, first, last, window.segment as AtomicSegment)
    cursor.next()
    return cursor
  }

  /** @internal */
  protected override segmentOf(bytes: Uint8Array): AtomicSegment {
    if (!isShared(bytes)) throw new TypeError('a SharedIovaBitmap needs a SharedArrayBuffer, or a view of one')
    return new AtomicSegment(bytes)
  }
}
