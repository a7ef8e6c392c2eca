import { IommufdFile, ioctl, openIommufd } from '@iommukit/iommufd'
import { HardwareError, type IovaRange, MockDriver, PhysicalMemory, type Placement, UserAccount } from '@iommukit/simulated-iommu-hw'
import { MachineProcess, type ProcessOptions } from './machine-process.ts'

/** Options of {@link createMachine}. */
export interface MachineOptions {
  /** Where the frames of user memory lie; default `contiguous`. */
  readonly placement?: Placement
  /** Whether domains throw where the kernel would only warn of a bug in its caller; default true. */
  readonly strict?: boolean
  /** Aperture of the domains; default the mock's, 0x1000000 .. 0x7fffffff. */
  readonly aperture?: IovaRange
}

/** A computer with an IOMMU: frames, the mock driver, and the programs that run on it. Everything is deterministic. */
export class Machine {
  readonly physical: PhysicalMemory = new PhysicalMemory()
  /** Size of iommufd's temporary buffers; one for the whole machine, and set by SET_TEMP_MEMORY_LIMIT. */
  readonly temp: { limitBytes: number } = { limitBytes: 65536 }
  readonly driver: MockDriver
  /** The user whom processes belong to unless told otherwise. */
  readonly user: UserAccount = new UserAccount()
  readonly #placement: Placement

  constructor(options: MachineOptions = {}) {
    this.#placement = options.placement ?? 'contiguous'
    this.driver = new MockDriver({
      physical: this.physical,
      temp: this.temp,
      strict: options.strict !== false,
      ...(options.aperture === undefined ? {} : { aperture: options.aperture }),
    })
  }

  /** Starts a program with no memory and no files. */
  createProcess(options: ProcessOptions = {}): MachineProcess {
    return new MachineProcess(this.physical, { placement: this.#placement, user: this.user, ...options })
  }

  /** open("/dev/iommu"). With a process the file gets its lowest free descriptor too (`process.files.fdOf`). */
  openIommu(process?: MachineProcess): IommufdFile {
    const file = openIommufd({ driver: this.driver, temp: this.temp })
    process?.files.install(file)
    return file
  }

  /**
   * ioctl(2) of a process on a file or one of its descriptors; `argument` is an address in the process's memory or an integer. Returns what the call returns.
   * Throws errors with an errno `code`: EBADF for a descriptor that is not open, ENOTTY for a file that is not /dev/iommu, else what the command answers.
   */
  ioctl(process: MachineProcess, target: number | IommufdFile, command: number, argument: bigint | number): number {
    const file = typeof target === 'number' ? process.files.get(target) : target
    if (file === undefined) throw new HardwareError('EBADF', `descriptor ${String(target)} is not open`)
    if (!(file instanceof IommufdFile)) throw new HardwareError('ENOTTY', `descriptor ${String(target)} is not /dev/iommu`)
    return ioctl(file, command, BigInt(argument), process)
  }
}

/** Makes a computer: `createMachine().openIommu()` is a `/dev/iommu`. */
export function createMachine(options: MachineOptions = {}): Machine {
  return new Machine(options)
}
