// Shared memory with real worker threads (kind 3, spec data-structures 3.7 item 9): no set is ever lost and none is reported twice.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { SharedIovaBitmap } from '@iommukit/iova-bitmap'
import { checkInvariants } from '@iommukit/iova-bitmap/check'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runsOf, seeded } from './oracle.ts'

/** Workers cannot load TypeScript on every Node that is supported: they get the sources with the types taken out. */
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'iova-bitmap-'))
  const source = new URL('../src/', import.meta.url)
  for (const name of readdirSync(source)) {
    const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, rewriteRelativeImportExtensions: true }
    const { outputText } = ts.transpileModule(readFileSync(new URL(name, source), 'utf8'), { compilerOptions, fileName: name })
    writeFileSync(join(folder, name.replace(/\.ts$/, '.js')), outputText)
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'worker.js'), WORKER)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/**
 * A setter sets each page of its list once, having written the page's number to the data; a harvester harvests until told to stop, and checks that the data
 * of a page that it finds dirty has been written.
 */
const WORKER = `
import { parentPort, workerData } from 'node:worker_threads'
import { SharedIovaBitmap } from './index.js'
const { role, buffer, byteOffset, npages, lists, data, control } = workerData
const nbytes = Math.ceil(npages / 8)
const bitmap = new SharedIovaBitmap({ iova: 0, length: npages, pageSize: 1, buffer: new Uint8Array(buffer, byteOffset, nbytes) })
const written = new Int32Array(data)
const flags = new Int32Array(control)
Atomics.add(flags, 0, 1)
Atomics.notify(flags, 0)
while (Atomics.load(flags, 1) === 0) Atomics.wait(flags, 1, 0)
if (role === 'set') {
  for (const [first, length] of lists) {
    for (let page = first; page < first + length; page++) written[page] = page + 1
    bitmap.set(first, length)
  }
  parentPort.postMessage([])
} else {
  const pages = []
  let unseen = 0
  for (let isLast = false; ; ) {
    for (const run = bitmap.harvest(); !run.done; run.next()) {
      for (let page = run.index; page <= run.lastIndex; page++) {
        pages.push(page)
        if (written[page] !== page + 1) unseen++
      }
    }
    if (isLast) break
    isLast = Atomics.load(flags, 2) === 1
  }
  parentPort.postMessage([pages, unseen])
}
`

interface World {
  npages: number
  byteOffset: number
  /** Runs of pages, each page in one run only. */
  lists: [number, number][][]
  nharvesters: number
}

async function race({ npages, byteOffset, lists, nharvesters }: World): Promise<{ reports: number[]; unseen: number; bytes: Uint8Array }> {
  const nbytes = Math.ceil(npages / 8)
  const buffer = new SharedArrayBuffer(byteOffset + nbytes + 8)
  const around = new Uint8Array(buffer)
  around.fill(0xa5)
  const bytes = new Uint8Array(buffer, byteOffset, nbytes)
  bytes.fill(0)
  const data = new SharedArrayBuffer(npages * 4)
  const control = new SharedArrayBuffer(12)
  const flags = new Int32Array(control)
  const nworkers = lists.length + nharvesters
  const start = (role: 'set' | 'harvest', list: [number, number][]): Promise<[number[], number] | []> => {
    const workerData = { role, buffer, byteOffset, npages, lists: list, data, control }
    const worker = new Worker(join(folder, 'worker.js'), { workerData, execArgv: [] })
    return new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
  }
  const setters = lists.map((list) => start('set', list))
  const harvesters = Array.from({ length: nharvesters }, () => start('harvest', []))
  while (Atomics.load(flags, 0) < nworkers) await new Promise((resolve) => setTimeout(resolve, 2))
  Atomics.store(flags, 1, 1)
  Atomics.notify(flags, 1)
  await Promise.all(setters)
  Atomics.store(flags, 2, 1)
  const reports: number[] = new Array<number>(npages).fill(0)
  let unseen = 0
  for (const [pages, missing] of (await Promise.all(harvesters)) as [number[], number][]) {
    unseen += missing
    for (const page of pages) reports[page]! += 1
  }
  for (let at = 0; at < around.length; at++) {
    if (at < byteOffset || at >= byteOffset + nbytes) expect(around[at]).toBe(0xa5)
  }
  return { reports, unseen, bytes }
}

/** Cuts the pages into runs of up to `longest`, and deals them out to setters by chance, each setter in an order of its own. */
function deal(npages: number, nsetters: number, longest: number, seed: number): [number, number][][] {
  const below = seeded(seed)
  const lists: [number, number][][] = Array.from({ length: nsetters }, () => [])
  for (let page = 0; page < npages; ) {
    const length = Math.min(1 + below(longest), npages - page)
    lists[below(nsetters)]!.push([page, length])
    page += length
  }
  for (const list of lists) {
    for (let at = list.length - 1; at > 0; at--) {
      const other = below(at + 1)
      ;[list[at], list[other]] = [list[other]!, list[at]!]
    }
  }
  return lists
}

describe('several threads', () => {
  it.each([
    ['three setters of single pages, one harvester', 3, 1, 1, 0],
    ['three setters of runs across words, one harvester, odd byte offset', 3, 100, 1, 3],
    ['two setters, two harvesters that share the bits', 2, 40, 2, 1],
  ])('%s: every page set once is reported exactly once, after its data', async (_, nsetters, longest, nharvesters, byteOffset) => {
    for (let round = 0; round < 2; round++) {
      const npages = 150_000 - 3
      const { reports, unseen, bytes } = await race({ npages, byteOffset, nharvesters, lists: deal(npages, nsetters, longest, 77 + round) })
      expect(reports.findIndex((times) => times !== 1)).toBe(-1)
      expect(unseen).toBe(0)
      expect(bytes.every((byte) => byte === 0)).toBe(true)
    }
  })
})

describe('one thread', () => {
  const make = (npages = 100): { bitmap: SharedIovaBitmap; words: Uint8Array } => {
    const buffer = new SharedArrayBuffer(Math.ceil(npages / 8))
    return { bitmap: new SharedIovaBitmap({ iova: 0, length: npages, pageSize: 1, buffer }), words: new Uint8Array(buffer) }
  }

  it('puts back what it took ahead when it is left early', () => {
    const { bitmap } = make()
    for (const page of [1, 3, 5, 40, 41, 70]) bitmap.set(page, 1)
    const run = bitmap.harvest()
    expect(run.index).toBe(1)
    expect(bitmap.count()).toBe(3) // 1, 3 and 5 are in one word
    run.close()
    run.close()
    expect(runsOf(bitmap.ranges())).toEqual(['3-3', '5-5', '40-41', '70-70'])
    for (const { iova } of bitmap.harvest()) if (iova === 5n) break
    expect(runsOf(bitmap.ranges())).toEqual(['40-41', '70-70'])
  })

  it('takes no bit outside the range it was given, nor unused bits', () => {
    const { bitmap, words } = make(100)
    words.fill(0xff)
    expect(runsOf(bitmap.harvest(5, 70))).toEqual(['5-74'])
    expect(runsOf(bitmap.ranges())).toEqual(['0-4', '75-99'])
    expect(runsOf(bitmap.harvest(40, 0))).toEqual([])
    expect(runsOf(bitmap.harvest(200, 1))).toEqual([])
    expect(runsOf(bitmap.harvest())).toEqual(['0-4', '75-99'])
    expect(words[12]).toBe(0xf0)
    checkInvariants(bitmap)
  })

  it('throws after free', () => {
    const { bitmap } = make()
    bitmap.set(0, 1)
    bitmap.set(90, 1)
    const run = bitmap.harvest()
    bitmap.free()
    expect(() => run.next()).toThrow('the bitmap was freed')
    expect(() => bitmap.harvest()).toThrow('the bitmap was freed')
    expect(() => bitmap.set(0, 1)).toThrow('the bitmap was freed')
  })

  it('sees a bit that another object over the same memory sets', () => {
    const { bitmap, words } = make()
    const other = new SharedIovaBitmap({ iova: 0, length: 100, pageSize: 1, buffer: words })
    other.set(31, 2)
    expect([bitmap.test(30), bitmap.test(31), bitmap.test(32), bitmap.test(33)]).toEqual([false, true, true, false])
    expect(bitmap.testRange(0, 100)).toBe(true)
  })
})
