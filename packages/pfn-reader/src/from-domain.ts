import type { Area } from './area.ts'
import { InvariantError } from './errors.ts'
import type { PfnBatch } from './pfn-batch.ts'
import type { IommuDomain } from './ports.ts'

/**
 * Adds the frames of pages first..last of an area to a batch, read back from a domain, until the batch refuses (spec
 * pages-and-io-pagetable A3). Progress shows in `batch.total`. O(runs). Measured by attach.1g.scat.radix2radix/attach.
 */
export function fromDomain(batch: PfnBatch, domain: IommuDomain, area: Area, first: number, last: number): void {
  let index = first
  while (index <= last) {
    const low = area.lowOf(index)
    const room = batch.room
    const asked = Math.min(last - index + 1, room)
    const before = batch.total
    const read = domain.readRunsAt(area.highOf(index, low), low >>> 0, asked, batch)
    const added = batch.total - before
    if (read !== added || read > asked) throw new InvariantError(`a domain read ${read} of ${asked} pages, but gave ${added}`)
    // Fewer than asked for: the batch is full.
    if (read < asked) return
    index += read
  }
}

/** The same, but only frames that extend the last run are taken (fromDomainContinue): reads at most one run behind it. */
export function fromDomainContinue(batch: PfnBatch, domain: IommuDomain, area: Area, first: number, last: number): void {
  const { capacity } = batch
  batch.capacity = batch.nruns
  try {
    fromDomain(batch, domain, area, first, last)
  } finally {
    batch.capacity = capacity
  }
}
