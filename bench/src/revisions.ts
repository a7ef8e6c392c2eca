/** Another revision of the project, checked out beside and built, so that base and head run side by side. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { projectFolder, workerOf } from './paths.ts'

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: projectFolder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

export class RevisionError extends Error {}

/** Full hash of a revision; throws {@link RevisionError} naming it when git does not know it. */
export function resolveRevision(rev: string): string {
  try {
    return git('rev-parse', '--verify', '--quiet', `${rev}^{commit}`)
  } catch {
    throw new RevisionError(`git knows no revision '${rev}'`)
  }
}

/** Checks `rev` out into node_modules/.cache/iommukit/revisions, installs and builds it there once, and returns the folder. */
export function buildRevision(rev: string, say: (text: string) => void): string {
  const hash = resolveRevision(rev)
  const folder = join(projectFolder, 'node_modules', '.cache', 'iommukit', 'revisions', hash)
  const worker = workerOf(folder)
  if (existsSync(worker)) return folder
  say(`building revision ${hash.slice(0, 12)} …`)
  mkdirSync(dirname(folder), { recursive: true })
  rmSync(folder, { recursive: true, force: true })
  git('worktree', 'prune')
  git('worktree', 'add', '--detach', '--force', folder, hash)
  const pnpm = join(projectFolder, 'node_modules', '.bin', 'pnpm')
  const bin = join(folder, 'node_modules', '.bin')
  const quiet = {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'],
    // turbo looks for pnpm on the path; the revision brings its own.
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
  }
  execFileSync(pnpm, ['install', '--frozen-lockfile', '--prefer-offline', '--silent'], quiet)
  execFileSync(join(bin, 'turbo'), ['run', 'build', '--output-logs=errors-only'], quiet)
  if (!existsSync(worker))
    throw new RevisionError(`revision ${rev} has no benchmark worker (bench/dist/src/worker-main.js); it is older than the benchmarks`)
  return folder
}

/** Removes the checked-out revisions. */
export function forgetRevisions(): void {
  rmSync(join(projectFolder, 'node_modules', '.cache', 'iommukit', 'revisions'), { recursive: true, force: true })
  git('worktree', 'prune')
}
