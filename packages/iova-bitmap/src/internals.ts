import type { Geometry } from './geometry.ts'
import type { BitWindow } from './window.ts'

/** The parts of a bitmap, for this package's own modules. */
export interface Internals {
  readonly geometry: Geometry
  readonly window: BitWindow
}
