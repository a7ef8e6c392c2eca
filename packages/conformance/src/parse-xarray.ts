import { hex, plain } from './answer.ts'
import type { JsonObject, RecordedLine } from './recorded-line.ts'
import type { AnswerValue, XarrayOperation, XarrayScript } from './recording.ts'

/** `entry` may be none; `reservable` may be the reserved entry too. */
type ArgumentKind = 'index' | 'entry' | 'reservable' | 'mark' | 'filter' | 'order' | 'amount' | 'flavour' | 'actions' | 'steps'
type ResultKind = 'entry' | 'code' | 'outcome' | 'index' | 'number' | 'flag' | 'entries' | 'items'

interface XarrayFields {
  readonly arguments: readonly ArgumentKind[]
  readonly result: Readonly<Record<string, ResultKind>>
}

/** Every operation of an XArray script: what its arguments are in order, and what it answers. */
const xarrayFields: ReadonlyMap<string, XarrayFields> = new Map(
  Object.entries({
    new: { arguments: ['flavour'], result: {} },
    load: { arguments: ['index'], result: { entry: 'entry' } },
    erase: { arguments: ['index'], result: { old: 'entry' } },
    store: { arguments: ['index', 'entry'], result: { old: 'entry' } },
    cmpxchg: { arguments: ['index', 'reservable', 'entry'], result: { old: 'entry' } },
    insert: { arguments: ['index', 'reservable'], result: { rc: 'code' } },
    reserve: { arguments: ['index'], result: { rc: 'code' } },
    release: { arguments: ['index'], result: {} },
    alloc: { arguments: ['index', 'index', 'reservable'], result: { rc: 'code', id: 'number' } },
    alloc_cyclic: { arguments: ['index', 'index', 'index', 'reservable'], result: { rc: 'code', id: 'number', next: 'number' } },
    store_range: { arguments: ['index', 'index', 'entry'], result: { ret: 'outcome' } },
    get_order: { arguments: ['index'], result: { order: 'number' } },
    set_mark: { arguments: ['index', 'mark'], result: {} },
    clear_mark: { arguments: ['index', 'mark'], result: {} },
    get_mark: { arguments: ['index', 'mark'], result: { set: 'flag' } },
    marked: { arguments: ['mark'], result: { set: 'flag' } },
    find: { arguments: ['index', 'index', 'filter'], result: { entry: 'entry', index: 'index' } },
    find_after: { arguments: ['index', 'index', 'filter'], result: { entry: 'entry', index: 'index' } },
    for_each: { arguments: ['index', 'index', 'filter'], result: { list: 'items' } },
    extract: { arguments: ['index', 'index', 'amount', 'filter'], result: { list: 'entries' } },
    empty: { arguments: [], result: { empty: 'flag' } },
    destroy: { arguments: [], result: { empty: 'flag' } },
    xas_iter: { arguments: ['index', 'index', 'amount', 'actions'], result: { list: 'items' } },
    xas_iter_marked: { arguments: ['index', 'index', 'mark'], result: { list: 'items' } },
    xas_walk: { arguments: ['index', 'steps'], result: { list: 'items' } },
    xas_store_order: { arguments: ['index', 'order', 'entry'], result: { err: 'code' } },
    xas_conflict: { arguments: ['index', 'order'], result: { list: 'entries' } },
  } satisfies Record<string, XarrayFields>),
)

function parseArgument(line: RecordedLine, kind: ArgumentKind, value: unknown, where: string): bigint | number | string | null {
  switch (kind) {
    case 'index':
      return line.u64(value, where)
    case 'entry':
      return value === null ? null : line.integer(value, where)
    case 'reservable':
      return value === 'Z' ? 'RESERVED' : parseArgument(line, 'entry', value, where)
    case 'mark':
      return line.oneOf(value, where, ['0', '1', '2'])
    case 'filter':
      return line.oneOf(value, where, ['0', '1', '2', 'p'])
    case 'order':
      return line.integer(value, where, 63)
    case 'amount':
      return line.integer(value, where)
    case 'flavour':
      return line.oneOf(value, where, ['0', 'a', '1'])
    case 'actions':
    case 'steps':
      return parseLetters(line, value, where, kind)
  }
}

/** Walks are made of n and p, and must be. The actions of an iteration are told by the letters e and p; others mean nothing. */
function parseLetters(line: RecordedLine, value: unknown, where: string, kind: 'actions' | 'steps'): string {
  const text = line.string(value, where)
  if (kind === 'steps' && !/^[np]*$/.test(text)) line.fail(where, `expected a string of n and p, found "${text}"`)
  return text
}

/** A small integer, nothing, the reserved entry, or the errno of an error entry. */
function parseEntry(line: RecordedLine, value: unknown, where: string): AnswerValue {
  if (value === null) return null
  if (value === 'ZERO') return 'ZERO'
  return typeof value === 'string' && value.startsWith('E') ? line.errno(value, where) : line.integer(value, where)
}

function parseItem(line: RecordedLine, value: unknown, where: string): AnswerValue {
  const [index, entry] = line.pair(value, where)
  return [hex(line.u64(index, `${where}[0]`)), parseEntry(line, entry, `${where}[1]`)]
}

function parseResult(line: RecordedLine, kind: ResultKind, value: unknown, where: string): AnswerValue {
  switch (kind) {
    case 'entry':
      return parseEntry(line, value, where)
    case 'code':
      return value === 'WRAPPED' ? value : line.errno(value, where)
    case 'outcome':
      return value === null ? null : line.errno(value, where)
    case 'index':
      return hex(line.u64(value, where))
    case 'number':
      return plain(line.u64(value, where))
    case 'flag':
      return line.boolean(value, where)
    case 'entries':
      return line.array(value, where).map((entry, k) => parseEntry(line, entry, `${where}[${k}]`))
    case 'items':
      return line.array(value, where).map((item, k) => parseItem(line, item, `${where}[${k}]`))
  }
}

function parseOperation(line: RecordedLine, value: unknown, where: string): XarrayOperation {
  const recorded = line.object(value, where)
  line.requireFields(recorded, where, ['op', 'args', 'result'])
  line.onlyFields(recorded, where, ['op', 'args', 'result'])
  const op = line.string(recorded.op, `${where}.op`)
  const fields = xarrayFields.get(op)
  if (fields === undefined) line.fail(`${where}.op`, `unknown operation "${op}"`)
  const recordedArguments = line.array(recorded.args, `${where}.args`)
  if (recordedArguments.length !== fields.arguments.length)
    line.fail(`${where}.args`, `${op} takes ${fields.arguments.length} arguments, found ${recordedArguments.length}`)
  const result = line.object(recorded.result, `${where}.result`)
  line.onlyFields(result, `${where}.result`, Object.keys(fields.result))
  // Only an id may be absent: an allocation that failed has none.
  line.requireFields(
    result,
    `${where}.result`,
    Object.keys(fields.result).filter((field) => field !== 'id'),
  )
  const expected: Record<string, AnswerValue> = {}
  for (const [field, kind] of Object.entries(fields.result))
    if (Object.hasOwn(result, field)) expected[field] = parseResult(line, kind, result[field], `${where}.result.${field}`)
  return {
    op,
    arguments: fields.arguments.map((kind, k) => parseArgument(line, kind, recordedArguments[k], `${where}.args[${k}]`)),
    recordedArguments,
    expected,
  }
}

/** Reads the line of an XArray script. */
export function parseXarrayScript(line: RecordedLine, value: JsonObject): XarrayScript {
  line.onlyFields(value, '', ['name', 'seed', 'ops'])
  line.requireFields(value, '', ['name', 'ops'])
  const operations = line.array(value.ops, 'ops').map((op, k) => parseOperation(line, op, `ops[${k}]`))
  if (operations[0]?.op !== 'new') line.fail('ops[0]', 'the first operation must be "new"')
  return { kind: 'xarray', name: line.string(value.name, 'name'), file: line.file, line: line.line, operations }
}
