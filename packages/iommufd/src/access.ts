import type { AccessOwner, RwOptions, U64 } from '@iommukit/io-pagetable'
import { IommuError } from '@iommukit/pfn-reader'
import type { IommufdContext } from './context.ts'
import { Ioas } from './ioas.ts'
import { IommufdObject } from './object.ts'
import { describe, U64_MAX } from './u64.ts'

/** Where an access is registered. */
interface Registration {
  readonly ioas: Ioas
  readonly tableId: number
}

/**
 * A software user of an IOAS: pins its pages or copies bytes (spec uapi 3.3, pages-and-io-pagetable B15, B16). Its driver holds it, so
 * the user cannot destroy it; `close` does. Until then it keeps the context alive.
 */
export class Access extends IommufdObject {
  readonly type = 'access'
  readonly #context: IommufdContext
  readonly #owner: AccessOwner
  /** Where new pins and copies go; absent while the owner is being told to let go. */
  #current: Registration | undefined
  /** Where pins are returned to. */
  #unpinFrom: Registration | undefined
  #closed = false

  /** Not attached. */
  constructor(id: number, context: IommufdContext, owner: AccessOwner) {
    super(id)
    this.users = 2
    this.#context = context
    this.#owner = owner
    context.holdFile()
  }

  get context(): IommufdContext {
    return this.#context
  }

  /** The IOAS it is attached to. */
  get ioas(): Ioas | undefined {
    return this.#current?.ioas
  }

  /** Throws ENOENT (not an IOAS), EINVAL (attached already), EADDRINUSE (it pins, and an area is not page aligned). */
  attach(ioasId: number): void {
    if (this.#current !== undefined) throw new IommuError('EINVAL', `access ${this.id} is attached to ioas ${this.#current.ioas.id}`)
    this.#change(this.#context.objects.get(ioasId, Ioas, 'ioas'))
  }

  /**
   * Moves to another IOAS: the owner is told to let go of everything it pinned. To the same IOAS: nothing happens.
   * Throws ENOENT (not an IOAS, or not attached), EADDRINUSE; on throw the access is where it was.
   */
  replace(ioasId: number): void {
    const ioas = this.#context.objects.get(ioasId, Ioas, 'ioas')
    if (this.#current === undefined) throw new IommuError('ENOENT', `access ${this.id} is not attached`)
    if (ioas !== this.#current.ioas) this.#change(ioas)
  }

  /** Leaves the IOAS; the owner is told to let go first. Nothing happens when not attached. */
  detach(): void {
    if (this.#current !== undefined) this.#change(undefined)
  }

  /** Detaches and gives the id back. Calling it again does nothing. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.detach()
    this.users--
    this.#context.objects.destroyUnused(this)
    this.#context.dropFile()
  }

  /** Undoes the constructor for an access that could not be attached and was never published. */
  abandon(): void {
    this.#closed = true
    this.#context.dropFile()
  }

  /**
   * Pins every page of [iova, iova+length-1]; returns its frames in order. Throws EINVAL (length 0, misaligned, being unmapped, or an
   * access that does not pin), EOVERFLOW, ENOENT (not attached, or a hole), EPERM, EFAULT, ENOMEM; then nothing stays pinned.
   */
  pinPages(iova: U64, length: U64, write: boolean): Float64Array {
    if (!this.#owner.needsPin) throw new IommuError('EINVAL', `access ${this.id} was made without pins`)
    return this.#table().pinPages(iova, length, write)
  }

  /** Undoes one `pinPages` of the same range. */
  unpinPages(iova: U64, length: U64): void {
    if (this.#unpinFrom === undefined) throw new IommuError('ENOENT', `access ${this.id} is not attached`)
    this.#unpinFrom.ioas.table.unpinPages(iova, length)
  }

  /** Copies between `data` and the space. Errors as `pinPages`; what lies in front of the failing area has been copied. */
  rw(iova: U64, data: Uint8Array, options: RwOptions): void {
    if (!(data instanceof Uint8Array)) throw new TypeError(`data must be a Uint8Array, got ${describe(data)}`)
    this.#table().rw(iova, data, options)
  }

  override destroy(): void {}

  #table(): Ioas['table'] {
    if (this.#current === undefined) throw new IommuError('ENOENT', `access ${this.id} is not attached`)
    return this.#current.ioas.table
  }

  /** Registers with the new table first, so that a refusal leaves everything as it was; forbids pins while the owner lets go. */
  #change(ioas: Ioas | undefined): void {
    if (this.#current !== this.#unpinFrom) throw new IommuError('EBUSY', `access ${this.id} is just being moved`)
    const next = ioas === undefined ? undefined : { ioas, tableId: ioas.table.addAccess(this.#owner) }
    if (ioas !== undefined) ioas.users++
    const old = this.#unpinFrom
    this.#current = undefined
    if (old !== undefined) {
      this.#owner.unmap?.(0n, U64_MAX)
      old.ioas.table.removeAccess(this.#owner, old.tableId)
      old.ioas.users--
    }
    this.#current = next
    this.#unpinFrom = next
  }
}
