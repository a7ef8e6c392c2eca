/** Starts observation processes. The same worker file is used for another revision by giving that revision's bench folder. */
import { spawn } from 'node:child_process'
import { deterministicFlags } from './instructions.ts'
import { projectFolder, workerOf } from './paths.ts'
import type { Observation, Order } from './worker.ts'

/** The built worker of this checkout. */
export const workerFile: string = workerOf(projectFolder)

const flags: Record<Order['mode'], readonly string[]> = {
  time: ['--expose-gc'],
  memory: ['--expose-gc'],
  // Nothing is collected while the bytes of a run are counted.
  alloc: ['--expose-gc', ...deterministicFlags],
  loop: [],
}

export class ObservationError extends Error {}

/** The parts that a worker wrote as lines, as one observation. A last line that was cut off is no part. */
export function joinParts(lines: string): Observation {
  const parts = lines
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Observation)
  return Object.assign({}, ...parts, { phases: parts.flatMap((part) => part.phases ?? []) }) as Observation
}

export interface ObserveOptions {
  /** The built worker of another revision. */
  readonly worker?: string
  /** The process is stopped after this time; what it had measured by then counts. */
  readonly deadlineMs?: number
}

/** Runs one observation in a fresh process. Rejects with the worker's own words when it fails. */
export function observeFresh(order: Order, { worker = workerFile, deadlineMs }: ObserveOptions = {}): Promise<Observation> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags[order.mode], '--max-old-space-size=12000', worker, JSON.stringify(order)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    let isLate = false
    const alarm = deadlineMs === undefined ? undefined : setTimeout(() => (isLate = child.kill('SIGKILL')), deadlineMs)
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(alarm)
      if (code === 0 || isLate) resolve(joinParts(out))
      // The message stands in front of the stack and Node's version, which take up to ten lines.
      else
        reject(
          new ObservationError(
            `${order.scenario} ${order.contender} (${order.mode}) ended with code ${code}: ${err.trim().split('\n').slice(-12).join('\n')}`,
          ),
        )
    })
  })
}
