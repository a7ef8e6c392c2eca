import { digest64, hex, plain } from './answer.ts'
import { type ArgumentKind, type IoctlFields, ioctlFields, type ResultKind } from './ioctl-fields.ts'
import type { JsonObject, RecordedLine } from './recorded-line.ts'
import type { Answer, AnswerValue, Arena, BitRange, IoctlArgument, IoctlOperation, IoctlScript, IoctlValue } from './recording.ts'

/** Where the arena lies in the calling program's memory. */
export const arenaBase = 0x1_0000_0000n

/** Reads a sum of numbers, arena addresses "@number" and at most one saved "$name", for instance "$m3+0x800". */
function parseValue(line: RecordedLine, value: unknown, where: string): IoctlValue {
  if (typeof value !== 'string' || !/[$@+]/.test(value)) return { name: undefined, plus: line.u64(value, where) }
  let name: string | undefined
  let plus = 0n
  for (const term of value.split('+')) {
    if (!term.startsWith('$')) plus += term.startsWith('@') ? arenaBase + line.u64(term.slice(1), where) : line.u64(term, where)
    else if (name === undefined && term.length > 1) name = term.slice(1)
    else line.fail(where, `expected a number, "$name" or "@number", or a sum of them with one name, found "${value}"`)
  }
  return { name, plus }
}

function parseBits(line: RecordedLine, value: unknown, where: string): readonly BitRange[] {
  const text = line.string(value, where)
  if (text === '') return []
  return text.split(',').map((part): BitRange => {
    const [first, last = first, ...rest] = part.split('-')
    const range: BitRange = [line.integer(first, where), line.integer(last, where)]
    if (rest.length > 0 || range[0] > range[1]) line.fail(where, `"${part}" is no range of bits`)
    return range
  })
}

function parsePairs(line: RecordedLine, value: unknown, where: string): readonly (readonly [IoctlValue, IoctlValue])[] {
  const text = line.string(value, where)
  if (text === '') return []
  return text.split(',').map((part) => {
    const [a, b, ...rest] = part.split('-')
    if (b === undefined || rest.length > 0) line.fail(where, `"${part}" is no pair "a-b"`)
    return [parseValue(line, a, where), parseValue(line, b, where)] as const
  })
}

function parseArgument(line: RecordedLine, kind: ArgumentKind, value: unknown, where: string): IoctlArgument {
  switch (kind) {
    case 'value':
      return parseValue(line, value, where)
    case 'name':
      return line.string(value, where)
    case 'bits':
      return parseBits(line, value, where)
    case 'pairs':
      return parsePairs(line, value, where)
    case 'protection':
      return line.oneOf(value, where, ['none', 'r', 'rw'])
    case 'arena':
      return line.oneOf(value, where, ['shared', 'hugetlb'])
  }
}

function parseCapability(line: RecordedLine, value: unknown, where: string): Answer {
  const cap = line.object(value, where)
  line.onlyFields(cap, where, ['id', 'version', 'next', 'avail', 'ranges'])
  const parsed: Record<string, AnswerValue> = {}
  for (const [field, found] of Object.entries(cap))
    parsed[field] = parseResult(line, field === 'ranges' ? 'ranges' : 'number', found, `${where}.${field}`)
  return parsed
}

function parsePinCount(line: RecordedLine, value: unknown, where: string): number {
  return value === -1 ? -1 : line.integer(value, where)
}

function parseResult(line: RecordedLine, kind: ResultKind, value: unknown, where: string): AnswerValue {
  switch (kind) {
    case 'hex':
      return hex(line.u64(value, where))
    case 'number':
      return plain(line.u64(value, where))
    case 'digest':
      return digest64(line.u64(value, where))
    case 'text':
      return line.string(value, where)
    case 'flag':
      return line.boolean(value, where)
    case 'ranges':
      return line.array(value, where).map((range, k) => line.pair(range, `${where}[${k}]`).map((x) => hex(line.u64(x, `${where}[${k}]`))))
    case 'bits':
      return line.array(value, where).map((range, k) => line.pair(range, `${where}[${k}]`).map((x) => line.integer(x, `${where}[${k}]`)))
    case 'pins':
      return line.array(value, where).map((x, k) => parsePinCount(line, x, `${where}[${k}]`))
    case 'caps':
      return line.array(value, where).map((cap, k) => parseCapability(line, cap, `${where}[${k}]`))
  }
}

function parseExpected(line: RecordedLine, fields: IoctlFields, value: unknown, where: string): Answer {
  const result = line.object(value, where)
  line.requireFields(result, where, ['errno'])
  line.onlyFields(result, where, ['errno', ...Object.keys(fields.result)])
  const expected: Record<string, AnswerValue> = { errno: line.errno(result.errno, `${where}.errno`) }
  for (const [field, kind] of Object.entries(fields.result))
    if (Object.hasOwn(result, field)) expected[field] = parseResult(line, kind, result[field], `${where}.${field}`)
  return expected
}

function parseOperation(line: RecordedLine, value: unknown, where: string): IoctlOperation {
  const recorded = line.object(value, where)
  line.requireFields(recorded, where, ['op', 'result'])
  const op = line.string(recorded.op, `${where}.op`)
  const fields = ioctlFields.get(op)
  if (fields === undefined) line.fail(`${where}.op`, `unknown operation "${op}"`)
  const { op: _op, result, ...recordedArguments } = recorded
  line.onlyFields(recordedArguments, `${where} (${op})`, [...Object.keys(fields.arguments), ...(fields.mayReserve ? ['reserved'] : [])])
  line.requireFields(recordedArguments, `${where} (${op})`, fields.required ?? [])
  const parsed: Record<string, IoctlArgument> = {}
  for (const [name, found] of Object.entries(recordedArguments))
    parsed[name] = parseArgument(line, fields.arguments[name] ?? 'value', found, `${where}.${name}`)
  return { op, recordedArguments, arguments: parsed, expected: parseExpected(line, fields, result, `${where}.result`) }
}

function parseArena(line: RecordedLine, value: JsonObject, where: string): Arena {
  const kind = line.oneOf(value.kind, `${where}.kind`, ['shared', 'hugetlb'])
  const npages = line.integer(value.pages, `${where}.pages`, 2 ** 20)
  if (npages === 0) line.fail(`${where}.pages`, 'expected at least 1 page')
  if (kind === 'hugetlb' && npages % 512 !== 0) line.fail(`${where}.pages`, `${npages} pages are no whole number of 2 MiB pages (512 each)`)
  return { kind, npages }
}

/** Reads the line of an ioctl script. A leading `arena` operation replaces the header's arena, and stays an operation. */
export function parseIoctlScript(line: RecordedLine, value: JsonObject): IoctlScript {
  line.onlyFields(value, '', ['name', 'seed', 'arena', 'ops'])
  line.requireFields(value, '', ['name', 'arena', 'ops'])
  const name = line.string(value.name, 'name')
  const header = line.object(value.arena, 'arena')
  line.onlyFields(header, 'arena', ['kind', 'pages'])
  let arena = parseArena(line, header, 'arena')
  const operations = line.array(value.ops, 'ops').map((op, k) => parseOperation(line, op, `ops[${k}]`))
  for (const [k, { op, recordedArguments }] of operations.entries()) {
    if (op !== 'arena') continue
    if (k > 0) line.fail(`ops[${k}]`, '"arena" may only be the first operation')
    arena = parseArena(line, recordedArguments, 'ops[0]')
  }
  return { kind: 'ioctl', name, file: line.file, line: line.line, arena, operations }
}
