import type { AnswerValue } from './recording.ts'

/** A u64 as answers hold it. */
export function hex(value: bigint): string {
  return `0x${value.toString(16)}`
}

/** A 64-bit digest as answers hold it: all its 16 digits. */
export function digest64(value: bigint): string {
  return `0x${value.toString(16).padStart(16, '0')}`
}

/** A small number as answers hold it; one that a JSON number cannot hold stays exact as a string. */
export function plain(value: bigint | number): number | string {
  return typeof value === 'number' || value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString()
}

/** Bytes as lower-case hexadecimal digits. */
export function hexBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** Whether two answers are the same: the same fields with the same values, no more and no fewer. */
export function sameAnswer(a: AnswerValue | undefined, b: AnswerValue | undefined): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
    for (let k = 0; k < a.length; k++) if (!sameAnswer(a[k], b[k])) return false
    return true
  }
  const fields = Object.keys(a)
  if (fields.length !== Object.keys(b).length) return false
  for (const field of fields) {
    if (!Object.hasOwn(b, field) || !sameAnswer((a as Record<string, AnswerValue>)[field], (b as Record<string, AnswerValue>)[field]))
      return false
  }
  return true
}
