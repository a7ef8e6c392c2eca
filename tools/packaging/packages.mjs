// What is published, read from the workspace.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../setup/steps.mjs'

/** The three packages that stand alone; the limits of size and dependencies are theirs. */
export const structurePackages = ['interval-tree-span', 'xarray', 'iova-bitmap']

function published(folder) {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) return []
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  return manifest.private === true ? [] : [{ folder, name: manifest.name, short: manifest.name.replace('@iommukit/', ''), manifest }]
}

/** Every package that `changeset publish` would publish. */
export function publishedPackages() {
  return ['packages', 'apps'].flatMap((group) => readdirSync(join(root, group)).flatMap((name) => published(join(root, group, name))))
}

/** The published packages that are imported, not run. */
export function libraryPackages() {
  return publishedPackages().filter((each) => each.manifest.bin === undefined)
}

export function packageNamed(short) {
  return publishedPackages().find((each) => each.short === short)
}
