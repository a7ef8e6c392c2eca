import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { RecordingError, type ReplayReport, replay } from '@iommukit/conformance'
import { replayProgress } from './replay-progress.ts'
import { reportJson, reportText } from './replay-report.ts'
import { exitCode, type Streams } from './streams.ts'

export interface ReplayCommandOptions {
  /** Where to write the report as data. */
  readonly json?: string | undefined
  /** Mismatches to print in full. */
  readonly show: number
  /** No progress on stderr. */
  readonly quiet: boolean
}

/** Refuses a file that cannot be written, before the replay rather than after it. */
function checkWritable(file: string): void {
  const path = resolve(file)
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) throw new Error('is a folder')
    accessSync(path, constants.W_OK)
  } else accessSync(dirname(path), constants.W_OK)
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Replays `paths` (none: the bundled recordings) with progress on stderr. Rejects with a RecordingError. */
async function replayWithProgress(paths: readonly string[], streams: Streams, quiet: boolean): Promise<ReplayReport> {
  const progress = replayProgress(streams.stderr)
  try {
    const report = await replay({
      ...(paths.length > 0 ? { paths } : {}),
      onFound({ ignored }) {
        for (const file of ignored) streams.stderr.write(`not replayed: ${file} (documents answers that are not to be matched)\n`)
      },
      ...(quiet ? {} : { onProgress: progress.show }),
    })
    if (!quiet) progress.end()
    return report
  } catch (error) {
    if (!quiet) progress.stop()
    throw error
  }
}

/** `iommukit replay`. Returns the exit code. */
export async function replayCommand(paths: readonly string[], options: ReplayCommandOptions, streams: Streams): Promise<number> {
  const { stdout, stderr } = streams
  const { json } = options
  const refuse = (problem: string): number => {
    stderr.write(`error: ${problem}\n`)
    return exitCode.refused
  }
  try {
    if (json !== undefined) checkWritable(json)
  } catch (error) {
    return refuse(`cannot write ${json}: ${reasonOf(error)}`)
  }
  let report: ReplayReport
  try {
    report = await replayWithProgress(paths, streams, options.quiet)
  } catch (error) {
    if (error instanceof RecordingError) return refuse(error.message)
    throw error
  }
  try {
    if (json !== undefined) writeFileSync(json, reportJson(report))
  } catch (error) {
    return refuse(`cannot write ${json}: ${reasonOf(error)}`)
  }
  stdout.write(reportText(report, options.show))
  return report.mismatches === 0 ? exitCode.same : exitCode.mismatch
}
