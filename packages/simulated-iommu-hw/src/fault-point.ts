import { HardwareError } from './errors.ts'
import { toInteger } from './numbers.ts'

/**
 * A place where an operation can be made to fail: counts the calls that pass, and fails the n-th from now on demand.
 * The tests of every layer above use it to make the n-th pin, map or charge fail.
 */
export class FaultPoint {
  /** Calls seen since construction, the failed ones included. */
  calls = 0
  #left = 0
  #code = 'ENOMEM'
  readonly #what: string
  readonly #defaultCode: string

  /** `what` names the operation in the error's message; `defaultCode` is the errno used when `failAt` names none. */
  constructor(what: string, defaultCode: string) {
    this.#what = what
    this.#defaultCode = defaultCode
  }

  /** True while a failure is still to come. */
  get armed(): boolean {
    return this.#left > 0
  }

  /** Makes the n-th call from now fail once (1: the next one). Throws RangeError unless `n >= 1`. */
  failAt(n: number, code: string = this.#defaultCode): void {
    this.#left = toInteger(n, 'n', 1, Number.MAX_SAFE_INTEGER)
    this.#code = code
  }

  /** Forgets a failure that has not happened yet. */
  disarm(): void {
    this.#left = 0
  }

  /** Counts one call; throws the armed error when it is its turn. O(1). */
  pass(): void {
    this.calls++
    if (this.#left !== 0 && --this.#left === 0) throw new HardwareError(this.#code, `injected failure of ${this.#what} call ${this.calls}`)
  }
}
