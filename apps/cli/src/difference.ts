import type { AnswerValue } from '@iommukit/conformance'

function isObject(value: AnswerValue | undefined): value is Record<string, AnswerValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Path of the first place where two answers differ, such as `ranges[2][1]`; '' when they differ as a whole.
 * A field that only one of them has differs.
 */
export function firstDifference(expected: AnswerValue | undefined, got: AnswerValue | undefined): string {
  if (Array.isArray(expected) && Array.isArray(got)) {
    for (let k = 0; k < Math.max(expected.length, got.length); k++) {
      if (JSON.stringify(expected[k]) === JSON.stringify(got[k])) continue
      return `[${k}]${below(expected[k], got[k])}`
    }
  }
  if (isObject(expected) && isObject(got)) {
    for (const field of new Set([...Object.keys(expected), ...Object.keys(got)])) {
      if (JSON.stringify(expected[field]) === JSON.stringify(got[field])) continue
      return `${field}${below(expected[field], got[field])}`
    }
  }
  return ''
}

function below(expected: AnswerValue | undefined, got: AnswerValue | undefined): string {
  const path = firstDifference(expected, got)
  return path === '' || path.startsWith('[') ? path : `.${path}`
}
