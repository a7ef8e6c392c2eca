// A copy of the project in which tools may break the code: without what is built, and with the installed packages of this one.
import { cpSync, mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { root } from './steps.mjs'

const leftOut = new Set(['.git', 'dist', 'coverage', 'reports', '.turbo'])

/** Makes the copy in a new temporary folder, whose name begins with `prefix`, and returns the folder. */
export function copyOfProject(prefix) {
  const folder = mkdtempSync(join(tmpdir(), prefix))
  const wanted = (source) => {
    const parts = relative(root, source).split(sep)
    return !parts.some((part) => leftOut.has(part)) && parts[0] !== 'node_modules'
  }
  cpSync(root, folder, { recursive: true, filter: wanted, verbatimSymlinks: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}
