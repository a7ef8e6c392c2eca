// Dead code: every file in src is reached from an entry of its package, and every export is imported by another file or leaves by an entry.
// A type that the file itself uses may be exported for the sake of those who read its signatures.
import { dirname, join } from 'node:path/posix'
import { exportsOf, importsOf } from './parse.mjs'
import { filesOf } from './project.mjs'

export function dead(project) {
  return project.packages.flatMap((each) => {
    const sources = filesOf(project, each, 'src')
    const entries = [...entriesOf(each), ...startedByTools(project, each)].filter((path) => project.files.has(path))
    if (sources.length === 0 || entries.length === 0) return []
    return [...deadFiles(project, sources, entries), ...deadExports(project, each, sources, entries)]
  })
}

/** Source files behind `exports`, `bin` and the scripts of a package.json: `dist/x.js` is built from `src/x.ts`. */
export function entriesOf({ folder, manifest }) {
  const targets = []
  const collect = (value) => {
    if (typeof value === 'string') targets.push(value)
    else if (value !== null && typeof value === 'object') Object.values(value).forEach(collect)
  }
  collect(manifest.exports)
  collect(manifest.bin)
  for (const command of Object.values(manifest.scripts ?? {})) targets.push(...(command.match(/\b(dist|src)\/[\w./-]+\.(js|ts)\b/g) ?? []))
  const sources = targets.map((target) => join(folder, target.replace(/(^|\/)dist\//, '$1src/').replace(/\.d\.ts$|\.js$/, '.ts')))
  return [...new Set(sources.filter((path) => path.endsWith('.ts')))]
}

/** Built files that the project's tools and workflows run: `apps/cli/dist/start.js`, written as a path or as the parts of one. */
function startedByTools(project, { folder }) {
  const tools = [...project.files].filter(([path]) => /^(tools|\.github)\/.*\.(mjs|yml)$/.test(path) && !path.startsWith('tools/tidy/'))
  const targets = tools.flatMap(([, text]) => [
    ...text.replaceAll(/'\s*,\s*'/g, '/').matchAll(/\b[\w-]+(?:\/[\w-]+)*\/dist\/[\w/-]+\.js\b/g),
  ])
  const own = targets.map((match) => match[0]).filter((target) => target.startsWith(`${folder}/dist/`))
  return own.map((target) => target.replace('/dist/', '/src/').replace(/\.js$/, '.ts'))
}

/** The file that a relative import or a worker's URL means. */
function targetOf(project, path, specifier) {
  const target = join(dirname(path), specifier)
  return [target, target.replace(/\.js$/, '.ts'), `${target}.ts`, `${target}/index.ts`].find((candidate) => project.files.has(candidate))
}

/** Imports, and files named by `new URL('./x.ts', import.meta.url)`. */
function reached(project, path) {
  const text = project.files.get(path)
  const urls = [...text.matchAll(/new URL\(\s*['"](\.[^'"]+)['"]/g)].map((match) => match[1])
  const imports = importsOf(path, text).filter(({ specifier }) => specifier.startsWith('.'))
  return [...imports.map(({ specifier }) => specifier), ...urls]
    .map((specifier) => targetOf(project, path, specifier))
    .filter((target) => target !== undefined)
}

function deadFiles(project, sources, entries) {
  const live = new Set(entries)
  for (const path of live) for (const target of reached(project, path)) live.add(target)
  return sources.filter((path) => !live.has(path)).map((path) => `${path}: no entry of the package reaches it`)
}

function deadExports(project, each, sources, entries) {
  const used = new Map()
  const users = [...project.files.keys()].filter((path) => path.startsWith(`${each.folder}/`) && /\.(m?ts|mjs|tsx|svelte)$/.test(path))
  for (const path of users) {
    for (const { specifier, names } of importsOf(path, project.files.get(path))) {
      const target = specifier.startsWith('.') ? targetOf(project, path, specifier) : undefined
      if (target !== undefined && target !== path) used.set(target, new Set([...(used.get(target) ?? []), ...names]))
    }
  }
  return sources
    .filter((path) => !entries.includes(path) && !used.get(path)?.has('*'))
    .flatMap((path) =>
      exportsOf(path, project.files.get(path))
        .filter(({ name, isType }) => used.get(path)?.has(name) !== true && !(isType && occursTwice(project.files.get(path), name)))
        .map(({ name, line }) => `${path}:${line}: nothing imports ${name}`),
    )
}

function occursTwice(text, name) {
  return (text.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length > 1
}
