export { bundledRecordings } from './bundled.ts'
export { type FoundRecordings, findRecordings } from './find-recordings.ts'
export { IoctlWorld, type Placement } from './ioctl-world.ts'
export type { Mismatch, ScriptOutcome } from './mismatch.ts'
export { parseScript, readRecording } from './read-recordings.ts'
export type {
  Answer,
  AnswerValue,
  Arena,
  BitRange,
  IntervalTreeScript,
  IoctlArgument,
  IoctlOperation,
  IoctlScript,
  IoctlValue,
  IovaBitmapScript,
  RecordingKind,
  Script,
  ScriptHeader,
  TreeChange,
  TreeQuery,
  XarrayOperation,
  XarrayScript,
} from './recording.ts'
export { RecordingError } from './recording-error.ts'
export {
  type FamilyTally,
  type Progress,
  type ReplayOptions,
  type ReplayReport,
  replay,
  replayScript,
  summaryLine,
  type Tally,
} from './replay.ts'
export { IoctlReplay, type IoctlStep } from './replay-ioctl.ts'
