// What the rules look at: the packages of the workspace and the text of every file of theirs. Rules are functions of this and of nothing else,
// so that their own tests can plant a violation in a project made of strings.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'reports', '.git', '.turbo', '.cache', '.stryker-tmp'])
const TEXT = /\.(ts|mts|mjs|js|cjs|tsx|svelte|json|md|yml|yaml|html|css|sh)$/

/**
 * @typedef {{ folder: string, manifest: Record<string, any> }} Package folder: path from the root, with slashes
 * @typedef {{ packages: Package[], files: Map<string, string>, allow: Record<string, Record<string, string>> }} Project files: path from the root -> text
 */

/** A project of strings, for tests. `files` may hold package.json texts; the packages are read from them. */
export function projectOf(files, allow = {}) {
  const map = new Map(Object.entries(files))
  const packages = [...map]
    .filter(([path]) => path.endsWith('/package.json'))
    .map(([path, text]) => ({ folder: path.slice(0, -'/package.json'.length), manifest: JSON.parse(text) }))
  return { packages, files: map, allow }
}

/** The project in a folder: everything but what is built or installed. */
export function readProject(root) {
  const files = {}
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) walk(path)
      else if (entry.isFile() && (TEXT.test(entry.name) || entry.name === 'LICENSE')) {
        files[relative(root, path).split(sep).join('/')] = readFileSync(path, 'utf8')
      }
    }
  }
  walk(root)
  delete files['pnpm-lock.yaml']
  const allowFile = join(root, 'tools/tidy/allow.json')
  const project = projectOf(files, existsSync(allowFile) ? JSON.parse(readFileSync(allowFile, 'utf8')) : {})
  project.packages = project.packages.filter((each) => /^(packages|apps)\/[^/]+$|^bench$/.test(each.folder))
  return project
}

/** Paths of the files of one package that lie in `folder` of it and match `pattern`. */
export function filesOf(project, each, folder, pattern = /\.ts$/) {
  const prefix = `${each.folder}/${folder}/`
  return [...project.files.keys()].filter((path) => path.startsWith(prefix) && pattern.test(path))
}

/** TypeScript sources of all packages; `groups` chooses among packages, apps and bench. */
export function sourcesOf(project, groups = ['packages', 'apps', 'bench']) {
  return project.packages.filter((each) => groups.includes(each.folder.split('/')[0])).flatMap((each) => filesOf(project, each, 'src'))
}

/** The short name of a package: the last part of its folder. */
export function shortName(each) {
  return each.folder.split('/').at(-1)
}
