/** Where the project lies, whether this file runs from bench/src or from bench/dist. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

function above(folder: string): string {
  if (existsSync(join(folder, 'pnpm-workspace.yaml'))) return folder
  const parent = dirname(folder)
  if (parent === folder) throw new Error('the benchmarks run inside the project: no pnpm-workspace.yaml was found above them')
  return above(parent)
}

export const projectFolder: string = above(dirname(fileURLToPath(import.meta.url)))

/** The observation process of a checkout. */
export function workerOf(folder: string): string {
  return join(folder, 'bench', 'dist', 'src', 'worker-main.js')
}

/** The built workloads of a checkout, from the name of their source (`bench/workloads/….ts`). */
export function workloadsOf(folder: string, source: string): string {
  return join(folder, source.replace(/^bench\//, 'bench/dist/').replace(/\.ts$/, '.js'))
}
