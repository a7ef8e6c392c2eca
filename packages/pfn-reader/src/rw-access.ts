import { giveBatch, takeBatch } from './batch-pool.ts'
import { InvariantError, IommuError } from './errors.ts'
import { begin, end } from './operation.ts'
import type { Pages } from './pages.ts'
import { PfnReader } from './pfn-reader.ts'
import { rwBatch } from './rw-batch.ts'
import { checkInteger, describe } from './u64.ts'
import { PAGE_SIZE, RUN_BYTES } from './units.ts'

/** How {@link rwAccess} copies. */
export interface RwFlags {
  /** From `data` into the pages; else the other way. */
  readonly write: boolean
  /** Never straight through the owner's address space: always through pinned frames. Default false. */
  readonly slow?: boolean
}

/**
 * Copies between `data` and the bytes of `pages` from `startByte` on (spec pages-and-io-pagetable A14). Straight through the owner's address
 * space when the source offers that and `slow` does not forbid it; else a copy inside one page pins that page for the purpose; else through
 * the very frames that are pinned for domains and accesses. The first two do not look at pins held by others, and ask for write permission
 * only when writing. Not atomic. O(pages).
 * @throws EPERM: `write`, and the pages are read-only; EFAULT and whatever else pinning throws, when earlier bytes may have been copied.
 * {RangeError} startByte is above 2^53-1 (see {@link rwAccessAt}), data is empty or reaches behind the pages.
 */
export function rwAccess(pages: Pages, startByte: number, data: Uint8Array, flags: RwFlags): void {
  checkInteger(startByte, 'startByte', 0, Number.MAX_SAFE_INTEGER)
  const offsetInPage = startByte % PAGE_SIZE
  rwAccessAt(pages, (startByte - offsetInPage) / PAGE_SIZE, offsetInPage, data, flags)
}

/** As {@link rwAccess}, from byte `offsetInPage` of page `startIndex` on: reaches every byte of the largest Pages. */
export function rwAccessAt(pages: Pages, startIndex: number, offsetInPage: number, data: Uint8Array, flags: RwFlags): void {
  const lastIndex = checkRw(pages, startIndex, offsetInPage, data, flags)
  const { write } = flags
  if (write && !pages.writable) throw new IommuError('EPERM', 'the pages are read-only')
  begin()
  try {
    const { direct } = pages.source
    const startByte = startIndex * PAGE_SIZE + offsetInPage
    if (direct !== undefined && flags.slow !== true && Number.isSafeInteger(startByte)) {
      if (write) direct.write(startByte, data)
      else direct.read(startByte, data)
    } else if (startIndex === lastIndex) rwPage(pages, startIndex, offsetInPage, data, write)
    else rwSlow(pages, startIndex, lastIndex, offsetInPage, data, write)
  } finally {
    end()
  }
}

/** Checks what the caller gave; returns the last page touched. */
function checkRw(pages: Pages, startIndex: number, offsetInPage: number, data: Uint8Array, flags: RwFlags): number {
  checkInteger(startIndex, 'startIndex', 0, pages.npages - 1)
  checkInteger(offsetInPage, 'offsetInPage', 0, PAGE_SIZE - 1)
  if (!(data instanceof Uint8Array)) throw new TypeError(`data must be a Uint8Array, got ${describe(data)}`)
  if (typeof flags?.write !== 'boolean') throw new TypeError(`flags.write must be a boolean, got ${describe(flags?.write)}`)
  if (data.length === 0) throw new RangeError('data must hold at least 1 byte, got 0')
  const lastIndex = startIndex + Math.floor((offsetInPage + data.length - 1) / PAGE_SIZE)
  if (lastIndex >= pages.npages) {
    throw new RangeError(`${data.length} bytes from byte ${offsetInPage} of page ${startIndex} reach behind the ${pages.npages} pages`)
  }
  return lastIndex
}

/** One page, pinned for the time of the copy beside all other pins. */
function rwPage(pages: Pages, index: number, offsetInPage: number, data: Uint8Array, write: boolean): void {
  const batch = takeBatch(1, RUN_BYTES)
  try {
    if (pages.source.pin(index, 1, write, batch) !== 1) throw new IommuError('EFAULT', `the origin gave no page ${index}`)
    try {
      rwBatch(pages.origin.frames, batch, data, 0, offsetInPage, write)
    } finally {
      pages.source.unpin(batch.pfns[0]!, 1, write)
    }
  } finally {
    giveBatch(batch)
  }
}

/** Batch by batch; each is released before the next is pinned, and nothing is charged. */
function rwSlow(pages: Pages, startIndex: number, lastIndex: number, offsetInPage: number, data: Uint8Array, write: boolean): void {
  const reader = PfnReader.take(pages, startIndex, lastIndex)
  let done = 0
  try {
    while (!reader.done) {
      done += rwBatch(pages.origin.frames, reader.batch, data, done, done === 0 ? offsetInPage : 0, write)
      reader.unpinUnused()
      reader.next()
    }
  } finally {
    reader.retire()
  }
  if (done !== data.length) throw new InvariantError(`${done} of ${data.length} bytes were copied`)
}
