/**
 * `pnpm bench:profile <workload>`: a CPU profile of one phase in a fresh process, as one self-contained HTML file: flame graph, hottest
 * functions with their source lines, deoptimisations, share of garbage collection.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { workerFile } from './spawn.ts'
import type { Order } from './worker.ts'

interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}

export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export interface Frame {
  readonly name: string
  readonly place: string
  selfUs: number
  totalUs: number
  readonly children: Frame[]
}

export interface Hot {
  readonly name: string
  readonly place: string
  readonly selfUs: number
  readonly share: number
}

export interface ProfileSummary {
  readonly root: Frame
  readonly hottest: readonly Hot[]
  readonly gcShare: number
  readonly totalUs: number
  readonly deopts: readonly string[]
}

function placeOf(node: ProfileNode): string {
  const { url, lineNumber } = node.callFrame
  return url === '' ? '(native)' : `${url.replace(/^.*\/(packages|bench|node_modules)\//, '$1/')}:${lineNumber + 1}`
}

/** Folds a V8 profile into a tree of frames with self and total microseconds, and ranks functions by self time. */
export function summarise(profile: CpuProfile, deopts: readonly string[] = []): ProfileSummary {
  const frames = new Map<number, Frame>()
  for (const node of profile.nodes)
    frames.set(node.id, { name: node.callFrame.functionName || '(anonymous)', place: placeOf(node), selfUs: 0, totalUs: 0, children: [] })
  profile.samples.forEach((id, k) => {
    frames.get(id)!.selfUs += profile.timeDeltas[k] ?? 0
  })
  for (const node of profile.nodes) for (const child of node.children ?? []) frames.get(node.id)!.children.push(frames.get(child)!)
  const root = frames.get(profile.nodes[0]!.id)!
  const total = (frame: Frame): number => {
    frame.totalUs = frame.selfUs + frame.children.reduce((sum, child) => sum + total(child), 0)
    return frame.totalUs
  }
  const totalUs = total(root)
  const byFunction = new Map<string, { name: string; place: string; selfUs: number }>()
  for (const frame of frames.values()) {
    const key = `${frame.name} ${frame.place}`
    const entry = byFunction.get(key) ?? { name: frame.name, place: frame.place, selfUs: 0 }
    entry.selfUs += frame.selfUs
    byFunction.set(key, entry)
  }
  const idle = byFunction.get('(idle) (native)')?.selfUs ?? 0
  const busyUs = Math.max(1, totalUs - idle)
  const hottest = [...byFunction.values()]
    .filter((entry) => entry.name !== '(idle)' && entry.selfUs > 0)
    .sort((a, b) => b.selfUs - a.selfUs)
    .slice(0, 20)
    .map((entry) => ({ ...entry, share: entry.selfUs / busyUs }))
  const gcUs = byFunction.get('(garbage collector) (native)')?.selfUs ?? 0
  return { root, hottest, gcShare: gcUs / busyUs, totalUs: busyUs, deopts }
}

/** Runs the phase `repeats` times under V8's profiler (100 us sampling) and collects deoptimisations of our own code. */
export function profilePhase(scenario: string, phase: string, repeats: number): ProfileSummary {
  const folder = mkdtempSync(join(tmpdir(), 'iommukit-profile-'))
  try {
    const order: Order = { scenario, contender: 'ours', phases: [phase], mode: 'loop', repeats }
    const args = ['--cpu-prof', '--cpu-prof-interval=100', `--cpu-prof-dir=${folder}`, '--trace-deopt', workerFile, JSON.stringify(order)]
    const out = execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
    const file = readdirSync(folder).find((name) => name.endsWith('.cpuprofile'))!
    const deopts = out
      .split('\n')
      .filter((line) => line.includes('bailout (kind') || line.includes('reason:'))
      .map((line) => line.replace(/0x[0-9a-f]+/g, '').trim())
    return summarise(JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile, deopts)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
