import { type BitmapSource, IovaBitmap } from '@iommukit/iova-bitmap'
import { digest64, hex, sameAnswer } from './answer.ts'
import { bitRanges } from './bits.ts'
import { fnv1a64 } from './fnv.ts'
import { type ScriptOutcome, thrown } from './mismatch.ts'
import type { AnswerValue, IovaBitmapScript } from './recording.ts'

/** The user's pages, pinned piece by piece; the bitmap begins `byteOffset` bytes into them. */
class UserPages implements BitmapSource {
  readonly bytes: Uint8Array
  /** Times that pages were asked for. */
  pins = 0
  readonly #byteOffset: number

  constructor(npages: number, byteOffset: number) {
    this.bytes = new Uint8Array(npages * 4096)
    this.#byteOffset = byteOffset
  }

  pin(byteOffset: number, byteLength: number): Uint8Array {
    this.pins++
    const first = this.#byteOffset + byteOffset
    if (first >= this.bytes.length) throw Object.assign(new Error('no page there'), { code: 'EFAULT' })
    return this.bytes.subarray(first, first + byteLength)
  }

  unpin(): void {}
}

/** A page that cannot be pinned loses what should have been set in it: the recorded interface has no way to say so. */
function isPinFailure(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'EFAULT'
}

function answer(script: IovaBitmapScript): AnswerValue {
  const pages = new UserPages(script.npages, script.byteOffset)
  const { iova, length, pageSize, byteOffset } = script
  const bitmap = new IovaBitmap({ iova, length, pageSize, source: pages, dataOffset: byteOffset })
  const calls: AnswerValue[] = []
  bitmap.forEach((_bitmap, from, byteLength) => {
    calls.push([hex(from), hex(byteLength)])
  })
  for (const set of script.sets) {
    try {
      bitmap.set(set.iova, set.length)
    } catch (error) {
      if (!isPinFailure(error)) throw error
    }
  }
  bitmap.free()
  return {
    for_each: calls.length === 1 ? calls[0]! : calls,
    bits: bitRanges(pages.bytes),
    fnv1a64: digest64(fnv1a64(pages.bytes)),
    pins: pages.pins,
  }
}

/** Makes the bitmap, does all its sets, and compares the memory afterwards; one set is one operation, and a mismatch is told of the last. */
export function replayIovaBitmapScript(script: IovaBitmapScript): ScriptOutcome {
  let got: AnswerValue
  try {
    got = answer(script)
  } catch (error) {
    got = thrown(error)
  }
  const operations = script.sets.length
  if (sameAnswer(script.expected, got)) return { operations, mismatches: [] }
  const { kind, file, line, name, recordedArguments, expected } = script
  return {
    operations,
    mismatches: [{ kind, file, line, script: name, operation: operations, op: 'set', arguments: recordedArguments, expected, got }],
  }
}
