// Part of the build of a package that is called millions of times a second: joins the modules of its dist into one, `dist/all.js`, from which the entry
// points export what is theirs. V8 looks up an imported function at each call, and whether it is there already; one that is a constant of the same
// module it writes into the code. Each function of the module is thus written as a constant, too.
//
//   node ../../tools/packaging/join-modules.mjs        in the folder of the package, last

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rollup } from 'rollup'
import ts from 'typescript'

/** The names that a module uses while it is loaded: of functions among them that stand further down, only declarations are there by then. */
function namesUsedAtOnce(source) {
  const names = new Set()
  const visit = (node) => {
    if (ts.isFunctionLike(node)) return
    if (ts.isIdentifier(node)) names.add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return names
}

/**
 * The text of a module with its functions as constants. Lines stay where they are, so that the source map holds. No function has a `this` or
 * `arguments` of its own, which arrows lack: TypeScript and the linter refuse both.
 */
export function functionsAsConstants(text) {
  const source = ts.createSourceFile('module.js', text, ts.ScriptTarget.Latest, true)
  const usedAtOnce = namesUsedAtOnce(source)
  const changes = []
  for (const statement of source.statements) {
    const isPlain = ts.isFunctionDeclaration(statement) && statement.modifiers === undefined && statement.asteriskToken === undefined
    if (!isPlain || usedAtOnce.has(statement.name.text)) continue
    const { name, body } = statement
    changes.push([statement.getStart(), name.end, `const ${name.text} = `], [body.getStart(), body.getStart(), '=> '])
  }
  let changed = text
  for (const [start, end, insert] of changes.reverse()) changed = changed.slice(0, start) + insert + changed.slice(end)
  return changed
}

/** The files of `dist` once its modules are joined, by name: `entries` are the names of those that users import. */
export async function joinModules(dist, entries) {
  const files = entries.map((entry) => join(dist, entry))
  const bundle = await rollup({
    input: 'all',
    plugins: [
      {
        name: 'all entry points, and the source maps that tsc wrote',
        resolveId: (name) => (name === 'all' ? name : null),
        load: (name) =>
          name === 'all'
            ? files.map((file) => `export * from ${JSON.stringify(file)}`).join('\n')
            : { code: readFileSync(name, 'utf8'), map: readFileSync(`${name}.map`, 'utf8') },
        renderChunk: (code) => ({ code: functionsAsConstants(code), map: null }),
        generateBundle() {
          for (const [k, entry] of entries.entries()) {
            const { exports } = this.getModuleInfo(files[k])
            this.emitFile({ type: 'asset', fileName: entry, source: `export { ${exports.join(', ')} } from './all.js'\n` })
          }
        },
      },
    ],
    external: (name) => name !== 'all' && !/^[./]/.test(name),
    onwarn(warning) {
      throw new Error(warning.message)
    },
  })
  const { output } = await bundle.generate({ file: join(dist, 'all.js'), sourcemap: true })
  return new Map(output.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source]))
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'))
  const entries = Object.values(exports).flatMap((target) => (target.default === undefined ? [] : [basename(target.default)]))
  const files = await joinModules(resolve('dist'), entries)
  for (const name of readdirSync('dist')) if (/\.js(?:\.map)?$/.test(name)) rmSync(join('dist', name))
  for (const [name, text] of files) writeFileSync(join('dist', name), text)
}
