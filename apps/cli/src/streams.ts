/** Where a command writes. Node's standard streams fit; tests give their own. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

export interface Streams {
  /** What was asked for. */
  readonly stdout: Output
  /** Progress, notes and errors. */
  readonly stderr: Output
}

/** Exit codes of every command. */
export const exitCode = {
  /** Everything asked for was done, and every answer was the recorded one. */
  same: 0,
  /** An answer differed from the recorded one. */
  mismatch: 1,
  /** The command line is wrong, or a file cannot be read or written. */
  refused: 2,
} as const
