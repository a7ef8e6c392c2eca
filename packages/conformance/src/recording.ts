/** The kinds of script; each is recognised by the fields of its line, wherever the file lies. */
export type RecordingKind = 'ioctl' | 'interval-tree-span' | 'xarray' | 'iova-bitmap'

/** What every script has. `line` counts from 1. */
export interface ScriptHeader {
  readonly kind: RecordingKind
  readonly name: string
  readonly file: string
  readonly line: number
}

/** An argument of an ioctl operation: a number, or the value saved under `name` plus a number. Sums wrap at 2^64. */
export interface IoctlValue {
  readonly name: string | undefined
  readonly plus: bigint
}

/** An inclusive range of bit numbers. */
export type BitRange = readonly [first: number, last: number]

/** Everything that an argument of an ioctl operation can be, once read. */
export type IoctlArgument = IoctlValue | string | readonly BitRange[] | readonly (readonly [IoctlValue, IoctlValue])[]

/** An answer in the one form in which answers are compared: u64 fields as `0x…`, small numbers as numbers. */
export type Answer = { readonly [field: string]: AnswerValue }
export type AnswerValue = string | number | boolean | null | readonly AnswerValue[] | Answer

/** One operation of an ioctl script. */
export interface IoctlOperation {
  readonly op: string
  /** The arguments as they stand in the file, for reports. */
  readonly recordedArguments: Readonly<Record<string, unknown>>
  readonly arguments: Readonly<Record<string, IoctlArgument>>
  readonly expected: Answer
}

/** The user memory that a script starts with: `npages` pages of 4096 bytes. */
export interface Arena {
  readonly kind: 'shared' | 'hugetlb'
  readonly npages: number
}

/** A script of ioctls on one `/dev/iommu`. */
export interface IoctlScript extends ScriptHeader {
  readonly kind: 'ioctl'
  readonly arena: Arena
  readonly operations: readonly IoctlOperation[]
}

/** A change to one of the two trees, made before the queries. `id` counts the intervals added to that tree, from 0. */
export type TreeChange =
  | { readonly change: 'add'; readonly tree: 0 | 1; readonly start: bigint; readonly last: bigint }
  | { readonly change: 'del'; readonly tree: 0 | 1; readonly id: number }

/** A question asked of the trees. `steps` of a walk: `next`, or the index to advance to. */
export interface TreeQuery {
  readonly query: 'nodes' | 'span' | 'walk' | 'dspan'
  readonly first: bigint
  readonly last: bigint
  readonly steps: readonly ('next' | bigint)[]
  readonly recordedArguments: Readonly<Record<string, unknown>>
  readonly expected: AnswerValue
}

/** Intervals in one or two trees, then questions. */
export interface IntervalTreeScript extends ScriptHeader {
  readonly kind: 'interval-tree-span'
  readonly build: readonly TreeChange[]
  readonly queries: readonly TreeQuery[]
}

/** One operation of an XArray script; what each argument is follows from `op`. */
export interface XarrayOperation {
  readonly op: string
  readonly arguments: readonly (bigint | number | string | null)[]
  readonly recordedArguments: readonly unknown[]
  readonly expected: Answer
}

/** One array and its operations; the first makes it. */
export interface XarrayScript extends ScriptHeader {
  readonly kind: 'xarray'
  readonly operations: readonly XarrayOperation[]
}

/** One bitmap over user pages and the sets made in it. */
export interface IovaBitmapScript extends ScriptHeader {
  readonly kind: 'iova-bitmap'
  readonly iova: bigint
  readonly length: bigint
  readonly pageSize: bigint
  /** Byte of the first page where the bitmap begins, 0 .. 4095. */
  readonly byteOffset: number
  readonly npages: number
  readonly sets: readonly { readonly iova: bigint; readonly length: bigint }[]
  readonly recordedArguments: Readonly<Record<string, unknown>>
  readonly expected: Answer
}

export type Script = IoctlScript | IntervalTreeScript | XarrayScript | IovaBitmapScript
