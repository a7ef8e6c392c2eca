import { parseIntervalTreeScript } from './parse-interval-tree.ts'
import { parseIoctlScript } from './parse-ioctl.ts'
import { parseIovaBitmapScript } from './parse-iova-bitmap.ts'
import { parseXarrayScript } from './parse-xarray.ts'
import { readLines } from './read-lines.ts'
import { type JsonObject, RecordedLine } from './recorded-line.ts'
import type { RecordingKind, Script } from './recording.ts'
import { RecordingError } from './recording-error.ts'

/** Which kind of script a line is, told by its fields alone: files are replayed from anywhere. */
function kindOf(line: RecordedLine, value: JsonObject): RecordingKind {
  if (Object.hasOwn(value, 'kernel') && Object.hasOwn(value, 'ours'))
    line.fail('', 'a hazard: it documents an answer that is not to be matched, so it cannot be replayed')
  if (Object.hasOwn(value, 'queries')) return 'interval-tree-span'
  if (Object.hasOwn(value, 'set')) return 'iova-bitmap'
  if (Object.hasOwn(value, 'arena')) return 'ioctl'
  if (!Object.hasOwn(value, 'ops'))
    line.fail(
      '',
      'no known kind of script: an ioctl script has "arena" and "ops", an interval tree "build" and "queries", an XArray "ops", a bitmap "set"',
    )
  const first = line.array(value.ops, 'ops')[0]
  if (typeof first === 'object' && first !== null && Object.hasOwn(first, 'args')) return 'xarray'
  line.fail('', 'the field "arena" is missing (an ioctl script), or the operations have no "args" (an XArray script)')
}

/** Reads one line of a recording. Throws {@link RecordingError}. */
export function parseScript(text: string, file: string, lineNumber: number): Script {
  const line = new RecordedLine(file, lineNumber)
  const value = line.parse(text)
  switch (kindOf(line, value)) {
    case 'ioctl':
      return parseIoctlScript(line, value)
    case 'interval-tree-span':
      return parseIntervalTreeScript(line, value)
    case 'xarray':
      return parseXarrayScript(line, value)
    case 'iova-bitmap':
      return parseIovaBitmapScript(line, value)
  }
}

/**
 * Streams the scripts of one file (`.jsonl` or `.jsonl.gz`), in order. `bytesRead` counts bytes of the file on disk, for progress.
 * Throws {@link RecordingError} at the first line that cannot be read, and for a file without any script.
 */
export async function* readRecording(path: string): AsyncGenerator<{ readonly script: Script; readonly bytesRead: number }> {
  let any = false
  for await (const { line, text, bytesRead } of readLines(path)) {
    any = true
    yield { script: parseScript(text, path, line), bytesRead }
  }
  if (!any) throw new RecordingError(path, 1, 'the file is empty: it holds no script')
}
