import { PfnBatch } from './pfn-batch.ts'
import { RUN_BYTES } from './units.ts'

/** Room for runs above which a batch is not kept: a large limit of temporary memory must not become permanent. */
const KEPT_RUNS_MAX = 8192

/**
 * Batches not in use. Operations do not nest, so one or two are ever needed; keeping them saves two typed arrays on each operation, which
 * for an area of one page would be most of the cost (measured by areas.1e5.radix.d1). They also keep the class alive for the optimiser.
 */
const idle: PfnBatch[] = [new PfnBatch(1, RUN_BYTES), new PfnBatch(1, RUN_BYTES)]

/** An empty batch for `npages` pages in at most `limitBytes` of temporary memory. */
export function takeBatch(npages: number, limitBytes: number): PfnBatch {
  const batch = idle.pop()
  if (batch === undefined) return new PfnBatch(npages, limitBytes)
  batch.renew(npages, limitBytes)
  return batch
}

/** Gives a batch back; nobody may use it any more. */
export function giveBatch(batch: PfnBatch): void {
  if (idle.length < 2 && batch.pfns.length <= KEPT_RUNS_MAX) idle.push(batch)
}
