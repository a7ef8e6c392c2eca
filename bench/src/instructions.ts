/**
 * Instructions per operation by cachegrind: repeatable on a noisy machine. Two runs of different length are subtracted, so that start-up,
 * compilation and the making of the data cancel out.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Order } from './worker.ts'

/** Node flags that make two runs of the same program execute the same instructions. */
export const deterministicFlags: readonly string[] = ['--hash-seed=1', '--random-seed=1', '--predictable', '--single-threaded']

/** Path of valgrind, or undefined. */
export function findValgrind(): string | undefined {
  const named = process.env.IOMMUKIT_VALGRIND
  if (named) return named
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'valgrind'))
    .find((path) => existsSync(path))
}

export const howToGetValgrind = 'instructions are not counted: valgrind is missing (sudo apt-get install valgrind)'

/** Instructions that one process executes, whatever else the machine does. */
function instructionsOf(valgrind: string, worker: string, order: Order): Promise<number> {
  const args = [
    '--tool=cachegrind',
    '--cache-sim=no',
    '--cachegrind-out-file=/dev/null',
    process.execPath,
    ...deterministicFlags,
    worker,
    JSON.stringify(order),
  ]
  return new Promise((resolve, reject) => {
    // The environment lies on the stack; a fixed one keeps addresses, and so instruction counts, alike.
    const child = spawn(valgrind, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: '/usr/bin:/bin', HOME: '/' } })
    let err = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
    child.on('error', reject)
    child.on('close', (code) => {
      const counted = /I\s+refs:\s+([\d,]+)/.exec(err)
      if (code !== 0 || counted === null)
        reject(new Error(`cachegrind of ${order.scenario} ended with code ${code}: ${err.trim().split('\n').slice(-5).join('\n')}`))
      else resolve(Number(counted[1]!.replaceAll(',', '')))
    })
  })
}

/** Instructions per operation of one phase: (long - short) / (repeats between them · ops). Two processes, one after the other. */
export async function instructionsPerOp(
  valgrind: string,
  worker: string,
  scenario: string,
  phase: string,
  ops: number,
  shortRepeats: number,
  longRepeats: number,
): Promise<number> {
  const order = { scenario, contender: 'ours', phases: [phase], mode: 'loop' as const }
  const short = await instructionsOf(valgrind, worker, { ...order, repeats: shortRepeats })
  const long = await instructionsOf(valgrind, worker, { ...order, repeats: longRepeats })
  return (long - short) / ((longRepeats - shortRepeats) * ops)
}
