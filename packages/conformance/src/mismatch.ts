import type { AnswerValue, RecordingKind } from './recording.ts'

/** Where an answer differed from the recorded one. */
export interface Mismatch {
  readonly kind: RecordingKind
  readonly file: string
  readonly line: number
  readonly script: string
  /** Number of the operation in its script, from 1. A check made after the last operation has the number behind it. */
  readonly operation: number
  readonly op: string
  /** As recorded. */
  readonly arguments: unknown
  readonly expected: AnswerValue
  readonly got: AnswerValue
  /** Only for ioctl scripts: with which frames the answer differed, for instance `contiguous and scattered frames`. */
  readonly when?: string
}

/** What replaying one script found. */
export interface ScriptOutcome {
  readonly operations: number
  readonly mismatches: readonly Mismatch[]
}

/** The answer of code that threw what is no answer: a bug, shown instead of the fields. */
export function thrown(error: unknown): AnswerValue {
  return { threw: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
}
