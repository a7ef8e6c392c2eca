import { digest64, hex } from './answer.ts'
import type { JsonObject, RecordedLine } from './recorded-line.ts'
import type { Answer, IovaBitmapScript } from './recording.ts'

const fields = ['iova', 'length', 'page_size', 'offset', 'pages', 'set', 'result'] as const

function parseExpected(line: RecordedLine, value: unknown): Answer {
  const result = line.object(value, 'result')
  const answers = ['for_each', 'bits', 'fnv1a64', 'pins']
  line.requireFields(result, 'result', answers)
  line.onlyFields(result, 'result', answers)
  return {
    for_each: line.pair(result.for_each, 'result.for_each').map((x, k) => hex(line.u64(x, `result.for_each[${k}]`))),
    bits: line.array(result.bits, 'result.bits').map((range, k) => {
      const where = `result.bits[${k}]`
      return line.pair(range, where).map((bit) => line.integer(bit, where))
    }),
    fnv1a64: digest64(line.u64(result.fnv1a64, 'result.fnv1a64')),
    pins: line.integer(result.pins, 'result.pins'),
  }
}

/** Reads the line of a bitmap script: one bitmap, its sets, and what is in memory afterwards. */
export function parseIovaBitmapScript(line: RecordedLine, value: JsonObject): IovaBitmapScript {
  line.onlyFields(value, '', ['name', 'seed', ...fields])
  line.requireFields(value, '', ['name', ...fields])
  const { name: _name, seed: _seed, set: _set, result: _result, ...recordedArguments } = value
  const npages = line.integer(value.pages, 'pages', 2 ** 18)
  if (npages === 0) line.fail('pages', 'expected at least 1 page')
  return {
    kind: 'iova-bitmap',
    name: line.string(value.name, 'name'),
    file: line.file,
    line: line.line,
    iova: line.u64(value.iova, 'iova'),
    length: line.u64(value.length, 'length'),
    pageSize: line.u64(value.page_size, 'page_size'),
    byteOffset: line.integer(value.offset, 'offset', 4095),
    npages,
    sets: line.array(value.set, 'set').map((set, k) => {
      const [iova, length] = line.pair(set, `set[${k}]`)
      return { iova: line.u64(iova, `set[${k}][0]`), length: line.u64(length, `set[${k}][1]`) }
    }),
    recordedArguments: { ...recordedArguments, set: value.set },
    expected: parseExpected(line, value.result),
  }
}
