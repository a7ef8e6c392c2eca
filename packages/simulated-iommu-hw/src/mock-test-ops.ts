import { HardwareError } from './errors.ts'
import { MockDomain } from './mock-domain.ts'
import { MOCK_IOTLB_WORDS, MockNestedDomain } from './mock-nested-domain.ts'
import { hex, toU64, U64_MAX } from './numbers.ts'
import type { PhysicalMemory } from './physical-memory.ts'

/** Who knows the frame behind an address: the part of `UserMemory` that the test operations use. */
export interface FrameLookup {
  pfnOf(address: bigint): number | undefined
}

/** What the selftest ioctl asks of the hardware (spec uapi 10.2, label B). Fits `DriverTestOps` of iommufd. Loops over pages live here. */
export class MockTestOps {
  /** Bytes of a mock page. */
  readonly ioPageSize = 2048
  readonly #physical: PhysicalMemory
  readonly #temp: { limitBytes: number }

  constructor(physical: PhysicalMemory, temp: { limitBytes: number }) {
    this.#physical = physical
    this.#temp = temp
  }

  /** MD_CHECK_MAP: every mock page of the range translates to the frame now behind `address`, else EINVAL; user memory that is not accessible EFAULT. O(mock pages). */
  checkMap(domain: object, iova: bigint, length: bigint, memory: FrameLookup, address: bigint): void {
    if (!(domain instanceof MockDomain)) throw new HardwareError('EINVAL', 'not a mock domain')
    const unit = BigInt(domain.ioPageSize)
    let key = Number(toU64(iova, 'iova') / unit)
    const past = address + length
    let pfn = -1
    for (let at = address; at < past; at += unit, key++) {
      if (pfn < 0 || (at & 4095n) < unit) pfn = this.#frame(memory, at)
      const wanted = pfn * 4096 + Number(at & 4095n)
      if (domain.table.address(key) * domain.ioPageSize !== wanted)
        throw new HardwareError(
          'EINVAL',
          `mock page ${hex(BigInt(key) * unit)} does not translate to ${hex(wanted)}, the frame behind ${hex(at)}`,
        )
    }
  }

  /** MD_CHECK_REFS: every page of the range has exactly `refs` pins, else EIO; pages of huge pages are exempt; not accessible EFAULT. O(pages). */
  checkRefs(memory: FrameLookup, address: bigint, length: bigint, refs: number): void {
    for (let at = address; at < address + length; at += 4096n) {
      const pfn = this.#frame(memory, at)
      if (this.#physical.isHuge(pfn)) continue
      const pins = this.#physical.pinCount(pfn)
      if (pins !== refs) throw new HardwareError('EIO', `the page at ${hex(at)} has ${pins} pins, not ${refs}`)
    }
  }

  /** ACCESS_PAGES: page by page, the frames are those now behind the pages from `address` on, else EBADE; not accessible EFAULT. O(pages). */
  checkFrames(pfns: ArrayLike<number>, memory: FrameLookup, address: bigint): void {
    let at = address
    for (let index = 0; index < pfns.length; index++, at += 4096n) {
      const pfn = this.#frame(memory, at)
      if (pfn !== pfns[index]) throw new HardwareError('EBADE', `page ${index} is frame ${pfns[index]}, behind ${hex(at)} is ${pfn}`)
    }
  }

  /**
   * DIRTY: for each set bit k marks the entry *numbered* (iova + k*pageSize) / pageSize, which is the page meant only when pageSize is the mock page
   * (as recorded on Linux). Returns the entries that existed. EINVAL for another domain than a mock one, or when tracking is off. O(nbits).
   */
  markDirty(domain: object, iova: bigint, pageSize: bigint, nbits: number, bitmap: Uint8Array): number {
    if (!this.trackingEnabled(domain)) throw new HardwareError('EINVAL', 'dirty tracking is off')
    const first = Number(toU64(iova, 'iova') / pageSize)
    let marked = 0
    for (let byte = 0; byte * 8 < nbits; byte++) {
      const bits = bitmap[byte]!
      if (bits === 0) continue
      for (let bit = 0; bit < 8 && byte * 8 + bit < nbits; bit++) {
        const key = first + byte * 8 + bit
        if ((bits & (1 << bit)) !== 0 && key <= Number.MAX_SAFE_INTEGER && (domain as MockDomain).markDirtyKey(key)) marked++
      }
    }
    return marked
  }

  /** Whether dirty tracking of the domain is on. */
  trackingEnabled(domain: object): boolean {
    if (!(domain instanceof MockDomain)) throw new HardwareError('EINVAL', 'not a mock domain')
    return domain.dirty?.enabled === true
  }

  /** MD_CHECK_IOTLB: word `index` (0..3) of the nested domain is `expected`, else EINVAL. */
  checkIotlb(domain: object, index: number, expected: number): void {
    if (!(domain instanceof MockNestedDomain)) throw new HardwareError('EINVAL', 'not a nested mock domain')
    if (index >= MOCK_IOTLB_WORDS || domain.iotlb[index] !== expected)
      throw new HardwareError('EINVAL', `cache word ${index} is ${domain.iotlb[index] ?? 'not there'}, not ${expected}`)
  }

  /** SET_TEMP_MEMORY_LIMIT: below 12 EINVAL. */
  setTempMemoryLimit(limitBytes: number): void {
    if (!(limitBytes >= 12)) throw new HardwareError('EINVAL', `temporary memory limit ${limitBytes} is below 12`)
    this.#temp.limitBytes = limitBytes
  }

  #frame(memory: FrameLookup, address: bigint): number {
    const pfn = address <= U64_MAX ? memory.pfnOf(address) : undefined
    if (pfn === undefined) throw new HardwareError('EFAULT', `${hex(address)} is not mapped or not accessible`)
    return pfn
  }
}
