import type { Progress } from '@iommukit/conformance'
import type { Output } from './streams.ts'

const barCells = 20
const redrawMs = 100
/** Without a terminal: a line for each of these parts of the way. */
const parts = 5

export interface ProgressDisplay {
  show(progress: Progress): void
  /** All is replayed. */
  end(): void
  /** The replay stopped before its end. */
  stop(): void
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function totals({ scripts, operations, mismatches }: Progress): string {
  return `${scripts} scripts, ${operations} operations, ${mismatches} ${mismatches === 1 ? 'mismatch' : 'mismatches'}`
}

function subjectOf(file: string): string {
  const parts = file.split(/[\\/]/)
  return parts
    .slice(-2)
    .join('/')
    .replace(/\.gz$/, '')
    .replace(/\.jsonl$/, '')
}

/** One line that is drawn over again. */
function liveLine(output: Output, now: () => number): ProgressDisplay {
  const started = now()
  let drawn = -redrawMs
  const clear = (): void => void output.write('\r\x1b[2K')
  return {
    show(progress) {
      if (now() - started - drawn < redrawMs) return
      drawn = now() - started
      const cells = Math.floor(progress.fraction * barCells)
      const bar = '━'.repeat(cells) + '╌'.repeat(barCells - cells)
      const text = `${bar} ${Math.floor(progress.fraction * 100)} %  ${totals(progress)}  ${seconds(drawn)}  ${subjectOf(progress.file)}`
      output.write(`\r\x1b[2K${text.slice(0, Math.max((output.columns ?? 80) - 1, 1))}`)
    },
    end: clear,
    stop: clear,
  }
}

/** A few lines, for logs; the last when everything is done. */
function sparseLines(output: Output, now: () => number): ProgressDisplay {
  const started = now()
  let told = 0
  let last: Progress | undefined
  const tell = (progress: Progress, percent: number): unknown =>
    output.write(`replayed ${percent} %: ${totals(progress)} in ${seconds(now() - started)}\n`)
  return {
    show(progress) {
      last = progress
      const reached = Math.floor(progress.fraction * parts)
      if (reached <= told || reached === parts) return
      told = reached
      tell(progress, Math.floor(progress.fraction * 100))
    },
    end() {
      if (last !== undefined) tell(last, 100)
    },
    stop() {},
  }
}

/** Progress of a replay: a live line on a terminal, otherwise a line now and then. */
export function replayProgress(output: Output, now: () => number = () => performance.now()): ProgressDisplay {
  return output.isTTY === true ? liveLine(output, now) : sparseLines(output, now)
}
