import { RecordingError } from './recording-error.ts'

/** A JSON object as parsed, before its fields are checked. */
export type JsonObject = Readonly<Record<string, unknown>>

const max64 = 2n ** 64n - 1n

/** What a value looks like, short enough for an error message. */
function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/**
 * One line of a recording and where it stands, with the checks that turn its JSON into typed fields. Every check throws
 * {@link RecordingError} naming the file, the line, the field (`ops[3].iova`) and the value that was found.
 */
export class RecordedLine {
  readonly file: string
  readonly line: number

  constructor(file: string, line: number) {
    this.file = file
    this.line = line
  }

  /** Refuses the line. `where` is the path of the field inside the line, '' for the line itself. */
  fail(where: string, problem: string): never {
    throw new RecordingError(this.file, this.line, where === '' ? problem : `${where}: ${problem}`)
  }

  parse(text: string): JsonObject {
    if (text.trim() === '') this.fail('', 'the line is empty')
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      this.fail('', `not JSON: ${(error as Error).message}`)
    }
    return this.object(value, '')
  }

  object(value: unknown, where: string): JsonObject {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.fail(where, `expected an object, found ${shown(value)}`)
    return value as JsonObject
  }

  array(value: unknown, where: string): readonly unknown[] {
    if (!Array.isArray(value)) this.fail(where, `expected a list, found ${shown(value)}`)
    return value as unknown[]
  }

  /** A list of exactly two. */
  pair(value: unknown, where: string): readonly [unknown, unknown] {
    const list = this.array(value, where)
    if (list.length !== 2) this.fail(where, `expected two values, found ${shown(value)}`)
    return [list[0], list[1]]
  }

  string(value: unknown, where: string): string {
    if (typeof value !== 'string') this.fail(where, `expected a string, found ${shown(value)}`)
    return value as string
  }

  boolean(value: unknown, where: string): boolean {
    if (typeof value !== 'boolean') this.fail(where, `expected true or false, found ${shown(value)}`)
    return value as boolean
  }

  /** A number of 0 .. 2^64-1: a JSON number, or a string holding a decimal or `0x` number. */
  u64(value: unknown, where: string): bigint {
    if (typeof value === 'number') {
      if (!Number.isInteger(value) || value < 0) this.fail(where, `expected a whole number of 0 or more, found ${shown(value)}`)
      if (value > Number.MAX_SAFE_INTEGER) this.fail(where, `${value} is too large for a JSON number; write it as a string`)
      return BigInt(value)
    }
    if (typeof value !== 'string' || !/^(0x[0-9a-fA-F]+|[0-9]+)$/.test(value)) this.fail(where, `expected a number, found ${shown(value)}`)
    const number = BigInt(value as string)
    if (number > max64) this.fail(where, `${value} is above 2^64-1`)
    return number
  }

  /** As {@link u64}, for what is a position or an amount here: at most 2^53-1. */
  integer(value: unknown, where: string, max: number = Number.MAX_SAFE_INTEGER): number {
    const number = this.u64(value, where)
    if (number > BigInt(max)) this.fail(where, `${shown(value)} is above ${max}`)
    return Number(number)
  }

  oneOf<T extends string>(value: unknown, where: string, allowed: readonly T[]): T {
    if (!allowed.includes(value as T))
      this.fail(where, `expected ${allowed.map((name) => `"${name}"`).join(' or ')}, found ${shown(value)}`)
    return value as T
  }

  /** `OK` or the symbolic name of an errno. */
  errno(value: unknown, where: string): string {
    if (typeof value !== 'string' || !/^(OK|E[A-Z0-9]+)$/.test(value))
      this.fail(where, `expected "OK" or the name of an errno, found ${shown(value)}`)
    return value as string
  }

  /** Refuses fields that nobody will look at: an answer that is not compared would be a skipped one. */
  onlyFields(value: JsonObject, where: string, allowed: readonly string[]): void {
    for (const name of Object.keys(value)) if (!allowed.includes(name)) this.fail(where, `unknown field "${name}"`)
  }

  requireFields(value: JsonObject, where: string, required: readonly string[]): void {
    for (const name of required) if (!Object.hasOwn(value, name)) this.fail(where, `the field "${name}" is missing`)
  }
}
