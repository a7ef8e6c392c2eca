/** An operation that the array refuses: `code` is `'EINVAL'` or `'ENOMEM'`. Nothing has changed. Spec data-structures 0. */
export class XArrayError extends Error {
  declare readonly code: string
  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
    this.name = 'XArrayError'
    this.code = code
  }
}
