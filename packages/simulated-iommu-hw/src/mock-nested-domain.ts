import { HardwareError } from './errors.ts'
import { toInteger } from './numbers.ts'

/** data_type of an invalidation of the mock nested domain (spec uapi 10.3). */
export const MOCK_INVALIDATE_TYPE = 0xdead_beef
/** Bytes of one invalidation request: {u32 flags, u32 index}. */
const MOCK_INVALIDATE_ENTRY_BYTES = 8
/** Words of the mock translation cache. */
export const MOCK_IOTLB_WORDS = 4

const FLAG_ALL = 1

/**
 * The nested domain of the mock: four "cache" words that an invalidation zeroes; nothing is translated (spec simulated-iommu-hw 1.1, uapi 6.5 and 10.3).
 * Fits `NestedDomain` of iommufd. `P` is the type of the parent domain.
 */
export class MockNestedDomain<P = unknown> {
  readonly parent: P
  /** The four words; all start as the word of the creation blob. */
  readonly iotlb: Uint32Array

  constructor(parent: P, iotlb: number) {
    this.parent = parent
    this.iotlb = new Uint32Array(MOCK_IOTLB_WORDS).fill(toInteger(iotlb, 'iotlb', 0, 0xffff_ffff))
  }

  /**
   * Runs the requests in order up to the first bad one: flags above 1 EOPNOTSUPP, index above 3 EINVAL (also with ALL), wrong type or entry length EINVAL,
   * and whatever errno `read` throws. Returns how many were completed and the errno of the failing one.
   */
  invalidate(dataType: number, entryLength: number, entryNum: number, read: (k: number) => Uint8Array): { done: number; code?: string } {
    if (dataType !== MOCK_INVALIDATE_TYPE) return { done: 0, code: 'EINVAL' }
    for (let done = 0; done < entryNum; done++) {
      if (entryLength !== MOCK_INVALIDATE_ENTRY_BYTES) return { done, code: 'EINVAL' }
      try {
        this.#invalidateOne(read(done))
      } catch (error) {
        return { done, code: errnoOf(error) }
      }
    }
    return { done: entryNum }
  }

  #invalidateOne(entry: Uint8Array): void {
    const words = new DataView(entry.buffer, entry.byteOffset, MOCK_INVALIDATE_ENTRY_BYTES)
    const flags = words.getUint32(0, true)
    const index = words.getUint32(4, true)
    if ((flags & ~FLAG_ALL) !== 0) throw new HardwareError('EOPNOTSUPP', `invalidation flags ${flags} are not 0 or 1`)
    if (index >= MOCK_IOTLB_WORDS) throw new HardwareError('EINVAL', `invalidation index ${index} is outside 0..${MOCK_IOTLB_WORDS - 1}`)
    if (flags === FLAG_ALL) this.iotlb.fill(0)
    else this.iotlb[index] = 0
  }
}

/** The errno of an operating error; anything else is a bug and goes on its way. */
function errnoOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  throw error
}
