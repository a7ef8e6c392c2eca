import type { IovaRange } from './domain-options.ts'
import { HardwareError } from './errors.ts'
import { FaultPoint } from './fault-point.ts'
import { MockDevice } from './mock-device.ts'
import { MockTestOps } from './mock-test-ops.ts'
import { toInteger } from './numbers.ts'
import type { PhysicalMemory } from './physical-memory.ts'

/** Device flag: the device cannot attach to domains that track dirty pages. */
export const MOCK_DEVICE_NO_DIRTY = 1
/** Device flag: domains made for the device may use huge I/O pages. */
export const MOCK_DEVICE_HUGE_IOVA = 2

/** Options of {@link MockDriver}. */
export interface MockDriverOptions {
  readonly physical: PhysicalMemory
  /** What SET_TEMP_MEMORY_LIMIT sets; default an object of its own with 65536. */
  readonly temp?: { limitBytes: number }
  /** Domains throw where the kernel would warn; default false. */
  readonly strict?: boolean
  /** Aperture of the domains; default the mock's. */
  readonly aperture?: IovaRange
}

/** The mock IOMMU driver. Fits the port `IommuDriver` of iommufd (spec simulated-iommu-hw 1.1, uapi 10.3). */
export class MockDriver {
  /** Bytes of frames. */
  readonly frames: PhysicalMemory
  readonly temp: { limitBytes: number }
  /** Counts the map rounds of all its domains, and makes the n-th one fail (ENOENT unless named otherwise). */
  readonly mapFault: FaultPoint = new FaultPoint('map', 'ENOENT')
  readonly test: MockTestOps
  readonly #options: MockDriverOptions

  constructor(options: MockDriverOptions) {
    this.#options = options
    this.frames = options.physical
    this.temp = options.temp ?? { limitBytes: 65536 }
    this.test = new MockTestOps(options.physical, this.temp)
  }

  /** Makes a device, alone in its group. `deviceFlags`: 1 no dirty tracking, 2 huge I/O pages; others throw EINVAL. */
  createDevice(deviceFlags: number): MockDevice {
    toInteger(deviceFlags, 'deviceFlags', 0, 0xffff_ffff)
    if (deviceFlags > (MOCK_DEVICE_NO_DIRTY | MOCK_DEVICE_HUGE_IOVA))
      throw new HardwareError('EINVAL', `device flags ${deviceFlags} are not a sum of 1 (no dirty tracking) and 2 (huge I/O pages)`)
    return new MockDevice({
      dirtyTracking: (deviceFlags & MOCK_DEVICE_NO_DIRTY) === 0,
      hugePages: (deviceFlags & MOCK_DEVICE_HUGE_IOVA) !== 0,
      strict: this.#options.strict === true,
      aperture: this.#options.aperture,
      mapFault: this.mapFault,
    })
  }
}
