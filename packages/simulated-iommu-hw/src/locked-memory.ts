import { HardwareError, HardwareInvariantError } from './errors.ts'
import { FaultPoint } from './fault-point.ts'
import { PAGE_SIZE, toInteger, toU64, U64_MAX } from './numbers.ts'

/** Which counter pinned pages are charged to: nobody's, the user's, or the process's (spec pages-and-io-pagetable A7). */
export type LockedMemoryMode = 'none' | 'user' | 'mm'

/** The locked pages of one user, shared by all processes of that user. */
export class UserAccount {
  /** Pages charged now. A test may set it to what others have locked already. */
  lockedPages = 0
}

/** Options of {@link LockedMemory}. */
export interface LockedMemoryOptions {
  /** Limit in bytes (RLIMIT_MEMLOCK); default 2^64-1, no limit. */
  readonly limitBytes?: bigint | number
  /** The user that the process belongs to; default a user of its own. */
  readonly user?: UserAccount
}

/** Locked-memory accounting of one process. Fits the port `Accounting` (spec pages-and-io-pagetable A7, 4.5). Every operation is O(1). */
export class LockedMemory {
  readonly user: UserAccount
  /** Pages charged to the process (mode `mm`). */
  mmLockedPages = 0
  /** Makes the n-th charge fail. */
  readonly chargeFault: FaultPoint = new FaultPoint('charge', 'ENOMEM')
  #pinnedPages = 0
  #limitBytes: bigint = U64_MAX

  constructor(options: LockedMemoryOptions = {}) {
    this.user = options.user ?? new UserAccount()
    if (options.limitBytes !== undefined) this.limitBytes = options.limitBytes
  }

  /** Statistic without a limit: pages pinned for this process in any mode. */
  get pinnedPages(): number {
    return this.#pinnedPages
  }

  /** The limit in bytes, read at each charge. Accepts 0..2^64-1 as bigint or safe integer. */
  get limitBytes(): bigint {
    return this.#limitBytes
  }

  set limitBytes(limitBytes: bigint | number) {
    this.#limitBytes = toU64(limitBytes, 'limitBytes')
  }

  /** The limit in whole pages: floor(limitBytes / 4096). */
  get limitPages(): number {
    return Number(this.#limitBytes / BigInt(PAGE_SIZE))
  }

  /** Adds `npages >= 1` pages; equality with the limit is allowed. Throws ENOMEM, having added nothing, when the mode's limit would be passed. */
  charge(mode: LockedMemoryMode, npages: number): void {
    toInteger(npages, 'npages', 1, 2 ** 52)
    checkMode(mode)
    this.chargeFault.pass()
    if (mode !== 'none') {
      const locked = mode === 'user' ? this.user.lockedPages : this.mmLockedPages
      if (locked + npages > this.limitPages)
        throw new HardwareError('ENOMEM', `charge of ${npages} pages to ${mode} on top of ${locked} passes the limit of ${this.limitPages}`)
      if (mode === 'user') this.user.lockedPages += npages
      else this.mmLockedPages += npages
    }
    this.#pinnedPages += npages
  }

  /** Takes `npages >= 1` pages away. Throws {@link HardwareInvariantError} when more is taken away than was charged; never fails otherwise. */
  uncharge(mode: LockedMemoryMode, npages: number): void {
    toInteger(npages, 'npages', 1, 2 ** 52)
    checkMode(mode)
    const charged = Math.min(this.#pinnedPages, mode === 'none' ? Infinity : mode === 'user' ? this.user.lockedPages : this.mmLockedPages)
    if (npages > charged) throw new HardwareInvariantError(`uncharge of ${npages} pages from ${mode}, which has ${charged}`)
    if (mode === 'user') this.user.lockedPages -= npages
    else if (mode === 'mm') this.mmLockedPages -= npages
    this.#pinnedPages -= npages
  }
}

function checkMode(mode: LockedMemoryMode): void {
  if (mode !== 'none' && mode !== 'user' && mode !== 'mm') throw new TypeError(`mode must be none, user or mm, got ${String(mode)}`)
}
