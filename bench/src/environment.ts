/** The first line of every data file: where the numbers come from. */
import { execFileSync } from 'node:child_process'
import { cpus, loadavg, totalmem } from 'node:os'
import { calibrate, type MachineCalibration, machineFactor } from './calibrate.ts'

export interface Environment {
  readonly kind: 'environment'
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly node: string
  readonly v8: string
  readonly platform: string
  /** One-minute load average when the run began; above the number of cores, times are not to be trusted. */
  readonly load: number
  readonly revision: string
  readonly dirty: boolean
  readonly calibration: MachineCalibration
  readonly machineFactor: number
}

function git(...args: string[]): string {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}

export function describeEnvironment(): Environment {
  const calibration = calibrate()
  return {
    kind: 'environment',
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
    revision: git('rev-parse', '--short=12', 'HEAD') || 'unknown',
    dirty: git('status', '--porcelain', '--untracked-files=no') !== '',
    calibration,
    machineFactor: Number(machineFactor(calibration).toFixed(4)),
  }
}
