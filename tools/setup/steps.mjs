// Set-up with nothing but Node and npm: each step says what it does, and is skipped when a stamp shows that it was done for the same inputs.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const stampFolder = join(root, 'node_modules', '.cache', 'iommukit')
const oldestNode = [20, 19]
/** What builds of packages run after tsc. */
const buildTools = ['fold-constants.mjs', 'internal-names.mjs', 'join-modules.mjs', 'shorten-names.mjs']

function say(text) {
  process.stderr.write(`${text}\n`)
}

/** Runs a program in the project's folder with its output shown; returns its exit code (127: could not be started). */
export function run(program, args, options = {}) {
  const done = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options })
  return done.status ?? (done.error ? 127 : 1)
}

/** Path of a program on PATH, or undefined. */
export function which(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) if (existsSync(join(folder, name))) return join(folder, name)
  }
  return undefined
}

function filesBelow(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
}

function hashOf(files, extra = '') {
  const hash = createHash('sha256').update(extra)
  for (const file of files) hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

function stamped(name, value, stillThere) {
  const file = join(stampFolder, name)
  return stillThere && existsSync(file) && readFileSync(file, 'utf8') === value
}

function stamp(name, value) {
  mkdirSync(stampFolder, { recursive: true })
  writeFileSync(join(stampFolder, name), value)
}

function fail(text) {
  say(`set-up failed: ${text}`)
  process.exit(1)
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]))
    fail(`Node ${process.versions.node} is too old; iommukit needs Node ${oldestNode.join('.')} or newer.`)
}

function installDependencies() {
  const manifests = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'package.json'))
  const value = hashOf(
    [join(root, 'pnpm-lock.yaml'), join(root, 'package.json'), ...manifests.filter(existsSync)],
    `${process.platform} ${process.arch} ${process.versions.modules}`,
  )
  if (stamped('dependencies', value, existsSync(join(root, 'node_modules', '.pnpm')))) return 'dependencies'
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  say(`set-up: installing the dependencies with ${packageManager} (npx fetches it; nothing is installed globally) …`)
  const started = Date.now()
  const code = run(
    'npx',
    ['--yes', packageManager, 'install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only', '--loglevel=warn'],
    {
      stdio: ['ignore', 2, 2],
    },
  )
  if (code !== 0) fail(`'npx ${packageManager} install --frozen-lockfile' ended with code ${code}. Is the npm registry reachable?`)
  stamp('dependencies', value)
  say(`set-up: dependencies installed in ${((Date.now() - started) / 1000).toFixed(1)} s`)
  return undefined
}

function builtFolders() {
  const grouped = ['packages', 'apps'].flatMap((group) => readdirSync(join(root, group)).map((name) => join(root, group, name)))
  return [...grouped, join(root, 'bench')].filter((folder) => existsSync(join(folder, 'tsconfig.build.json')))
}

function build() {
  const folders = builtFolders()
  const inputs = folders.flatMap((folder) => [
    ...filesBelow(join(folder, 'src')),
    ...filesBelow(join(folder, 'workloads')),
    join(folder, 'package.json'),
    join(folder, 'tsconfig.build.json'),
  ])
  const tools = buildTools.map((name) => join(root, 'tools', 'packaging', name))
  const value = hashOf([...inputs, join(root, 'tsconfig.base.json'), ...tools])
  if (
    stamped(
      'build',
      value,
      folders.every((folder) => existsSync(join(folder, 'dist'))),
    )
  )
    return 'build'
  say('set-up: compiling the packages …')
  const started = Date.now()
  const code = run(
    process.execPath,
    [join(root, 'node_modules', 'turbo', 'bin', 'turbo'), 'run', 'build', '--output-logs=errors-only', '--no-update-notifier'],
    {
      stdio: ['ignore', 2, 2],
      // turbo calls pnpm by name; the pinned one is a dependency of the root.
      env: {
        ...process.env,
        PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`,
        TURBO_TELEMETRY_DISABLED: '1',
        FORCE_COLOR: '0',
      },
    },
  )
  if (code !== 0) fail(`the packages do not compile (code ${code}); the errors are above.`)
  stamp('build', value)
  say(`set-up: compiled in ${((Date.now() - started) / 1000).toFixed(1)} s`)
  return undefined
}

/** Everything that the two commands of the README need. Says in one line what was there already. */
export function setUp() {
  checkNode()
  const skipped = [installDependencies(), build()].filter((name) => name !== undefined)
  if (skipped.length > 0) say(`set-up: nothing to do for ${skipped.join(' and ')}`)
}

/**
 * A tool that npm cannot bring: its path, installing Debian's package where that is allowed (root and apt-get). Undefined with a line
 * saying how to get it when it cannot be had.
 */
export function systemTool(names, debianPackage) {
  const found = which(...names)
  if (found !== undefined) return found
  if (process.getuid?.() === 0 && which('apt-get') !== undefined) {
    say(`set-up: installing Debian's package ${debianPackage} …`)
    const quiet = { stdio: ['ignore', 'ignore', 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
    run('apt-get', ['-qq', 'update'], quiet)
    run('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', debianPackage], quiet)
  }
  return which(...names)
}
