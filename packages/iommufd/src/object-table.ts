import { InvariantError, IommuError } from '@iommukit/pfn-reader'
import { XArray } from '@iommukit/xarray'
import type { IommufdObject, ObjectType } from './object.ts'

/** The greatest id. */
export const ID_MAX: number = 0x7fff_ffff

/** The class of an object type, as `get` wants it. */
export type ObjectClass<T extends IommufdObject> = abstract new (...args: never[]) => T

/**
 * The ids of one context: one namespace for all types, lowest free id first. An id is reserved while its object is being made, and
 * then looks as if it did not exist; it is published when nothing can fail any more (spec uapi 3.2).
 */
export class ObjectTable {
  readonly #objects: XArray<IommufdObject> = new XArray<IommufdObject>({ alloc: 1 })

  /** True when no id is taken, reserved ones included. */
  get isEmpty(): boolean {
    return this.#objects.isEmpty
  }

  /** Takes the lowest free id, 1..2^31-1. Throws EBUSY when there is none. */
  reserve(): number {
    const id = this.#objects.alloc(undefined, { min: 1, max: ID_MAX })
    if (id === undefined) throw new IommuError('EBUSY', `all ids 1..${ID_MAX} are taken`)
    return id
  }

  /** Makes a reserved id visible. */
  publish(object: IommufdObject): void {
    this.#objects.store(object.id, object)
  }

  /** Gives a reserved id back. */
  abort(id: number): void {
    this.#objects.erase(id)
  }

  /** Reserves an id, builds its object and publishes it; the id is free again when `build` throws. Throws EBUSY. */
  create<T extends IommufdObject>(build: (id: number) => T): T {
    const id = this.reserve()
    try {
      const object = build(id)
      this.publish(object)
      return object
    } catch (error) {
      this.abort(id)
      throw error
    }
  }

  /** The published object with this id; undefined for an unknown or reserved one. O(log n). */
  lookup(id: number): IommufdObject | undefined {
    return id === 0 ? undefined : this.#objects.load(id)
  }

  /** The object with this id when it is of this class. Throws ENOENT otherwise. */
  get<T extends IommufdObject>(id: number, type: ObjectClass<T>, name: ObjectType): T {
    const object = this.lookup(id)
    if (object instanceof type) return object
    throw new IommuError('ENOENT', `id ${id} is ${object === undefined ? 'unknown' : `a ${object.type}`}, not a ${name}`)
  }

  /** Destroys the object when nobody but the table holds it. Throws ENOENT (unknown or reserved), EBUSY (in use). */
  destroy(id: number): void {
    const object = this.lookup(id)
    if (object === undefined) throw new IommuError('ENOENT', `id ${id} is unknown`)
    if (object.users !== 1) throw new IommuError('EBUSY', `${object.type} ${id} has ${object.users - 1} users`)
    this.#objects.erase(id)
    object.destroy()
  }

  /** Destroys the object now that its last holder has let go of it. */
  destroyUnused(object: IommufdObject): void {
    if (object.users !== 1) throw new InvariantError(`${object.type} ${object.id} still has ${object.users - 1} users`)
    this.#objects.erase(object.id)
    object.destroy()
  }

  /** Published objects by ascending id; an object that vanishes on the way is skipped. */
  *[Symbol.iterator](): Generator<IommufdObject, void, undefined> {
    let found = this.#objects.find(0)
    while (found !== undefined) {
      yield found.entry
      if (found.index === ID_MAX) return
      found = this.#objects.find(found.index + 1)
    }
  }

  /** Destroys everything: passes in ascending order over what nobody holds, until nothing is left (spec uapi 3.4, close). */
  destroyAll(): void {
    let before = -1
    let left = 0
    do {
      before = left
      left = 0
      for (const object of this) {
        if (object.users === 1) this.destroyUnused(object)
        else left++
      }
    } while (left > 0 && left !== before)
    if (!this.isEmpty) throw new InvariantError(`${left} objects are held by nobody and cannot be destroyed`)
  }
}
