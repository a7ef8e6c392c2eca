import { IovaBitmapError } from './errors.ts'
import { type CoveredRange, Geometry } from './geometry.ts'
import { IovaBitmap, internalsOf } from './iova-bitmap.ts'
import { isBytes } from './memory.ts'
import type { U64 } from './u64.ts'
import { planOf, type WindowOptions, type WindowPlan } from './window.ts'

/** A `BitmapSource` that takes its time. */
export interface AsyncBitmapSource {
  /** As `BitmapSource.pin`. */
  pin(byteOffset: number, byteLength: number, write: boolean): Promise<Uint8Array>
  /** As `BitmapSource.unpin`. */
  unpin(view: Uint8Array, dirty: boolean): Promise<void> | void
}

export interface AsyncIovaBitmapOptions extends CoveredRange, WindowOptions {
  readonly source: AsyncBitmapSource
}

interface PinnedWindow {
  readonly first: number
  readonly last: number
  readonly view: Uint8Array
  readonly bits: IovaBitmap
}

/**
 * A bitmap over memory that is pinned and unpinned asynchronously, by the same rules as `IovaBitmap` over a `BitmapSource` (spec data-structures 3.6).
 * Calls on one object are done one after the other, in the order made. What a window holds is worked on through an `IovaBitmap` of that window.
 */
export class AsyncIovaBitmap {
  readonly #geometry: Geometry
  readonly #plan: WindowPlan
  readonly #source: AsyncBitmapSource
  #window: PinnedWindow | undefined
  #isFreed = false
  #queue: Promise<unknown> = Promise.resolve()

  constructor(options: AsyncIovaBitmapOptions) {
    this.#geometry = new Geometry(options, options.strict === true)
    this.#plan = planOf(this.#geometry, options)
    this.#source = options.source
    if (typeof this.#source?.pin !== 'function' || typeof this.#source.unpin !== 'function') {
      throw new TypeError('source must have the methods pin and unpin')
    }
  }

  /** As `IovaBitmap.set`. Rejects with an IovaBitmapError when the source fails; the call can be made again. */
  async setAsync(iova: U64, length: U64): Promise<number> {
    if (!this.#geometry.clip(iova, length)) return this.#inTurn(async () => 0)
    const { first, last } = this.#geometry
    return this.#inTurn(() => this.#set(first, last))
  }

  /**
   * Pins window after window, ascending, and calls `fn` with an `IovaBitmap` of each: to set, count, list or harvest what is in it. A result other than
   * undefined stops the walk. Until the walk has ended other calls on this object wait, so `fn` must not await them.
   */
  forEachWindowAsync<T>(fn: (window: IovaBitmap) => T | undefined | Promise<T | undefined>): Promise<T | undefined> {
    return this.#inTurn(async () => {
      for (let bit = 0; bit < this.#geometry.npages; ) {
        const window = await this.#move(bit, this.#geometry.npages - 1, bit)
        const result = await fn(window.bits)
        if (result !== undefined) return result
        bit = window.last + 1
      }
      return undefined
    })
  }

  /** Unpins what is pinned; later calls reject. May be called again. */
  freeAsync(): Promise<void> {
    const release = (): Promise<void> => {
      this.#isFreed = true
      return this.#release()
    }
    return this.#enqueue(release)
  }

  async #set(first: number, last: number): Promise<number> {
    let window = this.#window
    if (window === undefined || first < window.first || last > window.last) window = await this.#move(first, last, 0)
    for (let bit = first; ; ) {
      const end = Math.min(last, window.last)
      internalsOf(window.bits, 'window').window.setBits(bit - window.first, end - window.first, true)
      if (end === last) return last - first + 1
      bit = end + 1
      window = await this.#move(bit, last, bit - first)
    }
  }

  async #move(bit: number, last: number, done: number): Promise<PinnedWindow> {
    await this.#release()
    const geometry = this.#geometry
    const index = Math.floor(bit / 8)
    const length = this.#plan.bytesAt(index)
    const failure = (cause: unknown): IovaBitmapError => new IovaBitmapError(geometry.iovaOf(bit), geometry.lastIovaOf(last), done, cause)
    let view: Uint8Array
    try {
      view = await this.#source.pin(index, length, true)
    } catch (cause) {
      throw failure(cause)
    }
    if (!isBytes(view)) throw new TypeError('AsyncBitmapSource.pin must give a Uint8Array')
    if (view.length === 0) throw failure(undefined)
    const first = index * 8
    const end = Math.min(first + Math.min(view.length, length) * 8, geometry.npages) - 1
    const bits = new IovaBitmap({ iova: geometry.iovaOf(first), last: geometry.lastIovaOf(end), pageSize: geometry.pageSize, buffer: view })
    this.#window = { first, last: end, view, bits }
    return this.#window
  }

  async #release(): Promise<void> {
    const window = this.#window
    if (window === undefined) return
    this.#window = undefined
    const { written } = internalsOf(window.bits, 'window').window.fast
    window.bits.free()
    await this.#source.unpin(window.view, written)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#enqueue(() => {
      if (this.#isFreed) throw new TypeError('the bitmap was freed')
      return work()
    })
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work)
    this.#queue = result.catch(() => undefined)
    return result
  }
}
