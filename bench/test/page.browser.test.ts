// Kind 8 of docs/TESTING.md: the benchmark page, built, in Chromium: light and dark, narrow and wide, by keyboard.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from '../../tools/packaging/chromium.mjs'
import { buildPage } from '../src/page.ts'
import type { Row } from '../src/run.ts'

const environment = {
  kind: 'environment',
  date: '2026-01-02T03:04:05.000Z',
  cpu: 'Test CPU',
  cores: 2,
  memoryGiB: 24,
  node: 'v20.19.0',
  v8: '11.3',
  platform: 'linux x64',
  load: 0.1,
  revision: 'abcdef012345',
  dirty: false,
  calibration: { hashChainNs: 1.39, randomReadNs: 105, sequentialReadNs: 0.29, nearReadNs: 12 },
  machineFactor: 1,
}

function row(workload: string, contender: string, n: number, nsPerOp: number): Row {
  return {
    kind: 'result',
    workload,
    contender,
    package: 'interval-tree-span',
    unit: 'node',
    source: 'bench/workloads/interval-tree-span.ts',
    n,
    ops: n,
    nsPerOp,
    nsPerOpMin: nsPerOp * 0.97,
    nsPerRound: [nsPerOp * 0.98, nsPerOp, nsPerOp * 1.03],
    spread: 0.04,
    bytesPerOp: 0,
    bytesPerEntry: 55,
    checksum: 1,
    counts: {},
    rounds: 3,
    cNs: 127,
    goal: 0.6,
  }
}

const rows = [
  row('itree.1e5.rand/insert', 'ours', 1e5, 70),
  row('itree.1e5.rand/insert', 'node-interval-tree@2.1.2', 1e5, 900),
  row('itree.1e6.rand/insert', 'ours', 1e6, 120),
  row('itree.1e6.rand/insert', 'node-interval-tree@2.1.2', 1e6, 2100),
]
const interval = { low: 0.03, middle: 0.04, high: 0.05 }
const comparison = {
  kind: 'comparison',
  workload: 'itree.1e5.rand/insert',
  contender: 'ours',
  baseNs: 70,
  headNs: 73,
  pairs: [0.03, 0.04, 0.05],
  logRatio: interval,
  aaPairs: [0.001, -0.002],
  aa: { low: -0.002, middle: 0, high: 0.001 },
  noiseFloor: 0.01,
  verdict: 'worse',
}

let browser: Browser
let server: Server
let address = ''

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'iommukit-page-'))
  const data = join(folder, 'data')
  mkdirSync(data)
  writeFileSync(join(data, 'run.ndjson'), [environment, ...rows].map((line) => JSON.stringify(line)).join('\n'))
  writeFileSync(join(data, 'comparison.ndjson'), JSON.stringify(comparison))
  const older = { environment: { ...environment, cpu: 'Older CPU' }, rows: [row('itree.1e5.rand/insert', 'ours', 1e5, 80)] }
  writeFileSync(join(data, 'history.ndjson'), [older, { environment, rows }].map((line) => JSON.stringify(line)).join('\n'))
  const site = join(folder, 'site')
  await buildPage(data, site)
  const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
  server = createServer((request, response) => {
    try {
      const path = request.url === '/' ? '/index.html' : request.url!
      const body = readFileSync(join(site, path))
      response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/plain' }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  server?.close()
})

async function open(width: number, colorScheme: 'light' | 'dark'): Promise<{ page: Page; errors: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(address)
  await page.waitForSelector('body[data-ready=true]')
  return { page, errors }
}

describe.each([
  { width: 400, scheme: 'light' as const },
  { width: 1400, scheme: 'dark' as const },
])('$width px, $scheme', ({ width, scheme }) => {
  it('shows every section without an error and without sideways scrolling', async () => {
    const { page, errors } = await open(width, scheme)
    expect(errors).toEqual([])
    for (const id of ['verdicts', 'results', 'scaling', 'history']) expect(await page.isVisible(`#${id}`), id).toBe(true)
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    expect(await page.textContent('#verdict-strip')).toContain('1 worse')
    expect(await page.textContent('#verdict-strip')).toContain('±1.0 %')
    expect(await page.textContent('#tables')).toContain('npx pnpm bench itree.1e5.rand/insert')
    const labels = await page.locator('#scaling svg text').allTextContents()
    expect(labels).toEqual(expect.arrayContaining(['100k', '1M']))
    await page.close()
  })
})

describe('use', () => {
  it('filters by typing, reached by keyboard alone', async () => {
    const { page } = await open(1400, 'light')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the results')
    await page.keyboard.press('Tab')
    await page.keyboard.type('1e6')
    expect(await page.textContent('#shown')).toContain('1 of 2 workloads')
    await page.close()
  })

  it('gives every chart a text alternative and every table a caption and row headers', async () => {
    const { page } = await open(1400, 'light')
    expect(
      await page.evaluate(
        "[...document.querySelectorAll('svg')].every((s) => s.getAttribute('role') === 'img' && s.getAttribute('aria-label').length > 20)",
      ),
    ).toBe(true)
    expect(
      await page.evaluate("[...document.querySelectorAll('table')].every((t) => t.caption && t.querySelector('tbody th[scope=row]'))"),
    ).toBe(true)
    expect(await page.getAttribute('#tables a', 'href')).toContain('bench/workloads/interval-tree-span.ts')
    await page.close()
  })

  it('says what to do when there are no figures', async () => {
    const page = await browser.newPage()
    await page.route('**/data/*', (route) => route.fulfill({ status: 404 }))
    await page.goto(address)
    await page.waitForFunction("document.getElementById('lead').textContent.includes('no figures')")
    await page.close()
  })
})
