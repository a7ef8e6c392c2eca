// Test helper: the naive cursor that every other one is compared with.
import type { NaiveArray } from './oracle.ts'

/** What a cursor is by spec data-structures 2.10: an index, whether it has been walked to, and where the entry seen there ends. */
export class NaiveCursor {
  index = 0n
  state: 'aimed' | 'walked' | 'over' = 'aimed'
  order = 0
  error: string | undefined = undefined
  readonly model: NaiveArray
  private last = 0n

  constructor(model: NaiveArray) {
    this.model = model
  }

  set(index: bigint, order = 0): void {
    this.index = index - (index % (1n << BigInt(order)))
    this.order = order
    this.state = 'aimed'
  }

  reset(): void {
    this.error = undefined
    this.state = 'aimed'
  }

  load(): unknown {
    if (this.error !== undefined) return undefined
    const rec = this.model.at(this.index)
    this.state = 'walked'
    this.last = rec?.last ?? this.index
    return rec?.value
  }

  move(by: bigint): unknown {
    const length = this.model.max + 1n
    if (this.error === undefined && this.state !== 'aimed') this.index = (this.index + by + length) % length
    return this.load()
  }

  store(value: unknown): unknown {
    if (this.error !== undefined) return undefined
    const { model, index, order, last, state } = this
    const old = order === 0 ? model.at(index)?.value : undefined
    if (order !== 0) model.storeOrder(index, order, value)
    else if (value === undefined) model.erase(index)
    else model.put(index, value)
    this.load()
    // Where an entry ended that was walked to and is now erased is not forgotten.
    if (value === undefined && state === 'walked') this.last = last
    return old
  }

  pause(): void {
    if (this.error === undefined && this.state === 'walked') this.goBehind(this.last)
  }

  private goBehind(last: bigint): void {
    const isEnd = last === this.model.max
    this.index = isEnd ? last : last + 1n
    this.state = isEnd ? 'over' : 'aimed'
  }

  find(max: bigint = this.model.max, mark?: number): unknown {
    this.pause()
    if (this.error !== undefined || this.state === 'over') return undefined
    const hit = this.model.seek(this.index, max, mark)
    if (hit !== undefined) {
      this.index = hit.index
      return this.load()
    }
    if (this.index <= max) this.goBehind(max)
    return undefined
  }

  conflicts(): unknown[] {
    const last = this.index + (1n << BigInt(this.order)) - 1n
    return this.error === undefined ? this.model.conflicts(this.index, last) : []
  }

  private get isOnEntry(): boolean {
    return this.error === undefined && this.state === 'walked' && this.model.at(this.index) !== undefined
  }

  getMark(mark: number): boolean {
    return this.isOnEntry && this.model.getMark(this.index, mark)
  }

  changeMark(mark: number, on: boolean): void {
    if (this.isOnEntry) this.model.changeMark(this.index, mark, on)
  }

  getOrder(): number {
    return this.isOnEntry ? this.model.getOrder(this.index) : 0
  }
}
