import { LockedMemory, type PhysicalMemory, type Placement, type UserAccount, UserAddressSpace } from '@iommukit/simulated-iommu-hw'
import { DescriptorTable } from './descriptor-table.ts'

/** What a process may do; may be changed at any time. */
export interface Capabilities {
  /** CAP_IPC_LOCK: pinned pages are not charged. Read when memory is mapped. */
  ipcLock: boolean
  /** CAP_SYS_RESOURCE: may choose the accounting mode. */
  sysResource: boolean
}

/** Options of `Machine.createProcess`. */
export interface ProcessOptions {
  /** Where the frames of its memory lie; default the machine's. */
  readonly placement?: Placement
  /** RLIMIT_MEMLOCK in bytes; default no limit. */
  readonly memlockLimitBytes?: bigint | number
  /** Whose locked memory its pins are charged to; default the machine's one user. */
  readonly user?: UserAccount
  /** Default: both. */
  readonly capabilities?: Partial<Capabilities>
}

/** A program that runs on the machine: its memory, files, limits and capabilities. Fits `Process` of iommufd. */
export class MachineProcess {
  readonly memory: UserAddressSpace
  readonly files: DescriptorTable = new DescriptorTable()
  readonly accounting: LockedMemory
  readonly capabilities: Capabilities

  constructor(physical: PhysicalMemory, options: ProcessOptions) {
    this.memory = new UserAddressSpace(physical, options.placement === undefined ? {} : { placement: options.placement })
    const { user, memlockLimitBytes } = options
    this.accounting = new LockedMemory({
      ...(user === undefined ? {} : { user }),
      ...(memlockLimitBytes === undefined ? {} : { limitBytes: memlockLimitBytes }),
    })
    this.capabilities = { ipcLock: true, sysResource: true, ...options.capabilities }
  }

  /** Ends the program: its files are closed, its memory is unmapped. What others have pinned of it stays pinned. */
  exit(): void {
    this.files.closeAll()
    this.memory.munmap(0n, 2n ** 63n)
    this.memory.munmap(2n ** 63n, 2n ** 63n)
  }
}
