import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { RecordingError } from './recording-error.ts'

/** One line of a file; `bytesRead` is about how much of the file on disk was needed for it, for progress. */
export interface Line {
  readonly line: number
  readonly text: string
  readonly bytesRead: number
}

/** No line of a recording is anywhere near this long; a file without line ends must not fill the memory. */
const longestLine = 64 * 1024 * 1024

function problemOf(error: unknown): string {
  const code = (error as { code?: unknown }).code
  if (code === 'ENOENT') return 'no such file'
  if (code === 'EACCES') return 'permission denied'
  if (code === 'EISDIR') return 'is a folder'
  if (code === 'Z_DATA_ERROR') return `not readable as gzip: ${(error as Error).message}`
  if (code === 'Z_BUF_ERROR') return 'the gzip data ends too early: the file is cut off'
  return `cannot be read: ${error instanceof Error ? error.message : String(error)}`
}

/**
 * Streams the lines of a text file, through gunzip when its name ends in `.gz`. The last line may lack its line end.
 * Throws {@link RecordingError} with the number of the line reached when the file cannot be read or is not UTF-8.
 */
export async function* readLines(path: string): AsyncGenerator<Line> {
  const raw = createReadStream(path, { highWaterMark: path.endsWith('.gz') ? 8 * 1024 : 64 * 1024 })
  const gunzip = path.endsWith('.gz') ? createGunzip() : undefined
  if (gunzip !== undefined) {
    raw.on('error', (error) => gunzip.destroy(error))
    raw.pipe(gunzip)
  }
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let parts: Buffer[] = []
  let held = 0
  let line = 0
  let consumed = 0
  const take = (last: Buffer): Line => {
    line++
    const bytes = parts.length === 0 ? last : Buffer.concat([...parts, last])
    parts = []
    held = 0
    consumed += bytes.length + 1
    try {
      return { line, text: decoder.decode(bytes), bytesRead: gunzip === undefined ? consumed : raw.bytesRead }
    } catch {
      throw new RecordingError(path, line, 'not UTF-8 text')
    }
  }
  try {
    for await (const chunk of (gunzip ?? raw) as AsyncIterable<Buffer>) {
      let from = 0
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
        yield take(chunk.subarray(from, at))
        from = at + 1
      }
      if (from < chunk.length) parts.push(chunk.subarray(from))
      held += chunk.length - from
      if (held > longestLine) throw new RecordingError(path, line + 1, `the line is longer than ${longestLine} bytes`)
    }
    if (held > 0) yield take(Buffer.alloc(0))
  } catch (error) {
    if (error instanceof RecordingError) throw error
    throw new RecordingError(path, line === 0 && (error as { code?: unknown }).code === 'ENOENT' ? undefined : line + 1, problemOf(error))
  } finally {
    raw.destroy()
    gunzip?.destroy()
  }
}
