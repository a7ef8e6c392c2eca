// Kind 8 of docs/TESTING.md: the built structure packages in Chromium, on a page and in a worker.

import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from './chromium.mjs'
import { packageNamed, structurePackages } from './packages.mjs'

const types = { '.js': 'text/javascript', '.html': 'text/html', '.map': 'application/json' }

/** The same small program for page and worker: each package does something that can be told from its answer. */
const program = `
import { IntervalTree64, SpanCursor64 } from '/interval-tree-span/dist/index.js'
import { XArray } from '/xarray/dist/index.js'
import { IovaBitmap } from '/iova-bitmap/dist/index.js'
export function answer() {
  const tree = new IntervalTree64()
  tree.insert(0xfffffffffffffff0n, 0xffffffffffffffffn)
  const spans = []
  for (const s = new SpanCursor64(tree, 0n, 0xffffffffffffffffn); !s.done; s.next()) spans.push([s.isHole, String(s.start)])
  const array = new XArray({ alloc: 1 })
  const id = array.alloc('entry', { min: 1, max: 9 })
  const bitmap = new IovaBitmap({ iova: 0n, length: 65536n, pageSize: 4096n, buffer: new Uint8Array(2) })
  bitmap.set(8191n, 2n)
  return JSON.stringify([spans, id, array.load(1), Number(bitmap.count())])
}
`
const expected = JSON.stringify([
  [
    [true, '0'],
    [false, '18446744073709551600'],
  ],
  1,
  'entry',
  2,
])

function contentOf(path) {
  if (path === '/') return ['text/html', '<!doctype html><title>iommukit</title>']
  if (path === '/program.js') return ['text/javascript', program]
  if (path === '/worker.js') return ['text/javascript', "import { answer } from '/program.js'\npostMessage(answer())"]
  const [, short, ...rest] = normalize(path).split('/')
  if (!structurePackages.includes(short)) return undefined
  const file = join(packageNamed(short).folder, ...rest)
  return existsSync(file) ? [types[extname(file)] ?? 'text/plain', readFileSync(file)] : undefined
}

describe('in Chromium', () => {
  let server
  let browser
  let page

  beforeAll(async () => {
    server = createServer((request, response) => {
      const content = contentOf(request.url)
      response.writeHead(content ? 200 : 404, { 'content-type': content?.[0] ?? 'text/plain' }).end(content?.[1])
    })
    await new Promise((done) => server.listen(0, '127.0.0.1', done))
    browser = await launchChromium()
    page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${server.address().port}/`)
  })

  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  it('works on a page', async () => {
    expect(await page.evaluate("import('/program.js').then((m) => m.answer())")).toBe(expected)
  })

  it('works in a worker', async () => {
    const inWorker = `new Promise((done, fail) => {
      const worker = new Worker('/worker.js', { type: 'module' })
      worker.onmessage = (event) => done(event.data)
      worker.onerror = (event) => fail(new Error(event.message))
    })`
    expect(await page.evaluate(inWorker)).toBe(expected)
  })
})
