// Recorded vectors (design section 7, kind 4): every recording gives its answers, and every planted wrong answer is found.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import {
  bundledRecordings,
  findRecordings,
  IoctlReplay,
  parseScript,
  readRecording,
  replay,
  replayScript,
  type Script,
  summaryLine,
} from '@iommukit/conformance'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ioctlFields } from '../src/ioctl-fields.ts'
import { ioctlHandlers } from '../src/replay-ioctl.ts'
import { bitmapScript, doubleTreeScript, file, ioctlScript, treeScript, xarrayScript } from './recordings.ts'

// biome-ignore lint/suspicious/noExplicitAny: recordings are changed here in every way.
type Recorded = any

const own: readonly Recorded[] = [ioctlScript, treeScript, doubleTreeScript, xarrayScript, bitmapScript]

function outcomeOf(script: Recorded): ReturnType<typeof replayScript> {
  return replayScript(parseScript(JSON.stringify(script), 'own.jsonl', 1))
}

describe('the bundled recordings', () => {
  it('are all answered as the kernel did, with contiguous and with scattered frames', async () => {
    const report = await replay()
    expect(report.differences.slice(0, 3)).toEqual([])
    expect(report).toMatchObject({ scripts: 1982, operations: 107_645, mismatches: 0 })
    const perKind: Record<string, [number, number]> = {}
    for (const { kind, scripts, operations } of report.families) {
      const sum = perKind[kind] ?? [0, 0]
      perKind[kind] = [sum[0] + scripts, sum[1] + operations]
    }
    expect(perKind).toEqual({
      ioctl: [806, 82_503],
      'interval-tree-span': [540, 4368],
      xarray: [360, 19_690],
      'iova-bitmap': [276, 1084],
    })
    expect(summaryLine(report)).toBe('conformance: 1982 scripts, 107645 operations, 0 mismatches')
  })
})

describe('own scripts', () => {
  it.each(own.map((script) => [script.name, script]))('%s replays from any file', (_name, script) => {
    expect(outcomeOf(script).mismatches).toEqual([])
  })

  it('count scripts and operations by family, the name of the file', async () => {
    const path = file([ioctlScript, xarrayScript, ioctlScript], 'random-mine.jsonl.gz')
    const report = await replay({ paths: [path] })
    expect(report.families).toEqual([
      { kind: 'ioctl', name: 'mine', scripts: 2, operations: 8, mismatches: 0 },
      { kind: 'xarray', name: 'mine', scripts: 1, operations: 3, mismatches: 0 },
    ])
    expect(report).toMatchObject({ scripts: 3, operations: 11, mismatches: 0, files: [path], ignored: [] })
  })

  it('report progress after each script, up to the end of the files', async () => {
    const paths = [file([ioctlScript, ioctlScript]), file([xarrayScript])]
    const seen: [number, number][] = []
    await replay({ paths, onProgress: ({ scripts, fraction }) => seen.push([scripts, fraction]) })
    expect(seen.map(([scripts]) => scripts)).toEqual([1, 2, 3])
    expect(seen.at(-1)![1]).toBe(1)
  })
})

describe('summary', () => {
  it.each([
    [0, 'conformance: 2 scripts, 3 operations, 0 mismatches'],
    [1, 'conformance: 2 scripts, 3 operations, 1 mismatch'],
    [2, 'conformance: 2 scripts, 3 operations, 2 mismatches'],
  ])('of %i', (mismatches, line) => {
    expect(summaryLine({ scripts: 2, operations: 3, mismatches })).toBe(line)
  })
})

/** Another value of the same type, as deep inside as there is one. */
function otherThan(value: Recorded): Recorded {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'number') return value + 1
  if (value === null) return 'EXDEV'
  if (Array.isArray(value) && value[0] === 'done') return ['used', '0x1', '0x1']
  if (Array.isArray(value)) return value.length === 0 ? undefined : [...value.slice(0, -1), otherThan(value.at(-1)) ?? [3, 4]]
  if (typeof value === 'object')
    return {
      ...value,
      ...Object.fromEntries(
        Object.entries(value)
          .slice(-1)
          .map(([k, v]) => [k, otherThan(v)]),
      ),
    }
  if (/^0x/.test(value)) return `0x${(BigInt(value) ^ 1n).toString(16)}`
  if (value === 'used' || value === 'hole') return value === 'used' ? 'hole' : 'used'
  if (value === 'OK' || value.startsWith('E')) return value === 'EXDEV' ? 'OK' : 'EXDEV'
  return `${value}00`
}

interface Plant {
  readonly title: string
  readonly script: Recorded
  readonly operation: number
  readonly mutated: Recorded
}

/** For each operation and field of an answer, the first script that has one that can be changed. */
function plants(
  scripts: readonly Recorded[],
  items: (script: Recorded) => readonly Recorded[],
  title: (item: Recorded) => string,
): Plant[] {
  const found = new Map<string, Plant>()
  for (const script of scripts) {
    for (const [k, item] of items(script).entries()) {
      const fields = Array.isArray(item.result) ? ['result'] : Object.keys(item.result)
      for (const field of fields) {
        const key = `${title(item)}: ${field}`
        if (found.has(key)) continue
        const holder = Array.isArray(item.result) ? item : item.result
        const mutated = otherThan(holder[field])
        if (mutated === undefined) continue
        found.set(key, { title: key, script: { script, k, field }, operation: k + 1, mutated })
      }
    }
  }
  return [...found.values()]
}

function plant({ script: { script, k, field }, mutated }: Plant, items: (script: Recorded) => readonly Recorded[]): Recorded {
  const copy = structuredClone(script)
  const item = items(copy)[k]
  if (Array.isArray(item.result)) item.result = mutated
  else item.result[field] = mutated
  return copy
}

function bundled(folder: string): Recorded[] {
  const { files } = findRecordings([bundledRecordings])
  return files
    .filter(({ path }) => path.includes(folder))
    .flatMap(({ path }) => gunzipSync(readFileSync(path)).toString().trim().split('\n'))
    .map((line) => JSON.parse(line))
}

describe('a planted wrong answer is found, once, and nothing else', () => {
  const ops = (script: Recorded): readonly Recorded[] => script.ops
  const queries = (script: Recorded): readonly Recorded[] => script.queries
  const whole = (script: Recorded): readonly Recorded[] => [script]
  let ioctls: Plant[] = []
  beforeAll(() => {
    ioctls = plants(bundled('ioctl'), ops, ({ op }) => op)
  })

  function check(plantOf: Plant, items: (script: Recorded) => readonly Recorded[]): void {
    const { mismatches } = outcomeOf(plant(plantOf, items))
    expect(mismatches, plantOf.title).toHaveLength(1)
    expect(mismatches[0], plantOf.title).toMatchObject({ operation: plantOf.operation, script: plantOf.script.script.name })
  }

  it('ioctl scripts: every field of every operation', () => {
    expect(ioctls.length).toBeGreaterThan(75)
    expect(new Set(ioctls.map(({ title }) => title.split(':')[0])).size).toBe(ioctlFields.size)
    for (const plantOf of ioctls) check(plantOf, ops)
  })

  it('ioctl scripts: a field that is missing', () => {
    const one = structuredClone(ioctlScript) as Recorded
    delete one.ops[1].result.iova
    expect(outcomeOf(one).mismatches).toMatchObject([{ operation: 2, expected: { errno: 'OK' }, got: { errno: 'OK', iova: '0x10000' } }])
  })

  it('interval trees', () => {
    const found = plants([treeScript, doubleTreeScript], queries, ({ q }) => q)
    expect(found.map(({ title }) => title)).toEqual(['nodes: result', 'span: result', 'walk: result', 'dspan: result'])
    for (const plantOf of found) check(plantOf, queries)
  })

  it('XArray scripts: every field of every operation', () => {
    const found = plants(bundled('xarray'), ops, ({ op }) => op)
    expect(found.length).toBeGreaterThan(25)
    for (const plantOf of found) check(plantOf, ops)
  })

  it('bitmaps', () => {
    const found = plants([bitmapScript], whole, () => 'set')
    expect(found.map(({ title }) => title)).toEqual(['set: for_each', 'set: bits', 'set: fnv1a64', 'set: pins'])
    for (const plantOf of found) check(plantOf, whole)
  })
})

describe('ioctl scripts', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('know every operation that the reader takes', () => {
    expect(Object.keys(ioctlHandlers).sort()).toEqual([...ioctlFields.keys()].sort())
  })

  const step = (script: Recorded): IoctlReplay =>
    new IoctlReplay(parseScript(JSON.stringify(script), 'own.jsonl', 1) as Script & { kind: 'ioctl' }, 'scattered')

  it('a bug that throws something else than an errno is an answer that differs, and the script goes on', () => {
    const replaying = step(ioctlScript)
    const { file: opened } = replaying.world
    Object.assign(replaying.world, { file: undefined })
    expect(replaying.step()).toMatchObject({ same: false, got: { threw: expect.stringContaining('TypeError') } })
    replaying.world.file = opened
    expect(replaying.step()).toMatchObject({ same: false, got: { errno: 'ENOENT' } })
  })

  it('pins that are left when the process has exited are told', () => {
    const replaying = step(ioctlScript)
    const { machine, process } = replaying.world
    machine.physical.pin(process.memory.frameOf(0x1_0000_0000n)!, 1)
    while (replaying.step() !== undefined);
    expect(replaying.finish()).toEqual({ pins: 1, charged: 0 })
  })

  it('pins that are left are one more mismatch, behind the last operation', () => {
    vi.spyOn(IoctlReplay.prototype, 'finish').mockReturnValueOnce({ pins: 3, charged: 0 })
    expect(outcomeOf(ioctlScript)).toMatchObject({
      operations: 4,
      mismatches: [
        { operation: 5, op: 'exit', expected: { pins: 0, charged: 0 }, got: { pins: 3, charged: 0 }, when: 'contiguous frames' },
      ],
    })
  })

  it('an answer that differs with one kind of frames only is told so', () => {
    const real = IoctlReplay.prototype.step
    vi.spyOn(IoctlReplay.prototype, 'step').mockImplementation(function (this: IoctlReplay) {
      const done = real.call(this)
      const { memory } = this.world.process
      const isScattered = memory.frameOf(0x1_0000_1000n)! !== memory.frameOf(0x1_0000_0000n)! + 1
      return done !== undefined && isScattered && this.world.operationsDone === 2 ? { ...done, got: { errno: 'EIO' }, same: false } : done
    })
    expect(outcomeOf(ioctlScript).mismatches).toMatchObject([{ operation: 2, got: { errno: 'EIO' }, when: 'scattered frames' }])
  })

  it('an argument that was never saved is 0x7ffffff0, and a name keeps its value when a later operation fails', () => {
    const script = {
      name: 'own/names',
      arena: { kind: 'shared', pages: 1 },
      ops: [
        { op: 'destroy', id: '$nobody', result: { errno: 'ENOENT' } },
        { op: 'ioas_alloc', out: 'i', result: { errno: 'OK', id: 1 } },
        {
          op: 'ioas_map',
          ioas: '$i',
          iova: '$nobody',
          length: '0x10',
          uptr: '@0xff0',
          flags: 7,
          result: { errno: 'OK', iova: '0x7ffffff0' },
        },
        { op: 'ioas_alloc', flags: 1, out: 'i', result: { errno: 'EOPNOTSUPP' } },
        {
          op: 'ioas_map',
          ioas: '$i',
          iova: '0x1000',
          length: '0x1000',
          uptr: '@0x0',
          flags: 7,
          out: 'm',
          result: { errno: 'OK', iova: '0x1000' },
        },
        { op: 'ioas_unmap', ioas: '$i', iova: '$m+0x1000', length: '0x1000', result: { errno: 'ENOENT' } },
        { op: 'destroy', id: '$i', result: { errno: 'OK' } },
      ],
    }
    expect(outcomeOf(script).mismatches).toEqual([])
  })

  it('finds the pins of every page by asking, and -1 for a page that cannot be reached', () => {
    const maps = [0x1000000, 0x1010000, 0x1020000].map((iova, k) => ({
      op: 'ioas_map',
      ioas: '$i',
      iova: `0x${iova.toString(16)}`,
      length: '0x2000',
      uptr: `@0x${(k * 0x1000).toString(16)}`,
      flags: 7,
      result: { errno: 'OK', iova: `0x${iova.toString(16)}` },
    }))
    const script = {
      name: 'own/pins',
      arena: { kind: 'shared', pages: 8 },
      ops: [
        { op: 'ioas_alloc', out: 'i', result: { errno: 'OK', id: 1 } },
        { op: 'mock_domain', pt: '$i', result: { errno: 'OK', stdev_id: 2, hwpt_id: 4, idev_id: 3 } },
        ...maps,
        { op: 'arena_protect', off: '0x5000', length: '0x1000', prot: 'none', result: { errno: 'OK' } },
        { op: 'page_pins', page: 0, count: 8, result: { errno: 'OK', pins: [1, 2, 2, 1, 0, -1, 0, 0] } },
      ],
    }
    expect(outcomeOf(script).mismatches).toEqual([])
  })

  it('each starts with the temporary memory limit at 65536, whatever the one before did', () => {
    const replaying = step(ioctlScript)
    replaying.world.machine.temp.limitBytes = 12
    expect(step(ioctlScript).world.machine.temp.limitBytes).toBe(65_536)
  })

  it('reads all recorded scripts without holding them', async () => {
    let scripts = 0
    for (const { path } of findRecordings([bundledRecordings]).files) for await (const _ of readRecording(path)) scripts++
    expect(scripts).toBe(1982)
  })
})
