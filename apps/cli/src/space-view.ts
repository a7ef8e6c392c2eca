import { cellsPerRow, type SpaceLayout } from './space-layout.ts'
import type { AreaView, IoasView, Snapshot } from './space-snapshot.ts'

/** How the picture is painted: `pages` gives a colour to a set of pages by its number. Without colours all of them leave text alone. */
export interface Paint {
  pages(text: string, which: number, held: boolean): string
  reserved(text: string): string
  hole(text: string): string
  pins(text: string, amount: number): string
  title(text: string): string
  dim(text: string): string
  good(text: string): string
  bad(text: string): string
}

const plainText = (text: string): string => text

/** Text alone. */
export const noPaint: Paint = {
  pages: plainText,
  reserved: plainText,
  hole: plainText,
  pins: plainText,
  title: plainText,
  dim: plainText,
  good: plainText,
  bad: plainText,
}

const backgrounds = [39, 208, 41, 170, 220, 69, 203, 114, 141, 180, 44, 211]
const sgr = (codes: string, text: string): string => `\x1b[${codes}m${text}\x1b[0m`

/** For terminals with 256 colours. */
export const colours: Paint = {
  pages: (text, which, held) => sgr(`${held ? '1;4;' : ''}38;5;16;48;5;${backgrounds[which % backgrounds.length]}`, text),
  reserved: (text) => sgr('38;5;240', text),
  hole: (text) => sgr('38;5;238', text),
  pins: (text, amount) => (amount < 0 ? sgr('38;5;167', text) : amount === 0 ? sgr('38;5;238', text) : sgr('38;5;114', text)),
  title: (text) => sgr('1', text),
  dim: (text) => sgr('38;5;245', text),
  good: (text) => sgr('38;5;114', text),
  bad: (text) => sgr('38;5;215', text),
}

/** What is said about the step beside the picture. */
export interface Caption {
  readonly script: string
  readonly step: number
  readonly steps: number
  readonly operation: string
  readonly answer: string
}

const width = 78
const labelWidth = 13

function fitted(text: string, columns: number): string {
  return text.length > columns ? `${text.slice(0, columns - 1)}…` : text.padEnd(columns)
}

/** Bytes as people write them. */
export function byteText(bytes: bigint): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']
  let unit = 0
  let left = bytes
  while (left >= 1024n && left % 1024n === 0n && unit < units.length - 1) {
    left /= 1024n
    unit++
  }
  return `${left} ${units[unit]}`
}

/** Gives each set of pages a number, and so a letter and a colour, by the order in which they appear. */
export class PagesNames {
  readonly #numbers = new Map<object, number>()

  numberOf(pages: object | undefined): number {
    if (pages === undefined) return 25
    let number = this.#numbers.get(pages)
    if (number === undefined) this.#numbers.set(pages, (number = this.#numbers.size))
    return number
  }
}

function letter(area: AreaView, number: number): string {
  const small = String.fromCharCode(97 + (number % 26))
  return area.writable ? small.toUpperCase() : small
}

function cellText(space: IoasView, first: bigint, last: bigint, names: PagesNames, paint: Paint): string {
  const inside = space.areas.filter((area) => area.start <= last && first <= area.last)
  if (inside.length > 0) {
    const number = names.numberOf(inside[0]!.pages)
    return paint.pages(inside.length > 1 ? '+' : letter(inside[0]!, number), number, inside[0]!.held)
  }
  return space.usable.some((range) => range.start <= last && first <= range.last) ? paint.hole('·') : paint.reserved('░')
}

function spaceRows(space: IoasView | undefined, layout: SpaceLayout, names: PagesNames, paint: Paint): string[] {
  return layout.rows.map((row) => {
    let line = ''
    for (let cell = 0n; cell < BigInt(cellsPerRow); cell++) {
      const first = (row * BigInt(cellsPerRow) + cell) << layout.cellShift
      const last = first + (1n << layout.cellShift) - 1n
      line += space === undefined ? ' ' : cellText(space, first, last, names, paint)
    }
    const start = `0x${((row * BigInt(cellsPerRow)) << layout.cellShift).toString(16)}`
    return ` ${paint.dim(start.padStart(labelWidth - 2))} ${line}`
  })
}

const pinRowsMax = 4

function pinText(pins: Int32Array, from: number, upTo: number): { text: string; amount: number } {
  let most = 0
  let unreachable = false
  for (let page = from; page < Math.min(upTo, pins.length); page++) {
    if (pins[page]! < 0) unreachable = true
    else most = Math.max(most, pins[page]!)
  }
  if (most > 0) return { text: most > 9 ? '+' : String(most), amount: most }
  return unreachable ? { text: 'x', amount: -1 } : { text: '·', amount: 0 }
}

function pagesPerCell(npages: number): number {
  return Math.max(1, 2 ** Math.ceil(Math.log2(npages / (cellsPerRow * pinRowsMax))))
}

function pinRows({ pins }: Snapshot, paint: Paint): string[] {
  const perCell = pagesPerCell(pins.length)
  const rows: string[] = []
  for (let first = 0; first < pins.length; first += cellsPerRow * perCell) {
    let line = ''
    for (let page = first; page < Math.min(first + cellsPerRow * perCell, pins.length); page += perCell) {
      const { text, amount } = pinText(pins, page, page + perCell)
      line += paint.pins(text, amount)
    }
    rows.push(` ${paint.dim(`page ${first}`.padStart(labelWidth - 2))} ${line}`)
  }
  return rows
}

function plural(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`
}

function spaceTitle(space: IoasView | undefined, layout: SpaceLayout, snapshot: Snapshot): string {
  if (space === undefined) return `IOAS ${layout.ioasId} is not there`
  const others = snapshot.spaces.length - 1
  const facts = [
    plural(space.areas.length, 'area'),
    plural(space.pageTables, 'page table'),
    plural(space.accesses, 'access', 'accesses'),
    `alignment ${space.alignment}`,
    ...(others > 0 ? [`${others} more IOAS`] : []),
  ]
  return `IOAS ${space.id}: ${facts.join(', ')}`
}

/**
 * The picture of one moment, at most 24 lines of at most 80 columns: the operation and its answer, the IOVA space with areas, holes and reserved
 * ranges, and the pins on each page of the user's memory.
 */
export function drawSpace(snapshot: Snapshot, layout: SpaceLayout, caption: Caption, names: PagesNames, paint: Paint): string[] {
  const space = snapshot.spaces.find(({ id }) => id === layout.ioasId)
  const position = `operation ${String(caption.step).padStart(String(caption.steps).length)} of ${caption.steps}`
  const answer = fitted(`→ ${caption.answer}`, 14).trimEnd()
  const perCell = pagesPerCell(snapshot.pins.length)
  return [
    ` ${paint.title(fitted(caption.script, width - position.length - 1))} ${paint.dim(position)}`,
    ` ${fitted(caption.operation, width - answer.length - 1)} ${caption.answer.startsWith('OK') ? paint.good(answer) : paint.bad(answer)}`,
    '',
    ` ${paint.title(fitted(spaceTitle(space, layout, snapshot), width - 24))}${paint.dim(`a cell is ${byteText(1n << layout.cellShift)}`.padStart(24))}`,
    ...spaceRows(space, layout, names, paint),
    '',
    ` ${paint.title(fitted(`User memory: ${plural(snapshot.pinnedTotal, 'pin')}`, width - 24))}${paint.dim(
      (perCell === 1 ? 'a cell is a page' : `a cell is ${perCell} pages`).padStart(24),
    )}`,
    ...pinRows(snapshot, paint),
    '',
    ` ${paint.dim('A same letter, same pages; capital: writable, small: read-only; + several')}`,
    ` ${paint.dim('· hole, or no pin   ░ reserved   1-9 pins on the page   x out of reach')}`,
  ]
}
