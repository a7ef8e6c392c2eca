// Constants of the module rather than static fields: those are loaded on each use, which costs 1 ns a frame.
/** Frames of a region: 2^21, 8 GiB. */
export const REGION_FRAMES = 2097152
/** log2 of {@link REGION_FRAMES}. */
export const REGION_SHIFT = 21
/** Position of a frame in its region. */
export const REGION_MASK = 2097151
/** Frames that are pinned by one counter when they are pinned together. */
export const REGION_BLOCK = 512

/**
 * Pin counts of 2^21 consecutive frames (8 GiB). A frame's count is the sum of its block's whole pins and its own pins: a run that covers
 * an aligned block of 512 frames touches one counter instead of 512. Own pins are one byte a frame, since scattered frames are counted in random
 * order and the counters must stay in the cache; what leaves the range of a byte is moved to a map.
 */
export class Region {
  readonly #whole = new Int32Array(4096)
  readonly #touched = new Uint8Array(4096)
  readonly #own = new Int8Array(REGION_FRAMES)
  #spilled: Map<number, number> | undefined
  #huge: Uint8Array | undefined

  /** Pins of the frame at `index`. */
  pinCount(index: number): number {
    return this.#whole[index >>> 9]! + this.#own[index]! + (this.#spilled?.get(index) ?? 0)
  }

  /** Whether the block of a frame was never pinned, or only as a whole and is not now: none of its frames has a pin. */
  isIdle(index: number): boolean {
    return this.#touched[index >>> 9] === 0 && this.#whole[index >>> 9] === 0
  }

  pinOne(index: number): void {
    const own = this.#own
    this.#touched[index >>> 9] = 1
    const pins = own[index]!
    if (pins === 127) {
      this.#spill(index, 100)
      own[index] = 28
    } else own[index] = pins + 1
  }

  /**
   * Pins list[from], list[from + 1], … up to `past - 1` as long as they lie in this region, which begins at frame `base`. Returns the first position left.
   * The hot loop of scattered pins: one counter and one mark a frame (workloads map.*.scat.*).
   */
  pinListed(list: Uint32Array | Float64Array, from: number, past: number, base: number): number {
    const own = this.#own
    const touched = this.#touched
    let at = from
    for (; at < past; at++) {
      const index = list[at]! - base
      if (index < 0 || index >= REGION_FRAMES) break
      touched[index >>> 9] = 1
      const pins = own[index]!
      if (pins === 127) this.pinOne(index)
      else own[index] = pins + 1
    }
    return at
  }

  /** False, and nothing changes, when the frame has no pin. */
  unpinOne(index: number): boolean {
    const own = this.#own
    const pins = own[index]!
    if ((this.#spilled !== undefined || pins + this.#whole[index >>> 9]! <= 0) && this.pinCount(index) <= 0) return false
    this.#touched[index >>> 9] = 1
    if (pins === -128) {
      this.#spill(index, -100)
      own[index] = -29
    } else own[index] = pins - 1
    return true
  }

  pinRun(first: number, npfns: number): void {
    const past = first + npfns
    for (let index = first; index < past; ) {
      if ((index & 511) === 0 && past - index >= 512) {
        this.#whole[index >>> 9]!++
        index += 512
      } else this.pinOne(index++)
    }
  }

  /** First frame of the run that has no pin, or -1. O(1) a block whose frames were only ever pinned as a whole. */
  firstUnpinned(first: number, npfns: number): number {
    const past = first + npfns
    for (let index = first; index < past; ) {
      const block = index >>> 9
      const stop = Math.min(past, (block + 1) * 512)
      if (this.#touched[block] === 0) {
        if (this.#whole[block]! <= 0) return index
      } else {
        for (let frame = index; frame < stop; frame++) if (this.pinCount(frame) <= 0) return frame
      }
      index = stop
    }
    return -1
  }

  /** The caller has asked `firstUnpinned` before. */
  unpinRun(first: number, npfns: number): void {
    const past = first + npfns
    for (let index = first; index < past; ) {
      if ((index & 511) === 0 && past - index >= 512) {
        // May go below zero: the sum with each frame's own pins does not.
        this.#whole[index >>> 9]!--
        index += 512
      } else this.unpinOne(index++)
    }
  }

  markHuge(index: number): void {
    this.#huge ??= new Uint8Array(4096)
    this.#huge[index >>> 9] = 1
  }

  isHuge(index: number): boolean {
    return this.#huge !== undefined && this.#huge[index >>> 9] === 1
  }

  #spill(index: number, pins: number): void {
    this.#spilled ??= new Map()
    const total = (this.#spilled.get(index) ?? 0) + pins
    if (total === 0) this.#spilled.delete(index)
    else this.#spilled.set(index, total)
  }
}
