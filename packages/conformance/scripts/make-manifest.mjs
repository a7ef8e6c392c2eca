// `node scripts/make-manifest.mjs` verifies vectors/manifest.json against the recordings; `--write` makes it anew.
// For each recording: the SHA-256 and the number of lines of the text inside the .gz, so that a change of compression is no change of content.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const vectors = join(dirname(fileURLToPath(import.meta.url)), '..', 'vectors')
const manifestPath = join(vectors, 'manifest.json')

function recordings() {
  return readdirSync(vectors, { recursive: true })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.jsonl.gz'))
    .sort()
}

function describe(name) {
  const text = gunzipSync(readFileSync(join(vectors, name)))
  let lines = 0
  for (const byte of text) if (byte === 0x0a) lines++
  return { sha256: createHash('sha256').update(text).digest('hex'), lines, replayed: !name.endsWith('hazards.jsonl.gz') }
}

const files = Object.fromEntries(recordings().map((name) => [name.slice(0, -'.gz'.length), describe(name)]))
const made = `${JSON.stringify({ recordedOn: 'Linux 6.12.117, x86_64, CONFIG_IOMMUFD_TEST', files }, null, 2)}\n`

if (process.argv.includes('--write')) {
  writeFileSync(manifestPath, made)
  console.log(`vectors/manifest.json: ${Object.keys(files).length} recordings written`)
} else {
  const present = JSON.parse(readFileSync(manifestPath, 'utf8')).files
  const wrong = [...new Set([...Object.keys(present), ...Object.keys(files)])].filter(
    (name) => JSON.stringify(present[name]) !== JSON.stringify(files[name]),
  )
  for (const name of wrong)
    console.error(`${name}: ${present[name] ? (files[name] ? 'differs from' : 'is missing, but in') : 'is not in'} the manifest`)
  if (wrong.length > 0) process.exitCode = 1
  else console.log(`vectors/manifest.json: ${Object.keys(files).length} recordings verified`)
}
