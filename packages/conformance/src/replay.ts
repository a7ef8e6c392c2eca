import { bundledRecordings } from './bundled.ts'
import { familyName, findRecordings } from './find-recordings.ts'
import type { Mismatch, ScriptOutcome } from './mismatch.ts'
import { readRecording } from './read-recordings.ts'
import type { RecordingKind, Script } from './recording.ts'
import { replayIntervalTreeScript } from './replay-interval-tree.ts'
import { replayIoctlScript } from './replay-ioctl.ts'
import { replayIovaBitmapScript } from './replay-iova-bitmap.ts'
import { replayXarrayScript } from './replay-xarray.ts'

/** Totals of a set of scripts. */
export interface Tally {
  readonly scripts: number
  readonly operations: number
  readonly mismatches: number
}

/** The scripts of one subject: one line of the report. `name` is the file's name without `directed-`, `random-` and its ending. */
export interface FamilyTally extends Tally {
  readonly kind: RecordingKind
  readonly name: string
}

/** Told after each script. `fraction` is how far through the files the replay is, 0 .. 1. */
export interface Progress extends Tally {
  readonly fraction: number
  readonly file: string
}

/** What a replay found. */
export interface ReplayReport extends Tally {
  readonly families: readonly FamilyTally[]
  /** Each operation whose answer differed, in the order replayed: as many as `mismatches` says. */
  readonly differences: readonly Mismatch[]
  readonly files: readonly string[]
  /** Files named `hazards.jsonl` in the folders: they are documentation and were not replayed. */
  readonly ignored: readonly string[]
}

export interface ReplayOptions {
  /** Files and folders; default the recordings that come with this package. */
  readonly paths?: readonly string[]
  readonly onProgress?: (progress: Progress) => void
  /** Told before anything is replayed: the files, and those that are ignored. */
  readonly onFound?: (found: { readonly files: readonly string[]; readonly ignored: readonly string[] }) => void
}

/** Runs one script. Every answer of our code is compared with the recorded one, field by field. */
export function replayScript(script: Script): ScriptOutcome {
  switch (script.kind) {
    case 'ioctl':
      return replayIoctlScript(script)
    case 'interval-tree-span':
      return replayIntervalTreeScript(script)
    case 'xarray':
      return replayXarrayScript(script)
    case 'iova-bitmap':
      return replayIovaBitmapScript(script)
  }
}

interface MutableTally {
  scripts: number
  operations: number
  mismatches: number
}

function add(tally: MutableTally, outcome: ScriptOutcome): void {
  tally.scripts++
  tally.operations += outcome.operations
  tally.mismatches += outcome.mismatches.length
}

function familyOf(families: Map<string, FamilyTally & MutableTally>, kind: RecordingKind, path: string): MutableTally {
  const name = familyName(path)
  const key = `${kind}/${name}`
  let family = families.get(key)
  if (family === undefined) families.set(key, (family = { kind, name, scripts: 0, operations: 0, mismatches: 0 }))
  return family
}

/**
 * Replays recordings and reports. Rejects with a {@link RecordingError} when a file cannot be read or does not follow the format: nothing
 * is ever left out silently.
 */
export async function replay(options: ReplayOptions = {}): Promise<ReplayReport> {
  const { files, ignored } = findRecordings(options.paths ?? [bundledRecordings])
  const paths = files.map(({ path }) => path)
  options.onFound?.({ files: paths, ignored })
  const allBytes = Math.max(
    files.reduce((total, file) => total + file.byteLength, 0),
    1,
  )
  const total: MutableTally = { scripts: 0, operations: 0, mismatches: 0 }
  const families = new Map<string, FamilyTally & MutableTally>()
  const differences: Mismatch[] = []
  let bytesBefore = 0
  for (const { path, byteLength } of files) {
    for await (const { script, bytesRead } of readRecording(path)) {
      const outcome = replayScript(script)
      add(total, outcome)
      add(familyOf(families, script.kind, path), outcome)
      for (const mismatch of outcome.mismatches) differences.push(mismatch)
      options.onProgress?.({ ...total, fraction: Math.min((bytesBefore + bytesRead) / allBytes, 1), file: path })
    }
    bytesBefore += byteLength
  }
  return { ...total, families: [...families.values()].sort(byKindAndName), differences, files: paths, ignored }
}

const kindOrder: readonly RecordingKind[] = ['ioctl', 'interval-tree-span', 'xarray', 'iova-bitmap']

function byKindAndName(a: FamilyTally, b: FamilyTally): number {
  return kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind) || (a.name < b.name ? -1 : 1)
}

/** The last line of every report. */
export function summaryLine({ scripts, operations, mismatches }: Tally): string {
  return `conformance: ${scripts} scripts, ${operations} operations, ${mismatches} ${mismatches === 1 ? 'mismatch' : 'mismatches'}`
}
