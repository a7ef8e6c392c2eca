import type { IovaRange } from './domain-options.ts'
import { HardwareError } from './errors.ts'
import type { FaultPoint } from './fault-point.ts'
import { MockDomain } from './mock-domain.ts'
import { MockNestedDomain } from './mock-nested-domain.ts'

/** data_type of the creation blob of a nested mock domain. */
export const MOCK_NESTED_TYPE = 0xdead
/** Type of the mock's GET_HW_INFO answer. */
export const MOCK_HW_INFO_TYPE = 0xfeed_beef
/** Test register in the mock's GET_HW_INFO answer. */
export const MOCK_HW_INFO_TEST_REG = 0xdead_beef

/** Bytes of the creation blob: {u32 iotlb}. */
const NESTED_BLOB_BYTES = 4

/** A driver data blob in user memory: `read` checks the length first, then copies. */
export interface DriverBlob {
  readonly length: number
  read(minimum: number, known: number): Uint8Array
}

/** What the driver decides about a device. */
interface MockDeviceSetup {
  readonly dirtyTracking: boolean
  readonly hugePages: boolean
  readonly strict: boolean
  readonly aperture: IovaRange | undefined
  readonly mapFault: FaultPoint
}

/** One mock device. Fits `IommuDevice` of iommufd. A fresh device is attached to nothing (blocked). */
export class MockDevice {
  readonly dirtyTracking: boolean
  /** {u32 flags = 0, u32 test_reg}, little endian. */
  readonly hwInfo: { readonly type: number; readonly data: Uint8Array }
  readonly #setup: MockDeviceSetup
  #domain: object | undefined

  constructor(setup: MockDeviceSetup) {
    this.#setup = setup
    this.dirtyTracking = setup.dirtyTracking
    const data = new Uint8Array(8)
    new DataView(data.buffer).setUint32(4, MOCK_HW_INFO_TEST_REG, true)
    this.hwInfo = { type: MOCK_HW_INFO_TYPE, data }
  }

  /** The domain it is attached to. */
  get domain(): object | undefined {
    return this.#domain
  }

  /** Makes an empty domain. EOPNOTSUPP when dirty tracking is asked of a device that has none. */
  createPagingDomain(options: { readonly nestParent: boolean; readonly dirtyTracking: boolean }): MockDomain {
    if (options.dirtyTracking && !this.dirtyTracking) throw new HardwareError('EOPNOTSUPP', 'the device cannot track dirty pages')
    const { hugePages, strict, aperture, mapFault } = this.#setup
    const { nestParent, dirtyTracking } = options
    return new MockDomain({ hugePages, strict, mapFault, nestParent, dirtyTracking, ...(aperture === undefined ? {} : { aperture }) })
  }

  /** Makes a domain nested on `parent`. EOPNOTSUPP for another type than 0xdead, then EINVAL or EFAULT of the blob, EINVAL for a parent not of this driver. */
  createNestedDomain<P extends object>(parent: P, dataType: number, data: DriverBlob): MockNestedDomain<P> {
    if (dataType !== MOCK_NESTED_TYPE) throw new HardwareError('EOPNOTSUPP', `nested data type 0x${dataType.toString(16)} is not 0xdead`)
    if (!(parent instanceof MockDomain)) throw new HardwareError('EINVAL', 'the parent is not a domain of this driver')
    const blob = data.read(NESTED_BLOB_BYTES, NESTED_BLOB_BYTES)
    return new MockNestedDomain(parent, new DataView(blob.buffer, blob.byteOffset, NESTED_BLOB_BYTES).getUint32(0, true))
  }

  /** EINVAL when the domain tracks dirty pages and the device cannot; nested domains have no dirty operations. */
  checkAttach(domain: object): void {
    if (domain instanceof MockDomain ? domain.dirty === undefined || this.dirtyTracking : domain instanceof MockNestedDomain) return
    throw new HardwareError(
      'EINVAL',
      'the device refuses the domain: it tracks dirty pages and the device cannot, or it is of another driver',
    )
  }

  attach(domain: object): void {
    this.checkAttach(domain)
    this.#domain = domain
  }

  /** Blocks the device. Never fails. */
  detach(): void {
    this.#domain = undefined
  }
}
