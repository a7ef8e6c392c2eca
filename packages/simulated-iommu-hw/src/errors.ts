/**
 * An operating error of the hardware or of user memory: what a kernel would report as an errno. Consumers test `code`, never `instanceof`.
 * When it is thrown, nothing was done unless the thrower's docstring says otherwise.
 */
export class HardwareError extends Error {
  /** Symbolic errno name, such as `EFAULT`. */
  readonly code: string

  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
    this.name = 'HardwareError'
    this.code = code
  }
}

/** A broken invariant: whoever drives the hardware did what a correct driver never does (an unpin without a pin, an unmap off its cut points). */
export class HardwareInvariantError extends Error {
  constructor(message: string) {
    super(`broken invariant: ${message}`)
    this.name = 'HardwareInvariantError'
  }
}
