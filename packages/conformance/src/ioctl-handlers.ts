import type { IoctlWorld } from './ioctl-world.ts'
import type { Answer, IoctlOperation } from './recording.ts'

/** Runs one operation of a script and tells what our code answered. It takes nothing from the recorded answer. */
export type IoctlHandler = (world: IoctlWorld, operation: IoctlOperation) => Answer
export type IoctlHandlers = Readonly<Record<string, IoctlHandler>>
