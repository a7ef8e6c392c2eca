import { sameAnswer } from './answer.ts'
import { accessHandlers } from './ioctl-access.ts'
import { arenaHandlers } from './ioctl-arena.ts'
import { coreHandlers } from './ioctl-core.ts'
import { dirtyHandlers } from './ioctl-dirty.ts'
import type { IoctlHandlers } from './ioctl-handlers.ts'
import { mockHandlers } from './ioctl-mock.ts'
import { vfioHandlers } from './ioctl-vfio.ts'
import { IoctlWorld, type Placement } from './ioctl-world.ts'
import { type Mismatch, type ScriptOutcome, thrown } from './mismatch.ts'
import type { AnswerValue, IoctlOperation, IoctlScript } from './recording.ts'

/** Every operation that a script may hold. */
export const ioctlHandlers: IoctlHandlers = {
  ...arenaHandlers,
  ...coreHandlers,
  ...mockHandlers,
  ...accessHandlers,
  ...dirtyHandlers,
  ...vfioHandlers,
}

const placements: readonly Placement[] = ['contiguous', 'scattered']

/** One operation that was run: what was recorded and what came. */
export interface IoctlStep {
  readonly operation: IoctlOperation
  readonly got: AnswerValue
  readonly same: boolean
}

/** An ioctl script that can be run one operation at a time; `world` may be inspected between them. */
export class IoctlReplay {
  readonly script: IoctlScript
  readonly world: IoctlWorld

  constructor(script: IoctlScript, placement: Placement) {
    this.script = script
    this.world = new IoctlWorld(script.arena, placement)
  }

  /** Runs the next operation; undefined after the last. Never throws: an exception that is no errno is the answer `{threw}`. */
  step(): IoctlStep | undefined {
    const operation = this.script.operations[this.world.operationsDone]
    if (operation === undefined) return undefined
    this.world.operationsDone++
    let got: AnswerValue
    try {
      got = ioctlHandlers[operation.op]!(this.world, operation)
    } catch (error) {
      got = thrown(error)
    }
    return { operation, got, same: sameAnswer(operation.expected, got) }
  }

  /** The process exits: all files close, and whatever is pinned or charged then has leaked. */
  finish(): AnswerValue {
    const { machine, process } = this.world
    try {
      process.exit()
      return { pins: machine.physical.pinnedTotal, charged: process.accounting.pinnedPages }
    } catch (error) {
      return thrown(error)
    }
  }
}

const nothingLeft: AnswerValue = { pins: 0, charged: 0 }

interface Difference {
  readonly got: AnswerValue
  readonly placements: Placement[]
}

function run(script: IoctlScript, placement: Placement, differences: Map<number, Difference>): void {
  const note = (operation: number, got: AnswerValue): void => {
    const before = differences.get(operation)
    if (before === undefined) differences.set(operation, { got, placements: [placement] })
    else before.placements.push(placement)
  }
  const replay = new IoctlReplay(script, placement)
  for (let number = 1, step = replay.step(); step !== undefined; number++, step = replay.step()) if (!step.same) note(number, step.got)
  const left = replay.finish()
  if (!sameAnswer(nothingLeft, left)) note(script.operations.length + 1, left)
}

/**
 * Runs the script twice, with contiguous and with scattered frames, each on a new machine, and compares every field of every answer.
 * An operation counts once; it is a mismatch when its answer differs with either kind of frames. Pins that are left when the process has
 * exited count as one more mismatch.
 */
export function replayIoctlScript(script: IoctlScript): ScriptOutcome {
  const differences = new Map<number, Difference>()
  for (const placement of placements) run(script, placement, differences)
  const mismatches = [...differences.entries()]
    .sort(([a], [b]) => a - b)
    .map(([number, difference]): Mismatch => {
      const operation = script.operations[number - 1]
      return {
        kind: script.kind,
        file: script.file,
        line: script.line,
        script: script.name,
        operation: number,
        op: operation?.op ?? 'exit',
        arguments: operation?.recordedArguments ?? {},
        expected: operation?.expected ?? nothingLeft,
        got: difference.got,
        when: `${difference.placements.join(' and ')} frames`,
      }
    })
  return { operations: script.operations.length, mismatches }
}
