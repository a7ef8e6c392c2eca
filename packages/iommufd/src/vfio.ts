import { type IovaRange, PROT_CACHE, PROT_READ, PROT_WRITE, type U64 } from '@iommukit/io-pagetable'
import { IommuError } from '@iommukit/pfn-reader'
import { VFIO_DMA_CC_IOMMU, VFIO_TYPE1_IOMMU, VFIO_TYPE1V2_IOMMU, VFIO_UNMAP_ALL } from './abi/flags.ts'
import type { IommufdContext } from './context.ts'
import { type Ioas, processOrigin } from './ioas.ts'
import type { Process } from './ports.ts'
import { requireProcess } from './process.ts'
import { PAGE_SIZE, toU64, U64_MAX } from './u64.ts'

/** VFIO_IOMMU_MAP_DMA, in bytes. With neither direction the mapping is made all the same. */
export interface VfioMapRequest {
  readonly address: U64
  readonly iova: U64
  readonly length: U64
  readonly readable: boolean
  readonly writeable: boolean
}

/** What VFIO_IOMMU_GET_INFO tells. */
export interface VfioInfo {
  /** Bit k: mappings of 2^k bytes are possible. */
  readonly pageSizes: bigint
  readonly ranges: IovaRange[]
}

/** VFIO type1 on the compatibility IOAS of a context (spec uapi section 9). Everything throws ENODEV without one, unless it says so. */
export class VfioCompat {
  readonly #context: IommufdContext

  constructor(context: IommufdContext) {
    this.#context = context
  }

  /** Throws ENODEV when no IOAS is chosen. */
  requireIoas(): void {
    this.#ioas()
  }

  /** VFIO_GET_API_VERSION: 0, always. */
  apiVersion(): number {
    return 0
  }

  /** VFIO_CHECK_EXTENSION: 1 or 0. Only DMA_CC needs an IOAS. */
  checkExtension(extension: U64): number {
    switch (toU64(extension, 'extension')) {
      case BigInt(VFIO_TYPE1_IOMMU):
      case BigInt(VFIO_TYPE1V2_IOMMU):
      case BigInt(VFIO_UNMAP_ALL):
        return 1
      case BigInt(VFIO_DMA_CC_IOMMU):
        for (const hwpt of this.#ioas().hwpts) if (!hwpt.options.enforcesCoherency) return 0
        return 1
      default:
        return 0
    }
  }

  /** VFIO_SET_IOMMU: type 1 turns huge pages off (throws what that throws), type 3 does not. Other types: EINVAL, before ENODEV. */
  setIommu(type: U64): void {
    const wanted = toU64(type, 'type')
    if (wanted !== BigInt(VFIO_TYPE1_IOMMU) && wanted !== BigInt(VFIO_TYPE1V2_IOMMU)) {
      throw new IommuError('EINVAL', `IOMMU type ${wanted} is neither ${VFIO_TYPE1_IOMMU} nor ${VFIO_TYPE1V2_IOMMU}`)
    }
    const { table } = this.#ioas()
    if (wanted === BigInt(VFIO_TYPE1_IOMMU)) table.disableLargePages()
  }

  /** VFIO_IOMMU_GET_INFO. */
  info(): VfioInfo {
    const { table } = this.#ioas()
    let pageSizes = U64_MAX
    for (const domain of table.domains) pageSizes &= domain.pgsizeBitmap
    const below = PAGE_SIZE - 1n
    if ((pageSizes & below) !== 0n) pageSizes = (pageSizes & ~below) | PAGE_SIZE
    const alignment = BigInt(table.iovaAlignment)
    return { pageSizes: pageSizes > alignment ? pageSizes : alignment, ranges: table.ranges() }
  }

  /** VFIO_IOMMU_MAP_DMA: as IOAS_MAP at a fixed IOVA from its step 5 on. */
  mapDma(process: Process, request: VfioMapRequest): void {
    requireProcess(process)
    const address = toU64(request.address, 'address')
    const iova = toU64(request.iova, 'iova')
    const length = toU64(request.length, 'length')
    const { table } = this.#ioas()
    const prot = PROT_CACHE | (request.readable ? PROT_READ : 0) | (request.writeable ? PROT_WRITE : 0)
    table.mapUserPages({ address, length, iova, prot, origin: processOrigin(this.#context, process) })
  }

  /** VFIO_IOMMU_UNMAP_DMA with flag ALL: returns the bytes removed. */
  unmapAll(): bigint {
    return this.#ioas().table.unmapAll()
  }

  /**
   * First half of VFIO_IOMMU_UNMAP_DMA: where huge pages are off (type 1), splits the areas at both ends of the range. Throws EINVAL
   * (a cut off the alignment, or an access pins the area), EBUSY; earlier cuts stay.
   */
  splitDma(iova: U64, length: U64): void {
    const { table } = this.#ioas()
    if (table.largePages) return
    const start = toU64(iova, 'iova')
    const last = BigInt.asUintN(64, start + toU64(length, 'length') - 1n)
    table.cutIova(start === 0n ? [last] : [last, start - 1n])
  }

  /** Second half: returns the bytes removed, 0 when nothing was mapped. Throws as `IoPagetable.unmapIova`, with `done`. */
  unmapDma(iova: U64, length: U64): bigint {
    return this.#ioas().table.unmapIova(toU64(iova, 'iova'), toU64(length, 'length'))
  }

  #ioas(): Ioas {
    const ioas = this.#context.compatIoas
    if (ioas === undefined) throw new IommuError('ENODEV', 'no IOAS is chosen for VFIO')
    return ioas
  }
}
