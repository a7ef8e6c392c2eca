/**
 * Instructions per operation by cachegrind: repeatable on a noisy machine. Two runs of different length are subtracted, so that start-up,
 * compilation and the making of the data cancel out.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Node flags that make two runs of the same program execute the same instructions. The new space is so large that nothing is collected: when the
 * collector runs depends on the time, and one run more or less of it was 2.7 % of `alloc_iova`. What is allocated is gated by itself.
 */
export const deterministicFlags: readonly string[] = [
  '--hash-seed=1',
  '--random-seed=1',
  '--predictable',
  '--single-threaded',
  '--min-semi-space-size=1024',
  '--max-semi-space-size=1024',
]

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
function instructionsOf(valgrind: string, program: string, programArgs: readonly string[]): Promise<number> {
  const args = [
    '--tool=cachegrind',
    '--cache-sim=no',
    '--cachegrind-out-file=/dev/null',
    // Most of the time goes into translating Node's start-up. Translations that do not follow jumps take a seventh less of it.
    '--vex-guest-chase=no',
    process.execPath,
    ...deterministicFlags,
    program,
    ...programArgs,
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
        reject(new Error(`cachegrind of ${programArgs.join(' ')} ended with code ${code}: ${err.trim().split('\n').slice(-5).join('\n')}`))
      else resolve(Number(counted[1]!.replaceAll(',', '')))
    })
  })
}

/** How much of a phase is counted: `repeats` runs of `ops` operations. */
export interface Counted {
  readonly ops: number
  readonly repeats: number
}

/**
 * Instructions per operation of one phase: those of `2 * repeats` runs without those of `repeats` runs, by then compiled. Two processes of a
 * {@link countingProgram}, one after the other.
 */
export async function instructionsPerOp(
  valgrind: string,
  program: string,
  scenario: string,
  phase: string,
  { ops, repeats }: Counted,
): Promise<number> {
  const fewer = await instructionsOf(valgrind, program, [scenario, phase, String(repeats)])
  const more = await instructionsOf(valgrind, program, [scenario, phase, String(2 * repeats)])
  return (more - fewer) / (repeats * ops)
}
