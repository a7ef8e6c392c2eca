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
/** Colour of a number of pins. */
const heat = [238, 114, 150, 186, 222, 222, 215, 215, 215, 215]
const hottest = 203
const sgr = (codes: string, text: string): string => `\x1b[${codes}m${text}\x1b[0m`

/** For terminals with 256 colours. */
export const colours: Paint = {
  pages: (text, which, held) => sgr(`${held ? '1;4;' : ''}38;5;16;48;5;${backgrounds[which % backgrounds.length]}`, text),
  reserved: (text) => sgr('38;5;240', text),
  hole: (text) => sgr('38;5;238', text),
  pins: (text, amount) => sgr(`38;5;${amount < 0 ? 167 : (heat[amount] ?? hottest)}`, text),
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
const labelWidthMin = 11
/** A label of more than this takes the place of the margin, so that the line keeps to 80 columns. */
const labelWidthWithMargin = 14

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

/** One cell of a row; neighbours with the same key are painted in one go, which keeps pictures small on slow lines. */
interface Cell {
  readonly text: string
  readonly key: string
  readonly paint: (text: string) => string
}

function painted(cells: readonly Cell[]): string {
  let line = ''
  for (let from = 0; from < cells.length; ) {
    let upTo = from
    let text = ''
    while (upTo < cells.length && cells[upTo]!.key === cells[from]!.key) text += cells[upTo++]!.text
    line += cells[from]!.paint(text)
    from = upTo
  }
  return line
}

function letter(area: AreaView, number: number): string {
  const small = String.fromCharCode(97 + (number % 26))
  return area.writable ? small.toUpperCase() : small
}

function spaceCell(space: IoasView, first: bigint, last: bigint, names: PagesNames, paint: Paint): Cell {
  const inside = space.areas.filter((area) => area.start <= last && first <= area.last)
  const area = inside[0]
  if (area !== undefined) {
    const number = names.numberOf(area.pages)
    const text = inside.length > 1 ? '+' : letter(area, number)
    return { text, key: `${number} ${area.held}`, paint: (cells) => paint.pages(cells, number, area.held) }
  }
  const isUsable = space.usable.some((range) => range.start <= last && first <= range.last)
  return isUsable ? { text: '·', key: 'hole', paint: paint.hole } : { text: '░', key: 'reserved', paint: paint.reserved }
}

/** Where a row begins. All rows begin at multiples of 2^17, so that long addresses can do without their last four zeros. */
function rowLabel(row: bigint, layout: SpaceLayout): string {
  const address = `0x${((row * BigInt(cellsPerRow)) << layout.cellShift).toString(16)}`
  return address.length > labelWidthMin ? address.replace(/0000$/, '…') : address
}

function labelled(label: string, labelWidth: number, cells: string, paint: Paint): string {
  return `${labelWidth <= labelWidthWithMargin ? ' ' : ''}${paint.dim(label.padStart(labelWidth))} ${cells}`
}

function spaceRow(space: IoasView | undefined, row: bigint, layout: SpaceLayout, names: PagesNames, paint: Paint): string {
  if (space === undefined) return ''
  const cells: Cell[] = []
  for (let cell = 0n; cell < BigInt(cellsPerRow); cell++) {
    const first = (row * BigInt(cellsPerRow) + cell) << layout.cellShift
    cells.push(spaceCell(space, first, first + (1n << layout.cellShift) - 1n, names, paint))
  }
  return painted(cells)
}

const pinRowsMax = 4

function pinCell(pins: Int32Array, from: number, upTo: number, paint: Paint): Cell {
  let most = 0
  let unreachable = false
  for (let page = from; page < Math.min(upTo, pins.length); page++) {
    if (pins[page]! < 0) unreachable = true
    else most = Math.max(most, pins[page]!)
  }
  const amount = most > 0 || !unreachable ? most : -1
  const text = amount < 0 ? 'x' : amount === 0 ? '·' : amount > 9 ? '+' : String(amount)
  return { text, key: text, paint: (cells) => paint.pins(cells, amount) }
}

function pagesPerCell(npages: number): number {
  return Math.max(1, 2 ** Math.ceil(Math.log2(npages / (cellsPerRow * pinRowsMax))))
}

function pinRows({ pins }: Snapshot, labelWidth: number, paint: Paint): string[] {
  const perCell = pagesPerCell(pins.length)
  const rows: string[] = []
  for (let first = 0; first < pins.length; first += cellsPerRow * perCell) {
    const cells: Cell[] = []
    for (let page = first; page < Math.min(first + cellsPerRow * perCell, pins.length); page += perCell)
      cells.push(pinCell(pins, page, page + perCell, paint))
    rows.push(labelled(`page ${first}`, labelWidth, painted(cells), paint))
  }
  return rows
}

function heading(left: string, right: string, paint: Paint): string {
  return ` ${paint.title(fitted(left, width - right.length - 1))} ${paint.dim(right)}`
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
    `align ${space.alignment}`,
    ...(others > 0 ? [`+${others} IOAS`] : []),
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
  const labels = layout.rows.map((row) => rowLabel(row, layout))
  const labelWidth = Math.max(labelWidthMin, ...labels.map((label) => label.length))
  return [
    heading(caption.script, position, paint),
    ` ${fitted(caption.operation, width - answer.length - 1)} ${caption.answer.startsWith('OK') ? paint.good(answer) : paint.bad(answer)}`,
    '',
    heading(spaceTitle(space, layout, snapshot), `cell = ${byteText(1n << layout.cellShift)}`, paint),
    ...layout.rows.map((row, k) => labelled(labels[k]!, labelWidth, spaceRow(space, row, layout, names, paint), paint)),
    '',
    heading(`User memory: ${plural(snapshot.pinnedTotal, 'pin')}`, perCell === 1 ? 'cell = page' : `cell = ${perCell} pages`, paint),
    ...pinRows(snapshot, labelWidth, paint),
    '',
    ` ${paint.dim('A same letter, same pages; capital: writable, small: read-only; + several')}`,
    ` ${paint.dim('· hole, or no pin   ░ reserved   1-9 pins on the page   x out of reach')}`,
  ]
}
