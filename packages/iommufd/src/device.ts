import { IommuError } from '@iommukit/pfn-reader'
import { errnoName } from './abi/errno.ts'
import type { IommufdContext } from './context.ts'
import { type Hwpt, HwptNested, HwptPaging, ioasOf } from './hwpt.ts'
import { Ioas } from './ioas.ts'
import { IommufdObject } from './object.ts'
import type { IommuDevice } from './ports.ts'

/** A device bound to a context. Its driver holds it, so the user cannot destroy it (spec uapi 3.3). */
export class Device extends IommufdObject {
  readonly type = 'device'
  readonly device: IommuDevice
  readonly #context: IommufdContext
  readonly #holdsContext: boolean
  #hwpt: Hwpt | undefined

  /** Bound and not attached. A test's mock device does not keep the context alive, a driver's device does. */
  constructor(id: number, context: IommufdContext, device: IommuDevice, holdsContext: boolean) {
    super(id)
    this.users = 2
    this.#context = context
    this.#holdsContext = holdsContext
    this.device = device
    if (holdsContext) context.holdFile()
  }

  /** What the device is attached to. */
  get hwpt(): Hwpt | undefined {
    return this.#hwpt
  }

  /**
   * Attaches to a page table, or to an automatic one of an IOAS. Returns the id of the page table in use.
   * Throws ENOENT (unknown id), EINVAL (not a page table or IOAS; attached already; refused by the driver), EADDRINUSE (a reserved
   * region of the device is mapped or allowed), and what filling a new page table throws. On throw nothing has changed.
   */
  attach(ptId: number): number {
    const target = this.#target(ptId)
    if (this.#hwpt !== undefined) throw new IommuError('EINVAL', `device ${this.id} is attached to ${this.#hwpt.type} ${this.#hwpt.id}`)
    if (!(target instanceof Ioas)) return this.#moveTo(target)
    return this.#pickAutomatic(target) ?? this.#attachNew(target)
  }

  /** Moves to another page table in one step, else as {@link attach}; to the present one: nothing happens. Throws EINVAL when not attached. */
  replace(ptId: number): number {
    const target = this.#target(ptId)
    if (this.#hwpt === undefined) throw new IommuError('EINVAL', `device ${this.id} is not attached`)
    if (!(target instanceof Ioas)) return this.#moveTo(target)
    const picked = this.#pickAutomatic(target)
    if (picked !== undefined) return picked
    const hwpt = this.#context.objects.create((id) => this.#newAutomatic(id, target))
    try {
      return this.#moveTo(hwpt)
    } catch (error) {
      this.#context.objects.destroyUnused(hwpt)
      throw error
    }
  }

  /** Leaves the page table; an automatic one goes with its last device. Nothing happens when not attached. Never fails. */
  detach(): void {
    const hwpt = this.#hwpt
    if (hwpt === undefined) return
    this.device.detach()
    this.#hwpt = undefined
    ioasOf(hwpt).table.removeReserved(this)
    this.#leave(hwpt)
  }

  /** Detaches, and takes the device from the context. */
  unbind(): void {
    this.detach()
    this.users--
    this.#context.objects.destroyUnused(this)
    if (this.#holdsContext) this.#context.dropFile()
  }

  override destroy(): void {}

  #target(ptId: number): Ioas | Hwpt {
    const object = this.#context.objects.lookup(ptId)
    if (object === undefined) throw new IommuError('ENOENT', `id ${ptId} is unknown`)
    if (object instanceof Ioas || object instanceof HwptPaging || object instanceof HwptNested) return object
    throw new IommuError('EINVAL', `id ${ptId} is a ${object.type}, which a device cannot be attached to`)
  }

  /** The first automatic page table of the IOAS that takes the device; EINVAL means "try the next". */
  #pickAutomatic(ioas: Ioas): number | undefined {
    for (const hwpt of ioas.hwpts) {
      if (!hwpt.options.automatic) continue
      try {
        return this.#moveTo(hwpt)
      } catch (error) {
        if (errnoName(error) !== 'EINVAL') throw error
      }
    }
    return undefined
  }

  #newAutomatic(id: number, ioas: Ioas): HwptPaging {
    const domain = this.device.createPagingDomain({ nestParent: false, dirtyTracking: false })
    const enforcesCoherency = this.device.enforcesCoherency ?? false
    return new HwptPaging(id, ioas, domain, { automatic: true, nestParent: false, enforcesCoherency })
  }

  #attachNew(ioas: Ioas): number {
    const { objects } = this.#context
    const hwpt = objects.create((id) => this.#newAutomatic(id, ioas))
    try {
      return this.#moveTo(hwpt)
    } catch (error) {
      objects.destroyUnused(hwpt)
      throw error
    }
  }

  /** Attaches, or replaces the present attachment. On throw the device is where it was. */
  #moveTo(hwpt: Hwpt): number {
    const old = this.#hwpt
    if (old === hwpt) return hwpt.id
    const ioas = ioasOf(hwpt)
    const oldIoas = old === undefined ? undefined : ioasOf(old)
    const regions = this.device.reservedRegions ?? []
    if (ioas !== oldIoas) ioas.table.enforceDeviceRegions(this, regions, false)
    try {
      this.device.checkAttach(hwpt.domain)
      this.device.attach(hwpt.domain)
    } catch (error) {
      if (ioas !== oldIoas) ioas.table.removeReserved(this)
      throw error
    }
    if (oldIoas !== undefined && ioas !== oldIoas) oldIoas.table.removeReserved(this)
    this.#hwpt = hwpt
    hwpt.users++
    this.users++
    if (old !== undefined) this.#leave(old)
    return hwpt.id
  }

  /** The device is no longer on `hwpt`: its faults are answered, and the references go. */
  #leave(hwpt: Hwpt): void {
    if (hwpt instanceof HwptNested) hwpt.faultQueue?.answerDevice(this)
    this.users--
    hwpt.users--
    if (hwpt instanceof HwptPaging && hwpt.options.automatic && hwpt.users === 1) this.#context.objects.destroyUnused(hwpt)
  }
}
