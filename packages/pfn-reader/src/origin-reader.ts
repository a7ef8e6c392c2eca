import { giveBatch, takeBatch } from './batch-pool.ts'
import { InvariantError, IommuError } from './errors.ts'
import type { Pages } from './pages.ts'
import type { PfnBatch } from './pfn-batch.ts'
import { unpinBatch } from './unpin.ts'

/**
 * Pins `npages` pages from `first` on, or fewer, straight into a batch that has room for one more run; returns how many. O(runs).
 * @throws whatever the source throws; EFAULT when it pins nothing and says nothing. Then nothing was pinned.
 */
export function pinInto(pages: Pages, batch: PfnBatch, first: number, npages: number): number {
  const before = batch.total
  const pinned = pages.source.pin(first, npages, pages.writable, batch)
  const added = batch.total - before
  if (pinned !== added || pinned > npages) throw new InvariantError(`a source pinned ${pinned} of ${npages} pages, but gave ${added}`)
  if (pinned === 0) throw new IommuError('EFAULT', `the origin gave no page ${first}`)
  pages.npinned += pinned
  return pinned
}

/**
 * Pins pages for a batch (spec pages-and-io-pagetable A5), in as few calls as the batch has room for: the batch itself is the sink, so a
 * source stops where the batch is full and nothing is pinned too early. Only a batch without room for another run needs a look ahead, since
 * the next frame may still extend its last run: that chunk, limited in runs as a batch is, is the surplus, kept for the batches after it.
 */
export class OriginReader {
  #surplus: PfnBatch | undefined = undefined
  /** First run of the surplus that no batch has taken. */
  #run = 0
  /** Pages in front of it. */
  #taken = 0

  /** Pins pages from `first` on, at most up to `last`, and adds them to the batch; it has refused, or got at least one more. */
  fill(pages: Pages, batch: PfnBatch, first: number, last: number): void {
    if (this.remaining > 0) {
      this.#drain(batch)
      return
    }
    const left = last - first + 1
    const { room } = batch
    const npages = Math.min(left, room)
    if (batch.nruns < batch.capacity) {
      pinInto(pages, batch, first, npages)
      return
    }
    const { limitBytes } = pages.temp
    if (this.#surplus === undefined) this.#surplus = takeBatch(npages, limitBytes)
    else this.#surplus.renew(npages, limitBytes)
    this.#run = 0
    this.#taken = 0
    pinInto(pages, this.#surplus, first, npages)
    this.#drain(batch)
  }

  /** Pages pinned that no batch has taken. */
  get remaining(): number {
    return this.#surplus === undefined ? 0 : this.#surplus.total - this.#taken
  }

  /** Releases them, clean, since nobody has seen them. */
  release(pages: Pages): void {
    const { remaining } = this
    if (this.#surplus === undefined) return
    unpinBatch(pages, this.#surplus, this.#taken, remaining, false)
    giveBatch(this.#surplus)
    this.#surplus = undefined
  }

  #drain(batch: PfnBatch): void {
    const { pfns, npfns, nruns } = this.#surplus!
    while (this.#run < nruns && batch.add(pfns[this.#run]!, npfns[this.#run]!)) this.#taken += npfns[this.#run++]!
  }
}
