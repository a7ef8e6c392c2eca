/** What an id of a context can stand for (spec uapi 3.3, label B). */
export type ObjectType = 'ioas' | 'device' | 'hwpt-paging' | 'hwpt-nested' | 'access' | 'fault' | 'selftest'

/**
 * Anything that has an id. `users` counts the table's own reference and each holder; DESTROY needs exactly one (spec uapi 3.4).
 * Whoever keeps a reference increments it and decrements it again.
 */
export abstract class IommufdObject {
  abstract readonly type: ObjectType
  /** 1..2^31-1, unique in the context. */
  readonly id: number
  users = 1

  constructor(id: number) {
    this.id = id
  }

  /** Gives back what the object holds. Called once, after its id left the table; never fails. */
  abstract destroy(): void
}
