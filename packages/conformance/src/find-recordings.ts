import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { RecordingError } from './recording-error.ts'

/** The files that a list of paths stands for, in the order in which they are replayed. */
export interface FoundRecordings {
  /** Recordings to replay, with their size on disk in bytes. */
  readonly files: readonly { readonly path: string; readonly byteLength: number }[]
  /** Files named `hazards.jsonl` found in folders: documentation of answers that are not to be matched. */
  readonly ignored: readonly string[]
}

const isRecording = (name: string): boolean => name.endsWith('.jsonl') || name.endsWith('.jsonl.gz')
const isHazards = (name: string): boolean => name === 'hazards.jsonl' || name === 'hazards.jsonl.gz'

function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown }).code
  if (code === 'ENOENT') return 'no such file or folder'
  if (code === 'EACCES') return 'permission denied'
  return error instanceof Error ? error.message : String(error)
}

function statOf(path: string): Stats {
  try {
    return statSync(path)
  } catch (error) {
    throw new RecordingError(path, undefined, reasonOf(error))
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    throw new RecordingError(folder, undefined, reasonOf(error))
  }
}

/** `above`: the real paths of the folders on the way here, so that a link back to one of them is not followed for ever. */
function walk(folder: string, files: { path: string; byteLength: number }[], ignored: string[], above: readonly string[]): void {
  const real = realpathSync(folder)
  if (above.includes(real)) return
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name)
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && statOf(path).isDirectory())
    if (isFolder) walk(path, files, ignored, [...above, real])
    else if (!isRecording(entry.name)) continue
    else if (isHazards(entry.name)) ignored.push(path)
    else files.push({ path, byteLength: statOf(path).size })
  }
}

/**
 * Finds the recordings behind `paths` (files, or folders searched through all levels in order of name). A folder's `*.jsonl` and
 * `*.jsonl.gz` are all taken, except those named `hazards`, which are listed as ignored; its other files are no recordings.
 * A file given by its own path is always taken. Throws {@link RecordingError} for a path that does not exist or holds no recording.
 */
export function findRecordings(paths: readonly string[]): FoundRecordings {
  const files: { path: string; byteLength: number }[] = []
  const ignored: string[] = []
  for (const path of paths) {
    const stats = statOf(path)
    if (!stats.isDirectory()) {
      files.push({ path, byteLength: stats.size })
      continue
    }
    const before = files.length
    walk(path, files, ignored, [])
    if (files.length === before) throw new RecordingError(path, undefined, 'the folder holds no recording (*.jsonl or *.jsonl.gz)')
  }
  return { files, ignored }
}

/** Last part of a recording's path without its endings and without `directed-` or `random-`: the family it is reported under. */
export function familyName(path: string): string {
  const name = basename(path)
    .replace(/\.gz$/, '')
    .replace(/\.jsonl$/, '')
  return name.replace(/^(directed|random)-(?=.)/, '')
}
