// Kinds 1 and 3 of docs/TESTING.md: the short names of internal properties: where they are written and where not, and that a built package answers
// every public call as its sources do.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { namesOf, sourcesOf } from './internal-names.mjs'
import { packageNamed, structurePackages } from './packages.mjs'
import { Player } from './scenarios/player.mjs'
import { shortenNames, shortNamesFor } from './shorten-names.mjs'

const seed = Number(process.env.FUZZ_SEED ?? 1)
const steps = 2000

describe('shortenNames', () => {
  const shortNames = new Map([
    ['leaf', 'a'],
    ['root', 'b'],
  ])
  const shortened = (text) => shortenNames(text, shortNames)

  it('renames members, however they are reached', () => {
    expect(shortened('tree.leaf = tree?.root.leaf(tree.leafOf)')).toBe('tree.a = tree?.b.a(tree.leafOf)')
    expect(shortened('class T { leaf = 1; static root = 2; get leaf() {} root() {} }')).toBe(
      'class T { a = 1; static b = 2; get a() {} b() {} }',
    )
    expect(shortened('f({ leaf: 1, root() {} })')).toBe('f({ a: 1, b() {} })')
  })

  it('keeps the name of the variable where one stands for both', () => {
    expect(shortened('f({ leaf, root })')).toBe('f({ a: leaf, b: root })')
    expect(shortened('const { leaf, root: top, ...rest } = tree')).toBe('const { a: leaf, b: top, ...rest } = tree')
    expect(shortened('const { leaf = 1 } = tree')).toBe('const { a: leaf = 1 } = tree')
    expect(shortened(';({ leaf = 1, root: top } = tree)')).toBe(';({ a: leaf = 1, b: top } = tree)')
    expect(shortened('function f({ leaf }, [root]) {}')).toBe('function f({ a: leaf }, [root]) {}')
  })

  it('leaves variables, functions, labels, strings, comments, private names and modules alone', () => {
    const text =
      'import { leaf } from "./leaf.js"\nexport { leaf as root }\n// .leaf\nleaf: while (root) break leaf\nfunction leaf(root) {}\n'
    const more = 'const s = "x.leaf" + `.leaf` + tree["leaf"]\nclass T { #leaf = this.#leaf; ["root"] = 1 }\n/** tree.root */'
    expect(shortened(text + more)).toBe(text + more)
  })

  it('leaves the lines where they are', () => {
    expect(shortened('const {\n  leaf,\n  root\n} = tree\n  .root // root\n')).toBe(
      'const {\n  a: leaf,\n  b: root\n} = tree\n  .b // root\n',
    )
  })
})

it('gives the shortest names to the most frequent, and none that is taken', () => {
  const names = { internal: new Set(['leaf', 'root', 'tie', 'unused']), hidden: new Set(['tie']), taken: new Set(['a', 'leaf', '_a']) }
  const short = shortNamesFor(['x.root + x.leaf', 'y.root + y.tie + y.other'], names)
  expect([...short]).toEqual([
    ['root', 'b'],
    ['leaf', 'c'],
    ['tie', '_b'],
  ])
})

/** Names of a package of one file; `Array` and the like come from a library of a few lines. */
function namesIn(text, index = '/index.ts') {
  const library =
    'interface Array<T> { length: number; map: unknown } interface Error { message: string } declare var Error: { new (): Error }'
  const files = { [index]: text, '/lib.d.ts': library }
  const host = {
    ...ts.createCompilerHost({}),
    getSourceFile: (name, target) => (name in files ? ts.createSourceFile(name, files[name], target, true) : undefined),
    getDefaultLibFileName: () => '/lib.d.ts',
    fileExists: (name) => name in files,
    readFile: (name) => files[name],
  }
  return [...namesOf(ts.createProgram([index], { strict: true, types: [] }, host), [index]).internal].sort()
}

describe('namesOf', () => {
  it('takes what is private, marked as internal, or in classes that are not exported', () => {
    const text = `class Store { root = 1 }
      class Scan { done = false; private leaf = 2
        /** @internal */
        moveTo(): void {} }
      export class Cursor extends Scan { private readonly store = new Store(); readonly size = 1 }`
    expect(namesIn(text)).toEqual(['leaf', 'moveTo', 'root', 'store'])
    expect(namesIn(text, '/node_modules/.cache/iommukit/revisions/1/index.ts')).toEqual(['leaf', 'moveTo', 'root', 'store'])
  })

  it('keeps what signatures, options, results and fields let a user see', () => {
    const text = `interface Options { readonly alignment: number; readonly deep: { depth: number } }
      interface Inner { hidden: number }
      class Result { answer = 1 }
      class Store { root = 1 }
      export class Tree { readonly engine = new Store(); find(options?: Options): Result | undefined { return undefined } }
      export function made<T extends { bound: number }>(tree: T, list: { each: number }[]): { plain: number } { return { plain: 1 } }
      const inner: Inner = { hidden: 1 }`
    expect(namesIn(text)).toEqual(['hidden', 'root'])
  })

  it('keeps what errors carry, what a library has, and what is named in quotes or seen in a foreign value', () => {
    const text = `class Refusal extends Error { code = 1 }
      class Store { length = 1; quoted = 2; version = 3; root = 4; loose = 5 }
      export function read(json: unknown): unknown {
        return [(json as { version: number }).version, 'quoted', JSON.parse('5').loose, new Refusal()]
      }`
    expect(namesIn(text)).toEqual(['root'])
  })
})

/** `Class.member` of everything public that the classes of a module have. */
function membersOf(module, visible) {
  const all = []
  for (const each of Object.values(module)) {
    if (typeof each !== 'function' || each.prototype === undefined || /^(?:SparseArray|ArrayCursor)$/.test(each.name)) continue
    for (
      let proto = each.prototype;
      proto !== null && proto !== Object.prototype && proto !== Error.prototype;
      proto = Object.getPrototypeOf(proto)
    ) {
      for (const key of Reflect.ownKeys(proto)) all.push([each.name, key])
    }
    for (const key of Object.getOwnPropertyNames(each)) if (typeof each[key] === 'function') all.push([each.name, key])
  }
  return all.filter(([, key]) => typeof key === 'symbol' || visible.has(key)).map(([name, key]) => `${name}.${String(key)}`)
}

/** Protected members, for classes that extend one of the package's own, and a private one whose name is that of a result's field. */
const notForUsers = /\.(?:isPast|parse|join|successor|maxHi|maxOrder|current)$/

describe.each(structurePackages)('%s', (short) => {
  const { folder, manifest } = packageNamed(short)
  const { program, entries } = sourcesOf(folder, manifest)
  const names = namesOf(program, entries)

  it('has been built with short names', () => {
    expect(names.internal.size).toBeGreaterThan(30)
    const dist = join(folder, 'dist')
    const texts = readdirSync(dist).flatMap((name) => (name.endsWith('.js') ? [readFileSync(join(dist, name), 'utf8')] : []))
    expect(shortNamesFor(texts, names).size).toBe(0)
  })

  it(`answers every public call as its sources do, seed ${seed}`, async () => {
    const { play } = await import(`./scenarios/${short}.mjs`)
    const players = []
    for (const [where, suffix] of [
      ['src', 'ts'],
      ['dist', 'js'],
    ]) {
      const [module, check] = await Promise.all(['index', 'check'].map((name) => import(join(folder, where, `${name}.${suffix}`))))
      const player = new Player(seed)
      await play(player, module, check, steps)
      players.push(player)
      const untried = membersOf(module, names.visible).filter((name) => !player.tried.has(name) && !notForUsers.test(name))
      expect(untried, where).toEqual([])
    }
    const [source, built] = players.map(({ log }) => log)
    const k = source.findIndex((line, each) => built[each] !== line)
    expect(built.slice(k - 3, k + 1), `call ${k} of ${source.length}`).toEqual(source.slice(k - 3, k + 1))
    expect(built.length).toBe(source.length)
    expect(source.length).toBeGreaterThan(1000)
  })
})
