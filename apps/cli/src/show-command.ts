import {
  bundledRecordings,
  findRecordings,
  IoctlReplay,
  type IoctlScript,
  type IoctlStep,
  RecordingError,
  readRecording,
} from '@iommukit/conformance'
import { LayoutPlan, type SpaceLayout } from './space-layout.ts'
import { snapshot } from './space-snapshot.ts'
import { colours, drawSpace, noPaint, PagesNames, type Paint } from './space-view.ts'
import { exitCode, type Output, type Streams } from './streams.ts'

/** The script that is shown when none is asked for. */
export const defaultScript = 'random/domain/1016'

const arenaBase = 0x1_0000_0000n
/** How long the whole film takes, and what a picture takes at least and at most. */
const filmMs = 9000
const pictureMs: readonly [number, number] = [40, 300]

/** Where pictures go, and how time passes. */
export interface Screen {
  readonly output: Output
  /** Draw each step in place; otherwise only the last picture. */
  readonly animated: boolean
  readonly paint: Paint
  /** Resolves after `ms`, to false when the rest is to be skipped. */
  wait(ms: number): Promise<boolean>
}

async function findScript(name: string, paths: readonly string[]): Promise<IoctlScript | undefined> {
  for (const { path } of findRecordings(paths.length > 0 ? paths : [bundledRecordings]).files) {
    for await (const { script } of readRecording(path)) if (script.kind === 'ioctl' && script.name === name) return script
  }
  return undefined
}

function argumentText(step: IoctlStep): string {
  const { op, recordedArguments } = step.operation
  const given = Object.entries(recordedArguments).map(
    ([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
  )
  return `${op} ${given.join(' ')}`
}

function answerText(step: IoctlStep): string {
  const errno = (step.got as { errno?: unknown }).errno
  return `${typeof errno === 'string' ? errno : 'bug'}${step.same ? '' : ' (differs)'}`
}

/** Runs the script once without drawing, to see which rows its pictures need. */
function planLayout(script: IoctlScript): SpaceLayout {
  const plan = new LayoutPlan()
  const replay = new IoctlReplay(script, 'scattered')
  const arena = { base: arenaBase, npages: 0 }
  while (replay.step() !== undefined) plan.note(snapshot(replay.world, arena).spaces)
  replay.finish()
  return plan.layout()
}

/** Runs the script and draws what it does to the IOVA space that it uses most. */
export async function showScript(script: IoctlScript, screen: Screen): Promise<void> {
  const layout = planLayout(script)
  const names = new PagesNames()
  const replay = new IoctlReplay(script, 'scattered')
  const arena = { base: arenaBase, npages: script.arena.npages }
  const steps = script.operations.length
  const ms = Math.min(Math.max(filmMs / steps, pictureMs[0]), pictureMs[1])
  let moving = screen.animated
  let drawn = 0
  const draw = (step: IoctlStep, number: number): void => {
    const caption = { script: script.name, step: number, steps, operation: argumentText(step), answer: answerText(step) }
    const lines = drawSpace(snapshot(replay.world, arena), layout, caption, names, screen.paint)
    screen.output.write(drawn === 0 ? `${lines.join('\n')}\n` : `\x1b[${drawn}A${lines.map((line) => `\x1b[2K${line}`).join('\n')}\n`)
    drawn = lines.length
  }
  for (let number = 1, step = replay.step(); step !== undefined; number++, step = replay.step()) {
    if (!moving && number < steps) continue
    draw(step, number)
    if (number < steps) moving = await screen.wait(ms)
  }
  replay.finish()
}

/** A terminal that knows how to move the cursor. */
function isCapable(output: Output): boolean {
  return output.isTTY === true && process.env.TERM !== 'dumb'
}

/** Whether there is room to draw over the same lines again. */
function fits(output: Output): boolean {
  return isCapable(output) && (output.columns ?? 0) >= 80 && (output.rows ?? 0) >= 25
}

/** A real terminal: a key skips to the last picture, Ctrl-C ends the program with the cursor shown again. */
async function onTerminal<T>(output: Output, work: (screen: Screen) => Promise<T>): Promise<T> {
  const animated = fits(output)
  const paint = isCapable(output) && process.env.NO_COLOR === undefined ? colours : noPaint
  if (!animated) return work({ output, animated, paint, wait: async () => false })
  const { stdin } = process
  let skipped = false
  let wake = (): void => {}
  const leave = (): void => {
    output.write('\x1b[?25h')
    if (stdin.isTTY) stdin.setRawMode(false)
    stdin.pause()
  }
  const onKey = (key: Buffer): void => {
    if (key.includes(3)) {
      leave()
      process.exit(130)
    }
    skipped = true
    wake()
  }
  const wait = (ms: number): Promise<boolean> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve(!skipped), ms)
      wake = () => {
        clearTimeout(timer)
        resolve(false)
      }
    })
  output.write('\x1b[?25l')
  if (stdin.isTTY) stdin.setRawMode(true).resume().on('data', onKey)
  const onInterrupt = (): void => {
    leave()
    process.exit(130)
  }
  process.once('SIGINT', onInterrupt)
  try {
    return await work({ output, animated, paint, wait })
  } finally {
    process.off('SIGINT', onInterrupt)
    stdin.off('data', onKey)
    leave()
  }
}

/** `iommukit show`. Returns the exit code. */
export async function showCommand(name: string | undefined, paths: readonly string[], streams: Streams): Promise<number> {
  try {
    const script = await findScript(name ?? defaultScript, paths)
    if (script === undefined) {
      streams.stderr.write(
        `error: no ioctl script is called ${name ?? defaultScript} in ${paths.length > 0 ? paths.join(', ') : 'the bundled recordings'}\n`,
      )
      return exitCode.refused
    }
    await onTerminal(streams.stdout, (screen) => showScript(script, screen))
    return exitCode.same
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error
    streams.stderr.write(`error: ${error.message}\n`)
    return exitCode.refused
  }
}
