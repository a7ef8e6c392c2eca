/**
 * A recording that cannot be read: missing or unreadable file, broken compression, a line that is not JSON, or a line that does not follow
 * the format. Never skipped: reading stops here. `file` is the path as given, `line` counts from 1 and is absent when no line is to blame.
 */
export class RecordingError extends Error {
  readonly code = 'ERR_RECORDING'
  readonly file: string
  readonly line: number | undefined

  constructor(file: string, line: number | undefined, problem: string) {
    super(`${file}${line === undefined ? '' : `:${line}`}: ${problem}`)
    this.name = 'RecordingError'
    this.file = file
    this.line = line
  }
}
