// Examples on both sides of each boundary (design section 7, kind 1): what the reader takes, and what it refuses with file and line.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { findRecordings, parseScript, RecordingError, readRecording, type Script } from '@iommukit/conformance'
import { describe, expect, it } from 'vitest'
import { bitmapScript, doubleTreeScript, file, folder, ioctlScript, treeScript, xarrayScript } from './recordings.ts'

async function readAll(path: string): Promise<Script[]> {
  const scripts: Script[] = []
  for await (const { script } of readRecording(path)) scripts.push(script)
  return scripts
}

async function refusal(path: string): Promise<RecordingError> {
  const error = await readAll(path).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(RecordingError)
  return error as RecordingError
}

/** A deep copy of `script` after `change`. */
function changed<T>(script: T, change: (copy: T) => void): T {
  const copy = structuredClone(script)
  change(copy)
  return copy
}

// biome-ignore lint/suspicious/noExplicitAny: a test breaks its scripts in ways that no type allows.
type Broken = any

describe('kinds', () => {
  it.each([
    ['ioctl', ioctlScript],
    ['interval-tree-span', treeScript],
    ['interval-tree-span', doubleTreeScript],
    ['xarray', xarrayScript],
    ['iova-bitmap', bitmapScript],
  ])('%s is told by the fields of the line, whatever the file is called', async (kind, script) => {
    expect((await readAll(file([script], 'anything.jsonl'))).map((read) => read.kind)).toEqual([kind])
  })

  it('may be mixed in one file, compressed or not, and lines are counted from 1', async () => {
    for (const name of ['mixed.jsonl', 'mixed.jsonl.gz']) {
      const scripts = await readAll(file([ioctlScript, xarrayScript, bitmapScript, treeScript], name))
      expect(scripts.map(({ kind, line }) => [kind, line])).toEqual([
        ['ioctl', 1],
        ['xarray', 2],
        ['iova-bitmap', 3],
        ['interval-tree-span', 4],
      ])
    }
  })

  it('takes a last line without its line end, and Windows line ends', async () => {
    const path = file([ioctlScript])
    writeFileSync(path, `${JSON.stringify(ioctlScript)}\r\n${JSON.stringify(xarrayScript)}`)
    expect(await readAll(path)).toHaveLength(2)
  })

  it('reads lines that are longer than what is read at once', async () => {
    const long = changed(ioctlScript, (copy) => {
      copy.name = 'x'.repeat(1_000_000)
    })
    expect((await readAll(file([long, ioctlScript])))[0]!.name).toHaveLength(1_000_000)
  })
})

describe('numbers', () => {
  const argument = (value: unknown): unknown => {
    const script = parseScript(JSON.stringify({ ...ioctlScript, ops: [{ op: 'destroy', id: value, result: { errno: 'OK' } }] }), 'f', 1)
    return script.kind === 'ioctl' ? script.operations[0]!.arguments.id : undefined
  }

  it.each([
    [7, undefined, 7n],
    ['7', undefined, 7n],
    ['0x10', undefined, 16n],
    ['18446744073709551615', undefined, 2n ** 64n - 1n],
    ['@0x3000', undefined, 0x1_0000_3000n],
    ['$i', 'i', 0n],
    ['$i+0x800', 'i', 0x800n],
    ['0x1342000+0x1000', undefined, 0x1343000n],
  ])('%j is read exactly', (written, name, plus) => {
    expect(argument(written)).toEqual({ name, plus })
  })

  it.each([
    [-1, 'whole number'],
    [1.5, 'whole number'],
    [2 ** 53, 'write it as a string'],
    ['18446744073709551616', 'above 2^64-1'],
    ['', 'expected a number'],
    ['12x', 'expected a number'],
    ['-1', 'expected a number'],
    ['$', 'expected a number, "$name"'],
    ['$a+$b', 'with one name'],
    ['@', 'expected a number'],
    [null, 'expected a number'],
    [true, 'expected a number'],
    [[1], 'expected a number'],
  ])('%j is refused', (written, problem) => {
    expect(() => argument(written)).toThrow(new RegExp(`^f:1: ops\\[0\\]\\.id: .*${problem.replace(/[$^]/g, '\\$&')}`))
  })
})

describe('malformed lines', () => {
  const breaks: readonly (readonly [string, (script: Broken) => void, string])[] = [
    ['no name', (s) => delete s.name, 'the field "name" is missing'],
    ['a name that is no string', (s) => (s.name = 3), 'name: expected a string, found 3'],
    ['no operations', (s) => delete s.ops, 'the field "ops" is missing'],
    ['operations that are no list', (s) => (s.ops = {}), 'ops: expected a list'],
    ['an operation that is no object', (s) => (s.ops[1] = 'x'), 'ops[1]: expected an object'],
    ['an operation without name', (s) => delete s.ops[0].op, 'ops[0]: the field "op" is missing'],
    ['an unknown operation', (s) => (s.ops[2].op = 'ioas_frobnicate'), 'ops[2].op: unknown operation "ioas_frobnicate"'],
    ['an operation without result', (s) => delete s.ops[3].result, 'ops[3]: the field "result" is missing'],
    ['a result that is no object', (s) => (s.ops[0].result = 'OK'), 'ops[0].result: expected an object'],
    ['a result without errno', (s) => delete s.ops[0].result.errno, 'ops[0].result: the field "errno" is missing'],
    ['an errno that is a number', (s) => (s.ops[0].result.errno = 0), 'ops[0].result.errno: expected "OK" or the name of an errno'],
    ['an unknown field of a result', (s) => (s.ops[0].result.color = 1), 'ops[0].result: unknown field "color"'],
    ['a result field of another operation', (s) => (s.ops[0].result.iova = '0x0'), 'ops[0].result: unknown field "iova"'],
    ['a result field of a wrong type', (s) => (s.ops[1].result.iova = [1]), 'ops[1].result.iova: expected a number'],
    ['an unknown argument', (s) => (s.ops[1].speed = 9), 'ops[1] (ioas_map): unknown field "speed"'],
    ['a reserved field where the struct has none', (s) => (s.ops[2].reserved = 1), 'ops[2] (ioas_unmap): unknown field "reserved"'],
    ['an unknown field of the script', (s) => (s.comment = 'hi'), 'unknown field "comment"'],
    ['an arena without pages', (s) => delete s.arena.pages, 'arena.pages: expected a number'],
    ['an arena of no pages', (s) => (s.arena.pages = 0), 'arena.pages: expected at least 1 page'],
    ['an arena of a kind that there is not', (s) => (s.arena.kind = 'paper'), 'arena.kind: expected "shared" or "hugetlb"'],
    ['half a huge page', (s) => (s.arena = { kind: 'hugetlb', pages: 100 }), 'arena.pages: 100 pages are no whole number of 2 MiB pages'],
    [
      'an arena operation in the middle',
      (s) => s.ops.push({ op: 'arena', kind: 'shared', pages: 3, result: { errno: 'OK' } }),
      'ops[4]: "arena" may only be the first operation',
    ],
    [
      'an arena operation without kind',
      (s) => s.ops.unshift({ op: 'arena', pages: 3, result: { errno: 'OK' } }),
      'ops[0] (arena): the field "kind"',
    ],
    [
      'bits that are no ranges',
      (s) => (s.ops[0] = { op: 'dirty', bits: '3-1', result: { errno: 'OK' } }),
      'ops[0].bits: "3-1" is no range of bits',
    ],
    [
      'ranges that are no pairs',
      (s) => (s.ops[0] = { op: 'allow_iovas', ranges: '0x1', result: { errno: 'OK' } }),
      'ops[0].ranges: "0x1" is no pair',
    ],
    [
      'a protection that there is not',
      (s) => (s.ops[0] = { op: 'arena_protect', prot: 'x', result: { errno: 'OK' } }),
      'ops[0].prot: expected "none" or "r" or "rw"',
    ],
  ]

  it.each(breaks)('ioctl: %s', async (_what, change, problem) => {
    const path = file([ioctlScript, changed(ioctlScript as Broken, change), ioctlScript])
    const error = await refusal(path)
    expect(error).toMatchObject({ file: path, line: 2 })
    expect(error.message).toContain(`${path}:2: ${problem}`)
  })

  const treeBreaks: readonly (readonly [string, (script: Broken) => void, string])[] = [
    ['no build', (s) => delete s.build, 'the field "build" is missing'],
    ['a change that there is not', (s) => (s.build[0][0] = 'put'), 'build[0][0]: expected "add" or "del"'],
    ['an inverted interval', (s) => (s.build[0] = ['add', '0x5', '0x4']), 'build[0]: the interval 0x5 .. 0x4 is inverted'],
    ['an interval that is not there', (s) => (s.build[2] = ['del', 7]), 'build[2]: interval 7 is not in the tree'],
    ['an interval removed twice', (s) => s.build.push(['del', 1]), 'build[3]: interval 1 is not in the tree'],
    ['a question that there is not', (s) => (s.queries[0].q = 'why'), 'queries[0].q: expected "nodes" or "span" or "walk"'],
    ['a question without result', (s) => delete s.queries[1].result, 'queries[1]: the field "result" is missing'],
    ['a walk without steps', (s) => delete s.queries[2].steps, 'queries[2]: the field "steps" is missing'],
    ['a bad step', (s) => (s.queries[2].steps[1] = 'm'), 'queries[2].steps[1]: expected a number'],
    ['a bad kind of span', (s) => (s.queries[1].result[0][0] = 'gap'), 'queries[1].result[0][0]: expected "used" or "hole"'],
    ['a bound that is no number', (s) => (s.queries[0].last = {}), 'queries[0].last: expected a number'],
  ]

  it.each(treeBreaks)('interval tree: %s', async (_what, change, problem) => {
    const error = await refusal(file([changed(treeScript as Broken, change)]))
    expect(error.message).toContain(`:1: ${problem}`)
  })

  const xarrayBreaks: readonly (readonly [string, (script: Broken) => void, string])[] = [
    ['no array made', (s) => s.ops.shift(), 'ops[0]: the first operation must be "new"'],
    ['an unknown operation', (s) => (s.ops[1].op = 'pop'), 'ops[1].op: unknown operation "pop"'],
    ['too few arguments', (s) => s.ops[1].args.pop(), 'ops[1].args: alloc takes 3 arguments, found 2'],
    ['an answer that is missing', (s) => delete s.ops[2].result.entry, 'ops[2].result: the field "entry" is missing'],
    ['an unknown answer', (s) => (s.ops[2].result.more = 1), 'ops[2].result: unknown field "more"'],
    ['an entry of a wrong type', (s) => (s.ops[1].args[2] = {}), 'ops[1].args[2]: expected a number'],
    [
      'an order above 63',
      (s) => s.ops.push({ op: 'xas_conflict', args: ['0x0', 64], result: { list: [] } }),
      'ops[3].args[1]: 64 is above 63',
    ],
    [
      'a mark that there is not',
      (s) => s.ops.push({ op: 'marked', args: ['3'], result: { set: false } }),
      'ops[3].args[0]: expected "0" or "1" or "2"',
    ],
    ['a step that there is not', (s) => s.ops.push({ op: 'xas_walk', args: ['0x0', 'nx'], result: { list: [] } }), 'a string of n and p'],
  ]

  it.each(xarrayBreaks)('xarray: %s', async (_what, change, problem) => {
    const error = await refusal(file([changed(xarrayScript as Broken, change)]))
    expect(error.message).toMatch(/:1: /)
    expect(error.message).toContain(problem)
  })

  const bitmapBreaks: readonly (readonly [string, (script: Broken) => void, string])[] = [
    ['no page size', (s) => delete s.page_size, 'the field "page_size" is missing'],
    ['no pages', (s) => (s.pages = 0), 'pages: expected at least 1 page'],
    ['an offset outside the page', (s) => (s.offset = 4096), 'offset: 4096 is above 4095'],
    ['a set that is no pair', (s) => (s.set[0] = ['0x1']), 'set[0]: expected two values'],
    ['no pins', (s) => delete s.result.pins, 'result: the field "pins" is missing'],
    ['an unknown answer', (s) => (s.result.crc = 1), 'result: unknown field "crc"'],
    ['bits that are no pairs', (s) => (s.result.bits = [1]), 'result.bits[0]: expected a list'],
  ]

  it.each(bitmapBreaks)('bitmap: %s', async (_what, change, problem) => {
    const error = await refusal(file([changed(bitmapScript as Broken, change)]))
    expect(error.message).toContain(`:1: ${problem}`)
  })

  it.each([
    ['not JSON', '{"name": ', 'not JSON'],
    ['an empty line', '', 'the line is empty'],
    ['a list', '[1]', 'expected an object, found [1]'],
    ['a number', '7', 'expected an object, found 7'],
    ['an object of no kind', '{"name":"x"}', 'no known kind of script'],
    ['operations of no kind', '{"name":"x","ops":[{"op":"load"}]}', 'the field "arena" is missing'],
    ['a hazard', '{"name":"x","op":"set","args":[],"kernel":{},"ours":{},"why":"w"}', 'a hazard'],
  ])('%s', async (_what, text, problem) => {
    const path = file([ioctlScript, xarrayScript, text])
    const error = await refusal(path)
    expect(error).toMatchObject({ file: path, line: 3 })
    expect(error.message).toContain(`${path}:3: ${problem}`)
  })
})

describe('unreadable files', () => {
  it('one that is not there', async () => {
    expect(() => findRecordings(['/nowhere/at-all.jsonl'])).toThrow('/nowhere/at-all.jsonl: no such file or folder')
    expect((await refusal('/nowhere/at-all.jsonl')).message).toBe('/nowhere/at-all.jsonl: no such file')
  })

  it('one that is empty', async () => {
    const path = file([])
    expect((await refusal(path)).message).toBe(`${path}:1: the file is empty: it holds no script`)
  })

  it('one that is not compressed but is called so', async () => {
    const path = join(folder(), 'x.jsonl.gz')
    writeFileSync(path, `${JSON.stringify(ioctlScript)}\n`)
    expect((await refusal(path)).message).toContain(`${path}:1: not readable as gzip`)
  })

  it('one whose compressed data is cut off, naming the line that was reached', async () => {
    const path = join(folder(), 'x.jsonl.gz')
    const lines = Array.from({ length: 2000 }, (_, k) => JSON.stringify({ ...ioctlScript, name: `own/${k * 7919}` }))
    const whole = gzipSync(`${lines.join('\n')}\n`)
    writeFileSync(path, whole.subarray(0, whole.length - 40))
    const error = await refusal(path)
    expect(error.message).toContain('the gzip data ends too early')
    expect(error.line).toBeGreaterThan(1)
  })

  it('one that is not UTF-8', async () => {
    const path = file([ioctlScript])
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from([0x7b, 0xff, 0xfe, 0x0a])]))
    expect((await refusal(path)).message).toBe(`${path}:2: not UTF-8 text`)
  })

  it('a folder given as a file', async () => {
    expect((await refusal(folder())).message).toContain('is a folder')
  })
})

describe('folders', () => {
  it('are searched through all levels; hazards are listed as ignored, other files are no recordings', () => {
    const top = folder()
    mkdirSync(join(top, 'b', 'c'), { recursive: true })
    for (const name of ['z.jsonl', 'README.md', 'b/y.jsonl.gz', 'b/c/hazards.jsonl', 'b/hazards.jsonl.gz', 'b/not-hazards.jsonl'])
      writeFileSync(join(top, name), 'x')
    const { files, ignored } = findRecordings([top])
    expect(files.map(({ path }) => path)).toEqual(['b/not-hazards.jsonl', 'b/y.jsonl.gz', 'z.jsonl'].map((name) => join(top, name)))
    expect(ignored).toEqual(['b/c/hazards.jsonl', 'b/hazards.jsonl.gz'].map((name) => join(top, name)))
  })

  it('behind links are searched too, but never in a circle', () => {
    const top = folder()
    const other = folder()
    writeFileSync(join(other, 'x.jsonl'), 'x')
    symlinkSync(other, join(top, 'linked'))
    symlinkSync(top, join(top, 'circle'))
    expect(findRecordings([top]).files.map(({ path }) => path)).toEqual([join(top, 'linked', 'x.jsonl')])
  })

  it('without a recording are refused', () => {
    const top = folder()
    writeFileSync(join(top, 'hazards.jsonl'), 'x')
    expect(() => findRecordings([top])).toThrow('the folder holds no recording')
  })

  it('a file given by its own path is taken whatever its name', () => {
    const path = file([ioctlScript], 'hazards.jsonl')
    expect(findRecordings([path]).files.map((found) => found.path)).toEqual([path])
  })
})
